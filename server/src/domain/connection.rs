//! Connections: one external account, granted by one owner.

use super::{
    ApplicationId, ClientSecretId, ConnectionId, EndUser, OrganizationId, Owner, ProviderId,
    Scopes, Slug, Timestamp,
};
use crate::vault::Secret;
use app::wire::{BrokenReason, ConnectionState};
use std::collections::BTreeMap;

/// Whether a fresh token can be had. (`degraded` follows from the failures of a refresh, see
/// [`Status::state`].)
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// A fresh token can be had.
    Active,
    /// A person has to approve again.
    ReconnectRequired,
    /// Ended on purpose.
    Revoked,
}

impl Status {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::ReconnectRequired => "reconnect_required",
            Self::Revoked => "revoked",
        }
    }

    /// What people are told, of one whose refresh is `failing` or is not.
    #[must_use]
    pub fn state(self, failing: bool) -> ConnectionState {
        match self {
            Self::Active if failing => ConnectionState::Degraded,
            Self::Active => ConnectionState::Active,
            Self::ReconnectRequired => ConnectionState::ReconnectRequired,
            Self::Revoked => ConnectionState::Revoked,
        }
    }
}

impl std::str::FromStr for Status {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Active, Self::ReconnectRequired, Self::Revoked]
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(())
    }
}

/// A connection, without its tokens.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Id; stays the same when the end user reconnects.
    pub id: ConnectionId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application.
    pub application: ApplicationId,
    /// The provider.
    pub provider: ProviderId,
    /// What the provider is called in the API; it never changes.
    pub provider_slug: Slug,
    /// Who owns it.
    pub owner: Owner,
    /// Who approved it.
    pub end_user: EndUser,
    /// Who has it in care, where a team's was handed over since.
    pub in_care: Option<EndUser>,
    /// The account's stable id at the provider.
    pub account_id: Option<String>,
    /// The account in words.
    pub account_label: Option<String>,
    /// A name that the backend gave.
    pub label: Option<String>,
    /// Tags that the backend gave.
    pub tags: Vec<String>,
    /// Scopes that were asked for.
    pub scopes_asked: Scopes,
    /// Scopes that were granted.
    pub scopes_granted: Scopes,
    /// What the end user filled in, e.g. `login_host`.
    pub inputs: BTreeMap<String, String>,
    /// Open members of the token answer, e.g. `instance_url`.
    pub metadata: BTreeMap<String, String>,
    /// Client ID with which it was authorized.
    pub client_id: String,
    /// The client secret that its last exchange or refresh used; `None` for a customer's own.
    pub client_secret: Option<ClientSecretId>,
    /// Redirect URI with which it was authorized.
    pub redirect_uri: String,
    /// The state.
    pub status: Status,
    /// The state holds since.
    pub status_since: Timestamp,
    /// Why a person has to approve again.
    pub broken_reason: Option<BrokenReason>,
    /// Goes up each time the token set changes.
    pub generation: i64,
    /// The provider gave a refresh token.
    pub has_refresh_token: bool,
    /// `Bearer`, as a rule.
    pub token_type: String,
    /// SHA-256 of the access token, to recognise one that was rejected (R63).
    pub access_token_sha256: Option<[u8; 32]>,
    /// When the access token ends; `None` when it does not.
    pub access_token_expires_at: Option<Timestamp>,
    /// When it is to be renewed, a margin before it ends; `None` when it does not end.
    pub refresh_due_at: Option<Timestamp>,
    /// When the server looks at it by itself; `None`: never.
    pub look_at: Option<Timestamp>,
    /// When the token set of this generation arrived; `None` where an earlier release stored it.
    pub token_set_at: Option<Timestamp>,
    /// No refresh is tried before, after a failure.
    pub next_refresh_at: Option<Timestamp>,
    /// Failed refreshes since the last good one.
    pub fail_count: i64,
    /// Class of the last failure.
    pub last_error_class: Option<String>,
    /// A key last used it: was handed its token, or called the provider through the proxy.
    pub last_handed_out_at: Option<Timestamp>,
    /// Approved (again) at.
    pub connected_at: Timestamp,
    /// First approved at.
    pub created_at: Timestamp,
    /// No token of its provider leaves now.
    pub stopped: bool,
}

impl Connection {
    /// The `look_at` of a connection that an earlier release stored: it is to be worked out.
    pub const LOOK_AT_ONCE: Timestamp = Timestamp::from_millis(0);

    /// Who is to reconnect it: whoever approved it, or has it in care since.
    #[must_use]
    pub fn responsible(&self) -> &EndUser {
        self.in_care.as_ref().unwrap_or(&self.end_user)
    }

    /// Active, but the last refresh failed and will be tried again.
    #[must_use]
    pub fn degraded(&self) -> bool {
        self.status == Status::Active && self.fail_count > 0
    }

    /// The state as pages and the API name it.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.status.state(self.fail_count > 0)
    }
}

/// The secret part of a token set, as it is sealed.
#[derive(Debug)]
pub struct Tokens {
    /// The access token.
    pub access_token: Secret<String>,
    /// The refresh token, if the provider gave one.
    pub refresh_token: Option<Secret<String>>,
    /// The provider's whole answer.
    pub raw: Secret<String>,
    /// The customer's own client secret, where the definition has credentials per connection. It
    /// lives and goes with the token set that depends on it.
    pub client_secret: Option<Secret<String>>,
}
