//! The member who is signed in: password and sessions.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{PortalError, SecretInput};
use leptos::prelude::*;

/// Changes the password and ends all other sessions.
#[server(name = ChangePassword, prefix = "/_portal", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] current_password: SecretInput,
    #[server(default)] new_password: SecretInput,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .change_password(current_password, new_password)
        .await;
    Form::on(address::ACCOUNT)
        .answer::<ChangePassword>(outcome.map(|()| address::saved(address::ACCOUNT)))
        .await
}

/// Proves once more who is signed in, and leads to where they were going.
#[server(name = Confirm, prefix = "/_portal", endpoint = "confirm")]
pub async fn confirm(
    #[server(default)] next: String,
    #[server(default)] password: SecretInput,
    #[server(default)] code: SecretInput,
) -> Result<(), PortalError> {
    let next = address::ours(&next);
    let outcome = portal()?.confirm(password, code).await;
    // a refused form has no query of its own: it is kept with it
    Form::on(address::CONFIRM)
        .holding("next", next)
        .answer::<Confirm>(outcome.map(|()| next.to_owned()))
        .await
}

/// Begins a second factor: the page that follows shows its secret.
#[server(name = BeginSecondFactor, prefix = "/_portal", endpoint = "begin_second_factor")]
pub async fn begin_second_factor() -> Result<(), PortalError> {
    let outcome = portal()?.begin_second_factor().await;
    Form::on(address::SECOND_FACTOR)
        .answer::<BeginSecondFactor>(outcome.map(|()| address::SECOND_FACTOR.to_owned()))
        .await
}

/// The first code of a second factor.
#[server(name = ConfirmSecondFactor, prefix = "/_portal", endpoint = "confirm_second_factor")]
pub async fn confirm_second_factor(
    #[server(default)] code: SecretInput,
) -> Result<(), PortalError> {
    let outcome = portal()?.confirm_second_factor(code).await;
    Form::on(address::SECOND_FACTOR)
        .answer::<ConfirmSecondFactor>(outcome.map(|()| address::saved(address::SECOND_FACTOR)))
        .await
}

/// Makes new recovery codes; the page that follows shows them once.
#[server(name = ReplaceRecoveryCodes, prefix = "/_portal", endpoint = "replace_recovery_codes")]
pub async fn replace_recovery_codes(
    #[server(default)] password: SecretInput,
    #[server(default)] code: SecretInput,
) -> Result<(), PortalError> {
    let outcome = portal()?.replace_recovery_codes(password, code).await;
    Form::on(address::SECOND_FACTOR)
        .answer::<ReplaceRecoveryCodes>(outcome.map(|()| address::saved(address::SECOND_FACTOR)))
        .await
}

/// Takes the second factor away.
#[server(name = RemoveSecondFactor, prefix = "/_portal", endpoint = "remove_second_factor")]
pub async fn remove_second_factor(
    #[server(default)] password: SecretInput,
    #[server(default)] code: SecretInput,
) -> Result<(), PortalError> {
    let outcome = portal()?.remove_second_factor(password, code).await;
    Form::on(address::SECOND_FACTOR)
        .answer::<RemoveSecondFactor>(outcome.map(|()| address::saved(address::SECOND_FACTOR)))
        .await
}

/// Ends one session, or all others when none is named.
#[server(name = EndSessions, prefix = "/_portal", endpoint = "end_sessions")]
pub async fn end_sessions(#[server(default)] session: String) -> Result<(), PortalError> {
    let which = (!session.is_empty()).then_some(session);
    let outcome = portal()?.end_sessions(which).await;
    Form::on(address::ACCOUNT)
        .answer::<EndSessions>(outcome.map(|()| address::ACCOUNT.to_owned()))
        .await
}
