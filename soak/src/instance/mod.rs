//! A Grantport of one's own: a directory, a database, a definition, and its processes.
//!
//! The program is a black box. It gets settings, a catalog directory and a file to apply, as an
//! operator would give them, and is started, stopped, paused and killed by process id.

mod database;
mod line;
mod process;

pub(crate) use database::{Database, Row};
pub(crate) use line::Line;
pub(crate) use process::{Process, Signal};

use crate::authority::{Authority, CLIENT_ID, CLIENT_SECRET, ORIGIN};
use anyhow::{Context as _, ensure};
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
    directory: TempDir,
    binary: PathBuf,
    /// What the processes are told.
    settings: Vec<(&'static str, String)>,
    ports: Vec<u16>,
    /// The application's API key.
    pub(crate) key: String,
    pub(crate) database: Database,
}

impl Instance {
    /// Sets an instance up for so many processes. `postgres` is the URL of a server in which a
    /// database can be made, and the line that leads to it, if any; without it, SQLite is below.
    pub(crate) async fn new(
        binary: &Path,
        postgres: Option<(&str, Option<&Line>)>,
        authority: &Authority,
        processes: usize,
    ) -> anyhow::Result<Self> {
        let directory = tempfile::tempdir()?;
        let at = directory.path();
        std::fs::create_dir(at.join("catalog"))?;
        std::fs::write(at.join("catalog/soak.toml"), definition())?;
        std::fs::write(at.join("instance.toml"), INSTANCE)?;
        let (url, database) = match postgres {
            Some((server, line)) => Database::made_in(server, line).await?,
            None => Database::file(&at.join("data/grantport.db")),
        };
        let ports = free_ports(processes)?;
        let overrides = serde_json::json!({ORIGIN: authority.origin()});
        let settings = vec![
            (
                "GRANTPORT_PUBLIC_URL",
                format!("http://127.0.0.1:{}", ports[0]),
            ),
            ("GRANTPORT_DATABASE_URL", url),
            (
                "GRANTPORT_CATALOG_DIR",
                at.join("catalog").display().to_string(),
            ),
            ("GRANTPORT_ORIGIN_OVERRIDES", overrides.to_string()),
        ];
        let mut instance = Self {
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

    /// Starts process number `n` and waits until it is ready.
    pub(crate) async fn start(&self, n: usize) -> anyhow::Result<Process> {
        let port = self.ports[n];
        let mut command = self.command();
        command.env("GRANTPORT_BIND", format!("127.0.0.1:{port}"));
        let log = self.directory.path().join(format!("log-{n}"));
        Process::start(command, &log, &self.url(n)).await
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

    fn apply(&self) -> anyhow::Result<String> {
        let output = self
            .command()
            .args(["apply", "instance.toml"])
            .output()
            .with_context(|| format!("{} cannot be started", self.binary.display()))?;
        let told = String::from_utf8_lossy(&output.stdout);
        ensure!(
            output.status.success(),
            "`grantport apply` failed: {told}{}",
            String::from_utf8_lossy(&output.stderr)
        );
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

const INSTANCE: &str = r#"
[organization]
name = "Soak"

[[applications]]
slug = "soak"
name = "Soak"

[[applications.api_keys]]
name = "soak"

[[applications.providers]]
definition = "soak"
client_id = "soak-client"
client_secrets = ["soak-client-secret"]
"#;

/// By the book: tokens that end, refresh tokens that rotate, PKCE, revocation.
fn definition() -> String {
    debug_assert!(INSTANCE.contains(CLIENT_ID) && INSTANCE.contains(CLIENT_SECRET));
    format!(
        r#"
id = "soak"
name = "Soak"
short_name = "Soak"
category = "Tests"
remark = "Fails on purpose."
pkce = "s256"
client_auth = "body"
[mark]
initials = "So"
hue = 3
[trust]
level = "contract_tested"
since = "2026-11-26"
[endpoints]
authorize = "{ORIGIN}/authorize"
token = "{ORIGIN}/token"
[identity]
url = "{ORIGIN}/me"
account_id = ["/id"]
account_label = ["/email"]
[guide]
lead = "Nothing to do."
[[guide.steps]]
title = "Save"
text = "Press **Save**."
[scopes]
[[scopes.groups]]
title = "All"
scopes = [{{ name = "contacts.read", words = "Read contacts", suggested = true }}]
[expiry]
source = "expires_in"
usually_s = 3600
[refresh]
rotation = "rotates"
[revocation]
url = "{ORIGIN}/revoke"
client_auth = "body"
token = "refresh_token"
"#
    )
}
