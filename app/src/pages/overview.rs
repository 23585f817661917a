//! `/apps/{slug}`: where to begin, or how it goes.

#![expect(
    clippy::needless_pass_by_value,
    reason = "a component owns its properties"
)]

pub mod charts;
pub mod working;

use super::visit::{Visit, param, visit};
use crate::actions::providers::AddPracticeProvider;
use crate::address;
use crate::components::frame::{Framed, Place};
use crate::components::lamp::Lamp;
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::wire::{OverviewView, Role};
use crate::words::role;
use leptos::prelude::*;
use working::Working;

/// The overview of an application; a guide until its first connection.
#[component]
pub fn Overview() -> impl IntoView {
    let slug = param("app");
    visit(
        Place::Overview,
        address::application(&slug),
        move |portal| {
            let slug = slug.clone();
            async move { portal.overview(&slug).await }
        },
        |visit, overview| {
            let Visit { frame, .. } = visit;
            let role = frame.role;
            let title = overview.name.clone();
            let content = if overview.counts.total() == 0 {
                view! { <FirstRun overview=overview role=role /> }.into_any()
            } else {
                view! { <Working overview=overview role=role /> }.into_any()
            };
            view! { <Framed frame=frame place=Place::Overview title=title>{content}</Framed> }
                .into_any()
        },
    )
}

fn provider_names(overview: &OverviewView) -> String {
    let names: Vec<_> = overview
        .providers
        .iter()
        .map(|mark| mark.name.as_str())
        .collect();
    if names.is_empty() {
        "None".to_owned()
    } else {
        names.join(", ")
    }
}

/// Where to begin: what is done, what is left, one primary button.
#[component]
fn FirstRun(overview: OverviewView, role: Role) -> impl IntoView {
    let name = overview.name.clone();
    let has_provider = !overview.providers.is_empty();
    let has_key = overview.api_keys > 0;
    let left = 1 + u8::from(!has_provider) + u8::from(!has_key);
    let practice = if overview.practice_offered && !has_provider {
        " With the practice provider it takes a minute and no account anywhere."
    } else {
        ""
    };
    let steps = match left {
        1 => "One step left to the first one.",
        2 => "Two steps left to the first one.",
        _ => "Three steps left to the first one.",
    };
    let may = role::may_configure(role);
    view! {
        <div class="first">
            <div class="page__title">
                <Wire
                    lamp=Lamp::Waiting
                    from=Mark::application(&name).big()
                    to=overview.providers.first().map_or_else(Mark::nothing, Mark::provider).big()
                    label=format!("{name} is not connected to anything yet")
                />
                <h1>{name.clone()}" has no connections yet"</h1>
                <p class="page__lead">{steps}{practice}</p>
            </div>
            <ol class="guide">
                <li class="done"><h2>"Application made"</h2><p>{made(&overview)}</p></li>
                <ProviderStep overview=overview.clone() done=has_provider may=may />
                <KeyStep slug=overview.slug.clone() done=has_key primary=has_provider may=may />
                <InviteStep overview=overview />
            </ol>
        </div>
    }
    .into_any()
}

fn made(overview: &OverviewView) -> String {
    match &overview.return_url {
        Some(url) => format!("{}, at {}. Return URL: {url}", overview.name, overview.slug),
        None => format!("{}, at {}.", overview.name, overview.slug),
    }
}

#[component]
fn ProviderStep(overview: OverviewView, done: bool, may: bool) -> impl IntoView {
    let action = ServerAction::<AddPracticeProvider>::new();
    let slug = overview.slug.clone();
    let gallery = address::gallery(&slug);
    let practice = overview.practice_offered;
    let gallery_class = if practice {
        "button"
    } else {
        "button button--primary"
    };
    let gallery_words = match overview.definitions {
        0 | 1 => "Add Provider".to_owned(),
        many => format!("Choose from {many} providers"),
    };
    let names = provider_names(&overview);
    let choose = (!done && may).then(|| {
        view! {
            <div class="row">
                {practice
                    .then(|| {
                        view! {
                            <ActionForm action=action>
                                <input type="hidden" name="application" value=slug />
                                <button class="button button--primary" type="submit">"Add the practice provider"</button>
                            </ActionForm>
                        }
                    })}
                <a class=gallery_class href=gallery>{gallery_words}</a>
            </div>
        }
    });
    let marks = (!done).then(|| {
        view! {
            <p class="row">
                {overview.some_definitions.iter().map(|mark| view! { <Mark mark=Mark::provider(mark) /> }).collect_view()}
                <span>"each with its set-up guide"</span>
            </p>
        }
    });
    view! {
        <li class=done.then_some("done")>
            <h2>{if done { "Provider added" } else { "Add a provider" }}</h2>
            <p>{if done { names } else { "It says what your users can connect.".to_owned() }}</p>
            {choose}
            {marks}
        </li>
    }
    .into_any()
}

#[component]
fn KeyStep(slug: String, done: bool, primary: bool, may: bool) -> impl IntoView {
    let class = if primary {
        "button button--primary"
    } else {
        "button"
    };
    let make = (!done && may).then(|| {
        view! { <div class="row"><a class=class href=address::keys(&slug)>"Make an API key"</a></div> }
    });
    view! {
        <li class=done.then_some("done")>
            <h2>{if done { "API key made" } else { "Make an API key" }}</h2>
            <p>"Your backend signs its calls with it. It is shown once."</p>
            {make}
        </li>
    }
    .into_any()
}

#[component]
fn InviteStep(overview: OverviewView) -> impl IntoView {
    let provider = overview
        .example_provider
        .unwrap_or_else(|| "practice".to_owned());
    let example = connect_example(&overview.public_url, &provider, "$GRANTPORT_API_KEY");
    view! {
        <li>
            <h2>"Invite an end user to connect"</h2>
            <p>"Your backend makes a connect session and sends the browser to its address."</p>
            <pre class="code" tabindex="0" aria-label="Example with curl">{example}</pre>
            <p>"The answer’s "<code>"url"</code>" is the page where Dana presses “Connect”."</p>
        </li>
    }
    .into_any()
}

/// A call that makes a connect session, to be pasted into a shell.
pub(crate) fn connect_example(public_url: &str, provider: &str, key: &str) -> String {
    format!(
        "curl {public_url}/api/v1/connect-sessions \\\n  -H \"Authorization: Bearer {key}\" \\\n  --json '{{\"end_user\": {{\"id\": \"user_2291\", \"name\": \"Dana Whitfield\"}}, \"providers\": [\"{provider}\"]}}'"
    )
}
