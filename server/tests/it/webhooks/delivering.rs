//! On the way to endpoints: signed, in order, again and again, and never where it may not go.

use super::endpoint;
use super::receiver::{Node, Receiver};
use crate::support::seed::{Seed, admin};
use app::wire::{DeliveryState, DisabledReason, EndpointState, RevokeReason, SendOutcome};
use axum::http::StatusCode;
use axum::http::header::{LOCATION, RETRY_AFTER};
use axum::response::IntoResponse;
use server::domain::{Delivery, Endpoint, WebhookSecret};
use server::oauth::policy::OutboundPolicy;
use std::time::Duration;

const ALL: &[&str] = &["*"];
const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

async fn deliveries(seed: &Seed, endpoint: &Endpoint) -> Vec<Delivery> {
    let page = seed.store.deliveries(endpoint, None, 50).await;
    page.unwrap().unwrap().deliveries
}

async fn state(seed: &Seed, endpoint: &Endpoint) -> EndpointState {
    let found = seed
        .store
        .endpoint(&seed.application.id, endpoint.id.as_str());
    found.await.unwrap().expect("the endpoint").state()
}

/// Connects a person, and revokes what was connected.
async fn connect_and_revoke(seed: &Seed, person: &str) {
    let connection = seed.connect(person).await;
    let revoked = seed
        .store
        .revoke(&connection, RevokeReason::Asked, "", admin(), false)
        .await;
    assert!(revoked.unwrap().is_some());
}

db_test!(what_happens_arrives_signed, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, secret) = endpoint(&seed, &receiver.url, &["connection.*"]).await;
    connect_and_revoke(&seed, "mia").await;
    receiver.node(&db.store).rounds().await;
    assert_eq!(
        receiver.told_of("mia"),
        ["connection.created", "connection.revoked"]
    );
    let arrived = receiver.arrived();
    for one in &arrived {
        assert!(one.is_signed_by(&secret), "{one:?}");
        assert!(!one.is_signed_by(&WebhookSecret::make()));
        assert_eq!(one.timestamp, db.store.now().seconds().to_string());
        assert!(one.id.starts_with("evt_"));
    }
    assert_ne!(arrived[0].id, arrived[1].id);
    let kept = deliveries(&seed, &whk).await;
    assert_eq!(kept.len(), 2);
    for delivery in kept {
        assert_eq!(delivery.state, DeliveryState::Delivered);
        assert_eq!(delivery.attempts[0].status, Some(200));
        assert_eq!(delivery.attempts[0].answer.as_deref(), Some("taken"));
    }
});

db_test!(the_events_of_a_connection_wait_for_each_other, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
    receiver.answers(|one| {
        if one.person() == "mia" {
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        } else {
            StatusCode::NO_CONTENT.into_response()
        }
    });
    connect_and_revoke(&seed, "mia").await;
    connect_and_revoke(&seed, "noah").await;
    let node = receiver.node(&db.store);
    node.rounds().await;
    assert_eq!(
        receiver.told_of("mia"),
        ["connection.created"],
        "the other waits"
    );
    assert_eq!(
        receiver.told_of("noah"),
        ["connection.created", "connection.revoked"],
        "others do not"
    );
    receiver.answers(|_| StatusCode::NO_CONTENT.into_response());
    node.rounds().await;
    assert_eq!(receiver.told_of("mia").len(), 1, "not before its time");
    db.clock.advance(6_000);
    node.rounds().await;
    assert_eq!(
        receiver.told_of("mia"),
        [
            "connection.created",
            "connection.created",
            "connection.revoked"
        ]
    );
    let ids: Vec<_> = receiver
        .arrived()
        .into_iter()
        .filter(|one| one.person() == "mia")
        .map(|one| one.id)
        .collect();
    assert_eq!(
        ids[0], ids[1],
        "the id is the event's, whichever attempt it is"
    );
    assert_eq!(state(&seed, &whk).await, EndpointState::Active);
});

db_test!(a_delivery_is_tried_ten_times_over_three_days, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
    receiver.answers(|_| (StatusCode::BAD_REQUEST, "<b>no\u{1b}</b>").into_response());
    let node = receiver.node(&db.store);
    seed.connect("mia").await;
    node.round().await;
    let pauses = [
        5_000,
        5 * MINUTE,
        30 * MINUTE,
        2 * HOUR,
        5 * HOUR,
        10 * HOUR,
        14 * HOUR,
        20 * HOUR,
        24 * HOUR,
    ];
    for (before, pause) in (1..).zip(pauses) {
        db.clock.advance(pause - 1_000);
        node.round().await;
        assert_eq!(receiver.arrived().len(), before, "too early for {pause}");
        db.clock.advance(pause / 10 + 2_000);
        node.round().await;
        assert_eq!(receiver.arrived().len(), before + 1, "too late for {pause}");
    }
    let kept = deliveries(&seed, &whk).await;
    assert_eq!(kept[0].state, DeliveryState::Failed);
    assert_eq!(kept[0].attempts.len(), 10);
    assert_eq!(kept[0].attempts[0].outcome, SendOutcome::Refused);
    assert_eq!(kept[0].attempts[0].answer.as_deref(), Some("<b>no</b>"));
    assert!(matches!(
        state(&seed, &whk).await,
        EndpointState::Failing { .. }
    ));

    // by hand it begins anew, under the same id
    receiver.answers(|_| StatusCode::OK.into_response());
    assert!(
        seed.store
            .send_again(&whk, kept[0].id.as_str())
            .await
            .unwrap()
    );
    node.round().await;
    let arrived = receiver.arrived();
    assert_eq!(arrived[10].id, arrived[0].id);
    assert_eq!(state(&seed, &whk).await, EndpointState::Active);
});

db_test!(
    an_endpoint_that_takes_nothing_for_five_days_is_disabled,
    async |db| {
        let seed = Seed::of(&db).await;
        let receiver = Receiver::start().await;
        let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
        receiver.answers(|_| StatusCode::BAD_GATEWAY.into_response());
        let node = receiver.node(&db.store);
        for day in 0..6 {
            seed.connect(&format!("person-{day}")).await;
            node.rounds().await;
            db.clock.advance(25 * HOUR);
        }
        let EndpointState::Disabled { reason, .. } = state(&seed, &whk).await else {
            panic!("still sent to")
        };
        assert_eq!(reason, DisabledReason::Failing);
        let waiting = deliveries(&seed, &whk).await;
        assert!(waiting.iter().all(|one| one.state == DeliveryState::Failed));
    }
);

db_test!(gone_means_no_more, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
    receiver.answers(|_| StatusCode::GONE.into_response());
    let node = receiver.node(&db.store);
    connect_and_revoke(&seed, "mia").await;
    node.rounds().await;
    assert_eq!(receiver.arrived().len(), 1);
    let EndpointState::Disabled { reason, .. } = state(&seed, &whk).await else {
        panic!("still sent to")
    };
    assert_eq!(reason, DisabledReason::Gone);
    db.clock.advance(100 * HOUR);
    seed.connect("noah").await;
    node.rounds().await;
    assert_eq!(receiver.arrived().len(), 1);
    // enabled again, it hears of what happens from then on
    receiver.answers(|_| StatusCode::OK.into_response());
    seed.store.enable_endpoint(&whk, admin()).await.unwrap();
    seed.connect("zoe").await;
    node.rounds().await;
    assert_eq!(receiver.arrived().len(), 2);
    assert_eq!(receiver.told_of("zoe"), ["connection.created"]);
});

db_test!(an_endpoint_that_has_enough_is_left_alone, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    endpoint(&seed, &receiver.url, ALL).await;
    receiver.answers(|_| (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "120")]).into_response());
    let node = receiver.node(&db.store);
    seed.connect("mia").await;
    node.round().await;
    seed.connect("noah").await;
    db.clock.advance(100_000);
    node.rounds().await;
    assert_eq!(receiver.arrived().len(), 1, "nothing is sent to it");
    receiver.answers(|_| StatusCode::OK.into_response());
    db.clock.advance(30_000);
    node.rounds().await;
    assert_eq!(receiver.arrived().len(), 3);
});

db_test!(both_secrets_sign_while_one_rotates, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, first) = endpoint(&seed, &receiver.url, ALL).await;
    let node = receiver.node(&db.store);
    let second = WebhookSecret::make();
    seed.store
        .rotate_endpoint_secret(&whk, &second, admin())
        .await
        .unwrap();
    let last = async |person: &str| {
        seed.connect(person).await;
        node.rounds().await;
        receiver.arrived().pop().unwrap()
    };
    let arrived = last("mia").await;
    assert!(arrived.is_signed_by(&first) && arrived.is_signed_by(&second));
    db.clock.advance(25 * HOUR);
    let arrived = last("noah").await;
    assert!(!arrived.is_signed_by(&first) && arrived.is_signed_by(&second));

    let third = WebhookSecret::make();
    seed.store
        .rotate_endpoint_secret(&whk, &third, admin())
        .await
        .unwrap();
    seed.store.end_old_secret(&whk, admin()).await.unwrap();
    let arrived = last("zoe").await;
    assert!(!arrived.is_signed_by(&second) && arrived.is_signed_by(&third));
});

db_test!(one_that_hangs_slows_no_other, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let allowed = [
        format!("127.0.0.1:{port}"),
        receiver.url["http://".len()..]
            .trim_end_matches("/hooks")
            .to_owned(),
    ];
    let policy = OutboundPolicy::new(allowed.map(|text| text.parse().unwrap()));
    let (hung, _) = endpoint(&seed, &format!("http://127.0.0.1:{port}/"), ALL).await;
    endpoint(&seed, &receiver.url, ALL).await;
    for number in 0..8 {
        seed.connect(&format!("person-{number}")).await;
    }
    let node = Node::of(&db.store, policy);
    let begun = std::time::Instant::now();
    let hanging = node.round();
    let watching = async {
        while receiver.arrived().len() < 4 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        begun.elapsed()
    };
    let ((), took) = tokio::join!(hanging, watching);
    assert!(took < Duration::from_millis(1_500), "{took:?}");
    let outcomes = deliveries(&seed, &hung).await;
    let tried = outcomes.iter().filter(|one| !one.attempts.is_empty());
    assert_eq!(tried.count(), 4, "no more places than its own");
});

db_test!(a_delivery_whose_node_died_is_sent_by_another, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
    seed.connect("mia").await;
    seed.store.place_events().await.unwrap();
    let hold = Duration::from_mins(1);
    let taken = seed.store.claim_deliveries(&whk, 4, hold).await.unwrap();
    assert_eq!(taken.len(), 1);
    let other_node = db.another_node().await;
    let again = other_node.claim_deliveries(&whk, 4, hold).await.unwrap();
    assert!(again.is_empty(), "one node has it");
    let node = receiver.node(&other_node);
    node.rounds().await;
    assert!(receiver.arrived().is_empty());
    db.clock.advance(61_000);
    node.rounds().await;
    let arrived = receiver.arrived();
    assert_eq!(arrived.len(), 1);
    assert_eq!(arrived[0].id, taken[0].event.as_str());
});

db_test!(nothing_goes_to_an_internal_address, async |db| {
    let seed = Seed::of(&db).await;
    let receiver = Receiver::start().await;
    let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
    seed.connect("mia").await;
    Node::of(&db.store, OutboundPolicy::default())
        .rounds()
        .await;
    assert!(receiver.arrived().is_empty());
    let kept = deliveries(&seed, &whk).await;
    assert_eq!(kept[0].attempts[0].outcome, SendOutcome::Forbidden);
});

db_test!(
    redirects_are_failures_and_long_answers_are_not,
    async |db| {
        let seed = Seed::of(&db).await;
        let receiver = Receiver::start().await;
        let (whk, _) = endpoint(&seed, &receiver.url, ALL).await;
        let node = receiver.node(&db.store);
        let elsewhere = receiver.url.clone();
        receiver
            .answers(move |_| (StatusCode::FOUND, [(LOCATION, elsewhere.clone())]).into_response());
        seed.connect("mia").await;
        node.round().await;
        assert_eq!(receiver.arrived().len(), 1, "it is not followed");
        receiver.answers(|_| "x".repeat(3_000_000).into_response());
        db.clock.advance(6_000);
        node.round().await;
        let attempts = &deliveries(&seed, &whk).await[0].attempts;
        assert_eq!(attempts[1].outcome, SendOutcome::Redirected);
        assert_eq!(attempts[0].outcome, SendOutcome::Delivered);
        assert_eq!(attempts[0].answer.as_ref().map(String::len), Some(1024));
    }
);

db_test!(
    a_test_event_reaches_its_endpoint_alone_and_no_log,
    async |db| {
        let seed = Seed::of(&db).await;
        let (receiver, other) = (Receiver::start().await, Receiver::start().await);
        let (whk, secret) = endpoint(&seed, &receiver.url, &["connection.revoked"]).await;
        endpoint(&seed, &other.url, ALL).await;
        seed.store.send_test(&whk).await.unwrap();
        receiver.node(&db.store).rounds().await;
        let arrived = receiver.arrived();
        assert_eq!(arrived.len(), 1);
        assert_eq!(arrived[0].json()["type"], "webhook.test");
        assert!(arrived[0].is_signed_by(&secret));
        assert!(other.arrived().is_empty());
        let log = seed
            .store
            .log_after(&seed.application.id, None, &[], 10)
            .await;
        assert!(log.unwrap().unwrap().events.is_empty());
    }
);

db_test!(secrets_are_sealed, async |db| {
    let seed = Seed::of(&db).await;
    let (whk, first) = endpoint(&seed, "https://app.acme.example/", ALL).await;
    let second = WebhookSecret::make();
    seed.store
        .rotate_endpoint_secret(&whk, &second, admin())
        .await
        .unwrap();
    let dump = crate::support::canary::dump(&db).await;
    for secret in [first, second] {
        let text = secret
            .text
            .expose()
            .trim_start_matches("whsec_")
            .as_bytes()
            .to_vec();
        let key = secret.key().expose().clone();
        for (place, bytes) in &dump {
            for clear in [&text, &key] {
                let found = bytes
                    .windows(clear.len())
                    .any(|window| window == clear.as_slice());
                assert!(!found, "{place}");
            }
        }
    }
});
