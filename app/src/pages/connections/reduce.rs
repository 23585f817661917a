//! `/apps/{slug}/connections/{id}/scopes`: giving scopes up without asking the user.
//!
//! Chosen, looked at and done: the choice stands in the address, so that it can be looked at and gone
//! back from without script; only the last step is a POST.

use crate::actions::connections::ReduceScopes;
use crate::address;
use crate::components::field::Problem;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Crumb, Framed, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::notice::Refusal;
use crate::pages::visit::{param, queries, query, visit};
use crate::portal::PortalHandle;
use crate::wire::{Field, PortalError, ReduceView, ScopeWords};
use crate::words::{owner, role};
use leptos::prelude::*;

/// Which of the granted scopes stay.
#[component]
pub fn Reduce() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let action = ServerAction::<ReduceScopes>::new();
    let refused = refusal(action);
    let looked_at = !query("look").is_empty();
    let chosen = queries("keep");
    let page = address::reduce(&slug, &id);
    let asked = slug.clone();
    visit(
        Place::Connections,
        page,
        move |portal| ask(portal, asked.clone(), id.clone()),
        move |visit, view: ReduceView| {
            let form = FormState::new(visit.draft, refused);
            let kept = |name: &str| {
                if looked_at || !chosen.is_empty() {
                    chosen.iter().any(|one| one == name)
                } else {
                    form.ticked("keep[]", name, true)
                }
            };
            let (keep, drop): (Vec<_>, Vec<_>) = view
                .scopes
                .iter()
                .cloned()
                .partition(|scope| kept(&scope.name));
            let title = format!("Reduce what {} granted", owner::name(&view.summary.owner));
            let nothing_left = keep.is_empty() && !view.scopes.is_empty();
            let body = if !view.offered {
                view! { <NotOffered provider=view.provider_short_name.clone() /> }.into_any()
            } else if looked_at && !drop.is_empty() && !nothing_left {
                view! { <Confirm slug=slug.clone() view=view.clone() keep=keep drop=drop action=action /> }
                    .into_any()
            } else {
                let problem = form
                    .problem(Field::Scopes)
                    .or_else(|| looked_at.then(|| choose_words(nothing_left).to_owned()));
                view! { <Choose slug=slug.clone() view=view.clone() keep=keep problem=problem /> }
                    .into_any()
            };
            let back = address::connection(&slug, &view.summary.id);
            view! {
                <Framed frame=visit.frame place=Place::Connections title=title.clone()>
                    <div class="page__head">
                        <div class="page__title">
                            <Crumb address=back words="Connection" />
                            <h1>{title}</h1>
                            <p class="page__lead">
                                {view.provider_short_name}" takes away what is not kept, at once and for good. The user is not asked, and the connection goes on."
                            </p>
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

/// The form is of no use to those who may not reduce.
async fn ask(portal: PortalHandle, slug: String, id: String) -> Result<ReduceView, PortalError> {
    let view = portal.reduce_form(&slug, &id).await?;
    let frame = portal.frame(None).await?;
    if role::may_mend(frame.role) {
        Ok(view)
    } else {
        Err(PortalError::Forbidden)
    }
}

fn choose_words(nothing_left: bool) -> &'static str {
    if nothing_left {
        "Keep at least one scope. To end all of it, revoke the connection."
    } else {
        "Take the tick from at least one scope: all of them are kept so far."
    }
}

#[component]
fn NotOffered(provider: String) -> impl IntoView {
    view! {
        <section class="panel panel--sunken" aria-labelledby="not-offered">
            <h2 id="not-offered">"Not possible from here"</h2>
            <p>{provider}" does not narrow this grant without the user. Ask the owner to connect again, after fewer scopes are asked for."</p>
        </section>
    }
    .into_any()
}

#[component]
fn Choose(
    slug: String,
    view: ReduceView,
    keep: Vec<ScopeWords>,
    problem: Option<String>,
) -> impl IntoView {
    let described = problem.is_some().then_some("scopes-error");
    let boxes = view
        .scopes
        .iter()
        .cloned()
        .map(|scope| {
            let kept = keep.contains(&scope);
            view! { <Scope scope=scope kept=kept locked=false /> }
        })
        .collect_view();
    let locked = view
        .locked
        .into_iter()
        .map(|scope| view! { <Scope scope=scope kept=true locked=true /> })
        .collect_view();
    let page = address::reduce(&slug, &view.summary.id);
    let back = address::connection(&slug, &view.summary.id);
    view! {
        <form class="stack stack--loose" action=page aria-label="Scopes to keep">
            <input type="hidden" name="look" value="1" />
            <fieldset class="stack" id="scopes" tabindex="-1" aria-describedby=described>
                <legend class="h2">"What stays"</legend>
                <div class="scopes"><div class="scopes__grid">{locked}{boxes}</div></div>
                <Problem id="scopes" wrong=problem />
            </fieldset>
            <div class="bar">
                <button class="button button--primary" type="submit">"Show what happens"</button>
                <a class="button button--quiet" href=back>"Back"</a>
            </div>
        </form>
    }
    .into_any()
}

#[component]
fn Scope(scope: ScopeWords, kept: bool, locked: bool) -> impl IntoView {
    let words = if scope.words.is_empty() {
        scope.name.clone()
    } else {
        scope.words
    };
    let always = locked.then_some(" cannot be given up");
    view! {
        <label class="check">
            <input type="checkbox" name="keep" value=scope.name.clone() checked=kept disabled=locked />
            <span>{words}</span>
            <small><code>{scope.name}</code>{always}</small>
        </label>
    }
    .into_any()
}

#[component]
fn Confirm(
    slug: String,
    view: ReduceView,
    keep: Vec<ScopeWords>,
    drop: Vec<ScopeWords>,
    action: ServerAction<ReduceScopes>,
) -> impl IntoView {
    let provider = view.provider_short_name.clone();
    let lines = drop
        .iter()
        .map(|scope| {
            let words = if scope.words.is_empty() {
                scope.name.clone()
            } else {
                scope.words.clone()
            };
            let asked = view.asked.contains(&scope.name);
            let aside = if asked {
                format!("{provider} is still asked for it when somebody connects, so the connection is marked as lacking it.")
            } else {
                String::new()
            };
            view! { <li><State lamp=Lamp::Revoked words=format!("Given up: {words}") /><span class="quiet">{aside}</span></li> }
        })
        .collect_view();
    let hidden = keep
        .iter()
        .map(|scope| view! { <input type="hidden" name="keep[]" value=scope.name.clone() /> })
        .collect_view();
    let many = view.locked.len() + keep.len();
    let stay = crate::words::number::counted(
        u64::try_from(many).unwrap_or_default(),
        "scope stays",
        "scopes stay",
    );
    let again = {
        let parts: Vec<_> = keep
            .iter()
            .map(|scope| ("keep", scope.name.as_str()))
            .collect();
        address::reduce_with(&slug, &view.summary.id, &parts)
    };
    view! {
        <ActionForm action=action attr:class="panel stack">
            <h2 id="what">"What happens"</h2>
            <ul class="effects">
                {lines}
                <li><State lamp=Lamp::Active words=stay /><span class="quiet">"The backend gets a token with these from now on."</span></li>
                <li><State lamp=Lamp::Degraded words="It cannot be undone from here" /><span class="quiet">"The owner can grant it again by connecting again."</span></li>
            </ul>
            <input type="hidden" name="application" value=slug />
            <input type="hidden" name="connection" value=view.summary.id.clone() />
            {hidden}
            <div class="bar">
                <button class="button button--danger" type="submit">"Reduce scopes"</button>
                <a class="button button--quiet" href=again>"Back"</a>
            </div>
        </ActionForm>
    }
    .into_any()
}
