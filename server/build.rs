//! Puts the assets and the provider definitions into the binary.
//!
//! Each file of `catalog` becomes a line of the static `BUILT_IN` in `catalog.rs` of the output
//! directory, which `src/catalog/mod.rs` includes: a new definition is a new file and nothing else.
//!
//! `SITE_DIR` names the directory that `cargo xtask assets` wrote; `make` sets it. Without the
//! variable nothing is embedded, so that checks and tests need no wasm. The result is the static
//! `EMBEDDED` in `assets.rs` of the output directory, which `src/http/assets.rs` includes.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    // Compiled in by name: cargo would not notice a file that is new.
    println!("cargo::rerun-if-changed=../migrations");
    println!("cargo::rerun-if-changed=catalog");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=SITE_DIR");

    let embedded = match env::var_os("SITE_DIR").filter(|set| !set.is_empty()) {
        Some(site) => site_at(Path::new(&site))?,
        None => "None".to_owned(),
    };
    let generated = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(
        generated.join("assets.rs"),
        format!("static EMBEDDED: Option<Site> = {embedded};\n"),
    )?;
    fs::write(
        generated.join("catalog.rs"),
        definitions(Path::new("catalog"))?,
    )?;
    Ok(())
}

/// The static that embeds every definition file of the directory, by name.
fn definitions(directory: &Path) -> Result<String, Box<dyn Error>> {
    let mut files: Vec<PathBuf> = fs::read_dir(fs::canonicalize(directory)?)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<_, _>>()?;
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "toml")
    });
    files.sort();
    let mut lines = String::new();
    for path in &files {
        let name = path.file_name().and_then(|name| name.to_str());
        let (name, path) = name
            .zip(path.to_str())
            .ok_or("the paths of catalog files must be valid UTF-8")?;
        writeln!(lines, "    ({name:?}, include_str!({path:?})),")?;
    }
    Ok(format!(
        "static BUILT_IN: &[(&str, &str)] = &[\n{lines}];\n"
    ))
}

/// The expression that embeds the directory: each file for which there is a compressed one.
fn site_at(site: &Path) -> Result<String, Box<dyn Error>> {
    println!("cargo::rerun-if-changed={}", site.display());
    let hash = fs::read_to_string(site.join("hash")).map_err(|error| {
        format!(
            "SITE_DIR is {}, where no assets are ({error}): run `make assets`, or unset SITE_DIR",
            site.display()
        )
    })?;
    let directory = site.to_str().ok_or("SITE_DIR must be valid UTF-8")?;
    let mut files = String::new();
    for name in names(site)? {
        let plain = format!("{directory}/{name}");
        let brotli = format!("{plain}.br");
        write!(
            files,
            "File {{ name: {name:?}, plain: include_bytes!({plain:?}), brotli: include_bytes!({brotli:?}) }}, "
        )?;
    }
    Ok(format!(
        "Some(Site {{ hash: {hash:?}, files: &[{files}] }})"
    ))
}

fn names(site: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(site)? {
        let name = entry?.file_name();
        names.extend(
            name.to_str()
                .and_then(|name| name.strip_suffix(".br"))
                .map(str::to_owned),
        );
    }
    names.sort();
    Ok(names)
}
