//! A PostgreSQL of its own for one command.
//!
//! The cluster lives in a fresh directory under the system's temporary one, listens on a socket in
//! there and nowhere else, and forgoes durability, which tests do not need. A second process, the
//! keeper, owns it and waits for its standard input to end; the operating system closes that pipe
//! however the first process ends, so neither Ctrl-C nor `kill -9` leaves a database behind.

use crate::process;
use anyhow::{Context as _, bail};
use std::fs::DirBuilder;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

/// The variable that names the database to the tests.
const URL: &str = "TEST_DATABASE_URL";

/// The keeper's name on the command line.
pub(crate) const KEEP: &str = "keep-postgres";

/// Nothing survives the tests, many of which run at once.
const SETTINGS: [&str; 5] = [
    "listen_addresses=''",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
];

/// Runs `command` with a database server beside it. A server that `TEST_DATABASE_URL` already
/// names is used as it is.
pub(crate) fn run_beside(command: &[&str]) -> anyhow::Result<ExitCode> {
    if std::env::var_os(URL).is_some() {
        println!("PostgreSQL: using the one that {URL} names");
        return Ok(process::code_of(process::run(&mut process::spelled(
            command,
        ))?));
    }
    let mut keeper = Command::new(std::env::current_exe()?)
        .arg(KEEP)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0) // Ctrl-C must not reach the one who cleans up
        .spawn()?;
    let url = first_line(keeper.stdout.take())?;
    let status = process::run(process::spelled(command).env(URL, url));
    drop(keeper.stdin.take());
    keeper.wait()?;
    Ok(process::code_of(status?))
}

fn first_line(output: Option<impl std::io::Read>) -> anyhow::Result<String> {
    let mut line = String::new();
    if let Some(output) = output {
        BufReader::new(output).read_line(&mut line)?;
    }
    if line.is_empty() {
        bail!("PostgreSQL for the tests did not start; the lines above say why.");
    }
    Ok(line.trim_end().to_owned())
}

/// The keeper: starts a cluster, prints its address, waits until its input ends and removes it.
pub(crate) fn keep() -> anyhow::Result<()> {
    let cluster = Cluster::create()?;
    let outcome = cluster.serve_until_input_ends();
    cluster.remove();
    outcome
}

struct Cluster {
    programs: PathBuf,
    directory: PathBuf,
    /// PostgreSQL refuses to run as root, so root lends the directory to the user `postgres`.
    borrowed: bool,
}

impl Cluster {
    fn create() -> anyhow::Result<Self> {
        let programs = programs()?;
        let directory =
            std::env::temp_dir().join(format!("grantport-postgres-{}", std::process::id()));
        DirBuilder::new()
            .mode(0o700)
            .create(&directory)
            .with_context(|| format!("{} cannot be made", directory.display()))?;
        let borrowed = process::output(Command::new("id").arg("-u"))?.trim() == "0";
        Ok(Self {
            programs,
            directory,
            borrowed,
        })
    }

    fn serve_until_input_ends(&self) -> anyhow::Result<()> {
        if self.borrowed {
            process::must(Command::new("chown").arg("postgres").arg(&self.directory))?;
        }
        process::must(
            self.command("initdb")
                .args(["--username=postgres", "--auth=trust", "--no-sync"])
                .args(["--encoding=UTF8", "--locale=C"]),
        )?;
        let socket = format!("unix_socket_directories='{}'", self.directory.display());
        let options: String = SETTINGS
            .into_iter()
            .chain([socket.as_str()])
            .map(|setting| format!("-c {setting} "))
            .collect();
        process::must(
            self.command("pg_ctl")
                .args(["start", "--wait", "--silent", "--log"])
                .arg(self.directory.join("log"))
                .args(["--options", &options]),
        )?;
        println!(
            "postgres://postgres@localhost/postgres?host={}",
            self.directory.display()
        );
        std::io::stdout().flush()?;
        std::io::stdin().read_to_end(&mut Vec::new())?;
        process::must(
            self.command("pg_ctl")
                .args(["stop", "--mode=immediate", "--silent"]),
        )
    }

    /// One of PostgreSQL's programs, on this cluster's data.
    fn command(&self, program: &str) -> Command {
        let program = self.programs.join(program);
        let mut command = if self.borrowed {
            let mut lent = Command::new("runuser");
            lent.args(["-u", "postgres", "--"]).arg(program);
            lent
        } else {
            Command::new(program)
        };
        command
            .current_dir(&self.directory)
            .env("PGDATA", self.directory.join("data"))
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
    }

    /// A directory that cannot be removed is worth a line, not a failed test run.
    fn remove(&self) {
        if let Err(error) = std::fs::remove_dir_all(&self.directory) {
            eprintln!("{} stays behind: {error}", self.directory.display());
        }
    }
}

/// Where `initdb` is: Debian keeps it out of PATH, one directory per version; the newest wins.
fn programs() -> anyhow::Result<PathBuf> {
    let on_path = std::env::var_os("PATH").unwrap_or_default();
    newest_version(Path::new("/usr/lib/postgresql"))
        .into_iter()
        .chain(std::env::split_paths(&on_path))
        .find(|directory| directory.join("initdb").is_file())
        .context("PostgreSQL is not installed. `make setup` installs it on Debian; elsewhere put `initdb` on PATH, or set TEST_DATABASE_URL.")
}

fn newest_version(versions: &Path) -> Option<PathBuf> {
    std::fs::read_dir(versions)
        .ok()?
        .filter_map(Result::ok)
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry)))
        .max_by_key(|(version, _)| *version)
        .map(|(_, entry)| entry.path().join("bin"))
}
