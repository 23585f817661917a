//! Get a code: to the provider, and back.

use super::transcript::Scribe;
use super::{PlaygroundError, Playgrounds, cause, cookie, needs_own_credentials};
use crate::catalog::{AskedOf, Definition};
use crate::domain::{Member, Playground, PlaygroundId, PlaygroundSecrets, Provider, random_base62};
use crate::oauth::authorize::{AuthorizeRequest, authorize_url};
use crate::oauth::callback::{CallbackAnswer, Outcome, check_issuer, is_signed};
use crate::oauth::pkce::{PkcePair, random_state};
use crate::vault::{Secret, TokenHash};
use app::wire::{Aim, ExchangeView, PlaygroundProblem, PlaygroundStep, Reading};
use axum::http::{HeaderMap, HeaderValue};
use std::collections::BTreeMap;
use std::time::Duration;
use url::Url;

/// A run ends by itself after this long.
const LIFE: Duration = Duration::from_mins(15);

/// The way to the provider.
#[derive(Debug)]
pub struct Departure {
    /// Where the browser goes. Holds the state: for the `Location` header, not for a log.
    pub location: Url,
    /// What it brings back, beside the state.
    pub cookie: Option<HeaderValue>,
}

/// Whose callback it is.
#[derive(Debug)]
pub enum Arrival {
    /// A run's: its page shows what came of it.
    Of(Box<Playground>),
    /// A run's that began in another browser. Nothing was changed.
    OtherBrowser,
    /// No run's.
    Nobody,
}

impl Playgrounds {
    /// Begins a run. An earlier one of this member is ended.
    pub async fn begin(
        &self,
        provider: &Provider,
        member: &Member,
        sent: &BTreeMap<String, String>,
    ) -> Result<Departure, PlaygroundError> {
        let definition = self.upstreams.definition(provider)?;
        if needs_own_credentials(&definition) {
            return Err(PlaygroundError::NoCredentials);
        }
        let inputs = definition.resolve_inputs(AskedOf::EndUser, sent)?;
        let upstream = self
            .upstreams
            .as_configured(provider, &inputs, &BTreeMap::new())
            .await?;
        self.end_earlier(provider, member).await?;
        let (state, pkce) = (random_state(), PkcePair::random());
        let browser = Secret::new(random_base62(43));
        let redirect_uri = self.upstreams.redirect_uri(&provider.id);
        let location = authorize_url(
            &upstream,
            &AuthorizeRequest {
                redirect_uri: &redirect_uri,
                scopes: &provider.scopes,
                state: &state,
                challenge: &pkce.challenge,
            },
        );
        let now = self.store.now();
        let scribe = Scribe::new(&definition, [state.expose().as_str()]);
        let run = Playground {
            id: PlaygroundId::random(),
            organization: provider.organization.clone(),
            provider: provider.id.clone(),
            member: member.id.clone(),
            browser_sha256: *TokenHash::of(browser.expose()).as_bytes(),
            step: PlaygroundStep::Away,
            redirect_uri,
            inputs,
            generation: 0,
            transcript: vec![ExchangeView {
                aim: Aim::Authorize,
                at: now.millis(),
                request: Some(scribe.authorize(&location)),
                answer: None,
                read: Vec::new(),
                problem: None,
            }],
            created_at: now,
            expires_at: now + LIFE,
        };
        let secrets = PlaygroundSecrets {
            verifier: definition.pkce.is_sent().then_some(pkce.verifier),
            ..PlaygroundSecrets::default()
        };
        self.store.create_playground(&run, &state, &secrets).await?;
        Ok(Departure {
            location,
            cookie: cookie::set(self.upstreams.public_url(), &run.id, browser.expose(), LIFE),
        })
    }

    /// A callback that belongs to no flow of an end user. A run takes its first answer only; whoever
    /// comes later is led to its page.
    pub async fn come_back(
        &self,
        query: &str,
        answer: CallbackAnswer,
        provider: &Provider,
        headers: &HeaderMap,
    ) -> Result<Arrival, PlaygroundError> {
        let Some(run) = self.run_to(&answer, provider, headers).await? else {
            return Ok(Arrival::Nobody);
        };
        if !cookie::began(self.upstreams.public_url(), headers, &run) {
            return Ok(Arrival::OtherBrowser);
        }
        if run.step == PlaygroundStep::Away && run.expires_at > self.store.now() {
            self.take(query, answer, provider, &run).await?;
        }
        Ok(Arrival::Of(Box::new(run)))
    }

    /// By its state, or, where a provider leaves the state out of a refusal, the only one that this
    /// browser has under way there.
    async fn run_to(
        &self,
        answer: &CallbackAnswer,
        provider: &Provider,
        headers: &HeaderMap,
    ) -> Result<Option<Playground>, PlaygroundError> {
        if let Some(state) = &answer.state {
            let found = self.store.playground_by_state(state.expose()).await?;
            return Ok(found.filter(|run| run.provider == provider.id));
        }
        if matches!(answer.outcome, Outcome::Code(_)) {
            return Ok(None);
        }
        let mut away = Vec::new();
        for (id, _) in cookie::runs(self.upstreams.public_url(), headers) {
            let found = self.store.playground(&id).await?;
            away.extend(
                found.filter(|run| run.provider == provider.id && run.step == PlaygroundStep::Away),
            );
        }
        Ok(if away.len() == 1 { away.pop() } else { None })
    }

    async fn take(
        &self,
        query: &str,
        answer: CallbackAnswer,
        provider: &Provider,
        run: &Playground,
    ) -> Result<(), PlaygroundError> {
        let definition = self.upstreams.definition(provider)?;
        let believed = self.is_believed(query, &answer, provider, run).await?;
        let mut filled_in = provider.inputs.clone();
        filled_in.extend(run.inputs.clone());
        let captured = answer.captured(&definition.callback, &filled_in);
        let echoed = answer.echoed(&definition.callback);
        let hidden: Vec<String> = [answer.state.as_ref(), code_of(&answer)]
            .into_iter()
            .flatten()
            .map(|secret| secret.expose().clone())
            .collect();
        let scribe = Scribe::new(&definition, hidden.iter().map(String::as_str));
        let mut exchange = ExchangeView {
            aim: Aim::Callback,
            at: self.store.now().millis(),
            request: Some(scribe.callback(&run.redirect_uri, query)),
            answer: None,
            read: Vec::new(),
            problem: None,
        };
        let mut secrets = None;
        match (answer.outcome, captured) {
            (Outcome::Refused { kind, words }, _) if believed => {
                exchange.problem = Some(cause::of_refusal(kind, query));
                let words = words.filter(|words| !scribe.holds_secret(words));
                exchange.read.extend(words.map(Reading::Said));
            }
            (Outcome::Code(code), Ok(captured)) if believed => {
                secrets = Some(PlaygroundSecrets {
                    code: Some(code),
                    known: captured,
                    echoed,
                    ..self.store.playground_secrets(run).await?
                });
            }
            _ => exchange.problem = Some(PlaygroundProblem::NotTheProviders),
        }
        let mut next = run.clone();
        next.step = if secrets.is_some() {
            PlaygroundStep::Code
        } else {
            PlaygroundStep::Refused
        };
        next.transcript.push(exchange);
        // whoever was faster brought the same answer
        self.store
            .change_playground(run, &mut next, secrets.as_ref())
            .await?;
        Ok(())
    }

    /// Whether the answer is from the expected issuer, and signed where this provider signs.
    async fn is_believed(
        &self,
        query: &str,
        answer: &CallbackAnswer,
        provider: &Provider,
        run: &Playground,
    ) -> Result<bool, PlaygroundError> {
        let definition: &Definition = &*self.upstreams.definition(provider)?;
        let issuer = check_issuer(
            definition.issuer.as_deref(),
            definition.issuer_always_sent,
            answer.iss.as_deref(),
        );
        let signature = definition.callback.signature.as_ref();
        let Some(rule) = signature.filter(|_| code_of(answer).is_some()) else {
            return Ok(issuer.is_ok());
        };
        let upstream = self
            .upstreams
            .as_configured(provider, &run.inputs, &BTreeMap::new())
            .await?;
        Ok(issuer.is_ok() && is_signed(query, rule, &upstream.client))
    }
}

fn code_of(answer: &CallbackAnswer) -> Option<&Secret<String>> {
    match &answer.outcome {
        Outcome::Code(code) => Some(code),
        Outcome::Refused { .. } => None,
    }
}
