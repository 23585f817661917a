//! What a key is limited to: an end, addresses, providers, scopes.

use super::{Made, Stage, problem};
use serde_json::{Value, json};
use server::domain::{KeyAddresses, KeyLimits, KeyProviders, KeyScope, KeySettings};
use std::time::Duration;

db_test!(
    a_key_works_until_its_end_and_not_a_moment_longer,
    async |db| {
        let stage = Stage::new(db).await;
        let key = stage
            .limited(KeyLimits {
                expires_at: Some(stage.seed.store.now() + Duration::from_mins(1)),
                ..KeyLimits::default()
            })
            .await;
        assert_eq!(stage.get(&key, "/connections").await.status, 200);
        stage.site.db.clock.advance(59_999);
        assert_eq!(stage.get(&key, "/connections").await.status, 200);
        stage.site.db.clock.advance(1);
        let refused = stage.get(&key, "/connections").await;
        assert_eq!(problem(&refused), (401, "unauthorized".to_owned()));
        assert!(refused.text.contains("has expired"), "{}", refused.text);
        assert!(refused.header("www-authenticate").contains("invalid_token"));
    }
);

fn office() -> KeyLimits {
    KeyLimits {
        addresses: KeyAddresses::read(["203.0.113.0/24", "2001:db8::/32"]).unwrap(),
        ..KeyLimits::default()
    }
}

db_test!(
    an_address_is_believed_of_a_trusted_proxy_alone,
    async |db| {
        let behind = Stage::with(db, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
        let key = behind.limited(office()).await;
        for (forwarded, status) in [
            ("203.0.113.9", 200),
            ("2001:db8:7::1", 200),
            ("198.51.100.1", 403),
            // what the client wrote itself stands before what the proxy saw
            ("203.0.113.9, 198.51.100.1", 403),
            ("198.51.100.1, 203.0.113.9", 200),
        ] {
            let headers = [("x-forwarded-for", forwarded)];
            let answer = behind.ask(&key, "GET", "/connections", &headers, "").await;
            assert_eq!(answer.status, status, "{forwarded}");
        }
        let headers = [("x-forwarded-for", "198.51.100.1")];
        let refused = behind.ask(&key, "GET", "/connections", &headers, "").await;
        assert_eq!(problem(&refused), (403, "forbidden_address".to_owned()));
        assert!(refused.text.contains("198.51.100.1"), "{}", refused.text);
    }
);

db_test!(
    without_a_trusted_proxy_nobody_says_where_they_are,
    async |db| {
        let stage = Stage::new(db).await;
        let key = stage.limited(office()).await;
        let headers = [("x-forwarded-for", "203.0.113.9")];
        let refused = stage.ask(&key, "GET", "/connections", &headers, "").await;
        assert_eq!(problem(&refused), (403, "forbidden_address".to_owned()));
        let here = stage
            .limited(KeyLimits {
                addresses: KeyAddresses::read(["127.0.0.0/8"]).unwrap(),
                ..KeyLimits::default()
            })
            .await;
        assert_eq!(stage.get(&here, "/connections").await.status, 200);
    }
);

/// An answer without what is of its own request.
fn settled(reply: &crate::support::site::Reply, id: &str) -> (u16, String) {
    (reply.status.as_u16(), reply.text.replace(id, "ID"))
}

db_test!(
    a_provider_that_a_key_does_not_see_is_not_there,
    async |db| {
        let stage = Stage::new(db).await;
        let mine = stage.seed.connect("mia").await;
        stage.site.db.clock.advance(1000);
        let others = stage.gate.connect("mia").await;
        let key = stage
            .limited(KeyLimits {
                providers: KeyProviders::new([stage.seed.provider.id.clone()]),
                ..KeyLimits::default()
            })
            .await;

        let made_up = "con_00000000000000000000";
        for (method, below, body) in [
            ("GET", "", Value::Null),
            ("PATCH", "", json!({"label": "x"})),
            ("DELETE", "", Value::Null),
            ("POST", "/token", json!({})),
        ] {
            let of = async |id: &str| {
                let path = format!("/connections/{id}{below}");
                let answer = stage.site.api(&key.text, method, &path, &body).await;
                settled(&answer, id)
            };
            let hidden = of(others.id.as_str()).await;
            assert_eq!(hidden, of(made_up).await, "{method} {below}");
            assert_eq!(hidden.0, 404, "{method} {below}");
        }
        assert_eq!(
            stage
                .get(&key, &format!("/connections/{}", mine.id))
                .await
                .status,
            200
        );

        let listed = stage.get(&key, "/connections").await.json();
        let ids: Vec<_> = listed["data"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row["id"].clone())
            .collect();
        assert_eq!(ids, [mine.id.as_str()]);
        let providers = stage.get(&key, "/providers").await.json();
        assert_eq!(providers["data"].as_array().unwrap().len(), 1);

        let named = stage.get(&key, "/connections?provider=gate").await;
        let nobody = stage.get(&key, "/connections?provider=nobody").await;
        assert_eq!(settled(&named, "gate"), settled(&nobody, "nobody"));
        let tokens = async |provider: &str| {
            let body = json!({"provider": provider, "end_user": "mia"});
            stage.site.api(&key.text, "POST", "/tokens", &body).await
        };
        assert_eq!(
            settled(&tokens("gate").await, "gate"),
            settled(&tokens("nobody").await, "nobody")
        );
    }
);

db_test!(a_connect_session_offers_what_its_key_sees, async |db| {
    let stage = Stage::new(db).await;
    let key = stage
        .limited(KeyLimits {
            providers: KeyProviders::new([stage.seed.provider.id.clone()]),
            ..KeyLimits::default()
        })
        .await;
    let all = stage.limited(KeyLimits::default()).await;
    let make = async |key: &Made, body: Value| {
        stage
            .site
            .api(&key.text, "POST", "/connect-sessions", &body)
            .await
    };
    let refused = make(
        &key,
        json!({"end_user": {"id": "mia"}, "providers": ["gate"]}),
    )
    .await;
    assert_eq!(problem(&refused), (422, "invalid_request".to_owned()));

    let made = make(&key, json!({"end_user": {"id": "mia"}})).await;
    assert_eq!(made.status, 201, "{}", made.text);
    let body = made.json();
    let id = body["id"].as_str().unwrap();
    let kept = stage
        .seed
        .store
        .connect_session(&stage.seed.application.id, id)
        .await;
    let offered = kept.unwrap().unwrap().providers;
    assert_eq!(
        offered
            .iter()
            .map(server::domain::Slug::as_str)
            .collect::<Vec<_>>(),
        ["house"]
    );
    assert_eq!(
        stage
            .get(&key, &format!("/connect-sessions/{id}"))
            .await
            .status,
        200
    );

    let of_all = make(&all, json!({"end_user": {"id": "mia"}})).await.json();
    let id = of_all["id"].as_str().unwrap();
    let hidden = stage.get(&key, &format!("/connect-sessions/{id}")).await;
    assert_eq!(problem(&hidden), (404, "not_found".to_owned()));
});

db_test!(
    a_page_of_some_providers_goes_on_where_it_ended,
    async |db| {
        let stage = Stage::new(db).await;
        let third = new_third(&stage).await;
        let mut expected = Vec::new();
        for number in 0..7 {
            stage.site.db.clock.advance(1000);
            let person = format!("person-{number}");
            let from = match number % 3 {
                0 => &stage.seed,
                1 => &stage.gate,
                _ => &third,
            };
            let made = from.connect(&person).await;
            if number % 3 != 2 {
                expected.push(made.id.to_string());
            }
        }
        expected.reverse();
        let key = stage
            .limited(KeyLimits {
                providers: KeyProviders::new([
                    stage.seed.provider.id.clone(),
                    stage.gate.provider.id.clone(),
                ]),
                ..KeyLimits::default()
            })
            .await;
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = stage
                .get(&key, &format!("/connections?limit=2{cursor}"))
                .await
                .json();
            let rows = page["data"].as_array().unwrap();
            assert!(rows.len() <= 2);
            seen.extend(
                rows.iter()
                    .map(|row| row["id"].as_str().unwrap().to_owned()),
            );
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(seen, expected);
    }
);

async fn new_third(stage: &Stage) -> crate::support::seed::Seed {
    let new = crate::support::seed::new_provider("cellar");
    let application = &stage.seed.application;
    let made = stage
        .seed
        .store
        .create_provider(application, new, crate::support::seed::admin());
    crate::support::seed::Seed {
        provider: made.await.unwrap(),
        ..stage.seed.clone()
    }
}

db_test!(who_may_label_may_not_for_that_give_scopes_up, async |db| {
    let stage = Stage::new(db).await;
    let connection = stage.seed.connect("mia").await;
    let settings = KeySettings {
        scopes: [KeyScope::ConnectCreate].into_iter().collect(),
        ..KeySettings::unlimited("labels")
    };
    let key = stage.key(&settings).await;
    let path = format!("/connections/{}", connection.id);
    let labelled = stage
        .site
        .api(&key.text, "PATCH", &path, &json!({"label": "Mia's"}))
        .await;
    assert_eq!(labelled.status, 200, "{}", labelled.text);
    let body = json!({"scopes": ["contacts.read"]});
    let refused = stage.site.api(&key.text, "PATCH", &path, &body).await;
    assert_eq!(problem(&refused), (403, "insufficient_scope".to_owned()));
});

db_test!(what_a_key_may_do_changes_with_its_next_call, async |db| {
    let stage = Stage::new(db).await;
    let key = stage.limited(KeyLimits::default()).await;
    assert_eq!(stage.get(&key, "/connections").await.status, 200);
    let narrowed = KeySettings {
        scopes: [KeyScope::TokensRead].into_iter().collect(),
        ..KeySettings::unlimited("tests")
    };
    let store = &stage.seed.store;
    for _ in 0..2 {
        let id = key.id.as_str();
        let done = store.change_api_key(
            &stage.seed.application,
            id,
            &narrowed,
            crate::support::seed::admin(),
        );
        assert!(done.await.unwrap());
    }
    assert_eq!(problem(&stage.get(&key, "/connections").await).0, 403);
    let stranger = crate::support::seed::Seed::of(&stage.site.db).await;
    let id = key.id.as_str();
    let wider = KeySettings::unlimited("tests");
    let done = store.change_api_key(
        &stranger.application,
        id,
        &wider,
        crate::support::seed::admin(),
    );
    assert!(!done.await.unwrap(), "another application's key");
    assert_eq!(problem(&stage.get(&key, "/connections").await).0, 403);
});
