//! A provider on a loopback port answers as real ones do.

use super::*;
use crate::oauth::rehearsal::{Rehearsal, answer, apaleo, apollo};
use std::io::Write;

const OURS: &str = "https://vault.example/oauth/callback/prv_1";

/// A token endpoint and an authorize page: the page by whether the redirect URI is ours.
async fn tried(
    definition: Definition,
    token: &str,
    page: impl Fn(bool) -> String + Send + Sync + 'static,
) -> (Marks, Rehearsal) {
    let token = token.to_owned();
    let rehearsal = Rehearsal::reading(move |request, mut stream| {
        let told = if request.starts_with("POST /token ") {
            token.clone()
        } else {
            page(request.contains("vault.example"))
        };
        stream.write_all(told.as_bytes()).expect("a visitor");
    });
    let provider = rehearsal.provider(definition);
    let marks = try_out(&rehearsal.egress(), &provider, OURS, &Scopes::default()).await;
    (marks, rehearsal)
}

fn refusing(code: &str) -> String {
    let body = format!(r#"{{"error":"{code}","error_description":"upstream words"}}"#);
    answer("400 Bad Request", &[], &body)
}

async fn credentials_after(definition: Definition, token: &str) -> CredentialsMark {
    let (marks, _) = tried(definition, token, |_| answer("200 OK", &[], "Sign in")).await;
    marks.credentials
}

async fn redirect_after(page: impl Fn(bool) -> String + Send + Sync + 'static) -> RedirectMark {
    let (marks, _) = tried(apaleo(), &refusing("invalid_grant"), page).await;
    marks.redirect_uri
}

#[tokio::test]
async fn the_token_endpoint_tells_whether_it_knows_the_client() {
    for (code, mark) in [
        ("invalid_grant", CredentialsMark::Accepted),
        ("invalid_client", CredentialsMark::Rejected),
        ("unauthorized_client", CredentialsMark::Rejected),
        ("invalid_request", CredentialsMark::Unclear),
        ("bad_verification_code", CredentialsMark::Unclear),
    ] {
        assert_eq!(
            credentials_after(apaleo(), &refusing(code)).await,
            mark,
            "{code}"
        );
    }
    let page = answer("200 OK", &[], "<html>Sign in</html>");
    assert_eq!(
        credentials_after(apaleo(), &page).await,
        CredentialsMark::Unclear
    );
    let tokens = answer("200 OK", &[], r#"{"access_token":"for anyone"}"#);
    assert_eq!(
        credentials_after(apaleo(), &tokens).await,
        CredentialsMark::Unclear
    );
}

#[tokio::test]
async fn a_definition_says_what_other_codes_mean() {
    let mut definition = apaleo();
    definition.trial.accepted = vec!["bad_verification_code".to_owned()];
    definition.trial.rejected = vec!["incorrect_client_credentials".to_owned()];
    for (code, mark) in [
        ("bad_verification_code", CredentialsMark::Accepted),
        ("incorrect_client_credentials", CredentialsMark::Rejected),
    ] {
        assert_eq!(
            credentials_after(definition.clone(), &refusing(code)).await,
            mark,
            "{code}"
        );
    }
    definition.trial.token_tells_nothing = true;
    for code in ["bad_verification_code", "invalid_client", "whatever"] {
        assert_eq!(
            credentials_after(definition.clone(), &refusing(code)).await,
            CredentialsMark::NotTold,
            "{code}"
        );
    }
}

#[tokio::test]
async fn what_is_asked_is_a_made_up_code_with_the_real_redirect_uri() {
    let (marks, rehearsal) = tried(apaleo(), &refusing("invalid_grant"), |_| {
        answer("302 Found", &[&format!("location: {OURS}?error=x")], "")
    })
    .await;
    assert_eq!(marks.reachable, ReachableMark::Answered);
    let requests = rehearsal.requests();
    assert_eq!(requests.len(), 2, "{requests:?}");
    let token = requests
        .iter()
        .find(|request| request.starts_with("POST /token "))
        .expect("a token request");
    assert!(token.contains("grant_type=authorization_code"), "{token}");
    assert!(
        token.contains("redirect_uri=https%3A%2F%2Fvault.example%2Foauth%2Fcallback%2Fprv_1"),
        "{token}"
    );
    let page = requests
        .iter()
        .find(|request| request.starts_with("GET /authorize?"))
        .expect("a page request");
    assert!(page.contains("accept: text/html"), "{page}");
}

#[tokio::test]
async fn complaints_are_read_wherever_they_stand() {
    for (status, location, body) in [
        (
            "400 Bad Request",
            "",
            r#"{"error":"invalid_request","error_description":"The redirect_uri is not registered."}"#,
        ),
        (
            "400 Bad Request",
            "",
            "<h1>Error 400: redirect_uri_mismatch</h1>",
        ),
        (
            "200 OK",
            "",
            "<p>The redirect URI 'https://vault.example/oauth/callback/prv_1' specified in the request does not match those of the application.</p>",
        ),
        ("200 OK", "", "<b>Invalid</b> callback&nbsp;URL"),
        (
            "302 Found",
            "/error?message=Invalid%2520redirect%2520URI",
            "",
        ),
        (
            "302 Found",
            "/signin/oauth/error?authError=ChVyZWRpcmVjdF91cmlfbWlzbWF0Y2gSsAEK",
            "",
        ),
    ] {
        let told = move |_| {
            let location = format!("location: {location}");
            answer(status, &[&location], body)
        };
        assert_eq!(
            redirect_after(told).await,
            RedirectMark::Refused,
            "{location} {body}"
        );
    }
}

#[tokio::test]
async fn what_repeats_our_request_is_no_complaint() {
    for (status, location, body) in [
        (
            "302 Found",
            "/login?next=%2Fauthorize%3Fclient_id%3Dinvalid%26redirect_uri%3Dhttps%253A%252F%252Fvault.example",
            "",
        ),
        (
            "200 OK",
            "",
            r#"<form><input name="redirect_uri" value="https://vault.example/oauth/callback/prv_1" class="invalid"></form>"#,
        ),
        (
            "200 OK",
            "",
            r#"<script>const words = {bad: "invalid redirect uri"};</script> Sign in"#,
        ),
    ] {
        let told = move |_| {
            let location = format!("location: {location}");
            answer(status, &[&location], body)
        };
        assert_eq!(
            redirect_after(told).await,
            RedirectMark::Unclear,
            "{location} {body}"
        );
    }
}

#[tokio::test]
async fn words_of_the_definition_are_complaints_too() {
    let mut definition = apaleo();
    definition.trial.redirect_complaints = vec!["Unbekannter Rücksprung".to_owned()];
    let (marks, _) = tried(definition, &refusing("invalid_grant"), |_| {
        answer("200 OK", &[], "<p>unbekannter rücksprung</p>")
    })
    .await;
    assert_eq!(marks.redirect_uri, RedirectMark::Refused);
}

#[tokio::test]
async fn a_page_that_refuses_others_knows_ours() {
    let told = |ours| {
        if ours {
            answer("200 OK", &[], "<h1>Sign in</h1>")
        } else {
            answer("400 Bad Request", &[], "Something is wrong.")
        }
    };
    assert_eq!(redirect_after(told).await, RedirectMark::OthersRefused);
    let same = |_| answer("400 Bad Request", &[], "Something is wrong.");
    assert_eq!(redirect_after(same).await, RedirectMark::Unclear);
}

#[tokio::test]
async fn a_page_that_is_drawn_by_a_script_is_not_opened() {
    let (marks, rehearsal) = tried(apollo(), &refusing("invalid_grant"), |_| {
        answer("200 OK", &[], "redirect_uri invalid")
    })
    .await;
    assert_eq!(marks.redirect_uri, RedirectMark::NotTold);
    assert_eq!(marks.credentials, CredentialsMark::Accepted);
    assert_eq!(rehearsal.visits(), 1);
}

#[tokio::test]
async fn a_bad_moment_tells_nothing() {
    let down = answer("503 Service Unavailable", &["retry-after: 5"], "");
    let told = down.clone();
    let (marks, _) = tried(apaleo(), &down, move |_| told.clone()).await;
    assert_eq!(
        marks,
        Marks {
            credentials: CredentialsMark::Unclear,
            redirect_uri: RedirectMark::Unclear,
            reachable: ReachableMark::Failing,
        }
    );
}

#[tokio::test]
async fn nobody_there_is_said_so() {
    let rehearsal = Rehearsal::resetting();
    let mut provider = rehearsal.provider(apaleo());
    let marks = try_out(&rehearsal.egress(), &provider, OURS, &Scopes::default()).await;
    assert_eq!(
        marks,
        Marks {
            credentials: CredentialsMark::NoAnswer,
            redirect_uri: RedirectMark::NoAnswer,
            reachable: ReachableMark::Late,
        }
    );
    provider.endpoints.token = "https://10.1.2.3/token".parse().expect("a URL");
    let marks = try_out(&rehearsal.egress(), &provider, OURS, &Scopes::default()).await;
    assert_eq!(marks.reachable, ReachableMark::Forbidden);
}

#[tokio::test]
async fn nobody_is_waited_for_for_ever() {
    let rehearsal = Rehearsal::playing(|_| std::thread::sleep(Duration::from_secs(5)));
    let provider = rehearsal.provider(apaleo());
    let began = std::time::Instant::now();
    let patience = Duration::from_millis(200);
    let egress = rehearsal.egress();
    let marks = try_within(patience, &egress, &provider, OURS, &Scopes::default()).await;
    assert_eq!(
        marks,
        Marks {
            credentials: CredentialsMark::NoAnswer,
            redirect_uri: RedirectMark::NoAnswer,
            reachable: ReachableMark::Late,
        }
    );
    assert!(began.elapsed() < Duration::from_secs(4));
}
