//! Where a database lives: a fingerprint that moves along with its files and not with their content.
//!
//! It is stored in the database, so a copy brings the fingerprint of its original with it, and finds
//! that it lives elsewhere (R103). A copy of whole disks or machines keeps everything that can be
//! looked at here: for these there is `grantport restore begin`.

use super::StoreError;
use super::db::{Db, Runs, sql};
use std::fmt;
use std::path::Path;
use std::str::FromStr;
use std::time::UNIX_EPOCH;

/// A fingerprint. What could not be read is `None` and is compared with nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Home {
    /// The SQLite file.
    File {
        /// Its number in its file system. Some mounts give another one each time, and a fresh disk
        /// often gives the same one to the same file.
        inode: u64,
        /// When it was made, in nanoseconds since the epoch.
        born: Option<u128>,
    },
    /// The table `instance` in a PostgreSQL database; dumping and restoring makes a new one.
    Table {
        /// The server's own identifier, where it may be read.
        system: Option<i64>,
        /// Object id of the database.
        database: i64,
        /// Object id of the table.
        table: i64,
    },
}

impl Home {
    /// Where this database lives now. `None` when that cannot be told.
    pub(super) async fn of(db: &Db) -> Result<Option<Self>, StoreError> {
        match db.file() {
            Some(file) => Ok(Self::of_file(file)),
            None => Self::of_table(db).await.map(Some),
        }
    }

    fn of_file(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = std::fs::metadata(path)
            .inspect_err(|error| tracing::warn!(%error, "where the database lives cannot be told"))
            .ok()?;
        let born = metadata.created().ok();
        Some(Self::File {
            inode: metadata.ino(),
            born: born
                .and_then(|at| at.duration_since(UNIX_EPOCH).ok())
                .map(|since| since.as_nanos()),
        })
    }

    async fn of_table(mut db: &Db) -> Result<Self, StoreError> {
        let system = db
            .row(sql("SELECT system_identifier FROM pg_control_system()"))
            .await;
        let system = match system {
            Ok(row) => row.map(|row| row.int("system_identifier")).transpose()?,
            // not every server lets its users read it
            Err(StoreError::Database(_)) => None,
            Err(other) => return Err(other),
        };
        let ids = sql(
            "SELECT d.oid::bigint AS database_id, 'instance'::regclass::oid::bigint AS table_id
             FROM pg_database d WHERE d.datname = current_database()",
        );
        let row = db.row(ids).await?.ok_or_else(|| StoreError::Corrupt {
            column: "home".to_owned(),
        })?;
        Ok(Self::Table {
            system,
            database: row.int("database_id")?,
            table: row.int("table_id")?,
        })
    }

    /// Whether both are the same place, as far as they can be compared.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (self, other) {
            // two files are never made in the same nanosecond, so where both tell, that decides
            (
                Self::File {
                    born: Some(one), ..
                },
                Self::File {
                    born: Some(two), ..
                },
            ) => one == two,
            (Self::File { inode: one, .. }, Self::File { inode: two, .. }) => one == two,
            (
                Self::Table {
                    system,
                    database,
                    table,
                },
                Self::Table {
                    system: other_system,
                    database: other_database,
                    table: other_table,
                },
            ) => {
                let comparable = system.zip(*other_system);
                database == other_database
                    && table == other_table
                    && comparable.is_none_or(|(one, two)| one == two)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { inode, born } => write!(f, "file {inode} {}", or_dash(*born)),
            Self::Table {
                system,
                database,
                table,
            } => write!(f, "table {} {database} {table}", or_dash(*system)),
        }
    }
}

impl FromStr for Home {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let words: Vec<&str> = text.split(' ').collect();
        match words[..] {
            ["file", inode, born] => Ok(Self::File {
                inode: inode.parse().map_err(drop)?,
                born: known(born)?,
            }),
            ["table", system, database, table] => Ok(Self::Table {
                system: known(system)?,
                database: database.parse().map_err(drop)?,
                table: table.parse().map_err(drop)?,
            }),
            _ => Err(()),
        }
    }
}

fn or_dash(part: Option<impl ToString>) -> String {
    part.map_or_else(|| "-".to_owned(), |part| part.to_string())
}

fn known<T: FromStr>(word: &str) -> Result<Option<T>, ()> {
    match word {
        "-" => Ok(None),
        word => word.parse().map(Some).map_err(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn home(text: &str) -> Home {
        text.parse().expect("a fingerprint")
    }

    #[test]
    fn a_fingerprint_is_stored_as_text() {
        for text in [
            "file 14 1795778802053753771",
            "file 14 -",
            "table 7301234567890123456 16384 16390",
            "table - 16384 16390",
        ] {
            assert_eq!(home(text).to_string(), text);
        }
        for text in [
            "",
            "file",
            "file x -",
            "file 1 2 3",
            "table 1 2",
            "disk 1 2",
        ] {
            assert!(text.parse::<Home>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_moment_a_file_was_made_decides_and_its_number_only_without_it() {
        let original = home("file 14 1000");
        for (other, same) in [
            ("file 14 1000", true),
            // a mount that numbers files anew
            ("file 99 1000", true),
            // the same number on another fresh disk, or in the place of a removed file
            ("file 14 1001", false),
            ("file 99 1001", false),
            // another kernel may tell less
            ("file 14 -", true),
            ("file 99 -", false),
            ("table - 14 1000", false),
        ] {
            assert_eq!(original.is(&home(other)), same, "{other}");
            assert_eq!(home(other).is(&original), same, "{other}");
        }
    }

    #[test]
    fn any_part_of_postgres_that_differs_is_another_place() {
        let original = home("table 7 16384 16390");
        for (other, same) in [
            ("table 7 16384 16390", true),
            ("table - 16384 16390", true),
            ("table 8 16384 16390", false),
            ("table 7 16385 16390", false),
            ("table 7 16384 16391", false),
            ("table - 16385 16390", false),
        ] {
            assert_eq!(original.is(&home(other)), same, "{other}");
        }
    }
}
