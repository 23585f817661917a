//! A connection and its receipt, as JSON. Neither ever holds a token.

use crate::domain::{Connection, Owner, Provider, Revocation, Status, Timestamp, Upstream};
use app::wire::{BrokenReason, ConnectionState, RevokeReason};
use serde_json::{Value, json};

/// A connection of one of `providers`.
pub(super) fn connection_json(connection: &Connection, providers: &[Provider]) -> Value {
    let provider = providers
        .iter()
        .find(|provider| provider.id == connection.provider);
    let missing = connection.scopes_asked.without(&connection.scopes_granted);
    let reason = connection
        .broken_reason
        .filter(|_| connection.status == Status::ReconnectRequired);
    let degraded = connection.degraded();
    json!({
        "id": connection.id.as_str(),
        "provider": provider.map(|provider| provider.slug.as_str()),
        "owner": owner_json(&connection.owner),
        "end_user": {
            "id": connection.end_user.id,
            "name": connection.end_user.name,
            "email": connection.end_user.email,
        },
        "account": {"id": connection.account_id, "label": connection.account_label},
        "label": connection.label,
        "tags": connection.tags,
        "status": connection.state().as_str(),
        "status_since": connection.status_since.rfc3339(),
        "reason": reason.map(BrokenReason::as_str),
        "last_failure": connection.last_error_class.as_deref().filter(|_| degraded),
        "retrying_at": moment(connection.next_refresh_at.filter(|_| degraded)),
        "what_to_do": what_to_do(connection),
        "scopes": connection.scopes_granted.iter().collect::<Vec<_>>(),
        "missing_scopes": missing.iter().collect::<Vec<_>>(),
        "generation": connection.generation,
        "expires_at": moment(connection.access_token_expires_at),
        "metadata": connection.metadata,
        "created_at": connection.created_at.rfc3339(),
        "connected_at": connection.connected_at.rfc3339(),
        "last_used_at": moment(connection.last_handed_out_at),
    })
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

/// Who owns a connection.
pub(super) fn owner_json(owner: &Owner) -> Value {
    json!({"kind": owner.kind(), "id": owner.id()})
}

/// RFC 3339, or null.
pub(super) fn moment(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::rfc3339)
}

/// What a revocation did and what is still to come.
pub(super) fn receipt_json(receipt: &Revocation) -> Value {
    let waiting = receipt.upstream == Upstream::Waiting;
    json!({
        "id": receipt.id.as_str(),
        "connection_id": receipt.connection.as_str(),
        "status": "revoked",
        "revoked_at": receipt.revoked_at.rfc3339(),
        "reason": reason_word(receipt.reason),
        "upstream": {
            "result": receipt.upstream.as_str(),
            "at": moment(receipt.upstream_at.filter(|_| !waiting)),
            "next_try_at": moment(receipt.next_try_at.filter(|_| waiting)),
        },
        "token_valid_until": moment(receipt.token_valid_until),
    })
}

fn reason_word(reason: RevokeReason) -> &'static str {
    match reason {
        RevokeReason::Leaving => "leaving",
        RevokeReason::Incident => "incident",
        RevokeReason::Asked => "asked",
    }
}
