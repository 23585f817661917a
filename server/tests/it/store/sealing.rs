//! What is secret is nowhere in the database in clear, and works only where it was put.

use crate::support::canary::{Canary, dump, must_be_clean};
use crate::support::databases::Database;
use crate::support::house::House;
use crate::support::seed::{Seed, admin, new_provider, saved, tokens};
use app::wire::{ConnectionState, RevokeReason};
use server::domain::{Connection, Owner};
use server::store::db::{Runs, sql};
use server::store::{NewConnection, NewProvider, StoreError};
use server::tokens::TokenError;
use server::vault::{Secret, TokenHash};

const CANARIES: [&str; 9] = [
    "canary-client-secret-Kq7w",
    "canary-second-secret-Zp3x",
    "gp_canary-api-key-9fJd2",
    "canary-access-token-Bv8n",
    "canary-refresh-token-Lm4c",
    "canary-revoked-access-Xe1r",
    "canary-revoked-refresh-Ws6t",
    "canary-set-up-token-Yh5g",
    "canary-raw-id-token-Dk2s",
];

/// A database in which every sealed column holds something.
async fn full_of_secrets(db: &Database) -> (Seed, Vec<Canary>) {
    let mut canaries: Vec<_> = CANARIES.into_iter().map(Canary::of).collect();
    let provider = NewProvider {
        client_secrets: vec![Secret::from(CANARIES[0])],
        ..new_provider("house")
    };
    let seed = Seed::with(db, provider).await;
    let store = &db.store;
    store
        .add_client_secret(&seed.provider, &Secret::from(CANARIES[1]), admin())
        .await
        .unwrap();
    let hash = TokenHash::of(CANARIES[2]);
    store
        .create_api_key(&seed.application, "canary", "gp_c..d2", &hash, admin())
        .await
        .unwrap();
    store
        .set_setup_token(&TokenHash::of(CANARIES[7]), store.now())
        .await
        .unwrap();

    for (person, access, refresh) in [
        ("mia", CANARIES[3], CANARIES[4]),
        ("bo", CANARIES[5], CANARIES[6]),
    ] {
        let mut set = tokens(access, Some(refresh));
        set.raw = Secret::new(format!(
            r#"{{"access_token":"{access}","id_token":"{}"}}"#,
            CANARIES[8]
        ));
        let owner = Owner::Personal(person.to_owned());
        let new = NewConnection {
            saved: saved(set, store.now(), None),
            ..seed.brought(owner, person, person)
        };
        let connection = seed.finish(&new, None).await.expect("a connection");
        if person == "bo" {
            store
                .revoke(&connection, RevokeReason::Asked, "", admin(), true)
                .await
                .unwrap();
        }
    }
    let (session, token) = seed.session(Owner::Personal("mia".to_owned()), "mia").await;
    let flow = seed.flow(&session, None).await;
    canaries.push(Canary::of(&token));
    canaries.push(Canary::of(&format!("verifier-of-{}", flow.id)));
    (seed, canaries)
}

db_test!(no_secret_is_stored_in_clear, async |db| {
    let (_, canaries) = full_of_secrets(&db).await;
    let content = dump(&db).await;
    for (column, bytes) in &content {
        must_be_clean(bytes, &canaries, column);
    }
    for column in [
        "client_secrets.sealed_secret",
        "connections.sealed_tokens",
        "connect_sessions.sealed_token",
        "flows.sealed_verifier",
        "revocations.sealed_tokens",
        "data_keys.wrapped",
        "key_checks.sealed_check",
    ] {
        let filled = content
            .iter()
            .any(|(name, bytes)| name == column && bytes.len() >= 40);
        assert!(filled, "{column} holds something that is sealed");
    }
});

#[tokio::test]
async fn no_secret_is_in_the_files_of_sqlite() {
    let db = Database::sqlite().await;
    let (_, canaries) = full_of_secrets(&db).await;
    let file = db.place.file().expect("a file");
    let directory = file.parent().expect("a directory").to_owned();
    let search = || {
        for entry in std::fs::read_dir(&directory).expect("a directory") {
            let path = entry.expect("a file").path();
            let bytes = std::fs::read(&path).expect("its content");
            must_be_clean(&bytes, &canaries, &path.display().to_string());
        }
    };
    search();
    let _place = db.stop().await;
    search();
}

/// Puts the ciphertext of one row into another.
async fn swap(db: &Database, from: &Connection, to: &Connection) {
    let swap = sql(
        "UPDATE connections SET sealed_tokens = (SELECT sealed_tokens FROM connections WHERE id = $1) WHERE id = $2",
    );
    let swap = swap.bind(from.id.as_str()).bind(to.id.as_str());
    assert_eq!((&mut db.store.db()).run(swap).await.unwrap(), 1);
}

db_test!(a_ciphertext_works_in_its_own_row_alone, async |db| {
    let seed = Seed::of(&db).await;
    let (mia, bo) = (seed.connect("mia").await, seed.connect("bo").await);
    swap(&db, &mia, &bo).await;
    let opened = db
        .store
        .connection_with_tokens(&seed.application.id, bo.id.as_str())
        .await;
    assert!(
        matches!(
            opened,
            Err(StoreError::Unsealable {
                column: "sealed_tokens"
            })
        ),
        "{opened:?}"
    );
    seed.tokens_of(&mia.id).await;
});

db_test!(a_ciphertext_works_in_its_own_generation_alone, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let older =
        sql("SELECT sealed_tokens FROM connections WHERE id = $1").bind(connection.id.as_str());
    let row = (&mut db.store.db())
        .row(older)
        .await
        .unwrap()
        .expect("the row");
    let older = row.bytes("sealed_tokens").unwrap();
    seed.connect("mia").await;
    let back = sql("UPDATE connections SET sealed_tokens = $1 WHERE id = $2").bind(older);
    (&mut db.store.db())
        .run(back.bind(connection.id.as_str()))
        .await
        .unwrap();
    let opened = db
        .store
        .connection_with_tokens(&seed.application.id, connection.id.as_str())
        .await;
    assert!(
        matches!(opened, Err(StoreError::Unsealable { .. })),
        "{opened:?}"
    );
});

db_test!(a_client_secret_works_in_its_own_row_alone, async |db| {
    let (seed, _) = full_of_secrets(&db).await;
    let stranger = Seed::of(&db).await;
    let copy = sql(
        "UPDATE client_secrets SET sealed_secret = (SELECT sealed_secret FROM client_secrets WHERE provider_id = $1 ORDER BY position LIMIT 1) WHERE provider_id = $2",
    );
    let copy = copy
        .bind(seed.provider.id.as_str())
        .bind(stranger.provider.id.as_str());
    (&mut db.store.db()).run(copy).await.unwrap();
    let opened = db
        .store
        .client_secrets(&stranger.provider, "client-1")
        .await;
    assert!(
        matches!(
            opened,
            Err(StoreError::Unsealable {
                column: "sealed_secret"
            })
        ),
        "{opened:?}"
    );
    assert_eq!(
        db.store
            .client_secrets(&seed.provider, "client-1")
            .await
            .unwrap()
            .len(),
        2
    );
});

db_test!(
    a_connection_that_cannot_be_opened_needs_a_person,
    async |db| {
        let house = House::new(db).await;
        let (mia, _) = house.connect("mia").await;
        let (bo, _) = house.connect("bo").await;
        swap(&house.db, &mia, &bo).await;
        let refused = house.ask(&bo).await;
        assert!(
            matches!(refused, Err(TokenError::ReconnectRequired { .. })),
            "{refused:?}"
        );
        assert_eq!(
            house.read(&bo).await.state(),
            ConnectionState::ReconnectRequired
        );
        house.ask(&mia).await.expect("the other one is not touched");
        assert_eq!(house.provider.log(), []);
        let (renewed, _) = house.reconnect(&bo).await;
        house.ask(&renewed).await.expect("a person has mended it");
    }
);

db_test!(
    one_unreadable_revocation_does_not_hold_up_the_others,
    async |db| {
        let seed = Seed::of(&db).await;
        for person in ["ada", "bo", "carla"] {
            let connection = seed.connect(person).await;
            db.store
                .revoke(&connection, RevokeReason::Asked, "", admin(), true)
                .await
                .unwrap();
            db.clock.advance(-1000);
        }
        // all three are due
        db.clock.advance(5000);
        let spoil = sql(
            "UPDATE revocations SET sealed_tokens = $1 WHERE next_try_at = (SELECT MIN(next_try_at) FROM revocations)",
        );
        (&mut db.store.db())
            .run(spoil.bind(vec![1_u8, 2, 3]))
            .await
            .unwrap();
        let mut told = 0;
        while db
            .store
            .take_due_revocation(60_000)
            .await
            .unwrap()
            .is_some()
        {
            told += 1;
        }
        assert_eq!(told, 2);
    }
);
