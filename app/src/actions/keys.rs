//! API keys.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]
#![expect(
    clippy::too_many_arguments,
    reason = "an argument is a field of the form"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{Field, KeyForm, Overlap, PortalError, Problem};
use leptos::prelude::*;

impl Form {
    /// It held this about a key.
    fn holding_key(self, key: &KeyForm) -> Self {
        self.holding("name", &key.name)
            .holding_all("scopes[]", &key.scopes)
            .holding("sees", &key.sees)
            .holding_all("providers[]", &key.providers)
            .holding("ip_ranges", &key.ip_ranges)
            .holding("expires", &key.expires)
            .holding("rate", &key.rate)
    }
}

/// Makes an API key; the page that follows shows it once.
#[server(name = CreateKey, prefix = "/_portal", endpoint = "create_key")]
pub async fn create_key(
    #[server(default)] application: String,
    #[server(default)] name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] sees: String,
    #[server(default)] providers: Vec<String>,
    #[server(default)] ip_ranges: String,
    #[server(default)] expires: String,
    #[server(default)] rate: String,
) -> Result<(), PortalError> {
    let new = KeyForm {
        name,
        scopes,
        sees,
        providers,
        ip_ranges,
        expires,
        rate,
    };
    let form = Form::on(address::keys(&application)).holding_key(&new);
    let outcome = portal()?.create_key(&application, new).await;
    form.answer_here::<CreateKey>(outcome).await
}

/// Saves what an API key may do.
#[server(name = SaveKey, prefix = "/_portal", endpoint = "save_key")]
pub async fn save_key(
    #[server(default)] application: String,
    #[server(default)] key: String,
    #[server(default)] name: String,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] sees: String,
    #[server(default)] providers: Vec<String>,
    #[server(default)] ip_ranges: String,
    #[server(default)] expires: String,
    #[server(default)] rate: String,
) -> Result<(), PortalError> {
    let change = KeyForm {
        name,
        scopes,
        sees,
        providers,
        ip_ranges,
        expires,
        rate,
    };
    let form = Form::on(address::key(&application, &key)).holding_key(&change);
    let outcome = portal()?.change_key(&application, &key, change).await;
    form.answer_saved::<SaveKey>(outcome).await
}

/// Makes a key that follows this one; its page shows it once.
#[server(name = RotateKey, prefix = "/_portal", endpoint = "rotate_key")]
pub async fn rotate_key(
    #[server(default)] application: String,
    #[server(default)] key: String,
    #[server(default)] overlap: String,
) -> Result<(), PortalError> {
    let outcome = match overlap.parse::<Overlap>() {
        Ok(overlap) => portal()?.rotate_key(&application, &key, overlap).await,
        Err(()) => Err(PortalError::field(Field::Overlap, Problem::NotAChoice)),
    };
    Form::on(address::key(&application, &key))
        .answer::<RotateKey>(outcome.map(|new| address::key(&application, &new)))
        .await
}

/// Deprecates a key, or takes that back.
#[server(name = DeprecateKey, prefix = "/_portal", endpoint = "deprecate_key")]
pub async fn deprecate_key(
    #[server(default)] application: String,
    #[server(default)] key: String,
    #[server(default)] deed: String,
) -> Result<(), PortalError> {
    let deprecated = deed != "undo";
    let outcome = portal()?
        .deprecate_key(&application, &key, deprecated)
        .await;
    Form::on(address::key(&application, &key))
        .answer_saved::<DeprecateKey>(outcome)
        .await
}

/// Revokes an API key.
#[server(name = RevokeKey, prefix = "/_portal", endpoint = "revoke_key")]
pub async fn revoke_key(
    #[server(default)] application: String,
    #[server(default)] key: String,
    #[server(default)] although_used: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .revoke_key(&application, &key, !although_used.is_empty())
        .await;
    Form::on(address::key(&application, &key))
        .answer::<RevokeKey>(outcome.map(|()| address::keys(&application)))
        .await
}
