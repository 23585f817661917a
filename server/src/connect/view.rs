//! From what is stored to what the hosted pages show.

use super::Connect;
use super::answer::Stopped;
use super::language;
use crate::brand;
use crate::catalog::{AskedOf, Definition, translated};
use crate::domain::{Application, ConnectSession, Flow, Owner, Provider, Scopes, SessionStatus};
use crate::oauth::authorize::scopes_to_send;
use crate::store::ConnectRoom;
use app::wire::{ConnectProblem, ForWhom, Grants, Host, ProblemView, ProviderAsk};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A session that can be used now, with all that its pages show.
pub(super) struct Open {
    pub(super) session: ConnectSession,
    pub(super) application: Application,
    pub(super) host: Host,
    /// The providers on offer that exist and have a definition, in the session's order.
    pub(super) offers: Vec<Offer>,
    /// The API key that made it is no longer valid.
    key_revoked: bool,
}

/// One provider of a session.
pub(super) struct Offer {
    pub(super) provider: Provider,
    pub(super) definition: Arc<Definition>,
    /// Already connected in this session.
    pub(super) connected: bool,
}

impl Connect {
    /// The session behind a link, expired or not, with all that its pages show.
    pub(super) async fn session(&self, token: &str) -> Result<Open, Stopped> {
        let room = Box::pin(self.store.connect_room(token)).await?;
        let room = room.ok_or_else(|| Stopped::bare(ConnectProblem::UnknownLink))?;
        Ok(self.open(token, room))
    }

    /// All that the pages of a session show.
    pub(super) fn open(&self, token: &str, room: ConnectRoom) -> Open {
        let ConnectRoom {
            session,
            application,
            organization,
            providers,
            connected,
            key_revoked,
        } = room;
        let mut offers: Vec<Offer> = Vec::new();
        for provider in providers {
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
            let connected = connected.contains(&provider.slug);
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
            language: language::chosen(session.locale.as_deref()),
            application: application.name.clone(),
            brand: brand::view(&application),
            organization,
            path: Self::path(token),
            back: session.return_url.clone(),
            opener: None,
        };
        Open {
            session,
            application,
            host,
            offers,
            key_revoked,
        }
    }

    /// The session behind a link, if it can still be used for something new.
    pub(super) async fn usable_session(&self, token: &str) -> Result<Open, Stopped> {
        let open = self.session(token).await?;
        self.still_usable(&open)?;
        Ok(open)
    }

    /// Whether something new may begin in a session.
    pub(super) fn still_usable(&self, open: &Open) -> Result<(), Stopped> {
        if open.session.error == Some(ConnectProblem::LinkStopped) || open.key_revoked {
            return Err(open.stopped(ConnectProblem::LinkStopped, None, None));
        }
        if open.session.expires_at <= self.store.now() {
            return Err(open.stopped(ConnectProblem::LinkExpired, None, None));
        }
        Ok(())
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

    /// The provider of a flow, if it is still on offer.
    pub(super) fn offer_of(&self, flow: &Flow) -> Result<&Offer, Stopped> {
        self.offers
            .iter()
            .find(|offer| offer.provider.id == flow.provider)
            .ok_or_else(|| self.stopped(ConnectProblem::ProviderRemoved, None, Some(flow)))
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
    pub(super) fn ask(&self, offer: &Offer, grants: Option<Grants>) -> ProviderAsk {
        let (definition, language) = (&offer.definition, self.host.language);
        let words = |english: &Option<String>| {
            let english = english.as_deref();
            english.map(|english| translated(language, english))
        };
        let always = definition
            .scopes
            .always_granted
            .iter()
            .map(|scope| scope.name.clone());
        let always = Scopes::new(always).unwrap_or_default();
        let asked = always.union(&self.scopes(offer));
        ProviderAsk {
            slug: offer.provider.slug.to_string(),
            mark: definition.provider_mark(),
            short_name: definition.short_name.clone(),
            may: definition.user_words_for(&asked, language),
            may_not: words(&definition.scopes.never),
            needs: words(&definition.needs),
            grants,
            inputs: definition.input_views(AskedOf::EndUser, language),
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
                | ConnectProblem::LinkStopped
                | ConnectProblem::ProviderRemoved
        );
        // whoever is asked to try again goes on with what they had begun
        let renewed = flow
            .and_then(|flow| flow.reconnect.as_ref())
            .filter(|_| problem != ConnectProblem::ConnectionRevoked);
        let language = self.host.language;
        let who_may_approve = offer.and_then(|offer| offer.definition.who_may_approve.as_deref());
        Stopped(Box::new(ProblemView {
            language,
            host: Some(self.host.clone()),
            provider: offer.map(|offer| offer.definition.provider_mark()),
            short_name: offer.map(|offer| offer.definition.short_name.clone()),
            problem,
            provider_words: flow.and_then(|flow| flow.provider_words.clone()),
            who_may_approve: who_may_approve.map(|words| translated(language, words)),
            retry: offer
                .filter(|_| can_retry)
                .map(|offer| offer.provider.slug.to_string()),
            renews: renewed.map(ToString::to_string),
            support_code: flow
                .map(|flow| flow.support_code.clone())
                .or_else(|| self.session.support_code.clone()),
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
