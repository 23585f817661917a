//! One thing that is so or not: a box to tick, and what it means.

use super::field::Hint;
use super::form_state::FormState;
use leptos::prelude::*;

/// A box to tick, with what it means below. The form sends `yes` under `name` where it is ticked.
#[component]
pub(crate) fn Tick(
    name: &'static str,
    label: &'static str,
    #[prop(into)] hint: String,
    saved: bool,
    form: FormState,
) -> impl IntoView {
    let checked = form.ticked(name, "yes", saved);
    view! {
        <div class="field">
            <label class="check">
                <input type="checkbox" name=name value="yes" checked=checked aria-describedby=format!("{name}-hint") />
                <span>{label}</span>
            </label>
            <Hint id=name hint=hint />
        </div>
    }
    .into_any()
}

/// Whether an external account may serve several owners.
#[component]
pub(crate) fn OneOwnerPerAccount(saved: bool, form: FormState) -> impl IntoView {
    view! {
        <Tick
            name="one_owner_per_account"
            label="One owner per account"
            hint="An external account may serve one owner only: whoever connects an account that someone else has connected is told so, and nothing changes."
            saved=saved
            form=form
        />
    }
    .into_any()
}

/// Whether a team answers for a person who has no connection that works.
#[component]
pub(crate) fn TeamFallback(saved: bool, form: FormState) -> impl IntoView {
    view! {
        <Tick
            name="team_fallback"
            label="Let the team’s connection stand in"
            hint="A person’s own connection always comes first. Where they have none that works, their team’s answers. Take the tick away where acting as someone else would be wrong, such as sending mail."
            saved=saved
            form=form
        />
    }
    .into_any()
}
