//! What someone learns who does not know the password: nothing, ten times.

use super::support::{EMAIL, PASSWORD, Reply, Server};
use crate::auth::throttle::ALLOWANCE;
use axum::http::{HeaderName, StatusCode};

/// Everything of an answer that could tell one case from another.
fn visible(reply: &Reply) -> (StatusCode, Vec<&HeaderName>, &str) {
    let mut names: Vec<_> = reply.headers.keys().collect();
    names.sort_by_key(|name| name.as_str());
    (reply.status, names, &reply.body)
}

#[tokio::test]
async fn an_unknown_member_is_answered_like_a_wrong_password() {
    let server = Server::with_owner().await;
    let known = server.browser().sign_in(EMAIL, "another quiet lamp").await;
    let unknown = server
        .browser()
        .sign_in("bob@acme.example", "another quiet lamp")
        .await;
    assert_eq!(known.status, StatusCode::UNAUTHORIZED);
    assert_eq!(visible(&known), visible(&unknown));
}

#[tokio::test]
async fn an_unknown_member_costs_as_much_as_a_wrong_password() {
    let server = Server::with_owner().await;
    let mut times = [Vec::new(), Vec::new()];
    for round in 0..8 {
        for (case, email) in [EMAIL, "bob@acme.example"].into_iter().enumerate() {
            let browser = server.browser().seen_at(&format!("192.0.2.{}", round + 10));
            let began = std::time::Instant::now();
            browser.sign_in(email, "another quiet lamp").await;
            times[case].push(began.elapsed());
        }
    }
    let [known, unknown] = times.map(|mut times| {
        times.sort();
        times[times.len() / 2]
    });
    // without the stand-in hash, an unknown member would take a small part of the time
    assert!(unknown * 2 > known, "{unknown:?} {known:?}");
}

#[tokio::test]
async fn ten_wrong_passwords_close_an_account_to_strangers_for_a_while() {
    let server = Server::with_owner().await;
    let owner = server.browser().seen_at("198.51.100.7");
    owner.sign_in(EMAIL, PASSWORD).await;
    for guess in 0..10 {
        let stranger = server.browser().seen_at(&format!("192.0.2.{guess}"));
        let reply = stranger
            .sign_in(EMAIL, &format!("guess number {guess}"))
            .await;
        assert_eq!(reply.status, StatusCode::UNAUTHORIZED);
    }
    let stranger = server.browser().seen_at("192.0.2.99");
    assert_eq!(
        stranger.sign_in(EMAIL, PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS
    );
    assert_eq!(
        owner.get("/me").await.status,
        StatusCode::OK,
        "whoever is signed in stays so"
    );

    server.minutes_pass(16);
    assert_eq!(
        stranger
            .sign_in(EMAIL, "wrong again and again")
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );
    server.minutes_pass(16);
    assert_eq!(
        stranger.sign_in(EMAIL, PASSWORD).await.status,
        StatusCode::TOO_MANY_REQUESTS,
        "each wait is longer"
    );
    server.minutes_pass(15);
    assert_eq!(
        stranger.sign_in(EMAIL, PASSWORD).await.status,
        StatusCode::OK
    );
    assert_eq!(
        stranger.sign_in(EMAIL, "one more mistake").await.status,
        StatusCode::UNAUTHORIZED,
        "all is forgiven"
    );
}

#[tokio::test]
async fn a_browser_that_was_signed_in_before_is_not_shut_out_by_strangers() {
    let server = Server::with_owner().await;
    let owner = server.browser().seen_at("198.51.100.7");
    owner.sign_in(EMAIL, PASSWORD).await;
    owner.post("/signout", &[]).await;
    for guess in 0..11 {
        let stranger = server.browser().seen_at(&format!("192.0.2.{guess}"));
        stranger
            .sign_in(EMAIL, &format!("guess number {guess}"))
            .await;
    }
    let again = owner.sign_in(&EMAIL.to_uppercase(), PASSWORD).await;
    assert_eq!(again.status, StatusCode::OK, "{}", again.body);

    // it says nothing about other accounts, and does not guess for ever either
    let other = owner.sign_in("bob@acme.example", PASSWORD).await;
    assert_eq!(other.status, StatusCode::UNAUTHORIZED);
    let mut last = StatusCode::OK;
    for guess in 0..11 {
        let owner = server
            .browser()
            .seen_at(&format!("203.0.113.{guess}"))
            .with_the_cookies_of(&owner);
        last = owner
            .sign_in(EMAIL, &format!("guess number {guess}"))
            .await
            .status;
    }
    assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_forged_device_counts_as_a_stranger() {
    let server = Server::with_owner().await;
    for guess in 0..10 {
        let stranger = server.browser().seen_at(&format!("192.0.2.{guess}"));
        stranger
            .sign_in(EMAIL, &format!("guess number {guess}"))
            .await;
    }
    for forged in [
        "x.y",
        ".",
        "",
        "AAAAAAAAAAAAAAAAAAAA.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        let stranger = server.browser().seen_at("198.51.100.9");
        stranger.set_cookie(Some(format!("grantport_device={forged}")));
        assert_eq!(
            stranger.sign_in(EMAIL, PASSWORD).await.status,
            StatusCode::TOO_MANY_REQUESTS
        );
    }
}

#[tokio::test]
async fn ten_wrong_passwords_from_one_address_are_enough() {
    let server = Server::with_owner().await;
    for guess in 0..10 {
        let spray = server
            .browser()
            .sign_in(
                &format!("someone{guess}@acme.example"),
                "spring in paris 26",
            )
            .await;
        assert_eq!(spray.status, StatusCode::UNAUTHORIZED);
    }
    let spray = server
        .browser()
        .sign_in("one.more@acme.example", "spring in paris 26")
        .await;
    assert_eq!(spray.status, StatusCode::TOO_MANY_REQUESTS);
    let list = server.browser().seen_at("203.0.113.9, 192.0.2.1");
    let reply = list.sign_in(EMAIL, PASSWORD).await;
    assert_eq!(
        reply.status,
        StatusCode::TOO_MANY_REQUESTS,
        "a header of the client's own changes nothing"
    );
    let elsewhere = server.browser().seen_at("198.51.100.7");
    assert_eq!(
        elsewhere.sign_in(EMAIL, PASSWORD).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn people_behind_one_address_can_all_sign_in() {
    let server = Server::with_owner().await;
    for _ in 0..15 {
        assert_eq!(
            server.browser().sign_in(EMAIL, PASSWORD).await.status,
            StatusCode::OK
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_guesses_at_once_are_no_more_than_ten() {
    let server = Server::with_owner().await;
    let posts: Vec<_> = (0..200)
        .map(|guess| {
            let browser = server.browser().seen_at(&format!("192.0.2.{guess}"));
            tokio::spawn(async move {
                browser
                    .sign_in(EMAIL, &format!("guess number {guess}"))
                    .await
                    .status
            })
        })
        .collect();
    let mut looked_at = 0;
    for post in posts {
        match post.await.expect("an answer") {
            StatusCode::UNAUTHORIZED => looked_at += 1,
            StatusCode::TOO_MANY_REQUESTS => (),
            other => panic!("{other}"),
        }
    }
    assert!(looked_at <= 10, "{looked_at}");
}

#[tokio::test]
async fn what_is_no_password_is_not_hashed() {
    let server = Server::with_owner().await;
    let long = "x".repeat(10_000);
    let began = std::time::Instant::now();
    for _ in 0..50 {
        assert_eq!(
            server.browser().sign_in(EMAIL, &long).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
    assert!(began.elapsed() < std::time::Duration::from_secs(1));
}

#[tokio::test]
async fn the_audit_tells_of_tries_and_never_what_was_typed() {
    use crate::store::db::{Runs, sql};
    let server = Server::with_owner().await;
    server
        .browser()
        .sign_in("hunter2-typed-into-email", "hunter2 hunter2 hunter2")
        .await;
    server
        .browser()
        .sign_in(EMAIL, "hunter2 hunter2 hunter2")
        .await;
    let browser = server.browser();
    browser.sign_in(EMAIL, PASSWORD).await;
    browser.post("/signout", &[]).await;
    let rows = server
        .state
        .store
        .db()
        .rows(sql("SELECT * FROM audit_events ORDER BY seq"))
        .await
        .expect("a database");
    let actions: Vec<String> = rows
        .iter()
        .map(|row| row.text("action").expect("text"))
        .collect();
    assert_eq!(
        actions,
        [
            "organization.set_up",
            "member.sign_in_failed",
            "member.sign_in_failed",
            "member.signed_in",
            "member.signed_out"
        ]
    );
    for (column, bytes) in rows.iter().flat_map(crate::store::db::Row::dump) {
        assert!(
            !String::from_utf8_lossy(&bytes).contains("hunter2"),
            "{column}"
        );
    }
}

#[tokio::test]
async fn counts_that_no_longer_matter_are_removed() {
    let server = Server::with_owner().await;
    server.browser().sign_in(EMAIL, "another quiet lamp").await;
    assert_eq!(
        server
            .state
            .store
            .purge_attempts(ALLOWANCE.window)
            .await
            .expect("a database"),
        0
    );
    server.minutes_pass(16);
    assert_eq!(
        server
            .state
            .store
            .purge_attempts(ALLOWANCE.window)
            .await
            .expect("a database"),
        2
    );
}
