//! Tokens that carry their grant: `prefix payload . signature`, both parts in base64url.
//!
//! Because the token says all there is to know, a restart loses nothing; because it is signed,
//! nobody can make one.

use crate::vault::{Secret, TokenHash, hmac_sha256};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// What a token is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// To ask who one is.
    Access,
    /// To get the next pair.
    Refresh,
}

impl Kind {
    fn prefix(self) -> &'static str {
        match self {
            Self::Access => "practice_at_",
            Self::Refresh => "practice_rt_",
        }
    }
}

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Claims {
    /// The grant's id.
    pub(super) grant: String,
    /// How often its tokens were replaced.
    pub(super) generation: u64,
    /// The client that it was granted to.
    pub(super) client: String,
    /// Who granted it.
    pub(super) person: String,
    /// What was granted, with spaces between.
    pub(super) scope: String,
    /// When it was granted, in milliseconds since the epoch.
    pub(super) granted_at: i64,
    /// When the token ends, in milliseconds since the epoch. Refresh tokens do not.
    pub(super) expires_at: Option<i64>,
}

impl Claims {
    /// The token that says this.
    pub(super) fn sign(&self, key: &Secret<[u8; 32]>, kind: Kind) -> String {
        let payload = serde_json::json!({
            "grant": self.grant,
            "generation": self.generation,
            "client": self.client,
            "person": self.person,
            "scope": self.scope,
            "granted_at": self.granted_at,
            "expires_at": self.expires_at,
        });
        let signed = format!(
            "{}{}",
            kind.prefix(),
            URL_SAFE_NO_PAD.encode(payload.to_string())
        );
        let signature = signature(key, &signed);
        format!("{signed}.{signature}")
    }

    /// What a token says, if it is of that kind and was signed with this key.
    pub(super) fn verify(key: &Secret<[u8; 32]>, kind: Kind, token: &str) -> Option<Self> {
        let (signed, presented) = token.rsplit_once('.')?;
        let payload = signed.strip_prefix(kind.prefix())?;
        if TokenHash::of(presented) != TokenHash::of(&signature(key, signed)) {
            return None;
        }
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }
}

/// The prefix is signed too: a refresh token is no access token with another name.
fn signature(key: &Secret<[u8; 32]>, signed: &str) -> String {
    let message = format!("practice/v1 token\n{signed}");
    URL_SAFE_NO_PAD.encode(hmac_sha256(key.expose(), message.as_bytes()))
}
