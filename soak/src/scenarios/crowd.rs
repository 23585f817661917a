//! A crowd: many connections expire at once, and their callers come one upon the other, while the
//! server itself renews what is due. The provider is asked at the rate of its bucket and no faster
//! (R107); who would have to wait for long hears 503 and when to come again, and gets its token in the
//! end. Whoever asks for a token that is still valid must not notice.
//!
//! The short form names a lower rate, so that there is a queue without a large crowd, and judges the
//! median: on a busy machine, the slowest of a few hundred calls tell more of the machine.

use super::{BOTH, answers, below, percentile, tokens};
use crate::authority::{Book, Mode};
use crate::backend::{Backend, Connected, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Kind, Plan};
use crate::report::{Report, ms};
use crate::{KEEP_POSTGRES, Settings};
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::{interval, sleep};

const VALID: usize = 20;
/// Between two calls for valid tokens.
const PACE: Duration = Duration::from_millis(25);
const BASELINE: Duration = Duration::from_secs(5);
const LATENCY: Duration = Duration::from_millis(300);
/// So many seconds' worth may leave at once, after a quiet time.
const BURST_S: f64 = 2.0;
/// Requests that left in time may arrive together, when the machine is busy: so many seconds' worth.
const JITTER_S: f64 = 1.5;
/// What a slow machine alone can add to a median.
const QUICK_MARGIN: Duration = Duration::from_millis(50);

/// How large a crowd, and how it comes.
struct Size {
    connections: usize,
    /// Between two callers.
    arrivals: Duration,
    /// Refreshes in a second, by the definition or by default.
    rate: u32,
    refresh: &'static str,
    /// Of the calls for valid tokens.
    judged_percent: usize,
    margin: Duration,
    /// Until the last of them has to have its token.
    patience: Duration,
}

const QUICK: Size = Size {
    connections: 200,
    arrivals: Duration::from_millis(25),
    rate: 15,
    refresh: "most_per_second = 15",
    judged_percent: 50,
    margin: QUICK_MARGIN,
    patience: Duration::from_mins(2),
};

/// Ten thousand within a minute.
const LONG: Size = Size {
    connections: 10_000,
    arrivals: Duration::from_millis(6),
    rate: 25,
    refresh: "",
    judged_percent: 95,
    margin: Duration::ZERO,
    patience: Duration::from_mins(15),
};

pub(crate) async fn crowd(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("crowd");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let size = if settings.quick { QUICK } else { LONG };
    for kind in BOTH {
        rush(settings, &mut report, (kind, &kept), &size).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

async fn rush(
    settings: &Settings,
    report: &mut Report,
    (kind, kept): (Kind, &Kept),
    size: &Size,
) -> anyhow::Result<()> {
    let count = size.connections;
    let part = format!("{count} on {}", kind.word());
    let plan = Plan {
        refresh: size.refresh,
        ..Plan::on(below(kind, kept))
    };
    let mut bench = Bench::new(settings, &plan).await?;
    bench.behave(|manners| {
        manners.mode = Mode::Strict;
        manners.latency = LATENCY;
        manners.first_lifetime_s = 3600;
    });
    let process = bench.instance.start(0).await?;
    let valid = bench.connect(report, VALID).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let crowd = bench.connect(report, count).await?;
    bench.expired().await;
    report.progress(format_args!("{part}: calls for valid tokens alone"));
    let alone = probed(&bench.backend, &valid, sleep(BASELINE)).await.0;

    // only now does anybody look ahead, and finds that all are due
    Bench::end(vec![process]).await?;
    bench.instance.look_ahead();
    let process = bench.instance.start(0).await?;
    report.progress(format_args!("{part}: the crowd comes"));
    let worked = process.worked();
    let began = Instant::now();
    let coming = come(&bench.backend, &crowd, size);
    let (beside, served) = probed(&bench.backend, &valid, coming).await;
    let lasted = began.elapsed();
    let worked = process
        .worked()
        .zip(worked)
        .map(|(after, before)| after.saturating_sub(before));
    Bench::end(vec![process]).await?;

    let name = format!("{part}: tokens in the end");
    report.exactly(name, tokens(&served), count);
    let of_the_crowd = |receipt: &Receipt| valid.iter().all(|one| one.id != receipt.connection);
    let mut told = bench.backend.receipts();
    told.retain(of_the_crowd);
    report.told(format!("{part}: callers heard"), answers(&told));
    let (presented, most_at_once) = {
        let book = bench.authority.book();
        (book.presentations(), beyond(size.rate, &book))
    };
    let name = format!("{part}: refresh tokens presented");
    report.exactly(name, presented, count);
    let rate = f64::from(size.rate);
    let limit = rate * (BURST_S + JITTER_S);
    report.figure(
        format!("{part}: refreshes beyond {rate} a second, in any window"),
        format!("{most_at_once:.0}"),
        format!("at most {limit:.0}"),
        most_at_once <= limit,
    );
    report.told(format!("{part}: all served after"), ms(lasted));
    if let Some(worked) = worked {
        report.told(
            format!("{part}: processor time of grantport in that time"),
            ms(worked),
        );
    }
    for percent in [50, 95, 99] {
        let (quiet, busy) = (percentile(&alone, percent), percentile(&beside, percent));
        let name = format!("{part}: valid tokens, {percent} % within, alone then beside the crowd");
        let value = format!("{} then {}", ms(quiet), ms(busy));
        if percent == size.judged_percent {
            let limit = quiet * 2 + size.margin;
            report.figure(name, value, format!("at most {}", ms(limit)), busy <= limit);
        } else {
            report.told(name, value);
        }
    }
    let tally = bench.check(report, &part, Counts::Ignored).await?;
    report.exactly(
        format!("{part}: healthy connections"),
        tally.healthy,
        count + VALID,
    );
    bench.done(report, &part);
    Ok(())
}

/// One caller for each connection, one upon the other; who is asked to come again does.
async fn come(backend: &Backend, crowd: &[Connected], size: &Size) -> Vec<Receipt> {
    let (mut callers, mut arrivals) = (JoinSet::new(), interval(size.arrivals));
    for one in crowd {
        arrivals.tick().await;
        let (backend, id, patience) = (backend.clone(), one.id.clone(), size.patience);
        callers.spawn(async move { backend.settle(0, &id, patience).await });
    }
    callers.join_all().await
}

/// How long calls for valid tokens take while something else happens, sorted, and what that brings.
/// They come at an even pace; a slow answer delays no question.
async fn probed<T>(
    backend: &Backend,
    valid: &[Connected],
    meanwhile: impl Future<Output = T>,
) -> (Vec<Duration>, T) {
    let (backend, valid) = (backend.clone(), valid.to_vec());
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let probing = tokio::spawn(async move {
        let (mut calls, mut pace) = (JoinSet::new(), interval(PACE));
        for one in valid.iter().cycle() {
            tokio::select! {
                _ = &mut stopped => break,
                _ = pace.tick() => {}
            }
            let (backend, id) = (backend.clone(), one.id.clone());
            calls.spawn(async move { backend.token(0, &id).await });
        }
        calls.join_all().await
    });
    let brought = meanwhile.await;
    drop(stop);
    let receipts = probing.await.unwrap_or_default();
    let mut took: Vec<Duration> = receipts.iter().map(Receipt::took).collect();
    took.sort();
    (took, brought)
}

/// How many refreshes more than `rate` a second allows there were, in the window in which there were
/// most.
fn beyond(rate: u32, book: &Book) -> f64 {
    let mut moments: Vec<Instant> = book
        .grants
        .values()
        .flat_map(|grant| grant.presentations.iter().map(|one| one.at))
        .collect();
    moments.sort();
    let Some(first) = moments.first().copied() else {
        return 0.0;
    };
    // what a bucket with no bottom lacks, which is filled evenly and never overflows
    let (mut lacks, mut most, mut before) = (0.0_f64, 0.0_f64, first);
    for moment in moments {
        let filled = moment.duration_since(before).as_secs_f64() * f64::from(rate);
        lacks = (lacks - filled).max(0.0) + 1.0;
        most = most.max(lacks);
        before = moment;
    }
    most
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::{Grant, Manners, Presentation};

    #[test]
    fn what_goes_beyond_a_rate_is_of_the_worst_window() {
        let start = Instant::now();
        let mut grant = Grant::new("a", &Manners::default(), start);
        let mut present = |millis: u64, times: usize| {
            let at = start + Duration::from_millis(millis);
            let (pair, said) = (1, None);
            let one = Presentation { at, pair, said };
            grant.presentations.extend(vec![one; times]);
        };
        present(0, 5);
        present(1000, 10);
        present(1500, 10);
        present(9000, 12);
        let mut book = Book::default();
        book.grants.insert("a".to_owned(), grant);
        // ten a second: five are gone by then, ten come, five go, ten come
        assert!((beyond(10, &book) - 15.0).abs() < 1e-9);
    }
}
