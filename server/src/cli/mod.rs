//! The commands. Each opens the database, does one thing and says so; what goes wrong is one
//! sentence on standard error.
//!
//! ```text
//! arguments.rs  what can be written
//! failure.rs    what can go wrong, in words
//! open.rs       the database and its keys
//! apply.rs      `apply` and `export`
//! moving.rs     `import` and `leave`
//! ```
//!
//! The others are called like their commands.

mod apply;
mod arguments;
mod audit;
mod catalog;
mod failure;
mod keys;
mod members;
mod moving;
mod open;

pub use failure::Failure;

use crate::api::document::document_text;
use crate::clock::{AnchoredClock, SystemClock};
use crate::config::{Config, unknown_variables};
use crate::quarantine::Heartbeat;
use crate::serve::serve;
use crate::state::AppState;
use crate::telemetry;
use arguments::{Arguments, Audit, Command, Restore};
use clap::Parser;
use open::{open, open_by, open_restored};
use std::process::ExitCode;
use std::sync::Arc;

/// Parses, runs, and turns the outcome into an exit code.
#[must_use]
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    close_to_others();
    match start(arguments.command.unwrap_or(Command::Serve)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("grantport: {failure}");
            ExitCode::FAILURE
        }
    }
}

/// Files that are made belong to their owner alone, and no crash writes keys to disk (R85).
fn close_to_others() {
    #[cfg(unix)]
    rustix::process::umask(rustix::fs::Mode::RWXG | rustix::fs::Mode::RWXO);
    #[cfg(target_os = "linux")]
    if let Err(error) =
        rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
    {
        eprintln!("grantport: core dumps could not be switched off: {error}");
    }
}

fn start(command: Command) -> Result<ExitCode, Failure> {
    // these need neither settings nor a database
    if let Command::Openapi = command {
        print!("{}", document_text());
        return Ok(ExitCode::SUCCESS);
    }
    if let Command::Catalog { command } = command {
        return catalog::run(command).map(|()| ExitCode::SUCCESS);
    }
    let config = Config::read(|name| std::env::var(name).ok())?;
    telemetry::start(config.log.as_deref());
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::Start)?
        .block_on(Box::pin(run(command, config)))
}

async fn run(command: Command, config: Config) -> Result<ExitCode, Failure> {
    match command {
        Command::Catalog { .. } | Command::Openapi => Ok(()),
        Command::Serve => {
            let names = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
            for name in unknown_variables(names) {
                tracing::warn!(name, "there is no such setting; it is ignored");
            }
            // what is due on one node is due on all
            let clock = AnchoredClock::on(Arc::new(SystemClock));
            let (store, lock) = open_by(clock, &config).await?;
            serve(AppState::new(config, store)?, lock).await
        }
        Command::Migrate => {
            let (store, _lock) = open(&config).await?;
            println!("The database is up to date.");
            store.close().await;
            Ok(())
        }
        Command::Apply { file, dry_run } => return apply::run(&file, dry_run, &config).await,
        Command::Export { logos } => apply::export(logos.as_deref(), &config).await,
        Command::Import(import) => moving::import(import, &config).await,
        Command::Leave(leave) => moving::leave(leave, &config).await,
        Command::Keys { command } => {
            let (store, _lock) = open(&config).await?;
            let done = keys::run(command, &store).await;
            store.close().await;
            done
        }
        Command::Restore { command } => {
            let (store, _lock) = open_restored(&config).await?;
            let heartbeat = Heartbeat::new(&store, &config.keys);
            let said = match command {
                Restore::Status => heartbeat.status().await,
                Restore::Begin => heartbeat.begin().await,
                Restore::Confirm => heartbeat.confirm().await,
            };
            store.close().await;
            println!("{}", said?);
            Ok(())
        }
        Command::Audit {
            command: Audit::Verify { heads },
        } => {
            let heads = audit::read_heads(heads, &config)?;
            let (store, _lock) = open(&config).await?;
            let verified = audit::verify_audit(&store, &heads).await;
            store.close().await;
            verified
        }
        Command::Member { command } => members::run(command, &config).await,
    }
    .map(|()| ExitCode::SUCCESS)
}
