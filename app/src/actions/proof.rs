//! Trying a provider's credentials and redirect URI once more.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::PortalError;
use leptos::prelude::*;

/// Tries a provider again.
#[server(name = TryProvider, prefix = "/_portal", endpoint = "try_provider")]
pub async fn try_provider(
    #[server(default)] application: String,
    #[server(default)] provider: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.try_provider(&application, &provider).await;
    Form::on(address::provider(&application, &provider))
        .answer_here::<TryProvider>(outcome)
        .await
}
