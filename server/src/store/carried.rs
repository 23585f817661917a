//! New tokens in a form that can be sealed as one piece: in a file, or in a flow.

use super::SavedTokens;
use crate::domain::{Scopes, Timestamp, Tokens};
use crate::vault::Secret;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// [`SavedTokens`] as plain values. It exists for as long as it takes to seal or to open it.
#[derive(Serialize, Deserialize)]
pub(super) struct Carried {
    access_token: String,
    refresh_token: Option<String>,
    raw: String,
    client_secret: Option<String>,
    token_type: String,
    expires_at: Option<i64>,
    refresh_due_at: Option<i64>,
    look_at: Option<i64>,
    scopes_granted: Vec<String>,
    metadata: BTreeMap<String, String>,
    client_secret_id: Option<String>,
}

/// What was sealed is not what was written.
pub(super) struct NotCarried;

impl From<&SavedTokens> for Carried {
    fn from(saved: &SavedTokens) -> Self {
        let tokens = &saved.tokens;
        let copied =
            |secret: &Option<Secret<String>>| secret.as_ref().map(|one| one.expose().clone());
        let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
        Self {
            access_token: tokens.access_token.expose().clone(),
            refresh_token: copied(&tokens.refresh_token),
            raw: tokens.raw.expose().clone(),
            client_secret: copied(&tokens.client_secret),
            token_type: saved.token_type.clone(),
            expires_at: millis(saved.expires_at),
            refresh_due_at: millis(saved.refresh_due_at),
            look_at: millis(saved.look_at),
            scopes_granted: saved.scopes_granted.iter().map(str::to_owned).collect(),
            metadata: saved.metadata.clone(),
            client_secret_id: saved.client_secret.as_ref().map(ToString::to_string),
        }
    }
}

impl TryFrom<Carried> for SavedTokens {
    type Error = NotCarried;

    fn try_from(carried: Carried) -> Result<Self, NotCarried> {
        let secret_id = carried.client_secret_id.map(|id| id.parse());
        let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        Ok(Self {
            tokens: Tokens {
                access_token: Secret::new(carried.access_token),
                refresh_token: carried.refresh_token.map(Secret::new),
                raw: Secret::new(carried.raw),
                client_secret: carried.client_secret.map(Secret::new),
            },
            token_type: carried.token_type,
            expires_at: at(carried.expires_at),
            refresh_due_at: at(carried.refresh_due_at),
            look_at: at(carried.look_at),
            scopes_granted: Scopes::new(carried.scopes_granted).map_err(|_| NotCarried)?,
            metadata: carried.metadata,
            client_secret: secret_id.transpose().map_err(|_| NotCarried)?,
        })
    }
}
