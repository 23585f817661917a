//! A disk that is full (R101), under SQLite.
//!
//! While it is full, nothing can be promised to a provider, so nobody asks one; what is valid is
//! served all the same. Tokens that arrive when it has just become full have nowhere to go, and must
//! not be forgotten. Nothing has to be restarted when there is room again.
//!
//! The disk is a small one of our own. Mounting it takes root or a namespace, so the scenario is
//! played by this program once more, in a namespace whose end is the disk's end.

use super::{answers, limit, says_unavailable, tokens};
use crate::Settings;
use crate::authority::Mode;
use crate::backend::Receipt;
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Below, Plan, SmallDisk};
use crate::report::{Report, ms};
use anyhow::Context as _;
use cluster::process::{dying_with_us, run};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const CONNECTIONS: usize = 10;
const MEBIBYTES: u32 = 64;
const LONGEST_ANSWER: Duration = Duration::from_secs(3);
const LONGEST_RECOVERY: Duration = Duration::from_secs(5);
/// Shorter than the time for which the server tries to store what has arrived.
const SHORT: Duration = Duration::from_secs(3);
/// Longer than that.
const LONG: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(30);
/// The ways to come to a namespace for mounts: as anybody, and as root where others may not.
const NAMESPACES: [&[&str]; 2] = [&["--map-root-user", "--mount"], &["--mount"]];

/// Plays [`disk_within`] where it may mount.
pub(crate) fn disk(settings: &Settings) -> anyhow::Result<bool> {
    let Some(namespace) = NAMESPACES.iter().find(|namespace| may_mount(namespace)) else {
        return Ok(Report::new("disk").skipped(
            "no disk can be mounted: we are not root, and user namespaces are closed to us",
        ));
    };
    let inner = dying_with_us(settings.again("disk-within")?)?;
    let status = run(Command::new("unshare")
        .args(*namespace)
        .arg(inner.get_program())
        .args(inner.get_args()))?;
    match status.code() {
        Some(0) => Ok(true),
        Some(1) => Ok(false),
        _ => anyhow::bail!("the scenario did not come to its end: {status}"),
    }
}

fn may_mount(namespace: &[&str]) -> bool {
    Command::new("unshare")
        .args(namespace)
        .args(["mount", "-t", "tmpfs", "soak", "/mnt"])
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The scenario itself.
pub(crate) async fn disk_within(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("disk");
    idle(settings, &mut report).await?;
    in_flight(settings, &mut report, SHORT).await?;
    if settings.quick {
        report.note("A disk that stays full for longer than the server tries to store what has arrived is left out in the short form.");
    } else {
        in_flight(settings, &mut report, LONG).await?;
    }
    Ok(report.verdict())
}

/// It is full when somebody asks.
async fn idle(settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
    let part = "full when asked";
    let mut bench = Bench::new(settings, &Plan::on(Below::SmallDisk(MEBIBYTES))).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.first_lifetime_s = 3600;
    });
    let process = bench.instance.start(0).await?;
    let valid = bench.connect(report, CONNECTIONS).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let due = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;
    // a log that is new holds no room from before
    Bench::end(vec![process]).await?;
    let process = bench.instance.start(0).await?;

    filled(&bench)?;
    let span = Duration::from_secs(if settings.quick { 6 } else { 30 });
    let until = Instant::now() + span;
    let (mut refused, mut served) = (Vec::new(), Vec::new());
    report.progress(format_args!("{part}: for {} s", span.as_secs()));
    while Instant::now() < until {
        refused.extend(bench.backend.tokens(0, &due).await);
        served.extend(bench.backend.tokens(0, &valid).await);
        sleep(Duration::from_millis(500)).await;
    }
    let alive = bench.backend.status(0, "healthz").await?;
    let ready = bench.backend.status(0, "readyz").await?;
    let presented = bench.authority.book().presentations();
    disk_of(&bench)?.free()?;
    let began = Instant::now();
    let recovered = bench.backend.settle_all(0, &due, PATIENCE).await;
    let back = began.elapsed();
    Bench::end(vec![process]).await?;

    report.told(format!("{part}: callers got"), answers(&refused));
    let count = refused.iter().filter(|one| says_unavailable(one)).count();
    report.exactly(format!("{part}: of them 503"), count, refused.len());
    let valid_served = tokens(&served);
    let name = format!("{part}: valid tokens served");
    report.exactly(name, valid_served, served.len());
    let all = refused.iter().chain(&served);
    let slowest = all.map(Receipt::took).max().unwrap_or_default();
    report.below(
        format!("{part}: slowest answer"),
        slowest,
        limit(settings, LONGEST_ANSWER),
    );
    report.exactly(format!("{part}: refresh tokens presented"), presented, 0);
    report.exactly(format!("{part}: healthz"), alive, 200);
    report.told(format!("{part}: readyz"), ready);
    let name = format!("{part}: tokens once there is room");
    report.exactly(name, tokens(&recovered), due.len());
    report.below(
        format!("{part}: all back after"),
        back,
        limit(settings, LONGEST_RECOVERY),
    );
    sound(report, part, bench).await
}

/// It becomes full while the provider thinks: the intent is stored, the successor is not yet.
async fn in_flight(settings: &Settings, report: &mut Report, span: Duration) -> anyhow::Result<()> {
    let part = &format!("full for {} s in mid-refresh", span.as_secs());
    let mut bench = Bench::new(settings, &Plan::on(Below::SmallDisk(MEBIBYTES))).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = Duration::from_secs(1);
    });
    let process = bench.instance.start(0).await?;
    let connections = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    report.progress(format_args!("{part}: the provider thinks"));
    let (backend, asked) = (bench.backend.clone(), connections.clone());
    let callers = tokio::spawn(async move { backend.tokens(0, &asked).await });
    bench.presented(CONNECTIONS).await?;
    filled(&bench)?;
    sleep(span).await;
    disk_of(&bench)?.free()?;
    report.progress(format_args!("{part}: there is room again"));
    let first = callers.await?;
    let back = bench.backend.settle_all(0, &connections, PATIENCE).await;
    Bench::end(vec![process]).await?;

    report.told(format!("{part}: callers got"), answers(&first));
    let slowest = first.iter().map(Receipt::took).max().unwrap_or_default();
    report.told(format!("{part}: after"), ms(slowest));
    let name = format!("{part}: tokens once there is room");
    report.exactly(name, tokens(&back), CONNECTIONS);
    let presented = bench.authority.book().presentations();
    let name = format!("{part}: refresh tokens presented");
    report.exactly(name, presented, CONNECTIONS);
    sound(report, part, bench).await
}

/// Nothing was lost, and the file is sound.
async fn sound(report: &mut Report, part: &str, bench: Bench) -> anyhow::Result<()> {
    let tally = bench.check(report, part, Counts::Exact).await?;
    let all = bench.connections.len();
    report.exactly(format!("{part}: healthy connections"), tally.healthy, all);
    let integrity = bench.instance.database.integrity().await?;
    report.exactly(
        format!("{part}: integrity of the file"),
        integrity.unwrap_or_default(),
        "ok".to_owned(),
    );
    bench.done(report, part);
    Ok(())
}

fn disk_of(bench: &Bench) -> anyhow::Result<&SmallDisk> {
    bench
        .instance
        .disk
        .as_ref()
        .context("the instance has no disk of its own")
}

fn filled(bench: &Bench) -> anyhow::Result<()> {
    tokio::task::block_in_place(|| disk_of(bench)?.fill())
}
