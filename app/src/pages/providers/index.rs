//! `/apps/{slug}/providers`: what can be connected, and is it right?

use super::practice::OfferPractice;
use crate::actions::providers::AddPracticeProvider;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::icon::Icon;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::notice::Refusal;
use crate::pages::visit::{Visit, param, visit};
use crate::wire::{ProviderState, ProviderSummary, ProvidersView, SecretHint};
use crate::words::{number, provider, role};
use leptos::prelude::*;

/// The providers of an application.
#[component]
pub fn Providers() -> impl IntoView {
    let slug = param("app");
    let practice = ServerAction::<AddPracticeProvider>::new();
    let refused = refusal(practice);
    let asked = slug.clone();
    visit(
        Place::Providers,
        address::providers(&slug),
        move |portal| {
            let slug = asked.clone();
            async move { portal.providers(&slug).await }
        },
        move |visit, providers| {
            let form = FormState::new(None, refused);
            view! { <Content visit=visit slug=slug providers=providers form=form practice=practice /> }
                .into_any()
        },
    )
}

#[component]
fn Content(
    visit: Visit,
    slug: String,
    providers: ProvidersView,
    form: FormState,
    practice: ServerAction<AddPracticeProvider>,
) -> impl IntoView {
    let may = role::may_configure(visit.frame.role);
    let lead = format!("What the users of {} can connect.", providers.application);
    let add = may.then(|| {
        view! {
            <a class="button button--primary" href=address::gallery(&slug)><Icon icon=Icon::Plus />" Add Provider"</a>
        }
    });
    let offer = (may && providers.practice_offered)
        .then(|| view! { <OfferPractice action=practice application=slug.clone() /> });
    let list = if providers.providers.is_empty() {
        view! { <NoProviders may=may /> }.into_any()
    } else {
        view! { <Table slug=slug providers=providers /> }.into_any()
    };
    view! {
        <Framed frame=visit.frame place=Place::Providers title="OAuth Providers">
            <PageHead title="OAuth Providers" lead=lead>{add}</PageHead>
            <Refusal form=form />
            {list}
            {offer}
        </Framed>
    }
    .into_any()
}

#[component]
fn NoProviders(may: bool) -> impl IntoView {
    let next = if may {
        "Add the first one. Each comes with its set-up guide and takes about five minutes."
    } else {
        "An owner or an admin adds the first one."
    };
    view! {
        <section class="panel panel--sunken" aria-labelledby="none">
            <h2 id="none">"No provider yet"</h2>
            <p class="quiet">{next}</p>
        </section>
    }
    .into_any()
}

#[component]
fn Table(slug: String, providers: ProvidersView) -> impl IntoView {
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">"OAuth Providers of "{providers.application}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Provider"</th>
                        <th scope="col">"State"</th>
                        <th scope="col" class="table__num">"Connections"</th>
                        <th scope="col">"Scopes"</th>
                        <th scope="col">"Tokens"</th>
                        <th scope="col">"Client Secret"</th>
                    </tr>
                </thead>
                <tbody>
                    {providers
                        .providers
                        .into_iter()
                        .map(|provider| view! { <Row slug=slug.clone() provider=provider /> })
                        .collect_view()}
                </tbody>
            </table>
        </div>
    }
    .into_any()
}

#[component]
fn Row(slug: String, provider: ProviderSummary) -> impl IntoView {
    let (lamp, words) = match provider.state {
        ProviderState::Active => (Lamp::Active, "Active"),
        ProviderState::CredentialsRejected { .. } => (Lamp::Reconnect, "Credentials refused"),
    };
    let scopes = match (provider.scopes, provider.scopes_set_at_provider) {
        (count, true) => format!("{count}, set at {}", provider.mark.name),
        (count, false) => count.to_string(),
    };
    view! {
        <tr>
            <th scope="row">
                <div class="who">
                    <Mark mark=Mark::provider(&provider.mark) />
                    <span>
                        <a href=address::provider(&slug, &provider.slug)>{provider.mark.name}</a>
                        <small>{provider.slug.clone()}</small>
                    </span>
                </div>
            </th>
            <td data-label="State"><State lamp=lamp words=words /></td>
            <td class="table__num" data-label="Connections">{number::grouped(provider.connections)}</td>
            <td data-label="Scopes">{scopes}</td>
            <td data-label="Tokens">{provider::tokens(provider.tokens)}</td>
            <td data-label="Client Secret"><Secrets secrets=provider.secrets /></td>
        </tr>
    }
    .into_any()
}

#[component]
fn Secrets(secrets: Vec<SecretHint>) -> impl IntoView {
    match secrets.as_slice() {
        [] => "None".into_any(),
        [one] => {
            let (words, end) = provider::secret_set(one);
            view! { <span>{words}{end.map(|end| view! { <code>{end}</code> })}</span> }.into_any()
        }
        many => format!("{} set", many.len()).into_any(),
    }
}
