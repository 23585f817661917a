//! Grantport's API, as a backend calls it: with the key, with patience, and with problems told apart.

use reqwest::header::{CONTENT_TYPE, RETRY_AFTER};
use reqwest::{Client, Method, RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use std::error::Error;
use std::fmt;
use std::time::{Duration, Instant};

/// How long a request of our own users may be kept waiting, all in all.
const PATIENCE: Duration = Duration::from_secs(20);

/// Why it did not work.
pub(crate) enum Fault {
    /// The end user has to approve again: send them there.
    ReconnectRequired(String),
    /// Grantport could not do it; the problem says who can mend it and what to do.
    Refused(Value),
    /// Something was not reached, or not understood.
    Broken(Box<dyn Error + Send + Sync>),
}

/// For the log, and so without the link, which is for one person.
impl fmt::Debug for Fault {
    fn fmt(&self, log: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ReconnectRequired(_) => log.write_str("the end user has to approve again"),
            Self::Refused(problem) => write!(log, "{}: {}", problem["code"], problem["detail"]),
            Self::Broken(error) => write!(log, "{error}"),
        }
    }
}

impl<E: Error + Send + Sync + 'static> From<E> for Fault {
    fn from(error: E) -> Self {
        Self::Broken(Box::new(error))
    }
}

/// What an answer that is no success says.
pub(crate) async fn refusal_of(answer: Response) -> Fault {
    let status = answer.status().as_u16();
    let told = answer.bytes().await.unwrap_or_default();
    // what stands between us and Grantport answers in words of its own
    let problem = serde_json::from_slice(&told).unwrap_or_else(
        |_| json!({"code": format!("http_{status}"), "detail": "This is no answer of Grantport."}),
    );
    if problem["code"] == "reconnect_required" {
        Fault::ReconnectRequired(text(&problem["reconnect_url"]).to_owned())
    } else {
        Fault::Refused(problem)
    }
}

/// A text of an answer.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Grantport, for one application.
#[derive(Clone)]
pub(crate) struct Grantport {
    api: String,
    key: String,
    client: Client,
}

impl Grantport {
    pub(crate) fn new(url: &str, key: String, client: Client) -> Self {
        Self {
            api: format!("{url}/api/v1"),
            key,
            client,
        }
    }

    /// A request with the key, to be completed and sent.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let address = format!("{}{path}", self.api);
        self.client.request(method, address).bearer_auth(&self.key)
    }

    pub(crate) async fn get(&self, path: &str) -> Result<Value, Fault> {
        ask(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Result<Value, Fault> {
        ask(with_json(self.request(Method::POST, path), body)).await
    }
}

pub(crate) fn with_json(request: RequestBuilder, body: &Value) -> RequestBuilder {
    request
        .header(CONTENT_TYPE, "application/json")
        .body(body.to_string())
}

/// Sends a request to the API and answers with what it says.
pub(crate) async fn ask(request: RequestBuilder) -> Result<Value, Fault> {
    let passes = |answer: &Response| {
        matches!(
            answer.status(),
            StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
        )
    };
    let answer = send(request, passes).await?;
    if !answer.status().is_success() {
        return Err(refusal_of(answer).await);
    }
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}

/// Sends a request, and once more after each `Retry-After` of an answer that `passes` with time.
pub(crate) async fn send(
    request: RequestBuilder,
    passes: impl Fn(&Response) -> bool,
) -> Result<Response, Fault> {
    let until = Instant::now() + PATIENCE;
    loop {
        let again = request.try_clone();
        let again = again.ok_or_else(|| Fault::Broken("a stream is sent only once".into()))?;
        let answer = again.send().await?;
        let wait = retry_after(&answer).filter(|_| passes(&answer));
        match wait {
            Some(wait) if Instant::now() + wait < until => tokio::time::sleep(wait).await,
            _ => return Ok(answer),
        }
    }
}

fn retry_after(answer: &Response) -> Option<Duration> {
    let seconds = answer.headers().get(RETRY_AFTER)?.to_str().ok()?;
    seconds.parse().ok().map(Duration::from_secs)
}
