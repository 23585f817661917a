//! All scenarios, each in a process of its own, so that one that fails stops no other.
//!
//! Most of their time is waiting: for leases, deadlines and pauses. So the short forms are played
//! several at a time, and those that judge how long something takes come afterwards, one by one. The
//! long forms are all played one by one.

use crate::{Scenario, Settings};
use anyhow::Context as _;
use cluster::process::dying_with_us;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdout, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Played side by side in the short form.
const LANES: [&[Scenario]; 3] = [
    &[Scenario::Kill, Scenario::Pause],
    &[Scenario::Outage, Scenario::Clone, Scenario::Disk],
    &[
        Scenario::Faults,
        Scenario::Breaker,
        Scenario::Clock,
        Scenario::Deploy,
    ],
];
/// Played alone.
const ALONE: [Scenario; 5] = [
    Scenario::Page,
    Scenario::Find,
    Scenario::Herd,
    Scenario::Ahead,
    Scenario::Crowd,
];

/// How one of them ended.
struct Ended {
    name: String,
    kept: bool,
    took: Duration,
}

/// Plays them all. `true`: every promise was kept.
pub(crate) async fn all(settings: &Settings) -> anyhow::Result<bool> {
    let mut ended = Vec::new();
    if settings.quick {
        let [one, two, three] = LANES;
        let (one, two, three) = tokio::join!(
            lane(settings, one),
            lane(settings, two),
            lane(settings, three)
        );
        ended.extend([one?, two?, three?].into_iter().flatten());
    } else {
        for scenarios in LANES {
            ended.extend(lane(settings, scenarios).await?);
        }
    }
    ended.extend(lane(settings, &ALONE).await?);
    println!("\n== all of them");
    for Ended { name, kept, took } in &ended {
        let mark = if *kept { "  " } else { "! " };
        let verdict = if *kept { "kept" } else { "broken" };
        println!("{mark}{name:8} {verdict}, {:.0} s", took.as_secs_f32());
    }
    Ok(ended.iter().all(|one| one.kept))
}

/// One after the other.
async fn lane(settings: &Settings, scenarios: &[Scenario]) -> anyhow::Result<Vec<Ended>> {
    let mut ended = Vec::new();
    for scenario in scenarios {
        ended.push(alone(settings, *scenario).await?);
    }
    Ok(ended)
}

async fn alone(settings: &Settings, scenario: Scenario) -> anyhow::Result<Ended> {
    let name = scenario.word();
    let began = Instant::now();
    let mut command = dying_with_us(settings.again(&name)?)?;
    let mut child = command
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| format!("{name} cannot be started"))?;
    let output = child.stdout.take().context("it has no output")?;
    let telling = tell(name.clone(), output);
    let kept = wait(&mut child).await?;
    // what it said stands together
    let lines = telling.join().unwrap_or_default();
    let mut out = std::io::stdout().lock();
    writeln!(out, "{}", lines.join("\n"))?;
    Ok(Ended {
        name,
        kept,
        took: began.elapsed(),
    })
}

/// Passes progress on as it comes, and gathers the report.
fn tell(name: String, output: ChildStdout) -> JoinHandle<Vec<String>> {
    std::thread::spawn(move || {
        let mut report = Vec::new();
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            if line.starts_with('[') {
                crate::report::progress(&format!("{name:8} {line}"));
            } else {
                report.push(line);
            }
        }
        report
    })
}

async fn wait(child: &mut Child) -> anyhow::Result<bool> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.success());
        }
        sleep(Duration::from_millis(50)).await;
    }
}

impl Scenario {
    /// As on the command line.
    fn word(self) -> String {
        let mut word = format!("{self:?}");
        word.make_ascii_lowercase();
        word
    }
}
