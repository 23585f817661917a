//! `/invitations/{token}`: who invites whom into what, and the way in.

use super::gate::signed_out;
use super::visit::param;
use crate::actions::session::AcceptInvitation;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::gate::Gated;
use crate::components::notice::Refusal;
use crate::components::time::Moment;
use crate::wire::{Field, InvitationView};
use crate::words::role;
use leptos::prelude::*;

/// The page of an invitation that can be accepted. One that cannot has the same page as none.
#[component]
pub fn Invitation() -> impl IntoView {
    let action = ServerAction::<AcceptInvitation>::new();
    let refused = refusal(action);
    let token = param("token");
    let asked = token.clone();
    signed_out(
        "/invitations",
        move |portal| {
            let token = asked.clone();
            async move { portal.invitation(token.into()).await }
        },
        move |invitation: InvitationView, draft| {
            let form = FormState::new(draft, refused);
            let lead = view! {
                {invitation.invited_by}
                " invites "
                <strong>{invitation.email.clone()}</strong>
                " as "
                {role::with_article(invitation.role)}
                ": "
                {role::purpose(invitation.role)}
                "."
            };
            let title = format!("Join {}", invitation.organization);
            view! {
                <Gated title=title lead=lead.into_any()>
                    <Refusal form=form.clone() />
                    <ActionForm action=action attr:class="stack">
                        <input type="hidden" name="token" value=token />
                        <input class="unseen" type="text" name="username" value=invitation.email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true" />
                        <TextField field=Field::Name name="name" autocomplete="name" required=true form=form.clone() />
                        <TextField field=Field::Password name="password" kind=Kind::Secret hint="12 characters or more. Four words that have nothing to do with each other are good." autocomplete="new-password" required=true form=form />
                        <button class="button button--primary button--wide" type="submit">"Join"</button>
                    </ActionForm>
                    <p class="small quiet">"The link works once, until "<Moment at=invitation.ends_at />"."</p>
                </Gated>
            }
            .into_any()
        },
    )
}
