//! Revocation: at once here, once and for all, and the provider is told later (R68).

use crate::support::databases::Database;
use crate::support::seed::{Seed, admin};
use crate::support::together::together;
use app::wire::{HistoryKind, RevokeReason, UpstreamResult};
use server::domain::{Connection, Revocation, Status, Timestamp, UNDO_TIME, Upstream};
use server::store::db::{Runs, sql};
use server::store::{DueRevocation, HandOut, Store, upstream_result};
use std::time::Duration;

async fn revoke(store: &Store, connection: &Connection, offered: bool) -> Revocation {
    let revoked = store.revoke(
        connection,
        RevokeReason::Incident,
        "laptop lost",
        admin(),
        offered,
    );
    revoked.await.unwrap().expect("a receipt")
}

async fn take(store: &Store) -> Option<DueRevocation> {
    store.take_due_revocation(60_000).await.unwrap()
}

async fn take_all(store: &Store) -> Vec<DueRevocation> {
    let mut all = Vec::new();
    while let Some(due) = take(store).await {
        all.push(due);
    }
    all
}

db_test!(
    a_revoked_connection_has_no_secrets_and_a_receipt,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let receipt = revoke(&db.store, &connection, true).await;
        assert_eq!(receipt.connection, connection.id);
        assert_eq!(
            (receipt.reason, receipt.note.as_str()),
            (RevokeReason::Incident, "laptop lost")
        );
        assert_eq!(
            (receipt.revoked_by.as_str(), receipt.revoked_at),
            ("Ada", db.store.now())
        );
        assert_eq!(receipt.token_valid_until, None, "no token was handed out");
        assert_eq!((receipt.upstream, receipt.attempts), (Upstream::Waiting, 0));
        assert!(receipt.audit_seq > 0);
        let kept = db
            .store
            .revocation_of(&connection.id)
            .await
            .unwrap()
            .expect("the receipt");
        assert_eq!(format!("{kept:?}"), format!("{receipt:?}"));

        let now = seed.read(&connection.id).await;
        assert_eq!(
            (now.status, now.generation, now.access_token_sha256),
            (Status::Revoked, 2, None)
        );
        let found = db
            .store
            .connection_with_tokens(&seed.application.id, connection.id.as_str())
            .await
            .unwrap();
        assert!(found.expect("the connection").1.is_none());
        let history = db
            .store
            .history(&connection.id, None, 1)
            .await
            .unwrap()
            .entries;
        let expected = HistoryKind::Revoked {
            by: "Ada".to_owned(),
            reason: RevokeReason::Incident,
        };
        assert_eq!(history[0].what, expected);
    }
);

db_test!(
    a_token_that_was_handed_out_may_live_until_it_ends,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let handed_out = HandOut {
            organization: connection.organization.clone(),
            connection: connection.id.clone(),
            provider: connection.provider.clone(),
            api_key: seed.key.id.clone(),
            minute: db.store.now(),
            last_at: db.store.now(),
            times: 1,
        };
        db.store.count_hand_outs(&[handed_out]).await.unwrap();
        let receipt = revoke(&db.store, &seed.read(&connection.id).await, true).await;
        assert_eq!(
            receipt.token_valid_until,
            connection.access_token_expires_at
        );
    }
);

db_test!(twenty_revocations_at_once_are_one, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let receipts = together(20, |_| {
        let (store, connection) = (seed.store.clone(), connection.clone());
        async move { revoke(&store, &connection, true).await }
    })
    .await;
    for receipt in &receipts {
        assert_eq!(receipt.id, receipts[0].id);
        assert_eq!(receipt.audit_seq, receipts[0].audit_seq);
    }
    assert_eq!(seed.read(&connection.id).await.generation, 2);
    assert_eq!(
        take_all(&db.store).await.len(),
        1,
        "the provider is told once"
    );
    let events =
        sql("SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connection.revoked'");
    let row = (&mut db.store.db())
        .row(events)
        .await
        .unwrap()
        .expect("a count");
    assert_eq!(row.int("many").unwrap(), 1);
});

db_test!(due_revocations_are_taken_by_one_node_each, async |db| {
    let seed = Seed::of(&db).await;
    let mut expected = Vec::new();
    for number in 0..6 {
        let connection = seed.connect(&format!("person-{number}")).await;
        expected.push(revoke(&db.store, &connection, true).await.id.to_string());
    }
    let taken = together(8, |_| {
        let store = seed.store.clone();
        async move { take_all(&store).await }
    })
    .await;
    let rest = take_all(&db.store).await;
    let mut ids: Vec<_> = taken
        .iter()
        .flatten()
        .chain(&rest)
        .map(|due| due.revocation.id.to_string())
        .collect();
    ids.sort();
    expected.sort();
    assert_eq!(ids, expected);
    assert!(
        taken
            .iter()
            .flatten()
            .all(|due| due.revocation.attempts == 1)
    );
});

db_test!(
    what_the_provider_said_is_noted_and_its_tokens_destroyed,
    async |db| {
        let seed = Seed::of(&db).await;
        for (upstream, result) in [
            (Upstream::Revoked, UpstreamResult::Revoked),
            (Upstream::NotOffered, UpstreamResult::NotOffered),
            (
                Upstream::Failed,
                UpstreamResult::Failed { next_try_at: None },
            ),
        ] {
            let connection = seed.connect(upstream.as_str()).await;
            let (access, refresh) = seed.tokens_of(&connection.id).await;
            revoke(&db.store, &connection, true).await;
            let due = take(&db.store).await.expect("it is due");
            assert_eq!(due.tokens.access_token.expose(), &access);
            assert_eq!(
                due.tokens.refresh_token.map(|token| token.expose().clone()),
                refresh
            );
            db.store
                .note_upstream(&due.revocation, upstream, None)
                .await
                .unwrap();
            db.store
                .note_upstream(&due.revocation, Upstream::Waiting, Some(db.store.now()))
                .await
                .unwrap();

            let receipt = db
                .store
                .revocation_of(&connection.id)
                .await
                .unwrap()
                .expect("the receipt");
            assert_eq!(
                (receipt.upstream, receipt.upstream_at),
                (upstream, Some(db.store.now())),
                "the first word counts"
            );
            let sealed = sql("SELECT sealed_tokens FROM revocations WHERE id = $1")
                .bind(receipt.id.as_str());
            let row = (&mut db.store.db())
                .row(sealed)
                .await
                .unwrap()
                .expect("the row");
            assert_eq!(row.maybe_bytes("sealed_tokens").unwrap(), None);
            let history = db
                .store
                .history(&connection.id, None, 1)
                .await
                .unwrap()
                .entries;
            assert_eq!(history[0].what, HistoryKind::RevokedUpstream { result });
        }
    }
);

db_test!(a_provider_that_failed_is_told_again, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    revoke(&db.store, &connection, true).await;
    let due = take(&db.store).await.expect("it is due");
    assert!(take(&db.store).await.is_none(), "it is being told");
    let past = Timestamp::from_millis(1);
    db.store
        .note_upstream(&due.revocation, Upstream::Waiting, Some(past))
        .await
        .unwrap();
    let again = take(&db.store).await.expect("it is due again");
    assert_eq!(again.revocation.attempts, 2);
    let later = db.store.now() + Duration::from_hours(1);
    db.store
        .note_upstream(&again.revocation, Upstream::Waiting, Some(later))
        .await
        .unwrap();
    assert!(take(&db.store).await.is_none());
    let receipt = db
        .store
        .revocation_of(&connection.id)
        .await
        .unwrap()
        .expect("the receipt");
    assert_eq!((receipt.attempts, receipt.next_try_at), (2, Some(later)));
    let words = upstream_result(receipt.upstream, receipt.attempts, receipt.next_try_at);
    assert_eq!(
        words,
        UpstreamResult::Failed {
            next_try_at: Some(later.millis())
        }
    );
});

db_test!(where_nothing_is_offered_nobody_is_told, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let receipt = revoke(&db.store, &connection, false).await;
    assert_eq!(
        (receipt.upstream, receipt.next_try_at),
        (Upstream::NotOffered, None)
    );
    assert!(take(&db.store).await.is_none());
    let never = seed.connect("bo").await;
    assert!(db.store.revocation_of(&never.id).await.unwrap().is_none());
});

db_test!(
    a_connection_that_cannot_be_opened_can_be_revoked,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let spoil =
            sql("UPDATE connections SET sealed_tokens = $1 WHERE id = $2").bind(vec![1_u8, 2, 3]);
        (&mut db.store.db())
            .run(spoil.bind(connection.id.as_str()))
            .await
            .unwrap();
        let receipt = revoke(&db.store, &connection, true).await;
        assert_eq!(receipt.upstream, Upstream::NothingToRevoke);
        assert_eq!(seed.read(&connection.id).await.status, Status::Revoked);
    }
);

db_test!(one_clock_says_what_is_due, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    // an hour ahead of the database
    db.clock.advance(3_600_000);
    revoke(&db.store, &connection, true).await;
    assert!(
        take(&db.store).await.is_some(),
        "at once, by the clock that said when"
    );
    assert!(take(&db.store).await.is_none(), "it is being told");
    db.clock.advance(60_000);
    assert!(
        take(&db.store).await.is_some(),
        "whoever took it came to nothing"
    );
});

/// R60: on SQLite the freed pages are overwritten, so that a copy of the file holds nothing either.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_destroyed_is_not_in_the_file_any_more() {
    let db = Database::sqlite().await;
    let seed = Seed::of(&db).await;
    let (now, later) = (seed.connect("mia").await, seed.connect("bo").await);
    let mut kept = Vec::new();
    let look =
        "SELECT sealed_tokens FROM connections UNION ALL SELECT sealed_tokens FROM revocations";
    let mut remember = async || {
        let rows = (&mut db.store.db()).rows(sql(look)).await.unwrap();
        kept.extend(
            rows.iter()
                .filter_map(|row| row.maybe_bytes("sealed_tokens").unwrap()),
        );
    };
    remember().await;
    revoke(&db.store, &now, false).await;
    let frozen = db
        .store
        .freeze(&later, RevokeReason::Leaving, "", admin())
        .await;
    frozen.unwrap().expect("a receipt");
    remember().await;
    db.clock
        .advance(i64::try_from(UNDO_TIME.as_millis()).unwrap());
    let due = take(&db.store).await.expect("it is due");
    let noted = db
        .store
        .note_upstream(&due.revocation, Upstream::Revoked, None);
    noted.await.unwrap();
    let file = db.place.file().expect("a file");
    // closing leaves one file, with all that was in the log
    let place = db.stop().await;
    let bytes = std::fs::read(file).unwrap();
    place.remove().await;
    assert_eq!(kept.len(), 3);
    for sealed in kept {
        let needle = &sealed[sealed.len() - 24..];
        assert!(!bytes.windows(24).any(|window| window == needle));
    }
}
