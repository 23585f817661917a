//! A disk of one's own, which is small enough to be filled.
//!
//! It is a tmpfs, which only root may mount, or whoever has a user namespace: see
//! `scenarios/disk.rs`.

use anyhow::Context as _;
use cluster::process::must;
use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What is written to fill it.
const BALLAST: &str = "ballast";

/// Unmounted when it is dropped.
pub(crate) struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// At this directory, which is made.
    pub(super) fn mount(at: &Path, mebibytes: u32) -> anyhow::Result<Self> {
        std::fs::create_dir(at)?;
        let size = format!("size={mebibytes}m,mode=0700");
        must(
            Command::new("mount")
                .args(["-t", "tmpfs", "-o", &size, "soak"])
                .arg(at),
        )?;
        Ok(Self { at: at.to_owned() })
    }

    /// Writes until nothing more fits.
    pub(crate) fn fill(&self) -> anyhow::Result<()> {
        static PIECE: [u8; 4096] = [0; 4096];
        let mut file = File::create(self.at.join(BALLAST))?;
        loop {
            match file.write(&PIECE) {
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::StorageFull => return Ok(()),
                Err(error) => return Err(error).context("the disk cannot be filled"),
            }
        }
    }

    /// Makes room again.
    pub(crate) fn free(&self) -> anyhow::Result<()> {
        Ok(std::fs::remove_file(self.at.join(BALLAST))?)
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // otherwise it goes with the namespace
        let _ = cluster::process::run(Command::new("umount").arg("--lazy").arg(&self.at));
    }
}
