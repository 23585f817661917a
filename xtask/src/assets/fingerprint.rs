//! Whether two things are the same, in a few characters.

use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// SHA-256 over a sequence of parts. Each part's length is hashed too, so that moving a byte from
/// one to the next shows.
#[derive(Default)]
pub(super) struct Fingerprint(Sha256);

impl Fingerprint {
    /// Begins with this very program: assets that an older pipeline made are made again.
    pub(super) fn of_this_program() -> std::io::Result<Self> {
        let program = std::env::current_exe()?.metadata()?;
        let built = program
            .modified()?
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self::default()
            .and(&program.len().to_be_bytes())
            .and(&built.as_nanos().to_be_bytes()))
    }

    /// The same, with one part more.
    pub(super) fn and(mut self, part: &[u8]) -> Self {
        self.0.update(part.len().to_be_bytes());
        self.0.update(part);
        self
    }

    /// 16 hexadecimal digits: short enough for a path, long enough not to meet twice.
    pub(super) fn hex(&self) -> String {
        let digest = self.0.clone().finalize();
        digest.iter().take(8).fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_that_moves_to_the_next_part_changes_it() {
        let one = Fingerprint::default().and(b"ab").and(b"c").hex();
        let other = Fingerprint::default().and(b"a").and(b"bc").hex();

        assert_ne!(one, other);
        assert_eq!(one, Fingerprint::default().and(b"ab").and(b"c").hex());
        assert_eq!(one.len(), 16);
    }
}
