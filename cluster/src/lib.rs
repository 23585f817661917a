//! A PostgreSQL of one's own, for as long as a program runs.
//!
//! The cluster lives in a fresh directory under the system's temporary one, listens on a socket in
//! there and nowhere else, and forgoes durability, which tests do not need: it does not outlive the
//! machine, only its own stops. A second process, the keeper, owns it and waits for its standard
//! input to end; the operating system closes that pipe however the first process ends, so neither
//! Ctrl-C nor `kill -9` leaves a database behind. Until then the first process may have it stopped
//! and started, with a word on that pipe.
//!
//! The keeper is the first process's own program, started once more: whoever calls [`Kept::begin`]
//! gives the argument on which its `main` calls [`keep`].

pub mod process;

use anyhow::{Context as _, bail};
use std::fs::DirBuilder;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Nothing survives the tests, many of which run at once.
const SETTINGS: [&str; 5] = [
    "listen_addresses=''",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=300",
];

const STOP: &str = "stop";
const START: &str = "start";
const FREEZE: &str = "freeze";
const THAW: &str = "thaw";
/// The keeper's answer to each of them.
const DONE: &str = "done";

/// A database server that runs beside this process.
#[derive(Debug)]
pub struct Kept {
    keeper: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    url: String,
}

impl Kept {
    /// Starts a cluster, kept by this program with `argument`.
    pub fn begin(argument: &str) -> anyhow::Result<Self> {
        let mut keeper = Command::new(std::env::current_exe()?)
            .arg(argument)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .process_group(0) // Ctrl-C must not reach the one who cleans up
            .spawn()?;
        let orders = keeper.stdin.take();
        let answers = keeper.stdout.take().context("the keeper has no output")?;
        let mut kept = Self {
            keeper,
            orders,
            answers: BufReader::new(answers),
            url: String::new(),
        };
        kept.url = kept.answer()?;
        Ok(kept)
    }

    /// URL of a database from which others can be made.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops the server at once, as a crash does.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        self.order(STOP)
    }

    /// Starts it again, with what it held.
    pub fn start(&mut self) -> anyhow::Result<()> {
        self.order(START)
    }

    /// Pauses the server: it takes connections and says nothing, as one does that cannot be reached.
    pub fn freeze(&mut self) -> anyhow::Result<()> {
        self.order(FREEZE)
    }

    /// Lets a paused server go on.
    pub fn thaw(&mut self) -> anyhow::Result<()> {
        self.order(THAW)
    }

    /// Ends the server and waits until its files are gone.
    pub fn end(mut self) -> anyhow::Result<()> {
        self.dismiss()
    }

    fn order(&mut self, word: &str) -> anyhow::Result<()> {
        let orders = self.orders.as_mut().context("the keeper was dismissed")?;
        writeln!(orders, "{word}")?;
        orders.flush()?;
        let answer = self.answer()?;
        anyhow::ensure!(answer == DONE, "PostgreSQL did not {word}: {answer}");
        Ok(())
    }

    fn answer(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        if line.is_empty() {
            bail!("PostgreSQL for the tests did not start; the lines above say why.");
        }
        Ok(line.trim_end().to_owned())
    }

    fn dismiss(&mut self) -> anyhow::Result<()> {
        drop(self.orders.take());
        self.keeper.wait()?;
        Ok(())
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        // there is nobody left to tell
        let _ = self.dismiss();
    }
}

/// Copies what is in one database into another, which is empty, as an operator does while both serve.
pub fn copy(from: &str, to: &str) -> anyhow::Result<()> {
    let programs = programs()?;
    let mut dump = Command::new(programs.join("pg_dump"))
        .args(["--dbname", from])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .context("pg_dump cannot be started")?;
    let dumped = dump.stdout.take().context("pg_dump has no output")?;
    let read = process::must(
        Command::new(programs.join("psql"))
            .args(["--dbname", to, "--quiet", "--no-psqlrc"])
            .args(["--set", "ON_ERROR_STOP=1"])
            .stdin(dumped)
            .stdout(Stdio::null()),
    );
    let dumped = dump.wait()?;
    anyhow::ensure!(dumped.success(), "pg_dump failed: {dumped}");
    read
}

/// The keeper: starts a cluster, prints its address, does as it is told until its input ends, and
/// removes it.
pub fn keep() -> anyhow::Result<()> {
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
        self.start()?;
        say(&format!(
            "postgres://postgres@localhost/postgres?host={}",
            self.directory.display()
        ))?;
        let mut runs = true;
        for order in std::io::stdin().lines() {
            let (done, then_runs) = match order?.as_str() {
                STOP => (self.stop(), false),
                START => (self.start(), true),
                FREEZE => (self.signal("-STOP"), runs),
                THAW => (self.signal("-CONT"), runs),
                other => bail!("the keeper does not know how to {other}"),
            };
            match done {
                Ok(()) => {
                    runs = then_runs;
                    say(DONE)?;
                }
                Err(error) => say(&error.to_string())?,
            }
        }
        if runs {
            // one that is paused hears nothing
            self.signal("-CONT")?;
            return self.stop();
        }
        Ok(())
    }

    fn start(&self) -> anyhow::Result<()> {
        let socket = format!("unix_socket_directories='{}'", self.directory.display());
        let options = format!("-c {} -c {socket}", SETTINGS.join(" -c "));
        process::must(
            self.command("pg_ctl")
                .args(["start", "--wait", "--silent", "--log"])
                .arg(self.directory.join("log"))
                .args(["--options", &options]),
        )
    }

    fn stop(&self) -> anyhow::Result<()> {
        process::must(
            self.command("pg_ctl")
                .args(["stop", "--mode=immediate", "--silent"]),
        )
    }

    /// Sends a signal to the server and its processes, and to no others.
    fn signal(&self, signal: &str) -> anyhow::Result<()> {
        let file = std::fs::read_to_string(self.directory.join("data/postmaster.pid"))?;
        let server = file.lines().next().context("the server has no process")?;
        // a process that has ended meanwhile needs no signal
        let send = |pid: &str| {
            process::run(
                Command::new("kill")
                    .args([signal, pid])
                    .stderr(Stdio::null()),
            )
        };
        // first the one that makes the others
        send(server)?;
        let children = process::output(Command::new("pgrep").args(["-P", server]))?;
        for child in children.split_whitespace() {
            send(child)?;
        }
        Ok(())
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

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
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
