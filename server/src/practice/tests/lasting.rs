//! Bad days: what ends a connection, and what does not.

use super::*;

#[tokio::test]
async fn an_access_token_ends_and_a_refresh_brings_the_next() {
    let desk = Desk::open();
    let set = desk
        .post("/practice/desk/token-life", &[("seconds", "30")])
        .await;
    assert_eq!(set.status, StatusCode::SEE_OTHER);
    let reply = desk.exchange(&desk.code().await, VERIFIER).await;
    assert_eq!(reply.json()["expires_in"], 30);
    let pair = Pair::in_reply(&reply);
    desk.clock.advance(29_999);
    assert_eq!(desk.me(&pair.access).await.status, StatusCode::OK);
    desk.clock.advance(1);
    let ended = desk.me(&pair.access).await;
    assert_eq!(ended.status, StatusCode::UNAUTHORIZED);
    assert!(
        ended
            .header(header::WWW_AUTHENTICATE)
            .contains("invalid_token")
    );
    let next = Pair::in_reply(&desk.refresh(&pair.refresh).await);
    assert_eq!(desk.me(&next.access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_outage_answers_503_and_loses_nothing() {
    let desk = Desk::open();
    let pair = desk.connected().await;
    desk.post("/practice/desk/outage", &[("on", "true")]).await;
    assert!(desk.get("/practice").await.body.contains("End the outage"));
    for reply in [
        desk.refresh(&pair.refresh).await,
        desk.me(&pair.access).await,
        desk.call("/practice/revoke", &[("token", &pair.refresh)])
            .await,
    ] {
        assert_eq!(reply.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(reply.header(header::RETRY_AFTER), "5");
    }
    desk.post("/practice/desk/outage", &[("on", "false")]).await;
    assert_eq!(desk.me(&pair.access).await.status, StatusCode::OK);
    Pair::in_reply(&desk.refresh(&pair.refresh).await);
}

#[tokio::test]
async fn connections_survive_a_restart() {
    let desk = Desk::open();
    let first = desk.connected().await;
    let second = Pair::in_reply(&desk.refresh(&first.refresh).await);

    let desk = desk.restarted();
    assert_eq!(desk.me(&second.access).await.status, StatusCode::OK);
    assert_eq!(
        desk.refresh(&first.refresh).await.error(),
        "invalid_grant",
        "the newer generation was seen"
    );
    let third = Pair::in_reply(&desk.refresh(&second.refresh).await);

    let desk = desk.restarted();
    assert_eq!(
        desk.me(&second.access).await.status,
        StatusCode::OK,
        "nobody remembers that it was replaced"
    );
    Pair::in_reply(&desk.refresh(&third.refresh).await);
}

#[tokio::test]
async fn revoking_either_token_ends_the_grant_and_can_be_repeated() {
    let desk = Desk::open();
    for by_refresh in [true, false] {
        let pair = desk.connected().await;
        let token = if by_refresh {
            &pair.refresh
        } else {
            &pair.access
        };
        for _ in 0..2 {
            let reply = desk.call("/practice/revoke", &[("token", token)]).await;
            assert_eq!(reply.status, StatusCode::OK);
        }
        assert_eq!(desk.me(&pair.access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(desk.refresh(&pair.refresh).await.error(), "invalid_grant");
    }
    let unknown = desk
        .call("/practice/revoke", &[("token", "practice_at_x.y")])
        .await;
    assert_eq!(unknown.status, StatusCode::OK, "RFC 7009 section 2.2");
}

#[tokio::test]
async fn all_grants_can_be_revoked_at_once_and_new_ones_made() {
    let desk = Desk::open();
    let (known, forgotten) = (desk.connected().await, desk.connected().await);
    let desk = desk.restarted();
    assert_eq!(desk.me(&known.access).await.status, StatusCode::OK);
    let page = desk.get("/practice").await;
    assert!(page.body.contains("known to live: 1"), "{}", page.body);
    let revoked = desk.post("/practice/desk/revoke-all", &[]).await;
    let page = desk.get(revoked.header(header::LOCATION)).await;
    assert!(page.body.contains("All grants were revoked"));
    assert!(page.body.contains("known to live: 0"), "{}", page.body);
    for pair in [known, forgotten] {
        assert_eq!(desk.me(&pair.access).await.status, StatusCode::UNAUTHORIZED);
        assert_eq!(desk.refresh(&pair.refresh).await.error(), "invalid_grant");
    }
    desk.clock.advance(1);
    let next = desk.connected().await;
    assert_eq!(desk.me(&next.access).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_changes_by_get() {
    let desk = Desk::open();
    for path in [
        "/practice/token",
        "/practice/revoke",
        "/practice/desk/outage",
        "/practice/desk/token-life",
        "/practice/desk/revoke-all",
    ] {
        let reply = desk.get(path).await;
        assert_eq!(reply.status, StatusCode::METHOD_NOT_ALLOWED, "{path}");
    }
}
