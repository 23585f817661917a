//! What the practice provider remembers until it is restarted: a thousand codes and a thousand
//! grants at most, the oldest are forgotten first.

use super::bounded::Bounded;
use super::signed::Claims;
use crate::domain::{Scopes, Timestamp};
use crate::vault::sha256_hex;
use std::time::Duration;

/// RFC 6749 section 4.1.2: ten minutes at most. A connection whose completion waits for the
/// backend needs most of them.
const CODE_LIFETIME: Duration = Duration::from_mins(10);

/// What an authorization code stands for.
#[derive(Clone)]
pub(super) struct Code {
    /// The client that it was given to.
    pub(super) client: String,
    /// The redirect URI that it was sent to.
    pub(super) redirect_uri: String,
    /// The PKCE challenge (S256).
    pub(super) challenge: String,
    /// The id of the person who approved.
    pub(super) person: &'static str,
    /// What was approved.
    pub(super) scopes: Scopes,
    /// When.
    pub(super) approved_at: Timestamp,
    /// The id of the grant that comes of it.
    pub(super) grant: String,
}

struct GivenCode {
    code: Code,
    used: bool,
}

/// What is known of a grant beyond what its tokens say.
struct Grant {
    /// Of its newest tokens.
    generation: u64,
    ended: bool,
}

/// How long new access tokens last.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Lifetime {
    /// 30 seconds, to watch them being refreshed.
    Short,
    /// One hour.
    #[default]
    Long,
}

impl Lifetime {
    /// Both of them.
    pub(super) const ALL: [Self; 2] = [Self::Short, Self::Long];

    /// The one of so many seconds.
    pub(super) fn from_seconds(seconds: u32) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|lifetime| lifetime.seconds() == seconds)
    }

    /// In seconds.
    pub(super) fn seconds(self) -> u32 {
        match self {
            Self::Short => 30,
            Self::Long => 3600,
        }
    }
}

/// All of it.
#[derive(Default)]
pub(super) struct Memory {
    /// By the hash of the code.
    codes: Bounded<GivenCode>,
    /// By the grant's id.
    grants: Bounded<Grant>,
    /// Grants up to this moment are ended.
    ended_until: Option<Timestamp>,
    /// Tokens, revocations and profiles are not to be had.
    pub(super) outage: bool,
    /// Of access tokens from now on.
    pub(super) lifetime: Lifetime,
}

impl Memory {
    /// Remembers what a new code stands for.
    pub(super) fn give(&mut self, text: &str, code: Code) {
        self.codes
            .entry(&sha256_hex(text.as_bytes()), || GivenCode {
                code,
                used: false,
            });
    }

    /// Uses a code up. `None` when this client was not given it, when it is too old, and when it
    /// was used before: then somebody else may have its grant, which ends (RFC 6749 section 4.1.2).
    pub(super) fn redeem(&mut self, text: &str, client: &str, now: Timestamp) -> Option<Code> {
        let given = self
            .codes
            .get_mut(&sha256_hex(text.as_bytes()))
            .filter(|given| given.code.client == client)?;
        let code = given.code.clone();
        if std::mem::replace(&mut given.used, true) {
            self.end(&code.grant);
            return None;
        }
        Some(code).filter(|code| now < code.approved_at + CODE_LIFETIME)
    }

    /// Remembers a new grant. One that has ended by now, because its code came twice, stays ended.
    pub(super) fn begin(&mut self, claims: &Claims) {
        self.grant_of(claims);
    }

    /// Whether a grant lives and these claims are its newest. A grant that was forgotten is taken
    /// at its word, and so is a generation above the known one: its signature says that it was
    /// given out.
    pub(super) fn is_current(&mut self, claims: &Claims) -> bool {
        let granted_at = Timestamp::from_millis(claims.granted_at);
        if self.ended_until.is_some_and(|until| granted_at <= until) {
            return false;
        }
        let grant = self.grant_of(claims);
        if grant.ended || claims.generation < grant.generation {
            return false;
        }
        grant.generation = claims.generation;
        true
    }

    /// The generation that follows; the tokens of all earlier ones are worthless from now on.
    pub(super) fn replace(&mut self, claims: &Claims) -> u64 {
        let grant = self.grant_of(claims);
        grant.generation = claims.generation.saturating_add(1);
        grant.generation
    }

    /// Ends a grant.
    pub(super) fn end(&mut self, grant: &str) {
        let unknown = || Grant {
            generation: 0,
            ended: true,
        };
        self.grants.entry(grant, unknown).ended = true;
    }

    /// Ends all grants that were made so far, forgotten ones included.
    pub(super) fn end_all(&mut self, now: Timestamp) {
        self.ended_until = Some(now);
        self.grants
            .values_mut()
            .for_each(|grant| grant.ended = true);
    }

    /// How many grants are known to live. After a restart, a grant is known when one of its
    /// tokens is shown again.
    pub(super) fn living_grants(&self) -> usize {
        let living = |grant: &&Grant| !grant.ended;
        self.grants.values().filter(living).count()
    }

    fn grant_of(&mut self, claims: &Claims) -> &mut Grant {
        self.grants.entry(&claims.grant, || Grant {
            generation: claims.generation,
            ended: false,
        })
    }
}
