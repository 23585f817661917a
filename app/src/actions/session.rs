//! Coming in and going out.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{PortalError, SecretInput, SetUp, SignInStep};
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
    let next = outcome.map(|step| match step {
        SignInStep::SignedIn => address::APPLICATIONS.to_owned(),
        SignInStep::FactorNeeded => address::SIGN_IN_FACTOR.to_owned(),
    });
    form.answer::<SignIn>(next).await
}

/// The second step: a code of the second factor.
#[server(name = ShowFactor, prefix = "/_portal", endpoint = "show_factor")]
pub async fn show_factor(#[server(default)] code: SecretInput) -> Result<(), PortalError> {
    let outcome = portal()?.show_factor(code).await;
    Form::on(address::SIGN_IN_FACTOR)
        .answer::<ShowFactor>(outcome.map(|()| address::APPLICATIONS.to_owned()))
        .await
}

/// Makes the invited member, and signs them in.
#[server(name = AcceptInvitation, prefix = "/_portal", endpoint = "accept_invitation")]
pub async fn accept_invitation(
    #[server(default)] token: SecretInput,
    #[server(default)] name: String,
    #[server(default)] password: SecretInput,
) -> Result<(), PortalError> {
    let page = address::invitation(&token.clone().into_inner());
    let outcome = portal()?
        .accept_invitation(token, name.clone(), password)
        .await;
    let page = match outcome {
        // whatever was sent there, it is no token of ours, and has no page
        Err(PortalError::InvitationOver) => address::invitation("over"),
        _ => page,
    };
    let form = Form::on(page)
        .kept_as("/invitations")
        .holding("name", &name);
    form.answer::<AcceptInvitation>(outcome.map(|()| address::APPLICATIONS.to_owned()))
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
