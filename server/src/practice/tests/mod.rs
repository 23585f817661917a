//! The practice provider as its clients and its people meet it: over HTTP.

mod approving;
mod exchanging;
mod lasting;

use super::*;
use crate::clock::FixedClock;
use crate::domain::Timestamp;
use crate::vault::sha256;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::HashMap;
use tower::ServiceExt;
use url::form_urlencoded::Serializer;

const PUBLIC_URL: &str = "http://127.0.0.1:3000";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A running practice provider with one client.
struct Desk {
    practice: Arc<Practice>,
    clock: Arc<FixedClock>,
    client: ProviderId,
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn error(&self) -> String {
        self.json()["error"].as_str().expect("an error").to_owned()
    }

    fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// The parameters with which the browser is sent back to the client.
    fn sent_back(&self) -> HashMap<String, String> {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.body);
        let url = url::Url::parse(self.header(header::LOCATION)).expect("a URL");
        url.query_pairs().into_owned().collect()
    }
}

/// A token pair.
#[derive(Clone)]
struct Pair {
    access: String,
    refresh: String,
}

impl Pair {
    fn in_reply(reply: &Reply) -> Self {
        assert_eq!(reply.status, StatusCode::OK, "{}", reply.body);
        let text = |name: &str| reply.json()[name].as_str().expect("a token").to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

impl Desk {
    fn open() -> Self {
        let clock = FixedClock::at(Timestamp::from_millis(1_790_000_000_000));
        Self {
            practice: Practice::new(Secret::new([7; 32]), clock.clone(), PUBLIC_URL),
            clock,
            client: ProviderId::random(),
        }
    }

    /// The same after a restart: nothing is remembered, the key is the same.
    fn restarted(&self) -> Self {
        Self {
            practice: Practice::new(Secret::new([7; 32]), self.clock.clone(), PUBLIC_URL),
            clock: Arc::clone(&self.clock),
            client: self.client.clone(),
        }
    }

    async fn send(&self, request: Request<Body>) -> Reply {
        let response = router(Arc::clone(&self.practice))
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).expect("text"),
        }
    }

    async fn get(&self, path: &str) -> Reply {
        let request = Request::get(path).body(Body::empty()).expect("a request");
        self.send(request).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = Request::post(path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        self.send(request).await
    }

    fn redirect_uri(&self) -> String {
        format!("{PUBLIC_URL}/oauth/callback/{}", self.client)
    }

    /// A sound authorization request, with some parameters changed or (empty) left out.
    fn request(&self, changed: &[(&str, &str)]) -> Vec<(String, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(sha256(VERIFIER.as_bytes()));
        let mut fields = vec![
            ("response_type".to_owned(), "code".to_owned()),
            ("client_id".to_owned(), self.client.to_string()),
            ("redirect_uri".to_owned(), self.redirect_uri()),
            ("state".to_owned(), "s+t&a te".to_owned()),
            ("scope".to_owned(), "contacts.read offline".to_owned()),
            ("code_challenge".to_owned(), challenge),
            ("code_challenge_method".to_owned(), "S256".to_owned()),
        ];
        for (name, value) in changed {
            fields.retain(|(known, _)| known != name);
            if !value.is_empty() {
                fields.push(((*name).to_owned(), (*value).to_owned()));
            }
        }
        fields
    }

    async fn ask(&self, changed: &[(&str, &str)]) -> Reply {
        let query = Serializer::new(String::new())
            .extend_pairs(self.request(changed))
            .finish();
        self.get(&format!("/practice/authorize?{query}")).await
    }

    async fn decide(&self, decision: &str, person: &str) -> Reply {
        let fields = self.request(&[("decision", decision), ("person", person)]);
        let fields: Vec<_> = fields
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.post("/practice/authorize", &fields).await
    }

    async fn code(&self) -> String {
        let reply = self.decide("approve", "prac_1002").await;
        reply.sent_back()["code"].clone()
    }

    /// A call of a server, with the client's credentials.
    async fn call(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let (id, secret) = self.practice.credentials_for(&self.client);
        let mut all = vec![
            ("client_id", id.as_str()),
            ("client_secret", secret.expose().as_str()),
        ];
        all.extend_from_slice(fields);
        self.post(path, &all).await
    }

    async fn exchange(&self, code: &str, verifier: &str) -> Reply {
        let redirect_uri = self.redirect_uri();
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect_uri.as_str()),
            ("code_verifier", verifier),
        ];
        self.call("/practice/token", &fields).await
    }

    async fn refresh(&self, token: &str) -> Reply {
        let fields = [("grant_type", "refresh_token"), ("refresh_token", token)];
        self.call("/practice/token", &fields).await
    }

    async fn me(&self, token: &str) -> Reply {
        let request = Request::get("/practice/me")
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .body(Body::empty())
            .expect("a request");
        self.send(request).await
    }

    async fn connected(&self) -> Pair {
        Pair::in_reply(&self.exchange(&self.code().await, VERIFIER).await)
    }
}
