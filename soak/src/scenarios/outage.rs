//! The database stops, and comes back.

use crate::authority::Mode;
use crate::backend::{Got, Receipt, http};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::report::Report;
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::task::block_in_place;
use tokio::time::sleep;

const CONNECTIONS: usize = 10;
const LONGEST_ANSWER: Duration = Duration::from_secs(3);
const LONGEST_RECOVERY: Duration = Duration::from_secs(5);
/// Shorter than the time for which the server tries to store what has arrived.
const SHORT: Duration = Duration::from_secs(5);
/// Longer than that, and longer than the lease.
const LONG: Duration = Duration::from_secs(60);

pub(crate) async fn outage(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("outage");
    let mut kept = Kept::begin(KEEP_POSTGRES)?;
    idle(settings, &mut report, &mut kept).await?;
    in_flight(settings, &mut report, &mut kept, SHORT).await?;
    if settings.quick {
        report.note("an outage longer than the server tries to store what has arrived: left out, it takes a minute");
    } else {
        in_flight(settings, &mut report, &mut kept, LONG).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

/// It is away when somebody asks.
async fn idle(settings: &Settings, report: &mut Report, kept: &mut Kept) -> anyhow::Result<()> {
    let part = "away when asked";
    let mut bench = Bench::new(settings, Some(kept), 1).await?;
    bench.behave(|manners| manners.mode = Mode::Strict);
    let process = bench.instance.start(0).await?;
    let connections = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    block_in_place(|| kept.stop())?;
    let until = Instant::now()
        + if settings.quick {
            Duration::from_secs(8)
        } else {
            Duration::from_mins(1)
        };
    let mut answers: Vec<Receipt> = Vec::new();
    while Instant::now() < until {
        report.progress(format_args!("{part}: {} calls so far", answers.len()));
        answers.extend(bench.backend.tokens(0, &connections).await);
        sleep(Duration::from_millis(500)).await;
    }
    let (alive, ready) = (
        probe(&bench, "healthz").await?,
        probe(&bench, "readyz").await?,
    );
    let presented = bench.authority.book().presentations();
    block_in_place(|| kept.start())?;
    let back = Instant::now();
    let first = loop {
        let receipt = bench.backend.token(0, &connections[0].id).await;
        if receipt.got.is_token() || back.elapsed() > Duration::from_secs(30) {
            break back.elapsed();
        }
        sleep(Duration::from_millis(100)).await;
    };
    let recovered = bench
        .backend
        .settle_all(0, &connections, Duration::from_secs(30))
        .await;
    Bench::end(vec![process]).await?;

    let unavailable = |receipt: &&Receipt| matches!(&receipt.got, Got::Problem { status: 503, code, .. } if code == "unavailable");
    report.exactly(
        format!("{part}: answers that say so"),
        answers.iter().filter(unavailable).count(),
        answers.len(),
    );
    let slowest = answers.iter().map(Receipt::took).max().unwrap_or_default();
    report.below(format!("{part}: slowest answer"), slowest, LONGEST_ANSWER);
    report.exactly(format!("{part}: refresh tokens presented"), presented, 0);
    report.exactly(format!("{part}: healthz"), alive, 200);
    report.exactly(format!("{part}: readyz"), ready, 503);
    report.below(
        format!("{part}: first token after its return"),
        first,
        LONGEST_RECOVERY,
    );
    let served = recovered
        .iter()
        .filter(|receipt| receipt.got.is_token())
        .count();
    report.exactly(
        format!("{part}: tokens after its return"),
        served,
        connections.len(),
    );
    let tally = bench.check(report, part, Counts::Ignored).await?;
    report.exactly(
        format!("{part}: healthy connections"),
        tally.healthy,
        connections.len(),
    );
    bench.done(report, part);
    Ok(())
}

/// It goes while the provider thinks: the intent is stored, the successor is not yet.
async fn in_flight(
    settings: &Settings,
    report: &mut Report,
    kept: &mut Kept,
    span: Duration,
) -> anyhow::Result<()> {
    let part = format!("{} s in mid-refresh", span.as_secs());
    let mut bench = Bench::new(settings, Some(kept), 1).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = Duration::from_secs(1);
    });
    let process = bench.instance.start(0).await?;
    let connections = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    report.progress(format_args!(
        "{part}: the provider thinks, the database goes"
    ));
    let (backend, asked) = (bench.backend.clone(), connections.clone());
    let callers = tokio::spawn(async move { backend.tokens(0, &asked).await });
    bench.presented(CONNECTIONS).await?;
    block_in_place(|| kept.stop())?;
    sleep(span).await;
    bench.disturbed();
    block_in_place(|| kept.start())?;
    let first = callers.await?;
    report.progress(format_args!("{part}: the database is back"));
    bench
        .backend
        .settle_all(0, &connections, Duration::from_secs(90))
        .await;
    Bench::end(vec![process]).await?;

    let tally = bench.check(report, &part, Counts::Ignored).await?;
    let words = first
        .first()
        .map(|receipt| receipt.got.words())
        .unwrap_or_default();
    report.told(format!("{part}: the first caller got"), words);
    report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
    if span == SHORT {
        report.exactly(
            format!("{part}: healthy connections"),
            tally.healthy,
            connections.len(),
        );
    } else {
        report.told(
            format!("{part}: healthy, lost and flagged"),
            format!("{}, {}", tally.healthy, tally.flagged),
        );
    }
    bench.done(report, &part);
    Ok(())
}

async fn probe(bench: &Bench, path: &str) -> anyhow::Result<u16> {
    let answer = http(false)?
        .get(format!("{}/{path}", bench.instance.url(0)))
        .send()
        .await?;
    Ok(answer.status().as_u16())
}
