//! A Grantport of one's own: a directory, a database, a definition, and its processes.
//!
//! The program is a black box. It gets settings, a catalog directory and a file to apply, as an
//! operator would give them, and is started, stopped, paused and killed by process id.

mod clock;
mod database;
mod disk;
mod documents;
mod line;
mod plan;
mod process;

pub(crate) use clock::{OwnClock, Wrong};
pub(crate) use database::{Database, Row};
pub(crate) use disk::SmallDisk;
pub(crate) use documents::provider;
pub(crate) use line::Line;
pub(crate) use plan::{Below, Plan};
pub(crate) use process::{Process, Signal, Until};

use crate::authority::Authority;
use anyhow::{Context as _, ensure};
use cluster::Kept;
use std::io::ErrorKind;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Which database is below.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Sqlite,
    Postgres,
}

impl Kind {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        }
    }
}

/// All of it.
pub(crate) struct Instance {
    /// Goes before the directory that it is in.
    pub(crate) disk: Option<SmallDisk>,
    directory: TempDir,
    binary: PathBuf,
    /// What the processes are told; of two that have a name, the later counts.
    settings: Vec<(&'static str, String)>,
    ports: Vec<u16>,
    /// The application's API key.
    pub(crate) key: String,
    pub(crate) database: Database,
}

impl Instance {
    /// Sets an instance up. Its processes are not started yet.
    pub(crate) async fn new(
        binary: &Path,
        plan: &Plan<'_>,
        authority: &Authority,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let at = directory.path();
        std::fs::create_dir(at.join("catalog"))?;
        for n in 0..plan.providers {
            let file = at.join(format!("catalog/{}.toml", provider(n)));
            std::fs::write(file, documents::definition(n, plan.refresh))?;
        }
        std::fs::write(
            at.join("instance.toml"),
            documents::instance(plan.providers),
        )?;
        let data = at.join("data");
        let disk = match plan.below {
            Below::SmallDisk(mebibytes) => Some(SmallDisk::mount(&data, mebibytes)?),
            _ => None,
        };
        let (url, database) = match plan.below {
            Below::Sqlite | Below::SmallDisk(_) => Database::file(&data.join("grantport.db")),
            Below::Postgres(kept) => Database::made_in(kept.url(), None).await?,
            Below::Line(kept, line) => Database::made_in(kept.url(), Some(line)).await?,
        };
        let ports = free_ports(plan.processes)?;
        let on_or_off = if plan.ahead { "on" } else { "off" };
        let settings = vec![
            (PUBLIC_URL, format!("http://127.0.0.1:{}", ports[0])),
            (DATABASE_URL, url),
            (
                "GRANTPORT_CATALOG_DIR",
                at.join("catalog").display().to_string(),
            ),
            (
                "GRANTPORT_ORIGIN_OVERRIDES",
                documents::overrides(&authority.sockets()).to_string(),
            ),
            (AHEAD, on_or_off.to_owned()),
            // it is the refresh that is tried here
            ("GRANTPORT_RATE_PER_KEY", "1000000".to_owned()),
            ("GRANTPORT_RATE_PER_ORGANIZATION", "1000000".to_owned()),
        ];
        let mut instance = Self {
            disk,
            directory,
            binary: binary.to_owned(),
            settings,
            ports,
            key: String::new(),
            database,
        };
        instance.key = instance.apply()?;
        Ok(instance)
    }

    /// A copy of the database with the key, as somebody makes it who restores a backup elsewhere or
    /// wants to try something. It has one process, at a port of its own.
    pub(crate) async fn copy(&self, kept: &Kept) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let data = directory.path().join("data");
        std::fs::create_dir(&data)?;
        std::fs::copy(self.directory.path().join("data/key"), data.join("key"))?;
        let (url, database) = self.database.copy(&data.join("grantport.db"), kept).await?;
        let ports = free_ports(1)?;
        let mut settings = self.settings.clone();
        settings.extend([
            (PUBLIC_URL, format!("http://127.0.0.1:{}", ports[0])),
            (DATABASE_URL, url),
        ]);
        Ok(Self {
            disk: None,
            directory,
            binary: self.binary.clone(),
            settings,
            ports,
            key: self.key.clone(),
            database,
        })
    }

    /// Starts process number `n` and waits until it is ready.
    pub(crate) async fn start(&self, n: usize) -> anyhow::Result<Process> {
        self.start_with(n, &[], Until::Ready).await
    }

    /// The same with more in its environment.
    pub(crate) async fn start_with(
        &self,
        n: usize,
        environment: &[(&str, String)],
        until: Until,
    ) -> anyhow::Result<Process> {
        let port = self.ports[n];
        let mut command = self.command();
        command
            .env("GRANTPORT_BIND", format!("127.0.0.1:{port}"))
            .envs(environment.iter().map(|(name, value)| (name, value)));
        let log = self.directory.path().join(format!("log-{n}"));
        Process::start(command, &log, &self.url(n), until).await
    }

    /// Starts all processes.
    pub(crate) async fn start_all(&self) -> anyhow::Result<Vec<Process>> {
        let mut processes = Vec::new();
        for n in 0..self.ports.len() {
            processes.push(self.start(n).await?);
        }
        Ok(processes)
    }

    /// Where process number `n` listens.
    pub(crate) fn url(&self, n: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[n])
    }

    /// Where each process listens.
    pub(crate) fn urls(&self) -> Vec<String> {
        (0..self.ports.len()).map(|n| self.url(n)).collect()
    }

    /// Leaves the directory behind and says where it is.
    pub(crate) fn keep(self) -> PathBuf {
        self.directory.keep()
    }

    /// From now on processes are started from this program, as after an update.
    pub(crate) fn update(&mut self, binary: &Path) {
        binary.clone_into(&mut self.binary);
    }

    /// From now on processes renew tokens ahead of time.
    pub(crate) fn look_ahead(&mut self) {
        self.settings.push((AHEAD, "on".to_owned()));
    }

    /// How many token sets are written down that the database did not take.
    pub(crate) fn recovered(&self) -> anyhow::Result<usize> {
        let at = self.directory.path().join("data/recovery.d");
        let files = match std::fs::read_dir(at) {
            Ok(files) => files,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
            Err(error) => return Err(error.into()),
        };
        // what is being written has a name that ends otherwise
        let is_whole = |path: PathBuf| path.extension().is_none_or(|end| end != "part");
        let mut count = 0;
        for file in files {
            count += usize::from(is_whole(file?.path()));
        }
        Ok(count)
    }

    /// Runs a subcommand to its end, and answers what it prints.
    pub(crate) fn run(&self, words: &[&str]) -> anyhow::Result<String> {
        let output = self
            .command()
            .args(words)
            .output()
            .with_context(|| format!("{} cannot be started", self.binary.display()))?;
        let told = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "`grantport {}` failed: {told}{}",
            words.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(told)
    }

    fn apply(&self) -> anyhow::Result<String> {
        let told = self.run(&["apply", "instance.toml"])?;
        told.split_once("shown this once: ")
            .and_then(|(_, rest)| rest.lines().next())
            .map(|key| key.trim().to_owned())
            .context("`grantport apply` printed no API key")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("GRANTPORT_") {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.directory.path())
            .envs(self.settings.iter().map(|(name, value)| (name, value)));
        command
    }
}

const PUBLIC_URL: &str = "GRANTPORT_PUBLIC_URL";
const DATABASE_URL: &str = "GRANTPORT_DATABASE_URL";
/// Whether tokens are renewed ahead of time.
const AHEAD: &str = "GRANTPORT_BACKGROUND_REFRESH";

/// Ports that are free now. They are given back before the processes take them.
fn free_ports(count: usize) -> anyhow::Result<Vec<u16>> {
    let taken: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<_, _>>()?;
    Ok(taken
        .iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect::<std::io::Result<_>>()?)
}
