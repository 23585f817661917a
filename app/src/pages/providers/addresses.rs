//! What only a custom provider's page has: where it comes from, its addresses, and the form that
//! changes them.

use crate::actions::custom::SaveCustom;
use crate::components::custom_fields::{CustomFieldset, CustomNotes};
use crate::components::field::{Kind, TextField};
use crate::components::form_state::FormState;
use crate::wire::{CustomFields, CustomView, Field};
use crate::words::custom::origin;
use leptos::prelude::*;

/// The addresses, to be read by everyone and changed by those who may.
#[component]
pub(crate) fn Addresses(
    slug: String,
    provider: String,
    custom: CustomView,
    may: bool,
    form: FormState,
    action: ServerAction<SaveCustom>,
) -> impl IntoView {
    let open = form.is_filled();
    let fields = custom.fields.clone();
    let change = may.then(|| {
        view! {
            <details open=open>
                <summary>"Change the addresses"</summary>
                <ActionForm action=action attr:class="stack" attr:aria-label="Addresses">
                    <input type="hidden" name="application" value=slug />
                    <input type="hidden" name="provider" value=provider />
                    <CustomFieldset saved=fields form=form.clone() />
                    <HostSecret form=form />
                    <div class="bar">
                        <button class="button" type="submit">"Save the addresses"</button>
                        <p class="small quiet">"Connections go on with the new addresses at once."</p>
                    </div>
                </ActionForm>
            </details>
        }
    });
    view! {
        <section class="stack" aria-labelledby="addresses">
            <h2 id="addresses">"Addresses"</h2>
            <p class="quiet">{origin(&custom.fields)}"."</p>
            <CustomNotes notes=custom.notes />
            <AddressFacts fields=custom.fields />
            {change}
        </section>
    }
    .into_any()
}

/// Secrets go where they were made for, so another host needs another one.
#[component]
pub(crate) fn HostSecret(form: FormState) -> impl IntoView {
    view! {
        <TextField
            field=Field::HostSecret
            name="host_secret"
            kind=Kind::Secret
            hint="Only when a host changes: a secret goes where it was made for. It replaces the saved ones."
            form=form
        />
    }
    .into_any()
}

#[component]
fn AddressFacts(fields: CustomFields) -> impl IntoView {
    let auth = match fields.client_auth.as_str() {
        "basic" => "HTTP Basic",
        _ => "In the body",
    };
    let rows = [
        ("Authorize URL", fields.authorize_url),
        ("Token URL", fields.token_url),
        ("Revocation URL", fields.revoke_url),
        ("Profile URL", fields.profile_url),
        ("Introspection URL", fields.introspection_url),
        ("API base URL", fields.api_url),
        ("Account ID", fields.account_id),
        ("Account name", fields.account_label),
    ];
    let rows = rows
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| view! { <div><dt>{name}</dt><dd><code>{value}</code></dd></div> })
        .collect_view();
    view! {
        <dl class="facts">
            {rows}
            <div><dt>"Client authentication"</dt><dd>{auth}</dd></div>
        </dl>
    }
    .into_any()
}
