//! `grantport catalog`: definitions are listed and checked. Needs neither settings nor a database.

use super::Failure;
use super::arguments::Definitions;
use crate::catalog::{self, Catalog};
use crate::config::Config;
use crate::state::SetupError;
use app::wire::Trust;
use std::path::PathBuf;

pub(super) fn run(command: Definitions) -> Result<(), Failure> {
    match command {
        Definitions::List => list_definitions(),
        Definitions::Schema => {
            print!("{}", catalog::schema());
            Ok(())
        }
        Definitions::Check { files } => check_definitions(&files),
    }
}

fn list_definitions() -> Result<(), Failure> {
    let config = Config::read(|name| std::env::var(name).ok())?;
    let catalog = Catalog::load(config.catalog_dir.as_deref()).map_err(SetupError::from)?;
    for problem in catalog.problems() {
        eprintln!("left out: {problem}");
    }
    for definition in catalog.by_name() {
        let trust = match definition.trust.level {
            Trust::Documented => "documented",
            Trust::ContractTested => "contract-tested",
            Trust::SeenLive => "seen live",
        };
        println!("{:<24}{trust:<18}{}", definition.id, definition.name);
    }
    Ok(())
}

fn check_definitions(files: &[PathBuf]) -> Result<(), Failure> {
    let mut wrong = 0;
    for file in files {
        let problems = catalog::check(file);
        for problem in &problems {
            println!("{problem}");
        }
        if problems.is_empty() {
            println!("{}: right", file.display());
        } else {
            wrong += 1;
        }
    }
    match wrong {
        0 => Ok(()),
        wrong => Err(Failure::Definitions(wrong)),
    }
}
