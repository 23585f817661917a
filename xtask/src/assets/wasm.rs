//! From the `frontend` crate to a module and its glue.

use crate::process;
use anyhow::{Context as _, ensure};
use std::path::Path;
use std::process::Command;
use wasm_bindgen_cli_support::Bindgen;

/// Compiles `frontend`. Cargo itself sees whether there is anything to do.
pub(super) fn compile(root: &Path, target: &Path) -> anyhow::Result<Vec<u8>> {
    process::must(
        Command::new("cargo")
            .current_dir(root)
            .args(["build", "--locked", "--package", "frontend", "--lib"])
            .args(["--target", "wasm32-unknown-unknown"])
            .args(["--profile", "wasm-release"])
            .arg("--target-dir")
            .arg(target),
    )
    .context("The wasm was not built; what the compiler says above is where to begin.")?;
    let module = target.join("wasm32-unknown-unknown/wasm-release/frontend.wasm");
    std::fs::read(&module).with_context(|| module.display().to_string())
}

/// A module as browsers load it.
pub(super) struct Bound {
    /// The wasm.
    pub(super) wasm: Vec<u8>,
    /// The script that fetches and starts it.
    pub(super) glue: String,
}

/// Lets wasm-bindgen write the glue.
pub(super) fn bind(module: &[u8]) -> anyhow::Result<Bound> {
    let mut output = Bindgen::new()
        .input_bytes("app", module.to_vec())
        .web(true)?
        .typescript(false)
        .omit_default_module_path(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate_output()?;
    ensure!(
        output.snippets().values().all(Vec::is_empty) && output.local_modules().is_empty(),
        "A crate in the wasm brings script files of its own, and only app.js is served. \
         Take that crate out of `app`, or teach `xtask` and the server to serve more files."
    );
    Ok(Bound {
        glue: output.js().to_owned(),
        wasm: output.wasm_mut().emit_wasm(),
    })
}

/// What the module may use, which is what every current browser knows. `--all-features` would let
/// binaryen write encodings that browsers refuse.
const FEATURES: [&str; 6] = [
    "--enable-bulk-memory",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// Binaryen's `wasm-opt`, which saves about 3 % of what is sent. It is used when it is there.
pub(super) struct Optimiser(Option<String>);

impl Optimiser {
    /// The one on PATH, if any.
    pub(super) fn installed() -> Self {
        let answer = Command::new("wasm-opt").arg("--version").output();
        let version = answer.ok().filter(|answer| answer.status.success());
        Self(version.map(|answer| String::from_utf8_lossy(&answer.stdout).trim().to_owned()))
    }

    /// Its version, or nothing when there is none.
    pub(super) fn version(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }

    /// A smaller module, or the same one when there is no optimiser.
    pub(super) fn optimise(&self, wasm: Vec<u8>, target: &Path) -> anyhow::Result<Vec<u8>> {
        let Some(version) = &self.0 else {
            println!("Assets: no wasm-opt on PATH, which is fine: it would save about 3 %");
            return Ok(wasm);
        };
        println!("Assets: optimising with {version}");
        let (before, after) = (
            target.join("before-opt.wasm"),
            target.join("after-opt.wasm"),
        );
        std::fs::write(&before, wasm)?;
        process::must(
            Command::new("wasm-opt")
                .args(["-Oz", "-o"])
                .args([&after, &before])
                .args(FEATURES),
        )?;
        Ok(std::fs::read(after)?)
    }
}
