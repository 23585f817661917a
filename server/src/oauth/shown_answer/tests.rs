//! Whatever a provider repeats, and however.

use super::*;
use crate::oauth::overheard::HeardAnswer;
use crate::vault::Secret;
use http::{HeaderMap, HeaderValue, Method};

const REFRESH: &str = "rt/+abc def\"9&<x>";
const CLIENT: &str = "s3cret+of/client=1";
const ACCESS: &str = "ya29.a0ARrdaM";

fn heard(content_type: Option<&str>, body: &str) -> Heard {
    let sent = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", REFRESH)
        .finish();
    let mut headers = HeaderMap::new();
    let basic = format!("Basic {}", STANDARD.encode(format!("client-1:{CLIENT}")));
    let mut value = HeaderValue::from_str(&basic).expect("a header");
    value.set_sensitive(true);
    headers.insert(http::header::AUTHORIZATION, value);
    Heard {
        method: Method::POST,
        url: "https://provider.example/token".parse().expect("a URL"),
        headers,
        body: Some(Secret::new(sent)),
        answer: Ok(HeardAnswer {
            status: 400,
            content_type: content_type.map(str::to_owned),
            body: Secret::new(body.as_bytes().to_vec()),
        }),
    }
}

fn told(body: &str) -> String {
    shown(&heard(Some("application/json"), body), [ACCESS]).expect("an answer")
}

#[test]
fn words_are_told() {
    assert_eq!(
        told(
            r#"{"error":"invalid_grant","error_description":"expired access/refresh token","status":400}"#
        ),
        "HTTP 400 Bad Request\ncontent-type: application/json\n\n{\n  \"error\": \"invalid_grant\",\n  \
         \"error_description\": \"expired access/refresh token\",\n  \"status\": 400\n}"
    );
    assert!(
        told("error=invalid_grant&error_description=It+has+expired")
            .contains("error_description=It has expired")
    );
    assert!(told("<h1>Down for maintenance</h1>").contains("<h1>Down for maintenance</h1>"));
    assert_eq!(
        shown(&heard(None, ""), []).as_deref(),
        Some("HTTP 400 Bad Request")
    );
}

#[test]
fn what_we_sent_is_hidden_however_it_is_repeated() {
    for secret in [REFRESH, CLIENT, ACCESS] {
        let percent: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
        let hex = hex(secret.as_bytes());
        let forms = [
            secret.to_owned(),
            percent.clone(),
            STANDARD.encode(secret),
            URL_SAFE_NO_PAD.encode(secret),
            hex,
            secret.chars().rev().collect(),
            html(secret),
        ];
        for form in &forms {
            let quoted = Value::from(format!("no such token: {form}."));
            let nested = Value::from(format!(r#"{{"said":{quoted}}}"#));
            for body in [
                format!(r#"{{"error":"x","error_description":{quoted}}}"#),
                format!(r#"{{"a":[{{"b":{{"c":{quoted}}}}}]}}"#),
                format!(r#"{{"inner":{nested}}}"#),
                format!("{{{quoted}:1}}"),
                format!(
                    "error=x&said={}",
                    form_urlencoded::byte_serialize(form.as_bytes()).collect::<String>()
                ),
                format!("<html><body>bad token {form}</body></html>"),
                format!("bad token {form}, sorry"),
                format!(r#"{{"error":{quoted} broken"#),
            ] {
                let told = told(&body);
                for hidden in &forms {
                    assert!(!told.contains(hidden.as_str()), "{body}\n{told}");
                }
            }
        }
    }
}

#[test]
fn a_secret_that_is_split_over_lines_is_found() {
    let told = told("<pre>s3cret+of/\nclient=1</pre>");
    assert!(
        !told.contains("client=1") && told.contains(HIDDEN),
        "{told}"
    );
}

#[test]
fn members_that_are_called_secret_are_hidden_whatever_they_hold() {
    let told = told(
        r#"{"access_token":"short","refreshToken":"x","client_secret":1,"code":"abc","key":["k"],"x-api-key":"y","token_type":"Bearer"}"#,
    );
    for gone in ["short", "\"x\"", "1,", "abc", "\"k\"", "\"y\""] {
        assert!(!told.contains(gone), "{gone}: {told}");
    }
    assert!(told.contains("Bearer"), "{told}");
}

#[test]
fn what_looks_like_a_token_is_hidden() {
    for token in [
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "ghp_16C7e42F292c6912E7710c838347Ae178B4a",
        "AKIAIOSFODNN7EXAMPLE",
        "123456789012",
        "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrst",
    ] {
        for body in [
            format!(r#"{{"error_description":"Token {token} is unknown"}}"#),
            format!("Token '{token}' is unknown"),
            format!("said={token}"),
        ] {
            let told = told(&body);
            assert!(!told.contains(token) && told.contains(HIDDEN), "{told}");
        }
    }
}

#[test]
fn a_long_answer_is_cut_after_it_was_hidden() {
    let long = format!("{}{REFRESH}", "word ".repeat(409));
    let told = told(&long);
    assert!(!told.contains("rt/"), "{told}");
    let told = super::shown(&heard(None, &"wörd ".repeat(5000)), []).expect("an answer");
    assert!(
        told.len() < LONGEST_BODY + 100 && told.ends_with("bytes in all]"),
        "{told}"
    );
}

#[test]
fn what_cannot_be_seen_is_left_out() {
    let told = told("a\u{202e}b\u{0}c\u{1b}[31m");
    assert!(told.ends_with("abc[31m"), "{told}");
}
