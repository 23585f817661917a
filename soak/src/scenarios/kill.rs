//! Processes that die: at once, and in order, at random moments, with ten refreshes in flight.
//!
//! Each round has connections of its own. A lease outlives its holder by up to 40 s, so what the
//! kills left behind is asked for when all rounds are over and the last lease has run out.

use super::{BOTH, Chance, below};
use crate::authority::{Mode, Turn};
use crate::bench::{Bench, LONGEST_END};
use crate::checker::Counts;
use crate::instance::{Kind, Signal};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

const IN_FLIGHT: usize = 10;
const LATENCY: Duration = Duration::from_millis(120);
/// A round's end comes at most so long after its callers began.
const LATEST: Duration = Duration::from_millis(300);
/// The lease's 40 s, and a little.
const LEASE: Duration = Duration::from_secs(42);
/// As long as Xero's.
const GRACE: Mode = Mode::Grace(Duration::from_mins(30));
/// Connections that are asked for at the same time afterwards.
const AT_ONCE: usize = 50;

pub(crate) async fn kill(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("kill");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    // of each mode, half of them on each database
    let kills = if settings.quick { 8 } else { 120 };
    for mode in [GRACE, Mode::Strict] {
        for kind in BOTH {
            let postgres = below(kind, &kept);
            Rounds {
                settings,
                kind,
                mode,
                signal: Signal::Kill,
                count: kills / 2,
            }
            .play(&mut report, postgres)
            .await?;
        }
    }
    for kind in BOTH {
        let postgres = below(kind, &kept);
        Rounds {
            settings,
            kind,
            mode: Mode::Strict,
            signal: Signal::Term,
            count: kills / 4,
        }
        .play(&mut report, postgres)
        .await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

struct Rounds<'a> {
    settings: &'a Settings,
    kind: Kind,
    mode: Mode,
    signal: Signal,
    count: usize,
}

impl Rounds<'_> {
    async fn play(&self, report: &mut Report, postgres: Option<&Kept>) -> anyhow::Result<()> {
        let kills = self.signal == Signal::Kill;
        let name = if kills { "SIGKILL" } else { "SIGTERM" };
        let part = format!(
            "{name} x {}, {}, {}",
            self.count,
            self.kind.word(),
            self.mode.word()
        );
        let mut bench = Bench::new(self.settings, postgres, 1).await?;
        bench.behave(|manners| {
            manners.mode = self.mode;
            manners.latency = LATENCY;
        });
        let mut process = bench.instance.start(0).await?;
        let connections = bench.connect(report, self.count * IN_FLIGHT).await?;
        bench.expired().await;

        let mut chance = Chance::new(self.settings.seed);
        let (mut unanswered, mut starts, mut ends) = (0, Vec::new(), Vec::new());
        for (round, ten) in connections.chunks(IN_FLIGHT).enumerate() {
            report.progress(format_args!("{part}: round {}", round + 1));
            let turn = [Turn::Start, Turn::Middle, Turn::End][round % 3];
            bench.behave(|manners| manners.turn = turn);
            let mut callers = JoinSet::new();
            for one in ten {
                let (backend, id) = (bench.backend.clone(), one.id.clone());
                callers.spawn(async move { backend.token(0, &id).await });
            }
            sleep(chance.up_to(LATEST)).await;
            let asked = Instant::now();
            process.signal(self.signal)?;
            let status = process.ended(LONGEST_END).await?;
            ends.push(asked.elapsed());
            if !kills && !status.success() {
                report.figure(
                    format!("{part}: exit of round {}", round + 1),
                    status,
                    0,
                    false,
                );
            }
            unanswered += callers
                .join_all()
                .await
                .iter()
                .filter(|receipt| !receipt.got.is_token())
                .count();
            process = bench.instance.start(0).await?;
            starts.push(process.ready_after);
            if kills {
                bench.disturbed();
            }
        }
        let lost_answers = bench.behind().await?;
        if kills {
            report.progress(format_args!(
                "{part}: waiting for the last lease to run out"
            ));
            sleep(LEASE).await;
        }
        for (asked, some) in connections.chunks(AT_ONCE).enumerate() {
            report.progress(format_args!(
                "{part}: asking for {} of {}",
                asked * AT_ONCE + some.len(),
                connections.len()
            ));
            bench.backend.settle_all(0, some, LEASE * 2).await;
        }
        Bench::end(vec![process]).await?;

        let counts = if kills { Counts::AtMost } else { Counts::Exact };
        let tally = bench.check(report, &part, counts).await?;
        report.told(format!("{part}: callers without an answer"), unanswered);
        report.told(
            format!("{part}: rotations whose answer was lost"),
            lost_answers,
        );
        report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
        // a token is lost only where the provider says so and its answer really was lost
        let losses = if kills && !self.mode.forgives() {
            lost_answers
        } else {
            0
        };
        report.exactly(format!("{part}: lost and flagged"), tally.flagged, losses);
        report.exactly(
            format!("{part}: broken for another reason"),
            tally.broken,
            0,
        );
        report.exactly(
            format!("{part}: healthy"),
            tally.healthy,
            connections.len() - losses,
        );
        report.told(
            format!("{part}: slowest start to ready"),
            ms(starts.into_iter().max().unwrap_or_default()),
        );
        if !kills {
            report.below(
                format!("{part}: slowest end"),
                ends.into_iter().max().unwrap_or_default(),
                Duration::from_secs(40),
            );
        }
        bench.done(report, &part);
        Ok(())
    }
}
