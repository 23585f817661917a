//! The HTML document around every portal page.

use crate::routes::App;
use leptos::prelude::*;
use leptos_meta::{HashedStylesheet, MetaTags};

/// Our sign as a favicon, inside the document: one request less, and nothing to serve.
const FAVICON: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 22 22' fill='none' stroke='%23467' stroke-width='2.4' stroke-linecap='round'%3E%3Cpath d='M15.8 5.2a7.5 7.5 0 1 0 2.7 5.8H13'/%3E%3Ccircle cx='10.5' cy='11' r='2.3' fill='%23467' stroke='none'/%3E%3C/svg%3E";

/// The document. Stylesheet and scripts come from the package directory of `options`.
#[must_use]
pub fn shell(options: LeptosOptions) -> impl IntoView {
    view! {
        <!DOCTYPE html>
        <html lang="en">
            <head>
                <meta charset="utf-8" />
                <meta name="viewport" content="width=device-width, initial-scale=1" />
                <meta name="color-scheme" content="light dark" />
                <link rel="icon" href=FAVICON />
                <HashedStylesheet options=options.clone() id="style" />
                <AutoReload options=options.clone() />
                <HydrationScripts options=options islands=true />
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}
