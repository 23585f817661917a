//! Each invariant is broken by hand, once, and nothing else may be reported.

use super::*;
use crate::authority::{Fault, Kind, Manners};
use serde_json::json;

const MS: Duration = Duration::from_millis(1);

/// One connection that was refreshed once, by the book.
struct Story {
    book: Book,
    row: Row,
    receipts: Vec<Receipt>,
    disturbances: Vec<Instant>,
    start: Instant,
}

impl Story {
    fn new() -> Self {
        let start = Instant::now();
        let manners = Manners {
            kills_access_token: true,
            ..Manners::default()
        };
        let mut story = Self {
            book: Book::default(),
            row: Row {
                status: "active".to_owned(),
                generation: 2,
                history: vec![
                    json!({"kind": "connected", "by": "b"}),
                    json!({"kind": "refreshed"}),
                ],
                handed_out: 1,
                ..Row::default()
            },
            receipts: Vec::new(),
            disturbances: Vec::new(),
            start,
        };
        story
            .book
            .grants
            .insert("a".to_owned(), Grant::new("a", &manners, start));
        story.present(1, None);
        story.stored(2);
        story.received(2, 10, 20);
        story
    }

    fn grant(&mut self) -> &mut Grant {
        self.book.grants.get_mut("a").expect("the grant")
    }

    /// Presents the token of a pair, and judges it unless `fault` says otherwise.
    fn present(&mut self, pair: usize, fault: Option<Fault>) {
        let at =
            self.start + MS * 100 * u32::try_from(self.grant().presentations.len()).expect("few");
        let judged = match fault {
            Some(fault) if !fault.rotates => Said::Failed(fault),
            _ => self.grant().judge("a", pair, at),
        };
        let said = Some(fault.map_or(judged, Said::Failed));
        self.grant()
            .presentations
            .push(Presentation { at, pair, said });
    }

    fn stored(&mut self, pair: usize) {
        self.row.access_sha256 = Some(self.grant().pairs[pair - 1].access_sha256().to_vec());
    }

    fn received(&mut self, generation: i64, from: u32, to: u32) {
        let place = usize::try_from(generation - 1)
            .expect("small")
            .min(self.grant().pairs.len() - 1);
        let sha256 = self.grant().pairs[place].access_sha256();
        self.receipts.push(Receipt {
            connection: "c".to_owned(),
            started: self.start + MS * from,
            ended: self.start + MS * to,
            got: Got::Token {
                generation,
                sha256,
                cache_until: None,
            },
        });
    }

    fn condemned(&mut self, reason: &str) {
        self.row.status = "reconnect_required".to_owned();
        self.row.broken_reason = Some(reason.to_owned());
    }

    fn broken(&self) -> Vec<Invariant> {
        let connections = [Connected {
            id: "c".to_owned(),
            account: "a".to_owned(),
        }];
        let rows = BTreeMap::from([("c".to_owned(), self.row.clone())]);
        let evidence = Evidence {
            connections: &connections,
            book: &self.book,
            rows: &rows,
            receipts: &self.receipts,
            disturbances: &self.disturbances,
            counts: Counts::Exact,
        };
        check(&evidence)
            .iter()
            .map(|violation| violation.invariant)
            .collect()
    }
}

#[test]
fn a_story_by_the_book_breaks_nothing() {
    assert_eq!(Story::new().broken(), []);
}

#[test]
fn a_token_that_is_presented_twice_is_seen() {
    let mut story = Story::new();
    story.present(1, None);
    assert_eq!(story.broken(), [Invariant::I1]);
    story.disturbances.push(story.start + MS * 50);
    assert_eq!(story.broken(), [], "its answer may have been lost");
}

#[test]
fn a_failure_calls_for_another_try_and_a_refusal_does_not() {
    let mut story = Story::new();
    story.present(2, Some(Kind::Status(500).before_rotation()));
    story.present(2, Some(Kind::Error(400, "invalid_grant").before_rotation()));
    assert_eq!(story.broken(), []);
    story.present(2, Some(Kind::Status(500).before_rotation()));
    assert_eq!(story.broken(), [Invariant::I1]);
}

#[test]
fn a_pair_that_was_lost_in_silence_is_seen() {
    let mut story = Story::new();
    story.present(2, Some(Kind::Reset.after_rotation()));
    assert_eq!(story.broken(), [Invariant::I2]);
    story.present(2, None);
    story.condemned("refresh_outcome_unknown");
    assert_eq!(story.broken(), [], "flagged");
}

#[test]
fn a_grant_that_ended_behind_our_back_is_seen() {
    let mut story = Story::new();
    story.grant().ended = Some("its live token was given back");
    assert_eq!(story.broken(), [Invariant::I2]);
}

#[test]
fn a_generation_without_its_refresh_is_seen() {
    let mut story = Story::new();
    story.row.generation = 3;
    assert_eq!(story.broken(), [Invariant::I2]);
}

#[test]
fn a_token_that_was_handed_out_too_early_is_seen() {
    let mut story = Story::new();
    story.received(3, 30, 40);
    story.row.handed_out = 2;
    assert_eq!(story.broken(), [Invariant::I3]);
}

#[test]
fn a_foreign_token_is_seen() {
    let mut story = Story::new();
    story.receipts[0].got = Got::Token {
        generation: 2,
        sha256: [7; 32],
        cache_until: None,
    };
    assert_eq!(story.broken(), [Invariant::I3]);
}

#[test]
fn going_back_is_seen_unless_the_calls_overlap() {
    let mut story = Story::new();
    story.row.handed_out = 2;
    story.received(1, 15, 40);
    assert_eq!(story.broken(), [], "both were under way at once");
    story.receipts.pop();
    story.received(1, 30, 40);
    assert_eq!(story.broken(), [Invariant::I4]);
}

#[test]
fn a_condemnation_needs_a_refusal_and_the_true_reason() {
    let mut story = Story::new();
    story.condemned("grant_revoked_or_expired");
    assert_eq!(story.broken(), [Invariant::I5], "never refused");
    story.grant().ended = Some("the end user said so");
    story.present(2, None);
    assert_eq!(story.broken(), []);
    story.condemned("refresh_outcome_unknown");
    assert_eq!(story.broken(), [Invariant::I5], "nothing was lost");
}

#[test]
fn a_hand_out_that_is_not_counted_is_seen() {
    let mut story = Story::new();
    story.row.handed_out = 0;
    assert_eq!(story.broken(), [Invariant::I6]);
    story.row.handed_out = 2;
    assert_eq!(story.broken(), [Invariant::I6]);
}

#[test]
fn a_promise_that_was_broken_is_seen() {
    let mut story = Story::new();
    let promise = |story: &mut Story, span: Duration| {
        let until = Some(story.start + span);
        if let Got::Token { cache_until, .. } = &mut story.receipts[0].got {
            *cache_until = until;
        }
    };
    let lifetime = Duration::from_secs(story.grant().pairs[1].lifetime_s);
    promise(&mut story, lifetime);
    assert_eq!(story.broken(), []);
    promise(&mut story, lifetime + Duration::from_secs(1));
    assert_eq!(story.broken(), [Invariant::I7], "it ended before");
    promise(&mut story, Duration::from_secs(9));
    story.grant().pairs[1].killed_at = Some(story.start + Duration::from_secs(8));
    assert_eq!(story.broken(), [Invariant::I7], "it was killed before");
}
