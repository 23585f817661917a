//! Webhook endpoints.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{EndpointForm, PortalError};
use leptos::prelude::*;

fn form_on(page: String, form: &EndpointForm) -> Form {
    Form::on(page)
        .holding("url", &form.url)
        .holding("description", &form.description)
        .holding_all("events[]", &form.events)
}

/// Makes an endpoint; its page shows the secret once.
#[server(name = CreateWebhook, prefix = "/_portal", endpoint = "create_webhook")]
pub async fn create_webhook(
    #[server(default)] application: String,
    #[server(default)] url: String,
    #[server(default)] description: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), PortalError> {
    let wanted = EndpointForm {
        url,
        description,
        events,
    };
    let form = form_on(address::new_webhook(&application), &wanted);
    let outcome = portal()?.create_webhook(&application, wanted).await;
    form.answer::<CreateWebhook>(outcome.map(|id| address::webhook(&application, &id)))
        .await
}

/// Saves where an endpoint is, and which events it is told of.
#[server(name = SaveWebhook, prefix = "/_portal", endpoint = "save_webhook")]
pub async fn save_webhook(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
    #[server(default)] url: String,
    #[server(default)] description: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), PortalError> {
    let wanted = EndpointForm {
        url,
        description,
        events,
    };
    let form = form_on(address::webhook(&application, &webhook), &wanted);
    let outcome = portal()?.save_webhook(&application, &webhook, wanted).await;
    form.answer_saved::<SaveWebhook>(outcome).await
}

/// Makes a new secret; the page that follows shows it once.
#[server(name = RotateWebhookSecret, prefix = "/_portal", endpoint = "rotate_webhook_secret")]
pub async fn rotate_webhook_secret(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .rotate_webhook_secret(&application, &webhook)
        .await;
    Form::on(address::webhook(&application, &webhook))
        .answer_here::<RotateWebhookSecret>(outcome)
        .await
}

/// Ends the secret before the newest one.
#[server(name = EndOldWebhookSecret, prefix = "/_portal", endpoint = "end_old_webhook_secret")]
pub async fn end_old_webhook_secret(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .end_old_webhook_secret(&application, &webhook)
        .await;
    Form::on(address::webhook(&application, &webhook))
        .answer_here::<EndOldWebhookSecret>(outcome)
        .await
}

/// Disables an endpoint (`on` is empty), or enables it again.
#[server(name = SwitchWebhook, prefix = "/_portal", endpoint = "switch_webhook")]
pub async fn switch_webhook(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
    #[server(default)] on: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .switch_webhook(&application, &webhook, !on.is_empty())
        .await;
    Form::on(address::webhook(&application, &webhook))
        .answer_here::<SwitchWebhook>(outcome)
        .await
}

/// Deletes an endpoint.
#[server(name = DeleteWebhook, prefix = "/_portal", endpoint = "delete_webhook")]
pub async fn delete_webhook(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.delete_webhook(&application, &webhook).await;
    Form::on(address::webhook(&application, &webhook))
        .answer::<DeleteWebhook>(outcome.map(|()| address::webhooks(&application)))
        .await
}

/// Sends a test event.
#[server(name = TestWebhook, prefix = "/_portal", endpoint = "test_webhook")]
pub async fn test_webhook(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
) -> Result<(), PortalError> {
    let outcome = portal()?.test_webhook(&application, &webhook).await;
    Form::on(address::webhook(&application, &webhook))
        .answer_here::<TestWebhook>(outcome)
        .await
}

/// Sends a delivery again.
#[server(name = SendWebhookAgain, prefix = "/_portal", endpoint = "send_webhook_again")]
pub async fn send_webhook_again(
    #[server(default)] application: String,
    #[server(default)] webhook: String,
    #[server(default)] delivery: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .send_webhook_again(&application, &webhook, &delivery)
        .await;
    Form::on(address::webhook(&application, &webhook))
        .answer_here::<SendWebhookAgain>(outcome)
        .await
}
