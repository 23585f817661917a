//! Counts of tokens that were handed out and of calls that went through the proxy, per connection, key
//! and minute, and of revoked keys that came.
//!
//! Handing out a valid token writes nothing; the counts go to the database a few seconds later, in
//! one transaction for all.

use crate::domain::{ApiKey, ApiKeyId, Connection, ConnectionId, Timestamp};
use crate::store::{HandOut, RefusedKey, Store, StoreError, Use};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

const MINUTE_MS: i64 = 60_000;
/// Rows that one transaction counts: it has a deadline, and refreshes wait for its connections.
const AT_ONCE: usize = 200;

/// By connection, key and minute.
type PerMinute = HashMap<(ConnectionId, ApiKeyId, i64), HandOut>;

#[derive(Default)]
struct Counts {
    tokens: PerMinute,
    proxied: PerMinute,
    keys: HashMap<ApiKeyId, Timestamp>,
    refused: HashMap<(ApiKeyId, i64), RefusedKey>,
}

/// Counts that are not stored yet. Cheap to clone.
#[derive(Clone, Default)]
pub struct HandOuts(Arc<Mutex<Counts>>);

impl HandOuts {
    /// Counts one token.
    pub fn count(&self, connection: &Connection, key: &ApiKey, now: Timestamp) {
        add(&mut self.lock().tokens, once(connection, key, now));
    }

    /// Counts one call that went through the proxy.
    pub fn count_proxied(&self, connection: &Connection, key: &ApiKey, now: Timestamp) {
        add(&mut self.lock().proxied, once(connection, key, now));
    }

    /// Counts that a revoked key was used.
    pub fn key_refused(&self, key: &ApiKey, now: Timestamp) {
        let minute = minute_of(now);
        self.lock()
            .refused
            .entry((key.id.clone(), minute))
            .and_modify(|one| one.times += 1)
            .or_insert_with(|| RefusedKey {
                organization: key.organization.clone(),
                api_key: key.id.clone(),
                minute: Timestamp::from_millis(minute),
                times: 1,
            });
    }

    /// Notes that a key was used.
    pub fn key_used(&self, key: &ApiKeyId, now: Timestamp) {
        self.lock().keys.insert(key.clone(), now);
    }

    /// How many counts are not stored yet.
    #[must_use]
    pub fn unstored(&self) -> usize {
        let counts = self.lock();
        counts.tokens.len() + counts.proxied.len()
    }

    /// Stores what was counted. What the database does not take is kept for the next time.
    pub async fn store(&self, store: &Store) -> Result<(), StoreError> {
        let taken = std::mem::take(&mut *self.lock());
        let keys: Vec<(ApiKeyId, Timestamp)> = taken.keys.into_iter().collect();
        let tokens = self.store_uses(store, Use::HandedOut, taken.tokens).await;
        let proxied = self.store_uses(store, Use::Proxied, taken.proxied).await;
        let noted = store.note_keys_used(&keys).await;
        if noted.is_err() {
            self.lock().keys.extend(keys);
        }
        let refused: Vec<RefusedKey> = taken.refused.into_values().collect();
        let told = store.count_refused_keys(&refused).await;
        if told.is_err() {
            self.put_refused_back(&refused);
        }
        tokens.and(proxied).and(noted).and(told)
    }

    async fn store_uses(
        &self,
        store: &Store,
        used: Use,
        counted: PerMinute,
    ) -> Result<(), StoreError> {
        let counted: Vec<HandOut> = counted.into_values().collect();
        let mut stored = Ok(());
        for some in counted.chunks(AT_ONCE) {
            if stored.is_ok() {
                stored = count(store, used, some).await;
            }
            if stored.is_err() {
                self.put_back(used, some);
            }
        }
        stored
    }

    fn put_refused_back(&self, refused: &[RefusedKey]) {
        let mut counts = self.lock();
        for one in refused {
            counts
                .refused
                .entry((one.api_key.clone(), one.minute.millis()))
                .and_modify(|newer| newer.times += one.times)
                .or_insert_with(|| one.clone());
        }
    }

    fn put_back(&self, used: Use, counted: &[HandOut]) {
        let mut counts = self.lock();
        let counts = match used {
            Use::HandedOut => &mut counts.tokens,
            Use::Proxied => &mut counts.proxied,
        };
        for one in counted {
            add(counts, one.clone());
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One use, now.
fn once(connection: &Connection, key: &ApiKey, now: Timestamp) -> HandOut {
    HandOut {
        organization: connection.organization.clone(),
        connection: connection.id.clone(),
        provider: connection.provider.clone(),
        api_key: key.id.clone(),
        minute: Timestamp::from_millis(minute_of(now)),
        last_at: now,
        times: 1,
    }
}

/// Adds to what is counted of the same connection, key and minute.
fn add(counts: &mut PerMinute, one: HandOut) {
    let minute = one.minute.millis();
    counts
        .entry((one.connection.clone(), one.api_key.clone(), minute))
        .and_modify(|counted| {
            counted.times += one.times;
            counted.last_at = counted.last_at.max(one.last_at);
        })
        .or_insert(one);
}

async fn count(store: &Store, used: Use, counted: &[HandOut]) -> Result<(), StoreError> {
    match store.count_uses(used, counted).await {
        // one of them belongs to something that was deleted meanwhile; the others still count
        Err(StoreError::Conflict) => count_one_by_one(store, used, counted).await,
        stored => stored,
    }
}

async fn count_one_by_one(store: &Store, used: Use, counted: &[HandOut]) -> Result<(), StoreError> {
    for one in counted {
        match store.count_uses(used, std::slice::from_ref(one)).await {
            Ok(()) | Err(StoreError::Conflict) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}

/// The beginning of the minute.
fn minute_of(now: Timestamp) -> i64 {
    now.millis().div_euclid(MINUTE_MS) * MINUTE_MS
}
