//! Running other programs.

use anyhow::{Context as _, ensure};
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;

/// Runs `command` with our own input and output.
pub fn run(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("{} cannot be started", named(command)))
}

/// Runs `command` and fails when it does.
pub fn must(command: &mut Command) -> anyhow::Result<()> {
    let status = run(command)?;
    ensure!(status.success(), "{} failed: {status}", named(command));
    Ok(())
}

/// What `command` prints, when it succeeds.
pub fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .with_context(|| format!("{} cannot be started", named(command)))?;
    ensure!(
        output.status.success(),
        "{} failed: {}",
        named(command),
        output.status
    );
    Ok(String::from_utf8(output.stdout)?)
}

/// The same command, whose process is killed when this one ends, however that comes about. Where the
/// system knows no such thing (it is Linux that does), the command as it was.
///
/// The kernel takes the thread that starts a process for its parent, so it has to be one that lives
/// as long as the program: the first.
pub fn dying_with_us(command: Command) -> anyhow::Result<Command> {
    ensure!(
        std::thread::current().name() == Some("main"),
        "{} has to be started by the first thread",
        named(&command)
    );
    if !can_die_with_us() {
        return Ok(command);
    }
    let mut wrapped = Command::new(SETPRIV[0]);
    wrapped
        .args(&SETPRIV[1..])
        .arg(command.get_program())
        .args(command.get_args());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => wrapped.env(name, value),
            None => wrapped.env_remove(name),
        };
    }
    if let Some(directory) = command.get_current_dir() {
        wrapped.current_dir(directory);
    }
    Ok(wrapped)
}

/// Becomes the program that follows.
const SETPRIV: [&str; 4] = ["setpriv", "--pdeathsig", "KILL", "--"];

fn can_die_with_us() -> bool {
    static CAN: OnceLock<bool> = OnceLock::new();
    *CAN.get_or_init(|| {
        Command::new(SETPRIV[0])
            .args(&SETPRIV[1..])
            .arg("true")
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success())
    })
}

fn named(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}
