//! Applications and their API keys.

use super::{Brand, Millis, ProviderMark};
use serde::{Deserialize, Serialize};

/// A row of `/`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ApplicationSummary {
    /// Part of the address.
    pub slug: String,
    /// Name that end users read.
    pub name: String,
    /// Marks of its providers, by name.
    pub providers: Vec<ProviderMark>,
    /// Providers whose credentials were refused.
    pub providers_stopped: u32,
    /// Connections that are not revoked.
    pub connections: u64,
    /// Of these, the ones that need a person.
    pub need_a_person: u64,
    /// When a token was last handed out.
    pub last_handed_out_at: Option<Millis>,
}

/// `/apps/{slug}`: what is done and what is left, or how it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OverviewView {
    /// The application.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Its first return URL.
    pub return_url: Option<String>,
    /// Its providers.
    pub providers: Vec<ProviderMark>,
    /// How many definitions the gallery offers.
    pub definitions: u32,
    /// Marks of some of them.
    pub some_definitions: Vec<ProviderMark>,
    /// The practice provider can be added (and was not yet).
    pub practice_offered: bool,
    /// Live API keys.
    pub api_keys: u32,
    /// Connections by state.
    pub counts: super::StateCounts,
    /// What needs attention, the worst first.
    pub attention: Vec<super::Attention>,
    /// What happened in the last 30 days, the oldest first.
    pub days: Vec<super::DayActivity>,
    /// Why connections need a reconnect, the most frequent first.
    pub reasons: Vec<super::ReasonCount>,
    /// The public URL, for the curl example.
    pub public_url: String,
    /// Slug of the provider to use in the curl example.
    pub example_provider: Option<String>,
}

/// `/apps/{slug}/settings`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingsView {
    /// The application.
    pub slug: String,
    /// Its name.
    pub name: String,
    /// Registered return URLs.
    pub return_urls: Vec<String>,
    /// Registered origins.
    pub allowed_origins: Vec<String>,
    /// How its connections are completed.
    pub completion: Completion,
    /// How it looks to end users.
    pub brand: Brand,
}

/// What makes a connection the right person's (R1, R2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Completion {
    /// The end user's own click on a page of ours that names application, person and provider.
    #[default]
    Confirm,
    /// The backend, in the session of its own user: the code stays sealed until then.
    Bound,
}

impl Completion {
    /// As stored, in forms and in the file that is applied.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Confirm => "confirm",
            Self::Bound => "bound",
        }
    }
}

impl std::str::FromStr for Completion {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Confirm, Self::Bound]
            .into_iter()
            .find(|completion| completion.as_str() == text)
            .ok_or(())
    }
}

/// `/apps/{slug}/keys`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeysView {
    /// The application.
    pub application: String,
    /// Its keys, live ones first, the newest first.
    pub keys: Vec<ApiKeySummary>,
    /// A key that was made a moment ago. It is handed over once: the next load has `None`.
    pub made: Option<NewApiKey>,
    /// The public URL, for the curl example.
    pub public_url: String,
    /// Slug of a provider to use in the curl example.
    pub example_provider: Option<String>,
}

/// An API key without its secret part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApiKeySummary {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// First and last characters, e.g. `gp_4Tw5..9fQe`.
    pub hint: String,
    /// Made at.
    pub created_at: Millis,
    /// Made by (a member's name, or "apply").
    pub created_by: String,
    /// Last used at.
    pub last_used_at: Option<Millis>,
    /// Revoked at.
    pub revoked_at: Option<Millis>,
}

/// An API key right after it was made: the only credential that a page ever receives.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewApiKey {
    /// Name.
    pub name: String,
    /// The whole key.
    pub key: String,
}

impl std::fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewApiKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
