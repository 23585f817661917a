//! Processes that die: at once, and in order, at random moments, with ten refreshes in flight.
//!
//! Each round has connections of its own. A lease outlives its holder by up to 40 s, so what the
//! kills left behind is asked for when all rounds are over and the last lease has run out.

use super::{BOTH, Chance, below};
use crate::authority::{Mode, Turn};
use crate::backend::Connected;
use crate::bench::{Bench, LONGEST_END};
use crate::checker::Counts;
use crate::instance::{Kind, Plan, Process, Signal};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
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
    let mut played = Vec::new();
    for mode in [GRACE, Mode::Strict] {
        let on_both = BOTH.map(|kind| Rounds {
            kind,
            mode,
            signal: Signal::Kill,
            count: kills / 2,
        });
        played.extend(both(settings, &report, &kept, on_both).await?);
    }
    let killed = Instant::now();
    // no lease outlives an orderly end
    let on_both = BOTH.map(|kind| Rounds {
        kind,
        mode: Mode::Strict,
        signal: Signal::Term,
        count: kills / 4,
    });
    played.extend(both(settings, &report, &kept, on_both).await?);
    report.progress("waiting for the last lease to run out");
    sleep(LEASE.saturating_sub(killed.elapsed())).await;
    for one in played {
        one.judge(&mut report).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

/// Plays rounds on both databases at the same time: most of them is waiting.
async fn both(
    settings: &Settings,
    report: &Report,
    kept: &Kept,
    rounds: [Rounds; 2],
) -> anyhow::Result<[Played; 2]> {
    let play = async |rounds: Rounds| {
        let bench = Bench::new(settings, &Plan::on(below(rounds.kind, kept))).await?;
        rounds.play(report, bench, settings.seed).await
    };
    let [one, other] = rounds;
    let (one, other) = tokio::join!(Box::pin(play(one)), Box::pin(play(other)));
    Ok([one?, other?])
}

/// What is done to one instance.
struct Rounds {
    kind: Kind,
    mode: Mode,
    signal: Signal,
    count: usize,
}

/// What came of it so far.
struct Played {
    rounds: Rounds,
    bench: Bench,
    process: Process,
    /// Callers who got no token before the process was gone.
    unanswered: usize,
    /// Connections whose successor is known to the provider alone.
    lost_answers: usize,
    slowest_start: Duration,
    slowest_end: Duration,
    /// Rounds in which the process did not end with 0.
    failed_ends: usize,
}

impl Rounds {
    fn kills(&self) -> bool {
        self.signal == Signal::Kill
    }

    fn name(&self) -> String {
        let signal = if self.kills() { "SIGKILL" } else { "SIGTERM" };
        let (kind, mode) = (self.kind.word(), self.mode.word());
        format!("{signal} x {}, {kind}, {mode}", self.count)
    }

    async fn play(self, report: &Report, bench: Bench, seed: u64) -> anyhow::Result<Played> {
        let part = self.name();
        bench.behave(|manners| {
            manners.mode = self.mode;
            manners.latency = LATENCY;
        });
        let process = bench.instance.start(0).await?;
        let mut played = Played {
            rounds: self,
            bench,
            process,
            unanswered: 0,
            lost_answers: 0,
            slowest_start: Duration::ZERO,
            slowest_end: Duration::ZERO,
            failed_ends: 0,
        };
        let count = played.rounds.count * IN_FLIGHT;
        let connections = played.bench.connect(report, count).await?;
        played.bench.expired().await;
        let mut chance = Chance::new(seed);
        for (round, ten) in connections.chunks(IN_FLIGHT).enumerate() {
            report.progress(format_args!("{part}: round {}", round + 1));
            let turn = [Turn::Start, Turn::Middle, Turn::End][round % 3];
            played.bench.behave(|manners| manners.turn = turn);
            played.round(ten, chance.up_to(LATEST)).await?;
        }
        played.lost_answers = played.bench.behind().await?;
        Ok(played)
    }
}

impl Played {
    /// Ten callers, a signal at some moment, and the next start.
    async fn round(&mut self, ten: &[Connected], moment: Duration) -> anyhow::Result<()> {
        let (backend, ten) = (self.bench.backend.clone(), ten.to_vec());
        let callers = tokio::spawn(async move { backend.tokens(0, &ten).await });
        sleep(moment).await;
        let asked = Instant::now();
        self.process.signal(self.rounds.signal)?;
        let status = self.process.ended(LONGEST_END).await?;
        self.slowest_end = self.slowest_end.max(asked.elapsed());
        self.failed_ends += usize::from(!self.rounds.kills() && !status.success());
        let receipts = callers.await?;
        self.unanswered += receipts
            .iter()
            .filter(|receipt| !receipt.got.is_token())
            .count();
        self.process = self.bench.instance.start(0).await?;
        self.slowest_start = self.slowest_start.max(self.process.ready_after);
        if self.rounds.kills() {
            self.bench.disturbed();
        }
        Ok(())
    }

    /// Asks for everything once more, and looks.
    async fn judge(self, report: &mut Report) -> anyhow::Result<()> {
        let (part, kills) = (self.rounds.name(), self.rounds.kills());
        report.progress(format_args!("{part}: asking for all of them"));
        for some in self.bench.connections.chunks(AT_ONCE) {
            self.bench.backend.settle_all(0, some, LEASE * 2).await;
        }
        Bench::end(vec![self.process]).await?;

        let counts = if kills { Counts::AtMost } else { Counts::Exact };
        let tally = self.bench.check(report, &part, counts).await?;
        let lost = self.lost_answers;
        report.told(format!("{part}: callers without a token"), self.unanswered);
        report.told(format!("{part}: rotations whose answer was lost"), lost);
        report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
        // a token is lost only where the provider says so and its answer really was lost
        let may_lose = kills && !self.rounds.mode.forgives();
        let losses = if may_lose { lost } else { 0 };
        report.exactly(format!("{part}: lost and flagged"), tally.flagged, losses);
        report.exactly(format!("{part}: otherwise broken"), tally.broken, 0);
        let healthy = self.bench.connections.len() - losses;
        report.exactly(format!("{part}: healthy"), tally.healthy, healthy);
        if let Some(integrity) = self.bench.instance.database.integrity().await? {
            report.exactly(
                format!("{part}: integrity of the file"),
                integrity,
                "ok".to_owned(),
            );
        }
        report.told(format!("{part}: slowest start"), ms(self.slowest_start));
        if !kills {
            report.exactly(format!("{part}: failed ends"), self.failed_ends, 0);
            report.below(
                format!("{part}: slowest end"),
                self.slowest_end,
                LONGEST_END,
            );
        }
        self.bench.done(report, &part);
        Ok(())
    }
}
