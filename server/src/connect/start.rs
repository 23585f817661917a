//! The click: one flow begins, and the browser goes to the provider.

use super::Connect;
use super::answer::{Stopped, see_other};
use super::page::{ask, leads_to};
use super::view::{Offer, Open, scopes_asked};
use super::{cookie, opener};
use crate::catalog::{AskedOf, Credentials};
use crate::domain::{
    ConnectionId, Flow, FlowId, FlowStatus, NewFlow, Status, random_base62, support_code,
};
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

/// Fields for credentials of one's own.
const CLIENT_ID: &str = "client_id";
const CLIENT_SECRET: &str = "client_secret";
/// No client ID or secret is longer, in bytes.
const LONGEST_CREDENTIAL: usize = 2000;
/// A session's link allows so many attempts, which no person needs.
const MOST_ATTEMPTS: i64 = 40;

/// `POST /connect/{token}/start`.
pub(super) async fn start(
    State(connect): State<Connect>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Result<Form<BTreeMap<String, String>>, FormRejection>,
) -> Result<Response, Stopped> {
    let mut open = connect.begun(&token).await?;
    // what is no form names no provider
    let form = form.map(|Form(form)| form).unwrap_or_default();
    open.note_opener(form.get(opener::NAME).map(String::as_str));
    let slug = form.get("provider").map_or("", String::as_str);
    let offer = open
        .offer(slug)
        .ok_or_else(|| open.stopped(ConnectProblem::ProviderRemoved, None, None))?;
    if connect.store.flows_of_session(&open.session.id).await? >= MOST_ATTEMPTS {
        return Err(open.stopped(ConnectProblem::LinkUsed, None, None));
    }
    let inputs = match offer.definition.resolve_inputs(AskedOf::EndUser, &form) {
        Ok(inputs) => inputs,
        Err(refused) => {
            return refuse(&connect, &open, slug, refused.input, &form).await;
        }
    };
    let reconnect = connect
        .reconnects(&open, offer, form.get("connection"))
        .await?;
    let own = match own_client(offer, &form) {
        Ok(own) => own,
        Err(input) => return refuse(&connect, &open, slug, input, &form).await,
    };
    let wanted = Wanted {
        inputs,
        reconnect,
        own,
    };
    connect.begin(&open, offer, wanted, &headers).await
}

/// What the end user wants.
struct Wanted {
    inputs: BTreeMap<String, String>,
    reconnect: Option<ConnectionId>,
    /// Client ID and secret of their own, where the definition has credentials per connection.
    own: Option<(String, Secret<String>)>,
}

/// The page again, with the input that was refused. What was typed stays, but for a secret.
async fn refuse(
    connect: &Connect,
    open: &Open,
    provider: &str,
    input: String,
    form: &BTreeMap<String, String>,
) -> Result<Response, Stopped> {
    let values = form
        .iter()
        .filter(|(name, _)| !["provider", opener::NAME, CLIENT_SECRET].contains(&name.as_str()))
        .map(|(n, v)| (n.clone(), v.clone()))
        .collect();
    let refused = RefusedInput {
        provider: provider.to_owned(),
        input,
        values,
    };
    let page = ask(connect, open, Some(refused)).await?;
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
}

/// The credentials that the end user brings, where the definition wants them; or the name of the
/// field that is not filled in.
fn own_client(
    offer: &Offer,
    form: &BTreeMap<String, String>,
) -> Result<Option<(String, Secret<String>)>, String> {
    if offer.definition.credentials == Credentials::PerProvider {
        return Ok(None);
    }
    let field = |name: &str| {
        let text = form.get(name).map_or("", |text| text.trim());
        let fits = (1..=LONGEST_CREDENTIAL).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_graphic());
        fits.then(|| text.to_owned()).ok_or_else(|| name.to_owned())
    };
    Ok(Some((
        field(CLIENT_ID)?,
        Secret::new(field(CLIENT_SECRET)?),
    )))
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

    /// Begins once more what a flow had begun. Where a customer brings credentials of their own, they
    /// are asked for again.
    pub(super) async fn begin_again(
        &self,
        open: &Open,
        offer: &Offer,
        flow: &Flow,
        headers: &HeaderMap,
    ) -> Result<Response, Stopped> {
        if offer.definition.credentials == Credentials::PerConnection {
            return Ok(see_other(&open.host.path));
        }
        let wanted = Wanted {
            inputs: flow.inputs.clone(),
            reconnect: flow.reconnect.clone(),
            own: None,
        };
        self.begin(open, offer, wanted, headers).await
    }

    async fn begin(
        &self,
        open: &Open,
        offer: &Offer,
        wanted: Wanted,
        headers: &HeaderMap,
    ) -> Result<Response, Stopped> {
        let definition = &offer.definition;
        let (client_id, client_secret) = match wanted.own {
            Some((id, secret)) => (id, Some(secret)),
            None => (offer.provider.client_id.clone(), None),
        };
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
            client_id,
            scopes_asked: scopes_asked(definition, &open.scopes(offer)),
            // a change of the provider is no change of what was authorized before
            inputs: offer
                .provider
                .inputs
                .clone()
                .into_iter()
                .chain(wanted.inputs)
                .collect(),
            reconnect: wanted.reconnect,
            status: FlowStatus::Waiting,
            problem: None,
            provider_words: None,
            support_code: support_code(),
            connection: None,
            opener: open.opener_origin(),
            expires_at: self.store.now() + Duration::from_secs(cookie::FLOW_SECONDS),
        };
        let upstream = self
            .upstreams
            .for_flow(&offer.provider, &flow, &BTreeMap::new())
            .await?;
        let request = AuthorizeRequest {
            redirect_uri: &flow.redirect_uri,
            scopes: &flow.scopes_asked,
            state: &state,
            challenge: &pkce.challenge,
        };
        let location = authorize_url(&upstream, &request);
        let new = NewFlow {
            state_sha256: *TokenHash::of(state.expose()).as_bytes(),
            verifier: definition.pkce.is_sent().then_some(pkce.verifier),
            client_secret,
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
