//! The scripts of the connect flow, which are written by hand and served as they are.
//!
//! The server has them compiled in and serves them at addresses of their own; from here it takes
//! their compressed form.

use anyhow::Context as _;
use std::fs;
use std::path::Path;

/// Their names, below `frontend/connect`.
const NAMES: [&str; 3] = ["connect.js", "connect.d.ts", "connect-outcome.js"];

/// Each with its content.
pub(super) fn all(root: &Path) -> anyhow::Result<Vec<(&'static str, Vec<u8>)>> {
    NAMES
        .into_iter()
        .map(|name| {
            let path = root.join("frontend/connect").join(name);
            let content = fs::read(&path).with_context(|| path.display().to_string())?;
            Ok((name, content))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::site::File;

    #[test]
    fn an_application_loads_less_than_4_kib() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        for (name, content) in all(&root).unwrap() {
            let sent = File::new(name, content).unwrap().compressed_len();

            assert!(
                sent < 4096,
                "{name}: {sent} bytes compressed; the limit is 4096"
            );
        }
    }
}
