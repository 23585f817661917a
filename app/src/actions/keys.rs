//! API keys.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::PortalError;
use leptos::prelude::*;

/// Makes an API key; the page that follows shows it once.
#[server(name = CreateKey, prefix = "/_portal", endpoint = "create_key")]
pub async fn create_key(
    #[server(default)] application: String,
    #[server(default)] name: String,
) -> Result<(), PortalError> {
    let page = address::keys(&application);
    let form = Form::on(page.as_str()).holding("name", &name);
    let outcome = portal()?.create_key(&application, name).await;
    form.answer::<CreateKey>(outcome.map(|()| page)).await
}

/// Revokes an API key.
#[server(name = RevokeKey, prefix = "/_portal", endpoint = "revoke_key")]
pub async fn revoke_key(
    #[server(default)] application: String,
    #[server(default)] key: String,
) -> Result<(), PortalError> {
    let page = address::keys(&application);
    let outcome = portal()?.revoke_key(&application, &key).await;
    Form::on(page.as_str())
        .answer::<RevokeKey>(outcome.map(|()| page))
        .await
}
