//! Every definition of the catalog: what it sends, byte for byte, and what it makes of its
//! provider's answers.
//!
//! `tests/golden/{id}.txt` holds the authorize URL and the requests for a code, a refresh, the
//! account and a revocation, as they leave the server for sample values. `UPDATE_GOLDEN=1` writes
//! the files anew; what changed in them is then to be read against the provider's documentation.
//!
//! `tests/golden/{id}.toml` holds answers as the provider documents them, errors included, and what
//! has to come of each.

mod answers;
mod stage;

use answers::Answers;
use server::catalog::{Catalog, Definition};
use stage::Stage;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;

/// All but the practice provider, which is a server of ours and has tests of its own.
fn definitions() -> Vec<Arc<Definition>> {
    let catalog = Catalog::built_in().expect("the built-in definitions");
    catalog.with_practice_at(None).by_name()
}

fn file(id: &str, ending: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(format!("{id}.{ending}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_definition_sends_what_it_should() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut differing = String::new();
    for definition in definitions() {
        let id = definition.id.clone();
        let sent = Stage::open(definition).everything_sent().await;
        let path = file(&id, "txt");
        if update {
            std::fs::write(&path, &sent).expect("written");
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if sent != expected {
            let _ = write!(
                differing,
                "\n--- {id} should send\n{expected}\n--- and sends\n{sent}"
            );
        }
    }
    assert!(
        differing.is_empty(),
        "UPDATE_GOLDEN=1 cargo test --package server --test it golden writes the files anew.{differing}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_definition_understands_its_providers_answers() {
    let mut wrong = String::new();
    for definition in definitions() {
        let id = definition.id.clone();
        let Some(answers) = Answers::read(&file(&id, "toml")) else {
            let _ = write!(wrong, "\n{id}: there is no tests/golden/{id}.toml");
            continue;
        };
        for mistake in answers.play(&Arc::clone(&definition)).await {
            let _ = write!(wrong, "\n{id}: {mistake}");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
