//! One attempt: signed, sent through the server's one way out, and what came of it.
//!
//! The outbound policy holds here as for providers: the address is checked before anything is sent, and
//! the addresses behind its name are checked when one is dialled (R76). Redirects are not followed.

use super::signature::signatures;
use crate::domain::{Timestamp, WebhookSecret};
use crate::oauth::egress::{Egress, EgressError, EgressRequest};
use crate::store::DueDelivery;
use app::wire::SendOutcome;
use http::{HeaderName, HeaderValue};
use std::time::Duration;
use url::Url;

/// What is read of an answer, in bytes.
const KEPT: usize = 1024;

/// What came of an attempt.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) outcome: SendOutcome,
    pub(super) status: Option<u16>,
    /// How long it wants to be left alone.
    pub(super) retry_after: Option<Duration>,
    /// The beginning of what it answered, as plain text.
    pub(super) answer: Option<String>,
}

impl Sent {
    fn without_answer(outcome: SendOutcome) -> Self {
        Self {
            outcome,
            status: None,
            retry_after: None,
            answer: None,
        }
    }
}

/// Sends a delivery once, signed for this moment.
pub(super) async fn send(
    egress: &Egress,
    url: &str,
    secrets: &[WebhookSecret],
    delivery: &DueDelivery,
    at: Timestamp,
) -> Sent {
    let Ok(url) = Url::parse(url) else {
        return Sent::without_answer(SendOutcome::Forbidden);
    };
    let mut request = EgressRequest::post(url, "application/json", delivery.body.clone());
    let signed = signatures(secrets, &delivery.event, at, &delivery.body);
    for (name, value) in [
        ("webhook-id", delivery.event.to_string()),
        ("webhook-timestamp", at.seconds().to_string()),
        ("webhook-signature", signed),
    ] {
        if let Ok(value) = HeaderValue::from_str(&value) {
            request.headers.insert(HeaderName::from_static(name), value);
        }
    }
    match egress.send_reading(request, KEPT).await {
        Ok(answer) => Sent {
            outcome: outcome(answer.status),
            status: Some(answer.status),
            retry_after: answer.retry_after,
            answer: Some(shown(answer.body.expose())).filter(|text| !text.is_empty()),
        },
        Err(EgressError::Refused(_)) => Sent::without_answer(SendOutcome::Forbidden),
        Err(EgressError::Unreached) => Sent::without_answer(SendOutcome::Unreached),
        Err(EgressError::Ambiguous | EgressError::TooLarge) => {
            Sent::without_answer(SendOutcome::NoAnswer)
        }
    }
}

fn outcome(status: u16) -> SendOutcome {
    match status {
        200..=299 => SendOutcome::Delivered,
        300..=399 => SendOutcome::Redirected,
        410 => SendOutcome::Gone,
        429 | 502 | 503 | 504 => SendOutcome::Throttled,
        _ => SendOutcome::Refused,
    }
}

/// As a page can show it: text without control characters.
fn shown(body: &[u8]) -> String {
    String::from_utf8_lossy(body)
        .chars()
        .filter(|c| !c.is_control() || matches!(c, '\n' | '\t'))
        .collect::<String>()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_mean_what_standard_webhooks_says() {
        for (status, expected) in [
            (200, SendOutcome::Delivered),
            (204, SendOutcome::Delivered),
            (301, SendOutcome::Redirected),
            (307, SendOutcome::Redirected),
            (400, SendOutcome::Refused),
            (404, SendOutcome::Refused),
            (410, SendOutcome::Gone),
            (429, SendOutcome::Throttled),
            (500, SendOutcome::Refused),
            (502, SendOutcome::Throttled),
            (504, SendOutcome::Throttled),
        ] {
            assert_eq!(outcome(status), expected, "{status}");
        }
    }

    #[test]
    fn what_was_answered_is_shown_without_control_characters() {
        assert_eq!(shown(b" <b>\x1b[31mno\x00\r\n\xff "), "<b>[31mno\n\u{fffd}");
    }
}
