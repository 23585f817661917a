//! The only room that speaks SQL.
//!
//! [`Store`] is the database together with the keyring: what is secret is sealed on its way in and
//! opened on its way out, bound to its row, column and generation, so no other room ever holds
//! ciphertext. Functions stand in one file per aggregate, take and answer domain types, and write
//! their audit event in the same transaction as the change it tells of (R72). Each runs on SQLite
//! and on PostgreSQL with one text, see [`db`]; `tests/it/store` holds the suite that proves it.

mod activity;
mod api_keys;
mod applications;
mod attempts;
mod audit;
mod audit_chain;
mod audit_check;
mod audit_counts;
mod audit_list;
mod ballast;
mod bulk;
mod carried;
mod choices;
mod client_secrets;
mod completions;
mod connect_room;
mod connect_sessions;
mod connections;
pub mod db;
mod deliveries;
mod error;
mod event_log;
mod events;
mod finishing;
mod flows;
mod grants;
mod handing_over;
mod held;
mod history;
mod home;
mod house_rules;
mod idempotency;
mod importing;
mod instance;
mod invitations;
mod key_rotation;
mod keys;
mod leaving;
mod listing;
mod looks;
mod members;
mod migrate;
mod narrowing;
mod open;
mod places;
mod playgrounds;
mod pool;
mod proofs;
mod providers;
mod provisioning;
mod quarantine;
mod recovered;
mod refresh;
mod revocations;
mod revoking;
mod second_factors;
mod sessions;
mod shared_reads;
mod stops;
mod supporting;
mod team;
mod telling;
mod undoing;
mod vitals;
mod webhooks;
mod words;

pub use activity::{ActivityDay, ActivityKind, BrokenCount};
pub use api_keys::NewKey;
pub use applications::NewApplication;
pub use attempts::Allowance;
pub use audit_check::CheckProgress;
pub use audit_list::{AuditFound, AuditListed, AuditQuery};
pub use bulk::NewBulkRevocation;
pub use choices::HeldAnswer;
pub use client_secrets::Removal;
pub use completions::HeldCode;
pub use connect_room::ConnectRoom;
pub use connections::SavedTokens;
pub use db::Db;
pub use deliveries::{DeliveryPage, DueDelivery, Follows};
pub use error::StoreError;
pub use event_log::{LogPage, NotInLog};
pub use finishing::{Account, NewConnection, OwnerConflict, SecondConnection};
pub use flows::{Claim, FlowSecrets};
pub use grants::{GrantGroup, Marked};
pub use history::{HandOut, HistoryCursor, HistoryPage, RefusedKey, Use};
pub use idempotency::{OnceClaim, OnceRequest, REMEMBERED};
pub use importing::{Import, ImportConflict, ImportHow, ImportOutcome};
pub use invitations::{Invited, NewInvitation};
pub use key_rotation::KeyRotation;
pub use listing::{ConnectionQuery, Found, List, Unused};
pub use looks::DueLooks;
pub use members::{Credentials, NewMember, SetUpOutcome, fold_email};
pub use migrate::MigrateError;
pub use open::{OpenError, StoreLock, open};
pub use places::Hosts;
pub use proofs::Trial;
pub use providers::NewProvider;
pub use recovered::Recovered;
pub use refresh::{Acquired, Lease, Narrowing, Standing};
pub use revocations::upstream_result;
pub use second_factors::SecondFactor;
pub use sessions::{SessionRow, StoredSession};
pub use shared_reads::{Each, SharedReads};
pub use stops::Stopped;
pub use supporting::{Attempt, AttemptStanding};
pub use team::TeamMember;
pub use telling::DueRevocation;
pub use undoing::Undo;
pub use vitals::Vitals;
pub use webhooks::EndpointSetting;

use crate::clock::SharedClock;
use crate::domain::{
    ApiKey, Connection, ConnectionId, OrganizationId, Provider, ProviderId, Timestamp,
};
use crate::vault::{Keyring, OpenError as OpenSealedError, Place, SealError, Sealed, Secret};
use client_secrets::SealedSecret;
use db::{Row, Runs, Statement};
use std::ops::Deref;
use std::str::FromStr;
use std::sync::Arc;

/// The database and the keys to what is sealed in it. Cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Parts>);

/// What all clones of a store share.
pub struct Parts {
    db: Db,
    keyring: Keyring,
    clock: SharedClock,
    /// This machine's name, as the audit has it (R75).
    node: Arc<str>,
    known: quarantine::Known,
    /// A backend has one key, and comes with many calls at once.
    key_reads: SharedReads<[u8; 32], ApiKey>,
    connection_reads: SharedReads<ConnectionId, Connection>,
    /// Many connections are refreshed at one provider, with its client secrets.
    provider_reads: SharedReads<ProviderId, Provider>,
    /// With the Client ID of each.
    secret_reads: SharedReads<ProviderId, Vec<(String, SealedSecret)>>,
    standing_reads: SharedReads<ConnectionId, Standing>,
    grants_lately: grants::GrantsLately,
}

impl Deref for Store {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

impl Store {
    /// The database itself, for the health check and for tests that look at columns.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// The keys, for ids that are derived from them.
    #[must_use]
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// The clock of this node.
    #[must_use]
    pub fn clock(&self) -> SharedClock {
        std::sync::Arc::clone(&self.clock)
    }

    /// Now, on this node.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Closes the database after what is under way has finished.
    pub async fn close(&self) {
        self.db.close().await;
    }

    /// What `select` finds by these ids, in one read, each for itself.
    async fn by_ids<K: Ord + FromStr + ToString, V>(
        &self,
        select: Statement,
        ids: Vec<K>,
        read: fn(&Row) -> Result<V, StoreError>,
    ) -> Result<Each<K, V, StoreError>, StoreError> {
        let ids: Vec<String> = ids.iter().map(K::to_string).collect();
        let select = select.and(" WHERE id").and_in(&ids);
        let rows = (&self.db).rows(select).await?;
        let found = rows.iter().map(|row| Ok((row.parsed("id")?, read(row))));
        found.collect()
    }

    async fn seal(
        &self,
        place: &Place<'_>,
        secret: &Secret<String>,
    ) -> Result<Vec<u8>, StoreError> {
        let mut sealed = self.keyring.seal_text(place, secret);
        if let Err(SealError::NoDataKey(_)) = &sealed {
            // another node may have made the organization a moment ago
            self.reload_data_keys().await?;
            sealed = self.keyring.seal_text(place, secret);
        }
        sealed
            .map(Sealed::into_bytes)
            .map_err(|_| StoreError::Unsealable {
                column: place.column,
            })
    }

    async fn open_sealed(
        &self,
        place: &Place<'_>,
        sealed: Vec<u8>,
    ) -> Result<Secret<String>, StoreError> {
        let sealed = Sealed::from_bytes(sealed);
        let mut opened = self.keyring.open_text(place, &sealed);
        if let Err(OpenSealedError::UnknownKey) = &opened {
            self.reload_data_keys().await?;
            opened = self.keyring.open_text(place, &sealed);
        }
        opened.map_err(|_| StoreError::Unsealable {
            column: place.column,
        })
    }
}

/// Where a secret of a table stands; binds the ciphertext to its row (R50).
fn place<'a>(
    table: &'static str,
    column: &'static str,
    organization: &'a OrganizationId,
    row: &'a str,
    generation: i64,
) -> Place<'a> {
    Place {
        table,
        column,
        organization,
        row,
        generation,
    }
}
