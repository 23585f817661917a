//! The data keys of all organizations, unlocked.
//!
//! Each organization has one active data key, which seals, and may have earlier ones, which only
//! open. They lie in the database wrapped under a key-encryption key. A node unlocks them once, at
//! start; an organization that is made later gets its key by [`Keyring::create_data_key`] and
//! [`Keyring::adopt`], and a node that meets a key it does not know loads the row and adopts it.
//! Destroying an organization's rows makes all it ever sealed unreadable (R51).

use super::cipher::{self, Place};
use super::hash::{hmac_sha256, push_part, sha256};
use super::kek::{KekId, KekSet};
use super::key::{Key256, leading_eight};
use super::sealed::{OpenError, SealError, Sealed};
use crate::domain::{DataKeyId, OrganizationId, Timestamp};
use crate::vault::Secret;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

/// A data key as it lies in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrappedKey {
    /// Its id.
    pub id: DataKeyId,
    /// Whose values it seals.
    pub organization: OrganizationId,
    /// The key-encryption key that it is wrapped with.
    pub kek_id: KekId,
    /// The wrapped key, 40 bytes.
    pub wrapped: Vec<u8>,
    /// Seals new values; at most one per organization does.
    pub active: bool,
    /// When it was made. The oldest key of an organization is the one that ids are derived from.
    pub created_at: Timestamp,
}

/// Why keys cannot be used. Every one of them is a reason not to start.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The database was made with a key-encryption key that this node was not given.
    #[error(
        "the database needs the key-encryption key {0}, which was not given; \
         add it as a further line to the keys"
    )]
    UnknownKek(KekId),
    /// A key-encryption key has the right name and does not fit: the row was altered.
    #[error("the key-encryption key {0} does not fit the database; the database was altered")]
    WrongKek(KekId),
    /// A data key does not unwrap although its key-encryption key is there.
    #[error("the data key {0} does not unwrap; its row was altered")]
    Altered(DataKeyId),
    /// The organization has no data key here.
    #[error("no data key of {0} is loaded")]
    NoDataKey(OrganizationId),
}

/// A data key, unlocked.
struct DataKey {
    row: WrappedKey,
    tag: KeyTag,
    key: Key256,
}

/// What a sealed value says of the key that it was sealed with.
type KeyTag = [u8; 8];

fn tag_of(id: &DataKeyId) -> KeyTag {
    let message = format!("grantport/v1 data key {id}");
    leading_eight(&sha256(message.as_bytes()))
}

#[derive(Default)]
struct UnlockedKeys {
    by_tag: HashMap<KeyTag, Arc<DataKey>>,
    /// Oldest first.
    by_organization: HashMap<OrganizationId, Vec<Arc<DataKey>>>,
}

impl UnlockedKeys {
    fn put(&mut self, data_key: DataKey) {
        let data_key = Arc::new(data_key);
        self.by_tag.insert(data_key.tag, Arc::clone(&data_key));
        let siblings = self
            .by_organization
            .entry(data_key.row.organization.clone())
            .or_default();
        siblings.retain(|known| known.row.id != data_key.row.id);
        siblings.push(data_key);
        // two nodes may have made keys in the same millisecond: the id settles it for all alike
        siblings.sort_by(|a, b| (a.row.created_at, &a.row.id).cmp(&(b.row.created_at, &b.row.id)));
    }

    fn of(&self, organization: &OrganizationId) -> &[Arc<DataKey>] {
        self.by_organization
            .get(organization)
            .map_or(&[], Vec::as_slice)
    }
}

/// All data keys of this node, and the key-encryption keys that they are wrapped with. Shared by
/// all threads.
pub struct Keyring {
    keks: KekSet,
    keys: RwLock<UnlockedKeys>,
}

impl Keyring {
    /// Unlocks the rows of the database. Fails if any of them cannot be unlocked: a server with
    /// half of its keys would lose the other half's tokens.
    pub fn unlock<I: IntoIterator<Item = WrappedKey>>(
        keks: KekSet,
        rows: I,
    ) -> Result<Self, KeyError> {
        let keyring = Self {
            keks,
            keys: RwLock::default(),
        };
        for row in rows {
            keyring.adopt(row)?;
        }
        Ok(keyring)
    }

    /// A new data key, wrapped and active, to be stored. It is in use once it was adopted.
    #[must_use]
    pub fn create_data_key(&self, organization: &OrganizationId, now: Timestamp) -> WrappedKey {
        let kek = self.keks.first();
        WrappedKey {
            id: DataKeyId::random(),
            organization: organization.clone(),
            kek_id: kek.id().clone(),
            wrapped: kek.wrap(&Key256::random()),
            active: true,
            created_at: now,
        }
    }

    /// Takes a stored data key into use. A key that is known already is replaced by its new row.
    pub fn adopt(&self, row: WrappedKey) -> Result<(), KeyError> {
        let key = self
            .keks
            .get(&row.kek_id)
            .ok_or_else(|| KeyError::UnknownKek(row.kek_id.clone()))?
            .unwrap(&row.wrapped)
            .ok_or_else(|| KeyError::Altered(row.id.clone()))?;
        let tag = tag_of(&row.id);
        self.keys
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .put(DataKey { row, tag, key });
        Ok(())
    }

    /// Seals `clear` for its place.
    pub fn seal(&self, place: &Place<'_>, clear: &[u8]) -> Result<Sealed, SealError> {
        let data_key = self
            .active_key(place.organization)
            .ok_or_else(|| SealError::NoDataKey(place.organization.clone()))?;
        cipher::seal(&data_key.key, data_key.tag, place, clear)
    }

    /// Seals a text for its place.
    pub fn seal_text(
        &self,
        place: &Place<'_>,
        clear: &Secret<String>,
    ) -> Result<Sealed, SealError> {
        self.seal(place, clear.expose().as_bytes())
    }

    /// Opens what was sealed for this place.
    pub fn open(&self, place: &Place<'_>, sealed: &Sealed) -> Result<Secret<Vec<u8>>, OpenError> {
        let tag = sealed.parts().ok_or(OpenError::Altered)?.key_tag;
        let data_key = self
            .keys()
            .by_tag
            .get(tag)
            .map(Arc::clone)
            .ok_or(OpenError::UnknownKey)?;
        if data_key.row.organization != *place.organization {
            return Err(OpenError::Altered);
        }
        cipher::open(&data_key.key, place, sealed)
    }

    /// Opens a text that was sealed for this place.
    pub fn open_text(
        &self,
        place: &Place<'_>,
        sealed: &Sealed,
    ) -> Result<Secret<String>, OpenError> {
        let bytes = self.open(place, sealed)?;
        let text = std::str::from_utf8(bytes.expose()).map_err(|_| OpenError::Altered)?;
        Ok(Secret::from(text))
    }

    /// 32 bytes that nobody can guess and that are the same for the same organization, purpose
    /// and input, on every node and after every rotation: the material of ids such as
    /// [`ProviderId::derived`](crate::domain::ProviderId::derived).
    pub fn derive(
        &self,
        organization: &OrganizationId,
        purpose: &str,
        input: &[u8],
    ) -> Result<[u8; 32], KeyError> {
        let data_key = self
            .oldest_key(organization)
            .ok_or_else(|| KeyError::NoDataKey(organization.clone()))?;
        // a key of its own: the data key itself is used by one cipher only
        let key = Secret::new(hmac_sha256(data_key.key.bytes(), b"grantport/v1 derive"));
        let mut message = Vec::with_capacity(16 + purpose.len() + input.len());
        push_part(&mut message, purpose.as_bytes());
        push_part(&mut message, input);
        Ok(hmac_sha256(key.expose(), &message))
    }

    /// All rows, each wrapped under the key-encryption key that encrypts, for a rotation to
    /// store (R52). The data keys themselves stay, so no sealed value changes.
    #[must_use]
    pub fn rewrapped(&self) -> Vec<WrappedKey> {
        let kek = self.keks.first();
        self.keys()
            .by_tag
            .values()
            .map(|data_key| WrappedKey {
                kek_id: kek.id().clone(),
                wrapped: kek.wrap(&data_key.key),
                ..data_key.row.clone()
            })
            .collect()
    }

    /// How many data keys each key-encryption key wraps. One that was given and wraps none reads
    /// 0: it can be retired, unless it is the one that encrypts.
    #[must_use]
    pub fn status(&self) -> BTreeMap<KekId, usize> {
        let mut counts: BTreeMap<_, _> = self.keks.ids().map(|id| (id.clone(), 0)).collect();
        for data_key in self.keys().by_tag.values() {
            *counts.entry(data_key.row.kek_id.clone()).or_default() += 1;
        }
        counts
    }

    /// The key-encryption keys of this node.
    #[must_use]
    pub fn keks(&self) -> &KekSet {
        &self.keks
    }

    /// The newest one, should two be active while one replaces the other.
    fn active_key(&self, organization: &OrganizationId) -> Option<Arc<DataKey>> {
        let keys = self.keys();
        let newest_first = keys.of(organization).iter().rev();
        newest_first
            .map(Arc::clone)
            .find(|data_key| data_key.row.active)
    }

    fn oldest_key(&self, organization: &OrganizationId) -> Option<Arc<DataKey>> {
        self.keys().of(organization).first().map(Arc::clone)
    }

    fn keys(&self) -> RwLockReadGuard<'_, UnlockedKeys> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Keyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyring")
            .field("keks", &self.keks)
            .finish_non_exhaustive()
    }
}

static_assertions::assert_impl_all!(Keyring: Send, Sync);
static_assertions::assert_not_impl_any!(Keyring: serde::Serialize, std::fmt::Display, Clone);

#[cfg(test)]
#[path = "keyring_tests.rs"]
mod tests;
