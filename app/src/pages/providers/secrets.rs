//! The client secrets of a provider: which is in use, which are kept, and a field for a new one.

use crate::actions::providers::{AddClientSecret, RemoveClientSecret};
use crate::components::field::{Kind, TextField};
use crate::components::form_state::FormState;
use crate::components::lamp::{Lamp, State};
use crate::components::time::Day;
use crate::wire::{Field, SecretHint};
use crate::words::provider;
use leptos::prelude::*;

/// The table of secrets, and the form that adds one.
#[component]
pub(crate) fn Secrets(
    slug: String,
    provider: String,
    secrets: Vec<SecretHint>,
    may: bool,
    form: FormState,
    add: ServerAction<AddClientSecret>,
    remove: ServerAction<RemoveClientSecret>,
) -> impl IntoView {
    let rows = secrets
        .into_iter()
        .map(|secret| {
            view! { <Row slug=slug.clone() provider=provider.clone() secret=secret may=may remove=remove /> }
        })
        .collect_view();
    let new = may.then(|| {
        view! {
            <ActionForm action=add attr:class="stack stack--tight">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="provider" value=provider />
                <TextField
                    field=Field::ClientSecret
                    name="client_secret"
                    kind=Kind::Secret
                    label="Add a Client Secret"
                    hint="It is used from now on. The old one stays until you remove it."
                    required=true
                    form=form
                />
                <p><button class="button" type="submit">"Add"</button></p>
            </ActionForm>
        }
    });
    view! {
        <div class="stack stack--tight">
            <h3 id="secrets">"Client Secrets"</h3>
            <div class="sheet">
                <table class="table table--stack" aria-labelledby="secrets">
                    <thead>
                        <tr>
                            <th scope="col">"Secret"</th>
                            <th scope="col">"Use"</th>
                            <th scope="col">"Added"</th>
                            {may.then(|| view! { <th scope="col"><span class="unseen">"Remove"</span></th> })}
                        </tr>
                    </thead>
                    <tbody>
                        {rows}
                    </tbody>
                </table>
            </div>
            {new}
        </div>
    }
    .into_any()
}

#[component]
fn Row(
    slug: String,
    provider: String,
    secret: SecretHint,
    may: bool,
    remove: ServerAction<RemoveClientSecret>,
) -> impl IntoView {
    let (words, end) = provider::secret_set(&secret);
    let (lamp, used) = if secret.in_use {
        (Lamp::Active, "In use")
    } else {
        (Lamp::Waiting, "Kept")
    };
    let named = match secret.ends_in.as_str() {
        "" => " the kept secret".to_owned(),
        end => format!(" the secret that ends in {end}"),
    };
    let away = may.then(|| {
        view! {
            <td>
                {(!secret.in_use)
                    .then(|| {
                        view! {
                            <ActionForm action=remove>
                                <input type="hidden" name="application" value=slug />
                                <input type="hidden" name="provider" value=provider />
                                <input type="hidden" name="secret" value=secret.id />
                                <button class="button button--small button--warned" type="submit">
                                    "Remove"
                                    <span class="unseen">{named}</span>
                                </button>
                            </ActionForm>
                        }
                    })}
            </td>
        }
    });
    view! {
        <tr>
            <th scope="row">{words}{end.map(|end| view! { <code>{end}</code> })}</th>
            <td data-label="Use"><State lamp=lamp words=used /></td>
            <td data-label="Added"><span><Day at=secret.added_at />" by "{secret.added_by}</span></td>
            {away}
        </tr>
    }
    .into_any()
}
