//! Client secrets, and how one takes over from another without an outage.
//!
//! A secret belongs to the Client ID it was added for. A new one is *on trial* until one refresh has
//! shown that the provider takes it; then it is used for all, and the old one is kept until nothing
//! was refreshed with it any more. One that the provider refuses changes nothing.

use super::{ClientSecretId, Timestamp};
use crate::vault::Secret;
use std::sync::Arc;

/// What is known of a client secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretState {
    /// The next refresh tries it; nothing else uses it.
    OnTrial,
    /// The first of these is in use; the others are kept, and tried where it is refused.
    Active,
    /// The provider refused it. It is not used.
    Rejected,
}

impl SecretState {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::OnTrial => "on_trial",
            Self::Active => "active",
            Self::Rejected => "rejected",
        }
    }
}

impl std::str::FromStr for SecretState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::OnTrial, Self::Active, Self::Rejected]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

/// A client secret, on its way into a request.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    /// Which of ours it is; `None` for a customer's own.
    pub id: Option<ClientSecretId>,
    /// The secret.
    pub text: Arc<Secret<String>>,
}

impl From<Secret<String>> for ClientSecret {
    /// One that is not stored with the provider.
    fn from(text: Secret<String>) -> Self {
        Self {
            id: None,
            text: Arc::new(text),
        }
    }
}

/// A client secret that is set, without the secret.
#[derive(Clone, Debug)]
pub struct ClientSecretHint {
    /// Id.
    pub id: ClientSecretId,
    /// The Client ID that it was added for.
    pub client_id: String,
    /// What is known of it.
    pub state: SecretState,
    /// Known since.
    pub state_since: Timestamp,
    /// It is the one in use for its Client ID.
    pub in_use: bool,
    /// The last four characters.
    pub ends_in: String,
    /// Added by.
    pub added_by: String,
    /// Added at.
    pub created_at: Timestamp,
    /// Connections, not revoked, whose last exchange or refresh used it.
    pub connections: u64,
    /// Of these, the ones that go on refreshing.
    pub refreshing: u64,
    /// Connections that go on refreshing with its Client ID, whichever secret they used last.
    pub of_client_id: u64,
    /// The first of its connections uses it since.
    pub used_since: Option<Timestamp>,
}

/// Whether a client secret may go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Nothing needs it.
    Nothing,
    /// It is the one in use.
    InUse,
    /// So many connections were last refreshed with it, and have not tried another one yet.
    Connections(u64),
}

impl ClientSecretHint {
    /// What keeps it, where `client_id` is the one that the provider is configured with now.
    #[must_use]
    pub fn keeps(&self, client_id: &str) -> Keeps {
        let needed = self.client_id == client_id || self.of_client_id > 0;
        match self.state {
            SecretState::Rejected => Keeps::Nothing,
            _ if self.in_use && needed => Keeps::InUse,
            _ if self.refreshing > 0 => Keeps::Connections(self.refreshing),
            SecretState::OnTrial | SecretState::Active => Keeps::Nothing,
        }
    }
}
