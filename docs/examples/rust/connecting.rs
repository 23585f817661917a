//! Connecting a user's account. It is completed here, where we know who is signed in: a link that was
//! sent to somebody else connects nothing.

use crate::grantport::{Fault, Grantport, ask, text, with_json};
use crate::locked;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Mutex;

pub(crate) struct Connecting {
    grantport: Grantport,
    return_url: String,
    /// By session. A real application keeps the verifier in the session of its user, and so for as long as that lasts.
    verifiers: Mutex<HashMap<String, String>>,
}

impl Connecting {
    pub(crate) fn new(grantport: Grantport, return_url: String) -> Self {
        Self {
            grantport,
            return_url,
            verifiers: Mutex::default(),
        }
    }

    /// The link by which this user connects an account.
    pub(crate) async fn begin(&self, user: &Value) -> Result<String, Fault> {
        let verifier = unguessable()?;
        let wanted = json!({
            "end_user": user,
            "return_url": self.return_url,
            "code_challenge": URL_SAFE_NO_PAD.encode(Sha256::digest(&verifier)),
        });
        // made once for a click and repeated with it: however often it is sent, one session comes of it
        let request = self
            .grantport
            .request(Method::POST, "/connect-sessions")
            .header("idempotency-key", unguessable()?);
        let session = ask(with_json(request, &wanted)).await?;
        locked(&self.verifiers).insert(text(&session["id"]).to_owned(), verifier);
        Ok(text(&session["url"]).to_owned())
    }

    /// The browser came back with a code: only now is anything connected, and for whoever is signed in here.
    pub(crate) async fn complete(
        &self,
        session: &str,
        connect_code: &str,
        user: &Value,
    ) -> Result<(), Fault> {
        let mut proof = json!({"connect_code": connect_code, "end_user_id": user["id"]});
        if let Some(verifier) = locked(&self.verifiers).get(session) {
            proof["code_verifier"] = json!(verifier);
        }
        let session_in_path = utf8_percent_encode(session, NON_ALPHANUMERIC);
        let path = format!("/connect-sessions/{session_in_path}/complete");
        self.grantport.post(&path, &proof).await?;
        locked(&self.verifiers).remove(session);
        Ok(())
    }
}

fn unguessable() -> Result<String, Fault> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}
