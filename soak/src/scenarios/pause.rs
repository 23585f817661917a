//! A process that sleeps with a refresh in its hands (SIGSTOP), and wakes up (SIGCONT).
//!
//! Two processes on one PostgreSQL. Beyond the lease the other process may try, and whoever wakes up
//! must neither overwrite nor condemn nor end what the other has brought. Within the lease nobody
//! else may try, so nothing may be lost.

use crate::authority::{Mode, Turn};
use crate::backend::Connected;
use crate::bench::Bench;
use crate::checker::{Counts, Tally};
use crate::instance::{Below, Plan, Signal};
use crate::report::Report;
use crate::{KEEP_POSTGRES, Settings};
use anyhow::Context as _;
use cluster::Kept;
use std::time::Duration;
use tokio::time::sleep;

const CONNECTIONS: usize = 10;
const GRACE: Mode = Mode::Grace(Duration::from_mins(30));
/// The lease's 40 s, and a little.
const BEYOND_THE_LEASE: Duration = Duration::from_secs(44);
/// Longer than a transaction may be idle.
const WITHIN_THE_LEASE: Duration = Duration::from_secs(15);
/// Callers ask again for so long.
const PATIENCE: Duration = Duration::from_mins(1);
/// The server waits so long for a row that is locked, at most.
const LOCK_WAIT: Duration = Duration::from_millis(2500);

/// Where the sleeper is in its refresh.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asleep {
    /// The request is sent, the answer has not arrived.
    BeforeTheAnswer,
    /// The new tokens have arrived and are not stored: their rows were locked until it slept.
    TokensInHand,
    /// The same, and the row became free for it while it slept.
    InTheCommit,
}

pub(crate) async fn pause(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("pause");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let long = [
        (GRACE, Asleep::BeforeTheAnswer),
        (Mode::Strict, Asleep::BeforeTheAnswer),
        (GRACE, Asleep::TokensInHand),
        (Mode::Strict, Asleep::TokensInHand),
    ];
    let beyond: &[_] = if settings.quick { &[] } else { &long };
    for (mode, asleep) in beyond
        .iter()
        .copied()
        .chain([(Mode::Strict, Asleep::InTheCommit)])
    {
        let nap = Nap { mode, asleep };
        let plan = Plan {
            processes: 2,
            ..Plan::on(Below::Postgres(&kept))
        };
        let bench = Bench::new(settings, &plan).await?;
        nap.play(&mut report, bench).await?;
    }
    if settings.quick {
        report.note(
            "Pauses beyond the lease are left out in the short form: each has to outlast 40 s.",
        );
    }
    kept.end()?;
    Ok(report.verdict())
}

struct Nap {
    mode: Mode,
    asleep: Asleep,
}

impl Nap {
    async fn play(&self, report: &mut Report, mut bench: Bench) -> anyhow::Result<()> {
        let part = self.name();
        bench.behave(|manners| {
            manners.mode = self.mode;
            manners.turn = Turn::Start;
            manners.latency = Duration::from_millis(1500);
        });
        let processes = bench.instance.start_all().await?;
        let connections = bench.connect(report, CONNECTIONS).await?;
        bench.expired().await;

        let (backend, asked) = (bench.backend.clone(), connections.clone());
        let sleepers = tokio::spawn(async move { backend.tokens(0, &asked).await });
        bench.presented(CONNECTIONS).await?;
        if self.asleep == Asleep::BeforeTheAnswer {
            processes[0].signal(Signal::Stop)?;
        } else {
            let lock = locked(&bench, &connections).await?;
            // the provider has answered, and the process tries to store it
            sleep(Duration::from_secs(2)).await;
            processes[0].signal(Signal::Stop)?;
            if self.asleep == Asleep::TokensInHand {
                sleep(LOCK_WAIT).await;
            }
            lock.rollback().await?;
        }
        bench.disturbed();
        if self.asleep == Asleep::InTheCommit {
            report.progress(format_args!(
                "{part}: asleep for {} s",
                WITHIN_THE_LEASE.as_secs()
            ));
            sleep(WITHIN_THE_LEASE).await;
            processes[0].signal(Signal::Continue)?;
            sleepers.await?;
        } else {
            report.progress(format_args!(
                "{part}: asleep for {} s",
                BEYOND_THE_LEASE.as_secs()
            ));
            sleep(BEYOND_THE_LEASE).await;
            bench.backend.settle_all(1, &connections, PATIENCE).await;
            processes[0].signal(Signal::Continue)?;
            sleepers.await?;
            sleep(Duration::from_secs(3)).await;
        }
        for node in 0..processes.len() {
            bench.backend.settle_all(node, &connections, PATIENCE).await;
        }
        Bench::end(processes).await?;

        let tally = bench.check(report, &part, Counts::Ignored).await?;
        self.judge(report, &part, tally);
        bench.done(report, &part);
        Ok(())
    }

    fn judge(&self, report: &mut Report, part: &str, tally: Tally) {
        report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
        // whoever holds the new tokens can mend with them what was thought lost
        if self.mode.forgives() || self.asleep != Asleep::BeforeTheAnswer {
            report.exactly(format!("{part}: healthy"), tally.healthy, CONNECTIONS);
        } else {
            let named = tally.healthy + tally.flagged;
            report.told(
                format!("{part}: healthy, lost and flagged"),
                format!("{}, {}", tally.healthy, tally.flagged),
            );
            report.exactly(format!("{part}: one or the other"), named, CONNECTIONS);
        }
    }

    fn name(&self) -> String {
        let place = match self.asleep {
            Asleep::BeforeTheAnswer => "before the answer",
            Asleep::TokensInHand => "with tokens in hand",
            Asleep::InTheCommit => "in the commit, within the lease",
        };
        format!("asleep {place}, {}", self.mode.word())
    }
}

/// Locks the rows of these connections, so that nobody can store anything in them.
async fn locked(
    bench: &Bench,
    connections: &[Connected],
) -> anyhow::Result<sqlx::Transaction<'static, sqlx::Postgres>> {
    let pool = bench
        .instance
        .database
        .postgres()
        .context("rows can be locked on PostgreSQL")?;
    let mut lock = pool.begin().await?;
    let ids: Vec<&str> = connections.iter().map(|one| one.id.as_str()).collect();
    sqlx::query("SELECT id FROM connections WHERE id = ANY($1) FOR UPDATE")
        .bind(ids)
        .fetch_all(&mut *lock)
        .await?;
    Ok(lock)
}
