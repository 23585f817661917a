//! `/account/confirm`: is it really you? Before what could do much harm (R43).

use super::visit::{query, visit};
use crate::actions::account::Confirm;
use crate::address;
use crate::components::code_field::CodeField;
use crate::components::field::{Kind, TextField};
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::notice::Refusal;
use crate::wire::Field;
use leptos::prelude::*;

/// Password, and code where there is a second factor; then back to where the member was going.
#[component]
pub fn ConfirmPage() -> impl IntoView {
    let action = ServerAction::<Confirm>::new();
    let refused = refusal(action);
    let asked_next = query("next");
    visit(
        Place::Account,
        address::CONFIRM.to_owned(),
        |portal| async move { portal.confirmation().await },
        move |visit, asked| {
            let form = FormState::new(visit.draft, refused);
            let next = address::ours(&form.value("next", &asked_next)).to_owned();
            let back = next.split(['?', '#']).next().unwrap_or_default().to_owned();
            let code = asked
                .asks_for_code
                .then(|| view! { <CodeField form=form.clone() /> });
            view! {
                <Framed frame=visit.frame place=Place::Account title="Confirm that it is you">
                    <PageHead title="Confirm that it is you" lead="What you were about to do asks for a sign-in of the last ten minutes. Nothing was changed yet." />
                    <Refusal form=form.clone() />
                    <section class="panel" aria-label="Confirm">
                        <ActionForm action=action attr:class="stack">
                            <input type="hidden" name="next" value=next />
                            <input class="unseen" type="text" name="username" value=asked.email autocomplete="username" readonly=true tabindex="-1" aria-hidden="true" />
                            <TextField field=Field::CurrentPassword name="password" label="Password" kind=Kind::Secret autocomplete="current-password" required=true form=form />
                            {code}
                            <p class="row">
                                <button class="button button--primary" type="submit">"Confirm"</button>
                                <a class="button button--quiet" href=back>"Go back"</a>
                            </p>
                        </ActionForm>
                    </section>
                    <p class="small quiet">"Then you are back where you were. What you typed there is kept, except passwords and secrets: write those again, and send the form."</p>
                </Framed>
            }
            .into_any()
        },
    )
}
