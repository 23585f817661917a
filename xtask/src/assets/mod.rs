//! The files that browsers load: wasm, the glue that starts it, one stylesheet, and the scripts of
//! the connect flow.
//!
//! `frontend` is compiled to wasm, wasm-bindgen writes its glue (linked as a library, so the lock
//! file keeps both at one version), the parts of `style/` are joined, and the scripts of
//! `frontend/connect` are taken as they are. All of it is compressed once,
//! named by one hash over all of it, and written to `site` in the target directory, from where
//! `server/build.rs` embeds it. Nothing is written when nothing changed, so that cargo does not
//! rebuild the server either.

mod fingerprint;
mod script;
mod site;
mod style;
mod wasm;

use crate::workspace;
use fingerprint::Fingerprint;
use site::{File, Site};
use std::time::Instant;

/// Makes the assets and says what that took.
pub(crate) fn make() -> anyhow::Result<()> {
    let started = Instant::now();
    let root = workspace::root()?;
    let target = workspace::target_dir(&root);
    let site = Site::in_target(&target);

    println!("Assets: compiling the islands to wasm (two minutes or so when it is the first time)");
    let module = wasm::compile(&root, &target)?;
    let stylesheet = style::joined(&root.join("style"))?;
    let scripts = script::all(&root)?;
    let optimiser = wasm::Optimiser::installed();

    let recipe = scripts.iter().fold(
        Fingerprint::of_this_program()?
            .and(&module)
            .and(stylesheet.as_bytes())
            .and(optimiser.version().as_bytes()),
        |recipe, (_, script)| recipe.and(script),
    );
    if site.is_made_from(&recipe) {
        println!("Assets: nothing changed, {}", site.directory().display());
        return Ok(());
    }

    println!("Assets: writing the glue and compressing (a few seconds)");
    let bound = wasm::bind(&module)?;
    let mut files = vec![
        File::new("app.css", stylesheet.into_bytes())?,
        File::new("app.js", bound.glue.into_bytes())?,
        File::new("app.wasm", optimiser.optimise(bound.wasm, &target)?)?,
    ];
    for (name, script) in scripts {
        files.push(File::new(name, script)?);
    }
    for file in &files {
        println!("Assets: {file}");
    }
    site.write(&files, &recipe)?;
    let seconds = started.elapsed().as_secs_f32();
    println!(
        "Assets: ready in {seconds:.1} s, {}",
        site.directory().display()
    );
    Ok(())
}
