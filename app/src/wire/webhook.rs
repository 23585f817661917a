//! Webhooks: the events that there are, the endpoints that are told, and what became of it.

use super::Millis;
use serde::{Deserialize, Serialize};

/// Events one a line: name, and the word that stands in payloads.
macro_rules! event_kinds {
    ($($(#[$doc:meta])* $kind:ident = $word:literal,)*) => {
        /// All that an application is told of. The words are the API's, and never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum EventKind { $($(#[$doc])* $kind,)* }

        impl EventKind {
            /// All of them, in the order of the pages.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// As stored and as sent.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$kind => $word,)* }
            }
        }
    };
}

event_kinds! {
    /// An account was connected for the first time.
    ConnectionCreated = "connection.created",
    /// The end user approved again; the connection keeps its id.
    ConnectionReauthorized = "connection.reauthorized",
    /// A person has to approve again; `reason` says why.
    ConnectionReconnectRequired = "connection.reconnect_required",
    /// It works again without anybody's doing.
    ConnectionRecovered = "connection.recovered",
    /// It was ended on purpose.
    ConnectionRevoked = "connection.revoked",
    /// A revocation was undone.
    ConnectionRestored = "connection.restored",
    /// The access token was renewed: what was handed out before may end.
    TokenReplaced = "token.replaced",
    /// The provider refuses client ID or secret: no token of it is renewed.
    CredentialsRejected = "provider.credentials_rejected",
    /// That is over: it accepts them, or an admin has replaced them.
    CredentialsRestored = "provider.credentials_restored",
    /// Sent by hand, to try an endpoint.
    Test = "webhook.test",
}

impl EventKind {
    /// Whether an endpoint chooses it; a test reaches the endpoint that it is for, whatever it chose.
    #[must_use]
    pub fn is_chosen(self) -> bool {
        self != Self::Test
    }
}

impl std::str::FromStr for EventKind {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .iter()
            .copied()
            .find(|kind| kind.as_str() == text)
            .ok_or(())
    }
}

/// The patterns that stand for several events.
pub const EVENT_PATTERNS: [&str; 4] = ["*", "connection.*", "token.*", "provider.*"];

/// Whether `pattern`, a name or one of [`EVENT_PATTERNS`], stands for `kind`.
#[must_use]
pub fn stands_for(pattern: &str, kind: EventKind) -> bool {
    kind.is_chosen()
        && match pattern.strip_suffix('*') {
            Some(group) => kind.as_str().starts_with(group),
            None => pattern == kind.as_str(),
        }
}

/// How an endpoint stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EndpointState {
    /// It is sent to, and takes what it is sent.
    Active,
    /// It is sent to, and has taken nothing since then.
    Failing {
        /// Since when.
        since: Millis,
    },
    /// Nothing is sent to it.
    Disabled {
        /// Since when.
        since: Millis,
        /// Why.
        reason: DisabledReason,
    },
}

/// Why nothing is sent to an endpoint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DisabledReason {
    /// A member, a key or `apply` wanted it.
    ByHand,
    /// It answered 410 Gone.
    Gone,
    /// It took nothing for five days.
    Failing,
}

impl DisabledReason {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ByHand, Self::Gone, Self::Failing];

    /// As stored and as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Gone => "gone",
            Self::Failing => "failing",
        }
    }
}

impl std::str::FromStr for DisabledReason {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|reason| reason.as_str() == text)
            .ok_or(())
    }
}

/// What became of a delivery.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It is tried, now or later.
    Waiting,
    /// The endpoint took it.
    Delivered,
    /// It was given up.
    Failed,
}

impl DeliveryState {
    /// As stored and as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for DeliveryState {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Waiting, Self::Delivered, Self::Failed]
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or(())
    }
}

/// What came of one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SendOutcome {
    /// Any 2xx.
    Delivered,
    /// A 3xx: redirects are not followed.
    Redirected,
    /// 410: it wants no more.
    Gone,
    /// 429, 502, 503 or 504: too much, or not there for a while.
    Throttled,
    /// Any other status.
    Refused,
    /// No connection.
    Unreached,
    /// No complete answer in time.
    NoAnswer,
    /// The outbound policy forbids the address.
    Forbidden,
}

impl SendOutcome {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Delivered,
        Self::Redirected,
        Self::Gone,
        Self::Throttled,
        Self::Refused,
        Self::Unreached,
        Self::NoAnswer,
        Self::Forbidden,
    ];

    /// As stored and as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delivered => "delivered",
            Self::Redirected => "redirected",
            Self::Gone => "gone",
            Self::Throttled => "throttled",
            Self::Refused => "refused",
            Self::Unreached => "unreached",
            Self::NoAnswer => "no_answer",
            Self::Forbidden => "forbidden_address",
        }
    }
}

impl std::str::FromStr for SendOutcome {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(())
    }
}

/// `/apps/{slug}/webhooks`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhooksView {
    /// Name of the application.
    pub application: String,
    /// Its endpoints, the oldest first.
    pub endpoints: Vec<EndpointSummary>,
}

/// An endpoint in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointSummary {
    /// Id.
    pub id: String,
    /// Where events are sent to.
    pub url: String,
    /// What it is, in the team's words; may be empty.
    pub description: String,
    /// Names and patterns of events.
    pub events: Vec<String>,
    /// How it stands.
    pub state: EndpointState,
    /// When it last took something.
    pub delivered_at: Option<Millis>,
}

/// `/apps/{slug}/webhooks/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EndpointView {
    /// Name of the application.
    pub application: String,
    /// The endpoint.
    pub endpoint: EndpointSummary,
    /// Made by (a member's name, a key's, or "apply").
    pub created_by: String,
    /// Made at.
    pub created_at: Millis,
    /// Until when the secret before this one signs too.
    pub old_secret_until: Option<Millis>,
    /// A secret that was made a moment ago. It is handed over once: the next load has `None`.
    pub secret: Option<NewWebhookSecret>,
    /// The last deliveries, the newest first.
    pub deliveries: Vec<DeliveryRow>,
    /// Where the next page of them begins, if there is one.
    pub older: Option<String>,
}

/// A signing secret right after it was made.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewWebhookSecret(pub String);

impl std::fmt::Debug for NewWebhookSecret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewWebhookSecret(..)")
    }
}

/// A delivery with its payload and its attempts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeliveryRow {
    /// Id of the delivery.
    pub id: String,
    /// Id of the event: `webhook-id`.
    pub event: String,
    /// Its type, as sent.
    pub kind: String,
    /// When the event happened.
    pub at: Millis,
    /// What became of it.
    pub state: DeliveryState,
    /// When it is tried next.
    pub next_try_at: Option<Millis>,
    /// The payload, as sent.
    pub payload: String,
    /// The attempts, the newest first.
    pub attempts: Vec<AttemptRow>,
}

/// One attempt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AttemptRow {
    /// Counted from 1.
    pub number: u32,
    /// When it began.
    pub at: Millis,
    /// How long it took, in milliseconds.
    pub took_ms: u32,
    /// What came of it.
    pub outcome: SendOutcome,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The beginning of what was answered, as plain text.
    pub answer: Option<String>,
}

/// An endpoint as a form sends it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndpointForm {
    /// Where events are sent to.
    pub url: String,
    /// What it is, in the team's words; may be empty.
    pub description: String,
    /// Ticked names and patterns of events.
    pub events: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_stand_for_their_group_and_tests_for_nobody() {
        assert!(stands_for("connection.*", EventKind::ConnectionCreated));
        assert!(stands_for(
            "connection.created",
            EventKind::ConnectionCreated
        ));
        assert!(stands_for("*", EventKind::TokenReplaced));
        assert!(!stands_for("connection.*", EventKind::TokenReplaced));
        assert!(!stands_for(
            "connection.create",
            EventKind::ConnectionCreated
        ));
        for pattern in EVENT_PATTERNS {
            assert!(!stands_for(pattern, EventKind::Test), "{pattern}");
        }
    }

    #[test]
    fn every_word_reads_back() {
        for kind in EventKind::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
        }
        for outcome in SendOutcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
    }
}
