//! Tokens that are refused, and providers that hang, are busy or are away.

use super::{Stage, must_be_answer, must_be_problem};
use crate::support::seed::admin;
use crate::support::together::together;
use axum::body::{Body, Bytes};
use http_body_util::channel::Channel;
use serde_json::Value;
use server::proxy::ProxyLimits;
use server::store::Stopped;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Limits for those who cannot wait.
fn impatient() -> ProxyLimits {
    ProxyLimits {
        idle: Duration::from_millis(400),
        total: Duration::from_secs(5),
        per_connection: 2,
        per_provider: 3,
    }
}

db_test!(one_refresh_mends_many_calls, async |db| {
    let stage = Arc::new(Stage::new(db).await);
    let (connection, issued) = stage.connect("mia").await;
    stage.site.provider.end_access(&issued.access_token);
    let replies = together(20, |number| {
        let (stage, id) = (Arc::clone(&stage), connection.id.clone());
        async move {
            let body = Body::from(format!("{number}"));
            stage.call("POST", &format!("{id}/echo"), &[], body).await
        }
    })
    .await;
    let mut retried = 0;
    for reply in &replies {
        must_be_answer(reply, 200);
        retried += usize::from(reply.header("grantport-retry") == "done");
    }
    assert!(retried >= 1);
    assert_eq!(stage.site.provider.refreshes(), 1);
    let calls = stage.site.provider.calls();
    let refused = calls.refused.load(Ordering::SeqCst);
    assert_eq!(stage.came(), 20 + refused, "each was sent at most twice");
    assert_eq!(refused, retried);
});

db_test!(
    a_401_that_is_not_about_the_token_costs_one_refresh,
    async |db| {
        let stage = Stage::new(db).await;
        let (connection, _) = stage.connect("mia").await;
        for round in 0..5 {
            let reply = stage.get(&format!("{}/refuse", connection.id)).await;
            must_be_answer(&reply, 401);
            let retry = if round == 0 { "done" } else { "" };
            assert_eq!(reply.header("grantport-retry"), retry);
        }
        assert_eq!(stage.site.provider.refreshes(), 1);
        assert_eq!(stage.came(), 6);
    }
);

db_test!(a_body_that_is_gone_is_not_sent_again, async |db| {
    let stage = Stage::new(db).await;
    let (connection, issued) = stage.connect("mia").await;
    let path = format!("{}/sink", connection.id);
    stage.site.provider.end_access(&issued.access_token);
    let large = Body::from(vec![1_u8; 65 * 1024]);
    let reply = stage.call("POST", &path, &[], large).await;
    must_be_answer(&reply, 401);
    assert_eq!(reply.header("grantport-retry"), "not_possible");
    assert_eq!((stage.came(), stage.site.provider.refreshes()), (1, 1));
    let large = Body::from(vec![1_u8; 65 * 1024]);
    let reply = stage.call("POST", &path, &[], large).await;
    must_be_answer(&reply, 200);
    assert_eq!(reply.text, "66560", "the token is fresh now");
});

db_test!(a_grant_that_is_gone_asks_for_a_person, async |db| {
    let stage = Stage::new(db).await;
    let (connection, _) = stage.connect("mia").await;
    stage.site.provider.forget("mia");
    let reply = stage.get(&format!("{}/echo", connection.id)).await;
    let problem = must_be_problem(&reply, 409, "reconnect_required");
    let url = problem["reconnect_url"].as_str().unwrap();
    assert!(url.contains("/connect/"), "{url}");
    let again = stage.get(&format!("{}/echo", connection.id)).await;
    must_be_problem(&again, 409, "reconnect_required");
    assert_eq!(stage.came(), 1);
});

db_test!(
    a_provider_that_hangs_keeps_only_its_own_places,
    async |db| {
        let stage = Arc::new(Stage::within(db, impatient()).await);
        let (mia, _) = stage.connect("mia").await;
        let (bo, _) = stage.connect("bo").await;
        let hang = |id: &server::domain::ConnectionId| {
            let (stage, path) = (Arc::clone(&stage), format!("{id}/silence"));
            tokio::spawn(async move { stage.get(&path).await })
        };
        let hanging = [hang(&mia.id), hang(&mia.id)];
        let open = || stage.site.provider.calls().open.load(Ordering::SeqCst);
        while open() < 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let third = stage.get(&format!("{}/echo", mia.id)).await;
        let problem = must_be_problem(&third, 429, "rate_limited");
        assert_eq!(problem["blame"], "caller");
        assert_eq!(third.header("retry-after"), "1");
        must_be_answer(&stage.get(&format!("{}/echo", bo.id)).await, 200);
        for call in hanging {
            must_be_problem(&call.await.unwrap(), 504, "provider_timeout");
        }
        must_be_answer(&stage.get(&format!("{}/echo", mia.id)).await, 200);
        assert_eq!(open(), 0, "the calls that hung were given up");
    }
);

db_test!(a_caller_that_hangs_up_ends_the_call, async |db| {
    let stage = Arc::new(Stage::new(db).await);
    let (mia, _) = stage.connect("mia").await;
    for place in ["silence", "half"] {
        let (calling, path) = (Arc::clone(&stage), format!("{}/{place}", mia.id));
        let call = tokio::spawn(async move { calling.get(&path).await });
        let open = || stage.site.provider.calls().open.load(Ordering::SeqCst);
        while open() < 1 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        call.abort();
        if place == "silence" {
            let ended = async {
                while open() > 0 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            let ended = tokio::time::timeout(Duration::from_secs(5), ended).await;
            ended.expect("the provider's side ended");
        }
    }
});

db_test!(an_uploading_caller_may_take_its_time, async |db| {
    let stage = Arc::new(Stage::within(db, impatient()).await);
    let (mia, _) = stage.connect("mia").await;
    let (mut sender, body) = Channel::<Bytes, Infallible>::new(1);
    tokio::spawn(async move {
        for _ in 0..6 {
            let _ = sender.send_data(Bytes::from_static(b"12345")).await;
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
    });
    let path = format!("{}/sink", mia.id);
    let reply = stage.call("POST", &path, &[], Body::new(body)).await;
    must_be_answer(&reply, 200);
    assert_eq!(reply.text, "30");
});

db_test!(patience_is_for_the_same_call, async |db| {
    let stage = Stage::new(db).await;
    let (mia, _) = stage.connect("mia").await;
    let (bo, _) = stage.connect("bo").await;
    let first = stage.get(&format!("{}/busy?page=1", mia.id)).await;
    must_be_answer(&first, 429);
    assert_eq!(first.header("retry-after"), "30");
    let second = stage.get(&format!("{}/busy?page=2", mia.id)).await;
    let problem = must_be_problem(&second, 429, "rate_limited");
    assert_eq!(problem["blame"], "provider");
    assert_eq!(stage.came(), 1, "it was not sent");
    must_be_answer(&stage.get(&format!("{}/echo", mia.id)).await, 200);
    must_be_answer(&stage.get(&format!("{}/busy", bo.id)).await, 429);
    assert_eq!(stage.came(), 3);
});

db_test!(
    a_provider_that_is_away_is_not_the_caller_s_fault,
    async |db| {
        let mut stage = Stage::new(db).await;
        let (mia, _) = stage.connect("mia").await;
        stage.site.provider.stop().await;
        let reply = stage.get(&format!("{}/echo", mia.id)).await;
        let problem = must_be_problem(&reply, 503, "provider_unavailable");
        assert_eq!(problem["blame"], "provider");
    }
);

db_test!(a_definition_without_a_base_is_told, async |db| {
    let provider = crate::support::seed::new_provider("silent");
    let stage = Stage::with(db, provider, ProxyLimits::default()).await;
    let (mia, _) = stage.connect("mia").await;
    let reply = stage.get(&format!("{}/echo", mia.id)).await;
    let problem = must_be_problem(&reply, 409, "no_api_base");
    assert_eq!(problem["blame"], "admin");
});

db_test!(an_api_inside_the_house_is_not_called, async |db| {
    let provider = crate::support::seed::new_provider("touchy");
    let stage = Stage::with(db, provider, ProxyLimits::default()).await;
    let (mia, _) = stage.connect("mia").await;
    let reply = stage.get(&format!("{}/echo", mia.id)).await;
    let problem = must_be_problem(&reply, 409, "api_forbidden");
    assert_eq!(problem["blame"], "admin");
});

db_test!(a_stopped_provider_is_not_called, async |db| {
    let stage = Stage::new(db).await;
    let (mia, _) = stage.connect("mia").await;
    let state = &stage.site.state;
    state
        .store
        .stop_tokens(
            Stopped::Provider(&stage.seed.provider),
            "an incident",
            admin(),
        )
        .await
        .unwrap();
    let reply = stage.get(&format!("{}/echo", mia.id)).await;
    must_be_problem(&reply, 409, "stopped");
    assert_eq!(stage.came(), 0);
    let bare = stage
        .site
        .browser()
        .get(&format!("/api/v1/proxy/{}/echo", mia.id))
        .await;
    must_be_problem(&bare, 401, "unauthorized");
    assert_eq!(
        bare.json()["title"],
        Value::from("The API key is missing or not valid")
    );
});
