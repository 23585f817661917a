//! What the browser meets: the question whether to approve, and the way back with the answer.

use super::Practice;
use super::memory::Code;
use super::page::{self, Consent};
use super::params::Params;
use super::people::{PEOPLE, person};
use crate::domain::{ProviderId, Scopes, random_base62};
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;
use url::form_urlencoded;

/// Longer lists of scopes and longer states are refused; both are kept or sent back.
const MAX_CHARACTERS: usize = 2000;

/// A sound authorization request (RFC 6749 section 4.1.1, RFC 7636 section 4.3).
struct Request {
    client: ProviderId,
    redirect_uri: String,
    state: String,
    challenge: String,
    scopes: Scopes,
}

/// Why a request is refused.
enum Unsound {
    /// Nobody can be sent back: the sentence is shown (RFC 6749 section 4.1.2.1).
    Shown(&'static str),
    /// The browser is sent back with the error, to this address.
    SentBack(String),
}

/// `GET /practice/authorize`.
pub(super) async fn ask(
    State(practice): State<Arc<Practice>>,
    RawQuery(query): RawQuery,
) -> Response {
    match practice.request(query.unwrap_or_default().as_bytes()) {
        Ok((request, _)) => page::consent(&request.consent()),
        Err(unsound) => unsound.into_response(),
    }
}

/// `POST /practice/authorize`: the same parameters, who decides, and what.
pub(super) async fn decide(State(practice): State<Arc<Practice>>, body: Bytes) -> Response {
    let (request, params) = match practice.request(&body) {
        Ok(sound) => sound,
        Err(unsound) => return unsound.into_response(),
    };
    match (
        params.get("decision"),
        params.get("person").and_then(person),
    ) {
        (Some("deny"), _) => {
            send_to(&request.refusal("access_denied", "the person denied the request"))
        }
        (Some("approve"), Some(person)) => send_to(&practice.approve(request, person.id)),
        _ => page::problem(
            StatusCode::BAD_REQUEST,
            "Choose who approves, then press Approve or Deny.",
        ),
    }
}

impl Practice {
    /// Checks the parameters: first those that decide whether anyone can be sent back, and where.
    fn request(&self, encoded: &[u8]) -> Result<(Request, Params), Unsound> {
        let params = Params::read(encoded)
            .map_err(|_| Unsound::Shown("A parameter of this request came twice."))?;
        let client: ProviderId = params
            .get("client_id")
            .and_then(|id| id.parse().ok())
            .ok_or(Unsound::Shown(
                "The client ID is not one of this Grantport.",
            ))?;
        let redirect_uri = self.redirect_uri(&client);
        if params.get("redirect_uri") != Some(redirect_uri.as_str()) {
            return Err(Unsound::Shown(
                "The redirect URI is not the one of this client ID.",
            ));
        }
        let state = params
            .get("state")
            .filter(|state| state.len() <= MAX_CHARACTERS)
            .ok_or(Unsound::Shown("The request has no state."))?
            .to_owned();
        let request = Request {
            client,
            redirect_uri,
            state,
            challenge: params.get("code_challenge").unwrap_or_default().to_owned(),
            scopes: Scopes::default(),
        };
        request.checked(&params).map(|request| (request, params))
    }

    /// The way back to the client with a code for a new grant.
    fn approve(&self, request: Request, person: &'static str) -> String {
        let text = format!("practice_code_{}", random_base62(32));
        let back = request.back(&[("code", &text)]);
        let code = Code {
            client: request.client.to_string(),
            redirect_uri: request.redirect_uri,
            challenge: request.challenge,
            person,
            scopes: request.scopes,
            approved_at: self.clock.now(),
            grant: random_base62(20),
        };
        self.memory().give(&text, code);
        back
    }
}

impl Request {
    /// The rest of the checks, whose failure is sent back.
    fn checked(self, params: &Params) -> Result<Self, Unsound> {
        if params.get("response_type") != Some("code") {
            return Err(Unsound::SentBack(self.refusal(
                "unsupported_response_type",
                "response_type has to be code",
            )));
        }
        if params.get("code_challenge_method") != Some("S256") || !is_challenge(&self.challenge) {
            return Err(Unsound::SentBack(self.refusal(
                "invalid_request",
                "code_challenge with code_challenge_method S256 is required",
            )));
        }
        let scope = params.get("scope").unwrap_or_default();
        let scopes = Scopes::new(scope.split(' ').filter(|name| !name.is_empty()));
        match scopes {
            Ok(scopes) if scope.len() <= MAX_CHARACTERS => Ok(Self { scopes, ..self }),
            _ => Err(Unsound::SentBack(self.refusal(
                "invalid_scope",
                "scope has characters that no scope may have, or too many",
            ))),
        }
    }

    fn refusal(&self, error: &str, description: &str) -> String {
        self.back(&[("error", error), ("error_description", description)])
    }

    /// The way back to the client, with the answer and the state.
    fn back(&self, answer: &[(&str, &str)]) -> String {
        let query = form_urlencoded::Serializer::new(String::new())
            .extend_pairs(answer)
            .append_pair("state", &self.state)
            .finish();
        format!("{}?{query}", self.redirect_uri)
    }

    fn consent(&self) -> Consent<'_> {
        Consent {
            people: &PEOPLE,
            scopes: self.scopes.iter().collect(),
            carried: vec![
                ("response_type", "code".to_owned()),
                ("client_id", self.client.to_string()),
                ("redirect_uri", self.redirect_uri.clone()),
                ("state", self.state.clone()),
                ("scope", self.scopes.join(" ")),
                ("code_challenge", self.challenge.clone()),
                ("code_challenge_method", "S256".to_owned()),
            ],
        }
    }
}

impl IntoResponse for Unsound {
    fn into_response(self) -> Response {
        match self {
            Self::Shown(sentence) => page::problem(StatusCode::BAD_REQUEST, sentence),
            Self::SentBack(address) => send_to(&address),
        }
    }
}

fn send_to(address: &str) -> Response {
    Redirect::to(address).into_response()
}

/// SHA-256 in base64url without padding (RFC 7636 section 4.2).
fn is_challenge(text: &str) -> bool {
    text.len() == 43
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
