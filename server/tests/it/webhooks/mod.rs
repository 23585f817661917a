//! What backends are told: the log of events, and their way to endpoints.

mod api;
mod delivering;
mod log;
mod receiver;

use crate::support::seed::{Seed, admin};
use server::domain::{Endpoint, Subscription, WebhookSecret};
use server::store::EndpointSetting;

/// An endpoint of the seed's application at `url`, told of these events; with its secret.
async fn endpoint(seed: &Seed, url: &str, events: &[&str]) -> (Endpoint, WebhookSecret) {
    let secret = WebhookSecret::make();
    let wanted = EndpointSetting {
        url: url.to_owned(),
        description: String::new(),
        events: Subscription::new(events).unwrap(),
    };
    let whose = (&seed.application.organization, &seed.application.id);
    let made = seed
        .store
        .create_endpoint(whose, &wanted, &secret, admin())
        .await
        .unwrap();
    (made.expect("an endpoint"), secret)
}
