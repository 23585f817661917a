//! The proxy: a backend calls a provider's API through us, and the token never leaves.
//!
//! ```text
//! mod.rs      one call, from its token to the first byte of its answer
//! target.rs   where it goes: its path joined to the provider's base, and nowhere else
//! headers.rs  what of the caller's and of the provider's headers passes
//! body.rs     both bodies, as they come, and how long they may rest
//! places.rs   how many calls are under way: a provider that hangs keeps only its own places
//! memory.rs   what a moment ago taught: who asked for patience, whom a fresh token does not help
//! ```
//!
//! A call is sent once. There is one exception: the provider answers 401, the token that was sent is
//! renewed (by one refresh, however many calls saw it refused), and the body was small enough to be
//! kept. A body is never read into memory otherwise, in either direction. Redirects are not
//! followed: the token belongs to the base and to nothing that it may lead to.

mod body;
mod headers;
mod memory;
mod places;
mod target;

pub use body::LARGEST_KEPT;
pub use target::WrongTarget;

use crate::domain::{ApiKey, Connection, Provider};
use crate::metrics::{Metrics, ProxyOutcome};
use crate::oauth::egress::EgressError;
use crate::store::{Store, StoreError};
use crate::tokens::{Ask, FreshTokens, TokenError, TokenGrant};
use crate::upstreams::{ApiAt, UpstreamError, Upstreams};
use crate::vault::{Secret, sha256};
use axum::body::Body;
use axum::http::header::RETRY_AFTER;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use body::{Answering, Pulse, Sent};
use memory::Memory;
use places::{Place, Places};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use url::Url;

/// How long calls may take and how many may be under way.
#[derive(Clone, Copy, Debug)]
pub struct ProxyLimits {
    /// Between two pieces of a body, and before the head of the answer.
    pub idle: Duration,
    /// The whole call, to the last byte of the answer.
    pub total: Duration,
    /// At a time, of one connection.
    pub per_connection: usize,
    /// At a time, to one provider.
    pub per_provider: usize,
}

impl Default for ProxyLimits {
    fn default() -> Self {
        Self {
            idle: Duration::from_mins(1),
            total: Duration::from_hours(1),
            per_connection: 64,
            per_provider: 256,
        }
    }
}

/// What a backend sent.
pub struct Call {
    /// Any but `CONNECT` and `TRACE`.
    pub method: Method,
    /// What is joined to the base, percent-encoded as it was sent; without a slash before it.
    pub path: String,
    /// Behind the question mark, as it was sent.
    pub query: Option<String>,
    /// All of them.
    pub headers: HeaderMap,
    /// As it comes.
    pub body: Body,
    /// The address here that stands for the provider's base: redirects within it are led through it.
    pub door: String,
}

/// Why a call was not answered by the provider.
#[derive(Debug, thiserror::Error)]
pub enum ProxyError {
    /// The definition does not say where the API is.
    #[error("the definition names no API base")]
    NoBase,
    /// The path leads elsewhere.
    #[error(transparent)]
    Target(#[from] WrongTarget),
    /// The caller's body broke off, or did not come in time.
    #[error("the body did not arrive")]
    NoBody,
    /// As many calls as may be are under way.
    #[error("too many calls are under way")]
    Full,
    /// The provider asked for patience.
    #[error("the provider asked to wait")]
    Patience(Duration),
    /// The outbound policy forbids the address.
    #[error("the outbound policy forbids the provider's API")]
    Forbidden,
    /// No connection came about, or the provider broke it off. Whether it acted is not known.
    #[error("the provider did not answer")]
    Unavailable,
    /// It took longer than it may.
    #[error("the provider did not answer in time")]
    TimedOut,
    /// There is no token.
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The definition is gone, or makes no address.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What became of a 401.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// The call was sent once more, with a fresh token.
    Done,
    /// The token was renewed, but the body is gone: the caller can send the call once more.
    NotPossible,
}

/// What the provider answered.
pub struct Answered {
    /// Its answer, without what is meant for the way between it and us.
    pub response: Response<Body>,
    /// What became of a 401, if there was one that a fresh token could mend.
    pub retry: Option<Retry>,
}

/// Passes calls on. Cheap to clone.
#[derive(Clone)]
pub struct Proxy {
    store: Store,
    upstreams: Upstreams,
    tokens: FreshTokens,
    metrics: Metrics,
    limits: ProxyLimits,
    places: Places,
    memory: Memory,
}

impl Proxy {
    /// With the usual limits.
    #[must_use]
    pub fn new(store: Store, upstreams: Upstreams, tokens: FreshTokens, metrics: Metrics) -> Self {
        Self {
            store,
            upstreams,
            tokens,
            metrics,
            limits: ProxyLimits::default(),
            places: Places::default(),
            memory: Memory::default(),
        }
    }

    /// With other limits.
    #[must_use]
    pub fn within(mut self, limits: ProxyLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Passes a call on for the backend that holds `key`, with the token of `grant`.
    pub async fn call(
        &self,
        key: &ApiKey,
        grant: TokenGrant,
        call: Call,
    ) -> Result<Answered, ProxyError> {
        let answered = self.passed(key, grant, call).await;
        self.metrics.proxied(ProxyOutcome::of(&answered));
        answered
    }

    async fn passed(
        &self,
        key: &ApiKey,
        grant: TokenGrant,
        call: Call,
    ) -> Result<Answered, ProxyError> {
        let connection = &grant.connection;
        let provider = self.provider_of(connection).await?;
        let api = self
            .upstreams
            .api(&provider, connection)?
            .ok_or(ProxyError::NoBase)?;
        let url = target::join(&api.base, &call.path, call.query.as_deref())?;
        let same_call = memory::same_call(&connection.id, &call.method, &url);
        if let Some(wait) = self.memory.patience(&same_call) {
            return Err(ProxyError::Patience(wait));
        }
        let place = self.places.take(connection, &self.limits);
        let place = place.ok_or(ProxyError::Full)?;
        let sent = Sent::of(call.body, self.limits.idle).await;
        let mut under_way = UnderWay {
            proxy: self,
            key,
            api: &api,
            method: call.method,
            url,
            headers: call.headers,
            body: sent.ok_or(ProxyError::NoBody)?,
            pulse: Pulse::default(),
            end: Instant::now() + self.limits.total,
        };
        let (answer, token, retry) = under_way.answer(&grant).await?;
        if let Some(wait) = self.asked_to_wait(&answer) {
            self.memory.be_patient(same_call, wait);
        }
        let way_back = headers::WayBack {
            asked: &under_way.url,
            base: &api.base,
            door: &call.door,
        };
        Ok(Answered {
            response: under_way.passed_back(answer, &token, &way_back, place),
            retry,
        })
    }

    async fn provider_of(&self, connection: &Connection) -> Result<Provider, ProxyError> {
        let found = self.store.provider_by_id(&connection.provider).await?;
        Ok(found.ok_or(UpstreamError::NoDefinition)?)
    }

    /// Another token than the one that was refused, if there is one to be had.
    async fn renewed(
        &self,
        key: &ApiKey,
        connection: &Connection,
        refused: &Secret<String>,
    ) -> Result<Option<Arc<Secret<String>>>, ProxyError> {
        let refused = sha256(refused.expose().as_bytes());
        let ask = Ask {
            rejected: Some(refused),
            ..Ask::default()
        };
        let tokens = &self.tokens;
        match tokens.of_connection(key, connection.id.as_str(), ask).await {
            Ok(fresh) => {
                let is_another = sha256(fresh.access_token.expose().as_bytes()) != refused;
                Ok(is_another.then_some(fresh.access_token))
            }
            // nothing better is known than what the provider said
            Err(TokenError::ProviderUnavailable { .. } | TokenError::Quarantined) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// A provider that has too much to do says for how long (RFC 6585 section 4, RFC 9110 section 10.2.3).
    fn asked_to_wait(&self, answer: &Response<reqwest::Body>) -> Option<Duration> {
        let asks = matches!(
            answer.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        );
        let value = answer.headers().get(RETRY_AFTER).filter(|_| asks)?;
        self.upstreams.egress().retry_after(value)
    }
}

/// One call on its way.
struct UnderWay<'a> {
    proxy: &'a Proxy,
    key: &'a ApiKey,
    api: &'a ApiAt,
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Sent,
    /// Beats when a piece of a body passes.
    pulse: Pulse,
    end: Instant,
}

/// A provider's answer, the token that it answered to, and what became of a 401 before it.
type Heard = (Response<reqwest::Body>, Arc<Secret<String>>, Option<Retry>);

impl UnderWay<'_> {
    /// The answer; that to the second attempt where a fresh token made one worthwhile.
    async fn answer(&mut self, grant: &TokenGrant) -> Result<Heard, ProxyError> {
        let connection = &grant.connection;
        let token = Arc::clone(&grant.access_token);
        self.proxy.tokens.count_proxied(connection, self.key);
        let answer = self.send(&token).await?;
        let memory = &self.proxy.memory;
        if answer.status() != StatusCode::UNAUTHORIZED || memory.is_beyond_tokens(&connection.id) {
            return Ok((answer, token, None));
        }
        let Some(fresh) = self.proxy.renewed(self.key, connection, &token).await? else {
            return Ok((answer, token, None));
        };
        if !self.body.can_be_sent_again() {
            return Ok((answer, token, Some(Retry::NotPossible)));
        }
        drop(answer);
        let answer = self.send(&fresh).await?;
        if answer.status() == StatusCode::UNAUTHORIZED {
            memory.note_beyond_tokens(&connection.id);
        }
        Ok((answer, fresh, Some(Retry::Done)))
    }

    /// Sends the call and waits for the head of its answer.
    async fn send(
        &mut self,
        token: &Secret<String>,
    ) -> Result<Response<reqwest::Body>, ProxyError> {
        let headers =
            headers::to_provider(&self.headers, self.api, token).ok_or(UpstreamError::NoAddress)?;
        let (method, url) = (self.method.clone(), self.url.clone());
        let body = self.body.next(&self.pulse);
        let egress = self.proxy.upstreams.egress();
        let limits = &self.proxy.limits;
        self.pulse.beat();
        let answer = tokio::select! {
            answer = egress.pass(method, url, headers, body) => answer,
            () = self.pulse.rests_for(limits.idle) => return Err(ProxyError::TimedOut),
            () = sleep_until(self.end) => return Err(ProxyError::TimedOut),
        };
        answer.map_err(|error| match error {
            EgressError::Refused(refusal) => {
                tracing::warn!(%refusal, "a provider's API may not be called");
                ProxyError::Forbidden
            }
            EgressError::Unreached | EgressError::Ambiguous | EgressError::TooLarge => {
                ProxyError::Unavailable
            }
        })
    }

    fn passed_back(
        &self,
        answer: Response<reqwest::Body>,
        token: &Secret<String>,
        way_back: &headers::WayBack<'_>,
        place: Place,
    ) -> Response<Body> {
        let (mut parts, body) = answer.into_parts();
        parts.headers = headers::to_caller(&parts.headers, token, way_back);
        parts.extensions.clear();
        parts.version = axum::http::Version::HTTP_11;
        let idle = self.proxy.limits.idle;
        let body = Answering::new(body, idle, self.end, place);
        Response::from_parts(parts, Body::new(body))
    }
}
