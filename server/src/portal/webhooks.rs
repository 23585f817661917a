//! Webhook endpoints: set up, their secrets shown once, and what was delivered to them.

use super::fields::{Findings, optional_line};
use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::{
    Application, Attempt, Delivery, Endpoint, MOST_ENDPOINTS, Member, Subscription, Timestamp,
    WebhookSecret,
};
use crate::oauth::policy::Refusal;
use crate::store::EndpointSetting;
use crate::webhooks::{WrongAddress, vet_address};
use app::portal::{Answer, Telling};
use app::wire::{
    AttemptRow, DeliveryRow, DisabledReason, EndpointForm, EndpointSummary, EndpointView, Field,
    NewWebhookSecret, PortalError, Problem, WebhooksView,
};
use async_trait::async_trait;

/// Deliveries on a page.
const PAGE: usize = 25;

/// Under this name a new secret waits in the session for its page.
fn kept(endpoint: &str) -> String {
    format!("webhook {endpoint}")
}

#[async_trait]
impl Telling for PortalRequest {
    async fn webhooks(&self, application: &str) -> Answer<WebhooksView> {
        let (_, application) = self.within(Task::ReadConfiguration, application).await?;
        let endpoints = self
            .state
            .store
            .endpoints(&application.id)
            .await
            .or_fail()?;
        Ok(WebhooksView {
            application: application.name,
            endpoints: endpoints.iter().map(summary).collect(),
        })
    }

    async fn webhook_form(&self, application: &str) -> Answer<String> {
        let (_, application) = self.within(Task::Configure, application).await?;
        Ok(application.name)
    }

    async fn webhook(&self, application: &str, id: &str, older: &str) -> Answer<EndpointView> {
        let (member, application, endpoint) = self
            .within_webhook(Task::ReadConfiguration, application, id)
            .await?;
        let before = Some(older).filter(|older| !older.is_empty());
        let page = self.state.store.deliveries(&endpoint, before, PAGE).await;
        let page = page.or_fail()?.ok_or(PortalError::NotFound)?;
        let secret = self
            .session
            .take_secret(&kept(endpoint.id.as_str()), &member.organization)
            .await?;
        Ok(EndpointView {
            application: application.name,
            endpoint: summary(&endpoint),
            created_by: endpoint.created_by,
            created_at: endpoint.created_at.millis(),
            old_secret_until: endpoint.old_secret_until.map(Timestamp::millis),
            secret: secret.map(|secret| NewWebhookSecret(secret.expose().clone())),
            deliveries: page.deliveries.into_iter().map(delivery).collect(),
            older: page.next,
        })
    }

    async fn create_webhook(&self, application: &str, form: EndpointForm) -> Answer<String> {
        let (member, application) = self.within(Task::ManageWebhooks, application).await?;
        let wanted = self.endpoint_setting(form).await?;
        let secret = WebhookSecret::make();
        let whose = (&application.organization, &application.id);
        let made = self
            .state
            .store
            .create_endpoint(whose, &wanted, &secret, actor(&member))
            .await
            .or_fail()?;
        let most = u32::try_from(MOST_ENDPOINTS).unwrap_or(u32::MAX);
        let full = || PortalError::field(Field::WebhookUrl, Problem::TooMany(most));
        let made = made.ok_or_else(full)?;
        self.show_secret_once(&member, &made, &secret).await?;
        Ok(made.id.to_string())
    }

    async fn save_webhook(&self, application: &str, id: &str, form: EndpointForm) -> Answer<()> {
        let (member, _, endpoint) = self
            .within_webhook(Task::ManageWebhooks, application, id)
            .await?;
        let wanted = self.endpoint_setting(form).await?;
        let store = &self.state.store;
        store
            .update_endpoint(&endpoint, &wanted, actor(&member))
            .await
            .or_fail()
    }

    async fn rotate_webhook_secret(&self, application: &str, id: &str) -> Answer<()> {
        let (member, _, endpoint) = self
            .within_webhook(Task::ManageWebhooks, application, id)
            .await?;
        let secret = WebhookSecret::make();
        self.state
            .store
            .rotate_endpoint_secret(&endpoint, &secret, actor(&member))
            .await
            .or_fail()?;
        self.show_secret_once(&member, &endpoint, &secret).await
    }

    async fn end_old_webhook_secret(&self, application: &str, id: &str) -> Answer<()> {
        let (member, _, endpoint) = self
            .within_webhook(Task::ManageWebhooks, application, id)
            .await?;
        let store = &self.state.store;
        store
            .end_old_secret(&endpoint, actor(&member))
            .await
            .or_fail()
    }

    async fn switch_webhook(&self, application: &str, id: &str, on: bool) -> Answer<()> {
        let (member, _, endpoint) = self
            .within_webhook(Task::ManageWebhooks, application, id)
            .await?;
        let (store, by) = (&self.state.store, actor(&member));
        if on {
            store.enable_endpoint(&endpoint, by).await.or_fail()
        } else {
            let reason = DisabledReason::ByHand;
            store
                .disable_endpoint(&endpoint, reason, by)
                .await
                .or_fail()
        }
    }

    async fn delete_webhook(&self, application: &str, id: &str) -> Answer<()> {
        let (member, _, endpoint) = self
            .within_webhook(Task::ManageWebhooks, application, id)
            .await?;
        let store = &self.state.store;
        store
            .delete_endpoint(&endpoint, actor(&member))
            .await
            .or_fail()
    }

    async fn test_webhook(&self, application: &str, id: &str) -> Answer<()> {
        let (_, _, endpoint) = self
            .within_webhook(Task::Configure, application, id)
            .await?;
        self.state.store.send_test(&endpoint).await.or_fail()?;
        Ok(())
    }

    async fn send_webhook_again(&self, application: &str, id: &str, delivery: &str) -> Answer<()> {
        let (_, _, endpoint) = self
            .within_webhook(Task::Configure, application, id)
            .await?;
        let sent = self.state.store.send_again(&endpoint, delivery).await;
        if sent.or_fail()? {
            Ok(())
        } else {
            Err(PortalError::NotFound)
        }
    }
}

impl PortalRequest {
    async fn within_webhook(
        &self,
        task: Task,
        application: &str,
        id: &str,
    ) -> Answer<(Member, Application, Endpoint)> {
        let (member, application) = self.within(task, application).await?;
        let found = self.state.store.endpoint(&application.id, id).await;
        let endpoint = found.or_fail()?.ok_or(PortalError::NotFound)?;
        Ok((member, application, endpoint))
    }

    async fn endpoint_setting(&self, form: EndpointForm) -> Answer<EndpointSetting> {
        let mut findings = Findings::default();
        let url = self.vetted_url(&form.url).await;
        let url = findings.check(Field::WebhookUrl, url);
        let description = optional_line(&form.description);
        let description = findings.check(Field::WebhookDescription, description);
        let events = match Subscription::new(&form.events) {
            Ok(events) => Ok(events),
            Err(_) if form.events.is_empty() => Err(Problem::Missing),
            Err(_) => Err(Problem::NotAChoice),
        };
        let events = findings.check(Field::WebhookEvents, events);
        let all = url.zip(description).zip(events);
        findings.or(all.map(|((url, description), events)| EndpointSetting {
            url,
            description,
            events,
        }))
    }

    async fn vetted_url(&self, text: &str) -> Result<String, Problem> {
        if text.trim().is_empty() {
            return Err(Problem::Missing);
        }
        let vetted = vet_address(self.state.upstreams.egress(), text).await;
        vetted.map_err(|wrong| match wrong {
            WrongAddress::NotAUrl
            | WrongAddress::Refused(
                Refusal::Scheme | Refusal::NoHost | Refusal::Credentials | Refusal::Fragment,
            ) => Problem::NotHttps,
            WrongAddress::Refused(Refusal::Literal | Refusal::Port | Refusal::NotPublic) => {
                Problem::Forbidden
            }
        })
    }

    async fn show_secret_once(
        &self,
        member: &Member,
        endpoint: &Endpoint,
        secret: &WebhookSecret,
    ) -> Answer<()> {
        let name = kept(endpoint.id.as_str());
        self.session
            .keep_secret(&name, &member.organization, &secret.text)
            .await
    }
}

fn summary(endpoint: &Endpoint) -> EndpointSummary {
    EndpointSummary {
        id: endpoint.id.to_string(),
        url: endpoint.url.clone(),
        description: endpoint.description.clone(),
        events: endpoint.events.words().to_vec(),
        state: endpoint.state(),
        delivered_at: endpoint.delivered_at.map(Timestamp::millis),
    }
}

fn delivery(delivery: Delivery) -> DeliveryRow {
    DeliveryRow {
        id: delivery.id.to_string(),
        event: delivery.event.to_string(),
        kind: delivery.kind.as_str().to_owned(),
        at: delivery.at.millis(),
        state: delivery.state,
        next_try_at: delivery.next_try_at.map(Timestamp::millis),
        payload: delivery.body,
        attempts: delivery.attempts.into_iter().map(attempt).collect(),
    }
}

fn attempt(attempt: Attempt) -> AttemptRow {
    AttemptRow {
        number: u32::try_from(attempt.number).unwrap_or(u32::MAX),
        at: attempt.at.millis(),
        took_ms: u32::try_from(attempt.took.as_millis()).unwrap_or(u32::MAX),
        outcome: attempt.outcome,
        status: attempt.status,
        answer: attempt.answer,
    }
}
