//! The directory that the server embeds: each file twice, plain and compressed, and their hash.

use super::fingerprint::Fingerprint;
use anyhow::Context as _;
use brotli::enc::BrotliEncoderParams;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// The file whose content is the hash over all others; part of every asset's address.
const HASH: &str = "hash";

/// The file that remembers what the others were made from. It is written last: a run that was
/// interrupted is done again.
const RECIPE: &str = ".recipe";

/// One asset.
pub(super) struct File {
    name: &'static str,
    plain: Vec<u8>,
    compressed: Vec<u8>,
}

impl File {
    /// Compresses `plain` as hard as Brotli can; it is done once and sent often.
    pub(super) fn new(name: &'static str, plain: Vec<u8>) -> anyhow::Result<Self> {
        let mut compressed = Vec::new();
        let hardest = BrotliEncoderParams {
            quality: 11,
            lgwin: 22,
            size_hint: plain.len(),
            ..BrotliEncoderParams::default()
        };
        brotli::BrotliCompress(&mut plain.as_slice(), &mut compressed, &hardest)?;
        Ok(Self {
            name,
            plain,
            compressed,
        })
    }
}

#[cfg(test)]
impl File {
    /// Bytes that browsers are sent.
    pub(super) fn compressed_len(&self) -> usize {
        self.compressed.len()
    }
}

impl fmt::Display for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, plain, sent) = (self.name, self.plain.len(), self.compressed.len());
        write!(f, "{name}, {plain} bytes, {sent} compressed")
    }
}

/// The directory.
pub(super) struct Site(PathBuf);

impl Site {
    /// Beside what cargo builds.
    pub(super) fn in_target(target: &Path) -> Self {
        Self(target.join("site"))
    }

    /// Where it is.
    pub(super) fn directory(&self) -> &Path {
        &self.0
    }

    /// Whether it is complete and made from `recipe`.
    pub(super) fn is_made_from(&self, recipe: &Fingerprint) -> bool {
        fs::read_to_string(self.0.join(RECIPE)).is_ok_and(|made_from| made_from == recipe.hex())
    }

    /// Replaces what is there.
    pub(super) fn write(&self, files: &[File], recipe: &Fingerprint) -> anyhow::Result<()> {
        self.replace(files, recipe)
            .with_context(|| format!("{} cannot be written", self.0.display()))
    }

    fn replace(&self, files: &[File], recipe: &Fingerprint) -> std::io::Result<()> {
        if self.0.exists() {
            fs::remove_dir_all(&self.0)?;
        }
        fs::create_dir_all(&self.0)?;
        for file in files {
            fs::write(self.0.join(file.name), &file.plain)?;
            fs::write(self.0.join(format!("{}.br", file.name)), &file.compressed)?;
        }
        fs::write(self.0.join(HASH), hash_over(files).hex())?;
        fs::write(self.0.join(RECIPE), recipe.hex())
    }
}

/// One hash for all: a page's files change their address together, so they always fit together.
fn hash_over(files: &[File]) -> Fingerprint {
    files.iter().fold(Fingerprint::default(), |hash, file| {
        hash.and(file.name.as_bytes()).and(&file.plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_file_that_changes_moves_all_of_them() {
        let file = |content: &str| File::new("app.css", content.into()).unwrap();

        assert_ne!(hash_over(&[file("a")]).hex(), hash_over(&[file("b")]).hex());
    }

    #[test]
    fn the_compressed_file_unpacks_to_the_plain_one() {
        let file = File::new("app.js", b"let island = 1;".repeat(50)).unwrap();
        let mut unpacked = Vec::new();
        brotli::BrotliDecompress(&mut file.compressed.as_slice(), &mut unpacked).unwrap();

        assert_eq!(unpacked, file.plain);
        assert!(file.compressed.len() < file.plain.len());
    }
}
