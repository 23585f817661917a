//! The breaker: a host that fails five times in a row is left alone, and asked now and then.
//!
//! Meanwhile valid tokens are served, nobody waits for a deadline, and other providers notice nothing.
//! When the host is back, all that waited for it is renewed within seconds, whether somebody asks or
//! not.

use super::{answers, percentile, tokens};
use crate::Settings;
use crate::authority::Kind;
use crate::backend::{Connected, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Below, Plan};
use crate::report::{Report, ms};
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The provider whose host is down.
const DOWN: usize = 1;
const VALID: usize = 4;
const DUE: usize = 8;
/// Five failures open it, and what was under way with them fails too, once more.
const OPENING: Duration = Duration::from_secs(4);
/// Probes after 2, 4 and 8 s, each perhaps with a second try.
const MOST_PROBES: usize = 6;
/// Between two probes, at most, and the probe itself.
const NOTICED: Duration = Duration::from_secs(40);
/// From the first one that is renewed to the last one.
const TOGETHER: Duration = Duration::from_secs(10);

pub(crate) async fn breaker(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("breaker");
    let plan = Plan {
        providers: 2,
        ahead: true,
        ..Plan::on(Below::Sqlite)
    };
    let mut bench = Bench::new(settings, &plan).await?;
    let process = bench.instance.start(0).await?;
    let down = Kind::Status(500).before_rotation();
    bench.authority.fail(DOWN, Some(down));
    bench.behave(|manners| manners.first_lifetime_s = 3600);
    let valid = bench.connect_to(&report, DOWN, VALID).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let due = bench.connect_to(&report, DOWN, DUE).await?;
    bench.expired().await;
    report.progress("a host is down");
    bench.backend.tokens(0, &due).await;
    sleep(OPENING).await;

    let before = presented(&bench, &due);
    let until = Instant::now() + Duration::from_secs(if settings.quick { 5 } else { 10 });
    let (mut served, mut refused) = (Vec::new(), Vec::new());
    while Instant::now() < until {
        served.extend(bench.backend.tokens(0, &valid).await);
        refused.extend(bench.backend.tokens(0, &due).await);
        let other = bench.connect(&report, 1).await?;
        bench.expired().await;
        served.extend(bench.backend.tokens(0, &other).await);
    }
    let probes = presented(&bench, &due) - before;
    report.progress("the host is back, and nobody asks");
    bench.authority.fail(DOWN, None);
    let (noticed, together) = recovered(&bench, &due).await;
    let back = bench.backend.tokens(0, &due).await;
    Bench::end(vec![process]).await?;

    let name = "down: valid tokens served, and those of others";
    report.exactly(name, tokens(&served), served.len());
    report.told("down: others got", answers(&refused));
    report.exactly("down: tokens of others", tokens(&refused), 0);
    let mut took: Vec<Duration> = refused.iter().map(Receipt::took).collect();
    took.sort();
    let name = "down: they heard so within, median";
    report.told(name, ms(percentile(&took, 50)));
    report.figure(
        "down: it was asked",
        probes,
        format!("at most {MOST_PROBES}"),
        probes <= MOST_PROBES,
    );
    report.below("back: noticed after", noticed, NOTICED);
    report.below("back: from the first to the last", together, TOGETHER);
    report.exactly("back: tokens", tokens(&back), DUE);
    let tally = bench.check(&mut report, "all of it", Counts::Exact).await?;
    let all = bench.connections.len();
    report.exactly("healthy connections", tally.healthy, all);
    bench.done(&mut report, "breaker");
    Ok(report.verdict())
}

fn presented(bench: &Bench, connections: &[Connected]) -> usize {
    let book = bench.authority.book();
    let grants = connections
        .iter()
        .filter_map(|one| book.grants.get(&one.account));
    grants.map(|grant| grant.presentations.len()).sum()
}

/// How long it takes until the first of these is renewed, and from then on until all are.
async fn recovered(bench: &Bench, connections: &[Connected]) -> (Duration, Duration) {
    let began = Instant::now();
    let renewed = || {
        let book = bench.authority.book();
        let grants = connections
            .iter()
            .filter_map(|one| book.grants.get(&one.account));
        grants.filter(|grant| grant.rotations() > 0).count()
    };
    let mut first = None;
    while began.elapsed() < NOTICED + TOGETHER && renewed() < connections.len() {
        if first.is_none() && renewed() > 0 {
            first = Some(began.elapsed());
        }
        sleep(Duration::from_millis(50)).await;
    }
    let all = began.elapsed();
    let first = first.unwrap_or(all);
    // what is rotated is stored a moment later
    sleep(Duration::from_secs(1)).await;
    (first, all.saturating_sub(first))
}
