//! When a token ends, where only the provider's introspection endpoint tells (C20).
//!
//! Asked after the tokens are stored, never before: a token set that has arrived is not kept waiting
//! for a second request. Until the answer is there, and where there is none, the definition's
//! assumption holds.

use super::when::{due_after, look_after};
use crate::domain::{ConnectionId, Tokens};
use crate::oauth;
use crate::oauth::introspect::introspect;
use crate::store::Store;
use crate::upstreams::Upstreams;

/// Notes when the access token of one generation of a connection ends. Silent where the definition
/// knows a better way, and where the provider does not tell.
pub async fn learn_end(
    store: &Store,
    upstreams: &Upstreams,
    upstream: &oauth::Provider,
    (connection, generation): (&ConnectionId, i64),
    tokens: &Tokens,
) {
    let asked_at = store.now();
    let told = match introspect(upstreams.egress(), upstream, &tokens.access_token).await {
        Ok(told) => told,
        Err(failure) => {
            tracing::info!(%connection, %failure, "the provider did not tell when the token ends");
            return;
        }
    };
    let Some(ends) = told.and_then(|told| told.expires_at) else {
        return;
    };
    let left = asked_at.until(ends);
    let has_refresh_token = tokens.refresh_token.is_some();
    let look_at = look_after(Some(left), has_refresh_token, &upstream.definition);
    let due = asked_at + due_after(left);
    let look_at = look_at.map(|wait| asked_at + wait);
    if let Err(error) = store
        .note_end(connection, generation, ends, due, look_at)
        .await
    {
        tracing::warn!(%connection, %error, "the end of a token could not be noted");
    }
}
