//! Running other programs.

use anyhow::Context as _;
use std::process::{Command, ExitStatus};

/// Runs `command` with our own input and output.
pub fn run(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("{} cannot be started", named(command)))
}

/// Runs `command` and fails when it does.
pub fn must(command: &mut Command) -> anyhow::Result<()> {
    let status = run(command)?;
    anyhow::ensure!(status.success(), "{} failed: {status}", named(command));
    Ok(())
}

/// What `command` prints, when it succeeds.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("{} cannot be started", named(command)))?;
    anyhow::ensure!(
        output.status.success(),
        "{} failed: {}",
        named(command),
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

fn named(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
