//! `grantport apply` and `grantport export`: the instance as a file.

use super::Failure;
use super::open::open;
use crate::apply::{Document, Mode, apply};
use crate::config::Config;
use crate::state::upstreams;
use std::path::Path;
use std::process::ExitCode;

/// What a plan ends with that has something to do, as others do it: 1 is a failure.
const CHANGES: u8 = 2;

pub(super) async fn run(file: &Path, dry_run: bool, config: &Config) -> Result<ExitCode, Failure> {
    let document = read_document(file)?;
    let (store, _lock) = open(config).await?;
    let upstreams = upstreams(config, &store)?;
    let mode = if dry_run { Mode::Plan } else { Mode::Apply };
    let applied = apply(&store, &upstreams, document, mode, &mut std::io::stdout()).await;
    store.close().await;
    Ok(match applied? {
        summary if dry_run && summary.changes > 0 => ExitCode::from(CHANGES),
        _ => ExitCode::SUCCESS,
    })
}

fn read_document(file: &Path) -> Result<Document, Failure> {
    let text = std::fs::read_to_string(file).map_err(|source| Failure::File {
        path: file.to_owned(),
        source,
    })?;
    let directory = file.parent().unwrap_or(Path::new(""));
    let document = Document::read(&text, directory, |name| std::env::var(name).ok());
    document.map_err(|error| Failure::Apply(error.into()))
}

/// Writes the file to standard output, and logos into the directory where it will stand.
pub(super) async fn export(logos: Option<&Path>, config: &Config) -> Result<(), Failure> {
    let (store, _lock) = open(config).await?;
    let upstreams = upstreams(config, &store)?;
    let exported = crate::apply::export(&store, &upstreams, logos.is_some()).await;
    store.close().await;
    let Some(exported) = exported? else {
        return Err(Failure::Application(
            "There is nothing to export: no organization was set up yet.".to_owned(),
        ));
    };
    if let Some(directory) = logos {
        exported
            .write_logos(directory)
            .map_err(|source| Failure::File {
                path: directory.to_owned(),
                source,
            })?;
    }
    print!("{}", exported.text);
    Ok(())
}
