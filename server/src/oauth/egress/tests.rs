use super::*;
use crate::clock::FixedClock;
use crate::domain::Timestamp;
use crate::oauth::policy::Upstream;
use crate::oauth::rehearsal::{Rehearsal, answer};
use std::io::Write;
use std::net::TcpStream;
use std::time::Instant;

/// Deadlines that a test can wait for.
fn hasty() -> Limits {
    Limits {
        connect: Duration::from_millis(300),
        total: Duration::from_millis(600),
        ..Limits::default()
    }
}

async fn visit(rehearsal: &Rehearsal) -> Result<EgressAnswer, EgressError> {
    let body = "grant_type=refresh_token&refresh_token=tok_1".to_owned();
    let request = EgressRequest::post(
        rehearsal.url("/token"),
        "application/x-www-form-urlencoded",
        body,
    );
    rehearsal.egress_within(hasty()).send(request).await
}

/// Holds a connection open until the visitor leaves.
fn stall(mut stream: TcpStream) {
    let _ = std::io::copy(&mut stream, &mut std::io::sink());
}

#[tokio::test]
async fn an_answer_comes_back_as_it_is() {
    for (status, code) in [
        ("200 OK", 200),
        ("201 Created", 201),
        ("404 Not Found", 404),
        ("500 Oops", 500),
    ] {
        let rehearsal =
            Rehearsal::answering(&answer(status, &["content-type: text/plain"], "héllo"));
        let got = visit(&rehearsal).await.expect("an answer");
        assert_eq!(
            (got.status, got.body.expose().as_slice()),
            (code, "héllo".as_bytes())
        );
        assert_eq!(format!("{got:?}"), format!("status {code}, 6 bytes"));
        let request = rehearsal.request();
        assert!(request.starts_with("POST /token HTTP/1.1\r\n"), "{request}");
        assert!(
            request.contains("\r\naccept: application/json\r\n"),
            "{request}"
        );
        assert!(request.contains("\r\nuser-agent: grantport/"), "{request}");
        assert!(!request.contains("accept-encoding"), "{request}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let elsewhere = Rehearsal::answering(&answer("200 OK", &[], "{}"));
    let location = format!("location: {}", elsewhere.url("/"));
    for status in [
        "301 Moved",
        "302 Found",
        "303 See Other",
        "307 Temporary",
        "308 Permanent",
    ] {
        let rehearsal = Rehearsal::answering(&answer(status, &[&location], ""));
        let got = visit(&rehearsal).await.expect("an answer");
        assert!(status.starts_with(&got.status.to_string()), "{status}");
        assert_eq!(rehearsal.visits(), 1);
    }
    assert_eq!(elsewhere.visits(), 0);
}

#[tokio::test]
async fn what_never_answers_ends_in_time() {
    let started = Instant::now();
    let rehearsal = Rehearsal::playing(stall);
    assert_eq!(visit(&rehearsal).await.err(), Some(EgressError::Ambiguous));
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_slow_drip_ends_in_time() {
    let started = Instant::now();
    let rehearsal = Rehearsal::playing(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    });
    assert_eq!(visit(&rehearsal).await.err(), Some(EgressError::Ambiguous));
    assert!(started.elapsed() < Duration::from_secs(3));
}

#[tokio::test]
async fn a_flood_is_cut_off() {
    let limit = Limits::default().body_bytes;
    let full = Rehearsal::answering(&answer("200 OK", &[], &"x".repeat(limit)));
    assert_eq!(
        visit(&full).await.expect("an answer").body.expose().len(),
        limit
    );

    let over = Rehearsal::answering(&answer("200 OK", &[], &"x".repeat(300 * 1024)));
    assert_eq!(visit(&over).await.err(), Some(EgressError::TooLarge));

    let endless = Rehearsal::playing(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 8192]).is_ok() {}
    });
    assert_eq!(visit(&endless).await.err(), Some(EgressError::TooLarge));

    let lines: Vec<String> = (0..2000).map(|n| format!("x-{n}: y")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let headers = Rehearsal::answering(&answer("200 OK", &lines, "{}"));
    assert!(visit(&headers).await.is_err());
}

#[tokio::test]
async fn compressed_answers_stay_compressed() {
    let rehearsal = Rehearsal::answering(&answer(
        "200 OK",
        &["content-encoding: gzip"],
        "not gzip at all",
    ));
    assert_eq!(
        visit(&rehearsal).await.expect("an answer").body.expose(),
        b"not gzip at all"
    );
}

#[tokio::test]
async fn whatever_breaks_after_sending_is_ambiguous() {
    for (what, rehearsal) in [
        ("closed without an answer", Rehearsal::answering("")),
        (
            "closed in the head",
            Rehearsal::answering("HTTP/1.1 200 OK\r\ncontent-le"),
        ),
        (
            "closed in the body",
            Rehearsal::answering(
                "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"access_token\":",
            ),
        ),
        (
            "not HTTP",
            Rehearsal::answering("220 smtp.example ESMTP\r\n"),
        ),
        ("reset", Rehearsal::resetting()),
    ] {
        assert_eq!(
            visit(&rehearsal).await.err(),
            Some(EgressError::Ambiguous),
            "{what}"
        );
        assert_eq!(rehearsal.visits(), 1, "{what}: sent once");
    }
}

#[tokio::test]
async fn what_cannot_be_connected_is_unreached() {
    let plain = Rehearsal::answering("HTTP/1.1 400 Bad Request\r\n\r\n");
    let silent = Rehearsal::playing(stall);
    for (what, url) in [
        ("refused", "http://127.0.0.1:1/".to_owned()),
        ("no TLS there", format!("https://{}/", plain.address)),
        (
            "TLS that never begins",
            format!("https://{}/", silent.address),
        ),
        ("no such name", "https://does-not-exist.invalid/".to_owned()),
    ] {
        let url = Url::parse(&url).expect("a URL");
        let exceptions = [Upstream::of(&url).expect("a host")];
        let egress = Egress::new(
            OutboundPolicy::new(exceptions),
            hasty(),
            Arc::new(crate::clock::SystemClock),
        );
        let outcome = egress
            .expect("a client")
            .send(EgressRequest::get(url))
            .await;
        assert_eq!(outcome.err(), Some(EgressError::Unreached), "{what}");
    }
}

#[tokio::test]
async fn internal_addresses_are_never_dialled() {
    let rehearsal = Rehearsal::answering(&answer("200 OK", &[], "secret"));
    let egress = Egress::new(
        OutboundPolicy::default(),
        hasty(),
        Arc::new(crate::clock::SystemClock),
    );
    let egress = egress.expect("a client");
    let port = rehearsal.address.port();
    for (url, refusal) in [
        (format!("http://127.0.0.1:{port}/"), Refusal::Scheme),
        (format!("https://127.0.0.1:{port}/"), Refusal::Literal),
        (
            format!("https://[::ffff:127.0.0.1]:{port}/"),
            Refusal::Literal,
        ),
        (format!("https://2130706433:{port}/"), Refusal::Literal),
        (format!("https://localhost:{port}/"), Refusal::Port),
        // a name that only turns out to be internal when it is resolved
        ("https://localhost/".to_owned(), Refusal::NotPublic),
    ] {
        let outcome = egress
            .send(EgressRequest::get(Url::parse(&url).expect("a URL")))
            .await;
        assert_eq!(outcome.err(), Some(EgressError::Refused(refusal)), "{url}");
    }
    assert_eq!(rehearsal.visits(), 0);
}

#[tokio::test]
async fn providers_can_ask_to_wait_but_not_for_ever() {
    // Sun, 06 Nov 1994 08:49:37 GMT
    let clock = FixedClock::at(Timestamp::from_millis(784_111_777_000));
    for (header, wait) in [
        (None, None),
        (Some("120"), Some(120)),
        (Some("0"), Some(0)),
        (Some("86400"), Some(3600)),
        (Some("99999999999999999999999999"), Some(3600)),
        (Some("Sun, 06 Nov 1994 08:50:07 GMT"), Some(30)),
        (Some("Sun, 06 Nov 1994 08:49:07 GMT"), Some(0)),
        (Some("Fri, 31 Dec 9999 23:59:59 GMT"), Some(3600)),
        (Some("soon"), None),
        (Some("-5"), None),
        (Some("1.5"), None),
        (Some(""), None),
    ] {
        let header = header.map(|text| format!("retry-after: {text}"));
        let rehearsal = Rehearsal::answering(&answer(
            "429 Too Many Requests",
            header.as_deref().as_slice(),
            "",
        ));
        let here = Upstream::of(&rehearsal.url("/")).expect("a host");
        let egress =
            Egress::new(OutboundPolicy::new([here]), hasty(), clock.clone()).expect("a client");
        let got = egress
            .send(EgressRequest::get(rehearsal.url("/")))
            .await
            .expect("an answer");
        assert_eq!(got.retry_after, wait.map(Duration::from_secs), "{header:?}");
    }
}
