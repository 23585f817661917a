//! Requests that are made once, however often they are sent: `Idempotency-Key` (R67,
//! draft-ietf-httpapi-idempotency-key-header).
//!
//! A handler that makes something takes [`Once`] in the place of its body and does its work inside of
//! [`Once::answer`]. With the header, the first request of an API key does the work; the same request sent
//! again within a day gets that answer, byte by byte, and one that is sent meanwhile waits for it. A request
//! that was refused made nothing and is forgotten, so it may be corrected and sent again with the same key.

use super::body::{bytes, read};
use super::key::Caller;
use super::{Api, ApiError};
use crate::caller::carried;
use crate::http::LONGEST_BODY;
use crate::store::{OnceClaim, OnceRequest};
use crate::vault::{Secret, push_part, sha256};
use axum::body::{Body, to_bytes};
use axum::extract::{FromRequest, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use std::time::Duration;
use tokio::time::sleep;
use utoipa::IntoParams;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Marks an answer that was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");
const LONGEST_KEY: usize = 255;
/// How long a request waits for the same one that came before it, and how often it looks.
const LOOKS: u32 = 30;
const BETWEEN_LOOKS: Duration = Duration::from_millis(100);

/// A JSON body with which something is made, once.
pub(super) struct Once<T> {
    body: T,
    /// SHA-256 of the idempotency key, and of method, path and body; `None`: the request is made as often
    /// as it is sent.
    asked: Option<([u8; 32], [u8; 32])>,
}

/// The header, for the documentation of calls that take it.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(
    dead_code,
    reason = "only what is said of it matters; it is read in one place, above"
)]
pub(super) struct IdempotencyKey {
    /// A value of your own, such as a UUID, 1 to 255 visible ASCII characters: the same request sent again
    /// with it within a day makes nothing new and gets the first answer.
    #[param(
        rename = "Idempotency-Key",
        required = false,
        nullable = false,
        max_length = 255
    )]
    key: Option<String>,
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Once<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let key = idempotency_key(request.headers())?;
        let mut content = Vec::new();
        push_part(&mut content, request.method().as_str().as_bytes());
        let path = request.uri().path_and_query();
        push_part(
            &mut content,
            path.map_or("", |path| path.as_str()).as_bytes(),
        );
        let bytes = bytes(request, LONGEST_BODY).await?;
        push_part(&mut content, &bytes);
        Ok(Self {
            body: read(&bytes)?,
            asked: key.map(|key| (key, sha256(&content))),
        })
    }
}

/// SHA-256 of the header: 1 to 255 visible characters, sent once.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<[u8; 32]>, ApiError> {
    let mut sent = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = sent.next() else {
        return Ok(None);
    };
    let key = key.as_bytes();
    let readable = !key.is_empty() && key.iter().all(u8::is_ascii_graphic);
    if sent.next().is_some() || !readable || key.len() > LONGEST_KEY {
        return Err(ApiError::Invalid(format!(
            "`Idempotency-Key` has to be one value of 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID."
        )));
    }
    Ok(Some(sha256(key)))
}

impl<T: Send + 'static> Once<T> {
    /// Does `work` unless its answer is known.
    pub(super) async fn answer<W, F, R>(
        self,
        api: Api,
        caller: Caller,
        work: W,
    ) -> Result<Response, ApiError>
    where
        W: FnOnce(Api, Caller, T) -> F + Send + 'static,
        F: Future<Output = Result<R, ApiError>> + Send + 'static,
        R: IntoResponse,
    {
        let Some((key, content)) = self.asked else {
            return work(api, caller, self.body)
                .await
                .map(IntoResponse::into_response);
        };
        let request = OnceRequest::of(&caller.0, key, content);
        let claim = match api.claim(&request).await? {
            Claimed::Ours(claim) => claim,
            Claimed::Answered(answer) => return Ok(answer),
        };
        // a caller that hangs up must not leave it half done
        let working = tokio::spawn(carried(async move {
            let answered = work(api.clone(), caller, self.body).await;
            let answer =
                answered.map_or_else(IntoResponse::into_response, IntoResponse::into_response);
            api.remember(&request, &claim, answer).await
        }));
        working.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a request that is made once ended before its answer");
            Err(ApiError::Internal)
        })
    }
}

enum Claimed {
    Ours(String),
    Answered(Response),
}

impl Api {
    /// Claims a request, waiting a while for whoever answers it already.
    async fn claim(&self, request: &OnceRequest) -> Result<Claimed, ApiError> {
        for look in 0..LOOKS {
            if look > 0 {
                sleep(BETWEEN_LOOKS).await;
            }
            match self.store.claim_once(request).await? {
                OnceClaim::Ours(claim) => return Ok(Claimed::Ours(claim)),
                OnceClaim::Answered { status, body } => {
                    return Ok(Claimed::Answered(known(status, &body)));
                }
                OnceClaim::OtherRequest => return Err(ApiError::IdempotencyKeyReused),
                OnceClaim::InProgress => {}
            }
        }
        Err(ApiError::InProgress)
    }

    /// Keeps the answer of a request that made something, and lets go of one that did not.
    async fn remember(
        &self,
        request: &OnceRequest,
        claim: &str,
        answer: Response,
    ) -> Result<Response, ApiError> {
        if !answer.status().is_success() {
            self.store.let_once_go(request, claim).await?;
            return Ok(answer);
        }
        let (parts, body) = answer.into_parts();
        // it is ours, and no longer than what we write
        let bytes = to_bytes(body, usize::MAX).await.map_err(|error| {
            tracing::error!(%error, "an answer could not be read back");
            ApiError::Internal
        })?;
        let text = Secret::new(String::from_utf8_lossy(&bytes).into_owned());
        let status = parts.status.as_u16();
        let kept = self.store.remember_answer(request, claim, status, &text);
        if let Err(error) = kept.await {
            // what was made is made: its answer must not get lost as well
            tracing::warn!(%error, "an answer could not be remembered");
        }
        Ok(Response::from_parts(parts, Body::from(bytes)))
    }
}

/// An answer that was given before.
fn known(status: u16, body: &Secret<String>) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (REPLAYED, HeaderValue::from_static("true")),
    ];
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
    (status, headers, body.expose().clone()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_one_visible_value() {
        let of = |values: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(IDEMPOTENCY_KEY, value.parse().expect("a value"));
            }
            idempotency_key(&headers)
        };
        assert!(matches!(of(&[]), Ok(None)));
        assert!(matches!(of(&["7f3a-1"]), Ok(Some(_))));
        assert!(matches!(of(&[&"x".repeat(255)]), Ok(Some(_))));
        for wrong in [&[""][..], &["a b"], &["a", "a"], &[&"x".repeat(256)]] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }
}
