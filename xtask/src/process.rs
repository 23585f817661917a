//! Running what stands on our own command line.

use std::process::{Command, ExitCode, ExitStatus};

pub(crate) use cluster::process::{must, output, run};

/// The command that `words` spell: a program and its arguments. `words` is not empty.
pub(crate) fn spelled(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

/// Our own exit code after a command ended with `status`. A signal counts as failure.
pub(crate) fn code_of(status: ExitStatus) -> ExitCode {
    status
        .code()
        .and_then(|code| u8::try_from(code).ok())
        .map_or(ExitCode::FAILURE, ExitCode::from)
}
