//! Connections that work and yet deserve a look: what they lack, and what staff can do about it.

use crate::actions::connections::MakeReconnectLink;
use crate::address;
use crate::components::copy_field::CopyField;
use crate::wire::{ConnectionMark, ConnectionState, ConnectionView};
use crate::words::{owner, scopes};
use leptos::prelude::*;

/// The marks as choices of a filter.
pub(super) fn options() -> Vec<(String, String)> {
    let options = ConnectionMark::ALL.into_iter();
    options
        .map(|mark| (mark.as_str().to_owned(), scopes::mark(mark).to_owned()))
        .collect()
}

/// The marks of a row.
#[component]
pub(crate) fn Tags(marks: Vec<ConnectionMark>) -> impl IntoView {
    marks
        .into_iter()
        .map(|mark| view! { " "<span class="tag">{scopes::mark(mark)}</span> })
        .collect_view()
}

/// What the marks of a connection mean, and what can be done: a link to reconnect, fewer scopes.
#[component]
pub(crate) fn Mending(
    slug: String,
    view: ConnectionView,
    may: bool,
    action: ServerAction<MakeReconnectLink>,
) -> impl IntoView {
    let provider = view.provider_short_name.clone();
    let sentences: Vec<_> = view
        .summary
        .marks
        .iter()
        .map(|mark| {
            let words = scopes::marked(*mark, &provider, &view.lacks);
            view! { <p><span class="tag">{scopes::mark(*mark)}</span>" "{words}</p> }
        })
        .collect();
    let live = view.summary.state != ConnectionState::Revoked;
    let broken = view.summary.state == ConnectionState::ReconnectRequired;
    if !live || (sentences.is_empty() && !may) {
        return ().into_any();
    }
    let name = owner::name(&view.summary.owner).to_owned();
    let link = view.reconnect_link.clone().map(|link| {
        let hint = format!("For {name}, for 24 hours. It keeps this connection and its id. Copy it now: it is shown once.");
        view! { <CopyField id="reconnect-link" label="Reconnect link" value=link hint=hint /> }
    });
    let lead = (sentences.is_empty() && !broken).then(|| {
        view! { <p class="quiet">"Nothing has to be done. A link lets the owner approve again, with the same connection."</p> }
    });
    let buttons = may.then(|| {
        let reduce = view.reducible.then(|| {
            let page = address::reduce(&slug, &view.summary.id);
            view! { <a class="button" href=page>"Reduce scopes"</a> }
        });
        view! {
            <div class="row">
                <ActionForm action=action>
                    <input type="hidden" name="application" value=slug />
                    <input type="hidden" name="connection" value=view.summary.id.clone() />
                    <button class="button" type="submit">"Make a reconnect link"</button>
                </ActionForm>
                {reduce}
            </div>
        }
    });
    view! {
        <section class="panel panel--sunken stack stack--tight" aria-labelledby="mending">
            <h2 id="mending">"Reconnect"</h2>
            {sentences}
            {lead}
            {link}
            {buttons}
        </section>
    }
    .into_any()
}
