//! What passed between us and a provider, kept in memory for whoever asked for it beforehand.
//!
//! The playground shows real requests and real answers: those that the engine made, and not what
//! somebody thinks that it makes. A connection's history tells what a provider answered when a refresh
//! failed. All of it may be secret; what a page may see of it is decided where it is shown.

use super::egress::{EgressAnswer, EgressError, EgressRequest};
use crate::vault::Secret;
use http::{HeaderMap, Method};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use url::Url;

/// One request and what became of it.
#[derive(Debug)]
pub struct Heard {
    /// GET, POST or DELETE.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Beside what the client sets itself.
    pub headers: HeaderMap,
    /// The body, with its secrets.
    pub body: Option<Secret<String>>,
    /// The answer, or why there is none.
    pub answer: Result<HeardAnswer, EgressError>,
}

/// What came back.
#[derive(Debug)]
pub struct HeardAnswer {
    /// The HTTP status.
    pub status: u16,
    /// What it says that its body is.
    pub content_type: Option<String>,
    /// The body, with its secrets.
    pub body: Secret<Vec<u8>>,
}

/// All that was heard, in order.
#[derive(Debug)]
pub struct Overheard(Arc<Mutex<Vec<Heard>>>);

impl Overheard {
    /// Takes out what was heard until now.
    #[must_use]
    pub fn take(&self) -> Vec<Heard> {
        std::mem::take(&mut *lock(&self.0))
    }
}

/// The end that listens.
#[derive(Clone)]
pub(super) struct Ear(Arc<Mutex<Vec<Heard>>>);

impl Ear {
    pub(super) fn new() -> (Self, Overheard) {
        let heard = Arc::default();
        (Self(Arc::clone(&heard)), Overheard(heard))
    }

    /// A request as it leaves; so far without an answer.
    pub(super) fn request(request: &EgressRequest) -> Heard {
        Heard {
            method: request.method.clone(),
            url: request.url.clone(),
            headers: request.headers.clone(),
            body: request
                .body
                .as_ref()
                .map(|body| Secret::new(body.expose().clone())),
            answer: Err(EgressError::Unreached),
        }
    }

    pub(super) fn answer(&self, mut heard: Heard, outcome: &Result<EgressAnswer, EgressError>) {
        heard.answer = match outcome {
            Ok(answer) => Ok(HeardAnswer {
                status: answer.status,
                content_type: answer.content_type.clone(),
                body: Secret::new(answer.body.expose().clone()),
            }),
            Err(error) => Err(*error),
        };
        lock(&self.0).push(heard);
    }
}

fn lock(heard: &Mutex<Vec<Heard>>) -> MutexGuard<'_, Vec<Heard>> {
    heard.lock().unwrap_or_else(PoisonError::into_inner)
}
