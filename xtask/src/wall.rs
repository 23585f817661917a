//! The dependency wall: what the pages are built from cannot spell a secret.
//!
//! `app` is compiled for the server and for the browser. As long as no database, HTTP-client,
//! session or cryptography crate is below it, a page can neither hold nor send what the vault
//! keeps, whatever its author does. `frontend` is checked as well: it is what browsers receive.

use crate::{process, workspace};
use anyhow::ensure;
use std::collections::BTreeSet;
use std::process::Command;

/// Crates that stay on the server's side.
const BEHIND_THE_WALL: [&str; 16] = [
    "aes-gcm",
    "aes-kw",
    "argon2",
    "chacha20poly1305",
    "hmac",
    "libsqlite3-sys",
    "oauth2",
    "reqwest",
    "ring",
    "rustls",
    "schemars",
    "secrecy",
    "server",
    "sqlx",
    "sqlx-core",
    "tower-sessions",
];

/// What is built for the pages: a crate, and how its dependencies are asked for.
const BEFORE_THE_WALL: [(&str, &[&str]); 2] = [
    ("app", &["--all-features"]),
    ("frontend", &["--target", "wasm32-unknown-unknown"]),
];

/// Fails with the name of every crate that stands on the wrong side.
pub(crate) fn check() -> anyhow::Result<()> {
    let root = workspace::root()?;
    for (package, options) in BEFORE_THE_WALL {
        let tree = process::output(
            Command::new("cargo")
                .current_dir(&root)
                .args(["tree", "--locked", "--edges", "normal", "--prefix", "none"])
                .args(["--format", "{p}", "--package", package])
                .args(options),
        )?;
        let wrong = on_the_wrong_side(&tree);
        ensure!(
            wrong.is_empty(),
            "`{package}` reaches {wrong:?}, which must stay behind `server`. \
             `cargo tree -p {package} --all-features -i {}` shows the way; take that dependency out.",
            wrong.first().unwrap_or(&"")
        );
        println!(
            "{package}: {} crates, none from behind the wall",
            crates_in(&tree).len()
        );
    }
    Ok(())
}

fn on_the_wrong_side(tree: &str) -> Vec<&str> {
    crates_in(tree)
        .into_iter()
        .filter(|name| BEHIND_THE_WALL.contains(name))
        .collect()
}

/// The crates' names in what `cargo tree --prefix none` printed: the first word of each line.
fn crates_in(tree: &str) -> BTreeSet<&str> {
    tree.lines()
        .filter_map(|line| line.split_whitespace().next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_behind_the_wall_is_named_however_deep_it_is() {
        let tree = "app v0.1.0 (/somewhere/app)\nleptos v0.8.23\nsqlx v0.9.0\nserde v1.0.0 (*)\n";

        assert_eq!(on_the_wrong_side(tree), ["sqlx"]);
    }

    #[test]
    fn a_name_that_only_resembles_one_passes() {
        assert!(on_the_wrong_side("ringbuf v1.0.0\nhmac-free v0.1.0\n").is_empty());
    }
}
