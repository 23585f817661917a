//! What an operator watches: counts, levels and times in the form that Prometheus reads (R109).
//!
//! There is one [`Metrics`] in a process. It is made in `state.rs` and given to whoever has something to tell;
//! nothing is global. Labels come from closed lists and never name a tenant, a provider or a
//! connection (R84). Every series is there from the start, at zero, so that an alert sees the first
//! event as a rise. What each of them means, and what to do about it, stands in
//! `docs/operations.md`.
//!
//! The page is served on an address of its own (`serve.rs`) and never on the public one.

use crate::oauth::classify::Class;
use crate::proxy::{Answered, ProxyError};
use crate::store::{StoreError, Vitals};
use crate::tokens::{TokenError, TokenGrant};
use crate::upstreams::UpstreamError;
use app::wire::{BrokenReason, ConnectionState, SendOutcome};
use axum::Router;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Metric, Registry, Unit};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

/// All names begin like this, with an underscore behind it.
const PREFIX: &str = "grantport";
/// `OpenMetrics` 1.0, which Prometheus reads, and people too.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Up to the deadline of a request to a provider, 15 s.
const REQUEST_SECONDS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 8.0, 12.0, 15.0];
/// Up to the time after which nobody waits for somebody else's lease any more, 25 s.
const LEASE_SECONDS: [f64; 10] = [0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 25.0];
/// From passing at once to standing in line behind a crowd: 5 s for a turn, and as long for a place.
const GATE_SECONDS: [f64; 9] = [0.001, 0.01, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

macro_rules! words {
    ($(#[$about:meta])* $list:ident { $($(#[$doc:meta])* $name:ident = $word:literal,)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $list {
            $($(#[$doc])* $name,)*
        }

        impl $list {
            const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word in labels, in the log and in the history.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }
    };
}

words! {
    /// What came of asking a provider to refresh: tokens, or a class of failure ([`Class`]).
    RefreshClass {
        /// New tokens.
        Ok = "ok",
        /// No connection came about.
        Unreached = "unreached",
        /// Our outbound policy forbids the address.
        ForbiddenAddress = "forbidden_address",
        /// Perhaps it happened, perhaps not.
        Ambiguous = "ambiguous",
        /// The provider asked to wait.
        Throttled = "throttled",
        /// The grant is gone.
        Dead = "dead",
        /// Our client ID or secret was refused.
        ConfigRejected = "config_rejected",
        /// The scopes were refused.
        InvalidScope = "invalid_scope",
        /// An answer that makes no sense.
        Unexpected = "unexpected",
    }
}

impl From<Class> for RefreshClass {
    fn from(class: Class) -> Self {
        match class {
            Class::Unreached => Self::Unreached,
            Class::ForbiddenAddress => Self::ForbiddenAddress,
            Class::Ambiguous => Self::Ambiguous,
            Class::Throttled { .. } => Self::Throttled,
            Class::Dead => Self::Dead,
            Class::ConfigRejected => Self::ConfigRejected,
            Class::InvalidScope => Self::InvalidScope,
            Class::Unexpected => Self::Unexpected,
        }
    }
}

words! {
    /// What a backend got that asked for a connection's token.
    TokenOutcome {
        /// A token.
        HandedOut = "handed_out",
        /// There is no such connection.
        NotFound = "not_found",
        /// The connection was ended on purpose.
        Revoked = "connection_revoked",
        /// All tokens of the application or the provider were stopped.
        Stopped = "stopped",
        /// A person has to approve again.
        ReconnectRequired = "reconnect_required",
        /// The provider refuses our credentials.
        ClientCredentialsRejected = "client_credentials_rejected",
        /// The provider cannot be asked, and no valid token is left.
        ProviderUnavailable = "provider_unavailable",
        /// The provider's definition is gone, or makes no address.
        NotConfigured = "not_configured",
        /// The installation is in quarantine.
        Quarantined = "quarantined",
        /// The database is not available.
        Unavailable = "unavailable",
        /// A fault of ours.
        Internal = "internal",
    }
}

impl TokenOutcome {
    /// Of what the token desk answered.
    #[must_use]
    pub fn of(answer: &Result<TokenGrant, TokenError>) -> Self {
        match answer {
            Ok(_) => Self::HandedOut,
            Err(TokenError::NotFound) => Self::NotFound,
            Err(TokenError::Revoked) => Self::Revoked,
            Err(TokenError::Stopped) => Self::Stopped,
            Err(TokenError::ReconnectRequired { .. }) => Self::ReconnectRequired,
            Err(TokenError::ClientCredentialsRejected) => Self::ClientCredentialsRejected,
            Err(TokenError::ProviderUnavailable { .. }) => Self::ProviderUnavailable,
            Err(TokenError::Quarantined) => Self::Quarantined,
            Err(TokenError::Upstream(UpstreamError::NoDefinition | UpstreamError::NoAddress)) => {
                Self::NotConfigured
            }
            Err(TokenError::Upstream(UpstreamError::Store(error)) | TokenError::Store(error)) => {
                match error {
                    StoreError::Unavailable(_) => Self::Unavailable,
                    _ => Self::Internal,
                }
            }
        }
    }
}

words! {
    /// What came of a call through the proxy.
    ProxyOutcome {
        /// The provider answered, whatever it said.
        Answered = "answered",
        /// It answered with a fault of its own, 5xx.
        Failed = "failed",
        /// It answered 401, also to a fresh token or where none could be had.
        Unauthorized = "unauthorized",
        /// It did not answer.
        Unavailable = "provider_unavailable",
        /// It did not answer in time.
        TimedOut = "provider_timeout",
        /// As many calls as may be were under way.
        Full = "full",
        /// It had asked for patience.
        Patience = "patience",
        /// There was no token to be had.
        NoToken = "no_token",
        /// The call could not be sent: its path, its body, or the provider's definition.
        Refused = "refused",
        /// The database did not answer, or a fault of ours.
        Internal = "internal",
    }
}

impl ProxyOutcome {
    /// Of what the proxy answered.
    #[must_use]
    pub fn of(answer: &Result<Answered, ProxyError>) -> Self {
        match answer {
            Ok(answered) if answered.response.status().is_server_error() => Self::Failed,
            Ok(answered) if answered.response.status().as_u16() == 401 => Self::Unauthorized,
            Ok(_) => Self::Answered,
            Err(ProxyError::Unavailable) => Self::Unavailable,
            Err(ProxyError::TimedOut) => Self::TimedOut,
            Err(ProxyError::Full) => Self::Full,
            Err(ProxyError::Patience(_)) => Self::Patience,
            Err(ProxyError::Token(_)) => Self::NoToken,
            Err(
                ProxyError::NoBase
                | ProxyError::Target(_)
                | ProxyError::NoBody
                | ProxyError::Forbidden
                | ProxyError::Upstream(_),
            ) => Self::Refused,
            Err(ProxyError::Store(_)) => Self::Internal,
        }
    }
}

const STATES: [ConnectionState; 4] = [
    ConnectionState::Active,
    ConnectionState::Degraded,
    ConnectionState::ReconnectRequired,
    ConnectionState::Revoked,
];

/// A series for each word of one label.
type Labelled<M> = Family<[(&'static str, &'static str); 1], M>;
/// A level that is no negative number.
type Level = Gauge<u64, AtomicU64>;
/// A time in seconds.
type Seconds = Gauge<f64, AtomicU64>;

/// The instruments of this process. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Metrics(Arc<Instruments>);

#[derive(Debug)]
struct Instruments {
    registry: Registry,
    refreshes: Labelled<Counter>,
    refresh_seconds: Histogram,
    lease_wait_seconds: Histogram,
    gate_wait_seconds: Histogram,
    commit_retries: Counter,
    reconnects_required: Labelled<Counter>,
    tokens: Labelled<Counter>,
    proxied: Labelled<Counter>,
    recovery_files: Level,
    webhooks: Labelled<Counter>,
    webhook_lag_seconds: Seconds,
    breakers_open: Level,
    hand_outs_unstored: Level,
    database_up: Level,
    intents_open: Level,
    background_due: Level,
    background_lag_seconds: Seconds,
    connections: Labelled<Level>,
    quarantined: Level,
    clock_skew_seconds: Seconds,
}

impl Default for Metrics {
    fn default() -> Self {
        let mut book = Book(Registry::with_prefix(PREFIX));
        Self(Arc::new(Instruments {
            refreshes: book.labelled(
                "refresh",
                "Requests to providers to refresh, by what came of them",
                "class",
                RefreshClass::ALL.iter().map(|class| class.as_str()),
            ),
            refresh_seconds: book.times(
                "refresh",
                "How long providers took over a request to refresh",
                REQUEST_SECONDS,
            ),
            lease_wait_seconds: book.times(
                "lease_wait",
                "How long a refresh waited for the lease of its connection",
                LEASE_SECONDS,
            ),
            gate_wait_seconds: book.times(
                "gate_wait",
                "How long a refresh waited until its provider could be asked",
                GATE_SECONDS,
            ),
            commit_retries: book.plain(
                "commit_retry",
                "Attempts to store new tokens that the database did not take",
            ),
            reconnects_required: book.labelled(
                "reconnect_required",
                "Connections that came to need a person, by reason",
                "reason",
                BrokenReason::ALL.iter().map(|reason| reason.as_str()),
            ),
            tokens: book.labelled(
                "token",
                "Tokens that backends asked for, by what they got",
                "outcome",
                TokenOutcome::ALL.iter().map(|outcome| outcome.as_str()),
            ),
            proxied: book.labelled(
                "proxy",
                "Calls through the proxy, by what came of them",
                "outcome",
                ProxyOutcome::ALL.iter().map(|outcome| outcome.as_str()),
            ),
            recovery_files: book.plain(
                "recovery_file",
                "Files with tokens that arrived and are not in the database yet",
            ),
            webhooks: book.labelled(
                "webhook",
                "Attempts to send a webhook, by what came of them",
                "outcome",
                SendOutcome::ALL.iter().map(|outcome| outcome.as_str()),
            ),
            webhook_lag_seconds: book.in_seconds(
                "webhook_lag",
                "How long the oldest event that an endpoint has not taken has been waiting",
            ),
            breakers_open: book.plain(
                "breaker_open",
                "Hosts of providers that are left alone for a while, since they did not answer",
            ),
            hand_outs_unstored: book.plain(
                "hand_outs_unstored",
                "Counts of tokens handed out that are not in the database yet",
            ),
            database_up: book.plain(
                "database_up",
                "1: the database answered when it was last looked at, 0: it did not and what it told before still stands here",
            ),
            intents_open: book.plain(
                "refresh_intent_open",
                "Connections with a refresh under way, or one whose outcome is not known",
            ),
            background_due: book.plain(
                "background_due",
                "Active connections that are due to be looked at",
            ),
            background_lag_seconds: book.in_seconds(
                "background_lag",
                "How far the oldest due look is behind",
            ),
            connections: book.labelled(
                "connections",
                "Connections by state",
                "state",
                STATES.iter().map(|state| state.as_str()),
            ),
            quarantined: book.plain(
                "quarantined",
                "1: the database was restored or copied and nothing is refreshed until an operator confirms",
            ),
            clock_skew_seconds: book.in_seconds(
                "clock_skew",
                "How far the clock of this node is ahead of the clock of the database; negative: behind",
            ),
            // last: all the others have been written into it by now
            registry: book.0,
        }))
    }
}

impl Metrics {
    /// A provider was asked to refresh, and answered or did not after `latency`.
    pub fn refreshed(&self, class: RefreshClass, latency: Duration) {
        count(&self.0.refreshes, "class", class.as_str());
        self.0.refresh_seconds.observe(latency.as_secs_f64());
    }

    /// A refresh got the lease of its connection, or gave up, after this long.
    pub fn lease_waited(&self, wait: Duration) {
        self.0.lease_wait_seconds.observe(wait.as_secs_f64());
    }

    /// A refresh was let through to its provider, or gave up, after this long.
    pub fn gate_waited(&self, wait: Duration) {
        self.0.gate_wait_seconds.observe(wait.as_secs_f64());
    }

    /// The database did not take new tokens; they are tried again.
    pub fn commit_retried(&self) {
        self.0.commit_retries.inc();
    }

    /// A connection has come to need a person.
    pub fn reconnect_required(&self, reason: BrokenReason) {
        count(&self.0.reconnects_required, "reason", reason.as_str());
    }

    /// A backend asked for a token.
    pub fn token_asked(&self, outcome: TokenOutcome) {
        count(&self.0.tokens, "outcome", outcome.as_str());
    }

    /// A backend called a provider through the proxy.
    pub fn proxied(&self, outcome: ProxyOutcome) {
        count(&self.0.proxied, "outcome", outcome.as_str());
    }

    /// So many files with tokens wait for the database.
    pub fn recovery_files(&self, files: usize) {
        self.0.recovery_files.set(level(files));
    }

    /// So many hosts of providers are left alone for a while.
    pub fn breakers_open(&self, hosts: usize) {
        self.0.breakers_open.set(level(hosts));
    }

    /// So many counts of tokens that were handed out wait for the database.
    pub fn hand_outs_unstored(&self, counts: usize) {
        self.0.hand_outs_unstored.set(level(counts));
    }

    /// A webhook was sent, or could not be.
    pub fn webhook_sent(&self, outcome: SendOutcome) {
        count(&self.0.webhooks, "outcome", outcome.as_str());
    }

    /// The database told how it stands.
    pub fn vitals(&self, vitals: &Vitals) {
        let instruments = &*self.0;
        instruments.database_up.set(1);
        instruments.intents_open.set(vitals.open_intents);
        instruments.background_due.set(vitals.looks_due);
        instruments
            .background_lag_seconds
            .set(vitals.lag.as_secs_f64());
        instruments
            .webhook_lag_seconds
            .set(vitals.webhook_lag.as_secs_f64());
        for state in STATES {
            let many = match state {
                ConnectionState::Active => vitals.connections.active,
                ConnectionState::Degraded => vitals.connections.degraded,
                ConnectionState::ReconnectRequired => vitals.connections.reconnect_required,
                ConnectionState::Revoked => vitals.connections.revoked,
            };
            instruments
                .connections
                .get_or_create(&[("state", state.as_str())])
                .set(many);
        }
        instruments.quarantined.set(vitals.quarantined.into());
        instruments.clock_skew_seconds.set(vitals.clock_ahead_s);
    }

    /// The database did not answer. What it told before stands.
    pub fn database_away(&self) {
        self.0.database_up.set(0);
    }

    /// `GET /metrics`, and nothing else.
    pub fn routes(&self) -> Router {
        let metrics = self.clone();
        Router::new().route("/metrics", get(async move || metrics.page()))
    }

    fn page(&self) -> Response {
        let mut text = String::new();
        if let Err(error) = encode(&mut text, &self.0.registry) {
            tracing::error!(%error, "the metrics cannot be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
        let headers = [
            (CONTENT_TYPE, OPEN_METRICS),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, text).into_response()
    }
}

fn count(series: &Labelled<Counter>, label: &'static str, word: &'static str) {
    series.get_or_create(&[(label, word)]).inc();
}

fn level(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// The list of all instruments, while it is written.
struct Book(Registry);

impl Book {
    fn plain<M: Metric + Clone + Default>(&mut self, name: &str, help: &str) -> M {
        let instrument = M::default();
        self.0.register(name, help, instrument.clone());
        instrument
    }

    fn in_seconds(&mut self, name: &str, help: &str) -> Seconds {
        let instrument = Seconds::default();
        self.0
            .register_with_unit(name, help, Unit::Seconds, instrument.clone());
        instrument
    }

    fn times<const N: usize>(&mut self, name: &str, help: &str, limits: [f64; N]) -> Histogram {
        let instrument = Histogram::new(limits);
        self.0
            .register_with_unit(name, help, Unit::Seconds, instrument.clone());
        instrument
    }

    /// With all its series, at zero.
    fn labelled<M>(
        &mut self,
        name: &str,
        help: &str,
        label: &'static str,
        words: impl Iterator<Item = &'static str>,
    ) -> Labelled<M>
    where
        M: Default + Clone,
        Labelled<M>: Metric,
    {
        let family = Labelled::<M>::default();
        for word in words {
            drop(family.get_or_create(&[(label, word)]));
        }
        self.0.register(name, help, family.clone());
        family
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::wire::StateCounts;
    use axum::body::Body;
    use axum::http::Request;
    use http_body_util::BodyExt as _;
    use tower::ServiceExt as _;

    async fn ask(metrics: &Metrics, method: &str, path: &str) -> (Response<()>, String) {
        let request = Request::builder().method(method).uri(path);
        let answered = metrics
            .routes()
            .oneshot(request.body(Body::empty()).unwrap());
        let (parts, body) = answered.await.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(body.to_vec()).unwrap();
        (Response::from_parts(parts, ()), text)
    }

    async fn lines(metrics: &Metrics) -> Vec<String> {
        let (_, text) = ask(metrics, "GET", "/metrics").await;
        text.lines().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn all_series_are_there_before_anything_happened() {
        let (answer, text) = ask(&Metrics::default(), "GET", "/metrics").await;
        assert_eq!(answer.headers()[CONTENT_TYPE], OPEN_METRICS);
        assert!(text.ends_with("# EOF\n"));
        for line in [
            r#"grantport_refresh_total{class="ok"} 0"#,
            r#"grantport_refresh_total{class="forbidden_address"} 0"#,
            r"grantport_refresh_seconds_count 0",
            r"grantport_refresh_intent_open 0",
            r"grantport_commit_retry_total 0",
            r"grantport_recovery_file 0",
            r"grantport_lease_wait_seconds_count 0",
            r#"grantport_reconnect_required_total{reason="refresh_outcome_unknown"} 0"#,
            r#"grantport_token_total{outcome="handed_out"} 0"#,
            r"grantport_gate_wait_seconds_count 0",
            r"grantport_breaker_open 0",
            r"grantport_background_due 0",
            r"grantport_background_lag_seconds 0.0",
            r#"grantport_connections{state="degraded"} 0"#,
            r"grantport_quarantined 0",
            r"grantport_clock_skew_seconds 0.0",
            r"grantport_hand_outs_unstored 0",
            r"grantport_database_up 0",
        ] {
            assert!(text.lines().any(|one| one == line), "{line} in\n{text}");
        }
    }

    #[tokio::test]
    async fn what_happens_is_counted() {
        let metrics = Metrics::default();
        let elsewhere = metrics.clone();
        elsewhere.refreshed(RefreshClass::Ok, Duration::from_millis(300));
        let throttled = Class::Throttled { retry_after: None };
        elsewhere.refreshed(throttled.into(), Duration::from_secs(20));
        elsewhere.lease_waited(Duration::from_millis(60));
        elsewhere.gate_waited(Duration::from_secs(3));
        elsewhere.commit_retried();
        elsewhere.reconnect_required(BrokenReason::Unreadable);
        elsewhere.token_asked(TokenOutcome::of(&Err(TokenError::Revoked)));
        elsewhere.recovery_files(2);
        elsewhere.breakers_open(1);
        elsewhere.hand_outs_unstored(7);
        elsewhere.vitals(&Vitals {
            connections: StateCounts {
                active: 5,
                degraded: 4,
                reconnect_required: 3,
                revoked: 2,
            },
            open_intents: 6,
            looks_due: 8,
            lag: Duration::from_millis(1500),
            webhook_lag: Duration::ZERO,
            quarantined: true,
            clock_ahead_s: -0.25,
        });
        let told = lines(&metrics).await;
        for line in [
            r#"grantport_refresh_total{class="ok"} 1"#,
            r#"grantport_refresh_total{class="throttled"} 1"#,
            r#"grantport_refresh_seconds_bucket{le="0.5"} 1"#,
            r#"grantport_refresh_seconds_bucket{le="15.0"} 1"#,
            r"grantport_refresh_seconds_count 2",
            r#"grantport_lease_wait_seconds_bucket{le="0.1"} 1"#,
            r#"grantport_gate_wait_seconds_bucket{le="5.0"} 1"#,
            r"grantport_commit_retry_total 1",
            r#"grantport_reconnect_required_total{reason="unreadable"} 1"#,
            r#"grantport_token_total{outcome="connection_revoked"} 1"#,
            r"grantport_recovery_file 2",
            r"grantport_breaker_open 1",
            r"grantport_hand_outs_unstored 7",
            r#"grantport_connections{state="active"} 5"#,
            r#"grantport_connections{state="degraded"} 4"#,
            r#"grantport_connections{state="reconnect_required"} 3"#,
            r#"grantport_connections{state="revoked"} 2"#,
            r"grantport_refresh_intent_open 6",
            r"grantport_background_due 8",
            r"grantport_background_lag_seconds 1.5",
            r"grantport_quarantined 1",
            r"grantport_clock_skew_seconds -0.25",
            r"grantport_database_up 1",
        ] {
            assert!(told.iter().any(|one| one == line), "{line} in {told:#?}");
        }
        metrics.database_away();
        let told = lines(&metrics).await;
        for line in ["grantport_database_up 0", "grantport_background_due 8"] {
            assert!(told.iter().any(|one| one == line), "{line} in {told:#?}");
        }
    }

    #[tokio::test]
    async fn the_runbook_knows_every_metric_and_every_word() {
        let runbook = include_str!("../../docs/operations.md");
        let told = lines(&Metrics::default()).await;
        let types = told.iter().filter_map(|line| line.strip_prefix("# TYPE "));
        let names: Vec<String> = types
            .map(|line| match line.split_once(' ') {
                Some((name, "counter")) => format!("{name}_total"),
                Some((name, _)) => name.to_owned(),
                None => panic!("{line}"),
            })
            .collect();
        assert_eq!(names.len(), 20);
        for name in &names {
            let row = name.replacen("grantport_", "| `", 1);
            assert!(runbook.contains(&row), "{name} is not explained");
        }
        for used in runbook.split("grantport_").skip(1) {
            let end = used.find(|letter: char| !letter.is_ascii_lowercase() && letter != '_');
            let used = used.get(..end.unwrap_or(used.len())).unwrap_or_default();
            let name = format!("grantport_{}", used.trim_end_matches("_bucket"));
            assert!(names.contains(&name), "there is no {name}");
        }
        let classes = RefreshClass::ALL.iter().map(|class| class.as_str());
        let reasons = BrokenReason::ALL.iter().map(|reason| reason.as_str());
        for word in classes.filter(|class| *class != "ok").chain(reasons) {
            let row = format!("\n| `{word}` | ");
            assert!(runbook.contains(&row), "{word} is not explained");
        }
    }

    #[tokio::test]
    async fn there_is_nothing_else_at_that_address() {
        let metrics = Metrics::default();
        for path in ["/", "/metrics/", "/healthz", "/api/v1/providers", "/signin"] {
            let (answer, text) = ask(&metrics, "GET", path).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
            assert_eq!(text, "");
        }
        let (answer, _) = ask(&metrics, "POST", "/metrics").await;
        assert_eq!(answer.status(), StatusCode::METHOD_NOT_ALLOWED);
    }
}
