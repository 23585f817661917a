//! Webhook endpoints, and what was delivered to them.

use super::sample::{DAY, MINUTE, NOW, SamplePortal};
use crate::portal::{Answer, Telling};
use crate::wire::*;
use async_trait::async_trait;

fn summary(id: &str) -> EndpointSummary {
    EndpointSummary {
        id: id.into(),
        url: "https://app.acme.example/hooks".into(),
        description: "CRM backend".into(),
        events: vec!["connection.*".into()],
        state: match id {
            "whk_gone" => EndpointState::Disabled {
                since: NOW - DAY,
                reason: DisabledReason::Gone,
            },
            "whk_failing" => EndpointState::Failing { since: NOW - DAY },
            _ => EndpointState::Active,
        },
        delivered_at: Some(NOW - 4 * MINUTE),
    }
}

fn delivery(id: &str, state: DeliveryState) -> DeliveryRow {
    DeliveryRow {
        id: id.into(),
        event: "evt_4Vt9".into(),
        kind: "connection.revoked".into(),
        at: NOW - 5 * MINUTE,
        state,
        next_try_at: (state == DeliveryState::Waiting).then_some(NOW + MINUTE),
        payload: r#"{"type":"connection.revoked"}"#.into(),
        attempts: vec![AttemptRow {
            number: 1,
            at: NOW - 4 * MINUTE,
            took_ms: 120,
            outcome: SendOutcome::Refused,
            status: Some(500),
            answer: Some("<script>alert(1)</script>".into()),
        }],
    }
}

#[async_trait]
impl Telling for SamplePortal {
    async fn webhooks(&self, application: &str) -> Answer<WebhooksView> {
        self.known(application)?;
        let ids = ["whk_active", "whk_failing", "whk_gone"];
        Ok(WebhooksView {
            application: "CRM Sync".into(),
            endpoints: if self.empty {
                vec![]
            } else {
                ids.map(summary).to_vec()
            },
        })
    }

    async fn webhook_form(&self, application: &str) -> Answer<String> {
        self.known(application)?;
        Ok("CRM Sync".into())
    }

    async fn webhook(&self, application: &str, id: &str, _older: &str) -> Answer<EndpointView> {
        self.known(application)?;
        if !id.starts_with("whk_") {
            return Err(PortalError::NotFound);
        }
        Ok(EndpointView {
            application: "CRM Sync".into(),
            endpoint: summary(id),
            created_by: "Mara Lindqvist".into(),
            created_at: NOW - 40 * DAY,
            old_secret_until: Some(NOW + DAY),
            secret: Some(NewWebhookSecret("whsec_sample".into())),
            deliveries: vec![
                delivery("dlv_1", DeliveryState::Waiting),
                delivery("dlv_2", DeliveryState::Failed),
            ],
            older: Some("1.dlv_2".into()),
        })
    }

    async fn create_webhook(&self, _application: &str, _form: EndpointForm) -> Answer<String> {
        self.changed("whk_active".into())
    }

    async fn save_webhook(&self, _application: &str, _id: &str, _form: EndpointForm) -> Answer<()> {
        self.changed(())
    }

    async fn rotate_webhook_secret(&self, _application: &str, _id: &str) -> Answer<()> {
        self.changed(())
    }

    async fn end_old_webhook_secret(&self, _application: &str, _id: &str) -> Answer<()> {
        self.changed(())
    }

    async fn switch_webhook(&self, _application: &str, _id: &str, _on: bool) -> Answer<()> {
        self.changed(())
    }

    async fn delete_webhook(&self, _application: &str, _id: &str) -> Answer<()> {
        self.changed(())
    }

    async fn test_webhook(&self, _application: &str, _id: &str) -> Answer<()> {
        self.changed(())
    }

    async fn send_webhook_again(
        &self,
        _application: &str,
        _id: &str,
        _delivery: &str,
    ) -> Answer<()> {
        self.changed(())
    }
}
