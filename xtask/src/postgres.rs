//! A PostgreSQL of its own for one command.

use crate::process;
use cluster::Kept;
use std::process::ExitCode;

/// The variable that names the database to the tests.
const URL: &str = "TEST_DATABASE_URL";

/// The keeper's name on the command line.
pub(crate) const KEEP: &str = "keep-postgres";

/// Runs `command` with a database server beside it. A server that `TEST_DATABASE_URL` already
/// names is used as it is.
pub(crate) fn run_beside(command: &[&str]) -> anyhow::Result<ExitCode> {
    if std::env::var_os(URL).is_some() {
        println!("PostgreSQL: using the one that {URL} names");
        return Ok(process::code_of(process::run(&mut process::spelled(
            command,
        ))?));
    }
    let kept = Kept::begin(KEEP)?;
    let status = process::run(process::spelled(command).env(URL, kept.url()));
    kept.end()?;
    Ok(process::code_of(status?))
}
