//! API keys: what each may do, and what it is limited to.

use super::Millis;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// One thing that a key may do. The words are the API's, and never change their meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum KeyScope {
    /// Make and complete connect sessions, bring connections in, label and tag them.
    ConnectCreate,
    /// Read connect sessions, connections and providers.
    ConnectionsRead,
    /// Revoke connections, and reduce their scopes.
    ConnectionsRevoke,
    /// Be handed access tokens.
    TokensRead,
    /// Call a provider through the proxy.
    Proxy,
    /// Read the event log.
    EventsRead,
    /// Set webhook endpoints up, and read what was delivered to them.
    WebhooksManage,
}

impl KeyScope {
    /// All of them, in the order of the pages.
    pub const ALL: [Self; 7] = [
        Self::ConnectCreate,
        Self::ConnectionsRead,
        Self::ConnectionsRevoke,
        Self::TokensRead,
        Self::Proxy,
        Self::EventsRead,
        Self::WebhooksManage,
    ];

    /// As stored and as sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ConnectCreate => "connect:create",
            Self::ConnectionsRead => "connections:read",
            Self::ConnectionsRevoke => "connections:revoke",
            Self::TokensRead => "tokens:read",
            Self::Proxy => "proxy",
            Self::EventsRead => "events:read",
            Self::WebhooksManage => "webhooks:manage",
        }
    }
}

impl fmt::Display for KeyScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for KeyScope {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|scope| scope.as_str() == text)
            .ok_or(())
    }
}

/// How a key stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// It works.
    Live,
    /// It works, and whoever uses it is told to use another one.
    Deprecated,
    /// Its time is over.
    Expired,
    /// It was ended by hand.
    Revoked,
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
    /// What a key can be limited to.
    pub choices: KeyChoices,
    /// The public URL, for the curl example.
    pub public_url: String,
}

/// `/apps/{slug}/keys/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeyView {
    /// The application.
    pub application: String,
    /// The key.
    pub key: ApiKeySummary,
    /// Its successor, which was made a moment ago. Handed over once.
    pub made: Option<NewApiKey>,
    /// The key that was made to follow it, if that one works.
    pub successor: Option<KeyLink>,
    /// The key that it was made to follow.
    pub replaces: Option<KeyLink>,
    /// It was used in the last 24 hours.
    pub used_lately: bool,
    /// What a key can be limited to.
    pub choices: KeyChoices,
}

/// Where to find a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyLink {
    /// Id.
    pub id: String,
    /// First and last characters.
    pub hint: String,
    /// Last used at.
    pub last_used_at: Option<Millis>,
}

/// What a key can be limited to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyChoices {
    /// Slug and name of each provider of the application.
    pub providers: Vec<(String, String)>,
    /// Requests in a second that a key without a rate of its own may make.
    pub usual_rate: u32,
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
    /// How it stands.
    pub state: KeyState,
    /// What it may do.
    pub scopes: Vec<KeyScope>,
    /// Slugs of the providers that it sees; empty: all.
    pub providers: Vec<String>,
    /// From where it may be used; empty: from everywhere.
    pub ip_ranges: Vec<String>,
    /// Until when it works.
    pub expires_at: Option<Millis>,
    /// Requests in a second, where it has a rate of its own.
    pub rate_per_s: Option<u32>,
    /// Made at.
    pub created_at: Millis,
    /// Made by (a member's name, or "apply").
    pub created_by: String,
    /// Last used at.
    pub last_used_at: Option<Millis>,
    /// Deprecated at.
    pub deprecated_at: Option<Millis>,
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

impl fmt::Debug for NewApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NewApiKey")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// What a form says about a key.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct KeyForm {
    /// Name.
    pub name: String,
    /// Ticked scopes, as sent.
    pub scopes: Vec<String>,
    /// `these`: the ticked providers; anything else: all.
    pub sees: String,
    /// Slugs of ticked providers.
    pub providers: Vec<String>,
    /// One block of addresses per line; empty: from everywhere.
    pub ip_ranges: String,
    /// The last day on which it works, as `2026-12-31`; empty: no last day.
    pub expires: String,
    /// Requests in a second; empty: as the installation says.
    pub rate: String,
}

/// How long a key that is being replaced goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Overlap {
    /// Until it is revoked.
    UntilRevoked,
    /// This many days.
    Days(u8),
}

impl Overlap {
    /// What the form offers.
    pub const ALL: [Self; 4] = [
        Self::UntilRevoked,
        Self::Days(1),
        Self::Days(7),
        Self::Days(30),
    ];

    /// As in the form.
    #[must_use]
    pub fn value(self) -> String {
        match self {
            Self::UntilRevoked => String::new(),
            Self::Days(days) => days.to_string(),
        }
    }
}

impl FromStr for Overlap {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|overlap| overlap.value() == text)
            .ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_offered_can_be_chosen() {
        for overlap in Overlap::ALL {
            assert_eq!(overlap.value().parse(), Ok(overlap));
        }
        assert_eq!("365".parse::<Overlap>(), Err(()));
        assert_eq!("everything".parse::<KeyScope>(), Err(()));
    }
}
