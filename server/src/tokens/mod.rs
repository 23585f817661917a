//! Fresh access tokens: what the product's backend comes for.
//!
//! A token that is valid long enough is handed out from one read, with no lock and no write, also
//! while its provider is down (R62). One that is due is renewed ([`refresh`]) by one task however
//! many callers wait ([`SingleFlight`]), through a gate per provider ([`gate`]) and past a breaker
//! per host ([`breaker`]); what arrives is kept whatever happens (`keeping`, [`recovery`]). A failure
//! that condemns nothing still hands out what is valid. Who got what is counted ([`hand_outs`]).
//!
//! Most tokens are renewed ahead of time, by the server itself ([`looking`]); [`when`] says when.

pub mod breaker;
mod engine;
pub mod gate;
pub mod hand_outs;
mod introspected;
mod keeping;
pub mod looking;
mod narrowing;
mod received;
pub mod recovery;
pub mod refresh;
mod rotation;
mod single_flight;
pub mod when;

pub use hand_outs::HandOuts;
pub use introspected::learn_end;
pub use narrowing::NarrowError;
pub use received::received;
pub use recovery::RecoveryDirectory;
pub use single_flight::{Flight, SingleFlight};

use crate::domain::{
    ApiKey, ApplicationId, Connection, ConnectionId, Owner, Provider, Status, Timestamp, Tokens,
};
use crate::metrics::Metrics;
use crate::store::{SharedReads, Store, StoreError};
use crate::upstreams::{UpstreamError, Upstreams};
use crate::vault::Secret;
use app::wire::BrokenReason;
use breaker::Breakers;
use engine::Engine;
use gate::{Gates, Urgency};
use refresh::Refreshed;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// A token that is due and lives longer than this is handed out while it is being renewed.
const LONG_ENOUGH: Duration = Duration::from_mins(1);
/// Nobody waits longer for a refresh. It goes on without them.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

/// What a backend asks for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask {
    /// The token must be valid for this long.
    pub min_valid: Option<Duration>,
    /// SHA-256 of a token that the provider rejected: renew if it is still the stored one (R63).
    pub rejected: Option<[u8; 32]>,
}

/// An access token on its way to the product's backend, and nowhere else.
#[derive(Debug)]
pub struct TokenGrant {
    /// The connection it belongs to.
    pub connection: Connection,
    /// The token, which all who waited for one refresh share.
    pub access_token: Arc<Secret<String>>,
    /// Until then the backend may use it without asking again.
    pub cache_until: Option<Timestamp>,
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The application has no such connection.
    #[error("no such connection")]
    NotFound,
    /// It was ended on purpose.
    #[error("the connection was revoked")]
    Revoked,
    /// All tokens of the application, or of the provider, were stopped. An admin lets them go again.
    #[error("tokens are stopped")]
    Stopped,
    /// A person has to approve again.
    #[error("the end user has to reconnect")]
    ReconnectRequired {
        /// The connection.
        connection: ConnectionId,
        /// Why.
        reason: BrokenReason,
    },
    /// The provider refuses our credentials: an admin has to act. Nothing is condemned.
    #[error("the provider refuses the client's credentials")]
    ClientCredentialsRejected,
    /// The installation looks like a restored or copied one, so it refreshes nothing (R103), and no
    /// valid token is left. An operator has to act; the connection needs nothing.
    #[error("nothing is refreshed while in quarantine")]
    Quarantined,
    /// The provider cannot be asked now, and no valid token is left.
    #[error("the provider is not available")]
    ProviderUnavailable {
        /// When it makes sense to ask again.
        retry_after: Duration,
    },
    /// The definition is gone, or makes no address.
    #[error(transparent)]
    Upstream(#[from] UpstreamError),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A connection as it is stored, and its access token until it is revoked.
#[derive(Clone)]
struct Stored {
    connection: Connection,
    access_token: Option<Arc<Secret<String>>>,
}

/// What came of a refresh, and what is stored since: read once for all who waited.
#[derive(Clone)]
struct Landed {
    refreshed: Refreshed,
    /// After [`Refreshed::Renewed`], if a caller began it. Where it could not be read, each who waited finds
    /// out why.
    renewed: Option<Arc<Stored>>,
}

/// Hands out fresh access tokens. Cheap to clone.
#[derive(Clone)]
pub struct FreshTokens {
    engine: Engine,
    flights: SingleFlight<(ApplicationId, ConnectionId), Landed>,
    /// A crowd reads at the same moment what it waited for.
    reads: SharedReads<String, Stored>,
    hand_outs: HandOuts,
}

impl FreshTokens {
    /// `tracker` is waited for when the server stops, so that no refresh is cut off (R96).
    #[must_use]
    pub fn new(store: Store, upstreams: Upstreams, tracker: TaskTracker) -> Self {
        Self {
            engine: Engine {
                store,
                upstreams,
                gates: Gates::default(),
                breakers: Breakers::default(),
                recovery: None,
                metrics: Metrics::default(),
                tracker,
                holder: crate::domain::random_base62(12).into(),
            },
            flights: SingleFlight::default(),
            reads: SharedReads::default(),
            hand_outs: HandOuts::default(),
        }
    }

    /// With a place for tokens that the database does not take.
    #[must_use]
    pub fn recovering_in(mut self, directory: RecoveryDirectory) -> Self {
        self.engine.recovery = Some(directory);
        self
    }

    /// With instruments that an operator watches.
    #[must_use]
    pub fn measured_by(mut self, metrics: Metrics) -> Self {
        self.engine.metrics = metrics;
        self
    }

    /// Counts of tokens that were handed out and are not stored yet.
    #[must_use]
    pub fn hand_outs(&self) -> &HandOuts {
        &self.hand_outs
    }

    /// A fresh access token of one connection, for the backend that holds `key`.
    pub async fn of_connection(
        &self,
        key: &ApiKey,
        id: &str,
        ask: Ask,
    ) -> Result<TokenGrant, TokenError> {
        if key.stopped {
            return Err(TokenError::Stopped);
        }
        let joined = self.join(&key.application, id).await;
        let renewed = joined.as_ref().and_then(|landed| landed.renewed.clone());
        let stored = self.renewed_or_read(renewed, &key.application, id).await?;
        if !key.limits.providers.include(&stored.connection.provider) {
            return Err(TokenError::NotFound);
        }
        self.grant(stored, ask, joined).await
    }

    /// Where a refresh is under way without which nobody can be answered: what came of it. Whoever comes
    /// meanwhile need not read first that they have to wait.
    async fn join(&self, application: &ApplicationId, id: &str) -> Option<Landed> {
        let key = (application.clone(), id.parse().ok()?);
        Some(landed(self.flights.for_all(&key)?).await)
    }

    /// Counts a token that is handed out. After this nothing may fail that keeps it from its caller.
    pub fn count(&self, grant: &TokenGrant, key: &ApiKey) {
        self.hand_outs
            .count(&grant.connection, key, self.engine.store.now());
    }

    /// Counts a call that goes through the proxy. Its token reaches nobody.
    pub fn count_proxied(&self, connection: &Connection, key: &ApiKey) {
        self.hand_outs
            .count_proxied(connection, key, self.engine.store.now());
    }

    /// Which of an owner's connections to a provider answers: one that works before one that does not.
    pub async fn connection_of(
        &self,
        provider: &Provider,
        owner: &Owner,
    ) -> Result<Option<Connection>, TokenError> {
        Ok(self
            .engine
            .store
            .connections_of_owner(&provider.id, owner)
            .await?
            .into_iter()
            .next())
    }

    /// What a flight has read for all who waited for it, or else what is read now.
    async fn renewed_or_read(
        &self,
        renewed: Option<Arc<Stored>>,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Stored, TokenError> {
        match renewed {
            Some(stored) => Ok(Arc::unwrap_or_clone(stored)),
            None => self.read(application, id).await,
        }
    }

    async fn read(&self, application: &ApplicationId, id: &str) -> Result<Stored, TokenError> {
        let read = |ids: Vec<String>| async move {
            let found = self.engine.store.connections_with_tokens(&ids).await?;
            let found = found
                .into_iter()
                .map(|(id, found)| (id, found.map(Stored::from)));
            Ok(found.collect())
        };
        match self.reads.read(id.to_owned(), read).await {
            Ok(found) => found
                .filter(|stored| stored.connection.application == *application)
                .ok_or(TokenError::NotFound),
            // what cannot be opened cannot be repaired here: a person has to approve again (R49)
            Err(StoreError::Unsealable { .. }) => self.unreadable(application, id).await,
            Err(other) => Err(other.into()),
        }
    }

    async fn unreadable<T>(&self, application: &ApplicationId, id: &str) -> Result<T, TokenError> {
        let connection = self
            .engine
            .store
            .connection(application, id)
            .await?
            .ok_or(TokenError::NotFound)?;
        tracing::error!(connection = %connection.id, "the token set cannot be opened; the connection is quarantined");
        self.engine
            .give_up(&connection, BrokenReason::Unreadable)
            .await?;
        Err(TokenError::ReconnectRequired {
            connection: connection.id,
            reason: BrokenReason::Unreadable,
        })
    }

    /// `joined` is what came of a refresh that was waited for before `stored` was read.
    async fn grant(
        &self,
        stored: Stored,
        ask: Ask,
        joined: Option<Landed>,
    ) -> Result<TokenGrant, TokenError> {
        check_status(&stored.connection)?;
        let connection = &stored.connection;
        let now = self.engine.store.now();
        if is_fresh(connection, ask, now) {
            return handed_out(stored, now);
        }
        let rejected = is_rejected(connection, ask);
        let usable = !rejected && valid_until(connection) > now;
        if usable && connection.next_refresh_at.is_some_and(|at| at > now) {
            // backing off, and what is there still works: serve it (R62)
            return handed_out(stored, now);
        }
        let asked_for = ask.min_valid.unwrap_or_default().max(LONG_ENOUGH);
        if usable && valid_until(connection) > now + asked_for && self.outlives(connection).await? {
            self.begin(connection, Urgency::Caller, false);
            return handed_out(stored, now);
        }
        let landed = match joined {
            Some(landed) if !rejected && landed.refreshed == Refreshed::Renewed => {
                return handed_out(stored, now);
            }
            Some(landed) if !rejected => landed,
            _ => self.renew(connection, rejected).await,
        };
        match landed.refreshed {
            Refreshed::Renewed => {
                let (application, id) = (&connection.application, connection.id.as_str());
                let renewed = self
                    .renewed_or_read(landed.renewed, application, id)
                    .await?;
                check_status(&renewed.connection)?;
                handed_out(renewed, self.engine.store.now())
            }
            Refreshed::StillGood => handed_out(stored, now),
            Refreshed::Broken(reason) => Err(TokenError::ReconnectRequired {
                connection: stored.connection.id,
                reason,
            }),
            _ if usable && valid_until(connection) > self.engine.store.now() => {
                handed_out(stored, now)
            }
            Refreshed::Quarantined => Err(TokenError::Quarantined),
            Refreshed::CredentialsRejected => Err(TokenError::ClientCredentialsRejected),
            Refreshed::NotConfigured => Err(UpstreamError::NoDefinition.into()),
            Refreshed::Later(retry_after) => Err(TokenError::ProviderUnavailable { retry_after }),
            // only who gives scopes up hears it
            Refreshed::ScopesRefused => Err(TokenError::ProviderUnavailable {
                retry_after: Duration::ZERO,
            }),
            Refreshed::StoreUnavailable => Err(store_unavailable()),
        }
    }

    /// Whether the access token still works after a refresh.
    async fn outlives(&self, connection: &Connection) -> Result<bool, TokenError> {
        let provider = self
            .engine
            .store
            .provider_by_id(&connection.provider)
            .await?;
        let definition = provider.map(|provider| self.engine.upstreams.definition(&provider));
        Ok(matches!(definition, Some(Ok(definition)) if !definition.refresh.kills_access_token))
    }

    /// Joins the refresh that is under way, or starts one. It runs to its end whatever its callers do (R95).
    async fn renew(&self, connection: &Connection, rejected: bool) -> Landed {
        let flight = self.begin(connection, Urgency::Caller, rejected);
        if valid_until(connection) <= self.engine.store.now() {
            flight.stop_all();
        }
        landed(flight).await
    }

    fn begin(&self, connection: &Connection, urgency: Urgency, rejected: bool) -> Flight<Landed> {
        let task = refresh::Refresh {
            engine: self.engine.clone(),
            urgency,
            rejected,
            narrowing: None,
        };
        let seen = connection.clone();
        let key = (connection.application.clone(), connection.id.clone());
        let work = async move { Box::pin(task.run(seen)).await };
        let tell = {
            let (tokens, (application, id)) = (self.clone(), key.clone());
            async move |refreshed| {
                tokens
                    .tell(&application, id.as_str(), urgency, refreshed)
                    .await
            }
        };
        self.flights.enter(&self.engine.tracker, key, work, tell)
    }

    /// What those who wait are told.
    async fn tell(
        &self,
        application: &ApplicationId,
        id: &str,
        urgency: Urgency,
        refreshed: Refreshed,
    ) -> Landed {
        let renewed = match (refreshed, urgency) {
            (Refreshed::Renewed, Urgency::Caller) => {
                self.read(application, id).await.ok().map(Arc::new)
            }
            _ => None,
        };
        Landed { refreshed, renewed }
    }
}

impl From<Refreshed> for Landed {
    fn from(refreshed: Refreshed) -> Self {
        Self {
            refreshed,
            renewed: None,
        }
    }
}

impl From<(Connection, Option<Tokens>)> for Stored {
    fn from((connection, tokens): (Connection, Option<Tokens>)) -> Self {
        Self {
            connection,
            access_token: tokens.map(|tokens| Arc::new(tokens.access_token)),
        }
    }
}

/// What comes of a refresh, for whoever waits for it.
async fn landed(flight: Flight<Landed>) -> Landed {
    match tokio::time::timeout(LONGEST_WAIT, flight.landed()).await {
        Ok(Some(landed)) => landed,
        Ok(None) => Refreshed::Later(Duration::from_secs(1)).into(),
        Err(_) => Refreshed::Later(Duration::from_secs(2)).into(),
    }
}

fn handed_out(stored: Stored, now: Timestamp) -> Result<TokenGrant, TokenError> {
    Ok(TokenGrant {
        cache_until: when::cache_until(&stored.connection, now),
        access_token: stored.access_token.ok_or(TokenError::Revoked)?,
        connection: stored.connection,
    })
}

fn store_unavailable() -> TokenError {
    StoreError::Unavailable("it did not take the refresh").into()
}

fn check_status(connection: &Connection) -> Result<(), TokenError> {
    match connection.status {
        Status::Active if connection.stopped => Err(TokenError::Stopped),
        Status::Active => Ok(()),
        Status::Revoked => Err(TokenError::Revoked),
        Status::ReconnectRequired => Err(TokenError::ReconnectRequired {
            connection: connection.id.clone(),
            reason: connection
                .broken_reason
                .unwrap_or(BrokenReason::GrantRevokedOrExpired),
        }),
    }
}

/// Nothing has to be done before this token is handed out.
fn is_fresh(connection: &Connection, ask: Ask, now: Timestamp) -> bool {
    let due = connection.refresh_due_at.is_some_and(|due| due <= now);
    let too_short = ask
        .min_valid
        .is_some_and(|span| valid_until(connection) < now + span);
    !due && !too_short && !is_rejected(connection, ask)
}

fn is_rejected(connection: &Connection, ask: Ask) -> bool {
    ask.rejected.is_some() && ask.rejected == connection.access_token_sha256
}

fn valid_until(connection: &Connection) -> Timestamp {
    connection
        .access_token_expires_at
        .unwrap_or(Timestamp::from_millis(i64::MAX))
}
