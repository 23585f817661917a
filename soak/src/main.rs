//! Programs that prove from outside that no token is lost in silence.
//!
//! `soak SCENARIO` starts what it needs on the loopback interface: an authorization server that is
//! faulty on purpose ([`authority`]), a Grantport that it treats as a black box ([`instance`]), a
//! backend that uses it ([`backend`]), through a load balancer or not ([`balancer`]). It then does the
//! harm that its name says ([`scenarios`]), holds what came of it against invariants ([`checker`]) and
//! prints figures and a verdict ([`report`]). It ends by itself, and with 1 when a promise was broken.
//! `soak all` plays them side by side ([`lanes`]).

mod authority;
mod backend;
mod balancer;
mod bench;
mod caller;
mod checker;
mod instance;
mod lanes;
mod report;
mod scenarios;
mod staff;

use anyhow::{Context as _, ensure};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::{Command, ExitCode};

/// Who keeps PostgreSQL, on our own command line.
const KEEP_POSTGRES: &str = "keep-postgres";

/// Proves from outside that Grantport loses no token in silence.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    scenario: Scenario,
    /// A short form, for every day.
    #[arg(long, global = true)]
    quick: bool,
    /// The `grantport` to try.
    #[arg(long, global = true, env = "GRANTPORT_BIN")]
    binary: Option<PathBuf>,
    /// The `grantport` of the release before, which `deploy` replaces; otherwise the same program.
    #[arg(long, global = true, env = "GRANTPORT_PREVIOUS_BIN")]
    previous: Option<PathBuf>,
    /// Chooses the moments at which processes are killed.
    #[arg(long, global = true, default_value_t = 1)]
    seed: u64,
    /// Leaves databases and logs behind and says where they are.
    #[arg(long, global = true)]
    keep: bool,
}

#[derive(Clone, Copy, Debug, Subcommand)]
enum Scenario {
    /// Many callers, few expired connections, several processes: one refresh for each.
    Herd,
    /// SIGKILL and SIGTERM at random moments, with refreshes in flight.
    Kill,
    /// SIGSTOP with a refresh in flight, beyond the lease; then SIGCONT.
    Pause,
    /// Every fault of an authorization server, one by one.
    Faults,
    /// A host fails again and again, is left alone, and comes back.
    Breaker,
    /// The database stops and comes back.
    Outage,
    /// Many connections expire at once; others must not notice.
    Crowd,
    /// A wall clock is wrong by an hour on one of three processes.
    Clock,
    /// A copy of the database comes to life beside its original.
    Clone,
    /// The disk under SQLite is full.
    Disk,
    /// The same, in a namespace where disks can be mounted; started by it.
    #[command(hide = true)]
    DiskWithin,
    /// Tokens are renewed before anybody waits for them, beside a provider that hangs.
    Ahead,
    /// The end user's first page, beside one read of the database.
    Page,
    /// Searches over a thousand connections, and over a hundred times as many.
    Find,
    /// Three processes of the release before are replaced by this one, under load.
    Deploy,
    /// All of them.
    All,
    /// Owns a PostgreSQL until standard input ends; started by the others.
    #[command(hide = true)]
    KeepPostgres,
}

/// What all scenarios are told.
pub(crate) struct Settings {
    binary: PathBuf,
    previous: Option<PathBuf>,
    quick: bool,
    seed: u64,
    keep: bool,
}

impl Settings {
    /// This program once more, with the same settings.
    fn again(&self, scenario: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(scenario).arg("--binary").arg(&self.binary);
        if let Some(previous) = &self.previous {
            command.arg("--previous").arg(previous);
        }
        command.args(["--seed", &self.seed.to_string()]);
        if self.quick {
            command.arg("--quick");
        }
        if self.keep {
            command.arg("--keep");
        }
        Ok(command)
    }
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcome = match arguments.scenario {
        Scenario::KeepPostgres => cluster::keep().map(|()| true),
        scenario => play(scenario, arguments),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(failure) => {
            eprintln!("\n{failure:#}");
            ExitCode::from(2)
        }
    }
}

/// `true`: every promise was kept.
fn play(scenario: Scenario, arguments: Arguments) -> anyhow::Result<bool> {
    let binary = arguments
        .binary
        .context("Name the program to try: --binary target/debug/grantport, or GRANTPORT_BIN.")?;
    ensure!(
        binary.is_file(),
        "{} is no file; build it first: cargo build --package app --package server",
        binary.display()
    );
    let settings = Settings {
        // the instance has a directory of its own
        binary: binary.canonicalize()?,
        previous: arguments
            .previous
            .map(|previous| previous.canonicalize())
            .transpose()?,
        quick: arguments.quick,
        seed: arguments.seed,
        keep: arguments.keep,
    };
    more_files()?;
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()?
        .block_on(async {
            match scenario {
                Scenario::All => lanes::all(&settings).await,
                scenario => one(scenario, &settings).await,
            }
        })
}

async fn one(scenario: Scenario, settings: &Settings) -> anyhow::Result<bool> {
    match scenario {
        Scenario::Herd => Box::pin(scenarios::herd(settings)).await,
        Scenario::Kill => Box::pin(scenarios::kill(settings)).await,
        Scenario::Pause => Box::pin(scenarios::pause(settings)).await,
        Scenario::Faults => Box::pin(scenarios::faults(settings)).await,
        Scenario::Breaker => Box::pin(scenarios::breaker(settings)).await,
        Scenario::Outage => Box::pin(scenarios::outage(settings)).await,
        Scenario::Crowd => Box::pin(scenarios::crowd(settings)).await,
        Scenario::Ahead => Box::pin(scenarios::ahead(settings)).await,
        Scenario::Page => Box::pin(scenarios::page(settings)).await,
        Scenario::Find => Box::pin(scenarios::find(settings)).await,
        Scenario::Deploy => Box::pin(scenarios::deploy(settings)).await,
        Scenario::Clock => Box::pin(scenarios::clock(settings)).await,
        Scenario::Clone => Box::pin(scenarios::clone(settings)).await,
        Scenario::Disk => scenarios::disk(settings),
        Scenario::DiskWithin => Box::pin(scenarios::disk_within(settings)).await,
        Scenario::All | Scenario::KeepPostgres => Ok(true),
    }
}

/// A thousand callers need as many sockets, here and in the processes that inherit the limit.
fn more_files() -> anyhow::Result<()> {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    let current = maximum;
    Ok(setrlimit(Resource::Nofile, Rlimit { current, maximum })?)
}
