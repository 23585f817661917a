//! `/members/{id}`: one member, and what can be done about them.

use super::super::visit::{Visit, param, visit};
use crate::actions::team::{ChangeMember, ChangeRole};
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::notice::{Refusal, Saved};
use crate::components::role_field::RoleField;
use crate::components::time::{Moment, MomentOrNever};
use crate::wire::{MemberDeed, MemberSummary, MemberView, Millis, Role};
use crate::words::{role, team};
use leptos::prelude::*;

/// One member.
#[component]
pub fn Member() -> impl IntoView {
    let id = param("id");
    let change_role = ServerAction::<ChangeRole>::new();
    let change = ServerAction::<ChangeMember>::new();
    let refused = refusal(change_role).or_else(|| refusal(change));
    let asked = id.clone();
    visit(
        Place::Members,
        address::member(&id),
        move |portal| {
            let id = asked.clone();
            async move { portal.member(&id).await }
        },
        move |visit, member| {
            let form = FormState::new(visit.draft.clone(), refused);
            view! { <Content visit=visit view=member form=form change_role=change_role change=change /> }
                .into_any()
        },
    )
}

#[component]
fn Content(
    visit: Visit,
    view: MemberView,
    form: FormState,
    change_role: ServerAction<ChangeRole>,
    change: ServerAction<ChangeMember>,
) -> impl IntoView {
    let now = visit.frame.now;
    let saved = visit.saved && form.error().is_none();
    let MemberView { member, gives } = view;
    let lead = lead(&member);
    let title = member.name.clone();
    let controls = if member.changeable {
        view! {
            <RoleForm member=member.clone() gives=gives form=form.clone() action=change_role />
            <Deeds member=member.clone() action=change />
        }
        .into_any()
    } else {
        let why = if member.is_you {
            "Nobody changes their own role or disables themselves. Your sessions and your second factor are under Account."
        } else {
            "Your role changes nothing about this member."
        };
        view! { <p class="quiet">{why}</p> }.into_any()
    };
    view! {
        <Framed frame=visit.frame place=Place::Members title=title.clone()>
            <PageHead title=title lead=lead crumb=(address::MEMBERS.to_owned(), "Members") />
            {saved.then(|| view! { <Saved words="It holds from the next request on, on every node." /> })}
            <Refusal form=form />
            <Facts member=member now=now />
            {controls}
        </Framed>
    }
    .into_any()
}

fn lead(member: &MemberSummary) -> String {
    let who = role::with_article(member.role);
    match member.disabled_at {
        Some(_) => format!("{} is {who}, and may not sign in.", member.name),
        None => format!("{} signs in as {who}.", member.name),
    }
}

#[component]
fn Facts(member: MemberSummary, now: Millis) -> impl IntoView {
    let standing = match member.disabled_at {
        Some(at) => {
            view! { <State lamp=Lamp::Revoked words="Disabled" />" since "<Moment at=at now=now /> }
                .into_any()
        }
        None => view! { <State lamp=Lamp::Active /> }.into_any(),
    };
    view! {
        <dl class="facts">
            <div><dt>"Email"</dt><dd>{member.email}</dd></div>
            <div><dt>"Role"</dt><dd>{role::name(member.role)}</dd></div>
            <div><dt>"State"</dt><dd>{standing}</dd></div>
            <div><dt>"Second factor"</dt><dd>{team::on_or_off(member.second_factor)}</dd></div>
            <div><dt>"Last seen"</dt><dd><MomentOrNever at=member.last_seen_at now=now /></dd></div>
        </dl>
    }
    .into_any()
}

#[component]
fn RoleForm(
    member: MemberSummary,
    gives: Vec<Role>,
    form: FormState,
    action: ServerAction<ChangeRole>,
) -> impl IntoView {
    view! {
        <section class="panel panel--sunken" aria-labelledby="change-role">
            <h2 id="change-role">"Change role"</h2>
            <ActionForm action=action attr:class="stack">
                <input type="hidden" name="member" value=member.id />
                <RoleField roles=gives chosen=member.role form=form />
                <p class="small">"All sessions of "{member.name}" end, and the invitations that they made."</p>
                <p><button class="button button--primary" type="submit">"Save"</button></p>
            </ActionForm>
        </section>
    }
    .into_any()
}

#[component]
fn Deeds(member: MemberSummary, action: ServerAction<ChangeMember>) -> impl IntoView {
    let deed =
        |deed: MemberDeed, class: &'static str, words: &'static str, effect: &'static str| {
            let id = member.id.clone();
            view! {
                <ActionForm action=action attr:class="stack stack--tight">
                    <input type="hidden" name="member" value=id />
                    <input type="hidden" name="deed" value=deed.as_str() />
                    <p><button class=class type="submit">{words}</button></p>
                    <p class="small quiet">{effect}</p>
                </ActionForm>
            }
        };
    let standing = if member.disabled_at.is_some() {
        deed(
            MemberDeed::Enable,
            "button",
            "Enable",
            "They may sign in again, with the password and the second factor of before.",
        )
    } else {
        deed(
            MemberDeed::Disable,
            "button button--danger",
            "Disable",
            "Their sessions end and they may not sign in. What they made stays. It can be taken back.",
        )
    };
    let factor = member.second_factor.then(|| {
        deed(
            MemberDeed::ResetSecondFactor,
            "button button--danger",
            "Take the second factor away",
            "For a lost phone. Be sure that it is really them who asks: their password alone signs them in then. Their sessions end.",
        )
    });
    view! {
        <section class="stack" aria-labelledby="deeds">
            <h2 id="deeds">"Sign-in"</h2>
            {deed(
                MemberDeed::EndSessions,
                "button button--warned",
                "Sign out everywhere",
                "All their sessions end. They may sign in again.",
            )}
            {factor}
            {standing}
        </section>
    }
    .into_any()
}
