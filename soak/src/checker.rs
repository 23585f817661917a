//! The invariants, held against three views of the same run: the authorization server's log, our
//! database, and what clients received.
//!
//! | | |
//! |---|---|
//! | I1 | a refresh token is presented once, unless its answer was lost or called for another try |
//! | I2 | an active connection holds the live token pair; a pair that was lost is flagged |
//! | I3 | no client has seen a generation that is not in the database |
//! | I4 | whoever asks after an answer was received gets that generation or a newer one |
//! | I5 | a connection is condemned only after the provider said that the grant is gone, and for the true reason |
//! | I6 | every token that was handed out is counted |
//! | I7 | no token that was handed out dies before the `cache_until` it came with |

use crate::authority::{Book, Grant, Presentation, Said};
use crate::backend::{Connected, Got, Receipt};
use crate::instance::Row;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::time::{Duration, Instant};

/// The promise is told on the wall's clock and held against one that never jumps.
const CLOCKS: Duration = Duration::from_millis(5);

/// Which rule was broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Invariant {
    I1,
    I2,
    I3,
    I4,
    I5,
    I6,
    I7,
}

/// A rule was broken, and how one knows.
#[derive(Clone, Debug)]
pub(crate) struct Violation {
    pub(crate) invariant: Invariant,
    pub(crate) connection: String,
    pub(crate) evidence: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?}, connection {}: {}",
            self.invariant, self.connection, self.evidence
        )
    }
}

/// Whether hand-outs can be expected to be counted exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Counts {
    /// All processes had the time to store them.
    Exact,
    /// Some process was killed with up to five seconds of them in memory.
    AtMost,
    /// They are not looked at.
    Ignored,
}

/// What happened, from all three sides.
pub(crate) struct Evidence<'a> {
    pub(crate) connections: &'a [Connected],
    pub(crate) book: &'a Book,
    pub(crate) rows: &'a BTreeMap<String, Row>,
    pub(crate) receipts: &'a [Receipt],
    /// Moments at which a process was killed or paused, or the database stopped: whatever was
    /// under way then may have lost its answer.
    pub(crate) disturbances: &'a [Instant],
    pub(crate) counts: Counts,
}

/// What was lost although nothing was silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Active, with the live pair.
    pub(crate) healthy: usize,
    /// Broken, and said to be for an unknown outcome.
    pub(crate) flagged: usize,
    /// Broken for any other reason.
    pub(crate) broken: usize,
    /// Active, but what is stored is not what lives.
    pub(crate) silent: usize,
}

/// How the connections ended up.
pub(crate) fn tally(evidence: &Evidence<'_>) -> Tally {
    let mut tally = Tally::default();
    for connection in evidence.connections {
        let (row, grant) = (
            evidence.rows.get(&connection.id),
            evidence.book.grants.get(&connection.account),
        );
        let place = match (row, grant) {
            (Some(row), Some(grant)) if row.status == "active" => {
                if holds_live(row, grant) {
                    &mut tally.healthy
                } else {
                    &mut tally.silent
                }
            }
            (Some(row), _) if row.broken_reason.as_deref() == Some("refresh_outcome_unknown") => {
                &mut tally.flagged
            }
            (Some(_), _) => &mut tally.broken,
            (None, _) => &mut tally.silent,
        };
        *place += 1;
    }
    tally
}

/// Everything that is wrong.
pub(crate) fn check(evidence: &Evidence<'_>) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut received: HashMap<&str, Vec<&Receipt>> = HashMap::new();
    for receipt in evidence.receipts {
        received
            .entry(&receipt.connection)
            .or_default()
            .push(receipt);
    }
    for connection in evidence.connections {
        let mut broken = |invariant, evidence: Option<String>| {
            found.extend(evidence.map(|evidence| Violation {
                invariant,
                connection: connection.id.clone(),
                evidence,
            }));
        };
        let Some(row) = evidence.rows.get(&connection.id) else {
            broken(Invariant::I2, Some("it is not in the database".to_owned()));
            continue;
        };
        let Some(grant) = evidence.book.grants.get(&connection.account) else {
            broken(
                Invariant::I2,
                Some("the authorization server does not know it".to_owned()),
            );
            continue;
        };
        let receipts = received.remove(connection.id.as_str()).unwrap_or_default();
        broken(Invariant::I1, presented_once(grant, evidence.disturbances));
        broken(Invariant::I2, live_or_flagged(row, grant));
        broken(Invariant::I3, durable_first(row, grant, &receipts));
        broken(Invariant::I4, never_back(&receipts));
        broken(Invariant::I5, condemned_rightly(row, grant));
        broken(Invariant::I6, counted(row, &receipts, evidence.counts));
        broken(Invariant::I7, promise_kept(grant, &receipts));
    }
    found
}

fn holds_live(row: &Row, grant: &Grant) -> bool {
    grant
        .live()
        .is_some_and(|pair| row.access_sha256.as_deref() == Some(&pair.access_sha256()[..]))
}

/// I1.
fn presented_once(grant: &Grant, disturbances: &[Instant]) -> Option<String> {
    let mut before: HashMap<usize, &Presentation> = HashMap::new();
    for one in &grant.presentations {
        let Some(earlier) = before.insert(one.pair, one) else {
            continue;
        };
        let answer_was_lost = disturbances
            .iter()
            .any(|at| earlier.at <= *at && *at <= one.at);
        let calls_for_another = match earlier.said {
            Some(Said::Failed(fault)) => !fault.kind.says_dead(),
            _ => false,
        };
        if !answer_was_lost && !calls_for_another {
            return Some(format!(
                "refresh token {} was presented again {:?} after the server had said {:?}",
                one.pair,
                one.at.duration_since(earlier.at),
                earlier.said,
            ));
        }
    }
    None
}

/// I2.
fn live_or_flagged(row: &Row, grant: &Grant) -> Option<String> {
    let refreshed = row.happened("refreshed") + row.happened("recovered");
    if i64::try_from(refreshed + 1).unwrap_or(i64::MAX) != row.generation {
        return Some(format!(
            "generation {} after {refreshed} refreshes in the history",
            row.generation
        ));
    }
    if row.status != "active" || holds_live(row, grant) {
        return None;
    }
    let stored = grant
        .pairs
        .iter()
        .position(|pair| row.access_sha256.as_deref() == Some(&pair.access_sha256()[..]));
    Some(format!(
        "lost in silence: active at generation {} with pair {:?} of {}{}",
        row.generation,
        stored.map(|place| place + 1),
        grant.pairs.len(),
        grant
            .ended
            .map(|why| format!("; the grant has ended: {why}"))
            .unwrap_or_default(),
    ))
}

/// I3. What clients received is of the grant, and not newer than what is stored.
fn durable_first(row: &Row, grant: &Grant, receipts: &[&Receipt]) -> Option<String> {
    receipts.iter().find_map(|receipt| {
        let Got::Token {
            generation, sha256, ..
        } = &receipt.got
        else {
            return None;
        };
        if *generation > row.generation {
            return Some(format!(
                "a client has generation {generation}, the database {}",
                row.generation
            ));
        }
        let known = grant
            .pairs
            .iter()
            .any(|pair| pair.access_sha256() == *sha256);
        (!known).then(|| {
            format!("a client has a token as generation {generation} that was never issued for it")
        })
    })
}

/// I4. One register per connection: an answer that was there before a question was asked binds it.
fn never_back(receipts: &[&Receipt]) -> Option<String> {
    let mut asked: Vec<(&Receipt, i64)> = receipts
        .iter()
        .filter_map(|receipt| match receipt.got {
            Got::Token { generation, .. } => Some((*receipt, generation)),
            _ => None,
        })
        .collect();
    let mut answered = asked.clone();
    asked.sort_by_key(|(receipt, _)| receipt.started);
    answered.sort_by_key(|(receipt, _)| receipt.ended);
    let (mut newest, mut answered) = (0, answered.into_iter().peekable());
    for (receipt, generation) in asked {
        while let Some((_, seen)) =
            answered.next_if(|(earlier, _)| earlier.ended <= receipt.started)
        {
            newest = newest.max(seen);
        }
        if generation < newest {
            return Some(format!(
                "generation {generation} was handed out after generation {newest} had been"
            ));
        }
    }
    None
}

/// I5.
fn condemned_rightly(row: &Row, grant: &Grant) -> Option<String> {
    if row.status != "reconnect_required" {
        return None;
    }
    let reason = row.broken_reason.as_deref().unwrap_or("nothing");
    if grant.refusals() == 0 {
        return Some(format!(
            "condemned for {reason}, but the server never refused the grant"
        ));
    }
    // a pair that the database never got is the trace of an answer that was lost
    let lost_an_answer = grant
        .pairs
        .last()
        .is_some_and(|pair| row.access_sha256.as_deref() != Some(&pair.access_sha256()[..]));
    let expected = if lost_an_answer {
        "refresh_outcome_unknown"
    } else {
        "grant_revoked_or_expired"
    };
    let unsure = grant
        .presentations
        .iter()
        .any(|one| matches!(one.said, Some(Said::Failed(fault)) if !fault.kind.says_dead()));
    (reason != expected && !(unsure && reason == "refresh_outcome_unknown"))
        .then(|| format!("condemned for {reason}, where {expected} is the truth"))
}

/// I6.
fn counted(row: &Row, receipts: &[&Receipt], counts: Counts) -> Option<String> {
    let of = |wanted: fn(&Got) -> bool| {
        receipts
            .iter()
            .filter(|receipt| wanted(&receipt.got))
            .count()
    };
    let received = i64::try_from(of(Got::is_token)).unwrap_or(i64::MAX);
    let unanswered = i64::try_from(of(|got| *got == Got::Nothing)).unwrap_or(i64::MAX);
    let least = if counts == Counts::Exact { received } else { 0 };
    let fits =
        counts == Counts::Ignored || (least..=received + unanswered).contains(&row.handed_out);
    (!fits).then(|| {
        format!("{} hand-outs are counted; clients received {received} tokens and {unanswered} times nothing", row.handed_out)
    })
}

/// I7.
fn promise_kept(grant: &Grant, receipts: &[&Receipt]) -> Option<String> {
    receipts.iter().find_map(|receipt| {
        let Got::Token {
            sha256,
            cache_until: Some(promised),
            ..
        } = &receipt.got
        else {
            return None;
        };
        let mut pairs = grant.pairs.iter();
        let (number, pair) = (1..).zip(&mut pairs).find(|(_, pair)| pair.access_sha256() == *sha256)?;
        let early = promised.checked_duration_since(pair.dead_at())?;
        (early > CLOCKS).then(|| {
            let how = if pair.killed_at.is_some() { "was killed" } else { "ended" };
            format!("the access token of pair {number} {how} {early:?} before the moment until which it could be kept")
        })
    })
}

#[cfg(test)]
mod tests;
