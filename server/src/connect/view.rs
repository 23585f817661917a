//! From what is stored to what the hosted pages show.

use super::Connect;
use super::answer::Stopped;
use crate::catalog::{AskedOf, Definition};
use crate::domain::{Application, ConnectSession, Flow, Owner, Provider, Scopes, SessionStatus};
use crate::oauth::authorize::scopes_to_send;
use app::wire::{ConnectProblem, ForWhom, Host, ProblemView, ProviderAsk, ScopeWords};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A session that can be used now, with all that its pages show.
pub(super) struct Open {
    pub(super) session: ConnectSession,
    pub(super) application: Application,
    pub(super) host: Host,
    /// The providers on offer that exist and have a definition, in the session's order.
    pub(super) offers: Vec<Offer>,
}

/// One provider of a session.
pub(super) struct Offer {
    pub(super) provider: Provider,
    pub(super) definition: Arc<Definition>,
    /// Already connected in this session.
    pub(super) connected: bool,
}

impl Connect {
    /// The session behind a link, expired or not.
    pub(super) async fn session(&self, token: &str) -> Result<Open, Stopped> {
        let session = self
            .store
            .connect_session_by_token(token)
            .await?
            .ok_or_else(|| Stopped::bare(ConnectProblem::UnknownLink))?;
        self.opened(session, token).await
    }

    pub(super) async fn opened(
        &self,
        session: ConnectSession,
        token: &str,
    ) -> Result<Open, Stopped> {
        let unknown = || Stopped::bare(ConnectProblem::UnknownLink);
        let application = self
            .store
            .application_by_id(&session.organization, &session.application)
            .await?
            .ok_or_else(unknown)?;
        let organization = self
            .store
            .organization(&session.organization)
            .await?
            .ok_or_else(unknown)?;
        let connected = self.store.connections_of_session(&session.id).await?;
        let mut offers: Vec<Offer> = Vec::new();
        for provider in self.store.providers(&application.id).await? {
            let offered =
                session.providers.is_empty() || session.providers.contains(&provider.slug);
            let Some(definition) = self
                .upstreams
                .definition(&provider)
                .ok()
                .filter(|_| offered)
            else {
                continue;
            };
            let connected = connected.iter().any(|(slug, _)| *slug == provider.slug);
            offers.push(Offer {
                provider,
                definition,
                connected,
            });
        }
        offers.sort_by_key(|offer| {
            session
                .providers
                .iter()
                .position(|slug| *slug == offer.provider.slug)
        });
        let host = Host {
            application: application.name.clone(),
            organization: organization.name,
            path: Self::path(token),
            back: session.return_url.clone(),
        };
        Ok(Open {
            session,
            application,
            host,
            offers,
        })
    }

    /// The session behind a link, if it can still be used for something new.
    pub(super) async fn usable_session(&self, token: &str) -> Result<Open, Stopped> {
        let open = self.session(token).await?;
        if open.session.expires_at <= self.store.now() {
            return Err(open.stopped(ConnectProblem::LinkExpired, None, None));
        }
        Ok(open)
    }
}

impl Open {
    /// Who it is for.
    pub(super) fn for_whom(&self) -> ForWhom {
        ForWhom {
            name: self.session.end_user.words().to_owned(),
            email: self.session.end_user.email.clone(),
            team: match &self.session.owner {
                Owner::Team(team) => Some(team.clone()),
                Owner::Personal(_) => None,
            },
        }
    }

    /// One provider of the session.
    pub(super) fn offer(&self, slug: &str) -> Option<&Offer> {
        self.offers
            .iter()
            .find(|offer| offer.provider.slug.as_str() == slug)
    }

    /// All that was on offer is connected.
    pub(super) fn is_done(&self) -> bool {
        self.session.status == SessionStatus::Connected
            && self.offers.iter().all(|offer| offer.connected)
    }

    /// The scopes that the session asks for at a provider.
    pub(super) fn scopes(&self, offer: &Offer) -> Scopes {
        match self.session.scopes.get(offer.provider.slug.as_str()) {
            Some(asked) => {
                Scopes::new(asked.iter().cloned()).unwrap_or_else(|_| offer.provider.scopes.clone())
            }
            None => offer.provider.scopes.clone(),
        }
    }

    /// What the ask page says about a provider.
    pub(super) fn ask(&self, offer: &Offer) -> ProviderAsk {
        let definition = &offer.definition;
        let always = definition
            .scopes
            .always_granted
            .iter()
            .map(|scope| scope.name.clone());
        let always = Scopes::new(always).unwrap_or_default();
        let may: Vec<ScopeWords> = definition.user_words_for(&always.union(&self.scopes(offer)));
        ProviderAsk {
            slug: offer.provider.slug.to_string(),
            mark: definition.provider_mark(),
            short_name: definition.short_name.clone(),
            may,
            may_not: definition.scopes.never.clone(),
            needs: definition.needs.clone(),
            inputs: definition.input_views(AskedOf::EndUser),
            sign_in_host: where_to_sign_in(definition, &offer.provider.inputs),
        }
    }

    /// A problem's page within this session.
    pub(super) fn stopped(
        &self,
        problem: ConnectProblem,
        offer: Option<&Offer>,
        flow: Option<&Flow>,
    ) -> Stopped {
        let can_retry = !matches!(
            problem,
            ConnectProblem::UnknownLink
                | ConnectProblem::LinkExpired
                | ConnectProblem::LinkUsed
                | ConnectProblem::ProviderRemoved
        );
        Stopped(Box::new(ProblemView {
            host: Some(self.host.clone()),
            provider: offer.map(|offer| offer.definition.provider_mark()),
            short_name: offer.map(|offer| offer.definition.short_name.clone()),
            problem,
            provider_words: flow.and_then(|flow| flow.provider_words.clone()),
            who_may_approve: offer.and_then(|offer| offer.definition.who_may_approve.clone()),
            retry: offer
                .filter(|_| can_retry)
                .map(|offer| offer.provider.slug.to_string()),
            support_code: flow.map(|flow| flow.support_code.clone()),
        }))
    }
}

/// The host of the sign-in, or the provider's name where the host is still to be filled in.
fn where_to_sign_in(definition: &Definition, inputs: &BTreeMap<String, String>) -> String {
    let host = definition.sign_in_host(inputs);
    if host.is_empty() {
        definition.short_name.clone()
    } else {
        host
    }
}

/// What is recorded as asked for: what is sent, or, where the provider has the scopes from the
/// registration, what was chosen there.
pub(super) fn scopes_asked(definition: &Definition, chosen: &Scopes) -> Scopes {
    if definition.sends_scopes() {
        scopes_to_send(definition, chosen)
    } else {
        chosen.clone()
    }
}
