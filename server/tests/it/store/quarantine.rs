//! Restored and copied databases are noticed, and refresh nothing until somebody has confirmed (R103).

use crate::support::databases::{Database, Place};
use crate::support::seed::{Seed, admin};
use app::wire::{BrokenReason, QuarantineReason};
use server::domain::{Quarantine, Sighting, Timestamp};
use server::store::Store;
use server::store::db::{Runs, sql};
use std::time::Duration;

/// Starts as a server does that finds this note, and makes the next one.
async fn start(store: &Store, note: Option<&Sighting>) -> Sighting {
    store.recognise(note).await.unwrap();
    store.beat().await.unwrap()
}

fn reason(store: &Store) -> Option<QuarantineReason> {
    store.quarantine().map(|quarantine| quarantine.reason)
}

/// Actions that the audit has about the instance.
async fn audited(store: &Store) -> Vec<String> {
    let events =
        sql("SELECT action FROM audit_events WHERE subject_kind = 'instance' ORDER BY seq");
    let rows = (&mut store.db()).rows(events).await.unwrap();
    rows.iter().map(|row| row.text("action").unwrap()).collect()
}

/// A database that ran for a while, with its last note.
async fn stopped(db: Database) -> (Place, Sighting) {
    let note = start(&db.store, None).await;
    assert_eq!(db.store.quarantine(), None);
    (db.stop().await, note)
}

db_test!(a_database_is_at_home_where_it_was, async |db| {
    let first = start(&db.store, None).await;
    assert_eq!(db.store.quarantine(), None, "a new one is adopted");
    assert!(first.home.is_some(), "{first:?}");
    let second = db.store.beat().await.unwrap();
    assert!(second.alive_at > first.alive_at, "{second:?}");
    assert_eq!(second.home, first.home);
    let db = Database::again(db.stop().await).await;
    let third = start(&db.store, Some(&second)).await;
    assert_eq!(db.store.quarantine(), None);
    assert_eq!(third.home, first.home);
    assert!(third.alive_at > second.alive_at, "{third:?}");
    assert_eq!(db.store.confirmed_at(), None);
});

db_test!(a_copy_is_quarantined_and_the_original_goes_on, async |db| {
    Seed::of(&db).await.connect("mia").await;
    let (place, note) = stopped(db).await;
    let copy = Database::again(place.copy().await).await;
    assert_eq!(
        copy.store.suspicion(None).await.unwrap(),
        Some(QuarantineReason::Copied)
    );
    assert_eq!(copy.store.quarantine(), None, "looking changes nothing");
    start(&copy.store, None).await;
    let quarantine = Quarantine {
        since: copy.store.now(),
        reason: QuarantineReason::Copied,
    };
    assert_eq!(copy.store.quarantine(), Some(quarantine));
    assert_eq!(audited(&copy.store).await, ["instance.quarantined"]);

    // a restart forgets nothing, and keeps the moment
    copy.clock.advance(60_000);
    let copy = Database::again(copy.stop().await).await;
    assert_eq!(copy.store.quarantine(), Some(quarantine));
    start(&copy.store, None).await;
    assert_eq!(copy.store.quarantine(), Some(quarantine));
    copy.stop().await.remove().await;

    let original = Database::again(place).await;
    start(&original.store, Some(&note)).await;
    assert_eq!(original.store.quarantine(), None);
});

#[tokio::test]
async fn a_dump_that_was_restored_is_a_copy() {
    let db = Database::postgres().await;
    Seed::of(&db).await.connect("mia").await;
    let (place, _) = stopped(db).await;
    let copy = Database::again(place.dumped().await).await;
    start(&copy.store, None).await;
    assert_eq!(reason(&copy.store), Some(QuarantineReason::Copied));
    copy.stop().await.remove().await;
    place.remove().await;
}

#[tokio::test]
async fn a_file_that_was_moved_is_no_copy() {
    let (place, note) = stopped(Database::sqlite().await).await;
    let file = place.file().expect("a file");
    let aside = file.with_extension("aside");
    std::fs::rename(&file, &aside).unwrap();
    std::fs::rename(&aside, &file).unwrap();
    let db = Database::again(place).await;
    start(&db.store, Some(&note)).await;
    assert_eq!(db.store.quarantine(), None);
}

/// `put` brings the backup back into the place of the database.
async fn an_old_file_in_its_place(
    put: impl FnOnce(&std::path::Path, &std::path::Path),
) -> Option<QuarantineReason> {
    let (place, _) = stopped(Database::sqlite().await).await;
    let file = place.file().expect("a file");
    let backup = file.with_extension("backup");
    std::fs::copy(&file, &backup).unwrap();
    let db = Database::again(place).await;
    let note = start(&db.store, None).await;
    let place = db.stop().await;
    put(&backup, &file);
    let db = Database::again(place).await;
    start(&db.store, Some(&note)).await;
    reason(&db.store)
}

#[tokio::test]
async fn an_old_file_is_noticed_however_it_was_put_back() {
    let written_over = an_old_file_in_its_place(|backup, file| {
        std::fs::copy(backup, file).unwrap();
    });
    assert_eq!(written_over.await, Some(QuarantineReason::OlderThanSeen));
    let replaced = an_old_file_in_its_place(|backup, file| {
        // the new file often gets the number of the old one
        std::fs::remove_file(file).unwrap();
        std::fs::copy(backup, file).unwrap();
    });
    // where no file system tells when a file was made, the note does it
    assert!(replaced.await.is_some());
}

db_test!(
    a_database_that_is_older_than_its_note_is_quarantined,
    async |db| {
        let early = start(&db.store, None).await;
        let mut late = db.store.beat().await.unwrap();
        // what putting an old backup in its place does
        let back = sql("UPDATE instance SET alive_at = $1 WHERE id = 1").bind(early.alive_at);
        (&mut db.store.db()).run(back).await.unwrap();
        let others = Sighting {
            instance: "another".to_owned(),
            ..late.clone()
        };
        let of_a_copy = Sighting {
            home: Some("file 1 1".to_owned()),
            ..late.clone()
        };
        for elsewhere in [others, of_a_copy] {
            assert_eq!(db.store.suspicion(Some(&elsewhere)).await.unwrap(), None);
        }
        // and a clock that was set back as well
        late.alive_at = late.alive_at + Duration::from_hours(1);
        let now = start(&db.store, Some(&late)).await;
        assert_eq!(reason(&db.store), Some(QuarantineReason::OlderThanSeen));
        assert!(now.alive_at > late.alive_at, "it is settled at once");
        let lifted = db
            .store
            .confirm_restore(Some(&late), admin())
            .await
            .unwrap();
        assert_eq!(lifted, Some(QuarantineReason::OlderThanSeen));
        start(&db.store, Some(&now)).await;
        assert_eq!(db.store.quarantine(), None);
    }
);

db_test!(
    a_backup_from_before_the_heartbeat_is_older_too,
    async |db| {
        let note = start(&db.store, None).await;
        let forget = sql("UPDATE instance SET home = NULL, alive_at = NULL WHERE id = 1");
        (&mut db.store.db()).run(forget).await.unwrap();
        start(&db.store, Some(&note)).await;
        assert_eq!(reason(&db.store), Some(QuarantineReason::OlderThanSeen));
    }
);

db_test!(one_confirmation_lifts_it_for_every_node, async |db| {
    Seed::of(&db).await;
    let (place, note) = stopped(db).await;
    let copied = place.copy().await;
    let db = Database::again(copied).await;
    start(&db.store, None).await;
    let other = db.another_node().await;
    start(&other, None).await;
    assert_eq!(reason(&other), Some(QuarantineReason::Copied));

    db.clock.advance(5_000);
    let lifted = db.store.confirm_restore(None, admin()).await.unwrap();
    assert_eq!(lifted, Some(QuarantineReason::Copied));
    let confirmed = Some(db.store.now());
    other.reload_quarantine().await.unwrap();
    for store in [&db.store, &other] {
        assert_eq!(store.quarantine(), None);
        assert_eq!(store.confirmed_at(), confirmed);
    }
    let twice = db.store.confirm_restore(None, admin()).await.unwrap();
    assert_eq!(twice, None);
    assert_eq!(
        audited(&db.store).await,
        ["instance.quarantined", "instance.quarantine_lifted"]
    );

    // wherever a node comes from, it suspects nothing any more
    start(&other, Some(&note)).await;
    assert_eq!(other.quarantine(), None);
    if db.is_shared() {
        other.close().await;
    }
    let db = Database::again(db.stop().await).await;
    start(&db.store, None).await;
    assert_eq!(
        (db.store.quarantine(), db.store.confirmed_at()),
        (None, confirmed)
    );
    db.stop().await.remove().await;
});

db_test!(it_is_begun_and_lifted_by_hand, async |db| {
    Seed::of(&db).await;
    start(&db.store, None).await;
    assert!(db.store.begin_quarantine(admin()).await.unwrap());
    let quarantine = db.store.quarantine().expect("a quarantine");
    assert_eq!(quarantine.reason, QuarantineReason::ByHand);
    db.clock.advance(1_000);
    assert!(!db.store.begin_quarantine(admin()).await.unwrap());
    let other = db.another_node().await;
    assert_eq!(other.quarantine(), Some(quarantine), "since the first time");
    let lifted = other.confirm_restore(None, admin()).await.unwrap();
    assert_eq!(lifted, Some(QuarantineReason::ByHand));
    db.store.reload_quarantine().await.unwrap();
    assert_eq!(db.store.quarantine(), None);
    let events = sql("SELECT actor_name FROM audit_events WHERE subject_kind = 'instance'");
    let rows = (&mut db.store.db()).rows(events).await.unwrap();
    let names: Vec<String> = rows
        .iter()
        .map(|row| row.text("actor_name").unwrap())
        .collect();
    assert_eq!(names, ["Ada", "Ada"]);
});

db_test!(a_planned_move_is_confirmed_before_the_start, async |db| {
    let (place, note) = stopped(db).await;
    let moved = Database::again(place.copy().await).await;
    let lifted = moved.store.confirm_restore(None, admin()).await.unwrap();
    assert_eq!(lifted, Some(QuarantineReason::Copied));
    start(&moved.store, None).await;
    assert_eq!(moved.store.quarantine(), None);
    // what was noted at the old home says nothing here, however late
    let later = Sighting {
        alive_at: Timestamp::from_millis(i64::MAX / 2),
        ..note
    };
    start(&moved.store, Some(&later)).await;
    assert_eq!(moved.store.quarantine(), None);
    moved.stop().await.remove().await;
});

db_test!(a_connection_that_did_not_survive_it_says_so, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let stale = BrokenReason::StaleAfterRestore;
    db.store
        .break_without_refresh(&connection, stale)
        .await
        .unwrap();
    assert_eq!(seed.read(&connection.id).await.broken_reason, Some(stale));
});
