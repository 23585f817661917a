//! A moment as `<time>`: words for people, the exact instant for machines.

use crate::wire::Millis;
use crate::words::time;
use leptos::prelude::*;

/// "4 min ago" when `now` is given and it is less than a day ago, else "20 Nov 2026, 09:02 UTC".
#[component]
pub(crate) fn Moment(at: Millis, #[prop(optional, into)] now: Option<Millis>) -> impl IntoView {
    let words = now.map_or_else(|| time::moment(at), |now| time::ago(at, now));
    view! { <time datetime=time::machine(at) title=time::moment(at)>{words}</time> }.into_any()
}

/// The same, or "Never" when it did not happen.
#[component]
pub(crate) fn MomentOrNever(at: Option<Millis>, now: Millis) -> impl IntoView {
    match at {
        Some(at) => view! { <Moment at=at now=now /> }.into_any(),
        None => view! { <span class="quiet">"Never"</span> }.into_any(),
    }
}

/// "20 Nov 2026".
#[component]
pub(crate) fn Day(at: Millis) -> impl IntoView {
    view! { <time datetime=time::machine(at) title=time::moment(at)>{time::date(at)}</time> }
        .into_any()
}
