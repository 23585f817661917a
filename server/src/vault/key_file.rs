//! The file in which the operator keeps the key-encryption keys.

use super::kek::{KekSet, KeyTextError};
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// No key file is longer; a longer one is another file.
const MAX_BYTES: u64 = 64 * 1024;

/// Why a key file is refused. Never quotes the file.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// There is none.
    #[error("there is no key file {}", .0.display())]
    Missing(PathBuf),
    /// There is one already; it is left as it is.
    #[error("the key file {} exists already and is left as it is", .0.display())]
    Exists(PathBuf),
    /// Others than its owner may read or write it (R54).
    #[error("the key file {0} is open to others (mode {mode:03o}); run: chmod 600 {0}", path.display())]
    OpenToOthers {
        /// The file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It does not hold keys.
    #[error("the key file {}: {reason}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong in it.
        reason: KeyTextError,
    },
    /// It holds something else: not text, or more than 64 KiB, or it is a directory.
    #[error("{} is not a key file", .0.display())]
    NotAKeyFile(PathBuf),
    /// The system refused.
    #[error("the key file {} cannot be used: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        #[source]
        cause: io::Error,
    },
}

impl KekSet {
    /// Reads a key file. Refuses one that others may read.
    pub fn from_file(path: &Path) -> Result<Self, KeyFileError> {
        let text = read_private(path)?;
        Self::from_text(&text).map_err(|reason| KeyFileError::Invalid {
            path: path.to_owned(),
            reason,
        })
    }

    /// Makes a key file with one new key, readable by its owner only. Never replaces a file; its
    /// directory has to exist.
    pub fn create_file(path: &Path) -> Result<Self, KeyFileError> {
        let set = Self::random();
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|cause| failure(path, cause))?;
        let text = Zeroizing::new(format!(
            "# Grantport key-encryption keys: the first one encrypts, the others only decrypt.\n\
             # Without this file the database is unreadable. Keep a copy, apart from the database.\n\
             {}\n",
            *set.first().text()
        ));
        write_durably(&mut file, path, &text).map_err(|cause| {
            // half a key file would be refused at every later start; this one is ours to remove
            let _ = std::fs::remove_file(path);
            failure(path, cause)
        })?;
        Ok(set)
    }
}

/// The text of a file that only its owner may read. Permissions are those of the open file, so
/// that nobody can exchange it between the look and the reading.
fn read_private(path: &Path) -> Result<Zeroizing<String>, KeyFileError> {
    let file = File::open(path).map_err(|cause| failure(path, cause))?;
    let metadata = file.metadata().map_err(|cause| failure(path, cause))?;
    if !metadata.is_file() || metadata.len() > MAX_BYTES {
        return Err(KeyFileError::NotAKeyFile(path.to_owned()));
    }
    let mode = metadata.permissions().mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(KeyFileError::OpenToOthers {
            path: path.to_owned(),
            mode,
        });
    }
    // room for all of it from the start: growing would leave copies of the keys behind
    let capacity = usize::try_from(MAX_BYTES).unwrap_or_default();
    let mut text = Zeroizing::new(String::with_capacity(capacity));
    file.take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(|cause| failure(path, cause))?;
    Ok(text)
}

fn write_durably(file: &mut File, path: &Path, text: &str) -> io::Result<()> {
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    let directory = path
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    File::open(directory.unwrap_or(Path::new(".")))?.sync_all()
}

fn failure(path: &Path, cause: io::Error) -> KeyFileError {
    let path = path.to_owned();
    match cause.kind() {
        io::ErrorKind::NotFound => KeyFileError::Missing(path),
        io::ErrorKind::AlreadyExists => KeyFileError::Exists(path),
        io::ErrorKind::InvalidData => KeyFileError::NotAKeyFile(path),
        _ => KeyFileError::Io { path, cause },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("own file");
    }

    #[test]
    fn a_made_file_is_private_and_reads_back() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        let created = KekSet::create_file(&path).expect("created");
        let mode = fs::metadata(&path).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let read = KekSet::from_file(&path).expect("read");
        assert_eq!(read.verify_check(&created.check_value()), Ok(()));
    }

    #[test]
    fn an_existing_file_is_left_as_it_is() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        fs::write(&path, "precious").expect("written");
        let error = KekSet::create_file(&path).expect_err("exists");
        assert!(matches!(error, KeyFileError::Exists(_)));
        assert_eq!(fs::read_to_string(&path).expect("still there"), "precious");
    }

    #[test]
    fn a_file_open_to_others_is_refused_with_what_to_do() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        KekSet::create_file(&path).expect("made");
        for mode in [0o640, 0o604, 0o644, 0o620, 0o601, 0o660, 0o777] {
            set_mode(&path, mode);
            let error = KekSet::from_file(&path).expect_err("open to others");
            let sentence = error.to_string();
            assert!(
                sentence.contains(&format!("chmod 600 {}", path.display())),
                "{sentence}"
            );
            assert!(sentence.contains(&format!("{mode:o}")), "{sentence}");
        }
        set_mode(&path, 0o400);
        assert!(KekSet::from_file(&path).is_ok(), "read-only is fine");
    }

    #[test]
    fn a_file_without_keys_is_refused_with_its_line_and_is_never_quoted() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        for (text, words) in [
            ("", "there is no key in it"),
            ("# none yet\nhunter2\n", "line 2 is not a key"),
        ] {
            fs::write(&path, text).expect("written");
            set_mode(&path, 0o600);
            let error = KekSet::from_file(&path).expect_err("no keys");
            let sentence = format!("{error} {error:?}");
            assert!(sentence.contains(words), "{sentence}");
            assert!(!sentence.contains("hunter2"), "{sentence}");
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("key");
        let missing = KekSet::from_file(&path).expect_err("missing");
        assert!(matches!(missing, KeyFileError::Missing(_)));
        fs::write(&path, [0xFF; 40]).expect("written");
        set_mode(&path, 0o600);
        let binary = KekSet::from_file(&path).expect_err("not text");
        assert!(matches!(binary, KeyFileError::NotAKeyFile(_)));
        let whole_directory = KekSet::from_file(directory.path()).expect_err("a directory");
        assert!(matches!(whole_directory, KeyFileError::NotAKeyFile(_)));
    }
}
