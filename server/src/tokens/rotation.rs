//! Asking with the right client secret while an admin changes it.
//!
//! The secret in use is asked with, as a rule. One that is on trial is tried by the one refresh that
//! could claim it. Where the provider refuses a secret it has done nothing, so the same refresh goes
//! on at once, under the same lease, with the next one: a wrong secret costs no connection and no
//! caller anything. What was learnt is noted when the outcome of the refresh is stored.

use super::refresh::LEASE_TTL;
use crate::catalog::Credentials;
use crate::domain::{ClientSecret, ClientSecretId, Connection, Provider, Timestamp};
use crate::oauth;
use crate::oauth::classify::{Class, Failure};
use crate::oauth::egress::Egress;
use crate::oauth::exchange::{self, RefreshRequest};
use crate::oauth::token_answer::TokenSet;
use crate::store::{Lease, Store, StoreError};

/// What the provider said in the end.
pub(super) struct Heard {
    /// The last answer.
    pub(super) answer: Result<TokenSet, Failure>,
    /// The provider, with the secret of that answer.
    pub(super) upstream: oauth::Provider,
    /// When it was asked for.
    pub(super) sent_at: Timestamp,
    /// What to note of the secrets.
    pub(super) lesson: Lesson,
}

impl Heard {
    /// The provider does not give a token with the scopes that were sent.
    pub(super) fn refuses_scopes(&self) -> bool {
        let refused = |failure: &Failure| failure.class == Class::InvalidScope;
        self.answer.as_ref().err().is_some_and(refused)
    }
}

/// What a refresh taught about client secrets.
#[derive(Default)]
pub(super) struct Lesson {
    /// The provider takes this one, and it is not the one in use.
    accepted: Option<ClientSecretId>,
    /// It refused these.
    refused: Vec<ClientSecretId>,
    /// All secrets that were tried were refused.
    pub(super) none_left: bool,
}

/// What an answer says about the secret that it was asked with.
enum Verdict {
    Accepted,
    Refused,
    /// Another secret is to be tried; if that one is taken, this one was wrong.
    Doubtful,
    Unknown,
}

/// Sends one request with one secret after the other until one is not refused. `None`: the lease
/// went to someone else in between.
pub(super) async fn ask_with_secrets(
    store: &Store,
    egress: &Egress,
    provider: &Provider,
    upstream: oauth::Provider,
    (connection, lease): (&Connection, &Lease),
    request: &RefreshRequest<'_>,
) -> Result<Option<Heard>, StoreError> {
    let on_trial = match upstream.definition.credentials {
        Credentials::PerProvider => {
            let client_id = &connection.client_id;
            store.claim_trial(provider, client_id, LEASE_TTL).await?
        }
        Credentials::PerConnection => None,
    };
    let trials = usize::from(on_trial.is_some());
    let kept = upstream.client.client_secrets.iter().cloned();
    let secrets: Vec<ClientSecret> = on_trial.into_iter().chain(kept).collect();
    let in_turn: Vec<oauth::Provider> = if secrets.is_empty() {
        vec![upstream]
    } else {
        let with = |secret| upstream.clone().with_secret(secret);
        secrets.into_iter().map(with).collect()
    };
    let last = in_turn.len() - 1;
    let mut lesson = Lesson::default();
    for (turn, upstream) in in_turn.into_iter().enumerate() {
        if turn > 0 && !store.extend_lease(connection, lease, LEASE_TTL).await? {
            return Ok(None);
        }
        let sent_at = store.now();
        let answer = exchange::refresh(egress, &upstream, request).await;
        let id = upstream.secret_in_use().cloned();
        let tried = turn < trials;
        let verdict = verdict(
            &answer,
            tried,
            upstream.definition.trial.token_tells_nothing,
        );
        match verdict {
            Verdict::Refused | Verdict::Doubtful => {
                lesson.refused.extend(id.clone());
                if let (Verdict::Refused, true, Some(id)) = (&verdict, tried, &id) {
                    // noted at once, so that no other refresh tries it
                    note(store.refuse_client_secret(provider, id).await);
                }
                if turn < last {
                    continue;
                }
                lesson.none_left = matches!(verdict, Verdict::Refused);
            }
            // the one in use is known to work
            Verdict::Accepted => lesson.accepted = id.filter(|_| turn > 0 || tried),
            Verdict::Unknown => {}
        }
        return Ok(Some(Heard {
            answer,
            upstream,
            sent_at,
            lesson,
        }));
    }
    Ok(None)
}

/// `tried`: the secret was on trial. `tells_nothing`: the provider looks at the token first, so that
/// a refused token says nothing about the secret.
fn verdict(answer: &Result<TokenSet, Failure>, tried: bool, tells_nothing: bool) -> Verdict {
    let Err(failure) = answer else {
        return Verdict::Accepted;
    };
    match failure.class {
        Class::ConfigRejected => Verdict::Refused,
        // a connection is not condemned by a secret that nobody has seen work
        Class::Dead if tried && tells_nothing => Verdict::Doubtful,
        Class::Dead if tells_nothing => Verdict::Unknown,
        Class::Dead => Verdict::Accepted,
        Class::Unexpected if tried && failure.spent_nothing() => Verdict::Doubtful,
        _ => Verdict::Unknown,
    }
}

impl Lesson {
    /// Notes it: the secret that was taken is in use from now on, those before it are not.
    pub(super) async fn learn(&self, store: &Store, provider: &Provider) {
        let Some(accepted) = &self.accepted else {
            return;
        };
        note(store.accept_client_secret(provider, accepted).await);
        for refused in &self.refused {
            note(store.refuse_client_secret(provider, refused).await);
        }
    }

    /// Whether there is a live secret that this refresh did not try: on trial elsewhere, or just
    /// accepted there. Then it is worth waiting for.
    pub(super) async fn has_hope(
        &self,
        store: &Store,
        provider: &Provider,
        connection: &Connection,
    ) -> Result<bool, StoreError> {
        if !self.none_left || self.refused.is_empty() {
            return Ok(false);
        }
        let live = store.live_client_secrets(provider, &connection.client_id);
        let tried =
            |id: &Option<ClientSecretId>| id.as_ref().is_some_and(|id| self.refused.contains(id));
        Ok(live.await?.iter().any(|secret| !tried(&secret.id)))
    }
}

/// What is not noted now is learnt again by the next refresh; the tokens in hand come first.
fn note(noted: Result<(), StoreError>) {
    if let Err(error) = noted {
        tracing::warn!(%error, "what a refresh taught about a client secret could not be noted");
    }
}
