//! Faults of an authorization server, one by one: what the caller is told, how often the provider is
//! asked, what the history says, and what becomes of the connection.

use crate::Settings;
use crate::authority::{Fault, Kind, Mode};
use crate::backend::{Connected, Got, Receipt};
use crate::bench::Bench;
use crate::checker::Counts;
use crate::instance::{Process, Row};
use crate::report::Report;
use std::time::Duration;
use tokio::task::JoinSet;
use tokio::time::sleep;

/// A request to a provider ends after 15 s, and one that may have got lost is made once more.
const ONE_DEADLINE: Duration = Duration::from_secs(15);
/// The pause before, the second answer, and a slow machine.
const SECOND_TRY: Duration = Duration::from_secs(6);
/// After rejected credentials the server waits 30 s.
const RECOVERY: Duration = Duration::from_secs(60);
const GRACE: Mode = Mode::Grace(Duration::from_mins(5));
/// Connections behind one wrong client secret.
const SHARED: usize = 20;
/// Bytes of an oversized answer that may leave the server before the client hangs up: what fits
/// into the buffers of two sockets, twice.
const MOST_FLOODED: usize = 16 * 1024 * 1024;
const MOST_GROWTH_KIB: u64 = 20 * 1024;

/// What a fault should come to.
struct Case {
    name: &'static str,
    mode: Mode,
    /// What happens to the first requests; later ones are answered properly.
    script: Vec<Fault>,
    /// Status and code of the answer, and the reason where a person has to act.
    answer: (u16, &'static str),
    reason: Option<&'static str>,
    /// Seconds after which to ask again, where the provider said so.
    retry_after_s: Option<u64>,
    /// Classes in the history.
    classes: &'static [&'static str],
    presented: usize,
    /// Whether the token may be spent, as far as the database knows.
    intent: bool,
}

impl Case {
    /// After which the call brings a token.
    fn overcome(name: &'static str, fault: Fault, classes: &'static [&'static str]) -> Self {
        Self {
            name,
            mode: Mode::Strict,
            script: vec![fault],
            answer: (200, ""),
            reason: None,
            retry_after_s: None,
            classes,
            presented: classes.len() + 1,
            intent: false,
        }
    }

    /// After which the caller is asked to come back.
    fn later(
        name: &'static str,
        kind: Kind,
        classes: &'static [&'static str],
        intent: bool,
    ) -> Self {
        Self {
            script: vec![kind.before_rotation(); classes.len()],
            answer: (503, "provider_unavailable"),
            presented: classes.len(),
            intent,
            ..Self::overcome(name, kind.before_rotation(), classes)
        }
    }

    /// After which a person has to act.
    fn broken(
        name: &'static str,
        fault: Fault,
        classes: &'static [&'static str],
        reason: &'static str,
    ) -> Self {
        Self {
            answer: (409, "reconnect_required"),
            reason: Some(reason),
            ..Self::overcome(name, fault, classes)
        }
    }

    fn asking_to_wait(self, seconds: u64) -> Self {
        Self {
            retry_after_s: Some(seconds),
            ..self
        }
    }

    fn with(self, mode: Mode) -> Self {
        Self { mode, ..self }
    }

    fn patience(&self) -> Duration {
        let waits = self
            .script
            .iter()
            .filter(|fault| matches!(fault.kind, Kind::Silence | Kind::Drip))
            .count();
        ONE_DEADLINE * u32::try_from(waits).unwrap_or(0) + SECOND_TRY
    }

    /// Everything that is not as it should be.
    fn wrong(&self, receipt: &Receipt, row: &Row, presented: usize) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut expect = |what: &str, got: String, wanted: String| {
            if got != wanted {
                wrong.push(format!("{what} {got} instead of {wanted}"));
            }
        };
        let (status, code, reason, retry_after_s) = match &receipt.got {
            Got::Token { .. } => (200, "", None, None),
            Got::Problem {
                status,
                code,
                reason,
                retry_after_s,
            } => (*status, code.as_str(), reason.as_deref(), *retry_after_s),
            Got::Nothing => (0, "no answer", None, None),
        };
        expect(
            "answer",
            format!("{status} {code}"),
            format!("{} {}", self.answer.0, self.answer.1),
        );
        expect(
            "reason",
            format!("{reason:?}"),
            format!("{:?}", self.reason),
        );
        if self.retry_after_s.is_some() {
            expect(
                "retry_after_s",
                format!("{retry_after_s:?}"),
                format!("{:?}", self.retry_after_s),
            );
        }
        expect(
            "presented",
            presented.to_string(),
            self.presented.to_string(),
        );
        expect(
            "classes",
            format!("{:?}", row.failures()),
            format!("{:?}", self.classes),
        );
        let state = if self.reason.is_some() {
            "reconnect_required"
        } else {
            "active"
        };
        expect("status", row.status.clone(), state.to_owned());
        expect(
            "broken_reason",
            format!("{:?}", row.broken_reason.as_deref()),
            format!("{:?}", self.reason),
        );
        expect(
            "intent kept",
            row.intent.is_some().to_string(),
            self.intent.to_string(),
        );
        let failed = self.answer.0 == 503;
        expect(
            "backing off",
            row.next_refresh_at.is_some().to_string(),
            failed.to_string(),
        );
        let last = self
            .classes
            .last()
            .filter(|_| self.answer.0 != 200)
            .copied();
        if self.reason.is_none() {
            expect(
                "last error",
                format!("{:?}", row.last_error_class.as_deref()),
                format!("{last:?}"),
            );
            let failures = if failed { self.classes.len() } else { 0 };
            expect(
                "failures in a row",
                row.fail_count.to_string(),
                failures.to_string(),
            );
        }
        if receipt.took() > self.patience() {
            wrong.push(format!("took {:?}", receipt.took()));
        }
        wrong
    }
}

fn cases() -> Vec<Case> {
    let once: &[&str] = &["ambiguous"];
    let twice: &[&str] = &["ambiguous", "ambiguous"];
    let invalid = |code| Kind::Error(400, code);
    vec![
        Case::overcome("500, once", Kind::Status(500).before_rotation(), once),
        Case::later("500, again", Kind::Status(500), twice, true),
        Case::later("502, again", Kind::Status(502), twice, true),
        Case::later("503, again", Kind::Status(503), twice, true),
        Case::later(
            "503 with Retry-After",
            Kind::Unavailable(7),
            &["throttled"],
            true,
        )
        .asking_to_wait(7),
        Case::later(
            "429 with Retry-After",
            Kind::TooMany(Some(9)),
            &["throttled"],
            false,
        )
        .asking_to_wait(9),
        Case::later(
            "429 without Retry-After",
            Kind::TooMany(None),
            &["throttled"],
            false,
        ),
        Case::overcome("no answer, once", Kind::Silence.before_rotation(), once),
        Case::overcome("slow drip, once", Kind::Drip.before_rotation(), once),
        Case::overcome(
            "reset before the rotation",
            Kind::Reset.before_rotation(),
            once,
        ),
        Case::overcome(
            "reset after the rotation, grace",
            Kind::Reset.after_rotation(),
            once,
        )
        .with(GRACE),
        Case::overcome(
            "500 after the rotation, until used",
            Kind::Status(500).after_rotation(),
            once,
        )
        .with(Mode::UntilUsed),
        Case::broken(
            "reset after the rotation, strict",
            Kind::Reset.after_rotation(),
            once,
            "refresh_outcome_unknown",
        ),
        Case::broken(
            "500 after the rotation, revokes family",
            Kind::Status(500).after_rotation(),
            once,
            "refresh_outcome_unknown",
        )
        .with(Mode::RevokesFamily),
        Case::later("HTML", Kind::Html, twice, true),
        Case::overcome(
            "half of the JSON, once",
            Kind::Truncated.before_rotation(),
            once,
        ),
        Case::later("a redirect", Kind::Redirect, &["unexpected"], true),
        Case::later("404", Kind::Status(404), &["unexpected"], false),
        Case::overcome(
            "a proper answer as text/plain",
            Kind::PlainText.after_rotation(),
            &[],
        ),
        Case::overcome(
            "a proper answer with status 201",
            Kind::Created.after_rotation(),
            &[],
        ),
        Case::overcome(
            "expires_in as a text",
            Kind::TextLifetime.after_rotation(),
            &[],
        ),
        Case::overcome(
            "invalid_request, once",
            invalid("invalid_request").before_rotation(),
            once,
        ),
        Case::overcome(
            "temporarily_unavailable, once",
            invalid("temporarily_unavailable").before_rotation(),
            once,
        ),
        Case::later(
            "invalid_scope",
            invalid("invalid_scope"),
            &["invalid_scope"],
            false,
        ),
        Case::broken(
            "invalid_grant",
            invalid("invalid_grant").before_rotation(),
            &[],
            "grant_revoked_or_expired",
        ),
    ]
}

pub(crate) async fn faults(settings: &Settings) -> anyhow::Result<bool> {
    let mut report = Report::new("faults");
    let mut bench = Bench::new(settings, None, 1).await?;
    let process = bench.instance.start(0).await?;
    one_by_one(&mut report, &mut bench).await?;
    flood(&mut report, &mut bench, &process).await?;
    refused(&mut report, &mut bench).await?;
    wrong_secret(&mut report, &mut bench).await?;
    let followed = bench.authority.book().redirects_followed;
    report.exactly("redirects followed", followed, 0);
    Bench::end(vec![process]).await?;
    bench.check(&mut report, "all of it", Counts::Exact).await?;
    bench.done(&mut report, "faults");
    Ok(report.verdict())
}

async fn one_by_one(report: &mut Report, bench: &mut Bench) -> anyhow::Result<()> {
    let mut prepared = Vec::new();
    for case in cases() {
        bench.behave(|manners| manners.mode = case.mode);
        let made = bench.connect(report, 1).await?;
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
    let connection = bench.connect(report, 1).await?;
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
    let connection = bench.connect(report, 1).await?;
    bench.expired().await;
    bench.authority.close();
    sleep(Duration::from_millis(100)).await;
    let receipt = bench.backend.token(0, &connection[0].id).await;
    bench.authority.reopen().await?;
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

/// The client secret is wrong for a while: an admin's business, and no end user's.
async fn wrong_secret(report: &mut Report, bench: &mut Bench) -> anyhow::Result<()> {
    let connections = bench.connect(report, SHARED).await?;
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
    report.progress("the client secret is right again");
    sleep(Duration::from_secs(31)).await;
    let back = bench.backend.settle_all(0, &connections, RECOVERY).await;
    let served = back.iter().filter(|receipt| receipt.got.is_token()).count();
    report.exactly("invalid_client: recovered once it is right", served, SHARED);
    Ok(())
}

fn presentations(bench: &Bench, connection: &Connected) -> usize {
    let book = bench.authority.book();
    book.grants
        .get(&connection.account)
        .map_or(0, |grant| grant.presentations.len())
}
