//! API keys on the running server: what limits them, how one follows another, how often they may ask, and
//! requests that are made once.

mod limits;
mod once;
mod portal;
mod rates;
mod rotation;

use crate::support::databases::Database;
use crate::support::seed::{Seed, admin, new_provider};
use crate::support::site::{Reply, Site};
use axum::body::Body;
use axum::extract::Request;
use serde_json::Value;
use server::api::key::ApiKeyText;
use server::domain::{ApiKeyId, Application, KeyLimits, KeySettings};
use server::store::NewKey;

/// A server with an application of two providers, `house` and `gate`.
struct Stage {
    site: Site,
    seed: Seed,
    /// The same application with its other provider.
    gate: Seed,
}

/// A key with its id.
struct Made {
    id: ApiKeyId,
    text: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        Self::with(db, &[]).await
    }

    async fn with(db: Database, settings: &[(&'static str, &str)]) -> Self {
        let seed = Seed::with(&db, new_provider("house")).await;
        let gate = seed
            .store
            .create_provider(&seed.application, new_provider("gate"), admin())
            .await
            .unwrap();
        let gate = Seed {
            provider: gate,
            ..seed.clone()
        };
        let site = Site::with(db, settings).await;
        Self { site, seed, gate }
    }

    async fn key(&self, settings: &KeySettings) -> Made {
        key_of(&self.seed.application, &self.seed, settings).await
    }

    /// A key that may do everything within these limits.
    async fn limited(&self, limits: KeyLimits) -> Made {
        let settings = KeySettings {
            limits,
            ..KeySettings::unlimited("tests")
        };
        self.key(&settings).await
    }

    async fn get(&self, key: &Made, path: &str) -> Reply {
        self.site.api(&key.text, "GET", path, &Value::Null).await
    }

    /// A request with more headers.
    async fn ask(
        &self,
        key: &Made,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Reply {
        ask(&self.site, key, method, path, headers, body).await
    }
}

async fn ask(
    site: &Site,
    key: &Made,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Reply {
    let mut request = Request::builder()
        .method(method)
        .uri(format!("/api/v1{path}"))
        .header("authorization", format!("Bearer {}", key.text));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::from(body.to_owned())).unwrap();
    site.browser().send(request).await
}

async fn key_of(application: &Application, seed: &Seed, settings: &KeySettings) -> Made {
    let ApiKeyText { text, hash, hint } = ApiKeyText::make();
    let new = NewKey {
        settings,
        hint: &hint,
        hash: &hash,
    };
    let kept = seed.store.keep_api_key(application, &new, admin()).await;
    Made {
        id: kept.unwrap(),
        text: text.expose().clone(),
    }
}

/// Status and code of a problem.
fn problem(reply: &Reply) -> (u16, String) {
    let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), code)
}
