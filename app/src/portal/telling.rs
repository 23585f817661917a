//! Telling an application's backends what happens: webhook endpoints, and what was delivered to them.

use super::Answer;
use crate::wire::{EndpointForm, EndpointView, WebhooksView};
use async_trait::async_trait;

/// Telling an application's backends what happens: webhook endpoints, and what was delivered to them.
#[async_trait]
pub trait Telling: Send + Sync {
    /// `/apps/{slug}/webhooks`.
    async fn webhooks(&self, application: &str) -> Answer<WebhooksView>;
    /// `/apps/{slug}/webhooks/new`: the application's name. Changes nothing.
    async fn webhook_form(&self, application: &str) -> Answer<String>;
    /// `/apps/{slug}/webhooks/{id}`; `older` is the cursor of a page of its deliveries, or empty. Hands a
    /// secret that was just made over, once.
    async fn webhook(&self, application: &str, id: &str, older: &str) -> Answer<EndpointView>;
    /// Makes an endpoint and keeps its secret, sealed, for the next [`Telling::webhook`] of this session;
    /// answers its id.
    async fn create_webhook(&self, application: &str, form: EndpointForm) -> Answer<String>;
    /// Saves where and which.
    async fn save_webhook(&self, application: &str, id: &str, form: EndpointForm) -> Answer<()>;
    /// Makes a new secret, shown like that of a new endpoint; the one before signs too for a day.
    async fn rotate_webhook_secret(&self, application: &str, id: &str) -> Answer<()>;
    /// Ends the secret before the newest one.
    async fn end_old_webhook_secret(&self, application: &str, id: &str) -> Answer<()>;
    /// Disables an endpoint, or enables it again.
    async fn switch_webhook(&self, application: &str, id: &str, on: bool) -> Answer<()>;
    /// Deletes an endpoint with all that was delivered to it.
    async fn delete_webhook(&self, application: &str, id: &str) -> Answer<()>;
    /// Sends a test event.
    async fn test_webhook(&self, application: &str, id: &str) -> Answer<()>;
    /// Sends a delivery again.
    async fn send_webhook_again(&self, application: &str, id: &str, delivery: &str) -> Answer<()>;
}
