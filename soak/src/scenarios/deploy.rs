//! A rolling deploy (R105): three processes of the release before on one PostgreSQL, behind a load
//! balancer, are replaced by this one, one by one, under fifty calls a second.
//!
//! Some calls are for tokens that are valid for long, others for tokens that live four seconds, so
//! that every process is renewing something when its turn comes. Nobody may hear a 5xx, no call may
//! get lost, and the old and the new program must not refresh a token twice between them.

use super::{answers, counts, percentile, served};
use crate::authority::Mode;
use crate::backend::{Connected, Got, Receipt};
use crate::balancer::Balancer;
use crate::bench::{Bench, LONGEST_END};
use crate::instance::{Below, Plan, Process, Signal};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{interval, sleep};

const PROCESSES: usize = 3;
const LASTING: usize = 30;
const SHORT_LIVED: usize = 20;
const SHORT_LIFE_S: u64 = 4;
const LATENCY: Duration = Duration::from_millis(200);
/// Fifty a second.
const PACE: Duration = Duration::from_millis(20);
/// After a process is ready, and before the next one has to go.
const REST: Duration = Duration::from_millis(1500);

pub(crate) async fn deploy(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("deploy");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let previous = settings.previous.as_ref().unwrap_or(&settings.binary);
    // each process once, or four times more, then from this release to itself
    let rounds = if settings.quick { 1 } else { 5 };
    let plan = Plan {
        processes: PROCESSES,
        ahead: true,
        ..Plan::on(Below::Postgres(&kept))
    };
    let mut bench = Bench::with_program(settings, previous, &plan).await?;
    let before = bench.instance.run(&["--version"])?;
    let mut processes = bench.instance.start_all().await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = LATENCY;
        manners.first_lifetime_s = 3600;
    });
    let lasting = bench.connect(&report, LASTING).await?;
    bench.behave(|manners| {
        manners.first_lifetime_s = SHORT_LIFE_S;
        manners.lifetime_s = SHORT_LIFE_S;
    });
    let short_lived = bench.connect(&report, SHORT_LIVED).await?;

    let balancer = Balancer::before(bench.backend.clone(), PROCESSES);
    let load = Load::begin(balancer, mixed(&lasting, &short_lived));
    sleep(REST).await;
    bench.instance.update(&settings.binary);
    let mut slowest_end = Duration::ZERO;
    for round in 1..=rounds {
        for (node, process) in processes.iter_mut().enumerate() {
            report.progress(format_args!("round {round}: process {node} is replaced"));
            let ended = replace(&bench, node, process).await?;
            slowest_end = slowest_end.max(ended);
            sleep(REST).await;
        }
    }
    let after = bench.instance.run(&["--version"])?;
    let (calls, passed_on) = load.end().await?;
    Bench::end(processes).await?;

    let same = if settings.previous.is_some() {
        ""
    } else {
        " (the same program)"
    };
    report.told("from", format!("{}{same}", before.trim()));
    report.told("to", after.trim());
    judge(settings, &mut report, &calls);
    report.told("calls that found nobody and went to the next", passed_on);
    report.below("slowest end of a process", slowest_end, LONGEST_END);
    report.told("refreshes meanwhile", bench.authority.book().rotations());
    let counts = counts(settings, &calls);
    let tally = bench.check(&mut report, "all of it", counts).await?;
    report.exactly("healthy connections", tally.healthy, LASTING + SHORT_LIVED);
    bench.done(&mut report, "deploy");
    kept.end()?;
    Ok(report.verdict())
}

/// Ends a process in order and starts its successor. Answers how long the end took.
async fn replace(bench: &Bench, node: usize, process: &mut Process) -> anyhow::Result<Duration> {
    let asked = Instant::now();
    process.signal(Signal::Term)?;
    let status = process.ended(LONGEST_END).await?;
    anyhow::ensure!(
        status.success(),
        "grantport ended with {status} after SIGTERM"
    );
    let took = asked.elapsed();
    *process = bench.instance.start(node).await?;
    Ok(took)
}

fn judge(settings: &Settings, report: &mut Report, calls: &[Receipt]) {
    report.told("callers got", outcomes(calls));
    report.exactly("calls served", served(settings, calls), calls.len());
    let no_answer = |call: &&Receipt| matches!(call.got, Got::Nothing | Got::Refused);
    let lost = calls.iter().filter(no_answer).count();
    report.exactly("calls without an answer", lost, 0);
    let mut took: Vec<Duration> = calls.iter().map(Receipt::took).collect();
    took.sort();
    for percent in [50, 99, 100] {
        report.told(
            format!("{percent} % of the calls within"),
            ms(percentile(&took, percent)),
        );
    }
}

/// Each kind of answer with its number, whatever the generation.
fn outcomes(calls: &[Receipt]) -> String {
    let mut others = calls.to_vec();
    others.retain(|call| !call.got.is_token());
    let served = format!("{} x 200", calls.len() - others.len());
    let others = answers(&others);
    if others.is_empty() {
        served
    } else {
        format!("{served}; {others}")
    }
}

/// Calls at an even pace, until it is told to end.
struct Load {
    calling: JoinHandle<(Vec<Receipt>, usize)>,
    go_on: watch::Sender<bool>,
}

impl Load {
    fn begin(balancer: Balancer, connections: Vec<Connected>) -> Self {
        let (go_on, told) = watch::channel(true);
        let calling = tokio::spawn(async move {
            let (balancer, mut calls, mut pace) =
                (Arc::new(balancer), JoinSet::new(), interval(PACE));
            for one in connections.iter().cycle() {
                pace.tick().await;
                if !*told.borrow() {
                    break;
                }
                let (balancer, id) = (Arc::clone(&balancer), one.id.clone());
                calls.spawn(async move { balancer.token(&id).await });
            }
            let receipts = calls.join_all().await;
            (receipts, balancer.passed_on())
        });
        Self { calling, go_on }
    }

    async fn end(self) -> anyhow::Result<(Vec<Receipt>, usize)> {
        self.go_on.send(false)?;
        Ok(self.calling.await?)
    }
}

/// One of these, one of those.
fn mixed(lasting: &[Connected], short_lived: &[Connected]) -> Vec<Connected> {
    let both = lasting.iter().zip(short_lived.iter().cycle());
    both.flat_map(|(a, b)| [a.clone(), b.clone()]).collect()
}
