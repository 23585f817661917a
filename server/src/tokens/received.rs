//! From a provider's answer to what is stored.

use super::when::{due_after, look_after};
use crate::catalog::{Definition, Expiry};
use crate::domain::{Connection, Scopes, Timestamp, Tokens};
use crate::oauth::token_answer::{Ends, TokenSet};
use crate::store::SavedTokens;
use crate::vault::Secret;
use std::time::Duration;

/// What is stored of an answer. `sent_at` is when the request went out; `before` the connection
/// and tokens that were refreshed, whose refresh token, scopes, metadata and own secret stay where
/// the answer is silent (RFC 6749 section 6); `asked` the scopes that count as granted when it is
/// silent and nothing was before (section 5.1). Who asked adds the client secret that was used.
#[must_use]
pub fn received(
    answer: TokenSet,
    definition: &Definition,
    sent_at: Timestamp,
    asked: &Scopes,
    before: Option<(&Connection, Tokens)>,
) -> SavedTokens {
    let lifetime = lifetime(answer.ends, &definition.expiry, sent_at);
    let (scopes_before, mut metadata, refresh_before, client_secret) = match before {
        Some((connection, tokens)) => (
            connection.scopes_granted.clone(),
            connection.metadata.clone(),
            tokens.refresh_token,
            tokens.client_secret,
        ),
        None => (asked.clone(), std::collections::BTreeMap::new(), None, None),
    };
    metadata.extend(answer.metadata);
    // where the access token is what gets exchanged, it is its own refresh token
    let refresh_token = if definition.refresh.exchange.is_some() {
        Some(Secret::new(answer.access_token.expose().clone()))
    } else {
        answer.refresh_token.or(refresh_before)
    };
    let look_after = look_after(lifetime, refresh_token.is_some(), definition);
    SavedTokens {
        tokens: Tokens {
            access_token: answer.access_token,
            refresh_token,
            raw: answer.raw,
            client_secret,
        },
        token_type: answer.token_type,
        expires_at: lifetime.map(|lifetime| sent_at + lifetime),
        refresh_due_at: lifetime.map(|lifetime| sent_at + due_after(lifetime)),
        look_at: look_after.map(|wait| sent_at + wait),
        scopes_granted: answer.scopes.unwrap_or(scopes_before),
        metadata,
        client_secret: None,
    }
}

/// How long the access token lasts from `sent_at` on; `None`: it does not end.
fn lifetime(ends: Ends, expiry: &Expiry, sent_at: Timestamp) -> Option<Duration> {
    match (ends, expiry) {
        (Ends::After(seconds), _) => Some(Duration::from_secs(seconds)),
        (Ends::At(moment), _) => Some(sent_at.until(moment)),
        (Ends::NotTold, Expiry::Assumed { after_s } | Expiry::Introspection { after_s, .. }) => {
            Some(Duration::from_secs((*after_s).into()))
        }
        (Ends::NotTold, Expiry::ExpiresIn { silent_s, .. }) => {
            silent_s.map(|seconds| Duration::from_secs(seconds.into()))
        }
        (Ends::NotTold, Expiry::ExpiresAt { .. } | Expiry::Jwt { .. } | Expiry::Never) => None,
    }
}
