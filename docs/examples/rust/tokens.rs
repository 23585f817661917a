//! Access tokens for your calls to providers: kept as long as Grantport says, and asked for anew when a
//! provider refuses one.

use crate::grantport::{Fault, Grantport, text};
use crate::locked;
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write;
use std::sync::Mutex;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// One for all requests, so that it can keep tokens.
pub(crate) struct Tokens {
    grantport: Grantport,
    /// By provider and end user.
    kept: Mutex<HashMap<(String, String), Value>>,
}

impl Tokens {
    pub(crate) fn new(grantport: Grantport) -> Self {
        Self {
            grantport,
            kept: Mutex::default(),
        }
    }

    /// Calls the provider as this user. `request` is made with the token's answer, which has `access_token`
    /// and the connection's `metadata`, such as `instance_url`.
    pub(crate) async fn call(
        &self,
        provider: &str,
        end_user: &str,
        request: impl Fn(&Value) -> RequestBuilder,
    ) -> Result<Response, Fault> {
        let name = (provider.to_owned(), end_user.to_owned());
        let wish = json!({"provider": provider, "end_user": end_user});
        let token = match self.fresh(&name) {
            Some(token) => token,
            None => self.renew(&name, "/tokens", &wish).await?,
        };
        let answer = request(&token).send().await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // refused before its time: Grantport renews it, once, however many of us say so
        let refused = hex(&Sha256::digest(text(&token["access_token"])));
        let path = format!("/connections/{}/token", text(&token["connection_id"]));
        let wish = json!({"rejected_token_sha256": refused});
        let renewed = self.renew(&name, &path, &wish).await?;
        Ok(request(&renewed).send().await?)
    }

    /// Drops what is kept of a connection: its token was replaced, or it ended.
    pub(crate) fn forget(&self, connection: &Value) {
        locked(&self.kept).retain(|_, token| &token["connection_id"] != connection);
    }

    fn fresh(&self, name: &(String, String)) -> Option<Value> {
        let token = locked(&self.kept).get(name)?.clone();
        // `null`: not to be kept at all
        let until = OffsetDateTime::parse(token["cache_until"].as_str()?, &Rfc3339).ok()?;
        (until > OffsetDateTime::now_utc()).then_some(token)
    }

    async fn renew(
        &self,
        name: &(String, String),
        path: &str,
        wish: &Value,
    ) -> Result<Value, Fault> {
        let token = self.grantport.post(path, wish).await?;
        locked(&self.kept).insert(name.clone(), token.clone());
        Ok(token)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // a string takes all that is written to it
        let _ = write!(text, "{byte:02x}");
        text
    })
}
