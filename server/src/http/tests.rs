//! The layers together, as a client meets them.

use super::{bind, layers, listen, make_room, page_csp};
use crate::config::Config;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect};
use axum::routing::{any, get, post};
use http_body_util::BodyExt;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

const LOOPBACK: &str = "http://127.0.0.1:3000";
const PUBLIC: &str = "https://grantport.example.com";

fn server(public_url: &'static str) -> Router {
    let config =
        Config::read(|name| (name == "GRANTPORT_PUBLIC_URL").then(|| public_url.to_owned()));
    let page = || async {
        (
            [(CONTENT_SECURITY_POLICY, page_csp("n0nce", &[]))],
            "a page",
        )
            .into_response()
    };
    let file = || async {
        (
            [(CACHE_CONTROL, "public, max-age=31536000, immutable")],
            "a file",
        )
    };
    let routes = Router::new()
        .route("/", get(page))
        .route("/assets/app.css", get(file))
        .route("/old", get(|| async { Redirect::to("/") }))
        .route("/panic", get(panics))
        .route("/api/v1/panic", get(panics))
        .route(
            "/unavailable",
            get(|| async { StatusCode::SERVICE_UNAVAILABLE }),
        )
        .route(
            "/_portal/save",
            post(|body: Bytes| async move { body.len().to_string() }),
        )
        .route(
            "/api/v1/tokens",
            any(|body: Bytes| async move { body.len().to_string() }),
        )
        .route("/connect/abc", get(|| async { "hosted" }))
        .route(
            "/oauth/callback/prv_x",
            get(|| async { StatusCode::BAD_REQUEST }),
        );
    layers(routes, &config.expect("settings"))
}

async fn panics() -> &'static str {
    panic!("hunter2")
}

struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

async fn send(routes: &Router, request: Request) -> Reply {
    let response = routes.clone().oneshot(request).await.expect("an answer");
    let (parts, body) = response.into_parts();
    let body = body.collect().await.expect("a body").to_bytes();
    Reply {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).expect("text"),
    }
}

fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder().method(method).uri(path)
}

async fn fetch(routes: &Router, method: &str, path: &str) -> Reply {
    send(
        routes,
        request(method, path)
            .body(Body::empty())
            .expect("a request"),
    )
    .await
}

const EVERY_KIND: &[(&str, &str, u16)] = &[
    ("GET", "/", 200),
    ("HEAD", "/", 200),
    ("GET", "/assets/app.css", 200),
    ("GET", "/old", 303),
    ("GET", "/nowhere", 404),
    ("PUT", "/old", 403),
    ("TRACE", "/old", 403),
    ("OPTIONS", "/old", 405),
    ("GET", "/panic", 500),
    ("GET", "/api/v1/panic", 500),
    ("GET", "/unavailable", 503),
    ("POST", "/_portal/save", 403),
    ("POST", "/api/v1/tokens", 200),
    ("GET", "/connect/abc", 200),
    ("GET", "/oauth/callback/prv_x", 400),
];

#[tokio::test]
async fn every_answer_carries_the_headers() {
    for public_url in [LOOPBACK, PUBLIC] {
        let routes = server(public_url);
        for (method, path, status) in EVERY_KIND {
            let reply = fetch(&routes, method, path).await;
            let case = format!("{method} {path}");
            assert_eq!(reply.status.as_u16(), *status, "{case}");
            let connecting = path.starts_with("/connect") || path.starts_with("/oauth");
            let (referrer, opener) = if connecting {
                ("no-referrer", "unsafe-none")
            } else {
                ("same-origin", "same-origin")
            };
            for (name, expected) in [
                ("x-content-type-options", "nosniff"),
                ("x-frame-options", "DENY"),
                ("referrer-policy", referrer),
                ("cross-origin-opener-policy", opener),
                ("cross-origin-resource-policy", "same-origin"),
            ] {
                assert_eq!(reply.header(name), Some(expected), "{case}: {name}");
            }
            let hsts = reply.header("strict-transport-security");
            assert_eq!(
                hsts,
                (public_url == PUBLIC).then_some("max-age=31536000; includeSubDomains"),
                "{case}"
            );
            let csp = reply.header("content-security-policy").expect("a policy");
            assert!(
                csp.starts_with("default-src 'none'") && csp.contains("frame-ancestors 'none'"),
                "{case}: {csp}"
            );
            assert!(reply.header("permissions-policy").is_some(), "{case}");
            assert!(
                reply
                    .header("x-request-id")
                    .is_some_and(|id| id.len() == 16),
                "{case}"
            );
            let cached = if path.starts_with("/assets") {
                "public, max-age=31536000, immutable"
            } else {
                "no-store"
            };
            assert_eq!(reply.header("cache-control"), Some(cached), "{case}");
            for never in ["server", "x-powered-by", "access-control-allow-origin"] {
                assert_eq!(reply.header(never), None, "{case}");
            }
        }
    }
}

#[tokio::test]
async fn a_page_keeps_the_policy_it_brought() {
    let reply = fetch(&server(LOOPBACK), "GET", "/").await;
    assert!(
        reply
            .header("content-security-policy")
            .is_some_and(|csp| csp.contains("'nonce-n0nce'"))
    );
}

#[tokio::test]
async fn another_site_changes_nothing() {
    let routes = server(LOOPBACK);
    for (name, value, status) in [
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 200),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("origin", LOOPBACK, 200),
        ("cookie", "grantport_sid=x", 403),
    ] {
        let form = request("POST", "/_portal/save")
            .header(name, value)
            .body(Body::from("a=b"));
        let reply = send(&routes, form.expect("a request")).await;
        assert_eq!(reply.status.as_u16(), status, "{name}: {value}");
        if status == 403 {
            assert!(
                reply
                    .body
                    .contains("<h1>This request came from another site</h1>"),
                "{}",
                reply.body
            );
            assert!(reply.body.contains("href=\"/\""), "there is a way on");
        }
    }
    let api = request("POST", "/api/v1/tokens")
        .header("origin", "https://app.acme.example")
        .body(Body::empty());
    assert_eq!(
        send(&routes, api.expect("a request")).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn what_is_too_long_is_refused_in_words() {
    let routes = server(LOOPBACK);
    let long = |length: usize| "x".repeat(length);
    let post = |path: &str, body: Body| {
        request("POST", path)
            .header("sec-fetch-site", "none")
            .body(body)
            .expect("a request")
    };

    assert_eq!(
        send(&routes, post("/_portal/save", long(64 * 1024).into()))
            .await
            .body,
        "65536"
    );
    let reply = send(&routes, post("/_portal/save", long(64 * 1024 + 1).into())).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        reply.body.contains("<h1>That is too much at once</h1>"),
        "{}",
        reply.body
    );

    let reply = send(&routes, post("/api/v1/tokens", long(70_000).into())).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
    let problem: serde_json::Value = serde_json::from_str(&reply.body).expect("JSON");
    assert_eq!(problem["code"], "body_too_long");
    assert_eq!(
        reply.header("content-type"),
        Some("application/problem+json")
    );

    let reply = fetch(&routes, "GET", &format!("/?q={}", long(8 * 1024))).await;
    assert_eq!(reply.status, StatusCode::URI_TOO_LONG);
    let headers = (0..5).fold(request("GET", "/"), |request, n| {
        request.header(format!("x-{n}"), long(8000))
    });
    let reply = send(&routes, headers.body(Body::empty()).expect("a request")).await;
    assert_eq!(reply.status, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
}

#[tokio::test]
async fn a_panic_ends_one_request_and_says_nothing() {
    let routes = server(LOOPBACK);
    let page = fetch(&routes, "GET", "/panic").await;
    let id = page.header("x-request-id").expect("an id");
    assert!(
        page.body.contains(&format!("Request {id}")),
        "{}",
        page.body
    );
    assert!(!page.body.contains("hunter2"), "{}", page.body);
    let problem = fetch(&routes, "GET", "/api/v1/panic").await;
    let json: serde_json::Value = serde_json::from_str(&problem.body).expect("JSON");
    assert_eq!(
        json["request_id"],
        problem.header("x-request-id").expect("an id")
    );
    assert_eq!(fetch(&routes, "GET", "/").await.status, StatusCode::OK);
}

/// A server on a port of its own, and what ends it.
async fn listening(routes: Router) -> (std::net::SocketAddr, CancellationToken, TaskTracker) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (shutdown, connections) = (CancellationToken::new(), TaskTracker::new());
    tokio::spawn(listen(
        listener,
        routes,
        make_room(),
        shutdown.clone(),
        connections.clone(),
    ));
    (address, shutdown, connections)
}

/// Nobody is left to the system's second try, which comes after a second.
#[tokio::test]
async fn a_crowd_is_connected_at_once() {
    let crowd = 1500;
    let listener = bind(([127, 0, 0, 1], 0).into()).expect("a port");
    let address = listener.local_addr().expect("an address");
    let mut connected = Vec::new();
    for caller in 0..crowd {
        let connecting = TcpStream::connect(address);
        let stream = tokio::time::timeout(Duration::from_millis(900), connecting).await;
        connected.push(stream.unwrap_or_else(|_| panic!("caller {caller} waits")));
    }
}

async fn talk(stream: &mut TcpStream, text: &str) -> String {
    stream.write_all(text.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("read");
    answer
}

#[tokio::test]
async fn what_is_under_way_is_answered_before_the_end() {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        "done"
    };
    let (address, shutdown, connections) = listening(Router::new().route("/slow", get(slow))).await;
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let asked =
        tokio::spawn(
            async move { talk(&mut stream, "GET /slow HTTP/1.1\r\nhost: x\r\n\r\n").await },
        );
    tokio::time::sleep(Duration::from_millis(100)).await;
    shutdown.cancel();
    connections.close();
    connections.wait().await;
    let answer = asked.await.expect("an answer");
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("done"),
        "{answer}"
    );
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nobody new is let in"
    );
}

/// As many as wait when the connections of a large customer expire at once and a provider is slow.
#[tokio::test]
async fn a_crowd_that_waits_keeps_nobody_out() {
    const CROWD: usize = 1500;
    if make_room() <= CROWD {
        // both ends of each connection are here
        eprintln!("left out: the limit of open files is too low for a crowd");
        return;
    }
    let wait = || async { std::future::pending::<&str>().await };
    let routes = Router::new()
        .route("/wait", get(wait))
        .route("/", get(|| async { "quick" }));
    let (address, _shutdown, _connections) = listening(routes).await;
    let mut crowd = Vec::new();
    for _ in 0..CROWD {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let ask = b"GET /wait HTTP/1.1\r\nhost: x\r\n\r\n";
        stream.write_all(ask).await.expect("written");
        crowd.push(stream);
    }
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let ask = "GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
    let answer = tokio::time::timeout(Duration::from_secs(10), talk(&mut stream, ask)).await;
    assert!(answer.expect("in time").ends_with("quick"));
}

#[tokio::test]
async fn whoever_dawdles_over_the_headers_is_cut_off() {
    let (address, _shutdown, _connections) = listening(server(LOOPBACK)).await;
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let began = std::time::Instant::now();
    let answer = talk(&mut stream, "GET / HTTP/1.1\r\nhost: x\r\nx-slow: ").await;
    assert!(!answer.contains("200 OK"), "{answer}");
    assert!(
        began.elapsed() < Duration::from_secs(15),
        "{:?}",
        began.elapsed()
    );
}

#[tokio::test]
async fn a_client_is_known_by_its_connection() {
    use super::ClientIp;
    use axum::Extension;
    let who =
        |Extension(ClientIp(address)): Extension<ClientIp>| async move { address.to_string() };
    let config = Config::read(|_| None).expect("settings");
    let (address, _shutdown, _connections) =
        listening(layers(Router::new().route("/", get(who)), &config)).await;
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let ask =
        "GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: 192.0.2.1\r\nconnection: close\r\n\r\n";
    assert!(talk(&mut stream, ask).await.ends_with("127.0.0.1"));
}

#[tokio::test]
async fn a_body_that_does_not_say_its_length_is_cut_off() {
    let (address, _shutdown, _connections) = listening(server(LOOPBACK)).await;
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let piece = format!("1000\r\n{}\r\n", "x".repeat(0x1000));
    let head = "POST /_portal/save HTTP/1.1\r\nhost: x\r\nsec-fetch-site: none\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n";
    let answer = talk(&mut stream, &format!("{head}{}0\r\n\r\n", piece.repeat(17))).await;
    assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
}

/// A client that sends all of its body before it reads, as most do, in pieces that arrive late.
#[tokio::test]
async fn a_refusal_reaches_a_client_that_is_still_sending() {
    let (address, _shutdown, _connections) = listening(server(LOOPBACK)).await;
    for (path, from, length, status) in [
        ("/_portal/save", "none", 700_000, "413"),
        ("/_portal/save", "cross-site", 60_000, "403"),
        ("/nowhere", "none", 60_000, "404"),
        ("/api/v1/tokens", "none", 200_000, "413"),
    ] {
        let mut stream = TcpStream::connect(address).await.expect("connected");
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: x\r\nsec-fetch-site: {from}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.expect("written");
        for _ in 0..4 {
            tokio::time::sleep(Duration::from_millis(50)).await;
            let piece = vec![b'x'; length / 4];
            stream.write_all(&piece).await.expect("still listened to");
        }
        let answer = talk(&mut stream, "").await;
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{path} from {from}: {answer}"
        );
    }
}

#[tokio::test]
async fn whoever_sends_without_end_is_cut_off() {
    let (address, _shutdown, _connections) = listening(server(LOOPBACK)).await;
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = "POST /nowhere HTTP/1.1\r\nhost: x\r\nsec-fetch-site: none\r\ntransfer-encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.expect("written");
    let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let mut sent = 0;
    while sent < 1024 && stream.write_all(piece.as_bytes()).await.is_ok() {
        sent += 1;
    }
    assert!(
        sent < 1024,
        "64 MiB were taken from a client that was refused"
    );
}
