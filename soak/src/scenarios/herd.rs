//! A herd: 1,200 callers at once for 20 connections that have expired, at a provider that takes each
//! refresh token once.
//!
//! Then the same callers come once more, for tokens that are valid now: that tells what the machine
//! and the program need for so many calls alone. The short form has 300 callers, and allows that time
//! on top, twice since each caller reads twice; so a program that was built without optimisation on a
//! busy machine is judged by what the refresh adds.

use super::{answers, below, counts, percentile, served, tokens};
use crate::authority::Mode;
use crate::backend::{Connected, Receipt};
use crate::bench::Bench;
use crate::instance::{Kind, Plan};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::Duration;
use tokio::task::JoinSet;

const CONNECTIONS: usize = 20;
/// What callers may wait on top of twice the provider's latency.
const MARGIN: Duration = Duration::from_millis(300);

pub(crate) async fn herd(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("herd");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let latencies: &[u64] = if settings.quick { &[300] } else { &[300, 1500] };
    for (kind, processes) in [(Kind::Postgres, 3), (Kind::Sqlite, 1)] {
        for latency in latencies {
            let herd = Herd {
                kind,
                processes,
                latency: Duration::from_millis(*latency),
                callers: if settings.quick { 300 } else { 1200 },
            };
            let plan = Plan {
                processes,
                ..Plan::on(below(kind, &kept))
            };
            let bench = Bench::new(settings, &plan).await?;
            herd.play(settings, &mut report, bench).await?;
        }
    }
    kept.end()?;
    Ok(report.verdict())
}

struct Herd {
    kind: Kind,
    processes: usize,
    latency: Duration,
    callers: usize,
}

impl Herd {
    async fn play(
        &self,
        settings: &Settings,
        report: &mut Report,
        mut bench: Bench,
    ) -> anyhow::Result<()> {
        let (kind, latency) = (self.kind.word(), ms(self.latency));
        let part = format!("{kind} x {}, provider {latency}", self.processes);
        bench.behave(|manners| {
            manners.mode = Mode::Strict;
            manners.latency = self.latency;
        });
        let processes = bench.instance.start_all().await?;
        let connections = bench.connect(report, CONNECTIONS).await?;
        bench.expired().await;
        report.progress(format_args!("{part}: {} callers", self.callers));
        let receipts = self.come(&bench, &connections).await;
        let again = self.come(&bench, &connections).await;
        Bench::end(processes).await?;

        let name = format!("{part}: callers served");
        report.exactly(name, served(settings, &receipts), self.callers);
        if tokens(&receipts) < self.callers {
            report.told(format!("{part}: they got"), answers(&receipts));
        }
        let (rotations, presented, refusals) = {
            let book = bench.authority.book();
            (book.rotations(), book.presentations(), book.refusals())
        };
        report.exactly(format!("{part}: refreshes"), presented, CONNECTIONS);
        report.exactly(format!("{part}: rotations"), rotations, CONNECTIONS);
        report.exactly(format!("{part}: invalid_grant"), refusals, 0);
        let counts = counts(settings, &receipts);
        let tally = bench.check(report, &part, counts).await?;
        let healthy = tally.healthy;
        report.exactly(format!("{part}: healthy"), healthy, CONNECTIONS);
        let (took, alone) = (sorted(&receipts), sorted(&again));
        let worst_alone = percentile(&alone, 100);
        report.told(
            format!("{part}: the same for valid tokens, worst"),
            ms(worst_alone),
        );
        report.told(format!("{part}: median caller"), ms(percentile(&took, 50)));
        let mut limit = self.latency * 2 + MARGIN;
        if settings.quick {
            // before the refresh and after it
            limit += worst_alone * 2;
        }
        report.below(
            format!("{part}: worst caller"),
            percentile(&took, 100),
            limit,
        );
        bench.done(report, &part);
        Ok(())
    }

    /// All at once; neighbours ask different processes for the same connection.
    async fn come(&self, bench: &Bench, connections: &[Connected]) -> Vec<Receipt> {
        let mut callers = JoinSet::new();
        for caller in 0..self.callers {
            let (backend, node) = (bench.backend.clone(), caller / CONNECTIONS % self.processes);
            let id = connections[caller % CONNECTIONS].id.clone();
            callers.spawn(async move { backend.token(node, &id).await });
        }
        callers.join_all().await
    }
}

fn sorted(receipts: &[Receipt]) -> Vec<Duration> {
    let mut took: Vec<Duration> = receipts.iter().map(Receipt::took).collect();
    took.sort();
    took
}
