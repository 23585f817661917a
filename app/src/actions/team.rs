//! Members and invitations.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{Field, HouseRules, PortalError, Problem};
use leptos::prelude::*;

/// Invites somebody; the page that follows shows the link once.
#[server(name = Invite, prefix = "/_portal", endpoint = "invite")]
pub async fn invite(
    #[server(default)] email: String,
    #[server(default)] role: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::MEMBERS)
        .holding("email", &email)
        .holding("role", &role);
    let outcome = portal()?.invite(&email, &role).await;
    form.answer::<Invite>(outcome.map(|()| address::MEMBERS.to_owned()))
        .await
}

/// Makes a new link for an open invitation.
#[server(name = RenewInvitation, prefix = "/_portal", endpoint = "renew_invitation")]
pub async fn renew_invitation(#[server(default)] invitation: String) -> Result<(), PortalError> {
    let outcome = portal()?.renew_invitation(&invitation).await;
    Form::on(address::MEMBERS)
        .answer::<RenewInvitation>(outcome.map(|()| address::MEMBERS.to_owned()))
        .await
}

/// Revokes an open invitation.
#[server(name = RevokeInvitation, prefix = "/_portal", endpoint = "revoke_invitation")]
pub async fn revoke_invitation(#[server(default)] invitation: String) -> Result<(), PortalError> {
    let outcome = portal()?.revoke_invitation(&invitation).await;
    Form::on(address::MEMBERS)
        .answer::<RevokeInvitation>(outcome.map(|()| address::MEMBERS.to_owned()))
        .await
}

/// Gives a member another role.
#[server(name = ChangeRole, prefix = "/_portal", endpoint = "change_role")]
pub async fn change_role(
    #[server(default)] member: String,
    #[server(default)] role: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::member(&member)).holding("role", &role);
    let outcome = portal()?.change_role(&member, &role).await;
    form.answer_saved::<ChangeRole>(outcome).await
}

/// Disables or enables a member, ends their sessions, takes their second factor away.
#[server(name = ChangeMember, prefix = "/_portal", endpoint = "change_member")]
pub async fn change_member(
    #[server(default)] member: String,
    #[server(default)] deed: String,
) -> Result<(), PortalError> {
    let outcome = match deed.parse() {
        Ok(deed) => portal()?.change_member(&member, deed).await,
        Err(()) => Err(PortalError::field(Field::Role, Problem::NotAChoice)),
    };
    Form::on(address::member(&member))
        .answer_saved::<ChangeMember>(outcome)
        .await
}

/// Says what the organization asks of its members, and hides from them.
#[server(name = SetRules, prefix = "/_portal", endpoint = "set_rules")]
pub async fn set_rules(
    #[server(default)] second_factor_required: String,
    #[server(default)] personal_data_masked: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::MEMBERS)
        .holding("second_factor_required", &second_factor_required)
        .holding("personal_data_masked", &personal_data_masked);
    let rules = HouseRules {
        second_factor_required: !second_factor_required.is_empty(),
        personal_data_masked: !personal_data_masked.is_empty(),
    };
    let outcome = portal()?.set_rules(rules).await;
    form.answer::<SetRules>(outcome.map(|()| address::saved(address::MEMBERS)))
        .await
}
