//! The practice provider's place in the server.
//!
//! Its key is derived from the first organization's, so it is the same after every restart and
//! lies nowhere. Before set-up there is no organization, and nothing to practise with.

use super::{Practice, router};
use crate::store::{Store, StoreError};
use crate::vault::Secret;
use axum::Router;
use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use std::sync::Arc;
use tokio::sync::OnceCell;
use tower::ServiceExt;
use url::Url;

/// The practice provider, from the moment on which there is an organization.
#[derive(Clone)]
pub struct PracticeHouse {
    /// `None`: this server is not for practising (its public URL is not loopback).
    public_url: Option<Url>,
    practice: Arc<OnceCell<Arc<Practice>>>,
}

impl PracticeHouse {
    /// At this address; `None` closes it.
    #[must_use]
    pub fn new(public_url: Option<Url>) -> Self {
        Self {
            public_url,
            practice: Arc::default(),
        }
    }

    /// The practice provider, if it is open and there is an organization.
    pub async fn get(&self, store: &Store) -> Result<Option<Arc<Practice>>, StoreError> {
        let Some(public_url) = &self.public_url else {
            return Ok(None);
        };
        if let Some(practice) = self.practice.get() {
            return Ok(Some(Arc::clone(practice)));
        }
        let Some(first) = store.organizations().await?.into_iter().next() else {
            return Ok(None);
        };
        let Ok(key) = store.keyring().derive(&first.id, "practice", b"") else {
            return Ok(None);
        };
        let practice = self
            .practice
            .get_or_init(|| async {
                Practice::new(Secret::new(key), store.clock(), public_url.as_str())
            })
            .await;
        Ok(Some(Arc::clone(practice)))
    }

    /// Everything under `/practice`.
    pub fn routes(self, store: Store) -> Router {
        let state = (self, store);
        Router::new()
            .route("/practice", any(pass_on))
            .route("/practice/{*path}", any(pass_on))
            .with_state(state)
    }
}

async fn pass_on(
    State((house, store)): State<(PracticeHouse, Store)>,
    request: Request<Body>,
) -> Response {
    match house.get(&store).await {
        Ok(Some(practice)) => router(practice).oneshot(request).await.into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => {
            tracing::error!(%error, "the practice provider could not be opened");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}
