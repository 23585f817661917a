//! Faults of an authorization server, one by one: what the caller is told, how often the provider is
//! asked, what the history says, and what becomes of the connection.
//!
//! Each is played at a provider of its own: one that fails several times in a row is left alone for a
//! while (`breaker.rs`), which is no business of the others.

mod cases;

use crate::Settings;
use crate::authority::{Kind, Mode};
use crate::backend::{Connected, Got};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Below, Plan, Process, Row};
use crate::report::Report;
use cases::cases;
use std::time::{Duration, Instant};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Providers: one whose client secret is wrong for a while, one for what has a part of its own, and
/// one for each case.
const UNAUTHORIZED: usize = 0;
const OTHERS: usize = 1;
const FIRST_CASE: usize = 2;
/// After rejected credentials the server waits 30 s.
const CREDENTIALS_PAUSE: Duration = Duration::from_secs(31);
const RECOVERY: Duration = Duration::from_mins(1);
/// Connections behind one wrong client secret.
const SHARED: usize = 20;
/// Bytes of an oversized answer that may leave the server before the client hangs up: what fits
/// into the buffers of two sockets, twice.
const MOST_FLOODED: usize = 16 * 1024 * 1024;
const MOST_GROWTH_KIB: u64 = 20 * 1024;

pub(crate) async fn faults(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("faults");
    let plan = Plan {
        providers: FIRST_CASE + cases().len(),
        ..Plan::on(Below::Sqlite)
    };
    let mut bench = Bench::new(settings, &plan).await?;
    let process = bench.instance.start(0).await?;
    let refused_at = Instant::now();
    let unauthorized = wrong_secret(&mut report, &mut bench).await?;
    one_by_one(&mut report, &mut bench).await?;
    flood(&mut report, &mut bench, &process).await?;
    refused(&mut report, &mut bench).await?;
    in_hand(&mut report, &mut bench).await?;
    sleep(CREDENTIALS_PAUSE.saturating_sub(refused_at.elapsed())).await;
    right_secret(&mut report, &bench, &unauthorized).await;
    let followed = bench.authority.book().redirects_followed;
    report.exactly("redirects followed", followed, 0);
    Bench::end(vec![process]).await?;
    bench.check(&mut report, "all of it", Counts::Exact).await?;
    bench.done(&mut report, "faults");
    Ok(report.verdict())
}

async fn one_by_one(report: &mut Report, bench: &mut Bench) -> anyhow::Result<()> {
    let mut prepared = Vec::new();
    for (host, case) in (FIRST_CASE..).zip(cases()) {
        bench.behave(|manners| manners.mode = case.mode);
        let made = bench.connect_to(report, host, 1).await?;
        bench
            .authority
            .book()
            .script(&made[0].account, &case.script, None);
        prepared.extend(made.into_iter().map(|one| (case.name, one)));
    }
    bench.behave(|manners| manners.mode = Mode::Strict);
    bench.expired().await;
    report.progress(format_args!("{} faults at once", prepared.len()));
    let mut asking = JoinSet::new();
    for (name, connection) in prepared.clone() {
        let backend = bench.backend.clone();
        asking.spawn(async move { (name, backend.token(0, &connection.id).await) });
    }
    let receipts = asking.join_all().await;
    let rows = bench.instance.database.read().await?;
    for case in cases() {
        let found = (
            prepared.iter().find(|(name, _)| *name == case.name),
            receipts.iter().find(|(name, _)| *name == case.name),
        );
        let (Some((_, connection)), Some((_, receipt))) = found else {
            continue;
        };
        let presented = presentations(bench, connection);
        let wrong = match rows.get(&connection.id) {
            Some(row) => case.wrong(receipt, row, presented),
            None => vec!["it is not in the database".to_owned()],
        };
        let told = if wrong.is_empty() {
            format!(
                "{}, presented {presented} x, {:.1} s",
                receipt.got.words(),
                receipt.took().as_secs_f32()
            )
        } else {
            wrong.join("; ")
        };
        report.figure(
            case.name,
            told,
            "as the table of classes says",
            wrong.is_empty(),
        );
    }
    // what condemned nothing needs nothing but time
    let waiting: Vec<Connected> = prepared
        .into_iter()
        .filter(|(name, _)| {
            cases()
                .iter()
                .any(|case| case.name == *name && case.reason.is_none())
        })
        .map(|(_, connection)| connection)
        .collect();
    report.progress("all that condemned nothing is asked for again");
    let recovered = bench.backend.settle_all(0, &waiting, RECOVERY).await;
    let served = recovered
        .iter()
        .filter(|receipt| receipt.got.is_token())
        .count();
    report.exactly("recovered without a person", served, waiting.len());
    Ok(())
}

/// 256 MiB for a token answer.
async fn flood(report: &mut Report, bench: &mut Bench, process: &Process) -> anyhow::Result<()> {
    let connection = bench.connect_to(report, OTHERS, 1).await?;
    let flood = Kind::Huge(256).before_rotation();
    bench
        .authority
        .book()
        .script(&connection[0].account, &[flood], None);
    bench.expired().await;
    report.progress("an answer of 256 MiB");
    let before = process.resident_kib();
    let receipt = bench.backend.token(0, &connection[0].id).await;
    let grown = process
        .resident_kib()
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before));
    report.figure(
        "256 MiB: the caller got",
        receipt.got.words(),
        "200",
        receipt.got.is_token(),
    );
    report.exactly(
        "256 MiB: presented",
        presentations(bench, &connection[0]),
        2,
    );
    let sent = bench.authority.book().flooded;
    report.figure(
        "256 MiB: KiB that left the provider",
        sent / 1024,
        format!("< {}", MOST_FLOODED / 1024),
        sent < MOST_FLOODED,
    );
    if let Some(grown) = grown {
        report.figure(
            "256 MiB: memory grew by KiB",
            grown,
            format!("< {MOST_GROWTH_KIB}"),
            grown < MOST_GROWTH_KIB,
        );
    }
    Ok(())
}

/// Nobody listens where the provider was.
async fn refused(report: &mut Report, bench: &mut Bench) -> anyhow::Result<()> {
    let connection = bench.connect_to(report, OTHERS, 1).await?;
    bench.expired().await;
    bench.authority.close(OTHERS);
    sleep(Duration::from_millis(100)).await;
    let receipt = bench.backend.token(0, &connection[0].id).await;
    bench.authority.reopen(OTHERS).await?;
    let row = bench
        .instance
        .database
        .read()
        .await?
        .remove(&connection[0].id)
        .unwrap_or_default();
    let got = format!(
        "{}, {:?}, intent {}",
        receipt.got.words(),
        row.failures(),
        row.intent.is_some()
    );
    let wanted = r#"503 provider_unavailable, ["unreached"], intent false"#;
    report.exactly("connection refused", got, wanted.to_owned());
    report.exactly(
        "connection refused: presented",
        presentations(bench, &connection[0]),
        0,
    );
    let back = bench.backend.settle(0, &connection[0].id, RECOVERY).await;
    report.figure(
        "connection refused: later",
        back.got.words(),
        "200",
        back.got.is_token(),
    );
    Ok(())
}

/// The token is due, but good for a while; the provider is down. Whoever asks gets what is in hand,
/// and the provider is left alone for a while.
async fn in_hand(report: &mut Report, bench: &mut Bench) -> anyhow::Result<()> {
    bench.behave(|manners| manners.first_lifetime_s = 16);
    let connection = bench.connect_to(report, OTHERS, 1).await?;
    bench.behave(|manners| manners.first_lifetime_s = 1);
    let down = Kind::Status(500).before_rotation();
    let Connected { id, account } = &connection[0];
    bench.authority.book().script(account, &[], Some(down));
    report.progress("a token that is due and still valid");
    // a token of 16 s is due at half-time
    sleep(Duration::from_millis(8200)).await;
    let first = bench.backend.token(0, id).await;
    let presented = presentations(bench, &connection[0]);
    let second = bench.backend.token(0, id).await;
    let again = presentations(bench, &connection[0]);
    bench.authority.book().script(account, &[], None);
    let got = format!("{}; {}", first.got.words(), second.got.words());
    let wanted = "200, generation 1; 200, generation 1".to_owned();
    report.exactly("due and valid, provider down: callers got", got, wanted);
    let told = format!("{presented}, then {}", again - presented);
    let name = "due and valid, provider down: presented";
    report.exactly(name, told, "2, then 0".to_owned());
    // until it has ended
    sleep(Duration::from_secs(8)).await;
    let back = bench.backend.settle(0, id, RECOVERY).await.got.words();
    let name = "due and valid, provider down: when it is up and the token ended";
    report.exactly(name, back, "200, generation 2".to_owned());
    Ok(())
}

/// The client secret is wrong for a while: an admin's business, and no end user's.
async fn wrong_secret(report: &mut Report, bench: &mut Bench) -> anyhow::Result<Vec<Connected>> {
    let connections = bench.connect_to(report, UNAUTHORIZED, SHARED).await?;
    let rejected = Kind::Error(401, "invalid_client").before_rotation();
    for connection in &connections {
        bench
            .authority
            .book()
            .script(&connection.account, &[], Some(rejected));
    }
    bench.expired().await;
    report.progress("the client secret is wrong");
    let receipts = bench.backend.tokens(0, &connections).await;
    let rows = bench.instance.database.read().await?;
    for connection in &connections {
        bench
            .authority
            .book()
            .script(&connection.account, &[], None);
    }
    let told = receipts.iter().filter(|receipt| matches!(&receipt.got, Got::Problem { status: 409, code, .. } if code == "client_credentials_rejected"));
    report.exactly("invalid_client: callers who hear it", told.count(), SHARED);
    let mine = |wanted: fn(&Row) -> bool| {
        connections
            .iter()
            .filter_map(|one| rows.get(&one.id))
            .filter(|row| wanted(row))
            .count()
    };
    report.exactly(
        "invalid_client: condemned",
        mine(|row| row.status != "active"),
        0,
    );
    report.exactly(
        "invalid_client: class",
        mine(|row| row.failures() == ["config_rejected"]),
        SHARED,
    );
    Ok(connections)
}

/// It is right again.
async fn right_secret(report: &mut Report, bench: &Bench, connections: &[Connected]) {
    report.progress("the client secret is right again");
    let back = bench.backend.settle_all(0, connections, RECOVERY).await;
    let served = back.iter().filter(|receipt| receipt.got.is_token()).count();
    report.exactly("invalid_client: recovered once it is right", served, SHARED);
}

fn presentations(bench: &Bench, connection: &Connected) -> usize {
    let book = bench.authority.book();
    book.grants
        .get(&connection.account)
        .map_or(0, |grant| grant.presentations.len())
}
