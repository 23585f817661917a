//! How sure we are of a definition: bars and a word.

use super::icon::TrustBars;
use crate::wire::Trust;
use crate::words::provider;
use leptos::prelude::*;

/// One, two or three bars and "Documented", "Contract-tested", "Seen live".
#[component]
pub(crate) fn TrustSign(trust: Trust) -> impl IntoView {
    view! { <span class="trust"><TrustBars lit=provider::trust_bars(trust) />{provider::trust(trust)}</span> }.into_any()
}
