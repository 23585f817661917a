//! Providers: adding them, changing them, and their client secrets.

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
use crate::wire::{NewProvider, PortalError, ProviderChange, ProviderSaved, SecretInput};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Saves a new provider.
#[server(name = CreateProvider, prefix = "/_portal", endpoint = "create_provider")]
pub async fn create_provider(
    #[server(default)] application: String,
    #[server(default)] definition: String,
    #[server(default)] client_id: String,
    #[server(default)] client_secret: SecretInput,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] other_scopes: String,
    #[server(default)] one_owner_per_account: String,
    #[server(default)] inputs: BTreeMap<String, String>,
) -> Result<(), PortalError> {
    let form = Form::on(address::new_provider(&application, &definition))
        .holding_inputs(&inputs)
        .holding("client_id", &client_id)
        .holding_all("scopes[]", &scopes)
        .holding("other_scopes", &other_scopes)
        .holding("one_owner_per_account", &one_owner_per_account);
    let new = NewProvider {
        definition,
        client_id,
        client_secret: client_secret.clone(),
        scopes,
        other_scopes,
        one_owner_per_account: !one_owner_per_account.is_empty(),
        inputs,
    };
    let outcome = portal()?.create_provider(&application, new).await;
    let form = form.unswapped(&outcome, client_secret);
    form.answer::<CreateProvider>(
        outcome.map(|provider| address::saved(address::provider(&application, &provider))),
    )
    .await
}

/// Adds the practice provider.
#[server(name = AddPracticeProvider, prefix = "/_portal", endpoint = "add_practice_provider")]
pub async fn add_practice_provider(
    #[server(default)] application: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.add_practice_provider(&application).await;
    Form::on(address::providers(&application))
        .answer::<AddPracticeProvider>(
            outcome.map(|provider| address::saved(address::provider(&application, &provider))),
        )
        .await
}

/// Saves Client ID, scopes and rules; or asks first, on a page that says what changed scopes mean.
#[server(name = SaveProvider, prefix = "/_portal", endpoint = "save_provider")]
pub async fn save_provider(
    #[server(default)] application: String,
    #[server(default)] provider: String,
    #[server(default)] client_id: String,
    #[server(default)] new_client_secret: SecretInput,
    #[server(default)] scopes: Vec<String>,
    #[server(default)] other_scopes: String,
    #[server(default)] one_owner_per_account: String,
    #[server(default)] team_fallback: String,
    #[server(default)] inputs: BTreeMap<String, String>,
    #[server(default)] host_secret: SecretInput,
    #[server(default)] confirmed: String,
) -> Result<(), PortalError> {
    let page = address::provider(&application, &provider);
    let form = Form::on(page.as_str())
        .holding_inputs(&inputs)
        .holding("client_id", &client_id)
        .holding_all("scopes[]", &scopes)
        .holding("other_scopes", &other_scopes)
        .holding("one_owner_per_account", &one_owner_per_account)
        .holding("team_fallback", &team_fallback);
    let change = ProviderChange {
        client_id,
        client_secret: new_client_secret,
        scopes,
        other_scopes,
        one_owner_per_account: !one_owner_per_account.is_empty(),
        team_fallback: !team_fallback.is_empty(),
        inputs,
        host_secret,
        confirmed: !confirmed.is_empty(),
    };
    let outcome = portal()?
        .save_provider(&application, &provider, change)
        .await;
    let form = form.unswapped(&outcome, SecretInput::default());
    let next = match outcome {
        Ok(ProviderSaved::AsksFirst) => form
            .keep()
            .await
            .map(|()| address::scope_preview(&application, &provider)),
        Ok(ProviderSaved::Saved) => Ok(address::saved(page)),
        Err(error) => Err(error),
    };
    form.answer::<SaveProvider>(next).await
}

/// Adds a client secret; the next refresh tries it.
#[server(name = AddClientSecret, prefix = "/_portal", endpoint = "add_client_secret")]
pub async fn add_client_secret(
    #[server(default)] application: String,
    #[server(default)] provider: String,
    #[server(default)] client_secret: SecretInput,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .add_client_secret(&application, &provider, client_secret)
        .await;
    Form::on(address::provider(&application, &provider))
        .answer_saved::<AddClientSecret>(outcome)
        .await
}

/// Removes a client secret that nothing needs.
#[server(name = RemoveClientSecret, prefix = "/_portal", endpoint = "remove_client_secret")]
pub async fn remove_client_secret(
    #[server(default)] application: String,
    #[server(default)] provider: String,
    #[server(default)] secret: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .remove_client_secret(&application, &provider, &secret)
        .await;
    Form::on(address::provider(&application, &provider))
        .answer_saved::<RemoveClientSecret>(outcome)
        .await
}
