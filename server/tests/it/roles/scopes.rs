//! Every address of the API, and the scope that a key needs for it.
//!
//! Written by hand, and held against the router: an address that does not stand here fails, and so does one
//! that stands here and is gone. A key with one scope is then let in where that scope is needed and nowhere
//! else.

use super::table::{Ids, TABLE};
use super::{Stage, routes};
use crate::support::databases::Database;
use crate::support::seed::{admin, application};
use crate::support::site::{Reply, Site};
use serde_json::Value;
use server::api::key::ApiKeyText;
use server::domain::{Application, KeyScope, KeyScopes, KeySettings};
use server::store::NewKey;
use std::collections::BTreeSet;

const SCOPES: &[(&str, &str, KeyScope)] = &[
    ("POST", "/connect-sessions", KeyScope::ConnectCreate),
    ("GET", "/connect-sessions/{id}", KeyScope::ConnectionsRead),
    (
        "POST",
        "/connect-sessions/{id}/complete",
        KeyScope::ConnectCreate,
    ),
    ("GET", "/connections", KeyScope::ConnectionsRead),
    ("GET", "/connections/{id}", KeyScope::ConnectionsRead),
    ("PATCH", "/connections/{id}", KeyScope::ConnectCreate),
    ("DELETE", "/connections/{id}", KeyScope::ConnectionsRevoke),
    ("POST", "/connections/{id}/token", KeyScope::TokensRead),
    ("POST", "/tokens", KeyScope::TokensRead),
    ("GET", "/providers", KeyScope::ConnectionsRead),
    ("POST", "/connections/import", KeyScope::ConnectCreate),
    (
        "POST",
        "/connections/{id}/hand-over",
        KeyScope::ConnectCreate,
    ),
    ("GET", "/proxy/{*call}", KeyScope::Proxy),
    ("POST", "/proxy/{*call}", KeyScope::Proxy),
    ("PUT", "/proxy/{*call}", KeyScope::Proxy),
    ("PATCH", "/proxy/{*call}", KeyScope::Proxy),
    ("DELETE", "/proxy/{*call}", KeyScope::Proxy),
    ("GET", "/events", KeyScope::EventsRead),
    ("GET", "/webhooks", KeyScope::WebhooksManage),
    ("POST", "/webhooks", KeyScope::WebhooksManage),
    ("GET", "/webhooks/{id}", KeyScope::WebhooksManage),
    ("PATCH", "/webhooks/{id}", KeyScope::WebhooksManage),
    ("DELETE", "/webhooks/{id}", KeyScope::WebhooksManage),
    ("POST", "/webhooks/{id}/test", KeyScope::WebhooksManage),
    (
        "POST",
        "/webhooks/{id}/rotate-secret",
        KeyScope::WebhooksManage,
    ),
    (
        "DELETE",
        "/webhooks/{id}/old-secret",
        KeyScope::WebhooksManage,
    ),
    ("GET", "/webhooks/{id}/deliveries", KeyScope::WebhooksManage),
    (
        "POST",
        "/webhooks/{id}/deliveries/{delivery}/send-again",
        KeyScope::WebhooksManage,
    ),
];

/// A key with these scopes.
async fn key(site: &Site, application: &Application, scopes: KeyScopes) -> String {
    let ApiKeyText { text, hash, hint } = ApiKeyText::make();
    let settings = &KeySettings {
        scopes,
        ..KeySettings::unlimited("one")
    };
    let new = NewKey {
        settings,
        hint: &hint,
        hash: &hash,
    };
    let kept = site.db.store.keep_api_key(application, &new, admin());
    kept.await.unwrap();
    text.expose().clone()
}

async fn ask(site: &Site, key: &str, method: &str, path: &str) -> Reply {
    let ids = &Ids::made_up();
    let whole = format!("/api/v1{path}");
    let body = TABLE
        .iter()
        .find(|(m, p, ..)| (*m, *p) == (method, whole.as_str()))
        .map_or("", |(.., body)| body);
    let body = serde_json::from_str(&ids.into(body)).unwrap_or(Value::Null);
    site.api(key, method, &ids.into(path), &body).await
}

#[tokio::test]
async fn every_address_of_the_api_has_its_scope() {
    let site = Site::new(Database::sqlite().await).await;
    let of_the_api = |(method, path): (String, String)| {
        let path = path.strip_prefix("/api/v1")?.to_owned();
        // the document needs no key
        (path != "/openapi.json").then_some((method, path))
    };
    let there: BTreeSet<_> = routes(&site)
        .await
        .into_iter()
        .filter_map(of_the_api)
        .collect();
    let named: BTreeSet<_> = SCOPES
        .iter()
        .map(|(method, path, _)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(named.len(), SCOPES.len(), "an address stands there twice");
    assert_eq!(there, named, "say in SCOPES what a key needs");
}

#[tokio::test]
async fn a_key_with_one_scope_is_let_in_where_that_is_needed_alone() {
    let stage = Stage::new().await;
    let (site, store) = (&stage.site, &stage.site.db.store);
    let application = application(store, &stage.tenant, "scoped").await;
    let mut wrong = Vec::new();
    for scope in KeyScope::ALL {
        let key = key(site, &application, [scope].into_iter().collect()).await;
        for (method, path, needed) in SCOPES {
            let answer = ask(site, &key, method, path).await;
            let refused = answer.status == 403;
            if refused != (*needed != scope) || answer.status.as_u16() >= 500 {
                wrong.push(format!("{scope} {method} {path}: {}", answer.status));
            }
            if refused {
                let body = answer.json();
                assert_eq!(body["code"], "insufficient_scope");
                let detail = body["detail"].as_str().unwrap_or_default();
                assert!(detail.contains(needed.as_str()), "{detail}");
            }
        }
    }
    let none = key(site, &application, KeyScopes::from_stored("")).await;
    for (method, path, _) in SCOPES {
        let answer = ask(site, &none, method, path).await;
        if answer.status != 403 {
            wrong.push(format!("no scope {method} {path}: {}", answer.status));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
