//! What admins set: applications, providers with their secrets, API keys.

use crate::support::seed::{Seed, admin, api_key, application, new_provider, organization, scopes};
use server::brand::Logo;
use server::domain::{Application, Completion, Provider, Timestamp};
use server::store::db::{Runs, sql};
use server::store::{NewApplication, NewProvider, StoreError};
use server::vault::{Secret, TokenHash};
use std::io::Cursor;
use std::time::Duration;

fn logo(colour: [u8; 3]) -> Logo {
    let mut file = Cursor::new(Vec::new());
    image::RgbImage::from_pixel(4, 4, image::Rgb(colour))
        .write_to(&mut file, image::ImageFormat::Png)
        .unwrap();
    Logo::draw(file.get_ref()).unwrap()
}

fn slugs(applications: &[Application]) -> Vec<&str> {
    applications.iter().map(|one| one.slug.as_str()).collect()
}

db_test!(applications_are_made_listed_and_changed, async |db| {
    let store = &db.store;
    let acme = organization(store, "Acme").await;
    let other = organization(store, "Other").await;
    assert_eq!(
        store
            .organization(&acme)
            .await
            .unwrap()
            .expect("it is there")
            .name,
        "Acme"
    );
    let all = store.organizations().await.unwrap();
    assert_eq!(all.len(), 2);

    let first = application(store, &acme, "zebra").await;
    application(store, &acme, "antelope").await;
    let foreign = application(store, &other, "zebra").await;
    assert_eq!(
        slugs(&store.applications(&acme).await.unwrap()),
        ["antelope", "zebra"]
    );

    let taken = NewApplication {
        slug: "zebra".parse().unwrap(),
        name: "Another".to_owned(),
        return_urls: Vec::new(),
        allowed_origins: Vec::new(),
        completion: Completion::Confirm,
        accent: None,
    };
    let taken = store.create_application(&acme, taken, admin()).await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");
    assert_eq!(store.applications(&acme).await.unwrap().len(), 2);

    let found = store
        .application(&acme, "zebra")
        .await
        .unwrap()
        .expect("it is there");
    assert_eq!(found.id, first.id);
    assert!(store.application(&acme, "missing").await.unwrap().is_none());
    assert!(
        store
            .application_by_id(&acme, &first.id)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        store
            .application_by_id(&acme, &foreign.id)
            .await
            .unwrap()
            .is_none(),
        "another tenant's"
    );

    let changed = Application {
        name: "Zebrä \"1\" 'or'".to_owned(),
        return_urls: vec![
            "https://a.example/x?y=1".to_owned(),
            "https://b.example".to_owned(),
        ],
        allowed_origins: Vec::new(),
        completion: Completion::Bound,
        accent: "#0f5132".parse().ok(),
        ..first
    };
    store.update_application(&changed, admin()).await.unwrap();
    let found = store
        .application(&acme, "zebra")
        .await
        .unwrap()
        .expect("it is there");
    assert_eq!(format!("{found:?}"), format!("{changed:?}"));
    let untouched = store
        .application(&other, "zebra")
        .await
        .unwrap()
        .expect("it is there");
    assert_eq!(untouched.name, foreign.name);
});

db_test!(a_logo_is_set_found_by_its_digest_and_removed, async |db| {
    let store = &db.store;
    let acme = organization(store, "Acme").await;
    let branded = application(store, &acme, "branded").await;
    let plain = application(store, &acme, "plain").await;
    let read = async || store.application(&acme, "branded").await.unwrap().unwrap();
    let (first, second) = (logo([15, 81, 50]), logo([200, 20, 20]));

    store
        .set_logo(&branded, Some(&first), admin())
        .await
        .unwrap();
    assert_eq!(read().await.logo, Some(*first.digest()));
    let stored = store.logo(first.digest()).await.unwrap();
    assert_eq!(stored.as_deref(), Some(first.png()));
    assert_eq!(store.logo(second.digest()).await.unwrap(), None);

    // the settings do not carry the logo: they were read before it was set
    let renamed = Application {
        name: "Renamed".to_owned(),
        ..branded.clone()
    };
    store.update_application(&renamed, admin()).await.unwrap();
    assert_eq!(read().await.logo, Some(*first.digest()));

    store
        .set_logo(&branded, Some(&second), admin())
        .await
        .unwrap();
    assert_eq!(read().await.logo, Some(*second.digest()));
    assert_eq!(store.logo(first.digest()).await.unwrap(), None);
    // two applications may have the same one
    store
        .set_logo(&plain, Some(&second), admin())
        .await
        .unwrap();
    store.set_logo(&branded, None, admin()).await.unwrap();
    assert_eq!(read().await.logo, None);
    assert!(store.logo(second.digest()).await.unwrap().is_some());

    let changes =
        sql("SELECT detail FROM audit_events WHERE action = 'application.changed' ORDER BY seq");
    let changes = store.db().rows(changes).await.unwrap();
    let details: Vec<_> = changes
        .iter()
        .map(|row| row.text("detail").unwrap())
        .collect();
    assert_eq!(details.len(), 5, "{details:?}");
    assert!(
        details[0].contains(&first.digest().to_string()),
        "{details:?}"
    );
    assert!(details[4].contains("null"), "{details:?}");
});

db_test!(providers_are_made_listed_and_changed, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let new = NewProvider {
        slug: "house-2".parse().unwrap(),
        one_owner_per_account: true,
        ..new_provider("house")
    };
    let second = store
        .create_provider(&seed.application, new, admin())
        .await
        .unwrap();
    let taken = store
        .create_provider(&seed.application, new_provider("house"), admin())
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");

    let same = |found: Option<Provider>, provider: &Provider| {
        assert_eq!(
            format!("{:?}", found.expect("the provider")),
            format!("{provider:?}")
        );
    };
    let application = &seed.application;
    same(
        store.provider(&application.id, "house-2").await.unwrap(),
        &second,
    );
    same(
        store.provider_by_id(&seed.provider.id).await.unwrap(),
        &seed.provider,
    );
    let listed = store.providers(&application.id).await.unwrap();
    assert_eq!(
        listed
            .iter()
            .map(|one| one.slug.as_str())
            .collect::<Vec<_>>(),
        ["house", "house-2"]
    );
    assert!(
        store
            .provider(&application.id, "missing")
            .await
            .unwrap()
            .is_none()
    );

    store.note_credentials(&second, true).await.unwrap();
    let changed = Provider {
        client_id: "client-2".to_owned(),
        scopes: scopes(["a", "b:c/d"]),
        one_owner_per_account: false,
        ..second
    };
    store.update_provider(&changed, admin()).await.unwrap();
    same(
        store.provider(&application.id, "house-2").await.unwrap(),
        &changed,
    );
});

db_test!(short_secrets_have_no_hint, async |db| {
    let new = NewProvider {
        client_secrets: vec![Secret::from("short")],
        ..new_provider("house")
    };
    let seed = Seed::with(&db, new).await;
    let hints = seed
        .store
        .client_secret_hints(&seed.provider.id)
        .await
        .unwrap();
    assert_eq!(hints[0].ends_in, "");
});

db_test!(a_refusal_of_credentials_is_noted_once, async |db| {
    let seed = Seed::of(&db).await;
    let since = db.store.now();
    for _ in 0..3 {
        // three refreshes that began before the first refusal
        db.store
            .note_credentials(&seed.provider, true)
            .await
            .unwrap();
        db.clock.advance(1000);
    }
    let provider = seed.read_provider().await;
    assert_eq!(
        provider.credentials_rejected_at,
        Some(since),
        "since the first time"
    );
    db.store.note_credentials(&provider, false).await.unwrap();
    assert_eq!(seed.read_provider().await.credentials_rejected_at, None);
});

db_test!(api_keys_are_found_by_their_hash_alone, async |db| {
    let seed = Seed::of(&db).await;
    let (store, application) = (&seed.store, &seed.application);
    let hash = TokenHash::of("gp_a-key-of-somebody");
    let id = store
        .create_api_key(application, "second", "gp_a..dy", &hash, admin())
        .await
        .unwrap();
    let key = store.live_api_key(&hash).await.unwrap().expect("the key");
    assert_eq!(
        (&key.id, key.name.as_str(), key.hint.as_str()),
        (&id, "second", "gp_a..dy")
    );
    assert_eq!(
        (key.application.clone(), key.created_by.as_str()),
        (application.id.clone(), "Ada")
    );
    assert!(
        store
            .live_api_key(&TokenHash::of("gp_another"))
            .await
            .unwrap()
            .is_none()
    );
    let again = store
        .create_api_key(application, "third", "gp_a..dy", &hash, admin())
        .await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");

    let stranger = Seed::of(&db).await;
    assert!(
        !store
            .revoke_api_key(&stranger.application, id.as_str(), admin())
            .await
            .unwrap()
    );
    assert!(store.live_api_key(&hash).await.unwrap().is_some());
    for _ in 0..2 {
        assert!(
            store
                .revoke_api_key(application, id.as_str(), admin())
                .await
                .unwrap()
        );
        db.clock.advance(1000);
    }
    assert!(store.live_api_key(&hash).await.unwrap().is_none());
    let keys = store.api_keys(&application.id).await.unwrap();
    let names: Vec<_> = keys.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["backend", "second"], "live ones first");
    let revoked_at = keys[1].revoked_at.expect("revoked");
    assert_eq!(
        revoked_at + Duration::from_secs(2),
        db.store.now(),
        "the second time changed nothing"
    );
});

db_test!(the_last_use_of_keys_is_noted, async |db| {
    let seed = Seed::of(&db).await;
    let other = api_key(&seed.store, &seed.application, "other").await;
    let at = |millis: i64| Timestamp::from_millis(1_800_000_000_000 + millis);
    let used = [(seed.key.id.clone(), at(1)), (other.id.clone(), at(2))];
    seed.store.note_keys_used(&used).await.unwrap();
    seed.store.note_keys_used(&[]).await.unwrap();
    let keys = seed.store.api_keys(&seed.application.id).await.unwrap();
    for key in keys {
        let expected = if key.id == other.id { at(2) } else { at(1) };
        assert_eq!(key.last_used_at, Some(expected), "{}", key.name);
    }
});
