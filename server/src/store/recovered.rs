//! Tokens that have arrived and that the database does not take, in a form that can lie in a file.
//!
//! It is the same promise as in the database: sealed for one generation of one connection of one
//! organization, so that a file that was moved, renamed or changed opens nothing.

use super::carried::Carried;
use super::connections::SavedTokens;
use super::{Store, StoreError, place};
use crate::domain::{ConnectionId, OrganizationId};
use crate::vault::{Place, Secret};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

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

const COLUMN: &str = "tokens";

impl Store {
    /// Seals new tokens for a file. Needs keys that were loaded already, and no database.
    pub async fn seal_recovered(
        &self,
        (organization, connection): (&OrganizationId, &ConnectionId),
        generation: i64,
        saved: &SavedTokens,
    ) -> Result<Vec<u8>, StoreError> {
        let unsealable = |_| StoreError::Unsealable { column: COLUMN };
        let text = Secret::new(serde_json::to_string(&Carried::from(saved)).map_err(unsealable)?);
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
        let carried: Carried = serde_json::from_str(text.expose()).map_err(|_| corrupt())?;
        let saved = SavedTokens::try_from(carried).map_err(|_| corrupt())?;
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
