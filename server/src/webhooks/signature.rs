//! Signatures as Standard Webhooks has them: HMAC-SHA-256 over `id.timestamp.body`, one for each secret
//! that signs, separated by spaces, so that a receiver can take either while a secret rotates.

use crate::domain::{EventId, Timestamp, WebhookSecret};
use crate::vault::hmac_sha256_under;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The value of `webhook-signature`.
pub(super) fn signatures(
    secrets: &[WebhookSecret],
    id: &EventId,
    at: Timestamp,
    body: &str,
) -> String {
    let message = format!("{id}.{}.{body}", at.seconds());
    let signatures: Vec<String> = secrets
        .iter()
        .map(|secret| {
            let mac = hmac_sha256_under(secret.key().expose(), message.as_bytes());
            format!("v1,{}", STANDARD.encode(mac))
        })
        .collect();
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> WebhookSecret {
        WebhookSecret::parse(text).expect("a secret")
    }

    #[test]
    fn the_example_of_the_specification() {
        // the signature that the reference implementations test with, for this id, time and body
        let secrets = [secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")];
        let id: EventId = "evt_p5jXN8AQM9LWM0D4loKWxJek".parse().expect("an id");
        let at = Timestamp::from_millis(1_614_265_330_000);
        let mac = signatures(&secrets, &id, at, r#"{"test": 2432232314}"#);
        let expected = hmac_sha256_under(
            &STANDARD
                .decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                .expect("base64"),
            br#"evt_p5jXN8AQM9LWM0D4loKWxJek.1614265330.{"test": 2432232314}"#,
        );
        assert_eq!(mac, format!("v1,{}", STANDARD.encode(expected)));
    }

    #[test]
    fn each_secret_signs_for_itself() {
        let one = || secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let other = || secret("whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        let id: EventId = "evt_1".parse().expect("an id");
        let at = Timestamp::from_millis(0);
        let both = signatures(&[other(), one()], &id, at, "{}");
        let alone = [other(), one()].map(|secret| signatures(&[secret], &id, at, "{}"));
        assert_eq!(both, alone.join(" "));
    }
}
