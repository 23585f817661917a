//! `/apps/{slug}/providers/{provider}`: still right? What if I change it?

use super::addresses::{Addresses, HostSecret};
use super::new::OwnCredentials;
use super::proof::proofs;
use super::secrets::{SecretOfNewId, Secrets};
use crate::actions::custom::SaveCustom;
use crate::actions::ending::{LetTokensGo, StopTokens};
use crate::actions::providers::{AddClientSecret, RemoveClientSecret, SaveProvider};
use crate::address;
use crate::components::admin_inputs::AdminInputs;
use crate::components::copy_field::CopyField;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Refusal, Saved, Tone};
use crate::components::scope_picker::ScopePicker;
use crate::components::stop::EmergencyStop;
use crate::components::tick::{OneOwnerPerAccount, TeamFallback};
use crate::components::time::{Day, Moment};
use crate::components::trust::TrustSign;
use crate::pages::visit::{Visit, param, visit};
use crate::wire::{
    ConnectionFilter, CustomView, DefinitionView, Field, ProofView, ProviderState, ProviderView,
};
use crate::words::{custom, number, proof, role};
use leptos::prelude::*;

/// One provider: its credentials, scopes and rules.
#[component]
pub fn Provider() -> impl IntoView {
    let (slug, provider) = (param("app"), param("provider"));
    let forms = Forms {
        save: ServerAction::new(),
        add: ServerAction::new(),
        remove: ServerAction::new(),
        custom: ServerAction::new(),
        stop: ServerAction::new(),
        go: ServerAction::new(),
    };
    let refused = refusal(forms.save)
        .or_else(|| refusal(forms.add))
        .or_else(|| refusal(forms.remove))
        .or_else(|| refusal(forms.custom))
        .or_else(|| refusal(forms.stop))
        .or_else(|| refusal(forms.go));
    let page = address::provider(&slug, &provider);
    let asked = slug.clone();
    visit(
        Place::Providers,
        page,
        move |portal| {
            let (slug, provider) = (asked.clone(), provider.clone());
            async move { portal.provider(&slug, &provider).await }
        },
        move |visit, view| {
            let form = FormState::new(visit.draft.clone(), refused).naming(&view.inputs);
            view! { <Content visit=visit slug=slug view=view form=form forms=forms /> }.into_any()
        },
    )
}

/// The forms of the page.
#[derive(Clone, Copy)]
struct Forms {
    save: ServerAction<SaveProvider>,
    add: ServerAction<AddClientSecret>,
    remove: ServerAction<RemoveClientSecret>,
    custom: ServerAction<SaveCustom>,
    stop: ServerAction<StopTokens>,
    go: ServerAction<LetTokensGo>,
}

#[component]
fn Content(
    visit: Visit,
    slug: String,
    view: ProviderView,
    form: FormState,
    forms: Forms,
) -> impl IntoView {
    let may = role::may_configure(visit.frame.role);
    let saved = (visit.saved || view.just_saved) && form.error().is_none();
    let provider = view.definition.short_name.clone();
    let own = provider.clone();
    let rejected = match view.state {
        ProviderState::Active => None,
        ProviderState::CredentialsRejected { since } => Some(view! {
            <Notice tone=Tone::Bad>
                <p>
                    <strong>{provider.clone()}" refuses our client credentials since "<Moment at=since />"."</strong>
                    " Its connections wait; none is lost. An admin has to paste a new Client Secret."
                </p>
            </Notice>
        }),
    };
    let notice = saved.then(|| {
        let proof = match &view.proof {
            ProofView::Tried(proof) => Some(proof),
            ProofView::Untried | ProofView::Trying => None,
        };
        let words = proof::after_saving(proof, &view.definition.mark.name, &view.application);
        view! { <Saved words=words /> }
    });
    let custom = view.custom.clone().map(|custom| {
        let form = form.of("custom");
        view! { <Addresses slug=slug.clone() provider=view.slug.clone() custom=custom may=may form=form action=forms.custom /> }
    });
    let secrets = if view.definition.brings_own_credentials {
        view! { <OwnCredentials provider=own /> }.into_any()
    } else {
        view! { <Secrets slug=slug.clone() provider=view.slug.clone() secrets=view.secrets.clone() may=may form=form.clone() add=forms.add remove=forms.remove /> }
            .into_any()
    };
    let edit = if may {
        view! { <Editor slug=slug.clone() view=view.clone() form=form.of("") action=forms.save /> }
            .into_any()
    } else {
        view! { <Facts view=view.clone() /> }.into_any()
    };
    let stopped = visit
        .frame
        .stops
        .iter()
        .find(|stop| {
            stop.provider
                .as_ref()
                .is_some_and(|(slug, _)| *slug == view.slug)
        })
        .cloned();
    let emergency = role::may_stop_tokens(visit.frame.role).then(|| view! {
        <EmergencyStop slug=slug.clone() provider=view.slug.clone() name=view.definition.short_name.clone() stop=stopped form=form.clone() begin=forms.stop end=forms.go />
    });
    view! {
        <Framed frame=visit.frame place=Place::Providers title=view.definition.mark.name.clone()>
            <Head slug=slug.clone() view=view.clone() />
            {notice}
            {rejected}
            <Refusal form=form />
            {proofs(&slug, &view, may)}
            <div class="split">
                <div class="stack stack--loose">
                    <section class="stack" aria-labelledby="credentials">
                        <h2 id="credentials">"Credentials"</h2>
                        <CopyField id="redirect-uri" label="Redirect URI" value=view.redirect_uri.clone() />
                        {secrets}
                    </section>
                    {edit}
                    {custom}
                    {emergency}
                </div>
                <Behaviour definition=view.definition custom=view.custom />
            </div>
        </Framed>
    }
    .into_any()
}

#[component]
fn Head(slug: String, view: ProviderView) -> impl IntoView {
    let state = match view.state {
        ProviderState::Active => view! {
            <State lamp=Lamp::Active class="state--word" />
            " "
            <span class="quiet">"since "<Day at=view.created_at />{connected(view.connections)}</span>
        }
        .into_any(),
        ProviderState::CredentialsRejected { .. } => view! {
            <State lamp=Lamp::Reconnect words="Credentials refused" class="state--word" />
            " "
            <span class="quiet">"saved "<Day at=view.created_at />{connected(view.connections)}</span>
        }
        .into_any(),
    };
    let filter = ConnectionFilter {
        provider: view.slug,
        ..ConnectionFilter::default()
    };
    view! {
        <div class="page__head">
            <div class="page__title">
                <Crumb address=address::providers(&slug) words="OAuth Providers" />
                <div class="who">
                    <Mark mark=Mark::provider(&view.definition.mark).big() />
                    <h1>{view.definition.mark.name}</h1>
                </div>
                <p class="row">{state}</p>
            </div>
            <div class="row">
                <a class="button" href=address::playground(&slug, &filter.provider)>"Playground"</a>
                <a class="button" href=address::connections_with(&slug, &filter)>"Connections"</a>
            </div>
        </div>
    }
    .into_any()
}

fn connected(count: u64) -> String {
    format!(", {}", number::counted(count, "connection", "connections"))
}

#[component]
fn Editor(
    slug: String,
    view: ProviderView,
    form: FormState,
    action: ServerAction<SaveProvider>,
) -> impl IntoView {
    let hint = match view.connections {
        0 => String::new(),
        1 => "A new ID breaks nobody: today’s connection goes on with the earlier one.".to_owned(),
        count => format!(
            "A new ID breaks nobody: today’s {} go on with the earlier one.",
            number::counted(count, "connection", "connections")
        ),
    };
    let asks = !view.inputs.is_empty() && !view.definition.brings_own_credentials;
    let host_secret = asks.then(|| {
        view! { <HostSecret form=form.clone() /> }
    });
    let client_id = (!view.definition.brings_own_credentials).then(|| {
        view! { <TextField field=Field::ClientId name="client_id" kind=Kind::Code saved=view.client_id hint=hint required=true form=form.clone() /> }
    });
    let at_save = match view.connections {
        0 => "New scopes are asked for when someone connects.",
        _ => {
            "What was granted stays granted. Changed scopes are shown with their effect before they are saved."
        }
    };
    let new_secret =
        (!view.secrets.is_empty()).then(|| view! { <SecretOfNewId form=form.clone() /> });
    view! {
        <ActionForm action=action attr:class="stack stack--loose" attr:aria-label="Client ID, scopes and rules">
            <input type="hidden" name="application" value=slug />
            <input type="hidden" name="provider" value=view.slug />
            <AdminInputs inputs=view.inputs form=form.clone() />
            {host_secret}
            {client_id}
            {new_secret}
            <ScopePicker definition=view.definition other_scopes=view.other_scopes.join(" ") form=form.clone() />
            <OneOwnerPerAccount saved=view.one_owner_per_account form=form.clone() />
            <TeamFallback saved=view.team_fallback form=form />
            <div class="bar">
                <button class="button button--primary" type="submit">"Save"</button>
                <p class="small quiet">{at_save}</p>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// The same for those who may only read it.
#[component]
fn Facts(view: ProviderView) -> impl IntoView {
    let scopes: Vec<String> = view
        .definition
        .always_granted
        .into_iter()
        .chain(
            view.definition
                .scope_groups
                .into_iter()
                .flat_map(|group| group.scopes)
                .filter(|scope| scope.chosen),
        )
        .map(|scope| scope.name)
        .chain(view.other_scopes)
        .collect();
    let yes_or_no = |rule: bool| if rule { "Yes" } else { "No" };
    let inputs = view
        .inputs
        .into_iter()
        .map(|input| view! { <div><dt>{input.label}</dt><dd><code>{input.value}</code></dd></div> })
        .collect_view();
    let client_id = (!view.definition.brings_own_credentials).then(|| {
        view! { <div><dt>"Client ID"</dt><dd><code>{view.client_id}</code></dd></div> }
    });
    view! {
        <dl class="facts">
            {client_id}
            {inputs}
            <div><dt>"Scopes"</dt><dd><code>{scopes.join(" ")}</code></dd></div>
            <div><dt>"One owner per account"</dt><dd>{yes_or_no(view.one_owner_per_account)}</dd></div>
            <div><dt>"The team’s connection stands in"</dt><dd>{yes_or_no(view.team_fallback)}</dd></div>
        </dl>
    }
    .into_any()
}

#[component]
fn Behaviour(definition: DefinitionView, custom: Option<CustomView>) -> impl IntoView {
    let origin = match custom {
        Some(custom) => view! { {custom::origin(&custom.fields)} }.into_any(),
        None => view! { {definition.id}", "<TrustSign trust=definition.trust /> }.into_any(),
    };
    view! {
        <aside class="stack" aria-labelledby="about">
            <h2 id="about">"How "{definition.short_name}" behaves"</h2>
            <dl class="facts">
                <div><dt>"Definition"</dt><dd>{origin}</dd></div>
                {definition
                    .facts
                    .into_iter()
                    .map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> })
                    .collect_view()}
            </dl>
        </aside>
    }
    .into_any()
}
