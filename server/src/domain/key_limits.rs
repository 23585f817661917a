//! What an API key is limited to: providers, addresses, a rate, an end.
//!
//! A limit that is stored and cannot be read is an error, and never the absence of one.

use super::{InvalidId, ProviderId, Timestamp};
use ipnet::IpNet;
use std::collections::BTreeSet;
use std::fmt;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::str::FromStr;

/// For what, from where, how often and until when a key works. The default limits nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyLimits {
    /// Which providers it sees.
    pub providers: KeyProviders,
    /// Where its holder may come from.
    pub addresses: KeyAddresses,
    /// Until when it works, exclusive.
    pub expires_at: Option<Timestamp>,
    /// Requests in a second; `None`: as many as the installation allows each key.
    pub rate: Option<KeyRate>,
}

/// Which providers of its application a key sees. The others do not exist for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyProviders {
    /// All, those to come included.
    #[default]
    All,
    /// These.
    These(BTreeSet<ProviderId>),
}

impl KeyProviders {
    /// These, or all where none is named.
    pub fn new(ids: impl IntoIterator<Item = ProviderId>) -> Self {
        let ids: BTreeSet<_> = ids.into_iter().collect();
        if ids.is_empty() {
            Self::All
        } else {
            Self::These(ids)
        }
    }

    /// Whether this provider is among them.
    #[must_use]
    pub fn include(&self, id: &ProviderId) -> bool {
        match self {
            Self::All => true,
            Self::These(ids) => ids.contains(id),
        }
    }

    /// As stored: separated by spaces.
    #[must_use]
    pub fn stored(&self) -> Option<String> {
        match self {
            Self::All => None,
            Self::These(ids) => Some(joined(ids.iter())),
        }
    }

    /// From what is stored.
    pub fn from_stored(text: Option<&str>) -> Result<Self, InvalidId> {
        let Some(text) = text else {
            return Ok(Self::All);
        };
        let ids: Result<_, _> = text.split_whitespace().map(str::parse).collect();
        ids.map(Self::These)
    }
}

/// From where a key may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum KeyAddresses {
    /// From everywhere.
    #[default]
    Anywhere,
    /// From these blocks of addresses.
    Within(Vec<IpNet>),
}

/// A text that is neither an address nor a block of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither an address nor a block of addresses")]
pub struct InvalidRange;

impl KeyAddresses {
    /// Blocks such as `203.0.113.0/24` or `2001:db8::/32`, and single addresses; anywhere where none
    /// is named. Bits behind the prefix are dropped.
    pub fn read<'a>(ranges: impl IntoIterator<Item = &'a str>) -> Result<Self, InvalidRange> {
        let mut blocks = Vec::new();
        for range in ranges {
            let block = block(range)?;
            if !blocks.contains(&block) {
                blocks.push(block);
            }
        }
        Ok(if blocks.is_empty() {
            Self::Anywhere
        } else {
            Self::Within(blocks)
        })
    }

    /// Whether it may be used from `address`. Who is not known to come from anywhere is refused
    /// where that matters.
    #[must_use]
    pub fn include(&self, address: Option<IpAddr>) -> bool {
        match (self, address) {
            (Self::Anywhere, _) => true,
            (Self::Within(_), None) => false,
            (Self::Within(blocks), Some(address)) => {
                let address = address.to_canonical();
                blocks.iter().any(|block| block.contains(&address))
            }
        }
    }

    /// Each block as text.
    #[must_use]
    pub fn ranges(&self) -> Vec<String> {
        match self {
            Self::Anywhere => Vec::new(),
            Self::Within(blocks) => blocks.iter().map(written).collect(),
        }
    }

    /// As stored: separated by spaces.
    #[must_use]
    pub fn stored(&self) -> Option<String> {
        match self {
            Self::Anywhere => None,
            Self::Within(_) => Some(joined(self.ranges().iter())),
        }
    }

    /// From what is stored.
    pub fn from_stored(text: Option<&str>) -> Result<Self, InvalidRange> {
        match text {
            None => Ok(Self::Anywhere),
            Some(text) => match Self::read(text.split_whitespace())? {
                Self::Anywhere => Err(InvalidRange),
                within @ Self::Within(_) => Ok(within),
            },
        }
    }
}

fn block(text: &str) -> Result<IpNet, InvalidRange> {
    let single = |text: &str| {
        text.parse::<IpAddr>()
            .map(|it| IpNet::from(it.to_canonical()))
    };
    single(text)
        .or_else(|_| text.parse::<IpNet>().map(|block| block.trunc()))
        .map_err(|_| InvalidRange)
}

/// A block of one address is written as that address.
fn written(block: &IpNet) -> String {
    if block.prefix_len() == block.max_prefix_len() {
        block.addr().to_string()
    } else {
        block.to_string()
    }
}

fn joined<T: fmt::Display>(parts: impl Iterator<Item = T>) -> String {
    let parts: Vec<String> = parts.map(|part| part.to_string()).collect();
    parts.join(" ")
}

/// Requests in a second, 1 to [`KeyRate::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyRate(NonZeroU32);

/// A number that is no rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a rate is a whole number from 1 to 10000")]
pub struct InvalidRate;

impl KeyRate {
    /// No single key needs more.
    pub const MOST: u32 = 10_000;

    /// This many requests in a second.
    pub fn per_second(number: u32) -> Result<Self, InvalidRate> {
        NonZeroU32::new(number)
            .filter(|number| number.get() <= Self::MOST)
            .map(Self)
            .ok_or(InvalidRate)
    }

    /// As a number.
    #[must_use]
    pub fn get(self) -> u32 {
        self.0.get()
    }
}

impl FromStr for KeyRate {
    type Err = InvalidRate;

    fn from_str(text: &str) -> Result<Self, InvalidRate> {
        let number = text.parse().map_err(|_| InvalidRate)?;
        Self::per_second(number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn within(ranges: &[&str]) -> KeyAddresses {
        KeyAddresses::read(ranges.iter().copied()).expect("ranges")
    }

    #[test]
    fn an_address_is_in_a_block_or_is_not() {
        let office = within(&["203.0.113.77/24", "2001:db8::/32", "198.51.100.7"]);
        for (address, expected) in [
            ("203.0.113.1", true),
            ("203.0.114.1", false),
            ("::ffff:203.0.113.1", true),
            ("2001:db8:1::1", true),
            ("2001:db9::1", false),
            ("198.51.100.7", true),
            ("198.51.100.8", false),
        ] {
            let address = address.parse().expect("an address");
            assert_eq!(office.include(Some(address)), expected, "{address}");
        }
        assert!(!office.include(None));
        assert!(KeyAddresses::Anywhere.include(None));
        assert_eq!(
            office.ranges(),
            ["203.0.113.0/24", "2001:db8::/32", "198.51.100.7"]
        );
    }

    #[test]
    fn what_is_stored_reads_back_and_what_cannot_be_read_is_no_freedom() {
        let office = within(&["203.0.113.0/24", "::ffff:198.51.100.7"]);
        assert_eq!(
            KeyAddresses::from_stored(office.stored().as_deref()),
            Ok(office)
        );
        assert_eq!(KeyAddresses::from_stored(None), Ok(KeyAddresses::Anywhere));
        for text in ["", " ", "203.0.113.0/33", "example.com", "10.0.0.0/8 x"] {
            assert_eq!(KeyAddresses::from_stored(Some(text)), Err(InvalidRange));
        }
        let ids = [ProviderId::random(), ProviderId::random()];
        let some = KeyProviders::new(ids.clone());
        assert_eq!(
            KeyProviders::from_stored(some.stored().as_deref()),
            Ok(some.clone())
        );
        assert!(some.include(&ids[0]) && !some.include(&ProviderId::random()));
        assert_eq!(KeyProviders::from_stored(None), Ok(KeyProviders::All));
        assert!(KeyProviders::from_stored(Some("prv_no-id")).is_err());
        let none = KeyProviders::from_stored(Some("")).expect("an empty list");
        assert!(!none.include(&ids[0]), "an empty list is no freedom");
    }

    #[test]
    fn a_rate_has_its_bounds() {
        for (text, rate) in [
            ("1", Some(1)),
            ("10000", Some(10_000)),
            ("0", None),
            ("10001", None),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(text.parse().ok().map(KeyRate::get), rate, "{text}");
        }
    }
}
