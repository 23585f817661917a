//! One running `grantport`.

use anyhow::{Context as _, bail};
use cluster::process::dying_with_us;
use std::fs::OpenOptions;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A debug binary on a busy machine may take long.
const LONGEST_START: Duration = Duration::from_mins(1);

/// How long its start is waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Until {
    /// It wants requests.
    Ready,
    /// It answers, whether it wants requests or not.
    Alive,
}

/// What is sent to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    Kill,
    Term,
    Stop,
    Continue,
}

/// Killed and waited for when it is dropped.
pub(crate) struct Process {
    child: Child,
    /// From the start of the program to its being ready.
    pub(crate) ready_after: Duration,
}

impl Process {
    pub(super) async fn start(
        command: Command,
        log: &Path,
        url: &str,
        until: Until,
    ) -> anyhow::Result<Self> {
        let log = OpenOptions::new().create(true).append(true).open(log)?;
        let started = Instant::now();
        let mut command = dying_with_us(command)?;
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .with_context(|| {
                format!(
                    "{} cannot be started",
                    command.get_program().to_string_lossy()
                )
            })?;
        let mut process = Self {
            child,
            ready_after: Duration::ZERO,
        };
        let http = crate::backend::http()?;
        let question = match until {
            Until::Ready => format!("{url}/readyz"),
            Until::Alive => format!("{url}/healthz"),
        };
        while started.elapsed() < LONGEST_START {
            if let Some(status) = process.child.try_wait()? {
                bail!("grantport ended before it was ready: {status}");
            }
            let asked = http.get(&question).send().await;
            if asked.is_ok_and(|answer| answer.status().is_success()) {
                process.ready_after = started.elapsed();
                return Ok(process);
            }
            sleep(Duration::from_millis(20)).await;
        }
        bail!("grantport was not ready after {LONGEST_START:?}");
    }

    /// Sends a signal to this process and to no other.
    pub(crate) fn signal(&self, signal: Signal) -> anyhow::Result<()> {
        use rustix::process::{Pid, Signal as Unix, kill_process};
        let pid = Pid::from_child(&self.child);
        let signal = match signal {
            Signal::Kill => Unix::KILL,
            Signal::Term => Unix::TERM,
            Signal::Stop => Unix::STOP,
            Signal::Continue => Unix::CONT,
        };
        Ok(kill_process(pid, signal)?)
    }

    /// Waits until it has ended, at most so long.
    pub(crate) async fn ended(&mut self, longest: Duration) -> anyhow::Result<ExitStatus> {
        let give_up = Instant::now() + longest;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() >= give_up {
                bail!("grantport did not end within {longest:?}");
            }
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Processor time that it has used; `None` where the system does not tell.
    pub(crate) fn worked(&self) -> Option<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).ok()?;
        // the program's name may hold spaces, and stands in parentheses
        let (_, fields) = stat.rsplit_once(')')?;
        let times = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = times.filter_map(|field| field.parse::<u64>().ok()).sum();
        Some(Duration::from_millis(ticks * 1000 / TICKS))
    }

    /// Memory that it holds, in KiB; `None` where the system does not tell.
    pub(crate) fn resident_kib(&self) -> Option<u64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
        line.split_whitespace().nth(1)?.parse().ok()
    }
}

/// Times in `/proc` are counted so often a second, on every Linux of today.
const TICKS: u64 = 100;

impl Drop for Process {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
