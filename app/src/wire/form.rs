//! What forms send.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A secret that a person typed: a password, a client secret.
///
/// Server-function arguments must be serialisable, so this type cannot refuse to be. It prints
/// nothing of what it holds and is consumed where it is used.
#[derive(Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretInput(String);

impl SecretInput {
    /// Whether nothing but space was typed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.trim().is_empty()
    }

    /// Takes what was typed, as it was typed.
    #[must_use]
    pub fn into_inner(self) -> String {
        self.0
    }
}

impl From<String> for SecretInput {
    fn from(value: String) -> Self {
        Self(value)
    }
}

impl std::fmt::Debug for SecretInput {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretInput(..)")
    }
}

/// `/setup`: the organization and its first owner.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetUp {
    /// The one-time token that the server printed.
    pub token: SecretInput,
    /// Name of the organization.
    pub organization: String,
    /// Name of the owner.
    pub name: String,
    /// E-mail of the owner.
    pub email: String,
    /// Password of the owner.
    pub password: SecretInput,
}

/// A new application.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct NewApplication {
    /// Name that end users read.
    pub name: String,
    /// Empty: made from the name.
    pub slug: String,
    /// One URL per line.
    pub return_urls: String,
}

/// `/apps/{slug}/settings`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ApplicationSettings {
    /// Name that end users read.
    pub name: String,
    /// One URL per line.
    pub return_urls: String,
    /// One origin per line.
    pub allowed_origins: String,
    /// `confirm` or `bound`.
    pub completion: String,
    /// A colour such as `#0f5132`; empty: none.
    pub accent: String,
}

/// A provider as the "Add Provider" form sends it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct NewProvider {
    /// Definition id, e.g. `apollo`.
    pub definition: String,
    /// Client ID, trimmed by the server.
    pub client_id: String,
    /// Client Secret, trimmed by the server.
    pub client_secret: SecretInput,
    /// Ticked scope names.
    pub scopes: Vec<String>,
    /// Free-text scope names, separated by spaces or commas.
    pub other_scopes: String,
    /// An external account serves one owner only.
    pub one_owner_per_account: bool,
    /// What else the definition asks an admin for, by field name.
    pub inputs: BTreeMap<String, String>,
}

/// Scopes and rules of a provider that exists.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ProviderChange {
    /// Client ID, trimmed by the server.
    pub client_id: String,
    /// Client Secret of another Client ID; empty when the Client ID stays.
    pub client_secret: SecretInput,
    /// Ticked scope names.
    pub scopes: Vec<String>,
    /// Free-text scope names, separated by spaces or commas.
    pub other_scopes: String,
    /// An external account serves one owner only.
    pub one_owner_per_account: bool,
    /// A team's connection stands in for a person who has none that works.
    pub team_fallback: bool,
    /// What else the definition asks an admin for, by field name.
    pub inputs: BTreeMap<String, String>,
    /// Client Secret for another server, when `inputs` name one.
    pub host_secret: SecretInput,
    /// The preview of changed scopes was seen.
    pub confirmed: bool,
}

/// Why a connection is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeReason {
    /// The customer is leaving.
    Leaving,
    /// A token may be in wrong hands.
    Incident,
    /// The owner asked for it.
    Asked,
}

/// What a form held when it was refused, to fill it again. Never holds a secret.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// Field name as in the form, and each of its values.
    pub fields: Vec<(String, String)>,
}

impl Draft {
    /// The first value of a field.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }

    /// All values of a field that may be repeated.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.fields
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, v)| v.as_str())
    }
}
