//! The pages before anyone is signed in: the form, and beside it what the product does.

use super::icon::BrandSign;
use leptos::prelude::*;
use leptos_meta::{Body, Title};

/// A signed-out page: brand, heading, a sentence, and its content.
#[component]
pub(crate) fn Gated(
    #[prop(into)] title: String,
    /// The sentence under the heading.
    lead: AnyView,
    children: Children,
) -> impl IntoView {
    view! {
        <Title text=title.clone() />
        <Body attr:class="gate" />
        <a class="skip" href="#main">"Skip to content"</a>
        <main id="main" tabindex="-1">
            <div class="stack gate__box">
                <span class="brand"><BrandSign />" Grantport"</span>
                <div class="stack stack--tight">
                    <h1>{title}</h1>
                    <p class="quiet">{lead}</p>
                </div>
                {children()}
            </div>
        </main>
        <div class="gate__art"><Art /></div>
    }
    .into_any()
}

/// Three applications and their providers, joined by wires; one wire is broken.
#[component]
fn Art() -> impl IntoView {
    view! {
        <svg viewBox="0 0 520 424" role="img" aria-label="Three applications, each joined to its providers by wires; one wire is broken">
            <path class="whole" d="M96 92C250 92 270 50 424 50"></path>
            <path class="whole" d="M96 108C250 108 270 152 424 152"></path>
            <path class="whole" d="M96 200C250 200 270 168 424 168"></path>
            <path class="broken" d="M96 216C250 216 270 256 424 256"></path>
            <path class="whole" d="M96 308C250 308 270 272 424 272"></path>
            <path class="whole" d="M96 324C250 324 270 374 424 374"></path>
            <circle class="lamp" cx="260" cy="71" r="6.5"></circle>
            <circle class="lamp" cx="260" cy="130" r="6.5"></circle>
            <circle class="lamp" cx="260" cy="184" r="6.5"></circle>
            <path class="lamp lamp--bad" d="M260 228l9 15h-18z"></path>
            <circle class="lamp" cx="260" cy="290" r="6.5"></circle>
            <circle class="lamp" cx="260" cy="349" r="6.5"></circle>
            <rect class="ink" x="40" y="72" width="56" height="56" rx="15"></rect>
            <text class="on-ink" x="68" y="106">"Cs"</text>
            <rect class="ink" x="40" y="180" width="56" height="56" rx="15"></rect>
            <text class="on-ink" x="68" y="214">"Gi"</text>
            <rect class="ink" x="40" y="288" width="56" height="56" rx="15"></rect>
            <text class="on-ink" x="68" y="322">"Rd"</text>
            <rect class="mark--2" x="424" y="22" width="56" height="56" rx="15"></rect>
            <text x="452" y="56">"Ap"</text>
            <rect class="mark--7" x="424" y="132" width="56" height="56" rx="15"></rect>
            <text x="452" y="166">"Sf"</text>
            <rect class="mark--9" x="424" y="236" width="56" height="56" rx="15"></rect>
            <text x="452" y="270">"At"</text>
            <rect class="mark--4" x="424" y="346" width="56" height="56" rx="15"></rect>
            <text x="452" y="380">"al"</text>
        </svg>
    }
    .into_any()
}
