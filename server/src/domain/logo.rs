//! What a stored logo is called.

use std::fmt;
use std::str::FromStr;

/// SHA-256 of a logo's file: 64 lower-case hexadecimal digits in its address.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LogoDigest([u8; 32]);

/// A text that is not the digest of a logo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the digest of a logo")]
pub struct InvalidLogoDigest;

impl LogoDigest {
    /// As stored.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl From<[u8; 32]> for LogoDigest {
    fn from(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl FromStr for LogoDigest {
    type Err = InvalidLogoDigest;

    fn from_str(text: &str) -> Result<Self, InvalidLogoDigest> {
        let digits = text.as_bytes();
        if digits.len() != 64 {
            return Err(InvalidLogoDigest);
        }
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in pair {
                let value = match digit {
                    b'0'..=b'9' => digit - b'0',
                    b'a'..=b'f' => digit - b'a' + 10,
                    _ => return Err(InvalidLogoDigest),
                };
                *byte = (*byte << 4) | value;
            }
        }
        Ok(Self(digest))
    }
}

impl fmt::Display for LogoDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for LogoDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LogoDigest({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_has_one_spelling() {
        let digest = LogoDigest::from([0xa7; 32]);
        let text = "a7".repeat(32);
        assert_eq!(digest.to_string(), text);
        assert_eq!(text.parse(), Ok(digest));
        for wrong in [
            "A7".repeat(32),
            "a7".repeat(31),
            "g7".repeat(32),
            "é".repeat(32),
        ] {
            assert_eq!(
                wrong.parse::<LogoDigest>(),
                Err(InvalidLogoDigest),
                "{wrong}"
            );
        }
    }
}
