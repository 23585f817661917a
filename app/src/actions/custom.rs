//! Custom providers: asking an issuer, saving what was found or written by hand, changing it.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{CustomFields, CustomNote, NewCustomProvider, PortalError, SecretInput};
use leptos::prelude::*;

/// Asks an issuer about itself and shows what it told, to be looked at and saved.
#[server(name = DiscoverIssuer, prefix = "/_portal", endpoint = "discover_issuer")]
pub async fn discover_issuer(
    #[server(default)] application: String,
    #[server(default)] issuer: String,
) -> Result<(), PortalError> {
    let page = address::new_custom_provider(&application);
    let found = match portal()?.discover(&application, &issuer).await {
        Ok(found) => found,
        Err(error) => {
            return Form::on(page)
                .holding("issuer", &issuer)
                .answer::<DiscoverIssuer>(Err(error))
                .await;
        }
    };
    let notes: Vec<String> = CustomNote::NAMES
        .into_iter()
        .filter(|(_, note)| found.notes.contains(note))
        .map(|(name, _)| name.to_owned())
        .collect();
    let form = Form::on(page.as_str())
        .holding("issuer", &found.fields.issuer)
        .holding_custom(&found.fields)
        .holding("scopes", &found.scopes)
        .holding_all("note", &notes);
    let kept = form.keep().await.map(|()| address::again(page));
    form.answer::<DiscoverIssuer>(kept).await
}

/// Saves a new custom provider.
#[server(name = CreateCustomProvider, prefix = "/_portal", endpoint = "create_custom_provider")]
pub async fn create_custom_provider(
    #[server(default)] application: String,
    #[server(default)] custom: CustomFields,
    #[server(default)] client_id: String,
    #[server(default)] client_secret: SecretInput,
    #[server(default)] scopes: String,
    #[server(default)] one_owner_per_account: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::new_custom_provider(&application))
        .holding("issuer", &custom.issuer)
        .holding_custom(&custom)
        .holding("client_id", &client_id)
        .holding("scopes", &scopes)
        .holding("one_owner_per_account", &one_owner_per_account);
    let new = NewCustomProvider {
        fields: custom,
        client_id,
        client_secret,
        scopes,
        one_owner_per_account: !one_owner_per_account.is_empty(),
    };
    let outcome = portal()?.create_custom_provider(&application, new).await;
    form.answer::<CreateCustomProvider>(
        outcome.map(|provider| address::saved(address::provider(&application, &provider))),
    )
    .await
}

/// Saves addresses and habits of a custom provider.
#[server(name = SaveCustom, prefix = "/_portal", endpoint = "save_custom")]
pub async fn save_custom(
    #[server(default)] application: String,
    #[server(default)] provider: String,
    #[server(default)] custom: CustomFields,
    #[server(default)] host_secret: SecretInput,
) -> Result<(), PortalError> {
    let form = Form::on(address::provider(&application, &provider))
        .holding("form", "custom")
        .holding_custom(&custom);
    let outcome = portal()?
        .save_custom(&application, &provider, custom, host_secret)
        .await;
    form.answer_saved::<SaveCustom>(outcome).await
}
