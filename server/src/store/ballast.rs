//! Room for the moment in which the disk is full (R101).
//!
//! On a full disk no refresh begins, since its intent cannot be written, and what is valid is served
//! as ever. But answers of providers may be on their way by then, with tokens that exist nowhere
//! else. For them a file of 16 MiB lies beside a SQLite database, `grantport.ballast`: it is
//! given up when they meet a full disk, and made again once there is room for it and some more.
//! PostgreSQL's disk is not ours to fill.

use super::{Store, StoreError};
use rustix::fs::statvfs;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

const SIZE: u64 = 16 * 1024 * 1024;
/// It is made where there is this much room.
const ENOUGH: u64 = 3 * SIZE;
/// A disk with less room than this, or with less than that where the ballast was given up, is full.
const LEAST: u64 = 1024 * 1024;

/// The file, whether or not it is there.
struct Ballast(PathBuf);

impl Ballast {
    fn beside(database: &Path) -> Self {
        Self(database.with_extension("ballast"))
    }

    fn is_there(&self) -> bool {
        std::fs::metadata(&self.0).is_ok_and(|file| file.len() == SIZE)
    }

    /// Makes it, where it is not there and there is room. Answers whether it is there now.
    fn make(&self) -> io::Result<bool> {
        if self.is_there() {
            return Ok(true);
        }
        if self.free()? < ENOUGH {
            return Ok(false);
        }
        let unfinished = self.0.with_extension("ballast.part");
        let made = fill(&unfinished).and_then(|()| std::fs::rename(&unfinished, &self.0));
        if made.is_err() {
            // the room that it took is needed; where it cannot be removed, the error says why
            drop(std::fs::remove_file(&unfinished));
        }
        made.map(|()| true)
    }

    /// Removes it. Answers whether it was there.
    fn give_up(&self) -> io::Result<bool> {
        match std::fs::remove_file(&self.0) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }

    fn is_disk_full(&self) -> io::Result<bool> {
        let held = if self.is_there() { SIZE } else { 0 };
        Ok(self.free()? + held < SIZE + LEAST)
    }

    /// Bytes that we may still write.
    fn free(&self) -> io::Result<u64> {
        let directory = self.0.parent().filter(|path| !path.as_os_str().is_empty());
        let room = statvfs(directory.unwrap_or(Path::new(".")))?;
        Ok(room.f_bavail.saturating_mul(room.f_frsize))
    }
}

/// Writes all of it, and nothing that a file system could keep in less room.
fn fill(path: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    let mut piece = vec![0; 1024 * 1024];
    for _ in 0..SIZE / (1024 * 1024) {
        getrandom::fill(&mut piece).map_err(io::Error::other)?;
        file.write_all(&piece)?;
    }
    file.sync_all()
}

impl Store {
    fn ballast(&self) -> Option<Ballast> {
        self.db.file().map(Ballast::beside)
    }

    /// Gives the ballast up for a commit that met a full disk and must not fail. Answers whether there
    /// was one: then it is worth trying again at once.
    #[must_use]
    pub fn give_up_ballast(&self) -> bool {
        match self.ballast().map(|ballast| ballast.give_up()) {
            Some(Ok(true)) => {
                tracing::error!(
                    "the disk is full; the ballast was given up for tokens that have to be stored"
                );
                true
            }
            Some(Err(error)) => {
                tracing::error!(%error, "the disk is full, and the ballast could not be given up");
                false
            }
            Some(Ok(false)) | None => false,
        }
    }

    /// Makes the ballast where it is missing and there is room.
    pub async fn keep_ballast(&self) -> Result<(), StoreError> {
        let Some(ballast) = self.ballast() else {
            return Ok(());
        };
        match tokio::task::spawn_blocking(move || ballast.make()).await {
            Ok(Ok(false)) => {
                tracing::warn!("there is no room for the ballast: the disk is nearly full");
            }
            Ok(Err(error)) => tracing::warn!(%error, "the ballast could not be made"),
            // it is there, or the server ends
            Ok(Ok(true)) | Err(_) => {}
        }
        Ok(())
    }

    /// Whether the disk under a SQLite database is full, or so nearly that nothing should wait for it.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        // a disk that does not say is not called full
        self.ballast()
            .is_some_and(|ballast| ballast.is_disk_full().unwrap_or(false))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_once_and_given_up_once() {
        let directory = tempfile::tempdir().expect("a directory");
        let database = directory.path().join("grantport.db");
        let ballast = Ballast::beside(&database);
        if ballast.free().expect("a disk") < 2 * ENOUGH {
            eprintln!("left out: there is no room here for a ballast");
            return;
        }
        assert!(!ballast.give_up().expect("nothing to do"));
        // what a crash left behind
        std::fs::write(ballast.0.with_extension("ballast.part"), "x").expect("written");
        std::fs::write(&ballast.0, "x").expect("written");
        for _ in 0..2 {
            assert!(ballast.make().expect("written"));
        }
        let file = directory.path().join("grantport.ballast");
        let written = std::fs::metadata(&file).expect("a file");
        assert_eq!(written.len(), SIZE);
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            assert!(
                written.blocks() * 512 >= SIZE,
                "{} blocks",
                written.blocks()
            );
            assert_eq!(written.mode() & 0o077, 0, "its owner's alone");
        }
        assert!(!ballast.is_disk_full().expect("a disk"));
        let names = std::fs::read_dir(directory.path()).expect("a directory");
        assert_eq!(names.count(), 1, "nothing else is left");
        assert!(ballast.give_up().expect("removed"));
        assert!(!file.exists());
        assert!(!ballast.give_up().expect("nothing to do"));
    }

    #[test]
    fn a_name_without_a_directory_is_here() {
        let ballast = Ballast::beside(Path::new("grantport.db"));
        assert!(ballast.free().is_ok());
    }
}
