//! The token desk in front of a real database, with a real provider behind it.

use super::databases::Database;
use super::definitions::{catalog, manners};
use super::provider::{Issued, Provider};
use super::seed::{HOUR, Seed, new_provider, saved, tokens};
use server::clock::SystemClock;
use server::domain::{Connection, Owner, Timestamp};
use server::oauth::egress::{Egress, Limits};
use server::store::{NewConnection, NewProvider, Store};
use server::tokens::{Ask, FreshTokens, TokenError, TokenGrant};
use server::upstreams::Upstreams;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

/// All of it, for one provider.
pub(crate) struct House {
    pub(crate) db: Database,
    pub(crate) seed: Seed,
    pub(crate) provider: Provider,
    pub(crate) tokens: FreshTokens,
    pub(crate) tracker: TaskTracker,
    pub(crate) upstreams: Upstreams,
    limits: Limits,
}

impl House {
    /// With the provider by the book.
    pub(crate) async fn new(db: Database) -> Self {
        Self::of(db, "house").await
    }

    /// With the provider of this definition.
    pub(crate) async fn of(db: Database, definition: &str) -> Self {
        Self::with(db, new_provider(definition), Limits::default()).await
    }

    /// With a provider that is waited for no longer than `patience`.
    pub(crate) async fn impatient(db: Database, patience: Duration) -> Self {
        let limits = Limits {
            total: patience,
            ..Limits::default()
        };
        Self::with(db, new_provider("house"), limits).await
    }

    async fn with(db: Database, new: NewProvider, limits: Limits) -> Self {
        let provider = Provider::start(manners(&new.definition)).await;
        let seed = Seed::with(&db, new).await;
        let upstreams = upstreams(db.store.clone(), &provider, limits);
        let tracker = TaskTracker::new();
        let tokens = FreshTokens::new(db.store.clone(), upstreams.clone(), tracker.clone());
        Self {
            db,
            seed,
            provider,
            tokens,
            tracker,
            upstreams,
            limits,
        }
    }

    /// The token desk of another node.
    pub(crate) async fn another_node(&self) -> FreshTokens {
        let store = self.db.another_node().await;
        self.desk_on(&store)
    }

    /// Another token desk.
    pub(crate) fn desk_on(&self, store: &Store) -> FreshTokens {
        let upstreams = upstreams(store.clone(), &self.provider, self.limits);
        FreshTokens::new(store.clone(), upstreams, TaskTracker::new())
    }

    /// Somebody connects the account, whose name is the person's. The token lives for an hour if
    /// the provider says that its tokens end.
    pub(crate) async fn connect(&self, person: &str) -> (Connection, Issued) {
        let issued = self.provider.issue(person);
        let lifetime = (self.seed.provider.definition != "lasting").then_some(HOUR);
        let connection = self.keep(person, &issued, lifetime, None).await;
        (connection, issued)
    }

    /// The same, for a connection that is there already.
    pub(crate) async fn reconnect(&self, connection: &Connection) -> (Connection, Issued) {
        let issued = self.provider.issue(connection.owner.id());
        let person = connection.owner.id().to_owned();
        let renewed = self
            .keep(&person, &issued, Some(HOUR), Some(connection))
            .await;
        (renewed, issued)
    }

    /// Connects with these tokens.
    pub(crate) async fn keep(
        &self,
        person: &str,
        issued: &Issued,
        lifetime: Option<Duration>,
        renews: Option<&Connection>,
    ) -> Connection {
        let set = tokens(&issued.access_token, issued.refresh_token.as_deref());
        let owner = Owner::Personal(person.to_owned());
        let new = NewConnection {
            saved: saved(set, self.now(), lifetime),
            ..self.seed.brought(owner, person, person)
        };
        let renews = renews.map(|connection| &connection.id);
        self.seed.finish(&new, renews).await.expect("a connection")
    }

    /// What the backend gets for a connection.
    pub(crate) async fn ask(&self, connection: &Connection) -> Result<TokenGrant, TokenError> {
        self.ask_for(connection, Ask::default()).await
    }

    /// The same with wishes.
    pub(crate) async fn ask_for(
        &self,
        connection: &Connection,
        ask: Ask,
    ) -> Result<TokenGrant, TokenError> {
        self.tokens
            .of_connection(&self.seed.key, connection.id.as_str(), ask)
            .await
    }

    /// Asks in a task of its own, as a request does.
    pub(crate) fn asking(
        &self,
        connection: &Connection,
    ) -> tokio::task::JoinHandle<Result<TokenGrant, TokenError>> {
        let (desk, key) = (self.tokens.clone(), self.seed.key.clone());
        let id = connection.id.to_string();
        tokio::spawn(async move { desk.of_connection(&key, &id, Ask::default()).await })
    }

    /// Lets time pass.
    pub(crate) fn pass(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).expect("not that long");
        self.db.clock.advance(millis);
    }

    /// Now, for the server.
    pub(crate) fn now(&self) -> Timestamp {
        self.db.store.now()
    }

    /// The connection as it stands now.
    pub(crate) async fn read(&self, connection: &Connection) -> Connection {
        self.seed.read(&connection.id).await
    }

    /// The server looks at all connections whose moment has come.
    pub(crate) async fn look(&self) {
        look_with(&self.db.store, &self.tokens).await;
    }

    /// Waits until nothing runs in the background any more.
    pub(crate) async fn settled(&self) {
        self.tracker.close();
        self.tracker.wait().await;
        self.tracker.reopen();
    }
}

/// One node looks at all connections whose moment has come.
pub(crate) async fn look_with(store: &Store, tokens: &FreshTokens) {
    for due in store.due_looks().await.expect("a database") {
        let claimed = store.claim_looks(&due.provider, 100, HOUR);
        let mut looking = tokio::task::JoinSet::new();
        for connection in claimed.await.expect("a database") {
            let tokens = tokens.clone();
            looking.spawn(async move { tokens.look(connection).await });
        }
        while let Some(looked) = looking.join_next().await {
            looked.expect("no panic").expect("a database");
        }
    }
    tokens.probe().await.expect("a database");
}

fn upstreams(store: Store, provider: &Provider, limits: Limits) -> Upstreams {
    let egress = Egress::new(provider.policy(), limits, Arc::new(SystemClock)).expect("a client");
    let public_url = "https://grantport.example".parse().expect("a URL");
    Upstreams::new(store, catalog(), provider.overrides(), egress, public_url)
}

/// The access token of a grant.
pub(crate) fn access_token(grant: &TokenGrant) -> &str {
    grant.access_token.expose()
}
