//! Why a command did not do what it was asked, each in one sentence.

use crate::apply::ApplyError;
use crate::config::ConfigError;
use crate::moving::{LeaveError, ReadError};
use crate::state::SetupError;
use crate::store::{OpenError, StoreError};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// A setting.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database or its key.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The database, later.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A command about a restored database, while its server runs on SQLite (R104).
    #[error(
        "a server uses {path}, and on SQLite a command cannot run beside it. Stop the server, run this command again, and start the server."
    )]
    ServerRuns {
        /// The database file.
        path: PathBuf,
    },
    /// The catalog, or the way out.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// The port is taken.
    #[error("{address} is in use by another program. Stop it, or set {variable} to another port.")]
    PortInUse {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// The setting that says so.
        variable: &'static str,
    },
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {error}. Set {variable} to an address of this machine.")]
    Bind {
        /// Where we wanted to listen.
        address: SocketAddr,
        /// The setting that says so.
        variable: &'static str,
        /// What the system says.
        error: std::io::Error,
    },
    /// The system does not deliver signals.
    #[error("cannot wait for the signal to end: {0}")]
    Signal(std::io::Error),
    /// The runtime could not be started.
    #[error("cannot start: {0}")]
    Start(std::io::Error),
    /// The file to apply cannot be read.
    #[error("{path}: {source}")]
    File {
        /// As given.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file to apply, or the instance it is applied to.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// Definition files were looked at and found wrong; what is wrong was printed.
    #[error("{0} of the definition files are wrong. Correct what is printed above.")]
    Definitions(usize),
    /// A chain of the audit is not as it was sealed; what is wrong was printed.
    #[error("the audit was changed after it was written")]
    Audit,
    /// The file of an import cannot be read on.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// An export broke off.
    #[error(transparent)]
    Leave(#[from] LeaveError),
    /// Rows of an import are wrong; what is wrong was printed.
    #[error(
        "{0} rows are wrong, and stayed out. Correct what is printed above and import the file again: what is in already is known again."
    )]
    Rows(u64),
    /// The application that connections are moved from or to.
    #[error("{0}")]
    Application(String),
    /// Tokens would be written to a screen.
    #[error(
        "the sealed connections go to standard output, which is a terminal. Write them to a file: grantport leave --to {to} > connections.age"
    )]
    Terminal {
        /// The key that was given.
        to: String,
    },
    /// What a member command was given. Says which field and what to do.
    #[error("{0}")]
    Member(String),
}
