//! `/account/second-factor`: set up, recovery codes, taken away.

use super::visit::{Visit, visit};
use crate::actions::account::{
    BeginSecondFactor, ConfirmSecondFactor, RemoveSecondFactor, ReplaceRecoveryCodes,
};
use crate::address;
use crate::components::code_field::CodeField;
use crate::components::copy_field::CopyField;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal, refusal_at};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::{Notice, Refusal, Saved, Tone};
use crate::components::qr_code::QrCode;
use crate::components::time::Moment;
use crate::wire::{EnrolmentView, FactorState, Field, Millis, SecondFactorView};
use crate::words::team;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// The second factor of the member who is signed in.
#[component]
pub fn SecondFactor() -> impl IntoView {
    let actions = Actions {
        begin: ServerAction::new(),
        confirm: ServerAction::new(),
        replace: ServerAction::new(),
    };
    let refused = refusal(actions.begin)
        .or_else(|| refusal(actions.confirm))
        .or_else(|| refusal(actions.replace))
        .or_else(|| refusal_at(RemoveSecondFactor::PATH));
    visit(
        Place::Account,
        address::SECOND_FACTOR.to_owned(),
        |portal| async move { portal.second_factor().await },
        move |visit, factor| {
            let form = FormState::new(None, refused);
            view! { <Content visit=visit factor=factor form=form actions=actions /> }.into_any()
        },
    )
}

#[derive(Clone, Copy)]
struct Actions {
    begin: ServerAction<BeginSecondFactor>,
    confirm: ServerAction<ConfirmSecondFactor>,
    replace: ServerAction<ReplaceRecoveryCodes>,
}

#[component]
fn Content(
    visit: Visit,
    factor: SecondFactorView,
    form: FormState,
    actions: Actions,
) -> impl IntoView {
    let saved = visit.saved && form.error().is_none();
    let lead = team::factor_lead(factor.state, factor.enrolment.is_some());
    let email = factor.email;
    let owed = factor.required && factor.state == FactorState::Off;
    let words = match factor.state {
        FactorState::On { .. } => "From now on a code is asked for when you sign in.",
        FactorState::Off => "Your password alone signs you in.",
    };
    let rest = match (factor.state, factor.enrolment) {
        (FactorState::On { since, codes_left }, _) => view! {
            <Standing since=since codes_left=codes_left />
            <Change email=email form=form.clone() action=actions.replace />
        }
        .into_any(),
        (FactorState::Off, Some(enrolment)) => view! {
            <Enrolment enrolment=enrolment form=form.clone() action=actions.confirm />
            <Begin words="Begin again" class="button" action=actions.begin />
        }
        .into_any(),
        (FactorState::Off, None) => view! {
            <p>"You need an authenticator app on your phone, such as Aegis, 2FAS or the one of your password manager."</p>
            <Begin words="Set up a second factor" class="button button--primary" action=actions.begin />
        }
        .into_any(),
    };
    view! {
        <Framed frame=visit.frame place=Place::Account title="Second factor">
            <PageHead title="Second factor" lead=lead crumb=(address::ACCOUNT.to_owned(), "Account") />
            {saved.then(|| view! { <Saved words=words /> })}
            <Refusal form=form />
            {owed.then(|| view! { <Notice tone=Tone::Warn><p>{team::FACTOR_OWED}</p></Notice> })}
            {factor.codes.map(|codes| view! { <Codes codes=codes /> })}
            {rest}
        </Framed>
    }
    .into_any()
}

#[component]
fn Begin(
    words: &'static str,
    class: &'static str,
    action: ServerAction<BeginSecondFactor>,
) -> impl IntoView {
    view! {
        <ActionForm action=action>
            <button class=class type="submit">{words}</button>
        </ActionForm>
    }
    .into_any()
}

/// The secret for the app, and the field for its first code.
#[component]
fn Enrolment(
    enrolment: EnrolmentView,
    form: FormState,
    action: ServerAction<ConfirmSecondFactor>,
) -> impl IntoView {
    view! {
        <ol class="guide">
            <li>
                <h2>"Scan this with your app"</h2>
                <QrCode picture=enrolment.picture label="QR code with the secret below" />
                <CopyField id="secret" label="Or type this secret" value=enrolment.secret hint="Time-based, six digits. It is shown until the first code was right, and never again." />
            </li>
            <li>
                <h2>"Write the code that it shows"</h2>
                <ActionForm action=action attr:class="stack">
                    <CodeField form=form first=true />
                    <p><button class="button button--primary" type="submit">"Turn it on"</button></p>
                </ActionForm>
            </li>
        </ol>
    }
    .into_any()
}

/// Recovery codes, for the only time.
#[component]
fn Codes(codes: Vec<String>) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="codes" role="status">
            <h2 id="codes">"Your recovery codes"</h2>
            <p>"Each signs you in once when you have no phone. Print them or keep them in a password manager: they are shown once, and nobody can read them again."</p>
            <pre class="code" tabindex="0" aria-label="Recovery codes">{codes.join("\n")}</pre>
        </section>
    }
    .into_any()
}

#[component]
fn Standing(since: Millis, codes_left: u64) -> impl IntoView {
    view! {
        <dl class="facts">
            <div><dt>"On since"</dt><dd><Moment at=since /></dd></div>
            <div><dt>"Recovery codes"</dt><dd>{team::codes_left(codes_left)}</dd></div>
        </dl>
    }
    .into_any()
}

/// What is done about it, and the proof that it takes: one form with two buttons.
#[component]
fn Change(
    email: String,
    form: FormState,
    action: ServerAction<ReplaceRecoveryCodes>,
) -> impl IntoView {
    view! {
        <section class="panel panel--sunken" aria-labelledby="change">
            <h2 id="change">"Change it"</h2>
            <p class="small">"With new recovery codes, those of before count no longer. Turned off, your password alone signs you in."</p>
            <ActionForm action=action attr:class="stack">
                <Proof email=email form=form />
                <p class="row">
                    <button class="button" type="submit">"Make new recovery codes"</button>
                    <button class="button button--danger" type="submit" formaction=RemoveSecondFactor::PATH>"Turn it off"</button>
                </p>
            </ActionForm>
        </section>
    }
    .into_any()
}

/// Password and code.
#[component]
fn Proof(email: String, form: FormState) -> impl IntoView {
    view! {
        <input class="unseen" type="text" name="username" value=email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true" />
        <TextField field=Field::CurrentPassword name="password" label="Password" kind=Kind::Secret autocomplete="current-password" required=true form=form.clone() />
        <CodeField form=form />
    }
    .into_any()
}
