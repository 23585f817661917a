//! One stage of `make test`: what it is, how long it took, and what to do when it fails.

use crate::process;
use std::process::ExitCode;
use std::time::Instant;

/// Announces `title`, runs `command` and tells how it ended; `advice` is one sentence for the
/// reader of a failure.
pub(crate) fn run(title: &str, advice: &str, command: &[&str]) -> anyhow::Result<ExitCode> {
    println!("\n== {title}");
    let started = Instant::now();
    let status = process::run(&mut process::spelled(command))?;
    let seconds = started.elapsed().as_secs_f32();
    if status.success() {
        println!("== {title}: fine, {seconds:.1} s");
    } else {
        eprintln!("\n== {title}: failed after {seconds:.1} s. {advice}");
    }
    Ok(process::code_of(status))
}
