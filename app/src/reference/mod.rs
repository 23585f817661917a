//! The reference of the HTTP API: one page for whoever writes a backend.
//!
//! A pure function from a wire type to a whole document, like the hosted pages: no session, no
//! JavaScript, one stylesheet. Everything has an address of its own behind the `#`, and everything
//! that is named leads to where it is explained.

mod calls;
mod introduction;
#[cfg(test)]
mod tests;
mod text;

use crate::address;
use crate::components::icon::{BrandSign, Icon};
use crate::hosted::Assets;
use crate::wire::{CallGroup, ObjectKind, Reference};
use calls::fields;
use leptos::prelude::*;
use text::{anchor, prose};

/// The page.
#[must_use]
pub fn reference(reference: &Reference, assets: &Assets) -> String {
    let (stylesheet, favicon) = (assets.stylesheet.clone(), assets.favicon.clone());
    let write = move || {
        view! {
            <!DOCTYPE html>
            <html lang="en">
                <head>
                    <meta charset="utf-8" />
                    <meta name="viewport" content="width=device-width, initial-scale=1" />
                    <meta name="color-scheme" content="light dark" />
                    <title>"API reference · Grantport"</title>
                    <link rel="icon" href=favicon />
                    <link rel="stylesheet" href=stylesheet />
                </head>
                <body class="shell">
                    <a class="skip" href="#main">
                        "Skip to content"
                    </a>
                    <header class="head">
                        <a class="brand" href=address::APPLICATIONS>
                            <BrandSign />
                            " Grantport"
                        </a>
                        <button class="button button--quiet" type="button" popovertarget="menu" aria-label="Menu">
                            <Icon icon=Icon::Menu size=20 />
                        </button>
                    </header>
                    <nav class="side" id="menu" aria-label="API reference" popover="auto">
                        {contents(reference)}
                    </nav>
                    <main class="page reference" id="main" tabindex="-1">
                        <div class="page__head">
                            <div class="page__title">
                                <h1>"API reference"</h1>
                                <p class="page__lead">
                                    "What a backend can ask Grantport: invite an end user to connect, and be handed fresh access tokens from then on."
                                </p>
                            </div>
                            <a class="button" href=address::API_DOCUMENT>
                                <Icon icon=Icon::File />
                                " OpenAPI document"
                            </a>
                        </div>
                        {introduction::sections(reference)}
                        {reference.parts.iter().map(part).collect_view()}
                        <section class="stack stack--loose" aria-labelledby="objects">
                            <h2 id="objects">"Objects"</h2>
                            {reference.objects.iter().map(object).collect_view()}
                        </section>
                    </main>
                </body>
            </html>
        }
        .to_html()
    };
    // as on hosted pages: a marker for a script that never comes
    Owner::new().with(write).replace("<!>", "")
}

/// The navigation.
fn contents(reference: &Reference) -> AnyView {
    let parts = reference.parts.iter().map(|part| {
        let calls = part
            .calls
            .iter()
            .map(|call| (call.id.clone(), call.title.clone()))
            .collect();
        group(&part.name, calls)
    });
    let objects = reference
        .objects
        .iter()
        .map(|object| (anchor(&object.name), object.name.clone()))
        .collect();
    view! {
        {group("Introduction", introduction::contents())}
        {parts.collect_view()}
        {group("Objects", objects)}
    }
    .into_any()
}

fn group(name: &str, items: Vec<(String, String)>) -> AnyView {
    let id = format!("nav-{}", anchor(name));
    let items = items.into_iter().map(|(place, words)| {
        view! {
            <li>
                <a class="nav__item" href=format!("#{place}")>
                    {words}
                </a>
            </li>
        }
    });
    view! {
        <div>
            <p class="nav__title" id=id.clone()>{name.to_owned()}</p>
            <ul class="nav" aria-labelledby=id>{items.collect_view()}</ul>
        </div>
    }
    .into_any()
}

fn part(part: &CallGroup) -> AnyView {
    let id = anchor(&part.name);
    view! {
        <section class="stack stack--loose" aria-labelledby=id>
            <div class="stack stack--tight">
                <h2 id=id.clone()>{part.name.clone()}</h2>
                <p class="quiet">{prose(&part.description)}</p>
            </div>
            {part.calls.iter().map(calls::call).collect_view()}
        </section>
    }
    .into_any()
}

fn object(object: &ObjectKind) -> AnyView {
    let id = anchor(&object.name);
    view! {
        <section class="stack reference__part" aria-labelledby=id>
            <div class="stack stack--tight">
                <h3 id=id.clone()>{object.name.clone()}</h3>
                <p>{prose(&object.description)}</p>
            </div>
            {fields(&format!("Members of {}", object.name), "Member", &object.fields)}
        </section>
    }
    .into_any()
}
