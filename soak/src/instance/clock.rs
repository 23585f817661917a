//! A wall clock of a process's own, which can be set wrong while it runs.
//!
//! It is Debian's `faketime`: a library that is loaded before all others and answers instead of the
//! C library. The clock that never jumps is left alone, as it is when an operator sets a clock.

use std::path::{Path, PathBuf};

/// Where distributions put it: beside the libraries of the architecture, or beside all.
const PLACES: [&str; 3] = ["/usr/lib", "/usr/lib64", "/usr/local/lib"];
/// The one for programs with several threads.
const LIBRARY: &str = "faketime/libfaketimeMT.so.1";

/// How wrong the clock is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    Not,
    HourAhead,
    HourBehind,
}

impl Wrong {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Not => "right",
            Self::HourAhead => "an hour ahead",
            Self::HourBehind => "an hour behind",
        }
    }

    fn offset(self) -> &'static str {
        match self {
            Self::Not => "+0",
            Self::HourAhead => "+1h",
            Self::HourBehind => "-1h",
        }
    }
}

/// A clock, and the file that says how wrong it is.
pub(crate) struct OwnClock {
    library: PathBuf,
    file: PathBuf,
}

impl OwnClock {
    /// In this directory; `None` where `faketime` is not installed.
    pub(crate) fn within(directory: &Path) -> anyhow::Result<Option<Self>> {
        let Some(library) = library() else {
            return Ok(None);
        };
        let file = directory.join("clock");
        let clock = Self { library, file };
        clock.set(Wrong::Not)?;
        Ok(Some(clock))
    }

    /// Sets it, also under a process that runs.
    pub(crate) fn set(&self, wrong: Wrong) -> anyhow::Result<()> {
        // the library must not read half a file
        let next = self.file.with_extension("next");
        std::fs::write(&next, wrong.offset())?;
        Ok(std::fs::rename(next, &self.file)?)
    }

    /// What a process with this clock has in its environment.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("LD_PRELOAD", self.library.display().to_string()),
            ("FAKETIME_TIMESTAMP_FILE", self.file.display().to_string()),
            ("FAKETIME_CACHE_DURATION", "1".to_owned()),
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
            ("NO_FAKE_STAT", "1".to_owned()),
        ]
    }
}

fn library() -> Option<PathBuf> {
    let subdirectories = |place: &&str| {
        let entries = std::fs::read_dir(place).ok();
        entries
            .into_iter()
            .flatten()
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect::<Vec<_>>()
    };
    PLACES
        .iter()
        .map(PathBuf::from)
        .chain(PLACES.iter().flat_map(subdirectories))
        .map(|directory| directory.join(LIBRARY))
        .find(|library| library.is_file())
}
