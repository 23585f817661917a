use super::*;
use crate::catalog::{BodyFormat, ClientAuth, Definition};
use crate::oauth::classify::{Class, ErrorCode};
use crate::oauth::egress::Limits;
use crate::oauth::rehearsal::{Rehearsal, answer, apaleo, apollo, attio, plain_with, salesforce};
use std::time::Duration;

const REDIRECT: &str = "https://vault.example/oauth/callback/prv_1";
const REDIRECT_ENCODED: &str = "https%3A%2F%2Fvault.example%2Foauth%2Fcallback%2Fprv_1";
const TOKENS: &str = r#"{"access_token":"at","refresh_token":"rt2","instance_url":"https://acme.my.salesforce.com"}"#;

fn rehearsal(status: &str, body: &str) -> Rehearsal {
    Rehearsal::answering(&answer(status, &[], body))
}

async fn exchange(rehearsal: &Rehearsal, definition: Definition) -> Result<TokenSet, Failure> {
    let request = CodeRequest {
        code: &Secret::from("c+/="),
        redirect_uri: REDIRECT,
        verifier: &Secret::from("v"),
        echoed: &[],
    };
    exchange_code(
        &rehearsal.egress(),
        &rehearsal.provider(definition),
        &request,
    )
    .await
}

async fn refreshed(rehearsal: &Rehearsal, definition: Definition) -> Result<TokenSet, Failure> {
    let limits = Limits {
        total: Duration::from_millis(600),
        ..Limits::default()
    };
    let egress = rehearsal.egress_within(limits);
    refresh(
        &egress,
        &rehearsal.provider(definition),
        &RefreshRequest {
            token: &Secret::from("rt 1"),
            redirect_uri: REDIRECT,
            granted: &Scopes::default(),
            narrowed_to: None,
        },
    )
    .await
}

/// The body of the only request.
fn body(rehearsal: &Rehearsal) -> String {
    let request = rehearsal.request();
    assert!(request.starts_with("POST /token HTTP/1.1\r\n"), "{request}");
    request.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

#[tokio::test]
async fn codes_are_sent_as_each_provider_likes_it() {
    let code =
        format!("grant_type=authorization_code&code=c%2B%2F%3D&redirect_uri={REDIRECT_ENCODED}");
    let who = "client_id=client+1&client_secret=s3cret%2F";
    for (definition, expected) in [
        (apollo(), format!("{code}&{who}")),
        (attio(), format!("{code}&code_verifier=v&{who}")),
        (salesforce(), format!("{code}&code_verifier=v&{who}")),
        (apaleo(), format!("{code}&code_verifier=v")),
    ] {
        let id = definition.id.clone();
        let rehearsal = rehearsal("200 OK", TOKENS);
        let set = exchange(&rehearsal, definition).await.expect("tokens");
        assert_eq!(set.access_token.expose(), "at");
        assert_eq!(body(&rehearsal), expected, "{id}");
    }
}

#[tokio::test]
async fn refresh_tokens_are_sent_without_scopes() {
    let token = "grant_type=refresh_token&refresh_token=rt+1";
    let who = "client_id=client+1&client_secret=s3cret%2F";
    for (definition, expected) in [
        (
            apollo(),
            format!("{token}&redirect_uri={REDIRECT_ENCODED}&{who}"),
        ),
        (salesforce(), format!("{token}&{who}")),
        (apaleo(), token.to_owned()),
    ] {
        let id = definition.id.clone();
        let rehearsal = rehearsal("200 OK", TOKENS);
        let set = refreshed(&rehearsal, definition).await.expect("tokens");
        assert_eq!(set.refresh_token.expect("a refresh token").expose(), "rt2");
        assert_eq!(body(&rehearsal), expected, "{id}");
    }
}

#[tokio::test]
async fn the_first_secret_is_the_one_that_counts() {
    let rehearsal = rehearsal("200 OK", TOKENS);
    refreshed(&rehearsal, apaleo()).await.expect("tokens");
    // client+1:s3cret%2F
    assert!(
        rehearsal
            .request()
            .contains("\r\nauthorization: Basic Y2xpZW50KzE6czNjcmV0JTJG\r\n")
    );
}

#[tokio::test]
async fn bodies_can_be_json() {
    let mut definition = apollo();
    definition.token_body = BodyFormat::Json;
    definition.client_auth = ClientAuth::Body;
    let rehearsal = rehearsal("200 OK", TOKENS);
    refreshed(&rehearsal, definition).await.expect("tokens");
    assert!(
        rehearsal
            .request()
            .contains("\r\ncontent-type: application/json\r\n")
    );
    let sent: serde_json::Value = serde_json::from_str(&body(&rehearsal)).expect("JSON");
    assert_eq!(
        sent,
        serde_json::json!({
            "grant_type": "refresh_token", "refresh_token": "rt 1", "redirect_uri": REDIRECT,
            "client_id": "client 1", "client_secret": "s3cret/",
        })
    );
}

#[tokio::test]
async fn any_success_counts_and_metadata_is_kept() {
    for status in ["200 OK", "201 Created", "202 Accepted"] {
        let html = ["content-type: text/html"];
        let rehearsal = Rehearsal::answering(&answer(status, &html, TOKENS));
        let set = refreshed(&rehearsal, salesforce()).await.expect("tokens");
        assert_eq!(
            set.metadata["instance_url"],
            "https://acme.my.salesforce.com"
        );
        assert_eq!(set.raw.expose(), TOKENS);
    }
}

#[tokio::test]
async fn failures_are_told_by_what_they_mean() {
    let wait = |s| Class::Throttled {
        retry_after: Some(Duration::from_secs(s)),
    };
    for (status, headers, body, class, code) in [
        (
            "400 Bad Request",
            "",
            r#"{"error":"invalid_grant"}"#,
            Class::Dead,
            Some(ErrorCode::InvalidGrant),
        ),
        (
            "200 OK",
            "",
            r#"{"error":"invalid_grant"}"#,
            Class::Dead,
            Some(ErrorCode::InvalidGrant),
        ),
        (
            "200 OK",
            "",
            r#"{"error":"bad_refresh_token"}"#,
            Class::Unexpected,
            Some(ErrorCode::Other),
        ),
        (
            "401 Unauthorized",
            "",
            r#"{"error":"invalid_client"}"#,
            Class::ConfigRejected,
            Some(ErrorCode::InvalidClient),
        ),
        (
            "400 Bad Request",
            "",
            r#"{"error":"invalid_scope"}"#,
            Class::InvalidScope,
            Some(ErrorCode::InvalidScope),
        ),
        (
            "400 Bad Request",
            "",
            r#"{"error":"invalid_request"}"#,
            Class::Ambiguous,
            Some(ErrorCode::InvalidRequest),
        ),
        ("429 Too Many", "retry-after: 30", "", wait(30), None),
        ("429 Too Many", "retry-after: 999999", "", wait(3600), None),
        ("503 Unavailable", "retry-after: 5", "", wait(5), None),
        ("503 Unavailable", "x: y", "", Class::Ambiguous, None),
        (
            "500 Oops",
            "",
            r#"{"error":"invalid_grant"}"#,
            Class::Ambiguous,
            Some(ErrorCode::InvalidGrant),
        ),
        ("200 OK", "", "<html>Sign in</html>", Class::Ambiguous, None),
        (
            "200 OK",
            "",
            r#"{"access_token":"at","refresh_tok"#,
            Class::Ambiguous,
            None,
        ),
        ("200 OK", "", "{}", Class::Ambiguous, None),
        ("204 No Content", "", "", Class::Ambiguous, None),
        ("302 Found", "location: /login", "", Class::Unexpected, None),
        ("404 Not Found", "", "<html>", Class::Unexpected, None),
    ] {
        let headers = if headers.is_empty() {
            vec![]
        } else {
            vec![headers]
        };
        let rehearsal = Rehearsal::answering(&answer(status, &headers, body));
        let failure = refreshed(&rehearsal, apaleo())
            .await
            .expect_err("a failure");
        assert_eq!(
            (failure.class, failure.code),
            (class, code),
            "{status} {body}"
        );
        assert_eq!(rehearsal.visits(), 1, "{status}: asked once");
    }
}

#[tokio::test]
async fn an_answer_that_does_not_arrive_is_ambiguous() {
    let flood = rehearsal(
        "200 OK",
        &format!(
            "{{\"access_token\":\"at\",\"x\":\"{}\"}}",
            "x".repeat(300 * 1024)
        ),
    );
    let silence = Rehearsal::playing(|mut stream| {
        let _ = std::io::copy(&mut stream, &mut std::io::sink());
    });
    for (what, rehearsal) in [
        ("reset", Rehearsal::resetting()),
        ("flood", flood),
        ("silence", silence),
    ] {
        let failure = refreshed(&rehearsal, apaleo())
            .await
            .expect_err("a failure");
        assert_eq!(
            (failure.class, failure.status),
            (Class::Ambiguous, None),
            "{what}"
        );
        assert!(!failure.spent_nothing(), "{what}");
    }
}

#[tokio::test]
async fn a_provider_that_is_not_there_costs_nothing() {
    let rehearsal = rehearsal("200 OK", TOKENS);
    let mut provider = rehearsal.provider(apaleo());
    for (token_url, class) in [
        ("https://127.0.0.1/token", Class::ForbiddenAddress),
        ("https://does-not-exist.invalid/token", Class::Unreached),
    ] {
        provider.endpoints.token = token_url.parse().expect("a URL");
        let request = RefreshRequest {
            token: &Secret::from("rt"),
            redirect_uri: REDIRECT,
            granted: &Scopes::default(),
            narrowed_to: None,
        };
        let outcome = refresh(&rehearsal.egress(), &provider, &request).await;
        let failure = outcome.expect_err("a failure");
        assert_eq!(failure.class, class, "{token_url}");
        assert!(failure.spent_nothing(), "{token_url}");
    }
    assert_eq!(rehearsal.visits(), 0);
}

async fn sent_on_refresh(text: &str, narrowed_to: Option<&Scopes>) -> String {
    let rehearsal = rehearsal("200 OK", TOKENS);
    let mut provider = rehearsal.provider(plain_with(text));
    provider.endpoints.refresh = Some(rehearsal.url("/refresh"));
    let request = RefreshRequest {
        token: &Secret::from("t"),
        redirect_uri: REDIRECT,
        granted: &Scopes::new(["a", "b"]).expect("scopes"),
        narrowed_to,
    };
    refresh(&rehearsal.egress(), &provider, &request)
        .await
        .expect("tokens");
    let request = rehearsal.request();
    assert!(request.starts_with("POST /refresh "), "{request}");
    request.split_once("\r\n\r\n").expect("a body").1.to_owned()
}

#[tokio::test]
async fn a_refresh_says_what_the_provider_wants_to_hear() {
    let client = "client_id=client+1&client_secret=s3cret%2F";
    let plain = "grant_type=refresh_token&refresh_token=t";
    let narrowed = Scopes::new(["a"]).expect("a scope");
    for (text, narrowed_to, body) in [
        ("", None, format!("{plain}&{client}")),
        (
            "[refresh_params]\nexpires_in = \"1800\"",
            None,
            format!("{plain}&{client}&expires_in=1800"),
        ),
        (
            "[refresh]\nsends_scopes = true",
            None,
            format!("{plain}&scope=a+b&{client}"),
        ),
        ("", Some(&narrowed), format!("{plain}&scope=a&{client}")),
        (
            "[refresh]\nexchange = { grant_type = \"fb_exchange_token\", token_param = \"fb_exchange_token\" }",
            None,
            format!("grant_type=fb_exchange_token&fb_exchange_token=t&{client}"),
        ),
    ] {
        assert_eq!(sent_on_refresh(text, narrowed_to).await, body, "{text}");
    }
}

#[tokio::test]
async fn what_the_callback_brought_goes_back_with_the_code() {
    let rehearsal = rehearsal("200 OK", TOKENS);
    let request = CodeRequest {
        code: &Secret::from("c"),
        redirect_uri: REDIRECT,
        verifier: &Secret::from("v"),
        echoed: &[("context".to_owned(), "a/b".to_owned())],
    };
    let definition = plain_with("pkce = \"required\"\n[token_params]\nexpiring = \"1\"");
    let provider = rehearsal.provider(definition);
    exchange_code(&rehearsal.egress(), &provider, &request)
        .await
        .expect("tokens");
    assert_eq!(
        body(&rehearsal),
        format!(
            "grant_type=authorization_code&code=c&redirect_uri={REDIRECT_ENCODED}&code_verifier=v\
             &context=a%2Fb&client_id=client+1&client_secret=s3cret%2F&expiring=1"
        )
    );
}
