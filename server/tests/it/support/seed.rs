//! An organization with an application, a provider, a key and connections, made through the store.

use super::databases::Database;
use server::domain::{
    Actor, ApiKey, Application, Completion, ConnectSession, ConnectSessionId, Connection,
    ConnectionId, EndUser, Flow, FlowId, FlowStatus, NewFlow, OrganizationId, Owner, Provider,
    ProviderId, Scopes, SessionStatus, Timestamp, Tokens, random_base62, support_code,
};
use server::store::{
    Account, Claim, NewApplication, NewConnection, NewProvider, OwnerConflict, SavedTokens, Store,
};
use server::vault::{Secret, TokenHash};
use std::collections::BTreeMap;
use std::time::Duration;

/// Lifetime of access tokens here.
pub(crate) const HOUR: Duration = Duration::from_hours(1);

/// Who does things in tests.
pub(crate) fn admin() -> Actor {
    Actor {
        kind: "member",
        id: "mem_1".to_owned(),
        name: "Ada".to_owned(),
    }
}

/// A tenant.
pub(crate) async fn organization(store: &Store, name: &str) -> OrganizationId {
    let made = store.create_organization(name, Actor::apply()).await;
    made.unwrap().id
}

/// An application.
pub(crate) async fn application(store: &Store, tenant: &OrganizationId, slug: &str) -> Application {
    let new = NewApplication {
        slug: slug.parse().unwrap(),
        name: format!("Application {slug}"),
        return_urls: vec!["https://app.acme.example/done".to_owned()],
        allowed_origins: vec!["https://app.acme.example".to_owned()],
        accent: None,
        completion: Completion::Confirm,
    };
    store
        .create_application(tenant, new, admin())
        .await
        .unwrap()
}

/// A new provider of `definition` with its id as slug.
pub(crate) fn new_provider(definition: &str) -> NewProvider {
    NewProvider {
        id: ProviderId::random(),
        definition: definition.to_owned(),
        slug: definition.parse().unwrap(),
        client_id: "client-1".to_owned(),
        client_secrets: vec![Secret::from("s3cret-of-client-1")],
        inputs: std::collections::BTreeMap::new(),
        custom: None,
        scopes: scopes(["contacts.read", "deals.read"]),
        one_owner_per_account: false,
        team_fallback: true,
    }
}

/// A key of the application's backend.
pub(crate) async fn api_key(store: &Store, application: &Application, name: &str) -> ApiKey {
    let hash = TokenHash::of(&format!("gp_{}", random_base62(40)));
    store
        .create_api_key(application, name, "gp_ab..yz", &hash, admin())
        .await
        .unwrap();
    store.live_api_key(&hash).await.unwrap().expect("the key")
}

/// Scopes of these names.
pub(crate) fn scopes<const N: usize>(names: [&str; N]) -> Scopes {
    Scopes::new(names).unwrap()
}

/// A token set.
pub(crate) fn tokens(access: &str, refresh: Option<&str>) -> Tokens {
    Tokens {
        access_token: Secret::from(access),
        refresh_token: refresh.map(Secret::from),
        raw: Secret::new(format!(r#"{{"access_token":"{access}"}}"#)),
        client_secret: None,
    }
}

/// A token set as an exchange stores it, with or without an end.
pub(crate) fn saved(tokens: Tokens, now: Timestamp, lifetime: Option<Duration>) -> SavedTokens {
    SavedTokens {
        tokens,
        token_type: "Bearer".to_owned(),
        expires_at: lifetime.map(|lifetime| now + lifetime),
        refresh_due_at: lifetime.map(|lifetime| now + lifetime * 9 / 10),
        look_at: lifetime.map(|lifetime| now + lifetime * 9 / 10),
        scopes_granted: scopes(["contacts.read"]),
        metadata: BTreeMap::from([("instance_url".to_owned(), "https://eu.example".to_owned())]),
        client_secret: None,
    }
}

/// An end user with name and e-mail.
pub(crate) fn end_user(id: &str) -> EndUser {
    EndUser {
        id: id.to_owned(),
        name: Some(format!("Name of {id}")),
        email: Some(format!("{id}@acme.example")),
    }
}

/// One application of one tenant, with a provider and a key.
#[derive(Clone)]
pub(crate) struct Seed {
    pub(crate) store: Store,
    pub(crate) application: Application,
    pub(crate) provider: Provider,
    pub(crate) key: ApiKey,
}

impl Seed {
    /// With a provider of the definition `house`.
    pub(crate) async fn of(db: &Database) -> Self {
        Self::with(db, new_provider("house")).await
    }

    /// With this provider.
    pub(crate) async fn with(db: &Database, provider: NewProvider) -> Self {
        let store = db.store.clone();
        let tenant = organization(&store, "Acme").await;
        let application = application(&store, &tenant, "crm-sync").await;
        let provider = store
            .create_provider(&application, provider, admin())
            .await
            .unwrap();
        let key = api_key(&store, &application, "backend").await;
        Self {
            store,
            application,
            provider,
            key,
        }
    }

    /// A connect session that works for an hour, kept, with the secret part of its address.
    pub(crate) async fn session(&self, owner: Owner, person: &str) -> (ConnectSession, String) {
        let session = ConnectSession {
            id: ConnectSessionId::random(),
            organization: self.application.organization.clone(),
            application: self.application.id.clone(),
            api_key: Some(self.key.id.clone()),
            end_user: end_user(person),
            owner,
            providers: vec![self.provider.slug.clone()],
            scopes: BTreeMap::from([("house".to_owned(), vec!["contacts.read".to_owned()])]),
            return_url: Some("https://app.acme.example/done".to_owned()),
            locale: Some("de".to_owned()),
            reconnect: None,
            completion: Completion::Confirm,
            code_challenge: None,
            support_code: Some(support_code()),
            status: SessionStatus::Pending,
            error: None,
            created_at: self.store.now(),
            expires_at: self.store.now() + HOUR,
        };
        let token = random_base62(43);
        self.store
            .create_connect_session(&session, &Secret::from(token.as_str()), self.backend())
            .await
            .unwrap();
        (session, token)
    }

    /// The key, as who does something.
    pub(crate) fn backend(&self) -> Actor {
        Actor {
            kind: "api_key",
            id: self.key.id.to_string(),
            name: self.key.name.clone(),
        }
    }

    /// A flow that waits for its callback, kept; the state that leads to it is its id.
    pub(crate) async fn flow(
        &self,
        session: &ConnectSession,
        renews: Option<&ConnectionId>,
    ) -> Flow {
        let flow = Flow {
            id: FlowId::random(),
            organization: session.organization.clone(),
            session: session.id.clone(),
            provider: self.provider.id.clone(),
            browser_sha256: *TokenHash::of("browser").as_bytes(),
            redirect_uri: format!(
                "https://grantport.example/oauth/callback/{}",
                self.provider.id
            ),
            client_id: self.provider.client_id.clone(),
            scopes_asked: scopes(["contacts.read", "deals.read"]),
            inputs: BTreeMap::from([("region".to_owned(), "eu".to_owned())]),
            reconnect: renews.cloned(),
            status: FlowStatus::Waiting,
            problem: None,
            provider_words: None,
            support_code: support_code(),
            connection: None,
            opener: Some("https://app.acme.example".to_owned()),
            expires_at: self.store.now() + Duration::from_mins(10),
        };
        let new = NewFlow {
            flow: flow.clone(),
            state_sha256: *TokenHash::of(flow.id.as_str()).as_bytes(),
            verifier: Some(Secret::new(format!("verifier-of-{}", flow.id))),
            client_secret: None,
        };
        self.store.create_flow(&new).await.unwrap();
        flow
    }

    /// What a flow brings: `account`, with tokens that live for an hour.
    pub(crate) fn brought(&self, owner: Owner, person: &str, account: &str) -> NewConnection {
        let number = random_base62(8);
        let tokens = tokens(&format!("at-{number}"), Some(&format!("rt-{number}")));
        NewConnection {
            owner,
            end_user: end_user(person),
            account_id: Some(account.to_owned()),
            account_label: Some(format!("{account}@provider.example")),
            scopes_asked: scopes(["contacts.read", "deals.read"]),
            saved: saved(tokens, self.store.now(), Some(HOUR)),
        }
    }

    /// Runs a whole flow that ends with `new`.
    pub(crate) async fn finish(
        &self,
        new: &NewConnection,
        renews: Option<&ConnectionId>,
    ) -> Result<Connection, OwnerConflict> {
        let (session, _) = self.session(new.owner.clone(), &new.end_user.id).await;
        let flow = self.flow(&session, renews).await;
        let claim = self.store.claim_flow(&flow).await.unwrap();
        assert!(matches!(claim, Claim::Ours(_)), "a new flow can be claimed");
        let finished = self
            .store
            .finish_flow(&flow, &self.provider, new, None, Account::Same)
            .await;
        match finished.unwrap() {
            Ok(id) => Ok(self.read(&id).await),
            Err(conflict) => Err(conflict),
        }
    }

    /// Connects a person's own account, which has the person's name.
    pub(crate) async fn connect(&self, person: &str) -> Connection {
        let new = self.brought(Owner::Personal(person.to_owned()), person, person);
        self.finish(&new, None).await.expect("a connection")
    }

    /// The connection as it stands now.
    pub(crate) async fn read(&self, id: &ConnectionId) -> Connection {
        let found = self.store.connection_by_id(id).await.unwrap();
        found.expect("the connection")
    }

    /// The provider as it stands now.
    pub(crate) async fn read_provider(&self) -> Provider {
        let found = self.store.provider_by_id(&self.provider.id).await.unwrap();
        found.expect("the provider")
    }

    /// Its access token and refresh token, opened.
    pub(crate) async fn tokens_of(&self, id: &ConnectionId) -> (String, Option<String>) {
        let found = self
            .store
            .connection_with_tokens(&self.application.id, id.as_str())
            .await
            .unwrap();
        let tokens = found.expect("the connection").1.expect("its tokens");
        let refresh = tokens.refresh_token.as_ref();
        (
            tokens.access_token.expose().clone(),
            refresh.map(|token| token.expose().clone()),
        )
    }
}
