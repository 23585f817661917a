//! A backend that takes webhooks, on a socket of its own, and does as it is told.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;
use server::domain::WebhookSecret;
use server::oauth::egress::{Egress, Limits};
use server::oauth::policy::OutboundPolicy;
use server::store::Store;
use server::vault::hmac_sha256_under;
use server::webhooks::Courier;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio_util::task::TaskTracker;

/// What arrived.
#[derive(Clone, Debug)]
pub(super) struct Arrived {
    pub(super) id: String,
    pub(super) timestamp: String,
    pub(super) signature: String,
    pub(super) body: String,
}

impl Arrived {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    /// The person whose connection it is about.
    pub(super) fn person(&self) -> String {
        self.json()["data"]["end_user_id"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether one of the signatures is of `secret`, worked out here anew.
    pub(super) fn is_signed_by(&self, secret: &WebhookSecret) -> bool {
        let message = format!("{}.{}.{}", self.id, self.timestamp, self.body);
        let mac = hmac_sha256_under(secret.key().expose(), message.as_bytes());
        let expected = format!("v1,{}", STANDARD.encode(mac));
        self.signature.split(' ').any(|one| one == expected)
    }
}

type Answers = dyn Fn(&Arrived) -> Response + Send + Sync;

struct Inside {
    arrived: Mutex<Vec<Arrived>>,
    answers: Mutex<Box<Answers>>,
}

pub(super) struct Receiver {
    pub(super) url: String,
    port: u16,
    inside: Arc<Inside>,
}

impl Receiver {
    /// One that takes everything.
    pub(super) async fn start() -> Self {
        let inside = Arc::new(Inside {
            arrived: Mutex::default(),
            answers: Mutex::new(Box::new(|_| "taken".into_response())),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let routes = Router::new().fallback(take).with_state(Arc::clone(&inside));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        Self {
            url: format!("http://127.0.0.1:{port}/hooks"),
            port,
            inside,
        }
    }

    /// From now on it answers like this.
    pub(super) fn answers(&self, how: impl Fn(&Arrived) -> Response + Send + Sync + 'static) {
        *self.inside.answers.lock().unwrap() = Box::new(how);
    }

    pub(super) fn arrived(&self) -> Vec<Arrived> {
        self.inside.arrived.lock().unwrap().clone()
    }

    /// The types of what arrived for a person, in this order.
    pub(super) fn told_of(&self, person: &str) -> Vec<String> {
        let arrived = self
            .arrived()
            .into_iter()
            .filter(|one| one.person() == person);
        arrived
            .map(|one| one.json()["type"].as_str().unwrap().to_owned())
            .collect()
    }

    /// A node that may call it, whatever the policy says of its address.
    pub(super) fn node(&self, store: &Store) -> Node {
        let allowed = format!("127.0.0.1:{}", self.port).parse().unwrap();
        Node::of(store, OutboundPolicy::new([allowed]))
    }
}

async fn take(State(inside): State<Arc<Inside>>, headers: HeaderMap, body: Bytes) -> Response {
    let header = |name: &str| {
        let value = headers.get(name).and_then(|value| value.to_str().ok());
        value.unwrap_or_default().to_owned()
    };
    let arrived = Arrived {
        id: header("webhook-id"),
        timestamp: header("webhook-timestamp"),
        signature: header("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap(),
    };
    let answer = inside.answers.lock().unwrap()(&arrived);
    inside.arrived.lock().unwrap().push(arrived);
    answer
}

/// A node that sends webhooks.
pub(super) struct Node {
    courier: Courier,
}

impl Node {
    pub(super) fn of(store: &Store, policy: OutboundPolicy) -> Self {
        let limits = Limits {
            total: Duration::from_secs(2),
            ..Limits::default()
        };
        let egress = Egress::new(policy, limits, store.clock()).unwrap();
        Self {
            courier: Courier::new(store.clone(), egress, server::metrics::Metrics::default()),
        }
    }

    /// One round, to the end of what it began.
    pub(super) async fn round(&self) {
        let tracker = TaskTracker::new();
        self.courier.send_due(&tracker).await.unwrap();
        tracker.close();
        tracker.wait().await;
    }

    /// Rounds until nothing is left that is due now.
    pub(super) async fn rounds(&self) {
        for _ in 0..20 {
            self.round().await;
        }
    }
}
