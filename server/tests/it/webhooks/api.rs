//! Endpoints and the log through the API, as a backend uses them.

use super::receiver::Receiver;
use crate::support::databases::Database;
use crate::support::seed::{Seed, admin, new_provider};
use crate::support::site::Site;
use axum::body::Body;
use axum::http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::router::router;
use tower::ServiceExt;

struct Backend {
    site: Site,
    seed: Seed,
    key: String,
}

impl Backend {
    async fn new(db: Database) -> Self {
        let seed = Seed::with(&db, new_provider("house")).await;
        let key = ApiKeyText::make();
        seed.store
            .create_api_key(&seed.application, "tests", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        Self {
            site: Site::new(db).await,
            key: key.text.expose().clone(),
            seed,
        }
    }

    async fn ask(&self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.key))
            .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
            .unwrap();
        let answer = router(self.site.state.clone())
            .oneshot(request)
            .await
            .unwrap();
        let status = answer.status().as_u16();
        let bytes = answer.into_body().collect().await.unwrap().to_bytes();
        (status, serde_json::from_slice(&bytes).unwrap_or_default())
    }
}

db_test!(
    a_backend_sets_its_endpoint_up_and_reads_the_log,
    async |db| {
        let backend = Backend::new(db).await;
        let wanted = json!({"url": "https://app.acme.example/hooks", "events": ["connection.*"]});
        let (status, made) = backend.ask("POST", "/webhooks", Some(wanted)).await;
        assert_eq!(status, 201, "{made}");
        let secret = made["secret"].as_str().unwrap().to_owned();
        assert!(secret.starts_with("whsec_"));
        let path = format!("/webhooks/{}", made["id"].as_str().unwrap());
        let (status, shown) = backend.ask("GET", &path, None).await;
        assert_eq!((status, &shown["state"]), (200, &json!("active")));
        assert_eq!(shown["secret"], Value::Null, "it is told once");

        let change = json!({"events": ["token.replaced"], "enabled": false});
        let (status, changed) = backend.ask("PATCH", &path, Some(change)).await;
        assert_eq!((status, &changed["state"]), (200, &json!("disabled")));
        assert_eq!(changed["disabled_reason"], "by_hand");
        let enable = json!({"enabled": true});
        let (_, changed) = backend.ask("PATCH", &path, Some(enable)).await;
        assert_eq!(changed["state"], "active");

        let (status, rotated) = backend
            .ask("POST", &format!("{path}/rotate-secret"), None)
            .await;
        assert_eq!(status, 200);
        assert_ne!(rotated["secret"], json!(secret));
        assert!(rotated["old_secret_until"].is_string());
        let (status, _) = backend
            .ask("DELETE", &format!("{path}/old-secret"), None)
            .await;
        assert_eq!(status, 204);

        let (status, test) = backend.ask("POST", &format!("{path}/test"), None).await;
        assert_eq!(status, 202);
        let (_, list) = backend
            .ask("GET", &format!("{path}/deliveries?limit=1"), None)
            .await;
        assert_eq!(list["data"][0]["id"], test["delivery_id"]);
        assert_eq!(list["data"][0]["payload"]["type"], "webhook.test");
        let again = format!(
            "{path}/deliveries/{}/send-again",
            test["delivery_id"].as_str().unwrap()
        );
        assert_eq!(backend.ask("POST", &again, None).await.0, 202);

        backend.seed.connect("mia").await;
        backend.seed.connect("noah").await;
        backend.site.state.store.place_events().await.unwrap();
        let (status, log) = backend
            .ask("GET", "/events?limit=1&type=connection.*", None)
            .await;
        assert_eq!(status, 200);
        assert_eq!(log["data"][0]["type"], "connection.created");
        assert_eq!(log["data"][0]["data"]["end_user_id"], "mia");
        assert!(log["data"][0]["id"].as_str().unwrap().starts_with("evt_"));
        assert_eq!(log["has_more"], true);
        let next = log["next_cursor"].as_str().unwrap();
        let (_, log) = backend
            .ask("GET", &format!("/events?after={next}"), None)
            .await;
        assert_eq!(log["data"][0]["data"]["end_user_id"], "noah");
        assert_eq!(log["has_more"], false);
        let (status, problem) = backend.ask("GET", "/events?after=99", None).await;
        assert_eq!((status, &problem["code"]), (410, &json!("cursor_expired")));

        assert_eq!(backend.ask("DELETE", &path, None).await.0, 204);
        assert_eq!(backend.ask("GET", &path, None).await.0, 404);
        for wrong in [
            "/events?after=x",
            "/events?type=nonsense",
            "/events?limit=0",
        ] {
            assert_eq!(backend.ask("GET", wrong, None).await.0, 422, "{wrong}");
        }
    }
);

db_test!(an_address_inside_is_refused_when_it_is_saved, async |db| {
    let backend = Backend::new(db).await;
    let receiver = Receiver::start().await;
    for url in [
        receiver.url.as_str(),
        "http://app.acme.example/hooks",
        "https://127.0.0.1/hooks",
        "https://[::ffff:127.0.0.1]/hooks",
        "https://2130706433/hooks",
        "https://localhost/hooks",
        "https://user:secret@app.acme.example/",
        "https://app.acme.example:22/",
        "file:///etc/passwd",
        "hooks",
    ] {
        let wanted = json!({"url": url, "events": ["*"]});
        let (status, problem) = backend.ask("POST", "/webhooks", Some(wanted)).await;
        assert_eq!(status, 422, "{url}: {problem}");
    }
    for events in [json!([]), json!(["nonsense"]), json!(["webhook.test"])] {
        let wanted = json!({"url": "https://app.acme.example/", "events": events});
        assert_eq!(backend.ask("POST", "/webhooks", Some(wanted)).await.0, 422);
    }
});
