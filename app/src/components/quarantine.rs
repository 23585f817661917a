//! The notice that stands on every page while nothing is refreshed.

use super::notice::{Notice, Tone};
use super::time::Moment;
use crate::wire::QuarantineView;
use crate::words::quarantine::{CONFIRM, STILL_WORKS, safe_once, why};
use leptos::prelude::*;

/// Since when, why, what works meanwhile, and what ends it.
#[component]
pub(crate) fn Quarantined(quarantine: QuarantineView) -> impl IntoView {
    view! {
        <Notice tone=Tone::Bad>
            <div class="stack stack--tight">
                <p>
                    <strong>"No token is refreshed since "<Moment at=quarantine.since />"."</strong>
                    " "
                    {why(quarantine.reason)}
                </p>
                <p>{STILL_WORKS}" "{safe_once(quarantine.reason)}" "<code>{CONFIRM}</code>"."</p>
            </div>
        </Notice>
    }
    .into_any()
}
