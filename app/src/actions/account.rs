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

/// Ends one session, or all others when none is named.
#[server(name = EndSessions, prefix = "/_portal", endpoint = "end_sessions")]
pub async fn end_sessions(#[server(default)] session: String) -> Result<(), PortalError> {
    let which = (!session.is_empty()).then_some(session);
    let outcome = portal()?.end_sessions(which).await;
    Form::on(address::ACCOUNT)
        .answer::<EndSessions>(outcome.map(|()| address::ACCOUNT.to_owned()))
        .await
}
