//! A wall clock that is wrong by an hour, on one of three processes (R106).
//!
//! Ahead, every token there is looks as if it had ended; behind, tokens that have ended look valid.
//! Neither may matter: nothing is refreshed that is not due, nothing twice, no dead token is handed
//! out, and the process says that it is not ready until its clock is right.

use super::answers;
use crate::authority::Mode;
use crate::backend::{Connected, Got, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Below, OwnClock, Plan, Until, Wrong};
use crate::report::Report;
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const PROCESSES: usize = 3;
/// The one with the wrong clock.
const WRONG: usize = 2;
const VALID: usize = 40;
/// At every setting of the clock.
const DUE: usize = 15;
/// Between two rounds of calls.
const PAUSE: Duration = Duration::from_millis(500);
/// Until a process has looked at its clock.
const LONGEST_LOOK: Duration = Duration::from_secs(20);

pub(crate) async fn clock(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("clock");
    let directory = tempfile::tempdir()?;
    let Some(clock) = OwnClock::within(directory.path())? else {
        return Ok(
            report.skipped("there is no libfaketime; Debian has it in the package `faketime`")
        );
    };
    let kept = Kept::begin(KEEP_POSTGRES)?;
    if !settings.quick {
        for wrong in [Wrong::HourAhead, Wrong::HourBehind] {
            let part = format!("starts {}", wrong.word());
            let hour = Hour::new(settings, &kept, &clock, part);
            hour.play(&mut report, wrong, &[wrong]).await?;
        }
    }
    let steps = [Wrong::HourAhead, Wrong::HourBehind];
    let hour = Hour::new(settings, &kept, &clock, "steps".to_owned());
    hour.play(&mut report, Wrong::Not, &steps).await?;
    kept.end()?;
    Ok(report.verdict())
}

/// One instance, and what happens to its third process.
struct Hour<'a> {
    settings: &'a Settings,
    kept: &'a Kept,
    clock: &'a OwnClock,
    part: String,
    /// How long the clock stays as it is set.
    span: Duration,
}

impl<'a> Hour<'a> {
    fn new(settings: &'a Settings, kept: &'a Kept, clock: &'a OwnClock, part: String) -> Self {
        let span = Duration::from_secs(if settings.quick { 5 } else { 30 });
        Self {
            settings,
            kept,
            clock,
            part,
            span,
        }
    }

    /// Starts with this clock, which is then set to each of these in turn.
    async fn play(
        &self,
        report: &mut Report,
        at_start: Wrong,
        then: &[Wrong],
    ) -> anyhow::Result<()> {
        let part = &self.part;
        let plan = Plan {
            processes: PROCESSES,
            ahead: true,
            ..Plan::on(Below::Postgres(self.kept))
        };
        let mut bench = Bench::new(self.settings, &plan).await?;
        bench.behave(|manners| {
            manners.mode = Mode::Strict;
            manners.first_lifetime_s = 3600;
        });
        let mut processes = vec![
            bench.instance.start(0).await?,
            bench.instance.start(1).await?,
        ];
        self.clock.set(at_start)?;
        let environment = self.clock.environment();
        let third = bench.instance.start_with(WRONG, &environment, Until::Alive);
        processes.push(third.await?);
        let valid = bench.connect(report, VALID).await?;
        bench.behave(|manners| manners.first_lifetime_s = 1);

        for wrong in then {
            self.clock.set(*wrong)?;
            let word = wrong.word();
            report.progress(format_args!("{part}: the clock is {word}"));
            let unready = becomes(&bench, WRONG, 503).await?;
            report.exactly(format!("{part}, {word}: its readyz"), unready, 503);
            let due = bench.connect(report, DUE).await?;
            bench.expired().await;
            let until = Instant::now() + self.span;
            let mut told = Vec::new();
            while Instant::now() < until {
                for node in 0..PROCESSES {
                    told.extend(bench.backend.tokens(node, &valid).await);
                    told.extend(bench.backend.tokens(node, &due).await);
                }
                sleep(PAUSE).await;
            }
            report.told(format!("{part}, {word}: callers got"), answers(&told));
            for node in 0..WRONG {
                let ready = becomes(&bench, node, 200).await?;
                report.exactly(
                    format!("{part}, {word}: readyz of process {node}"),
                    ready,
                    200,
                );
            }
        }
        report.progress(format_args!("{part}: the clock is right"));
        self.clock.set(Wrong::Not)?;
        let ready = becomes(&bench, WRONG, 200).await?;
        report.exactly(format!("{part}: its readyz once it is right"), ready, 200);
        let due = bench.connections[VALID..].to_vec();
        for node in 0..PROCESSES {
            bench.backend.settle_all(node, &due, LONGEST_LOOK).await;
        }
        Bench::end(processes).await?;

        let presented = bench.authority.book().presentations();
        report.exactly(format!("{part}: refreshes"), presented, due.len());
        let dead = handed_out_dead(&bench);
        report.exactly(format!("{part}: dead tokens handed out"), dead, 0);
        let tally = bench.check(report, part, Counts::Exact).await?;
        let all = bench.connections.len();
        report.exactly(format!("{part}: healthy connections"), tally.healthy, all);
        bench.done(report, part);
        Ok(())
    }
}

/// What a process's `/readyz` says, after it had the time to say this.
async fn becomes(bench: &Bench, node: usize, wanted: u16) -> anyhow::Result<u16> {
    let give_up = Instant::now() + LONGEST_LOOK;
    loop {
        let status = bench.backend.status(node, "readyz").await?;
        if status == wanted || Instant::now() >= give_up {
            return Ok(status);
        }
        sleep(Duration::from_millis(200)).await;
    }
}

/// Tokens that had ended when somebody asked.
fn handed_out_dead(bench: &Bench) -> usize {
    let accounts: HashMap<&str, &str> = bench
        .connections
        .iter()
        .map(|Connected { id, account }| (id.as_str(), account.as_str()))
        .collect();
    let book = bench.authority.book();
    let is_dead = |receipt: &Receipt| {
        let Got::Token { sha256, .. } = &receipt.got else {
            return false;
        };
        let grant = accounts
            .get(receipt.connection.as_str())
            .and_then(|account| book.grants.get(*account));
        grant.is_some_and(|grant| {
            let mut pairs = grant.pairs.iter();
            pairs.any(|pair| pair.access_sha256() == *sha256 && pair.dead_at() < receipt.started)
        })
    };
    bench
        .backend
        .receipts()
        .iter()
        .filter(|receipt| is_dead(receipt))
        .count()
}
