//! Coming in and going out.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{PortalError, SecretInput, SetUp};
use leptos::prelude::*;

/// Makes the organization and its owner, and signs the owner in.
#[server(name = SetUpOrganization, prefix = "/_portal", endpoint = "set_up")]
pub async fn set_up(
    #[server(default)] token: SecretInput,
    #[server(default)] organization: String,
    #[server(default)] name: String,
    #[server(default)] email: String,
    #[server(default)] password: SecretInput,
) -> Result<(), PortalError> {
    let form = Form::on(address::SET_UP)
        .holding("organization", &organization)
        .holding("name", &name)
        .holding("email", &email);
    let set_up = SetUp {
        token,
        organization,
        name,
        email,
        password,
    };
    let outcome = portal()?.set_up(set_up).await;
    form.answer::<SetUpOrganization>(outcome.map(|()| address::APPLICATIONS.to_owned()))
        .await
}

/// Signs a member in.
#[server(name = SignIn, prefix = "/_portal", endpoint = "sign_in")]
pub async fn sign_in(
    #[server(default)] email: String,
    #[server(default)] password: SecretInput,
) -> Result<(), PortalError> {
    let form = Form::on(address::SIGN_IN).holding("email", &email);
    let outcome = portal()?.sign_in(email, password).await;
    form.answer::<SignIn>(outcome.map(|()| address::APPLICATIONS.to_owned()))
        .await
}

/// Ends the session.
#[server(name = SignOut, prefix = "/_portal", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), PortalError> {
    let outcome = portal()?.sign_out().await;
    Form::on(address::APPLICATIONS)
        .answer::<SignOut>(outcome.map(|()| address::SIGN_IN.to_owned()))
        .await
}
