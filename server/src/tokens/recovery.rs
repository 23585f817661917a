//! `recovery.d`: where tokens wait that have arrived and that the database does not take.
//!
//! The provider has used the old refresh token up, so what is in hand is all there is. It is sealed
//! and written to a file of its own, durably, before the process may end; it is taken in as soon as
//! the database is back, by this process or by the next one at its start.

use crate::domain::ConnectionId;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory of sealed entries. Cheap to clone.
#[derive(Clone, Debug)]
pub struct RecoveryDirectory(Arc<PathBuf>);

/// One entry that was written.
#[derive(Debug)]
pub struct Entry(PathBuf);

impl RecoveryDirectory {
    /// The directory is made when it is first needed.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(Arc::new(path))
    }

    /// Writes an entry so that it survives a loss of power.
    pub fn write(
        &self,
        connection: &ConnectionId,
        generation: i64,
        sealed: &[u8],
    ) -> io::Result<Entry> {
        make(&self.0)?;
        let path = self.0.join(format!("{connection}.{generation}"));
        let unfinished = self.0.join(format!("{connection}.{generation}.part"));
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&unfinished)?;
        file.write_all(sealed)?;
        file.sync_all()?;
        std::fs::rename(&unfinished, &path)?;
        self.sync()?;
        Ok(Entry(path))
    }

    /// All entries, with what is in them.
    pub fn entries(&self) -> io::Result<Vec<(Entry, Vec<u8>)>> {
        let read = |entry: Entry| std::fs::read(&entry.0).map(|bytes| (entry, bytes));
        self.waiting()?.into_iter().map(read).collect()
    }

    fn waiting(&self) -> io::Result<Vec<Entry>> {
        let listed = match std::fs::read_dir(&*self.0) {
            Ok(listed) => listed,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut found = Vec::new();
        for file in listed {
            let path = file?.path();
            // what ends otherwise was not finished, or was set aside
            let generation = path.extension().and_then(|end| end.to_str());
            if generation.is_some_and(|end| end.parse::<i64>().is_ok()) {
                found.push(Entry(path));
            }
        }
        Ok(found)
    }

    /// How many entries wait.
    #[must_use]
    pub fn count(&self) -> usize {
        self.waiting().map_or(0, |waiting| waiting.len())
    }

    /// Removes an entry that was taken in.
    pub fn remove(&self, entry: &Entry) -> io::Result<()> {
        match std::fs::remove_file(&entry.0) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => self.sync(),
        }
    }

    /// Sets an entry aside that cannot be taken in, for a person to look at.
    pub fn set_aside(&self, entry: &Entry) -> io::Result<()> {
        let mut aside = entry.0.clone().into_os_string();
        aside.push(".aside");
        std::fs::rename(&entry.0, aside)?;
        self.sync()
    }

    /// A new name is durable once its directory is.
    fn sync(&self) -> io::Result<()> {
        File::open(&*self.0)?.sync_all()
    }
}

fn make(directory: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_there_until_it_is_removed() {
        let home = tempfile::tempdir().expect("a directory");
        let directory = RecoveryDirectory::at(home.path().join("recovery.d"));
        assert_eq!(directory.count(), 0);
        let id = ConnectionId::random();
        directory.write(&id, 7, b"first").expect("written");
        let entry = directory.write(&id, 7, b"sealed").expect("written again");
        let found = directory.entries().expect("readable");
        assert_eq!((found.len(), found[0].1.as_slice()), (1, &b"sealed"[..]));
        directory.remove(&entry).expect("removed");
        directory.remove(&entry).expect("twice is no harm");
        assert_eq!(directory.count(), 0);
    }

    #[test]
    fn what_was_not_finished_or_cannot_be_taken_in_does_not_count() {
        let home = tempfile::tempdir().expect("a directory");
        let directory = RecoveryDirectory::at(home.path().to_owned());
        std::fs::write(home.path().join("con_1.1.part"), "half").expect("written");
        let entry = directory
            .write(&ConnectionId::random(), 1, b"other key")
            .expect("written");
        assert_eq!(directory.count(), 1);
        directory.set_aside(&entry).expect("set aside");
        assert_eq!(directory.count(), 0);
    }

    #[cfg(unix)]
    #[test]
    fn it_belongs_to_its_owner_alone() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().expect("a directory");
        let path = home.path().join("recovery.d");
        let directory = RecoveryDirectory::at(path.clone());
        let entry = directory
            .write(&ConnectionId::random(), 1, b"sealed")
            .expect("written");
        let mode =
            |path: &Path| std::fs::metadata(path).map(|one| one.permissions().mode() & 0o777);
        assert_eq!(mode(&path).expect("a mode"), 0o700);
        assert_eq!(mode(&entry.0).expect("a mode"), 0o600);
    }
}
