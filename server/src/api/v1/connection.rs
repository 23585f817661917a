//! A connection and its receipt, as JSON. Neither ever holds a token.

use crate::api::words::{one_of, one_of_or_null};
use crate::domain::{
    Connection, EndUser, Owner, Provider, Revocation, Status, Timestamp, Upstream,
};
use app::wire::{BrokenReason, ConnectionState};
use app::words::revocation;
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;
use utoipa::openapi::Object;

/// One external account, granted by one owner.
#[derive(Serialize, ToSchema)]
#[schema(as = Connection)]
pub(super) struct ConnectionAnswer {
    #[schema(example = "con_4Vt9Qm2kXr7LpZs1HdYw")]
    id: String,
    /// Slug of the provider; `null` once the provider was removed.
    #[schema(required, example = "apollo")]
    provider: Option<String>,
    owner: OwnerAnswer,
    end_user: EndUserAnswer,
    /// The person whom a team's connection was handed over to; `null` while it is whoever approved.
    #[schema(required, example = json!(null))]
    in_care_of: Option<EndUserAnswer>,
    account: AccountAnswer,
    /// The name that your backend gave to it.
    #[schema(required, example = "Sales")]
    label: Option<String>,
    /// What your backend marked it with.
    #[schema(example = json!(["emea"]))]
    tags: Vec<String>,
    #[schema(schema_with = states)]
    status: &'static str,
    /// Since when it has this status.
    #[schema(format = DateTime, example = "2026-03-01T09:30:00Z")]
    status_since: String,
    #[schema(schema_with = reasons, required)]
    reason: Option<&'static str>,
    /// How the last refresh failed, while the connection is `degraded`.
    #[schema(required, example = json!(null))]
    last_failure: Option<String>,
    /// When the refresh is tried again, while the connection is `degraded`.
    #[schema(required, format = DateTime, example = json!(null))]
    retrying_at: Option<String>,
    /// One sentence for whoever looks after it, where there is something to say.
    #[schema(required, example = json!(null))]
    what_to_do: Option<&'static str>,
    /// The scopes that were granted.
    #[schema(example = json!(["contacts_search", "person_read"]))]
    scopes: Vec<String>,
    /// The scopes that were asked for and not granted.
    #[schema(example = json!([]))]
    missing_scopes: Vec<String>,
    /// Goes up each time its tokens change.
    #[schema(minimum = 0, example = 3)]
    generation: i64,
    /// When the present access token ends; `null` if it does not, or if the provider does not say.
    #[schema(required, format = DateTime, example = "2026-03-01T10:30:00Z")]
    expires_at: Option<String>,
    /// What the provider said beside the tokens, such as `instance_url`. Never a secret.
    #[schema(example = json!({"instance_url": "https://acme.example"}))]
    metadata: BTreeMap<String, String>,
    #[schema(format = DateTime, example = "2026-01-12T14:00:00Z")]
    created_at: String,
    /// When the owner last approved.
    #[schema(format = DateTime, example = "2026-01-12T14:00:00Z")]
    connected_at: String,
    /// When a token of it was last handed out; `null` if never.
    #[schema(required, format = DateTime, example = "2026-03-01T09:45:00Z")]
    last_used_at: Option<String>,
}

/// Who owns a connection.
#[derive(Serialize, ToSchema)]
#[schema(as = Owner)]
pub(super) struct OwnerAnswer {
    #[schema(schema_with = owner_kinds)]
    kind: &'static str,
    /// The id that your application gave to the end user or to the team.
    #[schema(example = "user-17")]
    id: String,
}

/// A person, as your application named them.
#[derive(Serialize, ToSchema)]
#[schema(as = EndUser)]
struct EndUserAnswer {
    #[schema(example = "user-17")]
    id: String,
    #[schema(required, example = "Dana Reyes")]
    name: Option<String>,
    #[schema(required, example = "dana@northwind.example")]
    email: Option<String>,
}

/// The account at the provider.
#[derive(Serialize, ToSchema)]
#[schema(as = Account)]
struct AccountAnswer {
    /// The provider's own id of it, where it tells one.
    #[schema(required, example = "5f2a91")]
    id: Option<String>,
    /// Its name for people, usually an e-mail address.
    #[schema(required, example = "dana@northwind.example")]
    label: Option<String>,
}

impl ConnectionAnswer {
    /// A connection of one of `providers`.
    pub(super) fn new(connection: &Connection, providers: &[Provider]) -> Self {
        let provider = providers
            .iter()
            .find(|provider| provider.id == connection.provider);
        let missing = connection.scopes_asked.without(&connection.scopes_granted);
        let reason = connection
            .broken_reason
            .filter(|_| connection.status == Status::ReconnectRequired);
        let degraded = connection.degraded();
        Self {
            id: connection.id.to_string(),
            provider: provider.map(|provider| provider.slug.to_string()),
            owner: OwnerAnswer::new(&connection.owner),
            end_user: EndUserAnswer::new(&connection.end_user),
            in_care_of: connection.in_care.as_ref().map(EndUserAnswer::new),
            account: AccountAnswer {
                id: connection.account_id.clone(),
                label: connection.account_label.clone(),
            },
            label: connection.label.clone(),
            tags: connection.tags.clone(),
            status: connection.state().as_str(),
            status_since: connection.status_since.rfc3339(),
            reason: reason.map(BrokenReason::as_str),
            last_failure: connection.last_error_class.clone().filter(|_| degraded),
            retrying_at: moment(connection.next_refresh_at.filter(|_| degraded)),
            what_to_do: what_to_do(connection),
            scopes: connection
                .scopes_granted
                .iter()
                .map(str::to_owned)
                .collect(),
            missing_scopes: missing.iter().map(str::to_owned).collect(),
            generation: connection.generation,
            expires_at: moment(connection.access_token_expires_at),
            metadata: connection.metadata.clone(),
            created_at: connection.created_at.rfc3339(),
            connected_at: connection.connected_at.rfc3339(),
            last_used_at: moment(connection.last_handed_out_at),
        }
    }
}

impl EndUserAnswer {
    fn new(person: &EndUser) -> Self {
        Self {
            id: person.id.clone(),
            name: person.name.clone(),
            email: person.email.clone(),
        }
    }
}

impl OwnerAnswer {
    pub(super) fn new(owner: &Owner) -> Self {
        Self {
            kind: owner.kind(),
            id: owner.id().to_owned(),
        }
    }
}

/// One sentence, where there is something to say.
fn what_to_do(connection: &Connection) -> Option<&'static str> {
    match connection.state() {
        ConnectionState::Active | ConnectionState::Revoked => None,
        ConnectionState::Degraded => Some(
            "Nothing: the refresh is tried again by itself, and tokens that are valid are handed out.",
        ),
        ConnectionState::ReconnectRequired => Some(
            "Ask whoever approved it to connect again: make a connect session with `reconnect` for the link.",
        ),
    }
}

/// RFC 3339, or null.
pub(super) fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::rfc3339)
}

/// The words of a connection's `status`.
pub(super) fn states() -> Object {
    one_of(
        "`active`: a fresh token can be had. `degraded`: the refresh fails and is tried again by itself, valid tokens are handed out. `reconnect_required`: a person has to approve again. `revoked`: ended on purpose, for good.",
        ConnectionState::ALL.map(ConnectionState::as_str),
    )
}

fn reasons() -> Object {
    one_of_or_null(
        "Why a person has to approve again, while the connection is `reconnect_required`.",
        BrokenReason::ALL.map(BrokenReason::as_str),
    )
}

fn owner_kinds() -> Object {
    one_of(
        "`personal`: one end user. `team`: a team of your application.",
        Owner::KINDS,
    )
}

/// What a revocation did and what is still to come.
#[derive(Serialize, ToSchema)]
#[schema(as = Receipt)]
pub(super) struct ReceiptAnswer {
    #[schema(example = "rcp_8sKd02mFqLx5TnVb7WcZ")]
    id: String,
    #[schema(example = "con_4Vt9Qm2kXr7LpZs1HdYw")]
    connection_id: String,
    #[schema(schema_with = revoked)]
    status: &'static str,
    #[schema(format = DateTime, example = "2026-03-01T09:45:00Z")]
    revoked_at: String,
    #[schema(schema_with = revoke_reasons)]
    reason: &'static str,
    upstream: UpstreamAnswer,
    /// Until when a token that was handed out may still work at the provider; `null` if none can.
    #[schema(required, format = DateTime, example = json!(null))]
    token_valid_until: Option<String>,
}

/// What the provider said to the revocation.
#[derive(Serialize, ToSchema)]
#[schema(as = Upstream)]
struct UpstreamAnswer {
    #[schema(schema_with = upstream_results)]
    result: &'static str,
    /// When it was settled.
    #[schema(required, format = DateTime, example = "2026-03-01T09:45:01Z")]
    at: Option<String>,
    /// When the provider is told again, while the result is `waiting`.
    #[schema(required, format = DateTime, example = json!(null))]
    next_try_at: Option<String>,
}

impl ReceiptAnswer {
    pub(super) fn new(receipt: &Revocation) -> Self {
        let waiting = receipt.upstream == Upstream::Waiting;
        Self {
            id: receipt.id.to_string(),
            connection_id: receipt.connection.to_string(),
            status: ConnectionState::Revoked.as_str(),
            revoked_at: receipt.revoked_at.rfc3339(),
            reason: revocation::value(receipt.reason),
            upstream: UpstreamAnswer {
                result: receipt.upstream.as_str(),
                at: moment(receipt.upstream_at.filter(|_| !waiting)),
                next_try_at: moment(receipt.next_try_at.filter(|_| waiting)),
            },
            token_valid_until: moment(receipt.token_valid_until),
        }
    }
}

fn revoked() -> Object {
    one_of(
        "Always `revoked`: a revocation holds at once.",
        [ConnectionState::Revoked.as_str()],
    )
}

const REVOKE_REASONS: &str = "`leaving`: the customer is leaving. `incident`: a token may be in wrong hands. `asked`: the owner asked for it.";

/// The words for why a connection is revoked.
pub(super) fn revoke_reasons() -> Object {
    one_of(REVOKE_REASONS, revocation::REASONS.map(revocation::value))
}

/// The same where none has to be said.
pub(super) fn revoke_reasons_or_null() -> Object {
    one_of_or_null(REVOKE_REASONS, revocation::REASONS.map(revocation::value))
}

fn upstream_results() -> Object {
    one_of(
        "`waiting`: the provider is still to be told. `revoked`: it confirmed. `not_offered`: it has no way to revoke. `failed`: it refused, or could not be reached. `nothing_to_revoke`: no token was left.",
        Upstream::ALL.map(Upstream::as_str),
    )
}
