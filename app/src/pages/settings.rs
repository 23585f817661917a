//! `/apps/{slug}/settings`: name, return URLs and origins of an application, what completes its
//! connections, and how it looks to end users.

use super::visit::{Visit, param, visit};
use crate::actions::applications::{RemoveLogo, SaveSettings};
use crate::actions::ending::{LetTokensGo, StopTokens};
use crate::address;
use crate::components::field::{Hint, Kind, Problem, TextField, described_by};
use crate::components::form_state::{FormState, refusal, refusal_at};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::mark::Mark;
use crate::components::notice::{Refusal, Saved};
use crate::components::stop::EmergencyStop;
use crate::wire::{Brand, Completion, Field, SettingsView};
use crate::words::{problem, role, settings as words};
use leptos::prelude::*;

/// The settings of an application.
#[component]
pub fn Settings() -> impl IntoView {
    let slug = param("app");
    let save = ServerAction::<SaveSettings>::new();
    let remove = ServerAction::<RemoveLogo>::new();
    let (stop, go) = (
        ServerAction::<StopTokens>::new(),
        ServerAction::<LetTokensGo>::new(),
    );
    let refused = refusal(save)
        .or_else(|| refusal(remove))
        .or_else(|| refusal(stop))
        .or_else(|| refusal(go))
        .or_else(|| refusal_at(&address::logo_upload(&slug)));
    visit(
        Place::Settings,
        address::settings(&slug),
        move |portal| {
            let slug = slug.clone();
            async move { portal.settings(&slug).await }
        },
        move |visit, settings| {
            let form = FormState::new(visit.draft.clone(), refused);
            let saved = visit.saved && form.error().is_none();
            let may_save = role::may_configure(visit.frame.role);
            let look = view! { <Look name=settings.name.clone() brand=settings.brand.clone() /> };
            let body = if may_save {
                let logo = view! { <Logo slug=settings.slug.clone() brand=settings.brand.clone() form=form.clone() remove=remove /> };
                let stopped = visit
                    .frame
                    .stops
                    .iter()
                    .find(|stop| stop.provider.is_none())
                    .cloned();
                let may_stop = role::may_stop_tokens(visit.frame.role);
                let emergency = may_stop.then(|| view! {
                    <EmergencyStop slug=settings.slug.clone() provider="" name=settings.name.clone() stop=stopped form=form.clone() begin=stop end=go />
                });
                view! { <Refusal form=form.clone() /><Editor action=save settings=settings form=form.of("") />{logo}{emergency} }
                    .into_any()
            } else {
                view! { <Facts settings=settings /> }.into_any()
            };
            let Visit { frame, .. } = visit;
            view! {
                <Framed frame=frame place=Place::Settings title="Settings">
                    <PageHead title="Settings" lead="What end users read and see, and where they come back to." />
                    {saved.then(|| view! { <Saved words="It holds from now on." /> })}
                    <div class="split">
                        <div class="stack stack--loose">{body}</div>
                        {look}
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

#[component]
fn Editor(
    action: ServerAction<SaveSettings>,
    settings: SettingsView,
    form: FormState,
) -> impl IntoView {
    let accent = settings.brand.accent.unwrap_or_default();
    view! {
        <ActionForm action=action attr:class="stack">
            <input type="hidden" name="application" value=settings.slug />
            <TextField field=Field::ApplicationName name="name" saved=settings.name hint="End users read it when they connect." required=true form=form.clone() />
            <TextField field=Field::ReturnUrls name="return_urls" kind=Kind::Lines saved=settings.return_urls.join("\n") hint="Where end users may come back to after they connected, one per line." form=form.clone() />
            <TextField field=Field::AllowedOrigins name="allowed_origins" kind=Kind::Lines saved=settings.allowed_origins.join("\n") hint="Where your own pages live, one per line, such as https://app.acme.example." form=form.clone() />
            <CompletionChoice saved=settings.completion form=form.clone() />
            <TextField field=Field::Accent name="accent" kind=Kind::Code saved=accent hint=words::ACCENT form=form />
            <div class="bar"><button class="button button--primary" type="submit">"Save"</button></div>
        </ActionForm>
    }
    .into_any()
}

#[component]
fn CompletionChoice(saved: Completion, form: FormState) -> impl IntoView {
    let id = problem::control(Field::Completion);
    let wrong = form.problem(Field::Completion);
    let described = described_by(id, false, wrong.is_some());
    let choices = [Completion::Confirm, Completion::Bound]
        .map(|completion| {
            let value = completion.as_str();
            let checked = form.ticked("completion", value, completion == saved);
            view! {
                <label class="check choice">
                    <input type="radio" name="completion" value=value checked=checked />
                    <span>{words::completion(completion)}</span>
                    <small>{words::when_to_choose(completion)}</small>
                </label>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <fieldset class="field" id=id tabindex="-1" aria-describedby=described>
            <legend class="field__label">{problem::label(Field::Completion)}</legend>
            <div class="stack stack--tight">{choices}</div>
            <Problem id=id wrong=wrong />
        </fieldset>
    }
    .into_any()
}

/// The logo's own form, since it brings a file.
#[component]
fn Logo(
    slug: String,
    brand: Brand,
    form: FormState,
    remove: ServerAction<RemoveLogo>,
) -> impl IntoView {
    let id = problem::control(Field::Logo);
    let wrong = form.problem(Field::Logo);
    let described = described_by(id, true, wrong.is_some());
    let invalid = wrong.is_some().then_some("true");
    let (action, upload) = match brand.logo {
        Some(_) => (address::logo_upload(&slug), "Replace logo"),
        None => (address::logo_upload(&slug), "Upload logo"),
    };
    let removal = brand.logo.is_some().then(|| {
        view! { <button class="button button--quiet" type="submit" form="remove-logo">"Remove logo"</button> }
    });
    view! {
        <section class="stack" aria-labelledby="logo-title">
            <h2 id="logo-title">"Logo"</h2>
            <form class="stack" method="post" action=action enctype="multipart/form-data">
                <div class="field">
                    <label class="field__label" for=id>{problem::label(Field::Logo)}</label>
                    <Hint id=id hint=words::LOGO.to_owned() />
                    <input class="input" type="file" id=id name="logo" accept="image/png,image/jpeg,image/webp" required=true aria-invalid=invalid aria-describedby=described />
                    <Problem id=id wrong=wrong />
                </div>
                <div class="row"><button class="button" type="submit">{upload}</button>{removal}</div>
            </form>
            <ActionForm action=remove attr:id="remove-logo">
                <input type="hidden" name="application" value=slug />
            </ActionForm>
        </section>
    }
    .into_any()
}

/// How it looks to end users now, on both papers.
#[component]
fn Look(name: String, brand: Brand) -> impl IntoView {
    let theme = brand
        .accent
        .as_deref()
        .map(|accent| view! { <link rel="stylesheet" href=address::theme(accent) /> });
    let papers = ["light", "dark"]
        .map(|paper| {
            view! {
                <div class="branded__paper" data-theme=paper>
                    <Mark mark=Mark::application(&name).with_logo(&brand).huge() />
                    <p>{words::asks(&name)}</p>
                    <span class="button button--app">"Connect"</span>
                </div>
            }
        })
        .into_iter()
        .collect_view();
    view! {
        <section class="panel panel--sunken stays" aria-labelledby="look">
            {theme}
            <h2 id="look">"How end users see it"</h2>
            <div class="branded" role="img" aria-label=words::look(&name)>{papers}</div>
            <p class="small quiet">{words::CONTRAST}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Facts(settings: SettingsView) -> impl IntoView {
    let lines = |lines: Vec<String>| {
        if lines.is_empty() {
            "None".to_owned()
        } else {
            lines.join(", ")
        }
    };
    let accent = match settings.brand.accent {
        Some(accent) => view! { <code>{accent}</code> }.into_any(),
        None => "None".into_any(),
    };
    view! {
        <dl class="facts">
            <div><dt>"Name"</dt><dd>{settings.name}</dd></div>
            <div><dt>"Slug"</dt><dd><code>{settings.slug}</code></dd></div>
            <div><dt>"Return URLs"</dt><dd>{lines(settings.return_urls)}</dd></div>
            <div><dt>"Allowed origins"</dt><dd>{lines(settings.allowed_origins)}</dd></div>
            <div><dt>"Completion"</dt><dd>{words::completion(settings.completion)}</dd></div>
            <div><dt>{problem::label(Field::Accent)}</dt><dd>{accent}</dd></div>
        </dl>
    }
    .into_any()
}
