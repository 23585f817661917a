//! The database goes away, and comes back: stopped, and silent as behind a broken network.

use super::{answers, limit, says_unavailable};
use crate::authority::Mode;
use crate::backend::{Backend, Connected, Receipt};
use crate::bench::{Bench, LONGEST_END};
use crate::checker::Counts;
use crate::instance::{Below, Line, Plan, Signal};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::task::block_in_place;
use tokio::time::sleep;

const CONNECTIONS: usize = 10;
const LONGEST_ANSWER: Duration = Duration::from_secs(3);
const LONGEST_RECOVERY: Duration = Duration::from_secs(5);
/// So long are calls under way as it goes.
const CROSSING: Duration = Duration::from_secs(2);
const SHORT: Duration = Duration::from_secs(4);
/// Longer than the lease.
const LONG: Duration = Duration::from_mins(1);
/// What arrives is written down when the first attempt to store it has failed.
const LONGEST_WRITING: Duration = Duration::from_secs(30);

/// How the database is away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Away {
    /// Its socket refuses.
    Stopped,
    /// It takes what is sent and says nothing.
    Silent,
}

impl Away {
    fn begin(self, kept: &mut Kept) -> anyhow::Result<()> {
        block_in_place(|| match self {
            Self::Stopped => kept.stop(),
            Self::Silent => kept.freeze(),
        })
    }

    fn end(self, kept: &mut Kept) -> anyhow::Result<()> {
        block_in_place(|| match self {
            Self::Stopped => kept.start(),
            Self::Silent => kept.thaw(),
        })
    }

    fn word(self) -> &'static str {
        match self {
            Self::Stopped => "stopped",
            Self::Silent => "silent",
        }
    }
}

/// What becomes of the process while the database is away.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Meanwhile {
    Lives,
    /// SIGKILL, once it has written down what it could not store.
    IsKilled,
    /// SIGTERM.
    Ends,
}

pub(crate) async fn outage(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("outage");
    let mut kept = Kept::begin(KEEP_POSTGRES)?;
    for away in [Away::Stopped, Away::Silent] {
        idle(settings, &mut report, &mut kept, away).await?;
        let lives = |span| Outage {
            away,
            span,
            meanwhile: Meanwhile::Lives,
        };
        lives(SHORT).play(settings, &mut report, &mut kept).await?;
        if !settings.quick {
            lives(LONG).play(settings, &mut report, &mut kept).await?;
        }
    }
    let ends: &[_] = if settings.quick {
        &[(Away::Stopped, Meanwhile::IsKilled)]
    } else {
        &[
            (Away::Stopped, Meanwhile::IsKilled),
            (Away::Silent, Meanwhile::IsKilled),
            (Away::Stopped, Meanwhile::Ends),
            (Away::Silent, Meanwhile::Ends),
        ]
    };
    for (away, meanwhile) in ends.iter().copied() {
        let span = if settings.quick { SHORT } else { LONG };
        let outage = Outage {
            away,
            span,
            meanwhile,
        };
        outage.play(settings, &mut report, &mut kept).await?;
    }
    unconfirmed(settings, &mut report, &kept).await?;
    if settings.quick {
        report.note("Outages that outlast the lease, and an orderly end during one, are left out in the short form: each takes a minute.");
    }
    kept.end()?;
    Ok(report.verdict())
}

/// It goes under calls for valid tokens, and is away when somebody asks for those that are due.
async fn idle(
    settings: &Settings,
    report: &mut Report,
    kept: &mut Kept,
    away: Away,
) -> anyhow::Result<()> {
    let part = &format!("{} when asked", away.word());
    let mut bench = Bench::new(settings, &Plan::on(Below::Postgres(kept))).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.first_lifetime_s = 3600;
    });
    let process = bench.instance.start(0).await?;
    let valid = bench.connect(report, CONNECTIONS).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let due = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    // so that it goes in the middle of queries, too
    let crossing = tokio::spawn(asking(bench.backend.clone(), valid, CROSSING));
    sleep(Duration::from_millis(300)).await;
    away.begin(kept)?;
    let span = Duration::from_secs(if settings.quick { 5 } else { 60 });
    let until = Instant::now() + span;
    report.progress(format_args!("{part}: for {} s", span.as_secs()));
    let mut told: Vec<Receipt> = Vec::new();
    while Instant::now() < until {
        told.extend(bench.backend.tokens(0, &due).await);
        sleep(Duration::from_millis(500)).await;
    }
    let alive = bench.backend.status(0, "healthz").await?;
    let ready = bench.backend.status(0, "readyz").await?;
    let presented = bench.authority.book().presentations();
    away.end(kept)?;
    let first = first_token(&bench, &due[0]).await;
    let patience = Duration::from_secs(30);
    let recovered = bench.backend.settle_all(0, &due, patience).await;
    let crossing = crossing.await?;
    Bench::end(vec![process]).await?;

    report.told(format!("{part}: callers got"), answers(&told));
    let unavailable = told.iter().filter(|one| says_unavailable(one));
    let count = unavailable.count();
    report.exactly(format!("{part}: of them 503"), count, told.len());
    let slowest = |receipts: &[Receipt]| receipts.iter().map(Receipt::took).max();
    for (who, receipts) in [("while away", &told), ("as it went", &crossing)] {
        let slowest = slowest(receipts).unwrap_or_default();
        report.below(
            format!("{part}: slowest answer {who}"),
            slowest,
            limit(settings, LONGEST_ANSWER),
        );
    }
    report.exactly(format!("{part}: refresh tokens presented"), presented, 0);
    report.exactly(format!("{part}: healthz"), alive, 200);
    report.exactly(format!("{part}: readyz"), ready, 503);
    report.below(
        format!("{part}: back after"),
        first,
        limit(settings, LONGEST_RECOVERY),
    );
    let served = recovered
        .iter()
        .filter(|receipt| receipt.got.is_token())
        .count();
    report.exactly(
        format!("{part}: tokens after its return"),
        served,
        due.len(),
    );
    let tally = bench.check(report, part, Counts::Ignored).await?;
    let all = bench.connections.len();
    report.exactly(format!("{part}: healthy connections"), tally.healthy, all);
    bench.done(report, part);
    Ok(())
}

/// The database goes while the provider thinks: the intent is stored, the successor is not yet.
struct Outage {
    away: Away,
    span: Duration,
    meanwhile: Meanwhile,
}

impl Outage {
    fn name(&self) -> String {
        let what = match self.meanwhile {
            Meanwhile::Lives => "mid-refresh",
            Meanwhile::IsKilled => "mid-refresh, SIGKILL",
            Meanwhile::Ends => "mid-refresh, SIGTERM",
        };
        format!(
            "{} for {} s in {what}",
            self.away.word(),
            self.span.as_secs()
        )
    }

    async fn play(
        &self,
        settings: &Settings,
        report: &mut Report,
        kept: &mut Kept,
    ) -> anyhow::Result<()> {
        let part = self.name();
        let mut bench = Bench::new(settings, &Plan::on(Below::Postgres(kept))).await?;
        bench.behave(|manners| {
            manners.mode = Mode::Strict;
            manners.latency = Duration::from_secs(1);
        });
        let mut process = bench.instance.start(0).await?;
        let connections = bench.connect(report, CONNECTIONS).await?;
        bench.expired().await;

        report.progress(format_args!(
            "{part}: the provider thinks, the database goes"
        ));
        let (backend, asked) = (bench.backend.clone(), connections.clone());
        let callers = tokio::spawn(async move { backend.tokens(0, &asked).await });
        bench.presented(CONNECTIONS).await?;
        self.away.begin(kept)?;
        let began = Instant::now();
        match self.meanwhile {
            Meanwhile::Lives => {}
            Meanwhile::IsKilled => {
                let written = written_down(&bench).await?;
                let name = format!("{part}: written down before that");
                report.exactly(name, written, CONNECTIONS);
                process.signal(Signal::Kill)?;
                process.ended(LONGEST_END).await?;
            }
            Meanwhile::Ends => {
                process.signal(Signal::Term)?;
                let status = process.ended(LONGEST_END).await?;
                report.told(format!("{part}: it ended with"), status);
                let ended = began.elapsed();
                report.below(format!("{part}: after"), ended, LONGEST_END);
            }
        }
        sleep(self.span.saturating_sub(began.elapsed())).await;
        self.away.end(kept)?;
        let first = callers.await?;
        if self.meanwhile != Meanwhile::Lives {
            process = bench.instance.start(0).await?;
        }
        report.progress(format_args!("{part}: the database is back"));
        let patience = Duration::from_secs(90);
        bench.backend.settle_all(0, &connections, patience).await;
        Bench::end(vec![process]).await?;

        let tally = bench.check(report, &part, Counts::Ignored).await?;
        report.told(format!("{part}: callers got"), answers(&first));
        let slowest = first.iter().map(Receipt::took).max().unwrap_or_default();
        report.told(format!("{part}: after"), ms(slowest));
        report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
        report.exactly(
            format!("{part}: healthy connections"),
            tally.healthy,
            CONNECTIONS,
        );
        bench.done(report, &part);
        Ok(())
    }
}

/// Waits until all that arrived is in `recovery.d`, and answers how much is.
async fn written_down(bench: &Bench) -> anyhow::Result<usize> {
    let give_up = Instant::now() + LONGEST_WRITING;
    loop {
        let written = bench.instance.recovered()?;
        if written >= CONNECTIONS || Instant::now() >= give_up {
            return Ok(written);
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// The commit that stores the successors is carried out, and its confirmation is lost.
async fn unconfirmed(settings: &Settings, report: &mut Report, kept: &Kept) -> anyhow::Result<()> {
    let part = "a commit whose confirmation is lost";
    let line = Line::to(kept.url()).await?;
    let mut bench = Bench::new(settings, &Plan::on(Below::Line(kept, &line))).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = Duration::from_secs(1);
    });
    let process = bench.instance.start(0).await?;
    let connections = bench.connect(report, CONNECTIONS).await?;
    bench.expired().await;

    report.progress(part);
    let (backend, asked) = (bench.backend.clone(), connections.clone());
    let callers = tokio::spawn(async move { backend.tokens(0, &asked).await });
    bench.presented(CONNECTIONS).await?;
    // the intents are stored by now: what is committed next are the successors
    line.lose(CONNECTIONS);
    let first = callers.await?;
    bench.disturbed();
    let left = line.left();
    line.lose(0);
    let patience = Duration::from_secs(90);
    bench.backend.settle_all(0, &connections, patience).await;
    Bench::end(vec![process]).await?;

    let tally = bench.check(report, part, Counts::Ignored).await?;
    report.told(format!("{part}: lost"), CONNECTIONS - left);
    report.told(format!("{part}: callers got"), answers(&first));
    report.exactly(format!("{part}: lost in silence"), tally.silent, 0);
    let healthy = tally.healthy;
    report.exactly(format!("{part}: healthy"), healthy, CONNECTIONS);
    bench.done(report, part);
    Ok(())
}

/// Asks again and again, for so long.
async fn asking(backend: Backend, connections: Vec<Connected>, span: Duration) -> Vec<Receipt> {
    let (until, mut receipts) = (Instant::now() + span, Vec::new());
    while Instant::now() < until {
        receipts.extend(backend.tokens(0, &connections).await);
    }
    receipts
}

/// How long it takes until there is a token again; half a minute where there is none.
async fn first_token(bench: &Bench, connection: &Connected) -> Duration {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(30) {
        let receipt = bench.backend.token(0, &connection.id).await;
        if receipt.got.is_token() {
            break;
        }
        sleep(Duration::from_millis(100)).await;
    }
    began.elapsed()
}
