//! The house rules: what an organization asks of its members, and hides from them.

use crate::actions::team::SetRules;
use crate::components::form_state::FormState;
use crate::components::lamp::{Lamp, State};
use crate::components::tick::Tick;
use crate::wire::HouseRules;
use crate::words::team;
use leptos::prelude::*;

/// The rules, and how whoever may set them does.
#[component]
pub(crate) fn Rules(
    rules: HouseRules,
    sets_rules: bool,
    form: FormState,
    action: ServerAction<SetRules>,
) -> impl IntoView {
    let body = if sets_rules {
        view! {
            <ActionForm action=action attr:class="stack">
                <Tick name="second_factor_required" label=team::FACTOR_RULE hint=team::FACTOR_RULE_MEANS saved=rules.second_factor_required form=form.clone() />
                <Tick name="personal_data_masked" label=team::MASK_RULE hint=team::MASK_RULE_MEANS saved=rules.personal_data_masked form=form />
                <div class="bar"><button class="button" type="submit">"Save rules"</button></div>
            </ActionForm>
        }
        .into_any()
    } else {
        view! {
            <dl class="facts">
                <Fact rule=team::FACTOR_RULE on=rules.second_factor_required />
                <Fact rule=team::MASK_RULE on=rules.personal_data_masked />
            </dl>
        }
        .into_any()
    };
    view! {
        <section class="stack" aria-labelledby="rules">
            <h2 id="rules">"House rules"</h2>
            {body}
        </section>
    }
    .into_any()
}

#[component]
fn Fact(rule: &'static str, on: bool) -> impl IntoView {
    let lamp = if on { Lamp::Active } else { Lamp::Waiting };
    view! {
        <div>
            <dt>{rule}</dt>
            <dd><State lamp=lamp words=team::on_or_off(on) /></dd>
        </div>
    }
    .into_any()
}
