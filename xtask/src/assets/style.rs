//! The stylesheet: the numbered parts of `style/`, joined in the order of their names.
//!
//! Every part opens the cascade layer it belongs to, so the order between layers is fixed by the
//! first part and the order within one by the numbers. `main.css` lists the same parts for
//! `cargo leptos watch`; it is not a part.

use anyhow::Context as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The whole stylesheet.
pub(super) fn joined(directory: &Path) -> anyhow::Result<String> {
    let parts: Vec<String> = parts(directory)?
        .iter()
        .map(|part| fs::read_to_string(part).with_context(|| part.display().to_string()))
        .collect::<Result<_, _>>()?;
    Ok(parts.join("\n"))
}

/// `NN-name.css`, in order.
fn parts(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut parts: Vec<PathBuf> = fs::read_dir(directory)
        .with_context(|| directory.display().to_string())?
        .map(|entry| Ok(entry?.path()))
        .collect::<std::io::Result<_>>()?;
    parts.retain(|path| is_part(path));
    parts.sort();
    Ok(parts)
}

fn is_part(path: &Path) -> bool {
    let name = path.file_name().and_then(|name| name.to_str());
    path.extension().is_some_and(|extension| extension == "css")
        && name.is_some_and(|name| name.starts_with(|first: char| first.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn style() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../style")
    }

    #[test]
    fn the_stylesheet_stays_small_enough_for_one_request() {
        let bytes = joined(&style()).unwrap().len();

        assert!(bytes < 40_000, "{bytes} bytes of CSS; the limit is 40,000");
    }

    #[test]
    fn the_order_of_the_layers_comes_first() {
        let stylesheet = joined(&style()).unwrap();
        let first_rule = stylesheet.lines().find(|line| line.starts_with('@'));

        assert_eq!(
            first_rule,
            Some("@layer tokens, base, layout, components, pages;")
        );
    }

    #[test]
    fn contributors_who_watch_see_every_part_in_the_same_order() {
        let main = fs::read_to_string(style().join("main.css")).unwrap();
        let imported: Vec<&str> = main
            .lines()
            .filter_map(|line| line.strip_prefix("@import \"")?.strip_suffix("\";"))
            .collect();
        let parts = parts(&style()).unwrap();
        let names: Vec<&str> = parts
            .iter()
            .filter_map(|part| part.file_name()?.to_str())
            .collect();

        assert_eq!(imported, names);
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let stylesheet = joined(&style()).unwrap();

        assert!(!stylesheet.contains("url("));
        assert!(!stylesheet.contains("@import"));
    }
}
