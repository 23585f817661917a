//! Client secrets while one takes over from another.

use super::Millis;
use serde::{Deserialize, Serialize};

/// A client secret that is set, without the secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SecretHint {
    /// Id.
    pub id: String,
    /// The last four characters; empty for a secret too short to show any.
    pub ends_in: String,
    /// Added at.
    pub added_at: Millis,
    /// Added by.
    pub added_by: String,
    /// What it is used for.
    pub used: SecretUse,
    /// Connections whose last exchange or refresh used it.
    pub connections: u64,
    /// The first of them uses it since.
    pub used_since: Option<Millis>,
    /// Nothing needs it, so it may go.
    pub removable: bool,
}

/// What a client secret is used for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SecretUse {
    /// All refreshes use it.
    InUse {
        /// Since.
        since: Millis,
    },
    /// The next refresh tries it.
    OnTrial,
    /// It waits, and is tried where the one in use is refused.
    Kept,
    /// The provider refused it.
    Refused {
        /// When.
        at: Millis,
    },
    /// It belongs to an earlier Client ID.
    EarlierClientId {
        /// That Client ID.
        client_id: String,
        /// Connections that go on refreshing with it.
        connections: u64,
    },
}
