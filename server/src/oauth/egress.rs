//! The one door to the outside: every request that the server makes goes through [`Egress`].
//!
//! Whoever answers may be broken or hostile, and a refresh token can be used only once. So a request
//! is sent exactly once, on a fresh connection, without redirects, cookies, proxies or
//! decompression; it ends within its deadline; at most so many bytes of the answer are read; and
//! afterwards it is known whether the request can have been received ([`EgressError`]).

use super::overheard::{Ear, Overheard};
use super::policy::{Names, OutboundPolicy, PolicedResolver, Refusal};
use crate::clock::SharedClock;
use crate::vault::Secret;
use http::header::{ACCEPT, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Method};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use time::macros::format_description;
use url::Url;

/// Longest wait that a provider can impose with `Retry-After`.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(1);

/// How long a request may take and how much may come back (R78).
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Name resolution, TCP and TLS together.
    pub connect: Duration,
    /// The whole request, to the last byte of the answer.
    pub total: Duration,
    /// Bytes of the answer's body.
    pub body_bytes: usize,
    /// Headers of the answer.
    pub headers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(5),
            total: Duration::from_secs(15),
            body_bytes: 256 * 1024,
            headers: 100,
        }
    }
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EgressError {
    /// The outbound policy forbids the address. Nothing was sent.
    #[error("not allowed by the outbound policy: {0}")]
    Refused(#[from] Refusal),
    /// No connection: name, TCP, TLS, or the time for all of it. Nothing was sent.
    #[error("the provider could not be reached")]
    Unreached,
    /// Deadline or broken connection after the request may have been received.
    #[error("the request was sent but no complete answer came back")]
    Ambiguous,
    /// The answer was larger than [`Limits`] allow. The request was received.
    #[error("the answer was too large")]
    TooLarge,
}

/// The HTTP client could not be set up, e.g. because the system has no root certificates.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client could not be set up; are the system's root certificates installed?")]
pub struct EgressSetup(#[source] reqwest::Error);

/// A request to a provider.
pub struct EgressRequest {
    /// GET or POST.
    pub method: Method,
    /// Where to.
    pub url: Url,
    /// Beside what the client sets itself.
    pub headers: HeaderMap,
    /// The body, with its secrets.
    pub body: Option<Secret<String>>,
}

impl EgressRequest {
    /// A GET that would like JSON.
    #[must_use]
    pub fn get(url: Url) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        Self {
            method: Method::GET,
            url,
            headers,
            body: None,
        }
    }

    /// A GET as a browser makes it.
    #[must_use]
    pub fn page(url: Url) -> Self {
        let mut request = Self::get(url);
        request
            .headers
            .insert(ACCEPT, HeaderValue::from_static("text/html,*/*;q=0.8"));
        request
    }

    /// A POST that would like JSON.
    #[must_use]
    pub fn post(url: Url, content_type: &'static str, body: String) -> Self {
        let mut request = Self::get(url);
        request.method = Method::POST;
        request
            .headers
            .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        request.body = Some(Secret::new(body));
        request
    }
}

impl fmt::Debug for EgressRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.method, host_of(&self.url))
    }
}

/// How much of an answer's body is wanted.
#[derive(Clone, Copy)]
enum Body {
    /// All of it, or none.
    Whole,
    /// Its beginning, this many bytes.
    Cut(usize),
}

/// What a provider answered.
pub struct EgressAnswer {
    /// The HTTP status.
    pub status: u16,
    /// How long to wait before the next request, at most one hour.
    pub retry_after: Option<Duration>,
    /// What it says that its body is.
    pub content_type: Option<String>,
    /// Where it leads on, which is never followed. It may hold what we sent.
    pub location: Option<Secret<String>>,
    /// The body, which may hold tokens.
    pub body: Secret<Vec<u8>>,
}

impl EgressAnswer {
    /// Any 2xx.
    #[must_use]
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

impl fmt::Debug for EgressAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "status {}, {} bytes",
            self.status,
            self.body.expose().len()
        )
    }
}

/// The HTTP client of the whole server. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    client: reqwest::Client,
    /// For what is passed on: without a deadline of its own, since whoever passes it on has one.
    passing: reqwest::Client,
    policy: Arc<OutboundPolicy>,
    names: Names,
    limits: Limits,
    clock: SharedClock,
    ear: Option<Ear>,
}

impl Egress {
    /// Sets the client up.
    ///
    /// # Errors
    /// When the system has no root certificates.
    pub fn new(
        policy: OutboundPolicy,
        limits: Limits,
        clock: SharedClock,
    ) -> Result<Self, EgressSetup> {
        Self::asking(Names::System, policy, limits, clock)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one client")]
    pub(super) fn asking(
        names: Names,
        policy: OutboundPolicy,
        limits: Limits,
        clock: SharedClock,
    ) -> Result<Self, EgressSetup> {
        // Fails only when a provider is installed already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let policy = Arc::new(policy);
        let client = || {
            reqwest::Client::builder()
                .user_agent(concat!("grantport/", env!("CARGO_PKG_VERSION")))
                .dns_resolver(PolicedResolver {
                    policy: Arc::clone(&policy),
                    names: names.clone(),
                })
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .no_proxy()
                .referer(false)
                .connect_timeout(limits.connect)
                .http1_max_headers(limits.headers)
                // A request on an idle connection that the other side is just closing would leave it
                // unknown whether a refresh token was spent.
                .pool_max_idle_per_host(0)
        };
        let passing = client().build().map_err(EgressSetup)?;
        let client = client()
            .timeout(limits.total)
            .build()
            .map_err(EgressSetup)?;
        Ok(Self {
            client,
            passing,
            policy,
            names,
            limits,
            clock,
            ear: None,
        })
    }

    /// Whether `url` could be called now: for the moment in which an address is saved. A name that
    /// nobody knows passes, since a provider that is down may be saved too.
    pub async fn vet(&self, url: &Url) -> Result<(), Refusal> {
        self.policy.check(url)?;
        let host = url.host_str().unwrap_or_default();
        let asked = tokio::time::timeout(self.limits.connect, self.names.addresses_of(host));
        let Ok(Ok(found)) = asked.await else {
            return Ok(());
        };
        if !found.is_empty() && self.policy.usable(host, found).is_empty() {
            return Err(Refusal::NotPublic);
        }
        Ok(())
    }

    /// The same way out, with everything that passes kept for whoever asked for it.
    #[must_use]
    pub fn overheard(&self) -> (Self, Overheard) {
        let (ear, overheard) = Ear::new();
        let egress = Self {
            ear: Some(ear),
            ..self.clone()
        };
        (egress, overheard)
    }

    /// The outbound policy, for checking addresses before they are saved.
    #[must_use]
    pub fn policy(&self) -> &OutboundPolicy {
        &self.policy
    }

    /// Sends a request once and reads the whole answer, whatever its status.
    pub async fn send(&self, request: EgressRequest) -> Result<EgressAnswer, EgressError> {
        let Some(ear) = &self.ear else {
            return self.send_if_allowed(request).await;
        };
        let heard = Ear::request(&request);
        let outcome = self.send_if_allowed(request).await;
        ear.answer(heard, &outcome);
        outcome
    }

    /// Sends a request once, and reads the answer to its status and the first `most` bytes of its body:
    /// for whoever only wants to know whether it was taken.
    pub async fn send_reading(
        &self,
        request: EgressRequest,
        most: usize,
    ) -> Result<EgressAnswer, EgressError> {
        self.policy.check(&request.url)?;
        self.send_unchecked(request, Body::Cut(most)).await
    }

    async fn send_if_allowed(&self, request: EgressRequest) -> Result<EgressAnswer, EgressError> {
        self.policy.check(&request.url)?;
        let host = host_of(&request.url);
        let method = request.method.clone();
        let outcome = self.send_unchecked(request, Body::Whole).await;
        match &outcome {
            Ok(answer) => {
                tracing::debug!(%method, host, status = answer.status, "provider answered");
            }
            Err(error) => tracing::debug!(%method, host, %error, "provider did not answer"),
        }
        outcome
    }

    async fn send_unchecked(
        &self,
        request: EgressRequest,
        wanted: Body,
    ) -> Result<EgressAnswer, EgressError> {
        let mut outgoing = self
            .client
            .request(request.method, request.url)
            .headers(request.headers);
        if let Some(body) = &request.body {
            outgoing = outgoing.body(body.expose().clone());
        }
        let mut answer = outgoing
            .send()
            .await
            .map_err(|error| what_happened(&error))?;
        if answer.headers().len() > self.limits.headers {
            return Err(EgressError::TooLarge);
        }
        let retry_after = answer
            .headers()
            .get(RETRY_AFTER)
            .and_then(|value| self.retry_after(value));
        let location = answer
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok())
            .map(Secret::from);
        let content_type = answer.headers().get(CONTENT_TYPE);
        let content_type = content_type.and_then(|kind| kind.to_str().ok().map(str::to_owned));
        let status = answer.status().as_u16();
        let mut body = Vec::new();
        while let Some(chunk) = answer
            .chunk()
            .await
            .map_err(|error| what_happened(&error))?
        {
            if let Body::Cut(most) = wanted {
                let room = most.saturating_sub(body.len());
                body.extend_from_slice(&chunk[..room.min(chunk.len())]);
                if body.len() == most {
                    break;
                }
                continue;
            }
            if body.len() + chunk.len() > self.limits.body_bytes {
                return Err(EgressError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(EgressAnswer {
            status,
            retry_after,
            content_type,
            location,
            body: Secret::new(body),
        })
    }

    /// Sends a request of somebody else's once and answers as soon as the head of the answer is there:
    /// both bodies pass as they come. It has no deadline but that for connecting.
    pub async fn pass(
        &self,
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Option<reqwest::Body>,
    ) -> Result<http::Response<reqwest::Body>, EgressError> {
        self.policy.check(&url)?;
        let mut outgoing = self.passing.request(method, url).headers(headers);
        if let Some(body) = body {
            outgoing = outgoing.body(body);
        }
        let answer = outgoing
            .send()
            .await
            .map_err(|error| what_happened(&error))?;
        if answer.headers().len() > self.limits.headers {
            return Err(EgressError::TooLarge);
        }
        Ok(answer.into())
    }

    /// Seconds, or an HTTP date (RFC 9110 section 10.2.3); anything else is ignored.
    pub(crate) fn retry_after(&self, value: &HeaderValue) -> Option<Duration> {
        let text = value.to_str().ok()?.trim();
        let wait = if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            // only digits: what does not fit is simply very long
            Duration::from_secs(text.parse().unwrap_or(u64::MAX))
        } else {
            let date = format_description!(
                "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
            );
            let moment = time::PrimitiveDateTime::parse(text, &date)
                .ok()?
                .assume_utc();
            let ahead = moment
                .unix_timestamp()
                .saturating_sub(self.clock.now().seconds());
            Duration::from_secs(u64::try_from(ahead).unwrap_or(0))
        };
        Some(wait.min(LONGEST_RETRY_AFTER))
    }
}

/// Without path and query: those can hold what an end user typed.
fn host_of(url: &Url) -> String {
    url.host_str().unwrap_or_default().to_owned()
}

/// The error of the HTTP client, as a class. The original names the URL, so it goes no further.
fn what_happened(error: &reqwest::Error) -> EgressError {
    let causes = std::iter::successors(std::error::Error::source(error), |cause| cause.source());
    for cause in causes {
        if let Some(refusal) = cause.downcast_ref::<Refusal>() {
            return EgressError::Refused(*refusal);
        }
    }
    if error.is_connect() || error.is_builder() {
        EgressError::Unreached
    } else {
        EgressError::Ambiguous
    }
}

#[cfg(test)]
mod tests;
