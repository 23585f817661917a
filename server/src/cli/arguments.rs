//! What can be written on the command line.

use crate::moving::Format;
use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// A self-hosted vault for OAuth connections, with a developer portal in front.
#[derive(Parser)]
#[command(name = "grantport", version, about, long_about = None)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Serve the portal, the connect flow and the API (the default).
    Serve,
    /// Bring the database up to date and end.
    Migrate,
    /// Make the instance match a file, and say what was changed.
    Apply {
        /// The TOML file. `${NAME}` in it takes a value from the environment.
        file: PathBuf,
        /// Say what would be changed, and change nothing. Ends with 0 where the instance matches the
        /// file, and with 2 where it does not.
        #[arg(long)]
        dry_run: bool,
    },
    /// Write the instance as a file that `apply` reads: settings, and no secret.
    Export {
        /// The directory in which the file will stand: logos are written into it.
        #[arg(long, value_name = "DIRECTORY")]
        logos: Option<PathBuf>,
    },
    /// Bring connections in, with tokens that they have already.
    Import(Import),
    /// Take all connections away with their tokens, sealed to a public key of yours.
    Leave(Leave),
    /// Look at the key-encryption keys, or change them.
    Keys {
        #[command(subcommand)]
        command: Keys,
    },
    /// Say that a restored or copied database may refresh tokens, or that it may not.
    Restore {
        #[command(subcommand)]
        command: Restore,
    },
    /// Look at the audit.
    Audit {
        #[command(subcommand)]
        command: Audit,
    },
    /// Print the OpenAPI document of the HTTP API, as it stands in `docs/openapi.json`.
    Openapi,
    /// Look at provider definitions.
    Catalog {
        #[command(subcommand)]
        command: Definitions,
    },
    /// Add a person who may sign in.
    Member {
        #[command(subcommand)]
        command: Members,
    },
}

#[derive(Subcommand)]
pub(super) enum Keys {
    /// Show which keys are in use.
    Status,
    /// Wrap every data key under the first key-encryption key.
    Rotate,
}

#[derive(Subcommand)]
pub(super) enum Restore {
    /// Show whether the database is in quarantine, why, and what to do.
    Status,
    /// Put it in quarantine: before a copy is started, or before one is made.
    Begin,
    /// Lift the quarantine: the original is off for good, and this one takes over.
    Confirm,
}

#[derive(Subcommand)]
pub(super) enum Audit {
    /// Check that every row is as it was sealed; name the first one that is not, and fail.
    Verify {
        /// Files of exported heads, from every node there was. Default: this machine's own.
        #[arg(long)]
        heads: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
pub(super) enum Definitions {
    /// List all definitions: id, how sure they are, and name.
    List,
    /// Say what is wrong with definition files, with line and fix.
    Check {
        /// The files, named after the ids in them.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the JSON Schema of definition files, for editors.
    Schema,
}

#[derive(Subcommand)]
pub(super) enum Members {
    /// Add a member to the organization.
    Create {
        /// E-mail to sign in with.
        #[arg(long)]
        email: String,
        /// Name that others see.
        #[arg(long)]
        name: String,
        /// owner, admin, developer, support or auditor.
        #[arg(long)]
        role: String,
        /// Read the password from standard input even if that is a terminal.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Take the second factor of a member away who lost it: their password alone signs them in then.
    ResetSecondFactor {
        /// E-mail of the member.
        email: String,
    },
}

/// `grantport import`.
#[derive(clap::Args)]
pub(super) struct Import {
    /// JSON lines, a JSON list, or `{"connections": [..]}`; `-` is standard input. A file that is sealed
    /// with age is opened while it is read.
    pub(super) file: PathBuf,
    /// In whose words the file is written.
    #[arg(long, value_enum, default_value = "grantport")]
    pub(super) format: Format,
    /// The application that they become connections of. Not needed where there is one, or where the
    /// rows name theirs.
    #[arg(long, value_name = "SLUG")]
    pub(super) application: Option<String>,
    /// With --format nango: which provider stands for one of theirs. May be repeated.
    #[arg(long = "map", value_name = "KEY=SLUG", value_parser = name)]
    pub(super) names: Vec<(String, String)>,
    /// The file with the age identity that a sealed file is opened with.
    #[arg(long, value_name = "FILE")]
    pub(super) identity: Option<PathBuf>,
    /// Connections that are there get the tokens that come, if they are others than they came with.
    #[arg(long)]
    pub(super) replace: bool,
    /// Check everything, and keep nothing.
    #[arg(long)]
    pub(super) dry_run: bool,
}

fn name(text: &str) -> Result<(String, String), String> {
    let (theirs, ours) = text
        .split_once('=')
        .ok_or("it is written as KEY=SLUG, e.g. github-prod=github")?;
    Ok((theirs.to_owned(), ours.to_owned()))
}

/// `grantport leave`.
#[derive(clap::Args)]
pub(super) struct Leave {
    /// A public key of age's (age1..). May be repeated: each of its holders can open the file.
    #[arg(long, value_name = "AGE1..", required = true)]
    pub(super) to: Vec<String>,
    /// The application whose connections leave. Left out: those of all.
    #[arg(long, value_name = "SLUG")]
    pub(super) application: Option<String>,
    /// Write text instead of bytes.
    #[arg(long)]
    pub(super) armor: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_well_formed() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }
}
