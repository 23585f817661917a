//! The exchange: from a code to a connection. Runs in a task of its own, once per flow.

use super::Connect;
use crate::catalog::{Credentials, Definition};
use crate::domain::{ConnectionId, Flow, Provider, Scopes, Timestamp};
use crate::oauth::classify::{Class, Failure};
use crate::oauth::exchange::{self, CodeRequest, RefreshRequest};
use crate::oauth::identity::{Identity, identify};
use crate::oauth::token_answer::{Second, TOKEN_KIND, TokenSet};
use crate::oauth::{self, revoke};
use crate::store::{
    Account, FlowSecrets, NewConnection, OwnerConflict, SecondConnection, StoreError,
};
use crate::tokens::{learn_end, received};
use crate::upstreams::UpstreamError;
use crate::vault::Secret;
use app::wire::ConnectProblem;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::time::sleep;

/// Pause before the identity endpoint is asked a second time.
const SECOND_TRY: Duration = Duration::from_millis(500);

/// Attempts to reach a database that is away while a code is being turned into a connection.
const ATTEMPTS: u32 = 10;
const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// What a code brought exists in one task alone, and a person would have to approve again: a
/// database that is away for a moment is waited for.
async fn patiently<T, E, F>(mut attempt: impl FnMut() -> F) -> Result<T, UpstreamError>
where
    F: Future<Output = Result<T, E>>,
    UpstreamError: From<E>,
{
    let mut pause = FIRST_PAUSE;
    for _ in 1..ATTEMPTS {
        match attempt().await.map_err(UpstreamError::from) {
            Err(UpstreamError::Store(StoreError::Unavailable(reason))) => {
                tracing::warn!(reason, "a new connection could not be stored yet");
                sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
            other => return other,
        }
    }
    attempt().await.map_err(UpstreamError::from)
}

/// Why a claimed flow does not become a connection.
enum Failed {
    /// Its page.
    Problem(ConnectProblem),
    Upstream(UpstreamError),
}

/// The scopes that were asked for the first and for the second token set, by the names that the
/// provider knows. Without a second one, all were asked for the first.
fn asked_for(definition: &Definition, sent: &Scopes, has_second: bool) -> (Scopes, Scopes) {
    let rules = definition.second_token.as_ref().filter(|_| has_second);
    let param = rules.and_then(|rules| rules.scope_param.as_deref());
    let placed = sent.iter().map(|name| definition.scopes.place_of(name));
    let (second, first): (Vec<_>, Vec<_>) = placed.partition(|(place, _)| Some(*place) == param);
    let names = |placed: Vec<(&str, &str)>| {
        // parts of names that were checked
        Scopes::new(placed.into_iter().map(|(_, name)| name)).unwrap_or_default()
    };
    (names(first), names(second))
}

/// What counts as granted where the answer says nothing (RFC 6749 section 5.1).
fn granted_when_silent(definition: &Definition, asked: &Scopes) -> Scopes {
    let always = definition.scopes.always_granted.iter();
    Scopes::new(always.map(|scope| scope.name.clone()))
        .unwrap_or_default()
        .union(asked)
}

/// The connections that one answer makes.
struct Kept {
    first: NewConnection,
    second: Option<SecondConnection>,
}

impl Kept {
    fn all_mut(&mut self) -> impl Iterator<Item = &mut NewConnection> {
        let second = self.second.as_mut().map(|second| &mut second.new);
        std::iter::once(&mut self.first).chain(second)
    }
}

impl From<UpstreamError> for Failed {
    fn from(error: UpstreamError) -> Self {
        Self::Upstream(error)
    }
}

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self::Upstream(error.into())
    }
}

/// A code, and all that goes along with it.
pub(super) struct CodeInHand {
    pub(super) code: Secret<String>,
    pub(super) secrets: FlowSecrets,
    /// What the callback brought that is kept with the connection.
    pub(super) captured: BTreeMap<String, String>,
    /// What the token endpoint wants back.
    pub(super) echoed: Vec<(String, String)>,
}

impl Connect {
    /// Exchanges the code and stores what it brought, or notes why not.
    pub(super) async fn finish(&self, flow: &Flow, provider: &Provider, code: CodeInHand) {
        let problem = match self.try_finish(flow, provider, code).await {
            Ok(()) => return,
            Err(Failed::Problem(problem)) => problem,
            Err(Failed::Upstream(error)) => {
                tracing::error!(flow = %flow.id, %error, "a connect flow could not be finished");
                ConnectProblem::Internal
            }
        };
        if let Err(error) = self.store.fail_flow(flow, problem, None).await {
            tracing::error!(flow = %flow.id, %error, "the end of a connect flow could not be noted");
        }
    }

    async fn try_finish(
        &self,
        flow: &Flow,
        provider: &Provider,
        code: CodeInHand,
    ) -> Result<(), Failed> {
        let own_secret = code.secrets.client_secret;
        let upstream = self
            .upstreams
            .for_flow(provider, flow, &code.captured)
            .await?
            .with_own_secret(own_secret.as_ref());
        let sent_at = self.store.now();
        let verifier = code
            .secrets
            .verifier
            .unwrap_or_else(|| Secret::new(String::new()));
        let request = CodeRequest {
            code: &code.code,
            redirect_uri: &flow.redirect_uri,
            verifier: &verifier,
            echoed: &code.echoed,
        };
        let (answer, used) = self
            .exchange_with_secrets(provider, &upstream, &request)
            .await;
        let mut answer = match answer {
            Ok(answer) => answer,
            Err(failure) => {
                let own = upstream.definition.credentials == Credentials::PerConnection;
                return Err(self.exchange_failed(flow, provider, own, failure).await);
            }
        };
        if provider.credentials_rejected_at.is_some() && provider.client_id == flow.client_id {
            patiently(|| self.store.note_credentials(provider, false)).await?;
        }
        answer = self.lengthened(flow, &upstream, answer).await;
        for (name, value) in code.captured {
            answer.metadata.entry(name).or_insert(value);
        }
        // from here on addresses can name what the answer told
        let upstream = patiently(|| self.upstreams.for_flow(provider, flow, &answer.metadata))
            .await?
            .with_own_secret(own_secret.as_ref());
        let identity = match self.identity(flow, provider, &upstream, &answer).await {
            Ok(identity) => identity,
            Err(problem) => {
                self.give_back(&upstream, answer).await;
                return Err(Failed::Problem(problem));
            }
        };
        let mut kept = self
            .to_keep(flow, &upstream, answer, identity, sent_at)
            .await?;
        for new in kept.all_mut() {
            let own = own_secret.as_ref();
            new.saved.tokens.client_secret = own.map(|secret| Secret::new(secret.expose().clone()));
            new.saved.client_secret.clone_from(&used);
        }
        self.store_it(flow, provider, &upstream, kept).await
    }

    /// Some providers answer a code with a token for an hour, which can be exchanged for one that
    /// lasts (C23). If that fails, the short one is better than none.
    async fn lengthened(
        &self,
        flow: &Flow,
        upstream: &oauth::Provider,
        answer: TokenSet,
    ) -> TokenSet {
        let exchange = upstream.definition.refresh.exchange.as_ref();
        if !exchange.is_some_and(|exchange| exchange.after_code) {
            return answer;
        }
        let request = RefreshRequest {
            token: &answer.access_token,
            redirect_uri: &flow.redirect_uri,
            granted: &flow.scopes_asked,
            narrowed_to: None,
        };
        match exchange::refresh(self.upstreams.egress(), upstream, &request).await {
            Ok(lasting) => TokenSet {
                scopes: lasting.scopes.or(answer.scopes),
                ..lasting
            },
            Err(failure) => {
                tracing::warn!(flow = %flow.id, %failure, "the token was not exchanged for one that lasts");
                answer
            }
        }
    }

    /// `own` credentials are those that the end user typed.
    async fn exchange_failed(
        &self,
        flow: &Flow,
        provider: &Provider,
        own: bool,
        failure: Failure,
    ) -> Failed {
        tracing::warn!(flow = %flow.id, provider = %provider.id, %failure, "the code was not exchanged");
        match failure.class {
            Class::ConfigRejected if own => Failed::Problem(ConnectProblem::OwnCredentialsRejected),
            // an earlier Client ID says nothing about the one that is configured
            Class::ConfigRejected if provider.client_id != flow.client_id => {
                Failed::Problem(ConnectProblem::ProviderMisconfigured)
            }
            Class::ConfigRejected => match self.store.note_credentials(provider, true).await {
                Ok(()) => Failed::Problem(ConnectProblem::ProviderMisconfigured),
                Err(error) => error.into(),
            },
            Class::Unreached | Class::Ambiguous | Class::Throttled { .. } => {
                Failed::Problem(ConnectProblem::ProviderUnavailable)
            }
            Class::Dead | Class::ForbiddenAddress | Class::InvalidScope | Class::Unexpected => {
                Failed::Problem(ConnectProblem::ProviderError)
            }
        }
    }

    /// Whose account it is. Where the rules depend on the answer, no answer is a problem; elsewhere
    /// the connection is worth more than its label.
    async fn identity(
        &self,
        flow: &Flow,
        provider: &Provider,
        upstream: &oauth::Provider,
        answer: &TokenSet,
    ) -> Result<Option<Identity>, ConnectProblem> {
        let egress = self.upstreams.egress();
        let mut found = identify(egress, upstream, &answer.access_token, &answer.raw).await;
        if found.is_err() {
            sleep(SECOND_TRY).await;
            found = identify(egress, upstream, &answer.access_token, &answer.raw).await;
        }
        match found {
            Ok(identity) => Ok(Some(identity)),
            Err(failure) => {
                tracing::warn!(flow = %flow.id, provider = %provider.id, %failure, "the account could not be identified");
                let needed = provider.one_owner_per_account || flow.reconnect.is_some();
                if needed {
                    Err(ConnectProblem::ProviderUnavailable)
                } else {
                    Ok(None)
                }
            }
        }
    }

    /// The connections that an answer makes: one, or two where it held a second token set (C17).
    async fn to_keep(
        &self,
        flow: &Flow,
        upstream: &oauth::Provider,
        mut answer: TokenSet,
        identity: Option<Identity>,
        sent_at: Timestamp,
    ) -> Result<Kept, Failed> {
        let definition = &upstream.definition;
        let found = self
            .store
            .connect_session_of_flow(&flow.organization, &flow.session)
            .await?;
        let Some((session, _)) = found else {
            return Err(Failed::Problem(ConnectProblem::UnknownAttempt));
        };
        let identity = identity.unwrap_or_default();
        answer.scopes = identity.scopes.or(answer.scopes);
        answer.metadata.extend(identity.metadata);
        let second = answer.second.take();
        let renews = self.renews_second(flow, second.as_deref()).await?;
        let (asked, asked_second) = asked_for(definition, &flow.scopes_asked, second.is_some());
        let keep = |tokens, scopes_asked: Scopes, account_id, account_label| NewConnection {
            owner: session.owner.clone(),
            end_user: session.end_user.clone(),
            account_id,
            account_label,
            saved: received(
                tokens,
                definition,
                sent_at,
                &granted_when_silent(definition, &scopes_asked),
                None,
            ),
            scopes_asked,
        };
        Ok(Kept {
            first: keep(answer, asked, identity.account_id, identity.account_label),
            second: second.map(|second| SecondConnection {
                new: keep(
                    second.tokens,
                    asked_second,
                    second.account_id,
                    second.account_label,
                ),
                renews,
            }),
        })
    }

    /// Whether the connection to be renewed is one that came of a second token set.
    async fn renews_second(&self, flow: &Flow, second: Option<&Second>) -> Result<bool, Failed> {
        let (Some(second), Some(wanted)) = (second, &flow.reconnect) else {
            return Ok(false);
        };
        let wanted = self.store.connection_by_id(wanted).await?;
        Ok(wanted
            .is_some_and(|connection| connection.metadata.get(TOKEN_KIND) == Some(&second.kind)))
    }

    async fn store_it(
        &self,
        flow: &Flow,
        provider: &Provider,
        upstream: &oauth::Provider,
        kept: Kept,
    ) -> Result<(), Failed> {
        let (store, second) = (&self.store, kept.second.as_ref());
        let finish = || store.finish_flow(flow, provider, &kept.first, second, Account::Same);
        match patiently(finish).await? {
            Ok(connection) => {
                tracing::info!(flow = %flow.id, connection = %connection, "connected");
                self.learn_end(upstream, &connection, &kept.first).await?;
                Ok(())
            }
            Err(OwnerConflict::OtherAccount) => {
                patiently(|| store.hold_answer(flow, &kept.first, second)).await?;
                tracing::info!(flow = %flow.id, "another account came back; the person chooses");
                Ok(())
            }
            Err(conflict) => {
                let second = second.map(|second| &second.new);
                for new in std::iter::once(&kept.first).chain(second) {
                    self.give_back_saved(upstream, new).await;
                }
                Err(Failed::Problem(conflict.into()))
            }
        }
    }

    pub(super) async fn learn_end(
        &self,
        upstream: &oauth::Provider,
        connection: &ConnectionId,
        new: &NewConnection,
    ) -> Result<(), StoreError> {
        if let Some(stored) = self.store.connection_by_id(connection).await? {
            let stored = (connection, stored.generation);
            learn_end(
                &self.store,
                &self.upstreams,
                upstream,
                stored,
                &new.saved.tokens,
            )
            .await;
        }
        Ok(())
    }

    async fn give_back(&self, upstream: &oauth::Provider, answer: TokenSet) {
        let second = answer.second.as_ref().map(|second| &second.tokens);
        for tokens in std::iter::once(&answer).chain(second) {
            let refresh_token = tokens.refresh_token.as_ref();
            self.end(upstream, &tokens.access_token, refresh_token)
                .await;
        }
    }

    pub(super) async fn give_back_saved(&self, upstream: &oauth::Provider, new: &NewConnection) {
        let tokens = &new.saved.tokens;
        self.end(
            upstream,
            &tokens.access_token,
            tokens.refresh_token.as_ref(),
        )
        .await;
    }

    /// Ends tokens that nobody will use. Where that would end the account's whole grant, and with
    /// it a connection that works, they are only forgotten.
    async fn end(
        &self,
        upstream: &oauth::Provider,
        access_token: &Secret<String>,
        refresh_token: Option<&Secret<String>>,
    ) {
        let ends_whole_grant = upstream
            .definition
            .revocation
            .as_ref()
            .is_none_or(|way| way.ends_whole_grant);
        if !ends_whole_grant {
            let ended = revoke::revoke(
                self.upstreams.egress(),
                upstream,
                access_token,
                refresh_token,
            )
            .await;
            tracing::info!(?ended, "tokens that are not wanted were given back");
        }
    }
}
