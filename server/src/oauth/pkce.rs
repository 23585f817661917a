//! What makes a flow unguessable and unstealable: the state and the PKCE pair (R5, R7, RFC 7636).

use crate::vault::Secret;
use oauth2::{CsrfToken, PkceCodeChallenge};

/// A verifier that stays here, sealed, and the challenge that goes with the browser.
#[derive(Debug)]
pub struct PkcePair {
    /// 256 random bits, sent with the code only.
    pub verifier: Secret<String>,
    /// Its SHA-256, base64url: method `S256`, never `plain`.
    pub challenge: String,
}

impl PkcePair {
    /// A new one.
    #[must_use]
    pub fn random() -> Self {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        Self {
            verifier: Secret::new(verifier.into_secret()),
            challenge: challenge.as_str().to_owned(),
        }
    }
}

/// A new state: 256 random bits as base64url. Only its hash is stored.
#[must_use]
pub fn random_state() -> Secret<String> {
    Secret::new(CsrfToken::new_random_len(32).into_secret())
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use sha2::{Digest, Sha256};

    #[test]
    fn a_challenge_is_the_hash_of_its_verifier() {
        let pair = PkcePair::random();
        let verifier = pair.verifier.expose();
        assert_eq!(
            URL_SAFE_NO_PAD.decode(verifier).expect("base64url").len(),
            32
        );
        assert_eq!(
            pair.challenge,
            URL_SAFE_NO_PAD.encode(Sha256::digest(verifier))
        );
        assert_ne!(verifier, PkcePair::random().verifier.expose());
    }

    #[test]
    fn a_state_has_256_bits_and_never_comes_twice() {
        let state = random_state();
        assert_eq!(
            URL_SAFE_NO_PAD
                .decode(state.expose())
                .expect("base64url")
                .len(),
            32
        );
        assert_ne!(state.expose(), random_state().expose());
    }
}
