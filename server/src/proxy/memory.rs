//! What a moment ago taught about calls, in this process alone.
//!
//! A provider that answers 429 or 503 with `Retry-After` is not sent the *same* call again before that
//! is over: limits are as often one endpoint's as a whole account's, and to hold everything back for
//! one would break what works. And where a fresh token was refused like the one before it, the next
//! 401 of that connection is not about its token, so no refresh is spent on it for a while.

use crate::domain::ConnectionId;
use crate::vault::sha256;
use axum::http::Method;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::{Position, Url};

/// No provider holds calls back for longer without being asked again.
const LONGEST_PATIENCE: Duration = Duration::from_mins(5);
/// For so long a 401 is passed on without a refresh.
const BEYOND_TOKENS: Duration = Duration::from_mins(1);
/// More is not remembered: whoever is not, is sent and answered by the provider itself.
const MOST: usize = 10_000;

/// A call without its query and body, as a hash: paths may hold what people typed.
pub(super) type SameCall = [u8; 32];

/// What makes two calls the same.
pub(super) fn same_call(connection: &ConnectionId, method: &Method, url: &Url) -> SameCall {
    sha256(format!("{connection} {method} {}", &url[..Position::AfterPath]).as_bytes())
}

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Memory {
    patience: Until<SameCall>,
    beyond_tokens: Until<ConnectionId>,
}

impl Memory {
    /// How long the provider wants to be left alone with this call.
    pub(super) fn patience(&self, call: &SameCall) -> Option<Duration> {
        self.patience.left(call)
    }

    /// The provider asked for it.
    pub(super) fn be_patient(&self, call: SameCall, wait: Duration) {
        self.patience.note(call, wait.min(LONGEST_PATIENCE));
    }

    /// Whether a 401 of this connection is not about its token.
    pub(super) fn is_beyond_tokens(&self, connection: &ConnectionId) -> bool {
        self.beyond_tokens.left(connection).is_some()
    }

    /// A fresh token was refused as well.
    pub(super) fn note_beyond_tokens(&self, connection: &ConnectionId) {
        self.beyond_tokens.note(connection.clone(), BEYOND_TOKENS);
    }
}

/// What holds until a moment.
#[derive(Clone)]
struct Until<K>(Arc<Mutex<HashMap<K, Instant>>>);

impl<K> Default for Until<K> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K: Hash + Eq> Until<K> {
    fn note(&self, what: K, span: Duration) {
        let now = Instant::now();
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if noted.len() >= MOST {
            noted.retain(|_, until| *until > now);
        }
        if noted.len() < MOST {
            noted.insert(what, now + span);
        }
    }

    fn left(&self, what: &K) -> Option<Duration> {
        let mut noted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = noted.get(what)?.saturating_duration_since(Instant::now());
        if left.is_zero() {
            noted.remove(what);
            return None;
        }
        Some(left)
    }
}
