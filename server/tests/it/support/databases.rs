//! A fresh database per test, on SQLite and on PostgreSQL.
//!
//! [`db_test`] makes two tests of one body. A PostgreSQL database is copied from a template that was
//! migrated once, which takes some 20 ms.

use super::cluster;
use super::line::Line;
use server::clock::{Clock, FixedClock, SharedClock, SystemClock};
use server::store::{self, OpenError, Store, StoreLock};
use server::vault::{KekSet, sha256_hex};
use sqlx::{Connection, Executor, PgConnection};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The key-encryption key of every test database.
pub(crate) const KEY: &str = "gpk1_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
/// Another one.
pub(crate) const OTHER_KEY: &str = "gpk1_AgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgI";

/// Turns one body, `async |db| { .. }`, into the tests `name::sqlite` and `name::postgres`.
macro_rules! db_test {
    ($name:ident, $body:expr) => {
        mod $name {
            use super::*;

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn sqlite() {
                let db = $crate::support::databases::Database::sqlite().await;
                $crate::support::databases::run(db, $body).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
            async fn postgres() {
                let db = $crate::support::databases::Database::postgres().await;
                $crate::support::databases::run(db, $body).await;
            }
        }
    };
}

/// Runs a test's body and takes its database away. After a failure it stays, to be looked at.
pub(crate) async fn run(db: Database, body: impl AsyncFnOnce(Database)) {
    let place = db.place.clone();
    Box::pin(body(db)).await;
    place.remove().await;
}

/// Where a database is, before it is opened.
#[derive(Clone)]
pub(crate) struct Place {
    /// As `GRANTPORT_DATABASE_URL` would have it.
    pub(crate) url: String,
    directory: Option<Arc<TempDir>>,
}

impl Place {
    /// A SQLite file that is not there yet.
    pub(crate) fn sqlite() -> Self {
        let directory = TempDir::with_prefix("grantport-it-").expect("a directory");
        Self::sqlite_in(Arc::new(directory))
    }

    /// The same in this directory.
    pub(crate) fn sqlite_in(directory: Arc<TempDir>) -> Self {
        let path = directory.path().join("data/grantport.db");
        Self {
            url: format!("sqlite://{}", path.display()),
            directory: Some(directory),
        }
    }

    /// The same database at the end of a line.
    pub(crate) async fn over_line(&self) -> (Self, Line) {
        let line = Line::to(&self.url).await;
        let url = line.url.clone();
        let directory = None;
        (Self { url, directory }, line)
    }

    /// A PostgreSQL database without tables.
    pub(crate) async fn postgres() -> Self {
        Self::postgres_from("template1").await
    }

    async fn postgres_from(template: &str) -> Self {
        let name = format!("it_{}", server::domain::random_base62(16).to_lowercase());
        administer(&format!("CREATE DATABASE {name} TEMPLATE {template}")).await;
        Self {
            url: url_of(&name),
            directory: None,
        }
    }

    /// Opens it as a server does that was given `key`.
    pub(crate) async fn open(&self, key: &str) -> Result<(Store, StoreLock), OpenError> {
        self.open_at(Arc::new(SystemClock), key).await
    }

    /// The same, by this clock.
    pub(crate) async fn open_at(
        &self,
        clock: SharedClock,
        key: &str,
    ) -> Result<(Store, StoreLock), OpenError> {
        let keks = KekSet::from_text(key)?;
        store::open(&self.url, clock, move |_is_new| Ok(keks)).await
    }

    /// Where the SQLite file is, if it is one.
    pub(crate) fn file(&self) -> Option<std::path::PathBuf> {
        self.directory
            .as_ref()
            .map(|directory| directory.path().join("data/grantport.db"))
    }

    /// A copy of it, made while nobody uses it: of the file, or by PostgreSQL itself.
    pub(crate) async fn copy(&self) -> Self {
        let Some(file) = self.file() else {
            return Self::postgres_from(&sqlx_name(&self.url)).await;
        };
        let copy = Self::sqlite();
        let copied = copy.file().expect("a path");
        std::fs::create_dir_all(copied.parent().expect("a directory")).expect("made");
        std::fs::copy(file, copied).expect("copied");
        copy
    }

    /// A PostgreSQL database into which this one was dumped and restored.
    pub(crate) async fn dumped(&self) -> Self {
        let copy = Self::postgres_from("template0").await;
        let script = include_str!("dump.sh");
        let done = std::process::Command::new("sh")
            .args(["-c", script, "dump", &self.url, &copy.url])
            .output()
            .expect("a shell");
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{said}");
        copy
    }

    /// Removes it. Nobody may use it any more.
    pub(crate) async fn remove(self) {
        if self.directory.is_none() {
            let name = sqlx_name(&self.url);
            administer(&format!("DROP DATABASE {name} WITH (FORCE)")).await;
        }
    }
}

/// An open database of a test.
pub(crate) struct Database {
    /// Where it is.
    pub(crate) place: Place,
    /// The store on it.
    pub(crate) store: Store,
    /// The store's clock: stands still until it is moved. The database has a clock of its own.
    pub(crate) clock: Arc<FixedClock>,
    lock: StoreLock,
}

impl Database {
    /// On SQLite.
    pub(crate) async fn sqlite() -> Self {
        Self::at(Place::sqlite()).await
    }

    /// On PostgreSQL.
    pub(crate) async fn postgres() -> Self {
        Self::at(Place::postgres_from(template().await).await).await
    }

    async fn at(place: Place) -> Self {
        let clock = FixedClock::at(SystemClock.now());
        let (store, lock) = place
            .open_at(Arc::clone(&clock) as SharedClock, KEY)
            .await
            .expect("a database that opens");
        Self {
            place,
            store,
            clock,
            lock,
        }
    }

    /// Whether several processes can open it.
    pub(crate) fn is_shared(&self) -> bool {
        self.place.directory.is_none()
    }

    /// The store of another node: with connections of its own on PostgreSQL. SQLite has one node.
    pub(crate) async fn another_node(&self) -> Store {
        if !self.is_shared() {
            return self.store.clone();
        }
        let clock = Arc::clone(&self.clock) as SharedClock;
        let (store, _) = self.place.open_at(clock, KEY).await.expect("a second node");
        store
    }

    /// Opens one that was stopped.
    pub(crate) async fn again(place: Place) -> Self {
        Self::at(place).await
    }

    /// Stops the server.
    pub(crate) async fn stop(self) -> Place {
        self.store.close().await;
        drop(self.lock);
        self.place
    }
}

/// Name of a migrated database without connections, made once and kept as long as the schema stays.
async fn template() -> &'static str {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    TEMPLATE.get_or_init(make_template).await
}

/// All migrations, one after the other.
fn schema() -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/postgres");
    let files = std::fs::read_dir(folder).expect("the migrations");
    let mut files: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    files.sort();
    let texts = files
        .iter()
        .map(|file| std::fs::read(file).expect("a text"));
    texts.collect::<Vec<_>>().concat()
}

async fn make_template() -> String {
    let name = format!("it_template_{}", &sha256_hex(&schema())[..12]);
    let mut admin = connect(cluster::url()).await;
    // two test runs may share a server
    query(&mut admin, "SELECT pg_advisory_lock(733)").await;
    let known = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
    if query(&mut admin, &known).await == 0 {
        let draft = format!("{name}_draft");
        query(
            &mut admin,
            &format!("DROP DATABASE IF EXISTS {draft} WITH (FORCE)"),
        )
        .await;
        query(
            &mut admin,
            &format!("CREATE DATABASE {draft} TEMPLATE template1"),
        )
        .await;
        let place = Place {
            url: url_of(&draft),
            directory: None,
        };
        let (store, _) = place.open(KEY).await.expect("a migrated template");
        store.close().await;
        query(
            &mut admin,
            &format!("ALTER DATABASE {draft} RENAME TO {name}"),
        )
        .await;
    }
    admin.close().await.expect("closed");
    name
}

fn url_of(database: &str) -> String {
    let mut url = url::Url::parse(cluster::url()).expect("TEST_DATABASE_URL is a URL");
    url.set_path(database);
    url.into()
}

fn sqlx_name(url: &str) -> String {
    let url = url::Url::parse(url).expect("a URL");
    url.path().trim_start_matches('/').to_owned()
}

async fn administer(statement: &str) {
    let mut admin = connect(cluster::url()).await;
    query(&mut admin, statement).await;
    admin.close().await.expect("closed");
}

async fn connect(url: &str) -> PgConnection {
    PgConnection::connect(url)
        .await
        .expect("the PostgreSQL server of the tests answers")
}

/// Runs a statement and answers how many rows it gave or changed.
async fn query(admin: &mut PgConnection, statement: &str) -> usize {
    admin
        .fetch_all(sqlx::AssertSqlSafe(statement))
        .await
        .unwrap_or_else(|error| panic!("{statement}: {error}"))
        .len()
}
