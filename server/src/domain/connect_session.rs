//! Connect sessions and the attempts (flows) within them.

use super::{
    ApiKeyId, ApplicationId, ConnectSessionId, Connection, ConnectionId, EndUser, FlowId,
    OrganizationId, Owner, Provider, ProviderId, Scopes, Slug, Timestamp,
};
use crate::vault::Secret;
use app::wire::ConnectProblem;
use std::collections::BTreeMap;
use std::time::Duration;

/// One short-lived invitation, made by the backend, for one end user to connect.
#[derive(Debug)]
pub struct ConnectSession {
    /// Id, as the API names it.
    pub id: ConnectSessionId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application.
    pub application: ApplicationId,
    /// The key that made it; `None` when a member did.
    pub api_key: Option<ApiKeyId>,
    /// Who is to connect.
    pub end_user: EndUser,
    /// Who will own the connection.
    pub owner: Owner,
    /// Providers on offer; empty: all of the application.
    pub providers: Vec<Slug>,
    /// Scopes asked for, per provider; others ask for what the provider is set to.
    pub scopes: BTreeMap<String, Vec<String>>,
    /// Where the browser goes afterwards; one of the application's return URLs.
    pub return_url: Option<String>,
    /// A language tag, e.g. `de`.
    pub locale: Option<String>,
    /// The connection to be renewed.
    pub reconnect: Option<ConnectionId>,
    /// How far it is.
    pub status: SessionStatus,
    /// What went wrong last.
    pub error: Option<ConnectProblem>,
    /// Made at.
    pub created_at: Timestamp,
    /// Works until.
    pub expires_at: Timestamp,
}

/// Characters of the secret part of a link: 62^43 is more than 2^256.
pub const LINK_SECRET: usize = 43;

impl ConnectSession {
    /// An invitation to renew a connection: for its owner, with its provider, and nothing else.
    #[must_use]
    pub fn to_renew(
        connection: &Connection,
        provider: &Provider,
        now: Timestamp,
        works_for: Duration,
    ) -> Self {
        Self {
            id: ConnectSessionId::random(),
            organization: connection.organization.clone(),
            application: connection.application.clone(),
            api_key: None,
            end_user: connection.end_user.clone(),
            owner: connection.owner.clone(),
            providers: vec![provider.slug.clone()],
            scopes: BTreeMap::new(),
            return_url: None,
            locale: None,
            reconnect: Some(connection.id.clone()),
            status: SessionStatus::Pending,
            error: None,
            created_at: now,
            expires_at: now + works_for,
        }
    }
}

/// How far a connect session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// Nothing is connected yet.
    Pending,
    /// At least one connection stands.
    Connected,
    /// The end user said no.
    Denied,
    /// The last attempt failed.
    Failed,
}

impl SessionStatus {
    /// As stored and as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Connected => "connected",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for SessionStatus {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Pending, Self::Connected, Self::Denied, Self::Failed]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(())
    }
}

/// One attempt: one state, one browser, one code.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Id; part of the cookie's name and of the outcome's address.
    pub id: FlowId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The session it belongs to.
    pub session: ConnectSessionId,
    /// The provider.
    pub provider: ProviderId,
    /// Hash of the value in the browser's cookie.
    pub browser_sha256: [u8; 32],
    /// Redirect URI that was sent.
    pub redirect_uri: String,
    /// Client ID that was sent.
    pub client_id: String,
    /// Scopes that were asked for.
    pub scopes_asked: Scopes,
    /// What the end user filled in.
    pub inputs: BTreeMap<String, String>,
    /// The connection to be renewed.
    pub reconnect: Option<ConnectionId>,
    /// How far it is.
    pub status: FlowStatus,
    /// What went wrong.
    pub problem: Option<ConnectProblem>,
    /// What the provider said, as text.
    pub provider_words: Option<String>,
    /// Staff can look this up.
    pub support_code: String,
    /// The connection that came of it.
    pub connection: Option<ConnectionId>,
    /// Works until.
    pub expires_at: Timestamp,
}

/// How far a flow is. It moves forward only, and out of `Waiting` exactly once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowStatus {
    /// The browser is at the provider.
    Waiting,
    /// The answer came; the code is being exchanged.
    Exchanging,
    /// A connection stands.
    Connected,
    /// It failed, see `problem`.
    Failed,
}

impl FlowStatus {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Exchanging => "exchanging",
            Self::Connected => "connected",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for FlowStatus {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [
            Self::Waiting,
            Self::Exchanging,
            Self::Connected,
            Self::Failed,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or(())
    }
}

/// What a flow needs to be begun.
#[derive(Debug)]
pub struct NewFlow {
    /// The flow, `Waiting`.
    pub flow: Flow,
    /// Hash of the state that was sent.
    pub state_sha256: [u8; 32],
    /// PKCE verifier, if PKCE is sent.
    pub verifier: Option<Secret<String>>,
    /// The customer's own client secret, where the definition has credentials per connection.
    pub client_secret: Option<Secret<String>>,
}
