//! The addresses of a custom provider and how it likes to be asked: the same fields where one is
//! added and where one is changed.

use super::field::{Kind, TextField};
use super::form_state::FormState;
use super::notice::{Notice, Tone};
use crate::wire::{CustomFields, CustomNote, Field};
use crate::words::custom;
use leptos::prelude::*;

/// Name, addresses and habits. `saved` is what stands in them at first.
#[component]
pub(crate) fn CustomFieldset(saved: CustomFields, form: FormState) -> impl IntoView {
    let hidden = |name: &'static str, saved: &str| {
        let value = form.value(name, saved);
        (!value.is_empty()).then(|| view! { <input type="hidden" name=name value=value /> })
    };
    view! {
        {hidden("custom[issuer]", &saved.issuer)}
        {hidden("custom[issuer_always_sent]", &saved.issuer_always_sent)}
        <TextField field=Field::ProviderName name="custom[name]" saved=saved.name.clone() hint="End users read it on their button: Connect Acme." required=true form=form.clone() />
        <TextField field=Field::AuthorizeUrl name="custom[authorize_url]" kind=Kind::Code saved=saved.authorize_url.clone() hint="Where the browser goes to approve." required=true form=form.clone() />
        <TextField field=Field::TokenUrl name="custom[token_url]" kind=Kind::Code saved=saved.token_url.clone() hint="Where codes and refresh tokens are exchanged. It receives the Client Secret." required=true form=form.clone() />
        <TextField field=Field::RevokeUrl name="custom[revoke_url]" kind=Kind::Code saved=saved.revoke_url.clone() hint="Where grants are ended (RFC 7009). Empty: revoking ends a connection here only." form=form.clone() />
        <TextField field=Field::ProfileUrl name="custom[profile_url]" kind=Kind::Code saved=saved.profile_url.clone() hint="Asked with each new access token whose account it is. Empty: we cannot tell." form=form.clone() />
        <div class="split split--half">
            <TextField field=Field::AccountId name="custom[account_id]" kind=Kind::Code saved=saved.account_id.clone() hint="Where the profile holds a stable id: /sub" form=form.clone() />
            <TextField field=Field::AccountLabel name="custom[account_label]" kind=Kind::Code saved=saved.account_label.clone() hint="And what people recognise: /email" form=form.clone() />
        </div>
        <TextField field=Field::IntrospectionUrl name="custom[introspection_url]" kind=Kind::Code saved=saved.introspection_url.clone() hint="Asked how long a token lasts where the answer does not say (RFC 7662)." form=form.clone() />
        <TextField field=Field::ApiUrl name="custom[api_url]" kind=Kind::Code saved=saved.api_url.clone() hint="What the paths of calls through the proxy are joined to. Empty: the proxy has nowhere to send them." form=form.clone() />
        <Habits saved=saved form=form />
    }
    .into_any()
}

#[component]
fn Habits(saved: CustomFields, form: FormState) -> impl IntoView {
    let radio = |name: &'static str, value: &'static str, saved: &str, first: bool| {
        let chosen = form.value(name, saved);
        let checked = chosen == value || (chosen.is_empty() && first);
        view! { <input type="radio" name=name value=value checked=checked /> }
    };
    let ticked = |name: &'static str, saved: &str| {
        let checked = form.ticked(name, "yes", saved == "yes");
        view! { <input type="checkbox" name=name value="yes" checked=checked /> }
    };
    view! {
        <fieldset class="field">
            <legend class="field__label">"Client authentication"</legend>
            <div class="stack stack--tight">
                <label class="check">
                    {radio("custom[client_auth]", "body", &saved.client_auth, true)}
                    <span>"In the body"</span>
                    <small><code>"client_secret_post"</code></small>
                </label>
                <label class="check">
                    {radio("custom[client_auth]", "basic", &saved.client_auth, false)}
                    <span>"HTTP Basic"</span>
                    <small><code>"client_secret_basic"</code></small>
                </label>
            </div>
        </fieldset>
        <fieldset class="field">
            <legend class="field__label">"Between scopes"</legend>
            <div class="stack stack--tight">
                <label class="check">
                    {radio("custom[scope_separator]", "space", &saved.scope_separator, true)}
                    <span>"A space, as in RFC 6749"</span>
                </label>
                <label class="check">
                    {radio("custom[scope_separator]", "comma", &saved.scope_separator, false)}
                    <span>"A comma"</span>
                </label>
            </div>
        </fieldset>
        <div class="stack stack--tight">
            <label class="check">
                {ticked("custom[pkce]", &saved.pkce)}
                <span>"Send PKCE"</span>
                <small>"S256. It protects the code on its way; leave it off only where the provider refuses it."</small>
            </label>
            <label class="check">
                {ticked("custom[offline_access]", &saved.offline_access)}
                <span>"Always ask for offline_access"</span>
                <small>"Many servers of OpenID Connect give no refresh token without it."</small>
            </label>
        </div>
    }
    .into_any()
}

/// What to look at, in one notice. Nothing when there is nothing.
#[component]
pub(crate) fn CustomNotes(notes: Vec<CustomNote>) -> impl IntoView {
    (!notes.is_empty()).then(|| {
        let sentences = notes
            .into_iter()
            .map(|note| view! { <p>{custom::note(note)}</p> })
            .collect_view();
        view! {
            <Notice tone=Tone::Warn>
                <div class="stack stack--tight">{sentences}</div>
            </Notice>
        }
    })
}
