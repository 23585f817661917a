//! The product's backend: makes connections come into being, asks for their tokens, and remembers
//! what it received and when.

use crate::caller::{PATIENCE, post};
use anyhow::{Context as _, ensure};
use http::header::{COOKIE, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::task::JoinSet;

/// Connections that are made at the same time.
const AT_ONCE: usize = 12;

/// An HTTP client that makes a connection for each request, so that none is broken by the end of an
/// earlier process.
#[expect(
    clippy::disallowed_methods,
    reason = "this is no part of the server, and calls only loopback"
)]
pub(crate) fn http() -> anyhow::Result<Client> {
    // fails only when a provider is installed already, which is as good
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0)
        .timeout(PATIENCE)
        .build()?)
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Got {
    Token {
        generation: i64,
        sha256: [u8; 32],
        /// Until then it may be used without asking again.
        cache_until: Option<Instant>,
    },
    Problem {
        status: u16,
        code: String,
        reason: Option<String>,
        retry_after_s: Option<u64>,
    },
    /// Nobody listened.
    Refused,
    /// The connection broke, or nothing came in time.
    Nothing,
}

impl Got {
    pub(crate) fn is_token(&self) -> bool {
        matches!(self, Self::Token { .. })
    }

    /// Status and code, for people.
    pub(crate) fn words(&self) -> String {
        match self {
            Self::Token { generation, .. } => format!("200, generation {generation}"),
            Self::Problem {
                status,
                code,
                reason: Some(reason),
                ..
            } => format!("{status} {code} ({reason})"),
            Self::Problem { status, code, .. } => format!("{status} {code}"),
            Self::Refused => "nobody listened".to_owned(),
            Self::Nothing => "no answer".to_owned(),
        }
    }
}

/// One token call and what it brought.
#[derive(Clone, Debug)]
pub(crate) struct Receipt {
    pub(crate) connection: String,
    pub(crate) started: Instant,
    pub(crate) ended: Instant,
    pub(crate) got: Got,
}

impl Receipt {
    pub(crate) fn took(&self) -> Duration {
        self.ended.duration_since(self.started)
    }
}

/// A connection that was made.
#[derive(Clone, Debug)]
pub(crate) struct Connected {
    pub(crate) id: String,
    /// As the authorization server knows it.
    pub(crate) account: String,
}

/// Cheap to clone.
#[derive(Clone)]
pub(crate) struct Backend {
    http: Client,
    key: Arc<str>,
    /// The processes. The first is where browsers go.
    urls: Arc<[String]>,
    /// The same, where to connect.
    addresses: Arc<[SocketAddr]>,
    receipts: Arc<Mutex<Vec<Receipt>>>,
}

impl Backend {
    pub(crate) fn new(key: &str, urls: &[String]) -> anyhow::Result<Self> {
        Ok(Self {
            http: http()?,
            key: key.into(),
            urls: urls.into(),
            addresses: urls
                .iter()
                .map(|url| address(url))
                .collect::<Result<_, _>>()?,
            receipts: Arc::default(),
        })
    }

    /// The status with which process `node` answers a question about itself: `healthz` or `readyz`.
    pub(crate) async fn status(&self, node: usize, path: &str) -> anyhow::Result<u16> {
        let answer = self.http.get(format!("{}/{path}", self.urls[node]));
        Ok(answer.send().await?.status().as_u16())
    }

    /// All that was received so far.
    pub(crate) fn receipts(&self) -> Vec<Receipt> {
        self.receipts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    /// Asks process `node` for a token, and keeps the receipt.
    pub(crate) async fn token(&self, node: usize, connection: &str) -> Receipt {
        let path = format!("/api/v1/connections/{connection}/token");
        let started = Instant::now();
        let got = match post(self.addresses[node], &path, &self.key).await {
            Ok((status, body)) => read(status, &body).unwrap_or(Got::Nothing),
            Err(error) if error.kind() == ErrorKind::ConnectionRefused => Got::Refused,
            Err(_) => Got::Nothing,
        };
        let receipt = Receipt {
            connection: connection.to_owned(),
            started,
            ended: Instant::now(),
            got,
        };
        self.receipts
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(receipt.clone());
        receipt
    }

    /// Asks once for each connection, all at the same time.
    pub(crate) async fn tokens(&self, node: usize, connections: &[Connected]) -> Vec<Receipt> {
        let mut asking = JoinSet::new();
        for connection in connections {
            let (backend, id) = (self.clone(), connection.id.clone());
            asking.spawn(async move { backend.token(node, &id).await });
        }
        asking.join_all().await
    }

    /// Asks until there is a token or the end user has to act, as a patient backend does: it comes
    /// again when it was asked to, or up to half as late again, so that not all come at once.
    pub(crate) async fn settle(&self, node: usize, connection: &str, longest: Duration) -> Receipt {
        let give_up = Instant::now() + longest;
        loop {
            let receipt = self.token(node, connection).await;
            let wait = match &receipt.got {
                Got::Problem {
                    status: 503,
                    retry_after_s,
                    ..
                } => {
                    let wait = Duration::from_secs(retry_after_s.unwrap_or(1).max(1));
                    wait + wait / 2 * spread(connection) / 256
                }
                Got::Token { .. } | Got::Problem { .. } => return receipt,
                Got::Refused | Got::Nothing => Duration::from_millis(200),
            };
            if Instant::now() + wait >= give_up {
                return receipt;
            }
            tokio::time::sleep(wait).await;
        }
    }

    /// The same for many, all at the same time.
    pub(crate) async fn settle_all(
        &self,
        node: usize,
        connections: &[Connected],
        longest: Duration,
    ) -> Vec<Receipt> {
        let mut asking = JoinSet::new();
        for connection in connections {
            let (backend, id) = (self.clone(), connection.id.clone());
            asking.spawn(async move { backend.settle(node, &id, longest).await });
        }
        asking.join_all().await
    }

    /// Makes connections to this provider, each through the whole connect flow. `progress` hears how
    /// many there are.
    pub(crate) async fn connect(
        &self,
        provider: &str,
        count: usize,
        progress: impl Fn(usize),
    ) -> anyhow::Result<Vec<Connected>> {
        let (mut making, mut made, mut next) = (JoinSet::new(), Vec::new(), 0);
        while made.len() < count {
            while next < count && making.len() < AT_ONCE {
                let (backend, provider) = (self.clone(), provider.to_owned());
                making.spawn(async move { backend.connect_one(&provider, next).await });
                next += 1;
            }
            if let Some(one) = making.join_next().await {
                made.push(one??);
                progress(made.len());
            }
        }
        made.sort_by(|a: &Connected, b| a.account.cmp(&b.account));
        Ok(made)
    }

    /// The link of a new connect session.
    pub(crate) async fn invite(&self, end_user: &str) -> anyhow::Result<String> {
        let session = self.session(end_user).await?;
        Ok(link_of(&session)?.to_owned())
    }

    async fn session(&self, end_user: &str) -> anyhow::Result<Value> {
        let here = &self.urls[0];
        let session = self
            .http
            .post(format!("{here}/api/v1/connect-sessions"))
            .bearer_auth(&self.key)
            .header("content-type", "application/json")
            .body(json!({"end_user": {"id": end_user}}).to_string())
            .send()
            .await?;
        json_of(session).await
    }

    /// Opens an address as a browser would: how long that took, and how many bytes came.
    pub(crate) async fn open(&self, address: &str) -> anyhow::Result<(Duration, usize)> {
        let began = Instant::now();
        let answer = self.http.get(address).send().await?;
        ensure!(
            answer.status().is_success(),
            "{} from {address}",
            answer.status()
        );
        let bytes = answer.bytes().await?.len();
        Ok((began.elapsed(), bytes))
    }

    /// Connect session, click, approval at the provider, callback; then the session tells the id.
    async fn connect_one(&self, provider: &str, number: usize) -> anyhow::Result<Connected> {
        let here = &self.urls[0];
        let session = self.session(&format!("end-user-{number}")).await?;
        let link = link_of(&session)?;
        let click = self
            .http
            .post(format!("{link}/start"))
            .header(ORIGIN, here)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(format!("provider={provider}"))
            .send()
            .await?;
        let cookie = cookie_of(&click).context("the click set no cookie")?;
        let approval = self.http.get(location(&click)?).send().await?;
        let back = self
            .http
            .get(location(&approval)?)
            .header(COOKIE, cookie)
            .send()
            .await?;
        ensure!(
            back.status().is_redirection(),
            "the callback answered {}",
            back.status()
        );
        let id = session["id"]
            .as_str()
            .context("a connect session without an id")?;
        let outcome = self
            .http
            .get(format!("{here}/api/v1/connect-sessions/{id}"))
            .bearer_auth(&self.key)
            .send()
            .await?;
        let outcome = json_of(outcome).await?;
        let connection = &outcome["connections"][0];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        Ok(Connected {
            id: text(&connection["id"])
                .with_context(|| format!("nothing was connected: {outcome}"))?,
            account: text(&connection["account"]["id"])
                .with_context(|| format!("a connection without an account: {connection}"))?,
        })
    }
}

fn link_of(session: &Value) -> anyhow::Result<&str> {
    session["url"]
        .as_str()
        .context("a connect session without a link")
}

fn address(url: &str) -> anyhow::Result<SocketAddr> {
    let address = url.trim_start_matches("http://").parse();
    address.with_context(|| format!("{url} names no address"))
}

fn read(status: u16, body: &[u8]) -> anyhow::Result<Got> {
    let body: Value = serde_json::from_slice(body)?;
    if status != 200 {
        return Ok(Got::Problem {
            status,
            code: body["code"].as_str().unwrap_or_default().to_owned(),
            reason: body["reason"].as_str().map(str::to_owned),
            retry_after_s: body["retry_after_s"].as_u64(),
        });
    }
    let token = body["access_token"].as_str().context("no access token")?;
    Ok(Got::Token {
        generation: body["generation"].as_i64().context("no generation")?,
        sha256: Sha256::digest(token.as_bytes()).into(),
        cache_until: body["cache_until"].as_str().map(moment).transpose()?,
    })
}

/// A date of RFC 3339 on the clock that never jumps.
#[expect(
    clippy::disallowed_methods,
    reason = "this is no part of the server, and holds real clocks against each other"
)]
fn moment(text: &str) -> anyhow::Result<Instant> {
    let from_now = OffsetDateTime::parse(text, &Rfc3339)? - OffsetDateTime::now_utc();
    let now = Instant::now();
    let span = from_now.unsigned_abs();
    let moment = if from_now.is_negative() {
        now.checked_sub(span)
    } else {
        now.checked_add(span)
    };
    moment.with_context(|| format!("{text} is out of reach"))
}

/// 0 to 255, for each connection another.
fn spread(connection: &str) -> u32 {
    Sha256::digest(connection.as_bytes())[0].into()
}

async fn json_of(answer: Response) -> anyhow::Result<Value> {
    let status = answer.status();
    let body = answer.bytes().await?;
    ensure!(
        status.is_success(),
        "{status}: {}",
        String::from_utf8_lossy(&body)
    );
    Ok(serde_json::from_slice(&body)?)
}

fn location(answer: &Response) -> anyhow::Result<String> {
    let status = answer.status();
    let location = answer
        .headers()
        .get(LOCATION)
        .with_context(|| format!("{status} where a redirect was expected"))?;
    Ok(location.to_str()?.to_owned())
}

fn cookie_of(answer: &Response) -> Option<String> {
    let set = answer.headers().get(SET_COOKIE)?.to_str().ok()?;
    Some(set.split(';').next()?.to_owned())
}
