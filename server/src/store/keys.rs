//! Wrapped data keys, and the check values of key-encryption keys.

use super::db::{Db, Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{Actor, AuditAction, AuditEvent, OrganizationId, Timestamp};
use crate::vault::{CheckValue, WrappedKey};
use serde_json::json;

/// All data keys, as they are wrapped.
pub(super) async fn wrapped_keys(mut db: &Db) -> Result<Vec<WrappedKey>, StoreError> {
    let rows = db.rows(sql("SELECT id, organization_id, kek_id, wrapped, active, created_at FROM data_keys ORDER BY created_at, id")).await?;
    rows.iter().map(wrapped_key).collect()
}

fn wrapped_key(row: &Row) -> Result<WrappedKey, StoreError> {
    Ok(WrappedKey {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        kek_id: row.parsed("kek_id")?,
        wrapped: row.bytes("wrapped")?,
        active: row.flag("active")?,
        created_at: row.time("created_at")?,
    })
}

/// The check values, the oldest first (R53).
pub(super) async fn key_checks(mut db: &Db) -> Result<Vec<CheckValue>, StoreError> {
    let rows = db
        .rows(sql(
            "SELECT kek_id, sealed_check FROM key_checks ORDER BY created_at, kek_id",
        ))
        .await?;
    rows.iter()
        .map(|row| {
            Ok(CheckValue {
                kek_id: row.parsed("kek_id")?,
                wrapped: row.bytes("sealed_check")?,
            })
        })
        .collect()
}

/// Keeps the check value of a key that is used for the first time.
pub(super) async fn save_key_check(
    mut db: &Db,
    check: CheckValue,
    now: Timestamp,
) -> Result<(), StoreError> {
    let statement = sql("INSERT INTO key_checks (kek_id, sealed_check, created_at) VALUES ($1, $2, $3) ON CONFLICT (kek_id) DO NOTHING")
        .bind(check.kek_id.as_str())
        .bind(check.wrapped)
        .bind(now);
    db.run(statement).await?;
    Ok(())
}

impl Store {
    /// Makes the data key of a new organization. The keyring learns it once `tx` is committed.
    pub(super) async fn create_data_key(
        &self,
        tx: &mut Tx,
        organization: &OrganizationId,
    ) -> Result<WrappedKey, StoreError> {
        let key = self.keyring.create_data_key(organization, self.now());
        let statement = sql(
            "INSERT INTO data_keys (id, organization_id, kek_id, wrapped, active, created_at) VALUES ($1, $2, $3, $4, 1, $5)",
        )
        .bind(key.id.as_str())
        .bind(organization.as_str())
        .bind(key.kek_id.as_str())
        .bind(key.wrapped.clone())
        .bind(key.created_at);
        tx.run(statement).await?;
        Ok(key)
    }

    /// Lets the keyring use a data key that is durable now.
    pub(super) fn adopt_data_key(&self, key: WrappedKey) -> Result<(), StoreError> {
        self.keyring
            .adopt(key)
            .map_err(|_| StoreError::Unsealable { column: "wrapped" })
    }

    /// Reads the data keys again: another node may have made some.
    pub async fn reload_data_keys(&self) -> Result<(), StoreError> {
        wrapped_keys(&self.db)
            .await?
            .into_iter()
            .try_for_each(|key| self.adopt_data_key(key))
    }

    /// Stores one data key that was wrapped anew (R52).
    pub async fn save_rewrapped(&self, key: &WrappedKey, actor: Actor) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql("UPDATE data_keys SET kek_id = $1, wrapped = $2 WHERE id = $3")
            .bind(key.kek_id.as_str())
            .bind(key.wrapped.clone())
            .bind(key.id.as_str());
        tx.run(statement).await?;
        let event = AuditEvent {
            actor,
            action: AuditAction::KeysRotated,
            subject_kind: "instance",
            subject_id: String::new(),
            detail: json!({"data_key": key.id.as_str(), "kek": key.kek_id.as_str()}),
        };
        self.audit(&mut tx, &key.organization, event).await?;
        tx.commit().await
    }
}
