//! Connections that work and yet deserve a look: what they lack, and what staff can do about it.

use crate::address;
use crate::components::copy_field::CopyField;
use crate::wire::{ConnectionMark, ConnectionState, ConnectionView};
use crate::words::{finding, scopes};
use leptos::prelude::*;

/// The marks of a row.
#[component]
pub(crate) fn Tags(marks: Vec<ConnectionMark>) -> impl IntoView {
    marks
        .into_iter()
        .map(|mark| view! { " "<span class="tag">{scopes::mark(mark)}</span> })
        .collect_view()
}

/// What the marks of a connection that works mean, and what can be done: a link to reconnect, fewer scopes.
#[component]
pub(crate) fn Mending(slug: String, view: ConnectionView, may: bool) -> impl IntoView {
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
    let works = matches!(
        view.summary.state,
        ConnectionState::Active | ConnectionState::Degraded
    );
    if !works || (sentences.is_empty() && !may) {
        return ().into_any();
    }
    let lead = sentences.is_empty().then(|| {
        view! { <p class="quiet">"Nothing has to be done. The link lets the owner approve again, with the same connection."</p> }
    });
    let reduce = (may && view.reducible).then(|| {
        let page = address::reduce(&slug, &view.summary.id);
        view! { <div class="row"><a class="button" href=page>"Reduce scopes"</a></div> }
    });
    view! {
        <section class="panel panel--sunken stack stack--tight" aria-labelledby="mending">
            <h2 id="mending">"Reconnect"</h2>
            {sentences}
            {lead}
            <Link view=view />
            {reduce}
        </section>
    }
    .into_any()
}

/// The link with which the owner reconnects, ready to be copied.
#[component]
pub(crate) fn Link(view: ConnectionView) -> impl IntoView {
    view.reconnect_link.map(|link| {
        let hint = finding::link_hint(&view.summary.owner, link.until);
        view! { <CopyField id="reconnect-link" label="Reconnect link" value=link.url hint=hint /> }
    })
}
