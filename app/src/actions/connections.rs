//! Revoking a connection, and mending one that works.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::portal::Answer;
use crate::wire::{Field, PortalError, Problem, RevokeReason};
use crate::words::revocation;
use leptos::prelude::*;

/// Revokes a connection; a second time changes nothing.
#[server(name = RevokeConnection, prefix = "/_portal", endpoint = "revoke_connection")]
pub async fn revoke_connection(
    #[server(default)] application: String,
    #[server(default)] connection: String,
    #[server(default)] reason: String,
    #[server(default)] note: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::revoke(&application, &connection))
        .holding("reason", &reason)
        .holding("note", &note);
    let outcome = match read_reason(&reason) {
        Ok(reason) => {
            portal()?
                .revoke(&application, &connection, reason, note)
                .await
        }
        Err(error) => Err(error),
    };
    form.answer::<RevokeConnection>(outcome.map(|()| address::receipt(&application, &connection)))
        .await
}

/// Reduces the scopes of a connection to those that are kept.
#[server(name = ReduceScopes, prefix = "/_portal", endpoint = "reduce_scopes")]
pub async fn reduce_scopes(
    #[server(default)] application: String,
    #[server(default)] connection: String,
    #[server(default)] keep: Vec<String>,
) -> Result<(), PortalError> {
    let form = Form::on(address::reduce(&application, &connection)).holding_all("keep[]", &keep);
    let outcome = portal()?
        .reduce_scopes(&application, &connection, keep)
        .await;
    let page = address::connection(&application, &connection);
    form.answer::<ReduceScopes>(outcome.map(|()| address::saved(page)))
        .await
}

pub(super) fn read_reason(reason: &str) -> Answer<RevokeReason> {
    let problem = if reason.is_empty() {
        Problem::Missing
    } else {
        Problem::NotAChoice
    };
    revocation::read(reason).ok_or_else(|| PortalError::field(Field::Reason, problem))
}
