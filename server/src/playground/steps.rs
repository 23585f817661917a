//! Get a token, and fetch the profile.

use super::transcript::Scribe;
use super::{PlaygroundError, Playgrounds, cause};
use crate::domain::{Playground, PlaygroundSecrets, Provider, Tokens};
use crate::oauth;
use crate::oauth::exchange::{CodeRequest, exchange_code};
use crate::oauth::identity::{Identity, identify};
use crate::oauth::overheard::Heard;
use crate::oauth::token_answer::{Ends, TokenSet};
use crate::vault::Secret;
use app::wire::{Aim, ExchangeView, PlaygroundProblem, PlaygroundStep, Reading};

impl Playgrounds {
    /// Exchanges the code of a run. The exchange goes on whatever the browser does, and happens once.
    pub async fn exchange(
        &self,
        provider: &Provider,
        run: &Playground,
    ) -> Result<(), PlaygroundError> {
        let mut secrets = self.store.playground_secrets(run).await?;
        let Some(code) = secrets.code.take() else {
            return Err(PlaygroundError::Changed);
        };
        // if the server stops half-way, the code is spent
        let mut claimed = run.clone();
        claimed.step = PlaygroundStep::Spent;
        if !self
            .store
            .change_playground(run, &mut claimed, None)
            .await?
        {
            return Err(PlaygroundError::Changed);
        }
        let (playgrounds, provider) = (self.clone(), provider.clone());
        let exchange = self.tracker.spawn(async move {
            playgrounds
                .exchange_claimed(&provider, &claimed, &code, secrets)
                .await
        });
        exchange.await.map_err(|_| PlaygroundError::Changed)?
    }

    async fn exchange_claimed(
        &self,
        provider: &Provider,
        run: &Playground,
        code: &Secret<String>,
        secrets: PlaygroundSecrets,
    ) -> Result<(), PlaygroundError> {
        let upstream = self
            .upstreams
            .as_configured(provider, &run.inputs, &secrets.known)
            .await?;
        let nothing = Secret::new(String::new());
        let request = CodeRequest {
            code,
            redirect_uri: &run.redirect_uri,
            verifier: secrets.verifier.as_ref().unwrap_or(&nothing),
            echoed: &secrets.echoed,
        };
        let (egress, overheard) = self.upstreams.egress().overheard();
        let outcome = exchange_code(&egress, &upstream, &request).await;
        let hidden = secrets_of(&upstream)
            .chain([code.expose().as_str(), request.verifier.expose()])
            .chain(outcome.iter().flat_map(tokens_in));
        let scribe = Scribe::new(&upstream.definition, hidden);
        let heard = overheard.take();
        let mut exchange = self.written(&scribe, Aim::Token, &heard);
        match &outcome {
            Ok(answer) => exchange.read = read_tokens(answer, &scribe),
            Err(failure) => {
                exchange.problem = Some(cause::of_exchange(*failure, heard.first()));
            }
        }
        let mut next = run.clone();
        next.transcript.push(exchange);
        if let Ok(answer) = outcome {
            next.step = PlaygroundStep::Token;
            return self.keep(provider, run, next, kept(answer, secrets)).await;
        }
        self.store.change_playground(run, &mut next, None).await?;
        Ok(())
    }

    /// Keeps tokens with their run. Where that ended meanwhile, they are ended too.
    async fn keep(
        &self,
        provider: &Provider,
        run: &Playground,
        mut next: Playground,
        secrets: PlaygroundSecrets,
    ) -> Result<(), PlaygroundError> {
        let kept = self
            .store
            .change_playground(run, &mut next, Some(&secrets))
            .await?;
        if !kept {
            self.give_back(provider, run, &secrets).await?;
            return Err(PlaygroundError::Changed);
        }
        Ok(())
    }

    /// Asks whose account it is.
    pub async fn fetch_profile(
        &self,
        provider: &Provider,
        run: &Playground,
    ) -> Result<(), PlaygroundError> {
        let secrets = self.store.playground_secrets(run).await?;
        let Some(tokens) = secrets.tokens.first() else {
            return Err(PlaygroundError::Changed);
        };
        let upstream = self
            .upstreams
            .as_configured(provider, &run.inputs, &secrets.known)
            .await?;
        let (egress, overheard) = self.upstreams.egress().overheard();
        let outcome = identify(&egress, &upstream, &tokens.access_token, &tokens.raw).await;
        let hidden = secrets_of(&upstream).chain(token_texts(&secrets));
        let scribe = Scribe::new(&upstream.definition, hidden);
        let mut exchange = self.written(&scribe, Aim::Profile, &overheard.take());
        match outcome {
            Ok(identity) => {
                if identity.account_id.is_none() {
                    exchange.problem = Some(PlaygroundProblem::AccountNotFound);
                }
                exchange.read = read_profile(identity, &scribe);
            }
            Err(failure) => exchange.problem = Some(cause::of_profile(failure)),
        }
        let mut next = run.clone();
        next.step = PlaygroundStep::Profile;
        next.transcript.push(exchange);
        if self
            .store
            .change_playground(run, &mut next, Some(&secrets))
            .await?
        {
            Ok(())
        } else {
            Err(PlaygroundError::Changed)
        }
    }

    /// What was heard, as a page may show it.
    pub(super) fn written(&self, scribe: &Scribe<'_>, aim: Aim, heard: &[Heard]) -> ExchangeView {
        let last = heard.last();
        ExchangeView {
            aim,
            at: self.store.now().millis(),
            request: last.map(|heard| scribe.request(heard)),
            answer: last.and_then(|heard| scribe.answer(heard)),
            read: Vec::new(),
            problem: None,
        }
    }
}

/// The client secrets.
pub(super) fn secrets_of(upstream: &oauth::Provider) -> impl Iterator<Item = &str> {
    let secrets = upstream.client.client_secrets.iter();
    secrets.map(|secret| secret.text.expose().as_str())
}

/// The tokens of a run.
pub(super) fn token_texts(secrets: &PlaygroundSecrets) -> impl Iterator<Item = &str> {
    secrets.tokens.iter().flat_map(|tokens| {
        std::iter::once(&tokens.access_token)
            .chain(tokens.refresh_token.as_ref())
            .map(|token| token.expose().as_str())
    })
}

fn tokens_in(answer: &TokenSet) -> Vec<&str> {
    let mut found = vec![answer.access_token.expose().as_str()];
    found.extend(
        answer
            .refresh_token
            .iter()
            .map(|token| token.expose().as_str()),
    );
    if let Some(second) = &answer.second {
        found.extend(tokens_in(&second.tokens));
    }
    found
}

fn read_tokens(answer: &TokenSet, scribe: &Scribe<'_>) -> Vec<Reading> {
    let lasts = match answer.ends {
        Ends::After(seconds) => Some(seconds),
        Ends::At(_) | Ends::NotTold => None,
    };
    let granted = answer.scopes.as_ref().map(|scopes| scopes.join(" "));
    vec![
        Reading::Lasts(lasts),
        Reading::RefreshToken(answer.refresh_token.is_some()),
        Reading::Granted(granted.filter(|scopes| !scribe.holds_secret(scopes))),
    ]
}

fn read_profile(identity: Identity, scribe: &Scribe<'_>) -> Vec<Reading> {
    let open = |text: Option<String>| text.filter(|text| !scribe.holds_secret(text));
    vec![
        Reading::Account(open(identity.account_label)),
        Reading::AccountId(open(identity.account_id)),
    ]
}

/// What is kept of an answer until the run ends.
fn kept(answer: TokenSet, secrets: PlaygroundSecrets) -> PlaygroundSecrets {
    let mut known = secrets.known;
    known.extend(answer.metadata);
    let second = answer.second.map(|second| {
        tokens(
            second.tokens.access_token,
            second.tokens.refresh_token,
            second.tokens.raw,
        )
    });
    let first = tokens(answer.access_token, answer.refresh_token, answer.raw);
    PlaygroundSecrets {
        known,
        tokens: std::iter::once(first).chain(second).collect(),
        ..PlaygroundSecrets::default()
    }
}

fn tokens(
    access_token: Secret<String>,
    refresh_token: Option<Secret<String>>,
    raw: Secret<String>,
) -> Tokens {
    Tokens {
        access_token,
        refresh_token,
        raw,
        client_secret: None,
    }
}
