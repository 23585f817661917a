//! Connections that come from elsewhere and that leave, and the instance as a file.

mod applying;
mod command;
mod importing;
mod leaving;

use crate::support::databases::Database;
use crate::support::seed::{Seed, admin, new_provider};
use crate::support::site::{Reply, Site};
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::store::NewProvider;

/// A server with an application, a provider and a backend.
pub(super) struct Stage {
    pub(super) site: Site,
    pub(super) seed: Seed,
    key: String,
}

impl Stage {
    pub(super) async fn new(db: Database) -> Self {
        Self::with(db, new_provider("house")).await
    }

    pub(super) async fn with(db: Database, provider: NewProvider) -> Self {
        let seed = Seed::with(&db, provider).await;
        let key = ApiKeyText::make();
        let kept = db
            .store
            .create_api_key(&seed.application, "mover", &key.hint, &key.hash, admin())
            .await;
        assert!(kept.is_ok());
        Self {
            site: Site::new(db).await,
            seed,
            key: key.text.expose().clone(),
        }
    }

    pub(super) async fn api(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.site.api(&self.key, method, path, body).await
    }

    /// Sends rows, with more in the body, and answers what became of them.
    pub(super) async fn import(&self, query: &str, rows: &[Value], more: &Value) -> Value {
        let mut body = json!({"connections": rows});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let reply = self
            .api("POST", &format!("/connections/import{query}"), &body)
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        reply.json()
    }
}

/// A row of a person, whose account is called like them.
pub(super) fn row(person: &str, access_token: &str, refresh_token: &str) -> Value {
    json!({
        "provider": "house",
        "end_user": {"id": person, "name": format!("{person} Novak")},
        "account": {"id": format!("acc-{person}"), "label": format!("{person}@idp.example")},
        "access_token": access_token,
        "refresh_token": refresh_token,
        "expires_in": 3600,
        "scopes": ["contacts.read"],
        "connected_at": "2026-01-02T03:04:05Z",
    })
}

/// The outcomes of an answer, in their order.
pub(super) fn outcomes(answer: &Value) -> Vec<&str> {
    let data = answer["data"].as_array().expect("a list");
    data.iter()
        .map(|one| one["outcome"].as_str().expect("a word"))
        .collect()
}
