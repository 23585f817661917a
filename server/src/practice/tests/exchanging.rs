//! What a client gets for a code and for a refresh token, and what it does not.

use super::*;

#[tokio::test]
async fn a_person_approves_and_the_client_learns_who() {
    let desk = Desk::open();
    let page = desk.ask(&[]).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Ravi Menon"), "{}", page.body);
    assert!(page.body.contains("contacts.read"), "{}", page.body);
    assert!(page.body.contains("s+t&amp;a te"), "{}", page.body);

    let back = desk.decide("approve", "prac_1002").await;
    let location = back.header(header::LOCATION);
    assert!(location.starts_with(&desk.redirect_uri()), "{location}");
    assert_eq!(back.sent_back()["state"], "s+t&a te");

    let reply = desk.exchange(&back.sent_back()["code"], VERIFIER).await;
    assert_eq!(reply.header(header::CACHE_CONTROL), "no-store");
    assert_eq!(reply.json()["token_type"], "Bearer");
    assert_eq!(reply.json()["expires_in"], 3600);
    assert_eq!(reply.json()["scope"], "contacts.read offline");

    let me = desk.me(&Pair::in_reply(&reply).access).await;
    assert_eq!(
        me.json(),
        serde_json::json!({
            "id": "prac_1002",
            "name": "Ravi Menon",
            "email": "ravi@northwind.example",
            "scope": "contacts.read offline",
        })
    );
}

#[tokio::test]
async fn a_code_without_its_verifier_is_worthless_and_used_up() {
    let desk = Desk::open();
    let code = desk.code().await;
    let wrong = desk.exchange(&code, &VERIFIER.replace('d', "e")).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
    assert_eq!(wrong.error(), "invalid_grant");
    assert_eq!(
        desk.exchange(&code, VERIFIER).await.error(),
        "invalid_grant"
    );
    let missing = desk.exchange(&desk.code().await, "").await;
    assert_eq!(missing.error(), "invalid_request");
}

#[tokio::test]
async fn a_code_works_once_and_the_second_time_ends_its_grant() {
    let desk = Desk::open();
    let code = desk.code().await;
    let pair = Pair::in_reply(&desk.exchange(&code, VERIFIER).await);
    assert_eq!(
        desk.exchange(&code, VERIFIER).await.error(),
        "invalid_grant"
    );
    assert_eq!(desk.me(&pair.access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.refresh(&pair.refresh).await.error(), "invalid_grant");
}

#[tokio::test]
async fn a_code_ends_after_ten_minutes() {
    let desk = Desk::open();
    let (early, late) = (desk.code().await, desk.code().await);
    desk.clock.advance(599_999);
    Pair::in_reply(&desk.exchange(&early, VERIFIER).await);
    desk.clock.advance(1);
    assert_eq!(
        desk.exchange(&late, VERIFIER).await.error(),
        "invalid_grant"
    );
}

#[tokio::test]
async fn a_code_is_for_its_client_and_its_redirect_uri() {
    let desk = Desk::open();
    let code = desk.code().await;
    let stranger = Desk {
        practice: Arc::clone(&desk.practice),
        clock: Arc::clone(&desk.clock),
        client: ProviderId::random(),
    };
    assert_eq!(
        stranger.exchange(&code, VERIFIER).await.error(),
        "invalid_grant"
    );
    let pair = Pair::in_reply(&desk.exchange(&code, VERIFIER).await);
    assert_eq!(
        stranger.refresh(&pair.refresh).await.error(),
        "invalid_grant"
    );
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &desk.code().await),
        ("redirect_uri", "http://127.0.0.1:3000/elsewhere"),
        ("code_verifier", VERIFIER),
    ];
    let reply = desk.call("/practice/token", &fields).await;
    assert_eq!(reply.error(), "invalid_grant");
}

#[tokio::test]
async fn the_old_pair_dies_with_the_refresh() {
    let desk = Desk::open();
    let old = desk.connected().await;
    let new = Pair::in_reply(&desk.refresh(&old.refresh).await);
    assert_eq!(desk.me(&old.access).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.refresh(&old.refresh).await.error(), "invalid_grant");
    assert_eq!(desk.me(&new.access).await.status, StatusCode::OK);
    Pair::in_reply(&desk.refresh(&new.refresh).await);
}

#[tokio::test]
async fn a_client_has_to_know_its_secret() {
    let desk = Desk::open();
    let pair = desk.connected().await;
    let id = desk.client.to_string();
    for (client_id, secret) in [
        (id.as_str(), "practice_secret_wrong"),
        (id.as_str(), ""),
        ("", "x"),
        ("acme", "x"),
    ] {
        for path in ["/practice/token", "/practice/revoke"] {
            let fields = [
                ("client_id", client_id),
                ("client_secret", secret),
                ("grant_type", "refresh_token"),
                ("refresh_token", pair.refresh.as_str()),
                ("token", pair.refresh.as_str()),
            ];
            let reply = desk.post(path, &fields).await;
            assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
            assert_eq!(reply.error(), "invalid_client");
        }
    }
    let (_, mine) = desk.practice.credentials_for(&desk.client);
    let (_, again) = desk.restarted().practice.credentials_for(&desk.client);
    let (_, others) = desk.practice.credentials_for(&ProviderId::random());
    assert_eq!(mine.expose(), again.expose());
    assert_ne!(mine.expose(), others.expose());
}

#[tokio::test]
async fn altered_and_confused_tokens_are_refused() {
    let desk = Desk::open();
    let pair = desk.connected().await;
    for index in 0..pair.access.len() {
        let mut bytes = pair.access.clone().into_bytes();
        bytes[index] = if bytes[index] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(bytes).expect("ASCII");
        assert_eq!(
            desk.me(&altered).await.status,
            StatusCode::UNAUTHORIZED,
            "character {index}"
        );
    }
    assert_eq!(
        desk.me(&pair.refresh).await.status,
        StatusCode::UNAUTHORIZED
    );
    let renamed = pair.refresh.replace("practice_rt_", "practice_at_");
    assert_eq!(desk.me(&renamed).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(desk.refresh(&pair.access).await.error(), "invalid_grant");
    assert_eq!(desk.me("").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn odd_requests_get_the_protocols_errors() {
    let desk = Desk::open();
    for (fields, error) in [
        (vec![], "invalid_request"),
        (vec![("grant_type", "password")], "unsupported_grant_type"),
        (vec![("grant_type", "refresh_token")], "invalid_request"),
        (
            vec![("grant_type", "authorization_code")],
            "invalid_request",
        ),
        (vec![("a", "1"), ("a", "2")], "invalid_request"),
    ] {
        let reply = desk.call("/practice/token", &fields).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
        assert_eq!(reply.error(), error, "{fields:?}");
    }
    for (path, field) in [
        ("/practice/desk/outage", ("on", "maybe")),
        ("/practice/desk/token-life", ("seconds", "31")),
    ] {
        let reply = desk.post(path, &[field]).await;
        assert_eq!(reply.status, StatusCode::BAD_REQUEST);
    }
    let long = "x".repeat(BODY_LIMIT + 1);
    let reply = desk.call("/practice/token", &[("code", &long)]).await;
    assert_eq!(reply.status, StatusCode::PAYLOAD_TOO_LARGE);
}
