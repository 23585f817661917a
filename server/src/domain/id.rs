//! Ids: a prefix that says of what, and 20 random characters that nobody can guess.

use std::fmt;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// 62^20 is about 2^119.
const LENGTH: usize = 20;

/// `length` characters from 0-9, A-Z, a-z, each equally likely, from the system's generator (R59).
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe could follow.
#[must_use]
pub fn random_base62(length: usize) -> String {
    let mut text = String::with_capacity(length);
    let mut bytes = [0_u8; 64];
    while text.len() < length {
        #[expect(
            clippy::expect_used,
            reason = "without randomness nothing safe can follow"
        )]
        getrandom::fill(&mut bytes).expect("the operating system gives randomness");
        for byte in bytes {
            // 248 = 4 * 62: a byte above it would favour the first characters
            if byte < 248 && text.len() < length {
                text.push(char::from(ALPHABET[usize::from(byte % 62)]));
            }
        }
    }
    text
}

/// `N` bytes from the system's generator (R59).
///
/// # Panics
/// When the operating system has no randomness to give; nothing safe could follow.
#[must_use]
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0_u8; N];
    #[expect(
        clippy::expect_used,
        reason = "without randomness nothing safe can follow"
    )]
    getrandom::fill(&mut bytes).expect("the operating system gives randomness");
    bytes
}

/// Turns 32 bytes of key material into the characters of an id.
#[must_use]
pub fn base62_of(bytes: &[u8; 32]) -> String {
    // 62^20 < 2^128: the first 16 bytes are taken as one number
    let mut number = bytes[..16]
        .iter()
        .fold(0_u128, |n, byte| (n << 8) | u128::from(*byte));
    let mut text = String::with_capacity(LENGTH);
    for _ in 0..LENGTH {
        #[expect(clippy::as_conversions, reason = "below 62")]
        let digit = (number % 62) as usize;
        text.push(char::from(ALPHABET[digit]));
        number /= 62;
    }
    text
}

/// A text that is not an id of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a valid id")]
pub struct InvalidId;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// What the id begins with.
            pub const PREFIX: &'static str = $prefix;

            /// A new one that nobody can guess.
            #[must_use]
            pub fn random() -> Self {
                Self(format!(concat!($prefix, "{}"), random_base62(LENGTH)))
            }

            /// One that follows from key material: the same input gives the same id.
            #[must_use]
            pub fn derived(bytes: &[u8; 32]) -> Self {
                Self(format!(concat!($prefix, "{}"), base62_of(bytes)))
            }

            /// As stored and as sent.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = InvalidId;

            fn from_str(text: &str) -> Result<Self, InvalidId> {
                let rest = text.strip_prefix($prefix).ok_or(InvalidId)?;
                let valid = (1..=40).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric());
                if valid { Ok(Self(text.to_owned())) } else { Err(InvalidId) }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )*};
}

ids! {
    /// An organization: the tenant.
    OrganizationId = "org_";
    /// A person who signs in to the portal.
    MemberId = "mem_";
    /// An invitation to become a member.
    InvitationId = "inv_";
    /// A product that connects its users.
    ApplicationId = "app_";
    /// A definition configured in an application. Part of its redirect URI.
    ProviderId = "prv_";
    /// A client secret of a provider.
    ClientSecretId = "sec_";
    /// A key of an application's backend.
    ApiKeyId = "key_";
    /// One invitation to connect.
    ConnectSessionId = "cs_";
    /// One attempt within a connect session: one state, one cookie, one code.
    FlowId = "flw_";
    /// An admin's own run through a provider's flow.
    PlaygroundId = "ply_";
    /// One external account, granted by one owner.
    ConnectionId = "con_";
    /// A data key of an organization.
    DataKeyId = "dek_";
    /// One revocation of one connection.
    ReceiptId = "rcp_";
    /// Many revocations at once.
    BulkId = "blk_";
    /// One event of an application's log: the `webhook-id` of everything that tells of it.
    EventId = "evt_";
    /// An endpoint that is told of events.
    WebhookId = "whk_";
    /// One event on its way to one endpoint.
    DeliveryId = "dlv_";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_random_id_reads_back() {
        let id = ConnectionId::random();
        assert_eq!(id.as_str().len(), 24);
        assert_eq!(id.as_str().parse(), Ok(id));
    }

    #[test]
    fn a_derived_id_is_stable_and_depends_on_every_leading_byte() {
        let mut bytes = [7_u8; 32];
        let first = ProviderId::derived(&bytes);
        assert_eq!(first, ProviderId::derived(&bytes));
        bytes[15] = 8;
        assert_ne!(first, ProviderId::derived(&bytes));
    }

    #[test]
    fn other_kinds_and_odd_characters_are_refused() {
        for text in [
            "",
            "con_",
            "prv_4Vt9",
            "con_4Vt9'--",
            "con_ä",
            "con_ 4",
            "CON_4Vt9",
        ] {
            assert_eq!(text.parse::<ConnectionId>(), Err(InvalidId), "{text}");
        }
    }
}
