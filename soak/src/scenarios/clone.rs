//! A copy of a database comes to life beside its original (R103), at a provider that ends the whole
//! grant when a refresh token comes back that was replaced.
//!
//! The copy cannot know what the original refreshed since. So it refreshes nothing, however due it
//! is, until an operator says that the original is off; then it goes on, and what the original had
//! refreshed meanwhile is lost, and said to be.

use super::{BOTH, answers};
use crate::authority::Mode;
use crate::backend::{Backend, Connected, Got, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Instance, Kind, Plan, Process, Until};
use crate::report::Report;
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// Of each kind: valid for long; due, and renewed by the original after the copy was made; due, and
/// not renewed since.
const CONNECTIONS: usize = 10;
/// Nodes notice a confirmation within five seconds.
const NOTICED: Duration = Duration::from_secs(6);
const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) async fn clone(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("clone");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    for kind in BOTH {
        beside_its_original(settings, &mut report, kind, &kept).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

async fn beside_its_original(
    settings: &Settings,
    report: &mut Report,
    kind: Kind,
    kept: &Kept,
) -> anyhow::Result<()> {
    let part = kind.word();
    let plan = Plan {
        refresh: r#"reuse = "ends_grant""#,
        ..Plan::on(super::below(kind, kept))
    };
    let mut bench = Bench::new(settings, &plan).await?;
    bench.behave(|manners| {
        manners.mode = Mode::RevokesFamily;
        manners.first_lifetime_s = 3600;
    });
    let original = bench.instance.start(0).await?;
    let valid = bench.connect(report, CONNECTIONS).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let renewed = bench.connect(report, CONNECTIONS).await?;
    let untouched = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    report.progress(format_args!(
        "{part}: a copy is made, and the original goes on"
    ));
    let mut copy = bench.instance.copy(kept).await?;
    copy.look_ahead();
    bench.backend.settle_all(0, &renewed, PATIENCE).await;
    let before = bench.authority.book().presentations();
    let process = copy.start_with(0, &[], Until::Alive).await?;
    let visitor = Backend::new(&copy.key, &copy.urls())?;
    let span = Duration::from_secs(if settings.quick { 5 } else { 20 });
    let until = Instant::now() + span;
    let (mut served, mut refused) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        served.extend(visitor.tokens(0, &valid).await);
        refused.extend(visitor.tokens(0, &renewed).await);
        refused.extend(visitor.tokens(0, &untouched).await);
        served.extend(bench.backend.tokens(0, &renewed).await);
        sleep(Duration::from_millis(500)).await;
    }
    let by_the_copy = bench.authority.book().presentations() - before;
    Bench::end(vec![original]).await?;
    report.exactly(format!("{part}: refreshes by the copy"), by_the_copy, 0);
    let name = format!("{part}: valid tokens served, by both");
    report.exactly(name, super::served(settings, &served), served.len());
    report.told(
        format!("{part}: others hear from the copy"),
        answers(&refused),
    );
    let count = refused.iter().filter(|one| says_quarantined(one)).count();
    let name = format!("{part}: of them 503 quarantined");
    report.exactly(name, count, refused.len());
    let tally = bench
        .check(report, &format!("{part}, the original"), Counts::Exact)
        .await?;
    let all = bench.connections.len();
    let name = format!("{part}: healthy connections of the original");
    report.exactly(name, tally.healthy, all);

    report.progress(format_args!(
        "{part}: the original is off, the copy is confirmed"
    ));
    let process = confirmed(&copy, kind, process).await?;
    let after = visitor.settle_all(0, &bench.connections, PATIENCE).await;
    Bench::end(vec![process]).await?;
    judge(report, part, &bench, &copy, (&after, &renewed)).await?;
    if settings.keep {
        report.note(format!("{part}, the copy: {}", copy.keep().display()));
    }
    bench.done(report, part);
    Ok(())
}

/// Says to the copy that it is the only one. With SQLite the server has to be stopped for that.
async fn confirmed(copy: &Instance, kind: Kind, process: Process) -> anyhow::Result<Process> {
    if kind == Kind::Postgres {
        copy.run(&["restore", "confirm"])?;
        sleep(NOTICED).await;
        return Ok(process);
    }
    Bench::end(vec![process]).await?;
    copy.run(&["restore", "confirm"])?;
    copy.start(0).await
}

/// What became of the copy's connections.
async fn judge(
    report: &mut Report,
    part: &str,
    bench: &Bench,
    copy: &Instance,
    (after, renewed): (&[Receipt], &[Connected]),
) -> anyhow::Result<()> {
    let rows = copy.database.read().await?;
    let tally = bench.tally(&rows);
    let lost = renewed.len();
    report.told(
        format!("{part}: callers of the copy got then"),
        answers(after),
    );
    let stale = renewed
        .iter()
        .filter_map(|one| rows.get(&one.id)?.broken_reason.as_deref())
        .filter(|reason| *reason == "stale_after_restore");
    let name = format!("{part}: renewed elsewhere, flagged stale_after_restore");
    report.exactly(name, stale.count(), lost);
    let name = format!("{part}: healthy connections of the copy");
    report.exactly(name, tally.healthy, bench.connections.len() - lost);
    report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
    Ok(())
}

fn says_quarantined(receipt: &Receipt) -> bool {
    matches!(&receipt.got, Got::Problem { status: 503, code, .. } if code == "quarantined")
}
