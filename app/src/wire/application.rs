//! Applications.

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
