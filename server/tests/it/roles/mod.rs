//! Who may do what, asked of the running server (R45).
//!
//! The addresses are read from the router itself, so a new one that does not stand in [`TABLE`] fails
//! the build, and so does one that stands there and is gone. Each is then asked for by a member of
//! every role and by somebody who is signed out; [`tenants`] asks with ids of another organization.
//!
//! What is asked for does not exist (an application of nobody), so nothing changes: who may ask
//! hears 404 or what is wrong with the form, who may not hears 403 before anything is looked up.

mod scopes;
mod table;
mod tenants;

use crate::support::databases::Database;
use crate::support::seed::organization;
use crate::support::site::{Browser, Reply, Site};
use app::wire::Role;
use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{Method, header};
use server::domain::{Actor, OrganizationId};
use server::router::router;
use server::store::NewMember;
use server::vault::Secret;
use std::collections::BTreeSet;
use table::{Anyone, Ids, Key, Members, TABLE};

/// Files that everybody may fetch and that hold nothing of anybody's.
const FILES: [&str; 7] = [
    "/assets/",
    "/connect.js",
    "/connect.d.ts",
    "/connect-outcome.js",
    "/favicon.svg",
    "/practice",
    "/robots.txt",
];
/// Addresses that answer every method, with 404.
const NOTHING: [&str; 2] = ["/api", "/api/"];

const ROLES: [(Role, char); 5] = [
    (Role::Owner, 'O'),
    (Role::Admin, 'A'),
    (Role::Developer, 'D'),
    (Role::Support, 'S'),
    (Role::Auditor, 'U'),
];
const PASSWORD: &str = "four-otters-carry-lamps";

/// The addresses of a router, as it prints itself: axum has no other way to ask.
fn addresses(router: &Router) -> BTreeSet<String> {
    let printed = format!("{router:?}");
    let paths = printed
        .split("RouteId(")
        .filter_map(|part| part.split_once("): \"")?.1.split_once('"'));
    paths
        .map(|(path, _)| path.to_owned())
        .filter(|path| !path.contains("__private__axum"))
        .collect()
}

/// The same for every address that is not a file, with the methods that it knows.
async fn routes(site: &Site) -> BTreeSet<(String, String)> {
    let visitor = site.browser();
    let mut found = BTreeSet::new();
    for path in addresses(&router(site.state.clone())) {
        if FILES.iter().any(|file| path.starts_with(file)) || NOTHING.contains(&path.as_str()) {
            continue;
        }
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let answer = ask(&visitor, method, &path, "", &Ids::made_up()).await;
            if answer.status != 405 {
                found.insert((method.to_owned(), path.clone()));
            }
        }
    }
    found
}

/// Asks for an address of the table. Forms want to know what became of them as a script would, pages
/// are opened.
async fn ask(browser: &Browser, method: &str, path: &str, form: &str, ids: &Ids) -> Reply {
    let (path, form) = (ids.into(path).replace(['{', '}'], ""), ids.into(form));
    // a page, or a file that is saved
    let accept = if method == "GET" && !path.contains('.') {
        "text/html"
    } else {
        "application/json"
    };
    let request = Request::builder()
        .method(Method::from_bytes(method.as_bytes()).unwrap())
        .uri(path)
        .header(header::ACCEPT, accept)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(Body::from(form));
    browser.send(request.unwrap()).await
}

/// A server with one member of each role.
struct Stage {
    site: Site,
    tenant: OrganizationId,
}

impl Stage {
    async fn new() -> Self {
        Self::on(Database::sqlite().await).await
    }

    async fn on(db: Database) -> Self {
        let site = Site::new(db).await;
        let tenant = organization(&site.db.store, "Acme").await;
        let stage = Self { site, tenant };
        for (role, _) in ROLES {
            stage.add(role).await;
        }
        stage
    }

    async fn add(&self, role: Role) {
        let password = Secret::from(PASSWORD);
        let new = NewMember {
            email: format!("{}@acme.example", role.as_str()),
            name: role.as_str().to_owned(),
            role,
            password: self.site.state.passwords.hash(password).await.unwrap(),
        };
        let store = &self.site.db.store;
        store
            .create_member(&self.tenant, new, Actor::apply())
            .await
            .unwrap();
    }

    async fn signed_in(&self, role: Role) -> Browser {
        let browser = self.site.browser();
        let email = format!("{}@acme.example", role.as_str());
        let form = [("email", email.as_str()), ("password", PASSWORD)];
        let answer = browser.post("/_portal/sign_in", &form).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        browser
    }
}

#[tokio::test]
async fn every_address_stands_in_the_table() {
    let site = Site::new(Database::sqlite().await).await;
    let there = routes(&site).await;
    let table: BTreeSet<(String, String)> = TABLE
        .iter()
        .map(|(method, path, ..)| ((*method).to_owned(), (*path).to_owned()))
        .collect();
    assert_eq!(table.len(), TABLE.len(), "an address stands there twice");
    let unknown: Vec<_> = there.difference(&table).collect();
    let gone: Vec<_> = table.difference(&there).collect();
    assert!(
        unknown.is_empty() && gone.is_empty(),
        "say in TABLE who may use {unknown:#?}, and take away {gone:#?}"
    );
}

#[tokio::test]
async fn each_role_may_what_the_table_says() {
    let mut wrong = Vec::new();
    for (role, letter) in ROLES {
        // each from an address of its own: some forms are a wrong password
        let stage = Stage::new().await;
        let member = stage.signed_in(role).await;
        for (method, path, may, form) in TABLE {
            let Members(roles) = may else { continue };
            let answer = ask(&member, method, path, form, &Ids::made_up()).await;
            let refused = answer.status == 403;
            if refused == roles.contains(letter) || !is_settled(&answer) {
                wrong.push(format!("{letter} {method} {path}: {}", answer.status));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Found, not there, not well filled in, or refused: whoever asked was known.
fn is_settled(answer: &Reply) -> bool {
    let led_to_the_door = answer.location().starts_with("/signin");
    matches!(
        answer.status.as_u16(),
        200 | 302 | 303 | 403 | 404 | 409 | 422
    ) && !led_to_the_door
}

#[tokio::test]
async fn who_is_signed_out_comes_to_the_door() {
    let stage = Stage::new().await;
    let visitor = stage.site.browser();
    for (method, path, may, form) in TABLE {
        let answer = ask(&visitor, method, path, form, &Ids::made_up()).await;
        match may {
            Members(_) if *method == "GET" && !path.contains('.') => {
                assert!(
                    answer.location().starts_with("/signin"),
                    "{path}: {answer:?}"
                );
            }
            Members(_) | Key => assert_eq!(answer.status, 401, "{path}: {answer:?}"),
            Anyone => assert!(answer.status.as_u16() < 500, "{path}: {answer:?}"),
        }
    }
}

#[tokio::test]
async fn no_role_is_worth_an_api_key() {
    let stage = Stage::new().await;
    for (role, _) in ROLES {
        let member = stage.signed_in(role).await;
        for (method, path, may, _) in TABLE {
            if *may == Key {
                let answer = ask(&member, method, path, "", &Ids::made_up()).await;
                assert_eq!(answer.status, 401, "{path}: {answer:?}");
            }
        }
    }
}
