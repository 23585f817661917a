//! Wrapped data keys, and the check values of key-encryption keys.

use super::db::{Db, Row, Runs, Tx, sql};
use super::{Store, StoreError};
use crate::domain::{OrganizationId, Timestamp};
use crate::vault::WrappedKey;

/// All data keys, as they are wrapped.
pub(super) async fn wrapped_keys(mut db: &Db) -> Result<Vec<WrappedKey>, StoreError> {
    let rows = db.rows(sql("SELECT id, organization_id, kek_id, wrapped, active FROM data_keys ORDER BY created_at, id")).await?;
    rows.iter().map(wrapped_key).collect()
}

fn wrapped_key(row: &Row) -> Result<WrappedKey, StoreError> {
    Ok(WrappedKey {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        kek_id: row.text("kek_id")?,
        wrapped: row.bytes("wrapped")?,
        active: row.flag("active")?,
    })
}

/// The check values by key id (R53).
pub(super) async fn key_checks(mut db: &Db) -> Result<Vec<(String, Vec<u8>)>, StoreError> {
    let rows = db.rows(sql("SELECT kek_id, sealed_check FROM key_checks ORDER BY created_at")).await?;
    rows.iter().map(|row| Ok((row.text("kek_id")?, row.bytes("sealed_check")?))).collect()
}

/// Keeps the check value of a key that is used for the first time.
pub(super) async fn save_key_check(mut db: &Db, kek_id: &str, check: Vec<u8>, now: Timestamp) -> Result<(), StoreError> {
    let statement = sql("INSERT INTO key_checks (kek_id, sealed_check, created_at) VALUES ($1, $2, $3) ON CONFLICT (kek_id) DO NOTHING")
        .bind(kek_id)
        .bind(check)
        .bind(now);
    db.run(statement).await?;
    Ok(())
}

impl Store {
    /// Makes the data key of a new organization. The keyring learns it once `tx` is committed.
    pub(super) async fn create_data_key(&self, tx: &mut Tx, organization: &OrganizationId) -> Result<WrappedKey, StoreError> {
        let key = self
            .keyring
            .create_data_key(organization)
            .map_err(|_| StoreError::Unsealable { column: "wrapped" })?;
        let statement = sql(
            "INSERT INTO data_keys (id, organization_id, kek_id, wrapped, active, created_at) VALUES ($1, $2, $3, $4, 1, $5)",
        )
        .bind(key.id.as_str())
        .bind(organization.as_str())
        .bind(&key.kek_id)
        .bind(key.wrapped.clone())
        .bind(self.now());
        tx.run(statement).await?;
        Ok(key)
    }

    /// Lets the keyring use a data key that is durable now.
    pub(super) fn adopt_data_key(&self, key: &WrappedKey) -> Result<(), StoreError> {
        self.keyring.adopt(key).map_err(|_| StoreError::Unsealable { column: "wrapped" })
    }

    /// Reads the data keys again: another node may have made some.
    pub async fn reload_data_keys(&self) -> Result<(), StoreError> {
        for key in wrapped_keys(&self.db).await? {
            self.adopt_data_key(&key)?;
        }
        Ok(())
    }

    /// All data keys as stored, for `keys status`.
    pub async fn data_keys(&self) -> Result<Vec<WrappedKey>, StoreError> {
        wrapped_keys(&self.db).await
    }

    /// Stores data keys that were wrapped anew, and the check value of the key they are wrapped with now.
    pub async fn save_rewrapped(&self, keys: &[WrappedKey]) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        for key in keys {
            let statement = sql("UPDATE data_keys SET kek_id = $1, wrapped = $2 WHERE id = $3")
                .bind(&key.kek_id)
                .bind(key.wrapped.clone())
                .bind(key.id.as_str());
            tx.run(statement).await?;
        }
        tx.commit().await
    }
}
