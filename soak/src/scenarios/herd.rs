//! A herd: 1,200 callers at once for 20 connections that have expired, at a provider that takes each
//! refresh token once.

use super::{answers, below, percentile};
use crate::authority::Mode;
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::Kind;
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::Duration;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 20;
const CALLERS: usize = 1200;
/// What callers may wait on top of twice the provider's latency.
const MARGIN: Duration = Duration::from_millis(300);

pub(crate) async fn herd(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("herd");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let latencies: &[u64] = if settings.quick { &[300] } else { &[300, 1500] };
    for (kind, processes) in [(Kind::Postgres, 3), (Kind::Sqlite, 1)] {
        for latency in latencies {
            stampede(
                settings,
                &mut report,
                below(kind, &kept),
                processes,
                Duration::from_millis(*latency),
            )
            .await?;
        }
    }
    kept.end()?;
    Ok(report.verdict())
}

async fn stampede(
    settings: &Settings,
    report: &mut Report,
    postgres: Option<&Kept>,
    count: usize,
    latency: Duration,
) -> anyhow::Result<()> {
    let database = if postgres.is_some() {
        "PostgreSQL"
    } else {
        "SQLite"
    };
    let part = format!("{database} x {count}, provider {}", ms(latency));
    let mut bench = Bench::new(settings, postgres, count).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = latency;
    });
    let processes = bench.instance.start_all().await?;
    let connections = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    report.progress(format_args!("{part}: {CALLERS} callers"));
    let mut callers = JoinSet::new();
    for caller in 0..CALLERS {
        let (backend, id) = (
            bench.backend.clone(),
            connections[caller % CONNECTIONS].id.clone(),
        );
        // neighbours ask different processes for the same connection
        callers.spawn(async move { backend.token(caller / CONNECTIONS % count, &id).await });
    }
    let receipts = callers.join_all().await;
    Bench::end(processes).await?;

    let mut took: Vec<Duration> = receipts.iter().map(crate::backend::Receipt::took).collect();
    took.sort();
    let served = receipts
        .iter()
        .filter(|receipt| receipt.got.is_token())
        .count();
    report.exactly(format!("{part}: callers with a token"), served, CALLERS);
    if served < CALLERS {
        report.told(format!("{part}: they got"), answers(&receipts));
    }
    let (rotations, presentations, refusals) = {
        let book = bench.authority.book();
        (book.rotations(), book.presentations(), book.refusals())
    };
    report.exactly(
        format!("{part}: refresh tokens presented"),
        presentations,
        CONNECTIONS,
    );
    report.exactly(format!("{part}: rotations"), rotations, CONNECTIONS);
    report.exactly(format!("{part}: invalid_grant"), refusals, 0);
    let tally = bench.check(report, &part, Counts::Exact).await?;
    report.exactly(
        format!("{part}: healthy connections"),
        tally.healthy,
        CONNECTIONS,
    );
    report.told(format!("{part}: median caller"), ms(percentile(&took, 50)));
    report.below(
        format!("{part}: worst caller"),
        percentile(&took, 100),
        latency * 2 + MARGIN,
    );
    bench.done(report, &part);
    Ok(())
}
