//! How an application goes: what needs attention, and what happened lately.

use super::{BrokenReason, Millis};
use serde::{Deserialize, Serialize};

/// A provider as a sentence names it and a link finds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProviderLink {
    /// Part of the address.
    pub slug: String,
    /// "Salesforce".
    pub name: String,
}

/// Something that somebody should look at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Attention {
    /// A provider refuses our credentials: one line, however many connections wait.
    CredentialsRejected {
        /// Which.
        provider: ProviderLink,
        /// Since.
        since: Millis,
        /// Connections that are not revoked.
        connections: u64,
    },
    /// People have to connect again.
    Reconnect {
        /// Where.
        provider: ProviderLink,
        /// Why.
        reason: BrokenReason,
        /// How many connections.
        connections: u64,
    },
    /// A provider does not answer properly, and is asked again by ourselves.
    Degraded {
        /// Which.
        provider: ProviderLink,
        /// How many connections.
        connections: u64,
        /// The first of them is tried again at.
        next_try_at: Option<Millis>,
    },
    /// A client secret is set that nothing uses.
    SecretUnused {
        /// Where.
        provider: ProviderLink,
    },
}

/// What happened on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DayActivity {
    /// Its beginning, UTC.
    pub day: Millis,
    /// Accounts that were connected, for the first time or again.
    pub connected: u64,
    /// Tokens that were renewed.
    pub refreshed: u64,
    /// Refreshes that failed.
    pub failed: u64,
}

/// How many connections need a reconnect for one reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// Why.
    pub reason: BrokenReason,
    /// How many.
    pub connections: u64,
}
