//! No value that could be a secret, whatever a provider calls it and wherever it puts it.

use super::*;
use crate::catalog::Catalog;
use crate::oauth::egress::EgressError;
use crate::oauth::overheard::HeardAnswer;
use http::{HeaderMap, HeaderValue, Method};
use std::sync::Arc;

const SECRET: &str = "s3cret-of-client";
const TOKEN: &str = "at-0123456789";

fn apollo() -> Arc<Definition> {
    let catalog = Catalog::built_in().expect("the built-in definitions");
    catalog.get("apollo").expect("Apollo")
}

fn heard(body: &str, answer: &str) -> Heard {
    let mut headers = HeaderMap::new();
    let mut basic = HeaderValue::from_static("Basic czNjcmV0");
    basic.set_sensitive(true);
    headers.insert("authorization", basic);
    headers.insert(
        "content-type",
        HeaderValue::from_static("application/x-www-form-urlencoded"),
    );
    Heard {
        method: Method::POST,
        url: "https://idp.example/token?v=2".parse().expect("a URL"),
        headers,
        body: Some(Secret::from(body)),
        answer: Ok(HeardAnswer {
            status: 200,
            content_type: None,
            body: Secret::new(answer.as_bytes().to_vec()),
        }),
    }
}

fn told(parts: &[Part]) -> Vec<(&str, PartValue)> {
    parts
        .iter()
        .map(|part| (part.name.as_str(), part.value.clone()))
        .collect()
}

fn shown(text: &str) -> PartValue {
    PartValue::Shown(text.to_owned())
}

#[test]
fn of_a_request_only_what_is_harmless_is_shown() {
    let definition = apollo();
    let scribe = Scribe::new(&definition, [SECRET]);
    let body = format!(
        "grant_type=authorization_code&code=abcde&client_secret={SECRET}&redirect_uri=https%3A%2F%2Fx&new=thing"
    );
    let request = scribe.request(&heard(&body, "{}"));
    assert_eq!(
        (request.method.as_str(), request.url.as_str()),
        ("POST", "https://idp.example/token")
    );
    assert_eq!(
        told(&request.parts),
        [
            ("v", PartValue::Hidden(1)),
            ("grant_type", shown("authorization_code")),
            ("code", PartValue::Hidden(5)),
            ("client_secret", PartValue::Hidden(16)),
            ("redirect_uri", shown("https://x")),
            ("new", PartValue::Hidden(5)),
            ("authorization: Basic", PartValue::Hidden(8)),
        ]
    );
}

#[test]
fn of_an_answer_names_and_kinds_are_shown() {
    let definition = apollo();
    let scribe = Scribe::new(&definition, [TOKEN]);
    let answer = format!(
        r#"{{"access_token":"{TOKEN}","expires_in":3600,"token_type":"Bearer","scope":["a","b"],
            "refresh_token":"rt-1","user":{{"name":"Ada","id":7,"api_key":"k"}},"active":true,"none":null,
            "teams":[1,2],"error":"invalid_grant"}}"#
    );
    let answer = scribe.answer(&heard("", &answer)).expect("an answer");
    let mut parts = told(&answer.parts);
    parts.sort_by_key(|(name, _)| *name);
    assert_eq!(
        parts,
        [
            ("access_token", PartValue::Hidden(13)),
            ("active", PartValue::Truth),
            ("error", shown("invalid_grant")),
            ("expires_in", shown("3600")),
            ("none", PartValue::Nothing),
            ("refresh_token", PartValue::Hidden(4)),
            ("scope", shown("a b")),
            ("teams", PartValue::List(2)),
            ("token_type", shown("Bearer")),
            ("user.api_key", PartValue::Hidden(1)),
            ("user.id", PartValue::Number),
            ("user.name", PartValue::Text),
        ]
    );
}

#[test]
fn a_secret_under_a_harmless_name_is_hidden_all_the_same() {
    let definition = apollo();
    let scribe = Scribe::new(&definition, [SECRET, TOKEN]);
    let hostile = format!(
        r#"{{"scope":"read {TOKEN}","token_type":"{SECRET}","{TOKEN}":1,"error":"{SECRET}","greeting":"hi {TOKEN}","expires_in":{{"x":"{TOKEN}"}}}}"#
    );
    let answer = scribe.answer(&heard("", &hostile)).expect("an answer");
    let request = scribe.request(&heard(&format!("scope={SECRET}&grant_type={TOKEN}"), ""));
    let callback = scribe.callback(
        "https://vault.example/cb",
        &format!("code={TOKEN}&error={SECRET}&scope={TOKEN}&error_description=words"),
    );
    let all = format!("{answer:?} {request:?} {callback:?}");
    assert!(!all.contains(SECRET) && !all.contains(TOKEN), "{all}");
    assert!(!all.contains("words"), "{all}");
}

#[test]
fn a_form_is_an_answer_and_a_page_is_none() {
    let definition = apollo();
    let scribe = Scribe::new(&definition, [TOKEN]);
    let form = heard("", &format!("access_token={TOKEN}&scope=a+b"));
    let answer = scribe.answer(&form).expect("an answer");
    assert_eq!(
        told(&answer.parts),
        [
            ("access_token", PartValue::Hidden(13)),
            ("scope", shown("a b"))
        ]
    );
    let page = scribe.answer(&heard("", "<html>a=b</html>"));
    assert!(page.expect("an answer").unreadable);
    let mut silent = heard("", "");
    silent.answer = Err(EgressError::Unreached);
    assert_eq!(scribe.answer(&silent), None);
}

#[test]
fn parameters_behind_a_route_are_parameters() {
    let definition = apollo();
    let scribe = Scribe::new(&definition, ["the-state"]);
    let url = "https://app.apollo.io/#/oauth/authorize?client_id=c&state=the-state&scope=a%20b";
    let request = scribe.authorize(&url.parse().expect("a URL"));
    assert_eq!(request.url, "https://app.apollo.io/#/oauth/authorize");
    assert_eq!(
        told(&request.parts),
        [
            ("client_id", shown("c")),
            ("state", PartValue::Hidden(9)),
            ("scope", shown("a b")),
        ]
    );
}
