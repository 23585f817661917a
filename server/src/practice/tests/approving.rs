//! What the browser meets.

use super::*;

#[tokio::test]
async fn a_request_from_nowhere_is_shown_and_sent_to_nobody() {
    let desk = Desk::open();
    let other = format!("{PUBLIC_URL}/oauth/callback/{}", ProviderId::random());
    let longer = format!("{}/", desk.redirect_uri());
    for changed in [
        [("client_id", "")],
        [("client_id", "acme")],
        [("redirect_uri", "")],
        [("redirect_uri", "https://evil.example/")],
        [("redirect_uri", other.as_str())],
        [("redirect_uri", longer.as_str())],
        [("state", "")],
    ] {
        let reply = desk.ask(&changed).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST, "{changed:?}");
        assert_eq!(reply.header(header::LOCATION), "", "{changed:?}");
        assert!(reply.body.contains("<h1>"), "a page: {changed:?}");
    }
}

#[tokio::test]
async fn any_other_mistake_is_sent_back_to_the_client() {
    let desk = Desk::open();
    for (changed, error) in [
        (("response_type", "token"), "unsupported_response_type"),
        (("code_challenge", ""), "invalid_request"),
        (("code_challenge", "short"), "invalid_request"),
        (("code_challenge_method", "plain"), "invalid_request"),
        (("code_challenge_method", ""), "invalid_request"),
        (("scope", "a\"b"), "invalid_scope"),
    ] {
        let back = desk.ask(&[changed]).await.sent_back();
        assert_eq!(back["error"], error, "{changed:?}");
        assert_eq!(back["state"], "s+t&a te");
    }
}

#[tokio::test]
async fn a_denial_comes_back_as_one() {
    let desk = Desk::open();
    let back = desk.decide("deny", "prac_1001").await.sent_back();
    assert_eq!(back["error"], "access_denied");
    assert_eq!(back["state"], "s+t&a te");
    assert!(!back.contains_key("code"));
    for (decision, person) in [("approve", "nobody"), ("", "prac_1001")] {
        let reply = desk.decide(decision, person).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    }
}

#[tokio::test]
async fn hostile_parameters_stay_text() {
    let desk = Desk::open();
    let page = desk.ask(&[("state", "\"><script>alert(1)</script>")]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.body.contains("<script"), "{}", page.body);
    let policy = page.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(policy.contains("form-action 'self'"), "{policy}");
}
