//! How long sessions last, what they keep, and what a copy of the database is worth.

use super::support::{EMAIL, PASSWORD, Server};
use crate::store::db::{Runs, sql};
use axum::http::StatusCode;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

#[tokio::test]
async fn half_an_hour_without_use_ends_a_session() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    browser.sign_in(EMAIL, PASSWORD).await;
    server.minutes_pass(29);
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    server.minutes_pass(29);
    assert_eq!(
        browser.get("/me").await.status,
        StatusCode::OK,
        "use keeps it alive"
    );
    server.minutes_pass(31);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn eight_hours_end_a_session_however_busy_it_is() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    browser.sign_in(EMAIL, PASSWORD).await;
    for _ in 0..23 {
        server.minutes_pass(20);
        assert_eq!(browser.get("/me").await.status, StatusCode::OK);
    }
    server.minutes_pass(20);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_member_who_is_disabled_or_changes_role_is_so_at_once() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    browser.sign_in(EMAIL, PASSWORD).await;
    let mut db = server.state.store.db();
    db.run(sql("UPDATE members SET role = 'support'"))
        .await
        .expect("changed");
    assert_eq!(browser.get("/me").await.body, "Ada support");
    db.run(sql("UPDATE members SET disabled_at = 1"))
        .await
        .expect("changed");
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        server.browser().sign_in(EMAIL, PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
}

#[tokio::test]
async fn a_copy_of_the_database_opens_no_session() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    browser.sign_in(EMAIL, PASSWORD).await;
    browser
        .post("/secret", &[("secret", "gp_the-new-key".to_owned())])
        .await;
    let cookie = browser.cookie().expect("a session");
    let (_, id) = cookie.split_once('=').expect("a pair");

    let rows = server
        .state
        .store
        .db()
        .rows(sql("SELECT * FROM sessions"))
        .await
        .expect("a database");
    let dump: Vec<(String, Vec<u8>)> = rows.iter().flat_map(crate::store::db::Row::dump).collect();
    assert!(dump.len() > 8);
    for (column, bytes) in dump {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert!(!text.contains(id), "{column} holds the id");
        assert!(
            !text.contains("gp_the-new-key"),
            "{column} holds a secret in clear"
        );
        let guesses = [
            text,
            URL_SAFE_NO_PAD.encode(&bytes),
            URL_SAFE_NO_PAD.encode(bytes.get(..16).unwrap_or_default()),
        ];
        for guess in guesses {
            let Ok(()) = guess.parse::<axum::http::HeaderValue>().map(drop) else {
                continue;
            };
            let thief = server.browser();
            thief.set_cookie(Some(format!("grantport_sid={guess}")));
            assert_eq!(
                thief.get("/me").await.status,
                StatusCode::UNAUTHORIZED,
                "{column}"
            );
        }
    }
}

#[tokio::test]
async fn a_draft_is_given_back_once_and_not_for_long() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    let draft = [("email", "ada".to_owned())];
    browser.post("/draft", &draft).await;
    assert_eq!(browser.get("/draft").await.body, "ada");
    assert_eq!(browser.get("/draft").await.body, "");

    browser.post("/draft", &draft).await;
    server.minutes_pass(11);
    assert_eq!(browser.get("/draft").await.body, "");

    browser
        .post("/draft", &[("email", "x".repeat(20_000))])
        .await;
    assert_eq!(
        browser.get("/draft").await.body,
        "",
        "nobody fills our database with forms"
    );
}

#[tokio::test]
async fn a_secret_is_shown_once_in_the_session_that_made_it() {
    let server = Server::with_owner().await;
    let (browser, other) = (server.browser(), server.browser());
    browser.sign_in(EMAIL, PASSWORD).await;
    other.sign_in(EMAIL, PASSWORD).await;
    let secret = [("secret", "gp_the-new-key".to_owned())];
    browser.post("/secret", &secret).await;
    assert_eq!(other.get("/secret").await.body, "");
    assert_eq!(browser.get("/secret").await.body, "gp_the-new-key");
    assert_eq!(browser.get("/secret").await.body, "");
    browser.post("/secret", &secret).await;
    server.minutes_pass(6);
    assert_eq!(browser.get("/secret").await.body, "");
}

#[tokio::test]
async fn expired_sessions_are_removed() {
    let server = Server::with_owner().await;
    server.browser().sign_in(EMAIL, PASSWORD).await;
    assert_eq!(
        server
            .state
            .store
            .purge_sessions()
            .await
            .expect("a database"),
        0
    );
    server.minutes_pass(31);
    assert_eq!(
        server
            .state
            .store
            .purge_sessions()
            .await
            .expect("a database"),
        2
    );
}
