//! The client secrets of a provider: which is in use, which are kept, and a field for a new one.

use crate::actions::providers::{AddClientSecret, RemoveClientSecret};
use crate::components::field::{Kind, TextField};
use crate::components::form_state::FormState;
use crate::components::lamp::State;
use crate::components::time::{Day, Moment};
use crate::wire::{Field, SecretHint, SecretUse};
use crate::words::{number, provider};
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
                    hint="The next refresh tries it, and only then it is used for all. The old one stays until nothing uses it."
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
                            <th scope="col">"Connections"</th>
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
    let (lamp, used, more, at) = provider::secret_use(&secret.used);
    let at = at.map(|at| view! { <Moment at=at /> });
    let client_id = match &secret.used {
        SecretUse::EarlierClientId { client_id, .. } => {
            let client_id = client_id.clone();
            Some(view! { <small>"Client ID "<code>{client_id}</code></small> })
        }
        _ => None,
    };
    let since = secret.used_since.map(|since| {
        view! { <small>"Since "<Day at=since /></small> }
    });
    let named = match secret.ends_in.as_str() {
        "" => " the secret".to_owned(),
        end => format!(" the secret that ends in {end}"),
    };
    let away = may.then(|| {
        view! {
            <td>
                {secret
                    .removable
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
            <th scope="row"><span>{words}{end.map(|end| view! { <code>{end}</code> })}{client_id}</span></th>
            <td data-label="Use"><span><State lamp=lamp words=used /><small>{more}{at}</small></span></td>
            <td data-label="Connections"><span><span class="num">{number::grouped(secret.connections)}</span>{since}</span></td>
            <td data-label="Added"><span><Day at=secret.added_at />" by "{secret.added_by}</span></td>
            {away}
        </tr>
    }
    .into_any()
}

/// The secret that comes with another Client ID.
#[component]
pub(crate) fn SecretOfNewId(form: FormState) -> impl IntoView {
    view! {
        <TextField
            field=Field::NewClientSecret
            name="new_client_secret"
            kind=Kind::Secret
            hint="Only when the Client ID changes. The secrets above stay with the Client ID they came with, and its connections go on refreshing."
            form=form
        />
    }
    .into_any()
}
