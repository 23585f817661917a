//! A database of its own, two applications, and requests to the router.

use crate::api::Api;
use crate::api::key::ApiKeyText;
use crate::catalog::{Catalog, OriginOverrides};
use crate::clock::FixedClock;
use crate::connect::Connect;
use crate::domain::{
    Actor, ApiKeyId, Application, Completion, ConnectSession, ConnectSessionId, ConnectionId,
    EndUser, Flow, FlowId, FlowStatus, NewFlow, Owner, Provider, Scopes, SessionStatus, Timestamp,
    Tokens, random_base62, support_code,
};
use crate::metrics::Metrics;
use crate::oauth::egress::{Egress, Limits};
use crate::oauth::policy::OutboundPolicy;
use crate::store::{
    self, Account, Claim, NewApplication, NewConnection, NewProvider, SavedTokens, Store,
};
use crate::tokens::FreshTokens;
use crate::upstreams::{Upstreams, provider_id};
use crate::vault::{KekSet, Secret};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use url::Url;

const KEK: &str = "gpk1_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";
/// 2026-01-01T00:00:00Z.
pub(super) const NOW: Timestamp = Timestamp::from_millis(1_767_225_600_000);
pub(super) const RETURN_URL: &str = "https://app.acme.example/integrations";

/// An application and the key of its backend.
pub(super) struct Tenant {
    pub(super) application: Application,
    pub(super) key: Secret<String>,
    key_id: ApiKeyId,
}

/// A server's API with a database of its own.
pub(super) struct Bench {
    pub(super) store: Store,
    pub(super) clock: Arc<FixedClock>,
    pub(super) one: Tenant,
    pub(super) other: Tenant,
    pub(super) tokens: FreshTokens,
    router: Router,
    _directory: tempfile::TempDir,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) text: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    pub(super) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }

    /// Status and code of a problem, after checking what all problems have.
    pub(super) fn problem(&self) -> (u16, String) {
        let body = self.json();
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("cache-control"), "no-store");
        assert_eq!(body["status"], self.status.as_u16());
        for member in ["type", "title", "detail"] {
            assert!(
                body[member].as_str().is_some_and(|text| !text.is_empty()),
                "{member} of {body}"
            );
        }
        assert!(
            ["caller", "user", "admin", "provider"]
                .contains(&body["blame"].as_str().expect("blame"))
        );
        (
            self.status.as_u16(),
            body["code"].as_str().expect("a code").to_owned(),
        )
    }

    /// The sentence of an invalid request.
    pub(super) fn mistake(&self) -> String {
        assert_eq!(
            self.problem(),
            (422, "invalid_request".to_owned()),
            "{}",
            self.text
        );
        self.json()["detail"]
            .as_str()
            .expect("a sentence")
            .to_owned()
    }
}

impl Bench {
    pub(super) async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}/grantport.db", directory.path().display());
        let clock = FixedClock::at(NOW);
        let (store, _lock) = store::open(&url, clock.clone(), |_| Ok(KekSet::from_text(KEK)?))
            .await
            .expect("a database");
        let organization = store
            .create_organization("Acme", Actor::apply())
            .await
            .expect("an organization");
        let mut tenants = Vec::new();
        for slug in ["crm-sync", "lab"] {
            let new = NewApplication {
                slug: slug.parse().expect("a slug"),
                name: slug.to_owned(),
                return_urls: vec![RETURN_URL.to_owned()],
                allowed_origins: Vec::new(),
                accent: None,
                completion: Completion::Confirm,
            };
            let application = store
                .create_application(&organization.id, new, Actor::apply())
                .await
                .expect("an application");
            let ApiKeyText {
                text: key,
                hash,
                hint,
            } = ApiKeyText::make();
            let key_id = store
                .create_api_key(&application, "backend", &hint, &hash, Actor::apply())
                .await
                .expect("a key");
            tenants.push(Tenant {
                application,
                key,
                key_id,
            });
        }
        let egress = Egress::new(OutboundPolicy::new([]), Limits::default(), clock.clone())
            .expect("a client");
        let catalog = Catalog::built_in().expect("a catalog");
        let public_url = Url::parse("http://127.0.0.1:3000").expect("a URL");
        let upstreams = Upstreams::new(
            store.clone(),
            catalog,
            OriginOverrides::default(),
            egress,
            public_url,
        );
        let tokens = FreshTokens::new(store.clone(), upstreams.clone(), TaskTracker::new());
        let connect = Connect::new(store.clone(), upstreams.clone(), TaskTracker::new());
        let api = Api::new(
            store.clone(),
            upstreams,
            tokens.clone(),
            connect,
            Metrics::default(),
        );
        let router = api.router();
        // as in the server, where other routes and another fallback stand beside
        let router = Router::new().merge(router).fallback(async || "a page");
        let other = tenants.pop().expect("two tenants");
        let one = tenants.pop().expect("two tenants");
        let bench = Self {
            store,
            clock,
            one,
            other,
            tokens,
            router,
            _directory: directory,
        };
        for (definition, slug) in [("apollo", "apollo"), ("attio", "attio")] {
            bench.add_provider(&bench.one, definition, slug).await;
        }
        bench
    }

    pub(super) async fn add_provider(
        &self,
        tenant: &Tenant,
        definition: &str,
        slug: &str,
    ) -> Provider {
        let slug = slug.parse().expect("a slug");
        let new = NewProvider {
            id: provider_id(self.store.keyring(), &tenant.application, &slug).expect("an id"),
            definition: definition.to_owned(),
            slug,
            client_id: "client-1".to_owned(),
            client_secrets: vec![Secret::from("a-client-secret")],
            inputs: std::collections::BTreeMap::new(),
            custom: None,
            scopes: Scopes::new(["contacts_search"]).expect("scopes"),
            one_owner_per_account: false,
            team_fallback: true,
        };
        self.store
            .create_provider(&tenant.application, new, Actor::apply())
            .await
            .expect("a provider")
    }

    /// Sends a request with a body, if there is one, and with a key, if there is one.
    pub(super) async fn send(
        &self,
        method: &str,
        path: &str,
        key: Option<&str>,
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if let Some(key) = key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let request = request.body(body.into()).expect("a request");
        let response = self
            .router
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.expect("a body").to_bytes();
        let text = String::from_utf8(bytes.to_vec()).expect("text");
        Answer {
            status: parts.status,
            headers: parts.headers,
            text,
        }
    }

    /// A request of the first application's backend.
    pub(super) async fn call(&self, method: &str, path: &str, body: &str) -> Answer {
        self.send(
            method,
            &format!("/api/v1{path}"),
            Some(self.one.key.expose()),
            body.to_owned(),
        )
        .await
    }

    pub(super) async fn provider(&self, tenant: &Tenant, slug: &str) -> Provider {
        self.store
            .provider(&tenant.application.id, slug)
            .await
            .expect("a database")
            .expect("a provider")
    }

    /// A connection to `slug` as a connect flow leaves it. Its token is `token-of-{account}`.
    pub(super) async fn connect(
        &self,
        tenant: &Tenant,
        slug: &str,
        person: &str,
        owner: Owner,
        account: &str,
    ) -> ConnectionId {
        let provider = self.provider(tenant, slug).await;
        let end_user = EndUser {
            id: person.to_owned(),
            name: None,
            email: Some(format!("{person}@northwind.example")),
        };
        let session = ConnectSession {
            id: ConnectSessionId::random(),
            organization: provider.organization.clone(),
            application: provider.application.clone(),
            api_key: Some(tenant.key_id.clone()),
            end_user: end_user.clone(),
            owner: owner.clone(),
            providers: Vec::new(),
            scopes: BTreeMap::new(),
            return_url: None,
            locale: None,
            reconnect: None,
            completion: Completion::Confirm,
            code_challenge: None,
            support_code: Some(support_code()),
            status: SessionStatus::Pending,
            error: None,
            created_at: self.store.now(),
            expires_at: self.store.now() + Duration::from_mins(15),
        };
        let link = Secret::new(random_base62(43));
        self.store
            .create_connect_session(&session, &link, Actor::apply())
            .await
            .expect("a session");
        self.finish(&session, &provider, account).await
    }

    /// Ends an attempt of a session with a connection.
    pub(super) async fn finish(
        &self,
        session: &ConnectSession,
        provider: &Provider,
        account: &str,
    ) -> ConnectionId {
        let flow = Flow {
            id: FlowId::random(),
            organization: session.organization.clone(),
            session: session.id.clone(),
            provider: provider.id.clone(),
            browser_sha256: [1; 32],
            redirect_uri: "http://127.0.0.1:3000/oauth/callback".to_owned(),
            client_id: provider.client_id.clone(),
            scopes_asked: Scopes::new(["contacts_search", "person_read"]).expect("scopes"),
            inputs: BTreeMap::new(),
            reconnect: None,
            status: FlowStatus::Waiting,
            problem: None,
            provider_words: None,
            support_code: random_base62(8),
            connection: None,
            opener: None,
            expires_at: session.expires_at,
        };
        let state = crate::vault::sha256(random_base62(8).as_bytes());
        let new = NewFlow {
            flow: flow.clone(),
            state_sha256: state,
            verifier: None,
            client_secret: None,
        };
        self.store.create_flow(&new).await.expect("a flow");
        assert!(matches!(
            self.store.claim_flow(&flow).await,
            Ok(Claim::Ours(_))
        ));
        let now = self.store.now();
        let new = NewConnection {
            owner: session.owner.clone(),
            end_user: session.end_user.clone(),
            account_id: Some(account.to_owned()),
            account_label: Some(format!("{account}@salesforce.example")),
            scopes_asked: flow.scopes_asked.clone(),
            saved: SavedTokens {
                tokens: Tokens {
                    access_token: Secret::new(format!("token-of-{account}")),
                    refresh_token: Some(Secret::new(format!("refresh-of-{account}"))),
                    raw: Secret::from("{}"),
                    client_secret: None,
                },
                token_type: "Bearer".to_owned(),
                expires_at: Some(now + Duration::from_hours(1)),
                refresh_due_at: Some(now + Duration::from_mins(55)),
                look_at: Some(now + Duration::from_mins(55)),
                scopes_granted: Scopes::new(["contacts_search"]).expect("scopes"),
                metadata: BTreeMap::from([(
                    "instance_url".to_owned(),
                    "https://acme.example".to_owned(),
                )]),
                client_secret: None,
            },
        };
        let connection = self
            .store
            .finish_flow(&flow, provider, &new, None, Account::Same)
            .await
            .expect("a database")
            .expect("a connection");
        // connections have an order, and moments make it
        self.clock.advance(1000);
        connection
    }

    /// Makes a connection need a person.
    pub(super) async fn break_it(&self, id: &ConnectionId) {
        let connection = self
            .store
            .connection_by_id(id)
            .await
            .expect("a database")
            .expect("a connection");
        let reason = app::wire::BrokenReason::GrantRevokedOrExpired;
        self.store
            .break_without_refresh(&connection, reason)
            .await
            .expect("a database");
    }
}

/// An end user's own.
pub(super) fn personal(person: &str) -> Owner {
    Owner::Personal(person.to_owned())
}

/// A team's.
pub(super) fn team(team: &str) -> Owner {
    Owner::Team(team.to_owned())
}
