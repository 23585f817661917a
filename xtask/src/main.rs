//! The chores of the repository that a shell would do badly; `make` calls them.
//!
//! `assets` turns wasm and styles into the files that the server embeds. `wall` proves that no
//! crate which touches secrets is within reach of the pages. `with-postgres` runs a command beside
//! a PostgreSQL of its own. `stage` runs a command, says how long it took and, when it fails, what
//! to do about it.

mod assets;
mod postgres;
mod process;
mod stage;
mod wall;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask assets
       cargo xtask wall
       cargo xtask with-postgres COMMAND...
       cargo xtask stage TITLE ADVICE COMMAND...";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    run(&arguments).unwrap_or_else(|failure| {
        eprintln!("{failure:#}");
        ExitCode::FAILURE
    })
}

fn run(arguments: &[String]) -> anyhow::Result<ExitCode> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["assets"] => assets::make().map(|()| ExitCode::SUCCESS),
        ["wall"] => wall::check().map(|()| ExitCode::SUCCESS),
        ["with-postgres", command @ ..] if !command.is_empty() => postgres::run_beside(command),
        [postgres::KEEP] => cluster::keep().map(|()| ExitCode::SUCCESS),
        ["stage", title, advice, command @ ..] if !command.is_empty() => {
            stage::run(title, advice, command)
        }
        _ => {
            eprintln!("{USAGE}");
            Ok(ExitCode::FAILURE)
        }
    }
}
