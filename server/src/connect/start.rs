//! The click: one flow begins, and the browser goes to the provider.

use super::Connect;
use super::answer::{Stopped, see_other};
use super::cookie;
use super::page::{ask, leads_to};
use super::view::{Offer, Open, scopes_asked};
use crate::catalog::Pkce;
use crate::domain::{ConnectionId, Flow, FlowId, FlowStatus, NewFlow, Status, random_base62};
use crate::http::hosted_csp;
use crate::oauth::authorize::{AuthorizeRequest, authorize_url};
use crate::oauth::pkce::{PkcePair, random_state};
use crate::vault::{Secret, TokenHash};
use app::wire::{ConnectProblem, RefusedInput};
use axum::Form;
use axum::extract::rejection::FormRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::collections::BTreeMap;
use std::time::Duration;

/// A session's link allows so many attempts, which no person needs.
const MOST_ATTEMPTS: i64 = 40;

/// `POST /connect/{token}/start`.
pub(super) async fn start(
    State(connect): State<Connect>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, Stopped> {
    let open = connect.usable_session(&token).await?;
    // what is no form names no provider
    let form = form.map(|Form(form)| form).unwrap_or_default();
    let slug = form.get("provider").map_or("", String::as_str);
    let offer = open
        .offer(slug)
        .ok_or_else(|| open.stopped(ConnectProblem::ProviderRemoved, None, None))?;
    if connect.store.flows_of_session(&open.session.id).await? >= MOST_ATTEMPTS {
        return Err(open.stopped(ConnectProblem::LinkUsed, None, None));
    }
    let inputs = match offer.definition.resolve_inputs(&form) {
        Ok(inputs) => inputs,
        Err(refused) => {
            let values = form
                .iter()
                .filter(|(name, _)| *name != "provider")
                .map(|(n, v)| (n.clone(), v.clone()))
                .collect();
            let refused = RefusedInput {
                provider: slug.to_owned(),
                input: refused.input,
                values,
            };
            let page = ask(&connect, &open, Some(refused))?;
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response());
        }
    };
    let reconnect = connect
        .reconnects(&open, offer, form.get("connection"))
        .await?;
    connect
        .begin(&open, offer, inputs, reconnect, &headers)
        .await
}

impl Connect {
    /// The connection to be renewed: the session's, or one of this end user's own that was chosen
    /// on the accounts page.
    async fn reconnects(
        &self,
        open: &Open,
        offer: &Offer,
        chosen: Option<&String>,
    ) -> Result<Option<ConnectionId>, Stopped> {
        let wanted = chosen.map(String::as_str).or(open
            .session
            .reconnect
            .as_ref()
            .map(ConnectionId::as_str));
        let Some(wanted) = wanted else {
            return Ok(None);
        };
        let found = self.store.connection(&open.application.id, wanted).await?;
        Ok(found
            .filter(|connection| {
                connection.provider == offer.provider.id && connection.status != Status::Revoked
            })
            .filter(|connection| chosen.is_none() || connection.owner == open.session.owner)
            .map(|connection| connection.id))
    }

    async fn begin(
        &self,
        open: &Open,
        offer: &Offer,
        inputs: BTreeMap<String, String>,
        reconnect: Option<ConnectionId>,
        headers: &HeaderMap,
    ) -> Result<Response, Stopped> {
        let definition = &offer.definition;
        let state = random_state();
        let browser = Secret::new(random_base62(43));
        let pkce = PkcePair::random();
        let flow = Flow {
            id: FlowId::random(),
            organization: open.session.organization.clone(),
            session: open.session.id.clone(),
            provider: offer.provider.id.clone(),
            browser_sha256: *TokenHash::of(browser.expose()).as_bytes(),
            redirect_uri: self.upstreams.redirect_uri(&offer.provider.id),
            client_id: offer.provider.client_id.clone(),
            scopes_asked: scopes_asked(definition, &open.scopes(offer)),
            inputs,
            reconnect,
            status: FlowStatus::Waiting,
            problem: None,
            provider_words: None,
            support_code: support_code(),
            connection: None,
            expires_at: self.store.now() + Duration::from_secs(cookie::FLOW_SECONDS),
        };
        let upstream = self.upstreams.for_flow(&offer.provider, &flow).await?;
        let request = AuthorizeRequest {
            redirect_uri: &flow.redirect_uri,
            scopes: &flow.scopes_asked,
            state: &state,
            challenge: &pkce.challenge,
        };
        let location = authorize_url(&upstream, &request);
        let new = NewFlow {
            state_sha256: *TokenHash::of(state.expose()).as_bytes(),
            verifier: (definition.pkce == Pkce::S256).then_some(pkce.verifier),
            flow,
        };
        self.store.create_flow(&new).await?;

        let mut response = see_other(location.as_str());
        for cookie in cookie::set(
            self.upstreams.public_url(),
            headers,
            &new.flow.id,
            browser.expose(),
        ) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response.headers_mut().insert(
            header::CONTENT_SECURITY_POLICY,
            hosted_csp(&leads_to(self, open, offer)),
        );
        Ok(response)
    }
}

/// Eight characters that can be read out on the telephone: no 0, O, 1, I.
fn support_code() -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letters: Vec<char> = random_base62(8)
        .bytes()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let (left, right) = letters.split_at(4);
    format!("{}-{}", String::from_iter(left), String::from_iter(right))
}
