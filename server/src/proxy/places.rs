//! How many calls are under way, per connection and per provider.
//!
//! A provider that hangs keeps the calls to it, and what they hold. So many may be under way and no
//! more: whoever comes then hears so at once, and calls to other providers notice nothing.

use super::ProxyLimits;
use crate::domain::{Connection, ConnectionId, ProviderId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
struct Taken {
    connections: HashMap<ConnectionId, usize>,
    providers: HashMap<ProviderId, usize>,
}

/// The places of this process. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Places(Arc<Mutex<Taken>>);

/// The place of one call, free again when it is dropped.
pub(super) struct Place {
    places: Places,
    connection: ConnectionId,
    provider: ProviderId,
}

impl Places {
    /// A place, if there is one.
    pub(super) fn take(&self, of: &Connection, limits: &ProxyLimits) -> Option<Place> {
        let mut taken = self.lock();
        let by_connection = taken.connections.get(&of.id).copied().unwrap_or_default();
        let by_provider = taken
            .providers
            .get(&of.provider)
            .copied()
            .unwrap_or_default();
        if by_connection >= limits.per_connection || by_provider >= limits.per_provider {
            return None;
        }
        taken.connections.insert(of.id.clone(), by_connection + 1);
        taken.providers.insert(of.provider.clone(), by_provider + 1);
        Some(Place {
            places: self.clone(),
            connection: of.id.clone(),
            provider: of.provider.clone(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        give_back(&mut taken.connections, &self.connection);
        give_back(&mut taken.providers, &self.provider);
    }
}

/// Nothing is kept of whoever has no call under way.
fn give_back<K: std::hash::Hash + Eq>(taken: &mut HashMap<K, usize>, key: &K) {
    if let Some(count) = taken.get_mut(key) {
        *count -= 1;
        if *count == 0 {
            taken.remove(key);
        }
    }
}
