//! The authoritative log: which token of a grant is the live one, and who presented what.

use super::fault::Fault;
use super::manners::{Manners, Mode};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, HashMap, VecDeque};
use std::time::{Duration, Instant};

/// An access token with its refresh token.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    pub(crate) access: String,
    pub(crate) refresh: String,
    /// `expires_in` of the access token.
    pub(crate) lifetime_s: u64,
    pub(crate) issued_at: Instant,
    /// When its refresh token was used up.
    pub(crate) spent_at: Option<Instant>,
    /// When the access token was killed, before its time.
    pub(crate) killed_at: Option<Instant>,
    /// The access token was used.
    pub(crate) used: bool,
}

impl Pair {
    fn of(account: &str, number: usize, lifetime_s: u64, now: Instant) -> Self {
        Self {
            access: format!("at-{account}-{number}-{}", random()),
            refresh: format!("rt-{account}-{number}-{}", random()),
            lifetime_s,
            issued_at: now,
            spent_at: None,
            killed_at: None,
            used: false,
        }
    }

    /// As the database knows it.
    pub(crate) fn access_sha256(&self) -> [u8; 32] {
        Sha256::digest(self.access.as_bytes()).into()
    }

    /// When the access token ends or was killed, whichever is first.
    pub(crate) fn dead_at(&self) -> Instant {
        let end = self.issued_at + Duration::from_secs(self.lifetime_s);
        self.killed_at.map_or(end, |killed| killed.min(end))
    }
}

/// What the server made of a refresh token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// A new pair, with this number.
    Rotated(usize),
    /// The latest pair once more, by the mode's forgiveness.
    Again(usize),
    /// `invalid_grant`: spent, or the grant has ended.
    Refused,
    /// Something else than an answer; it rotated or not.
    Failed(Fault),
}

/// A refresh token was presented.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Presentation {
    pub(crate) at: Instant,
    /// Number of the pair that it belongs to.
    pub(crate) pair: usize,
    /// Not there before the rotation point is reached.
    pub(crate) said: Option<Said>,
}

/// What an end user approved, and all that became of it.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// As they were when it was approved.
    pub(crate) manners: Manners,
    /// Pair number n is at place n - 1. The last one is live.
    pub(crate) pairs: Vec<Pair>,
    /// Why it ended.
    pub(crate) ended: Option<&'static str>,
    pub(crate) presentations: Vec<Presentation>,
    /// What happens to the next requests, in this order.
    pub(crate) faults: VecDeque<Fault>,
    /// What happens when those are through.
    pub(crate) always: Option<Fault>,
}

impl Grant {
    pub(crate) fn new(account: &str, manners: &Manners, now: Instant) -> Self {
        Self {
            manners: *manners,
            pairs: vec![Pair::of(account, 1, manners.first_lifetime_s, now)],
            ended: None,
            presentations: Vec::new(),
            faults: VecDeque::new(),
            always: None,
        }
    }

    /// The pair whose refresh token still works.
    pub(crate) fn live(&self) -> Option<&Pair> {
        self.pairs.last().filter(|_| self.ended.is_none())
    }

    pub(crate) fn refusals(&self) -> usize {
        self.presentations
            .iter()
            .filter(|one| match one.said {
                Some(Said::Refused) => true,
                Some(Said::Failed(fault)) => fault.kind.says_dead(),
                _ => false,
            })
            .count()
    }

    pub(crate) fn rotations(&self) -> usize {
        self.pairs.len() - 1
    }

    /// Judges a refresh token of pair `number`, and rotates where that is due.
    pub(crate) fn judge(&mut self, account: &str, number: usize, now: Instant) -> Said {
        let latest = self.pairs.len();
        if self.ended.is_some() {
            return Said::Refused;
        }
        if number == latest {
            if let Some(pair) = self.pairs.last_mut() {
                pair.spent_at = Some(now);
                pair.killed_at = self.manners.kills_access_token.then_some(now);
            }
            let lifetime_s = self.manners.lifetime_s;
            self.pairs
                .push(Pair::of(account, latest + 1, lifetime_s, now));
            return Said::Rotated(latest + 1);
        }
        let spent_at = self.pairs.get(number - 1).and_then(|pair| pair.spent_at);
        let was_the_last = number + 1 == latest;
        let forgiven = match self.manners.mode {
            Mode::Strict => false,
            Mode::Grace(span) => {
                was_the_last && spent_at.is_some_and(|at| now.duration_since(at) <= span)
            }
            Mode::UntilUsed => was_the_last && self.pairs.last().is_some_and(|pair| !pair.used),
            Mode::RevokesFamily => {
                self.ended = Some("a spent refresh token was presented");
                false
            }
        };
        if forgiven {
            Said::Again(latest)
        } else {
            Said::Refused
        }
    }
}

/// A code that was not exchanged yet.
#[derive(Debug)]
struct Code {
    account: String,
    challenge: String,
}

/// Everything the server remembers.
#[derive(Debug, Default)]
pub(crate) struct Book {
    pub(crate) grants: BTreeMap<String, Grant>,
    codes: HashMap<String, Code>,
    /// Whose refresh token it is, and of which pair.
    refresh_tokens: HashMap<String, (String, usize)>,
    access_tokens: HashMap<String, (String, usize)>,
    /// Requests to the page that redirects lead to.
    pub(crate) redirects_followed: usize,
    /// Bytes of oversized answers that somebody read.
    pub(crate) flooded: usize,
    accounts: usize,
}

impl Book {
    /// Somebody approves: a code for a new account.
    pub(super) fn approve(&mut self, challenge: &str, manners: &Manners, now: Instant) -> String {
        self.accounts += 1;
        let account = format!("account-{:05}", self.accounts);
        let code = format!("code-{}", random());
        self.grants
            .insert(account.clone(), Grant::new(&account, manners, now));
        self.remember(&account, 1);
        let challenge = challenge.to_owned();
        self.codes.insert(code.clone(), Code { account, challenge });
        code
    }

    /// The first pair, for a code and its verifier. A code is good once.
    pub(super) fn exchange(&mut self, code: &str, verifier: &str) -> Option<Pair> {
        let code = self.codes.remove(code)?;
        let hash = URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()));
        self.pair(&code.account, 1)
            .filter(|_| hash == code.challenge)
    }

    pub(super) fn pair(&self, account: &str, number: usize) -> Option<Pair> {
        self.grants
            .get(account)?
            .pairs
            .get(number.checked_sub(1)?)
            .cloned()
    }

    /// Notes that a refresh token came in, and answers whose it is, the place of the note, and what
    /// is to go wrong.
    pub(super) fn presented(
        &mut self,
        token: &str,
        at: Instant,
    ) -> Option<(String, usize, usize, Option<Fault>)> {
        let (account, pair) = self.refresh_tokens.get(token)?.clone();
        let grant = self.grants.get_mut(&account)?;
        let said = None;
        grant.presentations.push(Presentation { at, pair, said });
        let fault = grant.faults.pop_front().or(grant.always);
        Some((account, pair, grant.presentations.len() - 1, fault))
    }

    /// The rotation point of a presentation.
    pub(super) fn turn(
        &mut self,
        account: &str,
        pair: usize,
        note: usize,
        fault: Option<Fault>,
        now: Instant,
    ) -> Said {
        let Some(grant) = self.grants.get_mut(account) else {
            return Said::Refused;
        };
        let judged = match fault {
            Some(fault) if !fault.rotates && !fault.kind.brings_tokens() => Said::Failed(fault),
            _ => grant.judge(account, pair, now),
        };
        let said = match fault {
            Some(fault) if judged != Said::Refused && !fault.kind.brings_tokens() => {
                Said::Failed(fault)
            }
            _ => judged,
        };
        if let Some(note) = grant.presentations.get_mut(note) {
            note.said = Some(said);
        }
        if let Said::Rotated(number) = judged {
            self.remember(account, number);
        }
        said
    }

    /// The account behind an access token.
    pub(super) fn whoami(&mut self, access: &str) -> Option<String> {
        let (account, number) = self.access_tokens.get(access)?.clone();
        let grant = self.grants.get_mut(&account)?;
        grant.live()?;
        let pair = grant.pairs.get_mut(number - 1)?;
        if pair.killed_at.is_some() {
            return None;
        }
        pair.used = true;
        Some(account)
    }

    /// A token is given back. The pair of the live token ends, and with it the grant.
    pub(super) fn give_back(&mut self, token: &str) {
        let found = self
            .refresh_tokens
            .get(token)
            .or_else(|| self.access_tokens.get(token));
        let Some((account, number)) = found.cloned() else {
            return;
        };
        if let Some(grant) = self.grants.get_mut(&account)
            && number == grant.pairs.len()
        {
            grant.ended = Some("its live token was given back at the revocation endpoint");
        }
    }

    /// Lets a grant fail like this: these first, then `always`.
    pub(crate) fn script(&mut self, account: &str, faults: &[Fault], always: Option<Fault>) {
        if let Some(grant) = self.grants.get_mut(account) {
            grant.faults = faults.iter().copied().collect();
            grant.always = always;
        }
    }

    /// Presentations of all refresh tokens so far.
    pub(crate) fn presentations(&self) -> usize {
        self.grants
            .values()
            .map(|grant| grant.presentations.len())
            .sum()
    }

    pub(crate) fn rotations(&self) -> usize {
        self.grants.values().map(Grant::rotations).sum()
    }

    pub(crate) fn refusals(&self) -> usize {
        self.grants.values().map(Grant::refusals).sum()
    }

    fn remember(&mut self, account: &str, number: usize) {
        if let Some(pair) = self.pair(account, number) {
            let whose = (account.to_owned(), number);
            self.refresh_tokens.insert(pair.refresh, whose.clone());
            self.access_tokens.insert(pair.access, whose);
        }
    }
}

fn random() -> String {
    let mut bytes = [0_u8; 16];
    // these tokens guard nothing; the account and the number already tell them apart
    let _ = getrandom::fill(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authority::Kind;

    fn rotated(mode: Mode) -> (Grant, Instant) {
        let (manners, now) = (Manners::default(), Instant::now());
        let mut grant = Grant::new("a", &Manners { mode, ..manners }, now);
        assert_eq!(grant.judge("a", 1, now), Said::Rotated(2));
        (grant, now)
    }

    #[test]
    fn a_strict_server_takes_a_token_once() {
        let (mut grant, now) = rotated(Mode::Strict);
        assert_eq!(grant.judge("a", 1, now), Said::Refused);
        assert!(grant.live().is_some(), "the successor lives");
        assert_eq!(grant.judge("a", 2, now), Said::Rotated(3));
    }

    #[test]
    fn grace_ends_with_its_span_and_with_the_next_rotation() {
        let span = Duration::from_secs(10);
        let (mut grant, now) = rotated(Mode::Grace(span));
        assert_eq!(grant.judge("a", 1, now + span), Said::Again(2));
        assert_eq!(grant.judge("a", 1, now + span * 2), Said::Refused);
        assert_eq!(grant.judge("a", 2, now), Said::Rotated(3));
        assert_eq!(grant.judge("a", 1, now), Said::Refused);
    }

    #[test]
    fn until_used_ends_with_the_first_use_of_the_successor() {
        let (mut grant, now) = rotated(Mode::UntilUsed);
        assert_eq!(grant.judge("a", 1, now), Said::Again(2));
        grant.pairs[1].used = true;
        assert_eq!(grant.judge("a", 1, now), Said::Refused);
    }

    #[test]
    fn reuse_ends_the_family() {
        let (mut grant, now) = rotated(Mode::RevokesFamily);
        assert_eq!(grant.judge("a", 1, now), Said::Refused);
        assert!(grant.live().is_none());
        assert_eq!(grant.judge("a", 2, now), Said::Refused);
    }

    #[test]
    fn an_access_token_dies_with_its_refresh_token_where_the_server_kills() {
        let now = Instant::now();
        let later = now + Duration::from_secs(5);
        for kills_access_token in [false, true] {
            let manners = Manners {
                kills_access_token,
                first_lifetime_s: 20,
                ..Manners::default()
            };
            let mut grant = Grant::new("a", &manners, now);
            grant.judge("a", 1, later);
            let its_end = now + Duration::from_secs(20);
            let expected = if kills_access_token { later } else { its_end };
            assert_eq!(grant.pairs[0].dead_at(), expected);
        }
    }

    #[test]
    fn a_fault_after_the_rotation_loses_the_successor() {
        let mut book = Book::default();
        let (manners, now) = (Manners::default(), Instant::now());
        book.approve("challenge", &manners, now);
        let account = book.grants.keys().next().expect("one").clone();
        let token = book.pair(&account, 1).expect("a pair").refresh;
        let fault = Kind::Reset.after_rotation();
        book.script(&account, &[fault], None);
        let (_, pair, note, told) = book.presented(&token, now).expect("known");
        assert_eq!(told, Some(fault));
        assert_eq!(
            book.turn(&account, pair, note, told, now),
            Said::Failed(fault)
        );
        assert_eq!(book.rotations(), 1);
        let (_, pair, note, told) = book.presented(&token, now).expect("known");
        assert_eq!(book.turn(&account, pair, note, told, now), Said::Refused);
        assert_eq!((book.presentations(), book.refusals()), (2, 1));
    }
}
