//! Renewing ahead of time: tokens that live for seconds, at a provider that kills the old one when
//! it gives a new one.
//!
//! A backend keeps each token until its `cache_until` and asks again then. Nobody may have to wait for
//! a refresh, each generation is renewed once though three processes share the work, and no token may
//! die before the moment until which its backend may keep it. Beside that provider another one hangs:
//! it takes refreshes and never answers. That is nobody else's business (R99).

use super::{BOTH, answers, below, served};
use crate::authority::{Book, Kind as Misbehaviour, Mode, Turn};
use crate::backend::{Backend, Connected, Got, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Kind, Plan, Process};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

const CONNECTIONS: usize = 60;
/// The provider that hangs, and how many connections it has.
const HANGS: usize = 1;
const STUCK: usize = 20;
const LATENCY: Duration = Duration::from_millis(500);
/// Between two uses of a token.
const EVERY: Duration = Duration::from_millis(250);

pub(crate) async fn ahead(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("ahead");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    // a token is renewed some time in a tenth of its life: of forty seconds that is four, in which connections
    // that were made at once are no longer one crowd
    let (lifetime_s, span_s) = if settings.quick { (20, 25) } else { (40, 120) };
    for kind in BOTH {
        let played = Played::begin(settings, &report, (kind, &kept), lifetime_s).await?;
        report.progress(format_args!("everybody works for {span_s} s"));
        sleep(Duration::from_secs(span_s)).await;
        played.judge(settings, &mut report).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

/// One instance under way.
struct Played {
    part: String,
    bench: Bench,
    processes: Vec<Process>,
    working: JoinSet<()>,
    connections: Vec<Connected>,
}

impl Played {
    async fn begin(
        settings: &Settings,
        report: &Report,
        (kind, kept): (Kind, &Kept),
        lifetime_s: u64,
    ) -> anyhow::Result<Self> {
        let processes = if kind == Kind::Postgres { 3 } else { 1 };
        let plan = Plan {
            processes,
            providers: 2,
            ahead: true,
            refresh: "kills_access_token = true",
            ..Plan::on(below(kind, kept))
        };
        let mut bench = Bench::new(settings, &plan).await?;
        bench.behave(|manners| {
            manners.mode = Mode::Strict;
            manners.turn = Turn::End;
            manners.latency = LATENCY;
            manners.kills_access_token = true;
            manners.first_lifetime_s = lifetime_s;
            manners.lifetime_s = lifetime_s;
        });
        let started = bench.instance.start_all().await?;
        let silence = Misbehaviour::Silence.before_rotation();
        bench.authority.fail(HANGS, Some(silence));
        let stuck = bench.connect_to(report, HANGS, STUCK).await?;
        let connections = bench.connect(report, CONNECTIONS).await?;
        let mut working = JoinSet::new();
        for (n, one) in connections.iter().chain(&stuck).enumerate() {
            let (backend, id) = (bench.backend.clone(), one.id.clone());
            working.spawn(async move { work(backend, id, n, processes).await });
        }
        Ok(Self {
            part: format!("{} x {processes}", kind.word()),
            bench,
            processes: started,
            working,
            connections,
        })
    }

    async fn judge(mut self, settings: &Settings, report: &mut Report) -> anyhow::Result<()> {
        let part = &self.part;
        self.working.shutdown().await;
        self.bench.authority.let_go();
        Bench::end(self.processes).await?;

        let by_id: HashMap<&str, &str> = self
            .connections
            .iter()
            .map(|one| (one.id.as_str(), one.account.as_str()))
            .collect();
        let receipts = self.bench.backend.receipts();
        let calls: Vec<(&Receipt, &str)> = receipts
            .iter()
            .filter_map(|receipt| Some((receipt, *by_id.get(receipt.connection.as_str())?)))
            .collect();
        {
            let book = self.bench.authority.book();
            let own: Vec<Receipt> = calls.iter().map(|(call, _)| (*call).clone()).collect();
            let name = format!("{part}: calls served");
            report.exactly(name, served(settings, &own), own.len());
            let accounts: Vec<&str> = by_id.values().copied().collect();
            let (renewed, busiest) = spread(&accounts, &book);
            report.told(format!("{part}: refreshes"), renewed);
            let waited = calls
                .iter()
                .filter(|(call, account)| waited(call, account, &book))
                .count();
            // without the refresher, somebody waits for each; on a busy machine, for some
            let most = if settings.quick { renewed / 10 } else { 0 };
            let name = format!("{part}: callers who waited for one");
            report.figure(name, waited, format!("at most {most}"), waited <= most);
            let name = format!("{part}: in the busiest second");
            let limit = CONNECTIONS / 2;
            if settings.quick {
                report.told(name, busiest);
            } else {
                report.figure(name, busiest, format!("< {limit}"), busiest < limit);
            }
        }
        let slowest = calls.iter().map(|(call, _)| call.took()).max();
        let slowest = slowest.unwrap_or_default();
        if settings.quick {
            report.told(format!("{part}: slowest call"), ms(slowest));
        } else {
            report.below(format!("{part}: slowest call"), slowest, LATENCY);
        }
        let elsewhere: Vec<Receipt> = receipts
            .iter()
            .filter(|receipt| !by_id.contains_key(receipt.connection.as_str()))
            .cloned()
            .collect();
        let name = format!("{part}: callers got at the provider that hangs");
        report.told(name, answers(&elsewhere));
        let tally = self.bench.check(report, part, Counts::Ignored).await?;
        let all = self.bench.connections.len();
        report.exactly(format!("{part}: healthy connections"), tally.healthy, all);
        let part = part.clone();
        self.bench.done(report, &part);
        Ok(())
    }
}

/// A backend: uses the token again and again, and asks for one where it may not keep what it has.
async fn work(backend: Backend, connection: String, n: usize, processes: usize) {
    let mut keep_until: Option<Instant> = None;
    for turn in n.. {
        if keep_until.is_none_or(|until| until <= Instant::now()) {
            let receipt = backend.token(turn % processes, &connection).await;
            keep_until = match receipt.got {
                Got::Token { cache_until, .. } => cache_until,
                _ => None,
            };
        }
        sleep(EVERY).await;
    }
}

/// Whether the token did not exist yet for at least half of the provider's time when it was asked
/// for. A call that merely crossed a refresh got its token in the first moments.
fn waited(call: &Receipt, account: &str, book: &Book) -> bool {
    let (Got::Token { sha256, .. }, Some(grant)) = (&call.got, book.grants.get(account)) else {
        return false;
    };
    grant
        .pairs
        .iter()
        .any(|pair| pair.access_sha256() == *sha256 && pair.issued_at > call.started + LATENCY / 2)
}

/// Refreshes of these accounts, and how many of them fell into one second.
fn spread(accounts: &[&str], book: &Book) -> (usize, usize) {
    let mut seconds: BTreeMap<u64, usize> = BTreeMap::new();
    let grants = accounts
        .iter()
        .filter_map(|account| book.grants.get(*account));
    let moments: Vec<Instant> = grants
        .flat_map(|grant| grant.presentations.iter().map(|one| one.at))
        .collect();
    let Some(first) = moments.iter().min() else {
        return (0, 0);
    };
    for moment in &moments {
        let second = moment.duration_since(*first).as_secs();
        *seconds.entry(second).or_default() += 1;
    }
    let busiest = seconds.values().max().copied().unwrap_or_default();
    (moments.len(), busiest)
}
