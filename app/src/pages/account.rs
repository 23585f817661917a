//! `/account`: the member who is signed in, the password, and where else they are signed in.

use super::visit::{Visit, visit};
use crate::actions::account::{ChangePassword, EndSessions};
use crate::address;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::{Notice, Refusal, Saved, Tone};
use crate::components::time::Moment;
use crate::wire::{AccountView, FactorState, Field, Millis, Role, SessionSummary};
use crate::words::{role, team};
use leptos::prelude::*;

/// Account and sessions.
#[component]
pub fn Account() -> impl IntoView {
    let change = ServerAction::<ChangePassword>::new();
    let end = ServerAction::<EndSessions>::new();
    let refused = refusal(change).or_else(|| refusal(end));
    visit(
        Place::Account,
        address::ACCOUNT.to_owned(),
        |portal| async move { portal.account().await },
        move |visit, account| {
            let form = FormState::new(None, refused);
            view! { <Content visit=visit account=account form=form change=change end=end /> }
                .into_any()
        },
    )
}

#[component]
fn Content(
    visit: Visit,
    account: AccountView,
    form: FormState,
    change: ServerAction<ChangePassword>,
    end: ServerAction<EndSessions>,
) -> impl IntoView {
    let now = visit.frame.now;
    let saved = visit.saved && form.error().is_none();
    let factor = account.second_factor;
    let mighty = matches!(account.role, Role::Owner | Role::Admin);
    let urged = mighty && factor == FactorState::Off && form.error().is_none() && !saved;
    view! {
        <Framed frame=visit.frame place=Place::Account title="Account">
            <PageHead title="Account" lead=format!("You are signed in as {}.", account.name) />
            {saved.then(|| view! { <Saved words="Your other sessions have ended." /> })}
            <Refusal form=form.clone() />
            {urged
                .then(|| {
                    view! {
                        <Notice tone=Tone::Plain>
                            <p>"Your password alone can change everything here. A second factor makes a stolen password worthless."</p>
                            <a class="button" href=address::SECOND_FACTOR>"Set up a second factor"</a>
                        </Notice>
                    }
                })}
            <dl class="facts">
                <div><dt>"Name"</dt><dd>{account.name}</dd></div>
                <div><dt>"Email"</dt><dd>{account.email}</dd></div>
                <div><dt>"Role"</dt><dd>{role::name(account.role)}</dd></div>
                <div>
                    <dt>"Second factor"</dt>
                    <dd>
                        {team::on_or_off(factor != FactorState::Off)}
                        " "
                        <a href=address::SECOND_FACTOR>"Change"<span class="unseen">" the second factor"</span></a>
                    </dd>
                </div>
            </dl>
            <section class="stack" aria-labelledby="sessions">
                <h2 id="sessions">"Sessions"</h2>
                <Sessions sessions=account.sessions now=now end=end />
            </section>
            <section class="panel panel--sunken" aria-labelledby="change">
                <h2 id="change">"Change password"</h2>
                <ActionForm action=change attr:class="stack">
                    <TextField field=Field::CurrentPassword name="current_password" kind=Kind::Secret autocomplete="current-password" required=true form=form.clone() />
                    <TextField field=Field::Password name="new_password" label="New password" kind=Kind::Secret hint="Your other sessions end when you save." autocomplete="new-password" required=true form=form />
                    <p><button class="button button--primary" type="submit">"Save"</button></p>
                </ActionForm>
            </section>
        </Framed>
    }
    .into_any()
}

#[component]
fn Sessions(
    sessions: Vec<SessionSummary>,
    now: Millis,
    end: ServerAction<EndSessions>,
) -> impl IntoView {
    let others = sessions.iter().filter(|session| !session.current).count();
    let end_all = (others > 1).then(|| {
        view! {
            <ActionForm action=end>
                <button class="button button--warned" type="submit">"End all other sessions"</button>
            </ActionForm>
        }
    });
    view! {
        <div class="sheet">
            <table class="table table--stack" aria-labelledby="sessions">
                <thead>
                    <tr>
                        <th scope="col">"Browser"</th>
                        <th scope="col">"Last seen"</th>
                        <th scope="col">"Signed in"</th>
                        <th scope="col">"Ends"</th>
                        <th scope="col"><span class="unseen">"End"</span></th>
                    </tr>
                </thead>
                <tbody>
                    {sessions
                        .into_iter()
                        .map(|session| view! { <Session session=session now=now end=end /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
        {end_all}
    }
    .into_any()
}

#[component]
fn Session(session: SessionSummary, now: Millis, end: ServerAction<EndSessions>) -> impl IntoView {
    let browser = session.browser.clone();
    let last = if session.current {
        view! { <span>"This one"</span> }.into_any()
    } else {
        view! {
            <ActionForm action=end>
                <input type="hidden" name="session" value=session.handle />
                <button class="button button--small button--warned" type="submit">
                    "End"
                    <span class="unseen">" the session of "{browser}</span>
                </button>
            </ActionForm>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row">{session.browser}</th>
            <td data-label="Last seen"><Moment at=session.last_seen_at now=now /></td>
            <td data-label="Signed in"><Moment at=session.started_at /></td>
            <td data-label="Ends"><Moment at=session.ends_at /></td>
            <td>{last}</td>
        </tr>
    }
    .into_any()
}
