//! `/apps/{slug}/providers/{provider}/scopes`: what changed scopes mean, before they are saved.

use crate::actions::providers::SaveProvider;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::lamp::State;
use crate::components::marked::Marked;
use crate::components::notice::{Notice, Refusal, Tone};
use crate::pages::visit::{param, visit};
use crate::portal::PortalHandle;
use crate::wire::{PortalError, ScopeChange, ScopePreview, ScopeWords};
use crate::words::{role, scopes};
use leptos::prelude::*;

/// The change that waits, whom it concerns, and Save.
#[component]
pub fn Scopes() -> impl IntoView {
    let (slug, provider) = (param("app"), param("provider"));
    let action = ServerAction::<SaveProvider>::new();
    let refused = refusal(action);
    let page = address::scope_preview(&slug, &provider);
    let asked = (slug.clone(), provider.clone());
    visit(
        Place::Providers,
        page,
        move |portal| ask(portal, asked.0.clone(), asked.1.clone()),
        move |visit, view: ScopePreview| {
            let form = FormState::new(visit.draft, refused);
            let title = format!("Change what {} is asked for?", view.short_name);
            let crumb = address::provider(&slug, &provider);
            let name = view.mark.name.clone();
            let body = match view.change {
                Some(change) => view! {
                    <Decide slug=slug provider=provider change=change action=action />
                }
                .into_any(),
                None => view! { <Nothing provider=crumb.clone() /> }.into_any(),
            };
            view! {
                <Framed frame=visit.frame place=Place::Providers title=title.clone()>
                    <div class="page__head">
                        <div class="page__title">
                            <Crumb address=crumb words="Provider" />
                            <h1>{title}</h1>
                            <p class="page__lead">{name}" in "{view.application}". Nothing is saved yet."</p>
                        </div>
                    </div>
                    <Refusal form=form />
                    {body}
                </Framed>
            }
            .into_any()
        },
    )
}

/// The page is of no use to those who may not save.
async fn ask(
    portal: PortalHandle,
    slug: String,
    provider: String,
) -> Result<ScopePreview, PortalError> {
    let frame = portal.frame(None).await?;
    if role::may_configure(frame.role) {
        portal.scope_preview(&slug, &provider).await
    } else {
        Err(PortalError::Forbidden)
    }
}

#[component]
fn Nothing(provider: String) -> impl IntoView {
    view! {
        <section class="panel panel--sunken stack stack--tight" aria-labelledby="nothing">
            <h2 id="nothing">"Nothing waits to be saved"</h2>
            <p>"A change waits here for ten minutes. What is saved is as it was."</p>
            <p><a class="button button--primary" href=provider>"Open the provider"</a></p>
        </section>
    }
    .into_any()
}

#[component]
fn Decide(
    slug: String,
    provider: String,
    change: ScopeChange,
    action: ServerAction<SaveProvider>,
) -> impl IntoView {
    let back = address::again(address::provider(&slug, &provider));
    let at_provider = change.at_provider.clone().map(|sentence| {
        view! { <Notice tone=Tone::Plain><p><Marked text=sentence /></p></Notice> }
    });
    let lines = scopes::effects(&change)
        .into_iter()
        .map(|(lamp, what, aside)| {
            view! { <li><State lamp=lamp words=what /><span class="quiet">{aside}</span></li> }
        })
        .collect_view();
    let heading = scopes::preview(&change);
    let hidden = change
        .fields
        .into_iter()
        .map(|(name, value)| view! { <input type="hidden" name=name value=value /> })
        .collect_view();
    view! {
        {at_provider}
        <div class="split">
            <section class="panel panel--sunken stack" aria-labelledby="preview">
                <h2 id="preview">{heading}</h2>
                <ul class="effects">{lines}</ul>
                <ActionForm action=action>
                    <input type="hidden" name="application" value=slug />
                    <input type="hidden" name="provider" value=provider />
                    <input type="hidden" name="confirmed" value="yes" />
                    {hidden}
                    <div class="bar">
                        <button class="button button--primary" type="submit">"Save"</button>
                        <a class="button button--quiet" href=back>"Back"</a>
                    </div>
                </ActionForm>
            </section>
            <div class="stack">
                <List id="new" title="Asked for from now on" scopes=change.new />
                <List id="gone" title="No longer asked for" scopes=change.gone />
            </div>
        </div>
    }
    .into_any()
}

#[component]
fn List(id: &'static str, title: &'static str, scopes: Vec<ScopeWords>) -> impl IntoView {
    (!scopes.is_empty()).then(|| {
        let rows = scopes
            .into_iter()
            .map(|scope| {
                let words = (!scope.words.is_empty()).then_some(scope.words);
                view! { <li>{words}" "<code class="quiet">{scope.name}</code></li> }
            })
            .collect_view();
        view! {
            <section class="stack stack--tight" aria-labelledby=id>
                <h2 id=id>{title}</h2>
                <ul class="list">{rows}</ul>
            </section>
        }
    })
}
