//! The whole server, as `serve` puts it together, with browsers and a backend in front of it.
//!
//! Every answer is kept ([`Site::seen`]), so that a test can go through all of them at its end.

use super::databases::Database;
use super::definitions;
use super::provider::{Manners, Provider};
use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::Value;
use server::config::Config;
use server::proxy::ProxyLimits;
use server::router::router;
use server::state::AppState;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use tower::ServiceExt;

/// Where browsers reach the server.
pub(crate) const PUBLIC_URL: &str = "http://127.0.0.1:3000";

/// A server with its database and a provider.
pub(crate) struct Site {
    pub(crate) db: Database,
    pub(crate) provider: Provider,
    pub(crate) state: AppState,
    wire: Wire,
    settings: BTreeMap<&'static str, String>,
    _catalog: TempDir,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// An answer that was given: to what, and everything in it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and path, e.g. `GET /setup`; `Set-Cookie` for the cookies of any answer.
    pub(crate) place: String,
    /// Headers and body.
    pub(crate) bytes: Vec<u8>,
}

/// The way to the router.
#[derive(Clone)]
struct Wire {
    router: Router,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Site {
    /// In front of this database, with the provider by the book.
    pub(crate) async fn new(db: Database) -> Self {
        Self::with(db, &[]).await
    }

    /// The same with these settings, by their names without the prefix.
    pub(crate) async fn with(db: Database, more: &[(&'static str, &str)]) -> Self {
        Self::proxying(db, more, ProxyLimits::default()).await
    }

    /// The same with these limits of the proxy.
    pub(crate) async fn proxying(
        db: Database,
        more: &[(&'static str, &str)],
        limits: ProxyLimits,
    ) -> Self {
        let provider = Provider::start(Manners::default()).await;
        let catalog = tempfile::tempdir().unwrap();
        definitions::write(catalog.path());
        let overrides = serde_json::json!({definitions::ORIGIN: provider.origin()});
        let heads = catalog.path().join("audit-heads.jsonl");
        let mut settings = BTreeMap::from([
            ("PUBLIC_URL", PUBLIC_URL.to_owned()),
            ("ORIGIN_OVERRIDES", overrides.to_string()),
            ("CATALOG_DIR", catalog.path().display().to_string()),
            ("AUDIT_HEADS", heads.display().to_string()),
            // the clock stands still, so that a bucket would never fill again
            ("RATE_PER_KEY", "1000000".to_owned()),
            ("RATE_PER_ORGANIZATION", "1000000".to_owned()),
        ]);
        settings.extend(
            more.iter()
                .map(|(name, value)| (*name, (*value).to_owned())),
        );
        let mut state = AppState::new(config(&settings), db.store.clone()).unwrap();
        state.proxy_limits = limits;
        Self {
            db,
            provider,
            wire: Wire {
                router: router(state.clone()),
                seen: Arc::default(),
            },
            state,
            settings,
            _catalog: catalog,
        }
    }

    /// The same browser in front of another node.
    pub(crate) async fn elsewhere(&self, browser: &Browser) -> Browser {
        let store = self.db.another_node().await;
        let state = AppState::new(config(&self.settings), store).unwrap();
        Browser {
            wire: Wire {
                router: router(state),
                seen: Arc::clone(&self.wire.seen),
            },
            cookies: Arc::clone(&browser.cookies),
        }
    }

    /// A browser that has never been here.
    pub(crate) fn browser(&self) -> Browser {
        Browser {
            wire: self.wire.clone(),
            cookies: Arc::default(),
        }
    }

    /// A request of a backend with this key.
    pub(crate) async fn api(&self, key: &str, method: &str, path: &str, body: &Value) -> Reply {
        let body = match body {
            Value::Null => Body::empty(),
            body => Body::from(body.to_string()),
        };
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header(header::AUTHORIZATION, format!("Bearer {key}"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(body);
        self.wire.send(request.unwrap()).await
    }

    /// What an operator's Prometheus gets, which is not on the public address.
    pub(crate) async fn metrics(&self) -> Reply {
        let wire = Wire {
            router: self.state.metrics.routes(),
            seen: Arc::clone(&self.wire.seen),
        };
        wire.send(Request::get("/metrics").body(Body::empty()).unwrap())
            .await
    }

    /// Every answer until now.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.wire.seen.lock().unwrap().clone()
    }
}

fn config(settings: &BTreeMap<&'static str, String>) -> Config {
    let read = Config::read(|name| {
        let name = name.strip_prefix("GRANTPORT_")?;
        settings.get(name).cloned()
    });
    read.unwrap()
}

impl Wire {
    async fn send(&self, mut request: Request) -> Reply {
        let place = format!("{} {}", request.method(), request.uri());
        let from = SocketAddr::from(([127, 0, 0, 1], 5000));
        request.extensions_mut().insert(ConnectInfo(from));
        let answered = self.router.clone().oneshot(request).await;
        let (parts, body) = answered.unwrap().into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        self.keep(place, &parts.headers, &body);
        Reply {
            status: parts.status,
            headers: parts.headers,
            text: String::from_utf8_lossy(&body).into_owned(),
        }
    }

    fn keep(&self, place: String, headers: &HeaderMap, body: &[u8]) {
        let (mut bytes, mut cookies) = (Vec::new(), Vec::new());
        for (name, value) in headers {
            let into = if name == header::SET_COOKIE {
                &mut cookies
            } else {
                &mut bytes
            };
            into.extend_from_slice(name.as_str().as_bytes());
            into.extend_from_slice(b": ");
            into.extend_from_slice(value.as_bytes());
            into.push(b'\n');
        }
        bytes.extend_from_slice(body);
        let mut seen = self.seen.lock().unwrap();
        seen.push(Seen { place, bytes });
        seen.push(Seen {
            place: "Set-Cookie".to_owned(),
            bytes: cookies,
        });
    }
}

impl Reply {
    /// A header, or nothing.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// Where a redirect leads.
    pub(crate) fn location(&self) -> &str {
        self.header("location")
    }

    /// The body of an answer that is JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }

    /// A page with this status, which names what it is about.
    pub(crate) fn must_be_page(&self, status: u16, words: &str) {
        assert_eq!(self.status, status, "{}", self.text);
        assert!(
            self.header("content-type").starts_with("text/html"),
            "{:?}",
            self.headers
        );
        assert!(self.text.contains(words), "{words} is not in {}", self.text);
    }
}

/// A browser of today: keeps cookies and says where requests come from. Does not follow redirects.
#[derive(Clone)]
pub(crate) struct Browser {
    wire: Wire,
    cookies: Arc<Mutex<BTreeMap<String, String>>>,
}

impl Browser {
    /// Opens an address.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        let request = Request::get(path).header(header::ACCEPT, "text/html");
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form that stands on a page of ours.
    pub(crate) async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_as(
            path,
            fields,
            &[("sec-fetch-site", "same-origin"), ("accept", "text/html")],
        )
        .await
    }

    /// Sends a form with these headers.
    pub(crate) async fn post_as(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        headers: &[(&str, &str)],
    ) -> Reply {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(fields)
            .finish();
        let mut request =
            Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(Body::from(form)).unwrap()).await
    }

    /// Sends any request, with the cookies.
    pub(crate) async fn send(&self, mut request: Request) -> Reply {
        let cookies: Vec<String> = self
            .cookies()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            let line = cookies.join("; ").parse().unwrap();
            request.headers_mut().insert(header::COOKIE, line);
        }
        let reply = self.wire.send(request).await;
        for cookie in reply.headers.get_all(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            let mut jar = self.cookies.lock().unwrap();
            if cookie.contains("Max-Age=0") {
                jar.remove(name);
            } else {
                jar.insert(name.to_owned(), value.to_owned());
            }
        }
        reply
    }

    /// Its cookies.
    pub(crate) fn cookies(&self) -> BTreeMap<String, String> {
        self.cookies.lock().unwrap().clone()
    }
}
