//! Scopes that change: at a provider, before it is saved; and of one connection.

use super::{ConnectionSummary, ProviderMark, ScopeWords};
use serde::{Deserialize, Serialize};

/// What came of saving a provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProviderSaved {
    /// It is saved.
    Saved,
    /// Connections are concerned: the preview says how, and asks.
    AsksFirst,
}

/// `/apps/{slug}/providers/{provider}/scopes`: what changed scopes would mean.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopePreview {
    /// Name of the application.
    pub application: String,
    /// How the provider is drawn.
    pub mark: ProviderMark,
    /// Its name inside sentences.
    pub short_name: String,
    /// The change that waits; `None` when none does, or it waited too long.
    pub change: Option<ScopeChange>,
}

/// A change of scopes and whom it concerns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScopeChange {
    /// Asked for from now on.
    pub new: Vec<ScopeWords>,
    /// No longer asked for.
    pub gone: Vec<ScopeWords>,
    /// Connections that work.
    pub connections: u64,
    /// Of these, the ones that lack something of what is asked for then.
    pub lacking: u64,
    /// What has to be done at the provider, where the scopes are part of the registration.
    pub at_provider: Option<String>,
    /// What the form held, by field, for the button that saves it.
    pub fields: Vec<(String, String)>,
}

/// What sets a connection that works apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectionMark {
    /// The provider now asks for scopes that it was not granted.
    LacksScopes,
    /// An earlier Client ID authorized it.
    EarlierClientId,
}

impl ConnectionMark {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::LacksScopes, Self::EarlierClientId];

    /// The word in addresses.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LacksScopes => "lacks_scopes",
            Self::EarlierClientId => "earlier_client_id",
        }
    }
}

impl std::str::FromStr for ConnectionMark {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|mark| mark.as_str() == text)
            .ok_or(())
    }
}

/// `/apps/{slug}/connections/{id}/scopes`: giving scopes up without asking the user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReduceView {
    /// Name of the application.
    pub application: String,
    /// The connection.
    pub summary: ConnectionSummary,
    /// "Apollo": the provider's name inside sentences.
    pub provider_short_name: String,
    /// The provider can narrow this grant.
    pub offered: bool,
    /// Granted scopes that cannot be given up one by one.
    pub locked: Vec<ScopeWords>,
    /// The other granted scopes.
    pub scopes: Vec<ScopeWords>,
    /// Names that the provider asks for when somebody connects.
    pub asked: Vec<String>,
}
