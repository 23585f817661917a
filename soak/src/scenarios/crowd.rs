//! A crowd: many connections expire at once, and their callers come one upon the other. Whoever
//! asks for a token that is still valid must not notice.
//!
//! The short form judges the median: on a busy machine, the slowest of a few hundred calls tell more
//! of the machine.

use super::{BOTH, answers, below, percentile};
use crate::authority::Mode;
use crate::backend::{Backend, Connected, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Kind, Plan};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

const VALID: usize = 20;
/// Between two calls for valid tokens.
const PACE: Duration = Duration::from_millis(25);
/// Between two calls of the crowd: ten thousand come within a minute, three hundred within twelve seconds.
const LONG_ARRIVALS: Duration = Duration::from_millis(6);
const QUICK_ARRIVALS: Duration = Duration::from_millis(40);
const BASELINE: Duration = Duration::from_secs(8);
const LATENCY: Duration = Duration::from_millis(300);

pub(crate) async fn crowd(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("crowd");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    for kind in BOTH {
        rush(settings, &mut report, kind, &kept).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

async fn rush(
    settings: &Settings,
    report: &mut Report,
    kind: Kind,
    kept: &Kept,
) -> anyhow::Result<()> {
    let (count, pause) = if settings.quick {
        (300, QUICK_ARRIVALS)
    } else {
        (10_000, LONG_ARRIVALS)
    };
    let part = format!("{count} on {}", kind.word());
    let mut bench = Bench::new(settings, &Plan::on(below(kind, kept))).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = LATENCY;
        manners.first_lifetime_s = 3600;
    });
    let process = bench.instance.start(0).await?;
    let valid = bench.connect(report, VALID).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let crowd = bench.connect(report, count).await?;
    bench.expired().await;

    report.progress(format_args!("{part}: calls for valid tokens alone"));
    let quiet = tokio::spawn(probing(bench.backend.clone(), valid.clone()));
    sleep(BASELINE).await;
    quiet.abort();
    let before = bench.backend.receipts().len();
    report.progress(format_args!("{part}: the crowd comes"));
    let worked = process.worked();
    let busy = tokio::spawn(probing(bench.backend.clone(), valid.clone()));
    let mut callers = JoinSet::new();
    let (began, mut arrivals) = (Instant::now(), interval(pause));
    for one in &crowd {
        arrivals.tick().await;
        let (backend, id) = (bench.backend.clone(), one.id.clone());
        callers.spawn(async move { backend.token(0, &id).await });
    }
    let served = callers.join_all().await;
    let lasted = began.elapsed();
    let worked = process
        .worked()
        .zip(worked)
        .map(|(after, before)| after.saturating_sub(before));
    busy.abort();
    let after = bench.backend.receipts().len();
    // whoever was asking when the probing ended is answered by now
    sleep(Duration::from_secs(1)).await;
    Bench::end(vec![process]).await?;

    let receipts = bench.backend.receipts();
    let is_valid = |receipt: &&Receipt| valid.iter().any(|one| one.id == receipt.connection);
    let times = |from: usize, to: usize| {
        let mut took: Vec<Duration> = receipts[from..to]
            .iter()
            .filter(is_valid)
            .map(Receipt::took)
            .collect();
        took.sort();
        took
    };
    let (alone, beside) = (times(0, before), times(before, after));
    let answered = served
        .iter()
        .filter(|receipt| receipt.got.is_token())
        .count();
    report.exactly(
        format!("{part}: renewed at the first call"),
        answered,
        count,
    );
    if answered < count {
        report.told(format!("{part}: they got"), answers(&served));
    }
    let presented = bench.authority.book().presentations();
    report.exactly(
        format!("{part}: refresh tokens presented"),
        presented,
        count,
    );
    report.told(format!("{part}: all renewed after"), ms(lasted));
    if let Some(worked) = worked {
        report.told(
            format!("{part}: processor time of grantport in that time"),
            ms(worked),
        );
    }
    let judged = if settings.quick { 50 } else { 95 };
    for percent in [50, 95, 99] {
        let (quiet, busy) = (percentile(&alone, percent), percentile(&beside, percent));
        let name = format!("{part}: valid tokens, {percent} % within, alone then beside the crowd");
        let value = format!("{} then {}", ms(quiet), ms(busy));
        if percent == judged {
            report.figure(name, value, "at most twice", busy <= quiet * 2);
        } else {
            report.told(name, value);
        }
    }
    let tally = bench.check(report, &part, Counts::Ignored).await?;
    report.exactly(
        format!("{part}: healthy connections"),
        tally.healthy,
        count + VALID,
    );
    bench.done(report, &part);
    Ok(())
}

/// Asks for valid tokens, one after the other, at an even pace; a slow answer delays no question.
async fn probing(backend: Backend, valid: Vec<Connected>) {
    let mut pace = interval(PACE);
    for one in valid.iter().cycle() {
        pace.tick().await;
        let (backend, id) = (backend.clone(), one.id.clone());
        tokio::spawn(async move { backend.token(0, &id).await });
    }
}
