//! The emergency stop: the notice while it holds, and the two forms that begin and end it.

use super::field::{Kind, TextField};
use super::form_state::FormState;
use super::notice::{Notice, Tone};
use super::time::Moment;
use crate::actions::ending::{LetTokensGo, StopTokens};
use crate::address;
use crate::wire::{Field, StopView};
use crate::words::stop as words;
use leptos::prelude::*;

/// What is stopped, since when, by whom and why; and where it is let go again.
#[component]
pub(crate) fn StoppedNotice(slug: String, stop: StopView) -> impl IntoView {
    let open = match &stop.provider {
        Some((provider, _)) => address::provider(&slug, provider),
        None => address::settings(&slug),
    } + "#stop";
    view! {
        <Notice tone=Tone::Bad>
            <div class="stack stack--tight">
                <p>
                    <strong>{words::what(&stop)}" since "<Moment at=stop.since />"."</strong>
                    " "
                    {words::by_whom(&stop)}
                    " "
                    {words::WHILE_STOPPED}
                </p>
                <p><a href=open>"Where they are let go again"</a></p>
            </div>
        </Notice>
    }
    .into_any()
}

/// "Stop all tokens", or "Let tokens go again" where they are stopped.
#[component]
pub(crate) fn EmergencyStop(
    slug: String,
    /// Slug of the provider; empty: of the whole application.
    #[prop(into)]
    provider: String,
    /// What it is called in sentences.
    name: String,
    stop: Option<StopView>,
    form: FormState,
    begin: ServerAction<StopTokens>,
    end: ServerAction<LetTokensGo>,
) -> impl IntoView {
    let body = match stop {
        Some(stop) => view! {
            <p>{words::what(&stop)}" since "<Moment at=stop.since />". "{words::by_whom(&stop)}</p>
            <ActionForm action=end attr:aria-label="Let tokens go again">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="provider" value=provider />
                <div class="bar"><button class="button button--primary" type="submit">"Let tokens go again"</button></div>
            </ActionForm>
        }
        .into_any(),
        None => view! {
            <p class="quiet">{words::offer(&name)}</p>
            <ActionForm action=begin attr:class="stack" attr:aria-label="Stop all tokens">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="provider" value=provider />
                <TextField field=Field::StopReason name="stop_reason" kind=Kind::Text hint="Everybody who looks after this application reads it." required=true form=form.of("stop") />
                <div class="bar"><button class="button button--danger" type="submit">"Stop all tokens"</button></div>
            </ActionForm>
        }
        .into_any(),
    };
    view! {
        <section class="stack" id="stop" aria-labelledby="stop-title">
            <h2 id="stop-title">"Emergency stop"</h2>
            {body}
        </section>
    }
    .into_any()
}
