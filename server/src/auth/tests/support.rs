//! A small server with the real layers and the real database, and a browser that keeps cookies.

use crate::auth::{
    PortalSession, Visitor, change_password, issue_setup_token, session_layers, set_up, sign_in,
    sign_out,
};
use crate::clock::FixedClock;
use crate::config::Config;
use crate::domain::Timestamp;
use crate::http::layers;
use crate::state::AppState;
use crate::store::{self, StoreLock};
use crate::vault::KekSet;
use app::wire::{Draft, PortalError, SetUp};
use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, post};
use axum::{Form, Router};
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tower::ServiceExt;
use tower_sessions::Session;

pub(super) const PASSWORD: &str = "a quiet yellow lamp";
pub(super) const EMAIL: &str = "ada@acme.example";

/// A server of its own for one test.
pub(super) struct Server {
    pub(super) state: AppState,
    pub(super) clock: Arc<FixedClock>,
    routes: Router,
    _lock: StoreLock,
    _directory: tempfile::TempDir,
}

type Fields = HashMap<String, String>;

impl Server {
    /// Reached over plain http on loopback.
    pub(super) async fn start() -> Self {
        Self::at("http://127.0.0.1:3000").await
    }

    pub(super) async fn at(public_url: &'static str) -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}/grantport.db", directory.path().display());
        let clock = FixedClock::at(Timestamp::from_millis(1_800_000_000_000));
        let key = directory.path().join("key");
        let opened = store::open(&url, clock.clone(), |_| Ok(KekSet::create_file(&key)?)).await;
        let (store, lock) = opened.expect("a database");
        let config = Config::read(|name| match name {
            "GRANTPORT_PUBLIC_URL" => Some(public_url.to_owned()),
            "GRANTPORT_TRUSTED_PROXIES" => Some("10.0.0.0/8".to_owned()),
            _ => None,
        });
        let state = AppState::new(config.expect("settings"), store).expect("a state");
        let routes = routes(&state);
        Self {
            state,
            clock,
            routes,
            _lock: lock,
            _directory: directory,
        }
    }

    /// The same with an owner, who is not signed in.
    pub(super) async fn with_owner() -> Self {
        let server = Self::start().await;
        let done = server
            .browser()
            .post("/setup", &server.set_up_form().await)
            .await;
        assert_eq!(done.status, StatusCode::OK, "{}", done.body);
        server
    }

    /// What a correct set-up form holds, with a new token.
    pub(super) async fn set_up_form(&self) -> Vec<(&'static str, String)> {
        let token = issue_setup_token(&self.state.store)
            .await
            .expect("a database");
        let token = token.expect("nobody is here yet").expose().clone();
        vec![
            ("token", token),
            ("organization", "Acme".to_owned()),
            ("name", "Ada".to_owned()),
            ("email", EMAIL.to_owned()),
            ("password", PASSWORD.to_owned()),
        ]
    }

    pub(super) fn browser(&self) -> Browser {
        Browser {
            routes: self.routes.clone(),
            cookie: Mutex::default(),
            device: Mutex::default(),
            address: "192.0.2.1".to_owned(),
        }
    }

    pub(super) fn minutes_pass(&self, minutes: i64) {
        self.clock.advance(minutes * 60_000);
    }
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Reply {
    pub(super) fn set_cookie(&self) -> Option<&str> {
        self.headers
            .get(header::SET_COOKIE)
            .and_then(|value| value.to_str().ok())
    }
}

/// Keeps the session's cookie, and the one by which it is recognised, as browsers do.
pub(super) struct Browser {
    routes: Router,
    cookie: Mutex<Option<String>>,
    device: Mutex<Option<String>>,
    address: String,
}

impl Browser {
    /// The same from somewhere else.
    pub(super) fn seen_at(mut self, address: &str) -> Self {
        address.clone_into(&mut self.address);
        self
    }

    pub(super) fn with_the_cookies_of(self, other: &Self) -> Self {
        *self.device.lock().expect("unpoisoned") = other.device.lock().expect("unpoisoned").clone();
        self
    }

    pub(super) fn cookie(&self) -> Option<String> {
        self.cookie.lock().expect("unpoisoned").clone()
    }

    pub(super) fn set_cookie(&self, cookie: Option<String>) {
        *self.cookie.lock().expect("unpoisoned") = cookie;
    }

    pub(super) async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).body(Body::empty()).expect("a request"))
            .await
    }

    pub(super) async fn post(&self, path: &str, fields: &[(&str, String)]) -> Reply {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let request = Request::post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .header(
                "user-agent",
                "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0",
            )
            .body(Body::from(form));
        self.send(request.expect("a request")).await
    }

    pub(super) async fn sign_in(&self, email: &str, password: &str) -> Reply {
        self.post(
            "/signin",
            &[
                ("email", email.to_owned()),
                ("password", password.to_owned()),
            ],
        )
        .await
    }

    pub(super) async fn send(&self, mut request: Request) -> Reply {
        // the connection comes from a trusted proxy, which names the client
        request
            .extensions_mut()
            .insert(ConnectInfo(SocketAddr::from(([10, 0, 0, 1], 5000))));
        request
            .headers_mut()
            .insert("x-forwarded-for", self.address.parse().expect("a value"));
        let device = self.device.lock().expect("unpoisoned").clone();
        for cookie in self.cookie().into_iter().chain(device) {
            request
                .headers_mut()
                .append(header::COOKIE, cookie.parse().expect("a value"));
        }
        let response = self
            .routes
            .clone()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = body.collect().await.expect("a body").to_bytes();
        let reply = Reply {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).expect("text"),
        };
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().expect("text");
            let removed = cookie.contains("Max-Age=0");
            let pair = cookie.split(';').next().unwrap_or_default().to_owned();
            if pair.contains("_device=") {
                *self.device.lock().expect("unpoisoned") = Some(pair);
            } else {
                self.set_cookie((!removed).then_some(pair));
            }
        }
        reply
    }
}

type Answer = Result<String, (StatusCode, String)>;

fn answer<T>(result: Result<T, PortalError>, words: impl Fn(T) -> String) -> Answer {
    result.map(words).map_err(|error| {
        (
            StatusCode::from_u16(error.status()).expect("a status"),
            format!("{error:?}"),
        )
    })
}

fn routes(state: &AppState) -> Router {
    async fn post_set_up(State(state): State<AppState>, request: Request) -> Answer {
        let (session, visitor, mut form) = open(&state, request).await;
        let mut take = |name: &str| form.remove(name).unwrap_or_default();
        let form = SetUp {
            token: take("token").into(),
            organization: take("organization"),
            name: take("name"),
            email: take("email"),
            password: take("password").into(),
        };
        answer(set_up(&state, &session, &visitor, form).await, |member| {
            member.name
        })
    }
    async fn post_sign_in(State(state): State<AppState>, request: Request) -> Answer {
        let (session, visitor, mut form) = open(&state, request).await;
        let mut take = |name: &str| form.remove(name).unwrap_or_default();
        let (email, password) = (take("email"), take("password").into());
        answer(
            sign_in(&state, &session, &visitor, &email, password).await,
            |step| format!("{step:?}"),
        )
    }
    async fn post_password(State(state): State<AppState>, request: Request) -> Answer {
        let (session, visitor, mut form) = open(&state, request).await;
        let mut take = |name: &str| form.remove(name).unwrap_or_default();
        let (current, new) = (take("current").into(), take("new").into());
        answer(
            change_password(&state, &session, &visitor, current, new).await,
            |()| String::new(),
        )
    }
    async fn post_sign_out(State(state): State<AppState>, request: Request) -> Answer {
        let (session, visitor, _) = open(&state, request).await;
        answer(sign_out(&state, &session, &visitor).await, |()| {
            String::new()
        })
    }
    async fn get_me(State(state): State<AppState>, request: Request) -> Answer {
        let (session, _, _) = open(&state, request).await;
        answer(session.member().await, |member| {
            format!("{} {}", member.name, member.role.as_str())
        })
    }
    async fn post_draft(State(state): State<AppState>, request: Request) -> Answer {
        let (session, _, form) = open(&state, request).await;
        let draft = Draft {
            fields: form.into_iter().collect(),
        };
        answer(session.keep_draft("signin", draft).await, |()| {
            String::new()
        })
    }
    async fn get_draft(State(state): State<AppState>, request: Request) -> Answer {
        let (session, _, _) = open(&state, request).await;
        let draft = session.take_draft("signin").await;
        answer(draft, |draft| {
            draft
                .and_then(|d| d.get("email").map(str::to_owned))
                .unwrap_or_default()
        })
    }
    async fn post_secret(State(state): State<AppState>, request: Request) -> Answer {
        let (session, _, form) = open(&state, request).await;
        let member = session.member().await.expect("someone is signed in");
        let secret = form["secret"].as_str().into();
        answer(
            session
                .keep_secret("key", &member.organization, &secret)
                .await,
            |()| String::new(),
        )
    }
    async fn get_secret(State(state): State<AppState>, request: Request) -> Answer {
        let (session, _, _) = open(&state, request).await;
        let member = session.member().await.expect("someone is signed in");
        let secret = session.take_secret("key", &member.organization).await;
        answer(secret, |secret| {
            secret.map(|s| s.expose().clone()).unwrap_or_default()
        })
    }
    let routes = Router::new()
        .route("/setup", post(post_set_up))
        .route("/signin", post(post_sign_in))
        .route("/signout", post(post_sign_out))
        .route("/password", post(post_password))
        .route("/me", get(get_me))
        .route("/draft", get(get_draft).post(post_draft))
        .route("/secret", get(get_secret).post(post_secret))
        .with_state(state.clone());
    layers(
        session_layers(routes, &state.config, &state.store),
        &state.config,
    )
}

async fn open(state: &AppState, request: Request) -> (PortalSession, Visitor, Fields) {
    use axum::extract::FromRequest;
    let (parts, body) = request.into_parts();
    let session: &Session = parts.extensions.get().expect("a session");
    let session = PortalSession::new(session.clone(), state.store.clone());
    let visitor = Visitor::of(&parts);
    let form = Form::<Fields>::from_request(Request::from_parts(parts, body), &()).await;
    (
        session,
        visitor,
        form.map(|Form(fields)| fields).unwrap_or_default(),
    )
}
