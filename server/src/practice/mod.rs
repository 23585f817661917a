//! The practice provider: a small OAuth 2.0 authorization server inside Grantport.
//!
//! With it a newcomer plays admin, end user and support without an account anywhere, and can force
//! what real providers do on bad days: denial, expiry, an outage, a revoked grant. It speaks the
//! protocol honestly, over HTTP and with PKCE (RFC 6749, 7636, 7009), so that a connection to it
//! goes through the same engine as any other. It guards nothing, and is mounted only where the
//! public URL is loopback.
//!
//! Almost nothing is kept. A client is a Grantport provider: its id is the client id, its redirect
//! URI follows from the id, and its secret from the id and the practice key. Tokens are signed and
//! carry all there is to know of their grant (`signed`). Memory holds only what must not happen
//! twice: used codes, replaced tokens, ended grants (`memory`). A restart forgets these, and
//! every connection goes on working.

mod authorize;
mod bounded;
mod desk;
mod exchange;
mod memory;
mod page;
mod params;
mod people;
mod refusal;
mod signed;

use crate::clock::SharedClock;
use crate::domain::{ProviderId, base62_of};
use crate::vault::{Secret, TokenHash, hmac_sha256};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};
use memory::Memory;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// No form of the practice provider is longer, in bytes.
const BODY_LIMIT: usize = 16 * 1024;

/// The practice provider.
pub struct Practice {
    key: Secret<[u8; 32]>,
    clock: SharedClock,
    public_url: String,
    memory: Mutex<Memory>,
}

impl Practice {
    /// Signs with `key`, which has to be the same after a restart for connections to go on.
    /// `public_url` is Grantport's own, without a slash at its end.
    #[must_use]
    pub fn new(key: Secret<[u8; 32]>, clock: SharedClock, public_url: &str) -> Arc<Self> {
        Arc::new(Self {
            key,
            clock,
            public_url: public_url.trim_end_matches('/').to_owned(),
            memory: Mutex::default(),
        })
    }

    /// Client id and client secret of a provider: the same whenever they are asked for.
    #[must_use]
    pub fn credentials_for(&self, provider: &ProviderId) -> (String, Secret<String>) {
        let message = format!("practice/v1 client secret\n{provider}");
        let derived = hmac_sha256(self.key.expose(), message.as_bytes());
        let secret = format!("practice_secret_{}", base62_of(&derived));
        (provider.to_string(), Secret::new(secret))
    }

    /// The one redirect URI of a client.
    fn redirect_uri(&self, client: &ProviderId) -> String {
        format!("{}/oauth/callback/{client}", self.public_url)
    }

    /// Whether a client knows its secret (RFC 6749 section 2.3.1).
    fn recognises(&self, client: &ProviderId, secret: &str) -> bool {
        let (_, expected) = self.credentials_for(client);
        TokenHash::of(expected.expose()) == TokenHash::of(secret)
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The routes, all under `/practice`.
pub fn router(practice: Arc<Practice>) -> Router {
    Router::new()
        .route("/practice", get(desk::show))
        .route("/practice/desk/outage", post(desk::set_outage))
        .route("/practice/desk/token-life", post(desk::set_lifetime))
        .route("/practice/desk/revoke-all", post(desk::revoke_all))
        .route(
            "/practice/authorize",
            get(authorize::ask).post(authorize::decide),
        )
        .route("/practice/token", post(exchange::token))
        .route("/practice/revoke", post(exchange::revoke))
        .route("/practice/me", get(exchange::me))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(practice)
}

#[cfg(test)]
mod tests;
