//! `/apps/{slug}/providers/{provider}/playground`: does the flow work, and what passes in it?

use super::transcript;
use crate::actions::playground::{FetchProfile, FinishPlayground, GetCode, GetToken};
use crate::address;
use crate::components::copy_field::CopyField;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::icon::Icon;
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Refusal, Tone};
use crate::components::time::Moment;
use crate::pages::visit::{Visit, param, visit};
use crate::wire::{Aim, ExchangeView, Field, InputView, PlaygroundStep, PlaygroundView, RunView};
use crate::words::problem;
use leptos::prelude::*;

/// The three steps, and what passed in each.
#[component]
pub fn Playground() -> impl IntoView {
    let (slug, provider) = (param("app"), param("provider"));
    let forms = Forms {
        code: ServerAction::new(),
        token: ServerAction::new(),
        profile: ServerAction::new(),
        finish: ServerAction::new(),
    };
    let refused = refusal(forms.code)
        .or_else(|| refusal(forms.token))
        .or_else(|| refusal(forms.profile))
        .or_else(|| refusal(forms.finish));
    let page = address::playground(&slug, &provider);
    let asked = slug.clone();
    visit(
        Place::Providers,
        page,
        move |portal| {
            let (slug, provider) = (asked.clone(), provider.clone());
            async move { portal.playground(&slug, &provider).await }
        },
        move |visit, view: PlaygroundView| {
            let form = FormState::new(visit.draft.clone(), refused);
            view! { <Content visit=visit slug=slug view=view form=form forms=forms /> }.into_any()
        },
    )
}

/// One form per step.
#[derive(Clone, Copy)]
struct Forms {
    code: ServerAction<GetCode>,
    token: ServerAction<GetToken>,
    profile: ServerAction<FetchProfile>,
    finish: ServerAction<FinishPlayground>,
}

#[component]
fn Content(
    visit: Visit,
    slug: String,
    view: PlaygroundView,
    form: FormState,
    forms: Forms,
) -> impl IntoView {
    let title = format!("Playground of {}", view.short_name);
    let body = if view.needs_own_credentials {
        view! {
            <Notice tone=Tone::Plain>
                <p>
                    <strong>"There is nothing of yours to run it with."</strong>
                    " Each customer brings a Client ID and a secret of their own, when they connect."
                </p>
            </Notice>
        }
        .into_any()
    } else {
        view! { <Steps slug=slug.clone() view=view.clone() form=form.clone() forms=forms /> }
            .into_any()
    };
    view! {
        <Framed frame=visit.frame place=Place::Providers title=title>
            <div class="page__head">
                <div class="page__title">
                    <Crumb address=address::provider(&slug, &view.provider) words="Provider" />
                    <div class="who">
                        <Mark mark=Mark::provider(&view.mark).big() />
                        <h1>"Playground of "{view.short_name.clone()}</h1>
                    </div>
                    <p class="page__lead">{lead(&view)}</p>
                </div>
            </div>
            <Refusal form=form />
            {body}
        </Framed>
    }
    .into_any()
}

/// What is the case, and what comes next.
fn lead(view: &PlaygroundView) -> String {
    let provider = &view.short_name;
    let step = view.run.as_ref().map(|run| run.step);
    match step {
        None => format!(
            "Run the flow of {provider} as yourself, one step at a time, and see what passes. It never becomes a connection."
        ),
        Some(PlaygroundStep::Away) => {
            format!("You left for {provider} and have not come back yet.")
        }
        Some(PlaygroundStep::Refused) => {
            format!("You came back from {provider} without a code. Below is why.")
        }
        Some(PlaygroundStep::Code) => {
            format!("{provider} gave a code. The next step makes it a token.")
        }
        Some(PlaygroundStep::Spent) => "The code brought no token. Below is why.".to_owned(),
        Some(PlaygroundStep::Token) => {
            "There is a token, sealed here and shown to nobody. The next step uses it once."
                .to_owned()
        }
        Some(PlaygroundStep::Profile) => {
            "All three steps are done. Finish, and what was obtained is ended.".to_owned()
        }
        Some(PlaygroundStep::Ended) => "This run is over. Nothing of it is kept.".to_owned(),
    }
}

#[component]
fn Steps(slug: String, view: PlaygroundView, form: FormState, forms: Forms) -> impl IntoView {
    let provider = view.short_name.clone();
    let step = view.run.as_ref().map(|run| run.step);
    let first = Exchanged::of(&view, &[Aim::Authorize, Aim::Callback]);
    let second = Exchanged::of(&view, &[Aim::Token]);
    let third = Exchanged::of(&view, &[Aim::Profile]);
    let done = |from: &[PlaygroundStep]| {
        step.is_some_and(|step| from.contains(&step))
            .then_some("done")
    };
    let (code, token, profile) = (
        done(&[
            PlaygroundStep::Code,
            PlaygroundStep::Spent,
            PlaygroundStep::Token,
            PlaygroundStep::Profile,
        ]),
        done(&[PlaygroundStep::Token, PlaygroundStep::Profile]),
        done(&[PlaygroundStep::Profile]).filter(|_| !third.failed),
    );
    let begins = !matches!(
        step,
        Some(PlaygroundStep::Code | PlaygroundStep::Token | PlaygroundStep::Profile)
    );
    let begin = begins.then(|| {
        let again = matches!(
            step,
            Some(PlaygroundStep::Away | PlaygroundStep::Refused | PlaygroundStep::Spent)
        );
        view! { <Begin slug=slug.clone() view=view.clone() form=form again=again action=forms.code /> }
    });
    let away = (step == Some(PlaygroundStep::Away))
        .then(|| view! { <WhenStuck provider=provider.clone() /> });
    let hidden = || {
        let (slug, provider) = (slug.clone(), view.provider.clone());
        view! { <Hidden slug=slug provider=provider /> }.into_any()
    };
    let get_token = (step == Some(PlaygroundStep::Code))
        .then(hidden)
        .map(|hidden| {
            view! {
                <ActionForm action=forms.token>
                    {hidden}
                    <button class="button button--primary" type="submit">"Get a token"</button>
                </ActionForm>
            }
        });
    let fetch = (step == Some(PlaygroundStep::Token)).then(hidden).map(|hidden| {
        view! {
            <ActionForm action=forms.profile>
                {hidden}
                <button class="button button--primary" type="submit">"Fetch the profile"</button>
            </ActionForm>
        }
    });
    view! {
        <div class="split">
            <div class="stack stack--loose">
                <ol class="guide">
                    <li class=code>
                        <h2>"Get a code"</h2>
                        <p>"You go to "{provider.clone()}" in this browser, approve as an end user does, and come back here."</p>
                        <div class="stack">
                            {begin}
                            {away}
                            {first.drawn(&provider)}
                        </div>
                    </li>
                    <li class=token>
                        <h2>"Get a token"</h2>
                        <p>"We exchange the code, with your Client ID and Client Secret. It works once."</p>
                        <div class="stack">
                            {get_token}
                            {second.drawn(&provider)}
                        </div>
                    </li>
                    <li class=profile>
                        <h2>"Fetch the profile"</h2>
                        <p>"We ask "{provider.clone()}" whose account the token opens."</p>
                        <div class="stack">
                            {fetch}
                            {third.drawn(&provider)}
                        </div>
                    </li>
                </ol>
                <End slug=slug view=view.clone() action=forms.finish />
            </div>
            <About view=view />
        </div>
    }
    .into_any()
}

/// The exchanges of one step.
struct Exchanged {
    exchanges: Vec<ExchangeView>,
    failed: bool,
    latest: bool,
}

impl Exchanged {
    fn of(view: &PlaygroundView, aims: &[Aim]) -> Self {
        let all = view.run.as_ref().map(|run| run.exchanges.as_slice());
        let all = all.unwrap_or_default();
        let exchanges: Vec<_> = all
            .iter()
            .filter(|exchange| aims.contains(&exchange.aim))
            .cloned()
            .collect();
        Self {
            failed: exchanges.iter().any(|one| one.problem.is_some()),
            latest: all.last().is_some_and(|last| aims.contains(&last.aim)),
            exchanges,
        }
    }

    fn drawn(self, provider: &str) -> AnyView {
        transcript::draw(self.exchanges, provider, self.latest)
    }
}

#[component]
fn Hidden(slug: String, provider: String) -> impl IntoView {
    view! {
        <input type="hidden" name="application" value=slug />
        <input type="hidden" name="provider" value=provider />
    }
}

#[component]
fn Begin(
    slug: String,
    view: PlaygroundView,
    form: FormState,
    again: bool,
    action: ServerAction<GetCode>,
) -> impl IntoView {
    let words = if again {
        "Get a code again"
    } else {
        "Get a code"
    };
    view! {
        <ActionForm action=action attr:class="stack">
            <Hidden slug=slug provider=view.provider />
            <Inputs inputs=view.inputs form=form />
            <p><button class="button button--primary" type="submit">{words}</button></p>
        </ActionForm>
    }
    .into_any()
}

/// What has to be filled in before going there. Nothing where there is nothing.
#[component]
fn Inputs(inputs: Vec<InputView>, form: FormState) -> impl IntoView {
    let wrong = form.problem(Field::Inputs);
    (!inputs.is_empty()).then(|| {
        let fields = inputs
            .into_iter()
            .map(|input| view! { <Input input=input form=form.clone() /> })
            .collect_view();
        let described = wrong.is_some().then_some("inputs-error");
        view! {
            <fieldset class="stack" id=problem::control(Field::Inputs) tabindex="-1" aria-describedby=described>
                <legend class="unseen">{problem::label(Field::Inputs)}</legend>
                {fields}
                {wrong
                    .map(|wrong| {
                        view! {
                            <p class="field__error" id="inputs-error"><Icon icon=Icon::Wrong /><span>{wrong}</span></p>
                        }
                    })}
            </fieldset>
        }
    })
}

/// A text, or a choice with a text beside it.
#[component]
fn Input(input: InputView, form: FormState) -> impl IntoView {
    let name = format!("inputs[{}]", input.name);
    let id = format!("input-{}", input.name);
    let hint_id = format!("{id}-hint");
    let value = form.value(&name, &input.value);
    let hint = view! { <p class="field__hint" id=hint_id.clone()>{input.hint.clone()}</p> };
    if input.choices.is_empty() {
        return view! {
            <div class="field">
                <label class="field__label" for=id.clone()>{input.label}</label>
                {hint}
                <input class="input" id=id name=name type="text" value=value required=true autocomplete="off" spellcheck="false" aria-describedby=hint_id />
            </div>
        }
        .into_any();
    }
    let radio = |choice: String, words: String| {
        let checked = choice == value;
        view! {
            <label class="check choice">
                <input type="radio" name=name.clone() value=choice checked=checked required=true />
                <span>{words}</span>
            </label>
        }
    };
    let other = (!input.endings.is_empty()).then(|| {
        let other = format!("inputs[{}]", input.other_name());
        let other_id = format!("{id}-other");
        let words = input.other.clone().unwrap_or_else(|| "Another address".to_owned());
        view! {
            {radio(InputView::OTHER.to_owned(), words)}
            <div class="field">
                <label class="field__label" for=other_id.clone()>"Address that ends in "{input.endings.join(" or ")}</label>
                <input class="input" id=other_id name=other.clone() type="text" value=form.value(&other, "") autocomplete="off" spellcheck="false" />
            </div>
        }
    });
    let listed = input
        .choices
        .clone()
        .into_iter()
        .map(|(choice, words)| radio(choice, words))
        .collect_view();
    view! {
        <fieldset class="field" aria-describedby=hint_id>
            <legend class="field__label">{input.label}</legend>
            {hint}
            <div class="stack stack--tight">{listed} {other}</div>
        </fieldset>
    }
    .into_any()
}

/// A provider that does not like the request shows a page of its own, and nobody comes back.
#[component]
fn WhenStuck(provider: String) -> impl IntoView {
    view! {
        <Notice tone=Tone::Plain>
            <div class="stack stack--tight">
                <p><strong>{provider.clone()}" showed an error instead of a question?"</strong>" Then it sends nobody back. What it says tells the cause:"</p>
                <ul>
                    <li>"It names the redirect URI: register the one on this page at "{provider.clone()}", exactly as it is."</li>
                    <li>"It names the client or the app: copy the Client ID again, and check that the app is approved there."</li>
                    <li>"It names a scope: tick fewer, or register it at "{provider}" first."</li>
                </ul>
            </div>
        </Notice>
    }
    .into_any()
}

/// How the run ends, or how it ended.
#[component]
fn End(
    slug: String,
    view: PlaygroundView,
    action: ServerAction<FinishPlayground>,
) -> impl IntoView {
    let (provider, at) = (view.short_name.clone(), view.short_name.clone());
    let ended = Exchanged::of(&view, &[Aim::Revoke]);
    let run: Option<RunView> = view.run.filter(|run| run.step.holds_something());
    let finish = run.map(|run| {
        let class = if run.step == PlaygroundStep::Profile {
            "button button--primary"
        } else {
            "button"
        };
        view! {
            <ActionForm action=action attr:class="bar">
                <Hidden slug=slug provider=view.provider />
                <button class=class type="submit">"Finish and forget"</button>
                <p class="small quiet">
                    "Ends at "{at}" what was obtained, where that can be, and destroys ours. It happens by itself at "
                    <Moment at=run.expires_at />"."
                </p>
            </ActionForm>
        }
    });
    view! {
        {finish}
        {ended.drawn(&provider)}
    }
}

#[component]
fn About(view: PlaygroundView) -> impl IntoView {
    view! {
        <aside class="stack" aria-labelledby="about">
            <h2 id="about">"What it does"</h2>
            <CopyField id="redirect-uri" label="Redirect URI" value=view.redirect_uri hint="Registered at the provider; the flow comes back here." />
            <dl class="facts">
                {view.needs.map(|needs| view! { <div><dt>"You need"</dt><dd>{needs}</dd></div> })}
                <div><dt>"Account"</dt><dd>"Yours: sign in with one that you may connect."</dd></div>
                <div><dt>"Tokens"</dt><dd>"Sealed while the run lasts, and shown to nobody."</dd></div>
                <div><dt>"Connections"</dt><dd>"None is made, none is changed."</dd></div>
                <div><dt>"Lasts"</dt><dd>"15 minutes, then it ends by itself."</dd></div>
            </dl>
        </aside>
    }
    .into_any()
}
