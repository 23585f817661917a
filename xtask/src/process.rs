//! Running other programs.

use anyhow::Context as _;
use std::process::{Command, ExitCode, ExitStatus};

/// The command that `words` spell: a program and its arguments. `words` is not empty.
pub(crate) fn spelled(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// Runs `command` with our own input and output.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("{} cannot be started", named(command)))
}

/// Runs `command` and fails when it does.
pub(crate) fn must(command: &mut Command) -> anyhow::Result<()> {
    let status = run(command)?;
    anyhow::ensure!(status.success(), "{} failed: {status}", named(command));
    Ok(())
}

/// What `command` prints, when it succeeds.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
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

/// Our own exit code after a command ended with `status`. A signal counts as failure.
pub(crate) fn code_of(status: ExitStatus) -> ExitCode {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

fn named(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
