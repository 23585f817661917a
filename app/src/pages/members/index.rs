//! `/members`: who can do what?

use super::super::visit::{Visit, visit};
use super::rules::Rules;
use super::tasks::Tasks;
use crate::actions::team::{Invite, RenewInvitation, RevokeInvitation, SetRules};
use crate::address;
use crate::components::copy_field::CopyField;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Refusal, Saved, Tone};
use crate::components::role_field::RoleField;
use crate::components::time::{Moment, MomentOrNever};
use crate::wire::{
    Field, InvitationSummary, MailState, MemberSummary, MembersView, Millis, NewInvitationLink,
    Role,
};
use crate::words::{role, team};
use leptos::prelude::*;

/// The members, the open invitations, and the table of roles.
#[component]
pub fn Members() -> impl IntoView {
    let actions = Actions {
        invite: ServerAction::new(),
        renew: ServerAction::new(),
        revoke: ServerAction::new(),
        rules: ServerAction::new(),
    };
    let refused = refusal(actions.invite)
        .or_else(|| refusal(actions.renew))
        .or_else(|| refusal(actions.revoke))
        .or_else(|| refusal(actions.rules));
    visit(
        Place::Members,
        address::MEMBERS.to_owned(),
        |portal| async move { portal.members().await },
        move |visit, members| {
            let form = FormState::new(visit.draft.clone(), refused);
            view! { <Content visit=visit members=members form=form actions=actions /> }.into_any()
        },
    )
}

#[derive(Clone, Copy)]
struct Actions {
    invite: ServerAction<Invite>,
    renew: ServerAction<RenewInvitation>,
    revoke: ServerAction<RevokeInvitation>,
    rules: ServerAction<SetRules>,
}

#[component]
fn Content(visit: Visit, members: MembersView, form: FormState, actions: Actions) -> impl IntoView {
    let now = visit.frame.now;
    let saved = visit.saved && form.error().is_none();
    let lead = team::lead(&members.organization, &members.members);
    let changes = !members.gives.is_empty();
    let hint = team::unguarded(&members.members).filter(|_| form.error().is_none());
    let mails = members.mails;
    let caption = format!("Members of {}", members.organization);
    let invite = changes.then(|| {
        view! { <InviteForm gives=members.gives form=form.clone() mails=mails action=actions.invite /> }
    });
    view! {
        <Framed frame=visit.frame place=Place::Members title="Members">
            <PageHead title="Members" lead=lead />
            {saved.then(|| view! { <Saved words="It holds from now on." /> })}
            <Refusal form=form.clone() />
            {hint
                .map(|hint| {
                    view! {
                        <Notice tone=Tone::Plain>
                            <p>{hint}" Each adds it under "<a href=address::ACCOUNT>"Account"</a>"."</p>
                        </Notice>
                    }
                })}
            {members.made.map(|made| view! { <Made made=made mails=mails /> })}
            {invite}
            <div class="sheet">
                <table class="table table--stack">
                    <caption class="unseen">{caption}</caption>
                    <thead>
                        <tr>
                            <th scope="col">"Member"</th>
                            <th scope="col">"Role"</th>
                            <th scope="col">"Second factor"</th>
                            <th scope="col">"Last seen"</th>
                            <th scope="col"><span class="unseen">"Change"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        {members
                            .members
                            .into_iter()
                            .map(|member| view! { <Member member=member now=now /> })
                            .collect_view()}
                    </tbody>
                </table>
            </div>
            <Invitations invitations=members.invitations now=now actions=actions />
            <Rules rules=members.rules sets_rules=members.sets_rules form=form action=actions.rules />
            <Tasks tasks=members.tasks />
        </Framed>
    }
    .into_any()
}

#[component]
fn InviteForm(
    gives: Vec<Role>,
    form: FormState,
    mails: bool,
    action: ServerAction<Invite>,
) -> impl IntoView {
    let hint = if mails {
        "The link is mailed, and shown here once. It works once, for 72 hours, and only for this address."
    } else {
        "You send the link yourself: no mail server is set up. It works once, for 72 hours, and only for this address."
    };
    view! {
        <section class="panel panel--sunken" aria-labelledby="invite">
            <h2 id="invite">"Invite a member"</h2>
            <ActionForm action=action attr:class="stack">
                <div class="filters">
                    <div class="field--grow">
                        <TextField field=Field::Email name="email" kind=Kind::Email required=true form=form.clone() />
                    </div>
                    <RoleField roles=gives chosen=Role::Support form=form />
                    <button class="button button--primary" type="submit">"Make invitation link"</button>
                </div>
                <p class="field__hint">{hint}</p>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// The link, for the only time.
#[component]
fn Made(made: NewInvitationLink, mails: bool) -> impl IntoView {
    let hint = if mails {
        "It is being mailed, too. It is shown once: when you leave this page, nobody can read it again."
    } else {
        "Copy it now and send it. It is shown once: when you leave this page, nobody can read it again."
    };
    view! {
        <section class="panel" aria-labelledby="made" role="status">
            <h2 id="made">"Invitation for "{made.email}</h2>
            <CopyField id="invitation-link" label="Invitation link" value=made.link hint=hint />
            <p class="small quiet">"It works until "<Moment at=made.ends_at />"."</p>
        </section>
    }
    .into_any()
}

#[component]
fn Member(member: MemberSummary, now: Millis) -> impl IntoView {
    let mark = Mark::person(&member.id, &member.name);
    let lamp = if member.second_factor {
        Lamp::Active
    } else {
        Lamp::Waiting
    };
    let seen = match member.disabled_at {
        Some(at) => view! {
            <span><State lamp=Lamp::Revoked words="Disabled" />" "<small><Moment at=at now=now /></small></span>
        }
        .into_any(),
        None => view! { <MomentOrNever at=member.last_seen_at now=now /> }.into_any(),
    };
    let change = if member.is_you {
        view! { <span class="quiet">"You"</span> }.into_any()
    } else {
        let words = if member.changeable { "Change" } else { "See" };
        view! {
            <a class="button button--small" href=address::member(&member.id)>
                {words}
                <span class="unseen">" "{member.name.clone()}</span>
            </a>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">
                <div class="who">
                    <Mark mark=mark />
                    <span><strong>{member.name}</strong><small>{member.email}</small></span>
                </div>
            </th>
            <td data-label="Role">{role::name(member.role)}</td>
            <td data-label="Second factor"><State lamp=lamp words=team::on_or_off(member.second_factor) /></td>
            <td data-label="Last seen">{seen}</td>
            <td>{change}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Invitations(
    invitations: Vec<InvitationSummary>,
    now: Millis,
    actions: Actions,
) -> impl IntoView {
    (!invitations.is_empty()).then(|| {
        view! {
            <section class="stack" aria-labelledby="invitations">
                <h2 id="invitations">"Open invitations"</h2>
                <div class="sheet">
                    <table class="table table--stack" aria-labelledby="invitations">
                        <thead>
                            <tr>
                                <th scope="col">"Email"</th>
                                <th scope="col">"Role"</th>
                                <th scope="col">"State"</th>
                                <th scope="col">"Mail"</th>
                                <th scope="col">"Invited by"</th>
                                <th scope="col"><span class="unseen">"Change"</span></th>
                            </tr>
                        </thead>
                        <tbody>
                            {invitations
                                .into_iter()
                                .map(|one| view! { <Invitation invitation=one now=now actions=actions /> })
                                .collect_view()}
                        </tbody>
                    </table>
                </div>
            </section>
        }
    })
}

#[component]
fn Invitation(invitation: InvitationSummary, now: Millis, actions: Actions) -> impl IntoView {
    let state = if invitation.ended {
        view! { <span><State lamp=Lamp::Revoked words="Ended" />" "<small><Moment at=invitation.ends_at now=now /></small></span> }.into_any()
    } else {
        view! { <span><State lamp=Lamp::Waiting words="Invited" />" "<small>"until "<Moment at=invitation.ends_at /></small></span> }.into_any()
    };
    let mail = match invitation.mail {
        MailState::NotSent => {
            view! { <State lamp=Lamp::Reconnect words=team::mail(invitation.mail) /> }.into_any()
        }
        other => team::mail(other).into_any(),
    };
    let change = invitation
        .changeable
        .then(|| view! { <Change invitation=invitation.clone() actions=actions /> });
    view! {
        <tr>
            <th scope="row">{invitation.email}</th>
            <td data-label="Role">{role::name(invitation.role)}</td>
            <td data-label="State">{state}</td>
            <td data-label="Mail">{mail}</td>
            <td data-label="Invited by">{invitation.invited_by}</td>
            <td>{change}</td>
        </tr>
    }
    .into_any()
}

#[component]
fn Change(invitation: InvitationSummary, actions: Actions) -> impl IntoView {
    let (id, email) = (invitation.id.clone(), invitation.email.clone());
    let renew = view! {
        <ActionForm action=actions.renew>
            <input type="hidden" name="invitation" value=id />
            <button class="button button--small" type="submit">
                "Make a new link"
                <span class="unseen">" for "{email}</span>
            </button>
        </ActionForm>
    };
    let revoke = view! {
        <ActionForm action=actions.revoke>
            <input type="hidden" name="invitation" value=invitation.id />
            <button class="button button--small button--warned" type="submit">
                "Revoke"
                <span class="unseen">" the invitation of "{invitation.email}</span>
            </button>
        </ActionForm>
    };
    view! { <div class="row">{renew}{revoke}</div> }.into_any()
}
