//! Tokens that have arrived and that the database does not take, in a form that can lie in a file.
//!
//! It is the same promise as in the database: sealed for one generation of one connection of one
//! organization, so that a file that was moved, renamed or changed opens nothing.

use super::connections::SavedTokens;
use super::{Store, StoreError, place};
use crate::domain::{ConnectionId, OrganizationId, Scopes, Timestamp, Tokens};
use crate::vault::{Place, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// New tokens of a connection, on their way to the database.
#[derive(Debug)]
pub struct Recovered {
    /// The tenant.
    pub organization: OrganizationId,
    /// The connection.
    pub connection: ConnectionId,
    /// The generation that was refreshed; what is here becomes the next one.
    pub generation: i64,
    /// What arrived.
    pub saved: SavedTokens,
}

/// What stands in the file. Ids are no secrets, and the seal binds them.
#[derive(Serialize, Deserialize)]
struct Entry {
    organization: String,
    connection: String,
    generation: i64,
    sealed: String,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
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

const COLUMN: &str = "tokens";

impl Store {
    /// Seals new tokens for a file. Needs keys that were loaded already, and no database.
    pub async fn seal_recovered(
        &self,
        (organization, connection): (&OrganizationId, &ConnectionId),
        generation: i64,
        saved: &SavedTokens,
    ) -> Result<Vec<u8>, StoreError> {
        let tokens = &saved.tokens;
        let copied =
            |secret: &Option<Secret<String>>| secret.as_ref().map(|one| one.expose().clone());
        let millis = |at: Option<Timestamp>| at.map(Timestamp::millis);
        let content = Content {
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
        };
        let unsealable = |_| StoreError::Unsealable { column: COLUMN };
        let text = Secret::new(serde_json::to_string(&content).map_err(unsealable)?);
        let place = recovered_place(organization, connection, generation);
        let entry = Entry {
            organization: organization.to_string(),
            connection: connection.to_string(),
            generation,
            sealed: STANDARD.encode(self.seal(&place, &text).await?),
        };
        serde_json::to_vec(&entry).map_err(unsealable)
    }

    /// Opens what was sealed for a file.
    pub async fn open_recovered(&self, bytes: &[u8]) -> Result<Recovered, StoreError> {
        let corrupt = || StoreError::Corrupt {
            column: COLUMN.to_owned(),
        };
        let entry: Entry = serde_json::from_slice(bytes).map_err(|_| corrupt())?;
        let organization: OrganizationId = entry.organization.parse().map_err(|_| corrupt())?;
        let connection: ConnectionId = entry.connection.parse().map_err(|_| corrupt())?;
        let sealed = STANDARD.decode(entry.sealed).map_err(|_| corrupt())?;
        let place = recovered_place(&organization, &connection, entry.generation);
        let text = self.open_sealed(&place, sealed).await?;
        let content: Content = serde_json::from_str(text.expose()).map_err(|_| corrupt())?;
        let secret_id = content.client_secret_id.map(|id| id.parse());
        let at = |millis: Option<i64>| millis.map(Timestamp::from_millis);
        let saved = SavedTokens {
            tokens: Tokens {
                access_token: Secret::new(content.access_token),
                refresh_token: content.refresh_token.map(Secret::new),
                raw: Secret::new(content.raw),
                client_secret: content.client_secret.map(Secret::new),
            },
            token_type: content.token_type,
            expires_at: at(content.expires_at),
            refresh_due_at: at(content.refresh_due_at),
            look_at: at(content.look_at),
            scopes_granted: Scopes::new(content.scopes_granted).map_err(|_| corrupt())?,
            metadata: content.metadata,
            client_secret: secret_id.transpose().map_err(|_| corrupt())?,
        };
        Ok(Recovered {
            organization,
            connection,
            generation: entry.generation,
            saved,
        })
    }
}

fn recovered_place<'a>(
    organization: &'a OrganizationId,
    connection: &'a ConnectionId,
    generation: i64,
) -> Place<'a> {
    place(
        "recovered",
        COLUMN,
        organization,
        connection.as_str(),
        generation,
    )
}
