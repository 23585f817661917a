//! Searches of the support staff, over a thousand connections and over a hundred times as many: the page as
//! it is made and sent, each search in turn. A search is to take three times as long at most.
//!
//! The rows are written with SQL of our own, as a release before there were words would have left them; the
//! server finds them by itself. The short form has fewer rows and, on a busy machine, more patience.

use super::{BOTH, below, percentile};
use crate::bench::Bench;
use crate::instance::{Kind, Plan};
use crate::report::{Report, ms};
use crate::staff::Staff;
use crate::{KEEP_POSTGRES, Settings};
use anyhow::ensure;
use cluster::Kept;
use std::time::{Duration, Instant};
use tokio::time::sleep;

const FEW: u64 = 1_000;

/// How many rows, and how much longer a search may take.
struct Size {
    many: u64,
    rounds: usize,
    factor: f64,
    patience: Duration,
}

const QUICK: Size = Size {
    many: 10_000,
    rounds: 9,
    factor: 5.0,
    patience: Duration::from_mins(4),
};

const LONG: Size = Size {
    many: 100_000,
    rounds: 41,
    factor: 3.0,
    patience: Duration::from_mins(20),
};

/// Name, query, and whether it finds somebody. Each is there among the first thousand.
const SEARCHES: [(&str, &str, bool); 13] = [
    ("no filter", "", true),
    ("an e-mail", "q=user-77%40company-77.example", true),
    ("the beginning of an id", "q=acct-77", true),
    ("a name of one in a hundred", "q=company-42", true),
    ("what everybody has", "q=example", true),
    ("two words", "q=user-77+company-77", true),
    ("nobody", "q=nobody", false),
    ("state", "state=degraded", true),
    ("reason", "reason=no_refresh_token", true),
    ("provider", "provider=soak-0", true),
    ("owner", "owner=personal", true),
    ("never used", "used=never", true),
    (
        "several",
        "q=company-42&state=active&provider=soak-0&owner=personal&used=never",
        true,
    ),
];

pub(crate) async fn find(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("find");
    let kept = Kept::begin(KEEP_POSTGRES)?;
    let size = if settings.quick { QUICK } else { LONG };
    for kind in BOTH {
        grow(settings, &mut report, (kind, &kept), &size).await?;
    }
    kept.end()?;
    Ok(report.verdict())
}

async fn grow(
    settings: &Settings,
    report: &mut Report,
    (kind, kept): (Kind, &Kept),
    size: &Size,
) -> anyhow::Result<()> {
    let part = kind.word();
    let plan = Plan::on(below(kind, kept));
    let mut bench = Bench::new(settings, &plan).await?;
    let process = bench.instance.start(0).await?;
    // one that is real, for the others to be copied from
    bench.connect(report, 1).await?;
    Bench::end(vec![process]).await?;

    let few = searched(&bench, report, (kind, size), 1..=FEW).await?;
    let many = searched(&bench, report, (kind, size), FEW + 1..=size.many).await?;
    for ((name, ..), (few, many)) in SEARCHES.iter().zip(few.into_iter().zip(many)) {
        let ratio = many.as_secs_f64() / few.as_secs_f64().max(f64::EPSILON);
        report.figure(
            format!("{part}: {name}"),
            format!("{ratio:.1} times ({} to {})", ms(few), ms(many)),
            format!("<= {:.1} times", size.factor),
            ratio <= size.factor,
        );
    }
    Ok(())
}

/// Adds rows, waits until the server has found them, and searches. The medians, in the order of
/// [`SEARCHES`].
async fn searched(
    bench: &Bench,
    report: &mut Report,
    (kind, size): (Kind, &Size),
    rows: std::ops::RangeInclusive<u64>,
) -> anyhow::Result<Vec<Duration>> {
    let (part, all) = (kind.word(), *rows.end());
    report.progress(format_args!("{part}: {all} connections"));
    let database = &bench.instance.database;
    database.write(&copies(kind, *rows.start(), all)).await?;
    let process = bench.instance.start(0).await?;
    let staff = Staff::sign_in(&bench.instance.url(0)).await?;
    // they are found before they have their words, only not as fast
    let (took, page) = staff.open("/apps/soak/connections?q=user-77").await?;
    ensure!(
        page.contains("user-77@"),
        "a row without words is not found"
    );
    report.told(format!("{part}: a search of {all} without words"), ms(took));
    let began = Instant::now();
    let without = "SELECT COUNT(*) FROM connections WHERE CASE WHEN words_at = connected_at THEN 0 ELSE 1 END = 1";
    while database.number(without).await? > 0 {
        ensure!(
            began.elapsed() < size.patience,
            "{part}: words are not written in time"
        );
        sleep(Duration::from_millis(300)).await;
    }
    let wrote = began.elapsed().as_secs();
    report.told(
        format!("{part}: words of {all} written after"),
        format!("{wrote} s"),
    );

    // after so many rows at once PostgreSQL cleans up by itself, within minutes, and that is not what is measured
    if let Kind::Postgres = kind {
        database.write("VACUUM ANALYZE").await?;
    }
    let mut took = vec![Vec::new(); SEARCHES.len()];
    // the first round warms up what a second visitor finds warm
    for round in 0..=size.rounds {
        for ((name, query, finds), took) in SEARCHES.iter().zip(&mut took) {
            let (time, page) = staff
                .open(&format!("/apps/soak/connections?{query}"))
                .await?;
            ensure!(
                page.contains("/apps/soak/connections/con_") == *finds,
                "{part}: {name}"
            );
            if round > 0 {
                took.push(time);
            }
        }
    }
    Bench::end(vec![process]).await?;
    Ok(took
        .into_iter()
        .map(|mut took| {
            took.sort();
            percentile(&took, 50)
        })
        .collect())
}

/// Copies of the real connection: one in a hundred is degraded, one needs a person, each hundredth
/// belongs to the same company.
fn copies(kind: Kind, first: u64, last: u64) -> String {
    let numbers = match kind {
        Kind::Sqlite => format!(
            "(WITH RECURSIVE numbers (n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM numbers WHERE n < {last}) SELECT n FROM numbers) AS numbers"
        ),
        Kind::Postgres => format!("generate_series({first}, {last}) AS numbers (n)"),
    };
    let same = "organization_id, application_id, provider_id, tags, scopes_asked, scopes_granted, inputs, metadata, client_id, \
        redirect_uri, status_since, generation, has_refresh_token, token_type, lease_epoch";
    format!(
        "INSERT INTO connections (id, owner_kind, owner_id, end_user_id, end_user_name, end_user_email, account_id, account_label,
             status, broken_reason, fail_count, last_handed_out_at, connected_at, created_at, updated_at, look_at, search_text, {same})
         SELECT 'con_0copy' || n, 'personal', 'user-' || n, 'user-' || n, 'Person ' || n, 'user-' || n || '@company-' || (n % 100) || '.example',
             'acct-' || n, 'user-' || n || '@company-' || (n % 100) || '.example',
             CASE n % 100 WHEN 7 THEN 'reconnect_required' ELSE 'active' END, CASE n % 100 WHEN 7 THEN 'no_refresh_token' END,
             CASE n % 100 WHEN 8 THEN 1 ELSE 0 END, CASE n % 3 WHEN 1 THEN created_at END, created_at - n * 1000, created_at - n * 1000,
             updated_at, NULL, 'user-' || n || '@company-' || (n % 100) || '.example acct-' || n, {same}
         FROM (SELECT * FROM connections WHERE id NOT LIKE 'con_0copy%' LIMIT 1) AS base CROSS JOIN {numbers}"
    )
}
