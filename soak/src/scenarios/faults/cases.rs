//! The table: a fault, and what it should come to.

use crate::authority::{Fault, Kind, Mode};
use crate::backend::{Got, Receipt};
use crate::instance::Row;
use std::time::Duration;

/// A request to a provider ends after 15 s, and one that may have got lost is made once more.
const ONE_DEADLINE: Duration = Duration::from_secs(15);
/// The pause before, the second answer, and a slow machine.
const SECOND_TRY: Duration = Duration::from_secs(6);
const GRACE: Mode = Mode::Grace(Duration::from_mins(5));

/// What a fault should come to.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) mode: Mode,
    /// What happens to the first requests; later ones are answered properly.
    pub(super) script: Vec<Fault>,
    /// Status and code of the answer, and the reason where a person has to act.
    answer: (u16, &'static str),
    pub(super) reason: Option<&'static str>,
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
    pub(super) fn wrong(&self, receipt: &Receipt, row: &Row, presented: usize) -> Vec<String> {
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
            Got::Refused | Got::Nothing => (0, "no answer", None, None),
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

const ONCE: &[&str] = &["ambiguous"];
const TWICE: &[&str] = &["ambiguous", "ambiguous"];

/// All of them, each with a name of its own.
pub(super) fn cases() -> Vec<Case> {
    let mut all = asked_to_wait();
    all.extend(answers_lost());
    all.extend(answers_unlike_the_standard());
    all.extend(errors());
    all
}

/// The provider asks for time.
fn asked_to_wait() -> Vec<Case> {
    vec![
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
    ]
}

/// Perhaps it happened, perhaps not.
fn answers_lost() -> Vec<Case> {
    vec![
        Case::overcome("500, once", Kind::Status(500).before_rotation(), ONCE),
        Case::later("500, again", Kind::Status(500), TWICE, true),
        Case::later("502, again", Kind::Status(502), TWICE, true),
        Case::later("503, again", Kind::Status(503), TWICE, true),
        Case::overcome("no answer, once", Kind::Silence.before_rotation(), ONCE),
        Case::overcome("slow drip, once", Kind::Drip.before_rotation(), ONCE),
        Case::overcome(
            "reset before the rotation",
            Kind::Reset.before_rotation(),
            ONCE,
        ),
        Case::overcome(
            "reset after the rotation, grace",
            Kind::Reset.after_rotation(),
            ONCE,
        )
        .with(GRACE),
        Case::overcome(
            "500 after the rotation, until used",
            Kind::Status(500).after_rotation(),
            ONCE,
        )
        .with(Mode::UntilUsed),
        Case::broken(
            "reset after the rotation, strict",
            Kind::Reset.after_rotation(),
            ONCE,
            "refresh_outcome_unknown",
        ),
        Case::broken(
            "500 after the rotation, revokes family",
            Kind::Status(500).after_rotation(),
            ONCE,
            "refresh_outcome_unknown",
        )
        .with(Mode::RevokesFamily),
        Case::overcome(
            "half of the JSON, once",
            Kind::Truncated.before_rotation(),
            ONCE,
        ),
    ]
}

/// Something came, but not what the standard says.
fn answers_unlike_the_standard() -> Vec<Case> {
    vec![
        Case::later("HTML", Kind::Html, TWICE, true),
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
    ]
}

/// OAuth errors.
fn errors() -> Vec<Case> {
    let invalid = |code| Kind::Error(400, code);
    vec![
        Case::overcome(
            "invalid_request, once",
            invalid("invalid_request").before_rotation(),
            ONCE,
        ),
        Case::overcome(
            "temporarily_unavailable, once",
            invalid("temporarily_unavailable").before_rotation(),
            ONCE,
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
