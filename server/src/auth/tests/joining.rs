//! Set-up, sign-in, sign-out: who gets a session, and under which id.

use super::support::{EMAIL, PASSWORD, Server};
use crate::store::db::{Runs, sql};
use axum::http::StatusCode;

#[tokio::test(flavor = "multi_thread")]
async fn of_twenty_set_ups_at_once_one_makes_the_owner() {
    let server = Server::start().await;
    let form = server.set_up_form().await;
    let posts: Vec<_> = (0..20)
        .map(|number| {
            let (browser, mut form) = (server.browser(), form.clone());
            form[3].1 = format!("ada{number}@acme.example");
            tokio::spawn(async move { browser.post("/setup", &form).await.status })
        })
        .collect();
    let mut made = 0;
    for post in posts {
        match post.await.expect("an answer") {
            StatusCode::OK => made += 1,
            StatusCode::NOT_FOUND | StatusCode::FORBIDDEN | StatusCode::TOO_MANY_REQUESTS => (),
            other => panic!("{other}"),
        }
    }
    assert_eq!(made, 1);
    for table in ["members", "organizations", "data_keys"] {
        let count = match table {
            "members" => sql("SELECT COUNT(*) AS n FROM members"),
            "organizations" => sql("SELECT COUNT(*) AS n FROM organizations"),
            _ => sql("SELECT COUNT(*) AS n FROM data_keys"),
        };
        let row = server
            .state
            .store
            .db()
            .row(count)
            .await
            .expect("a database")
            .expect("a row");
        assert_eq!(row.int("n").expect("a number"), 1, "{table}");
    }
    let late = server.browser().post("/setup", &form).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_set_up_token_works_once_for_an_hour_however_it_is_typed() {
    let server = Server::start().await;
    let mut form = server.set_up_form().await;
    let right = form[0].1.clone();
    form[0].1 = right.to_lowercase();
    assert_eq!(
        server.browser().post("/setup", &form).await.status,
        StatusCode::FORBIDDEN
    );

    form[0].1 = right.clone();
    server.minutes_pass(61);
    assert_eq!(
        server.browser().post("/setup", &form).await.status,
        StatusCode::FORBIDDEN
    );

    let replaced = server.set_up_form().await;
    assert_eq!(
        server.browser().post("/setup", &form).await.status,
        StatusCode::FORBIDDEN
    );

    form[0].1 = format!("  {}\n", replaced[0].1.replace('-', " "));
    let browser = server.browser();
    assert_eq!(browser.post("/setup", &form).await.status, StatusCode::OK);
    assert_eq!(
        browser.get("/me").await.body,
        "Ada owner",
        "the owner is signed in"
    );
}

#[tokio::test]
async fn a_refused_set_up_says_everything_and_leaves_the_token_as_it_is() {
    let server = Server::start().await;
    let mut form = server.set_up_form().await;
    form[1].1.clear();
    form[4].1 = "acme acme 2026".to_owned();
    let refused = server.browser().post("/setup", &form).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.body.contains("Organization"), "{}", refused.body);
    form[1].1 = "Acme".to_owned();
    form[4].1 = PASSWORD.to_owned();
    assert_eq!(
        server.browser().post("/setup", &form).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn signing_in_gives_a_new_id_and_the_old_one_is_dead() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    browser.post("/draft", &[("email", "ada".to_owned())]).await;
    let before = browser.cookie().expect("a visitor's session");

    assert_eq!(
        browser.sign_in("ADA@acme.example ", PASSWORD).await.body,
        "SignedIn"
    );
    let after = browser.cookie().expect("a member's session");
    assert_ne!(before, after);
    assert_eq!(
        browser.get("/draft").await.body,
        "",
        "what the visitor left is gone"
    );
    browser.sign_in(EMAIL, PASSWORD).await;
    let again = browser.cookie().expect("a member's session");
    assert_ne!(after, again, "a second time too");

    for dead in [
        before,
        after,
        "grantport_sid=AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
    ] {
        let thief = server.browser();
        thief.set_cookie(Some(dead));
        assert_eq!(thief.get("/me").await.status, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(browser.get("/me").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_id_that_was_planted_never_becomes_a_session() {
    let server = Server::with_owner().await;
    let planted = "grantport_sid=AAAAAAAAAAAAAAAAAAAAAA".to_owned();
    let browser = server.browser();
    browser.set_cookie(Some(planted.clone()));
    browser.sign_in(EMAIL, PASSWORD).await;
    assert_ne!(browser.cookie(), Some(planted.clone()));
    let thief = server.browser();
    thief.set_cookie(Some(planted));
    assert_eq!(thief.get("/me").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn signing_out_ends_the_session_on_the_server() {
    let server = Server::with_owner().await;
    let browser = server.browser();
    browser.sign_in(EMAIL, PASSWORD).await;
    let cookie = browser.cookie();

    let out = browser.post("/signout", &[]).await;
    assert_eq!(out.status, StatusCode::OK);
    assert_eq!(
        out.set_cookie(),
        Some("grantport_sid=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax")
    );
    assert_eq!(out.headers["clear-site-data"], "\"cache\", \"storage\"");
    browser.set_cookie(cookie);
    assert_eq!(browser.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        browser.post("/signout", &[]).await.status,
        StatusCode::OK,
        "a second time changes nothing"
    );
}

#[tokio::test]
async fn over_https_cookies_are_set_and_taken_back_so_that_browsers_obey() {
    let server = Server::at("https://grantport.example.com").await;
    let browser = server.browser();
    let set = browser.post("/setup", &server.set_up_form().await).await;
    let cookie = set.set_cookie().expect("a cookie").to_owned();
    assert!(cookie.starts_with("__Host-grantport_sid="), "{cookie}");
    for attribute in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(
            cookie.split("; ").any(|part| part == attribute),
            "{attribute}: {cookie}"
        );
    }
    assert!(!cookie.contains("Domain"), "{cookie}");
    let device = set
        .headers
        .get_all("set-cookie")
        .iter()
        .nth(1)
        .expect("a second cookie");
    let device = device.to_str().expect("text");
    assert!(device.starts_with("__Host-grantport_device="), "{device}");
    assert!(
        device.ends_with("; Max-Age=31536000; Path=/; HttpOnly; SameSite=Lax; Secure"),
        "{device}"
    );
    let out = browser.post("/signout", &[]).await;
    let gone = "__Host-grantport_sid=; Max-Age=0; Path=/; HttpOnly; SameSite=Lax; Secure";
    assert_eq!(out.set_cookie(), Some(gone));
}

#[tokio::test]
async fn a_new_password_ends_the_other_sessions_and_renews_this_one() {
    let server = Server::with_owner().await;
    let (here, there) = (server.browser(), server.browser());
    here.sign_in(EMAIL, PASSWORD).await;
    there.sign_in(EMAIL, PASSWORD).await;
    let before = here.cookie();

    let new = "seven slow green boats";
    let fields =
        |current: &str, new: &str| [("current", current.to_owned()), ("new", new.to_owned())];
    let wrong = here.post("/password", &fields("not the one", new)).await;
    assert!(wrong.body.contains("CurrentPassword"), "{}", wrong.body);
    let weak = here
        .post("/password", &fields(PASSWORD, "ada@acme.example"))
        .await;
    assert!(weak.body.contains("TooCommon"), "{}", weak.body);
    assert_eq!(
        here.post("/password", &fields(PASSWORD, new)).await.status,
        StatusCode::OK
    );

    assert_ne!(here.cookie(), before);
    assert_eq!(here.get("/me").await.status, StatusCode::OK);
    assert_eq!(there.get("/me").await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(
        there.sign_in(EMAIL, PASSWORD).await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(there.sign_in(EMAIL, new).await.status, StatusCode::OK);
}
