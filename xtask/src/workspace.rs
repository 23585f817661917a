//! Where the repository is, and where its builds go.

use anyhow::Context as _;
use std::path::{Path, PathBuf};

/// The repository around the current directory.
pub(crate) fn root() -> anyhow::Result<PathBuf> {
    let here = std::env::current_dir()?;
    here.ancestors()
        .find(|directory| directory.join("xtask/Cargo.toml").is_file())
        .map(Path::to_path_buf)
        .context("Run this inside a clone of the repository.")
}

/// Cargo's target directory: the variable when it is set, else `target` in the repository.
pub(crate) fn target_dir(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |set| root.join(set))
}
