//! Quarantine of a restored or copied installation (R103).
//!
//! A copy of the database holds refresh tokens that the original may have used up since. Some
//! providers end a whole grant when a spent one comes back, so the copy presents none of them until
//! an operator has confirmed that the original is off.

use super::Timestamp;
use app::wire::QuarantineReason;

/// Nothing is refreshed, and providers are told nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quarantine {
    /// Since.
    pub since: Timestamp,
    /// Why.
    pub reason: QuarantineReason,
}

/// When a database was alive, as a node noted it outside of the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Which installation it belongs to.
    pub instance: String,
    /// Where it lived, as a fingerprint that only the database itself can read; `None` where it has none.
    pub home: Option<String>,
    /// Its heartbeat by its own clock.
    pub alive_at: Timestamp,
}
