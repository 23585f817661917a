//! Undoing, revoking many at once, stopping all tokens.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::connections::read_reason;
use super::{Form, portal};
use crate::address;
use crate::wire::{BulkCriteria, PortalError};
use leptos::prelude::*;

/// Undoes a revocation; the connection works again.
#[server(name = UndoRevocation, prefix = "/_portal", endpoint = "undo_revocation")]
pub async fn undo_revocation(
    #[server(default)] application: String,
    #[server(default)] connection: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.undo_revocation(&application, &connection).await;
    Form::on(address::receipt(&application, &connection))
        .answer_here::<UndoRevocation>(outcome)
        .await
}

/// Revokes all connections that fit the criteria.
#[server(name = RevokeInBulk, prefix = "/_portal", endpoint = "revoke_in_bulk")]
pub async fn revoke_in_bulk(
    #[server(default)] application: String,
    #[server(default)] criteria: BulkCriteria,
    #[server(default)] reason: String,
    #[server(default)] note: String,
    #[server(default)] confirmation: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::bulk_form_with(&application, &criteria))
        .holding("reason", &reason)
        .holding("note", &note)
        .holding("confirmation", &confirmation);
    let outcome = match read_reason(&reason) {
        Ok(reason) => {
            portal()?
                .revoke_in_bulk(&application, criteria, reason, note, confirmation)
                .await
        }
        Err(error) => Err(error),
    };
    form.answer::<RevokeInBulk>(outcome.map(|run| address::bulk_run(&application, &run)))
        .await
}

/// Takes many revocations back.
#[server(name = UndoBulk, prefix = "/_portal", endpoint = "undo_bulk")]
pub async fn undo_bulk(
    #[server(default)] application: String,
    #[server(default)] run: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.undo_bulk(&application, &run).await;
    Form::on(address::bulk_run(&application, &run))
        .answer_here::<UndoBulk>(outcome)
        .await
}

/// Stops all tokens of an application, or of one provider.
#[server(name = StopTokens, prefix = "/_portal", endpoint = "stop_tokens")]
pub async fn stop_tokens(
    #[server(default)] application: String,
    #[server(default)] provider: String,
    #[server(default)] stop_reason: String,
) -> Result<(), PortalError> {
    let form = Form::on(page_of(&application, &provider))
        .holding("form", "stop")
        .holding("stop_reason", &stop_reason);
    let outcome = portal()?
        .stop_tokens(&application, &provider, stop_reason)
        .await;
    form.answer_here::<StopTokens>(outcome).await
}

/// Lets them go again.
#[server(name = LetTokensGo, prefix = "/_portal", endpoint = "let_tokens_go")]
pub async fn let_tokens_go(
    #[server(default)] application: String,
    #[server(default)] provider: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.let_tokens_go(&application, &provider).await;
    Form::on(page_of(&application, &provider))
        .answer_here::<LetTokensGo>(outcome)
        .await
}

fn page_of(application: &str, provider: &str) -> String {
    if provider.is_empty() {
        address::settings(application)
    } else {
        address::provider(application, provider)
    }
}
