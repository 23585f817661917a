//! Events, and the endpoints that are told of them (Standard Webhooks).

use super::{ApplicationId, DeliveryId, EventId, OrganizationId, Timestamp, WebhookId};
use crate::vault::Secret;
use app::wire::{
    DeliveryState, DisabledReason, EVENT_PATTERNS, EndpointState, EventKind, SendOutcome,
    stands_for,
};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::time::Duration;

/// While a secret rotates, the one before signs for this long.
pub const BOTH_SECRETS_SIGN: Duration = Duration::from_hours(24);
/// An endpoint that took nothing for this long is disabled. Longer than the schedule of one delivery.
pub const FAILS_FOR: Duration = Duration::from_hours(5 * 24);
/// An application has no more endpoints.
pub const MOST_ENDPOINTS: usize = 20;

/// An event of an application's log.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its id.
    pub id: EventId,
    /// Its place in the application's log.
    pub position: i64,
    /// The payload, the same for all who are told: ids and reasons, nothing secret.
    pub body: String,
}

/// Which events an endpoint is told of: names and patterns, in the order of the pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subscription(Vec<String>);

/// A word that is neither an event nor a pattern; or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an event, nor a pattern of events")]
pub struct InvalidSubscription;

impl Subscription {
    /// From names and patterns, each once.
    pub fn new<S: AsRef<str>>(words: &[S]) -> Result<Self, InvalidSubscription> {
        let chosen = EventKind::ALL.iter().filter(|kind| kind.is_chosen());
        let known: Vec<&str> = EVENT_PATTERNS
            .into_iter()
            .chain(chosen.map(|kind| kind.as_str()))
            .collect();
        let wanted = |known: &str| words.iter().any(|word| word.as_ref() == known);
        if words.is_empty() || !words.iter().all(|word| known.contains(&word.as_ref())) {
            return Err(InvalidSubscription);
        }
        let kept = known.into_iter().filter(|known| wanted(known));
        Ok(Self(kept.map(str::to_owned).collect()))
    }

    /// Whether it names `kind`.
    #[must_use]
    pub fn has(&self, kind: EventKind) -> bool {
        self.0.iter().any(|pattern| stands_for(pattern, kind))
    }

    /// Names and patterns.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }

    /// As stored: separated by spaces.
    #[must_use]
    pub fn stored(&self) -> String {
        self.0.join(" ")
    }
}

impl std::str::FromStr for Subscription {
    type Err = InvalidSubscription;

    fn from_str(text: &str) -> Result<Self, InvalidSubscription> {
        Self::new(&text.split_whitespace().collect::<Vec<_>>())
    }
}

/// The secret of an endpoint, as Standard Webhooks writes it: `whsec_` and the base64 of 24 to 64 bytes.
#[derive(Debug)]
pub struct WebhookSecret {
    /// As it is shown and stored.
    pub text: Secret<String>,
}

impl WebhookSecret {
    const PREFIX: &'static str = "whsec_";

    /// A new one, of 32 bytes.
    #[must_use]
    pub fn make() -> Self {
        let bytes = Secret::new(super::random_bytes::<32>().to_vec());
        let text = format!("{}{}", Self::PREFIX, STANDARD.encode(bytes.expose()));
        Self {
            text: Secret::new(text),
        }
    }

    /// The secret in `text`; `None` if none can look like that.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = Secret::new(STANDARD.decode(text.strip_prefix(Self::PREFIX)?).ok()?);
        (24..=64)
            .contains(&bytes.expose().len())
            .then(|| Self { text: text.into() })
    }

    /// The key itself.
    #[must_use]
    pub fn key(&self) -> Secret<Vec<u8>> {
        let encoded = self.text.expose().strip_prefix(Self::PREFIX);
        let bytes = encoded.and_then(|encoded| STANDARD.decode(encoded).ok());
        Secret::new(bytes.unwrap_or_default())
    }
}

/// An endpoint, without its secrets.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: WebhookId,
    /// The tenant.
    pub organization: OrganizationId,
    /// Whose events it is told of.
    pub application: ApplicationId,
    /// Where they are sent to.
    pub url: String,
    /// What it is, in the team's words; may be empty.
    pub description: String,
    /// Which.
    pub events: Subscription,
    /// Until when the secret before this one signs too.
    pub old_secret_until: Option<Timestamp>,
    /// Who made it.
    pub created_by: String,
    /// When.
    pub created_at: Timestamp,
    /// Nothing is sent to it since then, and why.
    pub disabled: Option<(Timestamp, DisabledReason)>,
    /// It took nothing since then.
    pub failing_since: Option<Timestamp>,
    /// It last took something.
    pub delivered_at: Option<Timestamp>,
}

impl Endpoint {
    /// How it stands.
    #[must_use]
    pub fn state(&self) -> EndpointState {
        match (self.disabled, self.failing_since) {
            (Some((since, reason)), _) => EndpointState::Disabled {
                since: since.millis(),
                reason,
            },
            (None, Some(since)) => EndpointState::Failing {
                since: since.millis(),
            },
            (None, None) => EndpointState::Active,
        }
    }
}

/// A delivery as pages and the API show it.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The event.
    pub event: EventId,
    /// Its type.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// The payload.
    pub body: String,
    /// What became of it.
    pub state: DeliveryState,
    /// When it is tried next.
    pub next_try_at: Option<Timestamp>,
    /// The attempts, the newest first.
    pub attempts: Vec<Attempt>,
}

/// One attempt.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Counted from 1.
    pub number: i64,
    /// When it began.
    pub at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// What came of it.
    pub outcome: SendOutcome,
    /// The HTTP status, if there was an answer.
    pub status: Option<u16>,
    /// The beginning of what was answered, as plain text. The endpoint may have put anything into it,
    /// so it is sealed where it is stored.
    pub answer: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subscription_is_made_of_events_and_patterns() {
        let all = Subscription::new(&["token.replaced", "connection.*", "token.replaced"]);
        let all = all.expect("events");
        assert_eq!(all.stored(), "connection.* token.replaced");
        assert_eq!(all.stored().parse(), Ok(all.clone()));
        assert!(all.has(EventKind::ConnectionRevoked) && all.has(EventKind::TokenReplaced));
        assert!(!all.has(EventKind::CredentialsRejected) && !all.has(EventKind::Test));
        for wrong in [
            "",
            "connection",
            "webhook.test",
            "webhook.*",
            "Connection.*",
        ] {
            assert_eq!(
                Subscription::new(&[wrong]),
                Err(InvalidSubscription),
                "{wrong}"
            );
        }
        assert_eq!(Subscription::new::<&str>(&[]), Err(InvalidSubscription));
    }

    #[test]
    fn a_secret_has_24_to_64_bytes() {
        let made = WebhookSecret::make();
        assert_eq!(made.key().expose().len(), 32);
        let of = |length| format!("whsec_{}", STANDARD.encode(vec![7_u8; length]));
        for (length, good) in [(23, false), (24, true), (64, true), (65, false)] {
            assert_eq!(
                WebhookSecret::parse(&of(length)).is_some(),
                good,
                "{length}"
            );
        }
        for text in [
            "",
            "whsec_",
            "whsec_%%%%",
            "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ] {
            assert!(WebhookSecret::parse(text).is_none(), "{text}");
        }
    }
}
