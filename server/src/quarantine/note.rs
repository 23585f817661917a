//! The small file in which a node notes when the database was last alive. It holds no secret.

use crate::domain::{Sighting, Timestamp, random_base62};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// The file.
#[derive(Clone, Debug)]
pub(super) struct Note(PathBuf);

/// Its one line.
#[derive(Serialize, Deserialize)]
struct Line {
    instance: String,
    home: Option<String>,
    alive_at: i64,
}

impl Note {
    /// `key.seen` beside `key`.
    pub(super) fn beside(path: &Path) -> Self {
        let mut name = path.as_os_str().to_owned();
        name.push(".seen");
        Self(PathBuf::from(name))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// What it says. One that is missing or damaged says nothing.
    pub(super) fn read(&self) -> Option<Sighting> {
        let text = match fs::read_to_string(&self.0) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return None,
            Err(error) => {
                tracing::warn!(path = %self.0.display(), %error, "cannot read when the database was last alive");
                return None;
            }
        };
        let line: Line = serde_json::from_str(&text)
            .inspect_err(|error| tracing::warn!(path = %self.0.display(), %error, "does not say when the database was last alive"))
            .ok()?;
        Some(Sighting {
            instance: line.instance,
            home: line.home,
            alive_at: Timestamp::from_millis(line.alive_at),
        })
    }

    /// Replaces it as a whole: whoever reads it finds the line before or this one.
    pub(super) fn write(&self, sighting: &Sighting) -> io::Result<()> {
        let line = serde_json::to_string(&Line {
            instance: sighting.instance.clone(),
            home: sighting.home.clone(),
            alive_at: sighting.alive_at.millis(),
        })?;
        // several nodes may share the directory
        let mut name = self.0.as_os_str().to_owned();
        name.push(format!(".{}", random_base62(8)));
        let draft = PathBuf::from(name);
        let replaced = write_durably(&draft, &line).and_then(|()| fs::rename(&draft, &self.0));
        replaced.inspect_err(|_| drop(fs::remove_file(&draft)))
    }
}

fn write_durably(path: &Path, line: &str) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    writeln!(file, "{line}")?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sighting(alive_at: i64) -> Sighting {
        Sighting {
            instance: "7Hq2mXv9Tz4LkQ".to_owned(),
            home: Some("file 14 -".to_owned()),
            alive_at: Timestamp::from_millis(alive_at),
        }
    }

    #[test]
    fn what_was_noted_last_is_read_and_nothing_else_is_left() {
        let directory = tempfile::tempdir().expect("a directory");
        let note = Note::beside(&directory.path().join("key"));
        assert_eq!(note.read(), None);
        for alive_at in [1, 2] {
            note.write(&sighting(alive_at)).expect("written");
            assert_eq!(note.read(), Some(sighting(alive_at)));
        }
        let files = fs::read_dir(directory.path()).expect("a directory");
        let names: Vec<_> = files
            .map(|file| file.expect("a file").file_name())
            .collect();
        assert_eq!(names, ["key.seen"]);
    }

    #[test]
    fn a_damaged_note_says_nothing_and_is_replaced() {
        let directory = tempfile::tempdir().expect("a directory");
        let note = Note::beside(&directory.path().join("key"));
        for damaged in ["", "{", r#"{"instance":"x"}"#, "\u{0}"] {
            fs::write(note.path(), damaged).expect("written");
            assert_eq!(note.read(), None, "{damaged}");
        }
        note.write(&sighting(3)).expect("written");
        assert_eq!(note.read(), Some(sighting(3)));
    }

    #[test]
    fn where_nothing_can_be_written_nothing_is_left_behind() {
        let note = Note::beside(Path::new("/nowhere/key"));
        assert!(note.write(&sighting(1)).is_err());
        assert_eq!(note.read(), None);
    }
}
