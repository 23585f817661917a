//! Many revocations at once: each exactly once, whatever dies meanwhile (R69).

use crate::support::databases::{Database, KEY};
use crate::support::seed::{Seed, admin, api_key, new_provider};
use crate::support::together::together;
use app::wire::{BulkCounts, ConnectionState, RevokeReason};
use server::domain::{BulkRevocation, Connection, Owner, Status, UNDO_TIME};
use server::store::db::{Runs, sql};
use server::store::{ConnectionQuery, HandOut, NewBulkRevocation, Store, Undo};
use sqlx::{Connection as _, PgConnection, Row as _, SqliteConnection};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn about(query: &ConnectionQuery, expected: u64, reason: RevokeReason) -> NewBulkRevocation<'_> {
    NewBulkRevocation {
        query,
        criteria: "{}".to_owned(),
        expected,
        reason,
        note: "ticket 7".to_owned(),
    }
}

async fn begin(
    seed: &Seed,
    query: &ConnectionQuery,
    expected: u64,
    reason: RevokeReason,
) -> BulkRevocation {
    let begun = seed.store.begin_bulk_revocation(
        &seed.application,
        about(query, expected, reason),
        admin(),
    );
    begun.await.unwrap().expect("a run")
}

/// Works until nothing is left; every provider can be told.
async fn work_off(store: &Store, run: &BulkRevocation) {
    while store.work_off_bulk(&run.id, &|_| true).await.unwrap() {}
}

async fn count(store: &Store, what: &'static str) -> i64 {
    let row = (&mut store.db()).row(sql(what)).await.unwrap();
    row.expect("a count").int("many").unwrap()
}

async fn read(seed: &Seed, run: &BulkRevocation) -> BulkRevocation {
    let found = seed
        .store
        .bulk_revocation(&seed.application.id, run.id.as_str())
        .await;
    found.unwrap().expect("the run")
}

async fn connected(seed: &Seed, people: usize) -> Vec<Connection> {
    let mut connections = Vec::new();
    for number in 0..people {
        connections.push(seed.connect(&format!("person-{number}")).await);
    }
    connections
}

db_test!(a_run_ends_what_fits_and_nothing_else, async |db| {
    let seed = Seed::of(&db).await;
    let connections = connected(&seed, 4).await;
    let team = Owner::Team("northwind".to_owned());
    let brought = seed.brought(team, "dana", "acc-1");
    let team = seed.finish(&brought, None).await.unwrap();
    let other = server::store::NewProvider {
        slug: "other".parse().unwrap(),
        ..new_provider("house")
    };
    let other = db.store.create_provider(&seed.application, other, admin());
    let other = other.await.unwrap();
    let key = api_key(&db.store, &seed.application, "reports").await;
    let handed_out = HandOut {
        organization: connections[3].organization.clone(),
        connection: connections[3].id.clone(),
        provider: connections[3].provider.clone(),
        api_key: key.id.clone(),
        minute: db.store.now(),
        last_at: db.store.now(),
        times: 1,
    };
    db.store.count_hand_outs(&[handed_out]).await.unwrap();

    for (query, hit) in [
        (
            ConnectionQuery {
                end_user: Some("person-0".to_owned()),
                ..ConnectionQuery::default()
            },
            &connections[0],
        ),
        (
            ConnectionQuery {
                team: Some("northwind".to_owned()),
                ..ConnectionQuery::default()
            },
            &team,
        ),
        (
            ConnectionQuery {
                handed_to: Some(key.id.clone()),
                ..ConnectionQuery::default()
            },
            &connections[3],
        ),
        (
            ConnectionQuery {
                words: "PERSON-1".to_owned(),
                provider: Some(seed.provider.id.clone()),
                ..ConnectionQuery::default()
            },
            &connections[1],
        ),
    ] {
        let would = db
            .store
            .connections_to_revoke(&seed.application.id, &query)
            .await;
        let one = (seed.provider.id.clone(), ConnectionState::Active, 1);
        assert_eq!(would.unwrap(), [one]);
        let run = begin(&seed, &query, 1, RevokeReason::Leaving).await;
        work_off(&db.store, &run).await;
        assert_eq!(seed.read(&hit.id).await.status, Status::Revoked);
        let receipt = db.store.revocation_of(&hit.id).await.unwrap().unwrap();
        assert_eq!(receipt.bulk, Some(run.id.clone()));
        assert_eq!(receipt.audit_seq, run.audit_seq);
        assert!(read(&seed, &run).await.finished_at.is_some());
    }
    assert_eq!(seed.read(&connections[2].id).await.status, Status::Active);
    let nobodys = ConnectionQuery {
        provider: Some(other.id),
        ..ConnectionQuery::default()
    };
    let would = db
        .store
        .connections_to_revoke(&seed.application.id, &nobodys);
    assert_eq!(would.await.unwrap(), []);
    let runs = db.store.bulk_revocations(&seed.application.id, 10).await;
    assert_eq!(runs.unwrap().len(), 4);
});

db_test!(a_run_is_what_was_confirmed_or_nothing, async |db| {
    let seed = Seed::of(&db).await;
    let connections = connected(&seed, 3).await;
    let all = ConnectionQuery::default();
    for wrong in [2, 4] {
        let begun = db.store.begin_bulk_revocation(
            &seed.application,
            about(&all, wrong, RevokeReason::Leaving),
            admin(),
        );
        assert!(begun.await.unwrap().is_none(), "{wrong} were confirmed");
    }
    let events =
        "SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connections.revoked_in_bulk'";
    assert_eq!(count(&db.store, events).await, 0);
    let run = begin(&seed, &all, 3, RevokeReason::Leaving).await;
    // who comes later is not concerned, and who was revoked meanwhile is not revoked again
    let late = seed.connect("late").await;
    let first = &connections[0];
    let alone = db
        .store
        .revoke(first, RevokeReason::Asked, "", admin(), false);
    let alone = alone.await.unwrap().expect("a receipt");
    work_off(&db.store, &run).await;
    assert_eq!(seed.read(&late.id).await.status, Status::Active);
    let kept = db.store.revocation_of(&first.id).await.unwrap().unwrap();
    assert_eq!((kept.id, kept.bulk), (alone.id, None));
    let expected = BulkCounts {
        revoked: 2,
        was_revoked: 1,
        ..BulkCounts::default()
    };
    assert_eq!(db.store.bulk_counts(&run.id).await.unwrap(), expected);
    assert_eq!(count(&db.store, events).await, 1);
});

db_test!(nodes_share_a_run, async |db| {
    let seed = Seed::of(&db).await;
    connected(&seed, 60).await;
    let run = begin(
        &seed,
        &ConnectionQuery::default(),
        60,
        RevokeReason::Incident,
    )
    .await;
    let other = db.another_node().await;
    together(4, |task| {
        let (store, run) = (
            if task % 2 == 0 {
                seed.store.clone()
            } else {
                other.clone()
            },
            run.clone(),
        );
        async move { work_off(&store, &run).await }
    })
    .await;
    let (told, undo_until) = db.store.bulk_upstream(&run.id).await.unwrap();
    assert_eq!(
        (told.waiting, undo_until),
        (60, None),
        "an incident cannot be undone"
    );
    let generations = "SELECT COUNT(*) AS many FROM connections WHERE status = 'revoked' AND generation = 2 AND sealed_tokens IS NULL";
    assert_eq!(count(&db.store, generations).await, 60);
});

db_test!(a_run_can_be_taken_back_half_way, async |db| {
    let seed = Seed::of(&db).await;
    connected(&seed, 60).await;
    let run = begin(&seed, &ConnectionQuery::default(), 60, RevokeReason::Asked).await;
    assert!(db.store.work_off_bulk(&run.id, &|_| true).await.unwrap());
    let half = db.store.bulk_counts(&run.id).await.unwrap();
    assert!(half.revoked > 0 && half.waiting > 0, "{half:?}");
    // one was undone alone, of one the provider is told already
    let revoked = sql("SELECT connection_id FROM revocations ORDER BY connection_id");
    let revoked = (&mut db.store.db()).rows(revoked).await.unwrap();
    let alone = revoked[0].parsed("connection_id").unwrap();
    let alone = seed.read(&alone).await;
    let undone = db.store.undo_revocation(&alone, admin()).await.unwrap();
    assert!(matches!(undone, Undo::Done(_)));
    let told = sql("UPDATE revocations SET attempts = 1 WHERE connection_id = $1")
        .bind(revoked[1].text("connection_id").unwrap());
    (&mut db.store.db()).run(told).await.unwrap();

    // just in time, and worked off after it
    db.clock
        .advance(i64::try_from(UNDO_TIME.as_millis()).unwrap() - 1);
    let undone = db.store.undo_bulk_revocation(&run, admin());
    undone.await.unwrap();
    db.clock.advance(60_000);
    work_off(&db.store, &run).await;
    work_off(&db.store, &run).await;
    let counts = db.store.bulk_counts(&run.id).await.unwrap();
    let expected = BulkCounts {
        spared: half.waiting,
        undone: half.revoked - 1,
        kept: 1,
        ..BulkCounts::default()
    };
    assert_eq!(counts, expected);
    let run = read(&seed, &run).await;
    assert!(run.finished_at.is_some());
    assert_eq!(run.undone.expect("by whom").by, "Ada");
    let alive = "SELECT COUNT(*) AS many FROM connections WHERE status = 'active'";
    assert_eq!(count(&db.store, alive).await, 59);
    let events =
        "SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connections.restored_in_bulk'";
    assert_eq!(count(&db.store, events).await, 1);
});

/// Rows that look like connections of this one's owner; their tokens can be opened by nobody.
const COPIES: &str = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 9950)
     INSERT INTO connections (id, organization_id, application_id, provider_id, owner_kind, owner_id, end_user_id, account_id, tags,
         scopes_asked, scopes_granted, inputs, metadata, client_id, redirect_uri, status, status_since, generation, sealed_tokens,
         has_refresh_token, token_type, access_token_expires_at, lease_epoch, fail_count, connected_at, created_at, updated_at,
         search_text, look_at, look_generation)
     SELECT 'con_copy' || CAST(n AS TEXT), organization_id, application_id, provider_id, owner_kind, owner_id, end_user_id,
         'copy' || CAST(n AS TEXT), tags, scopes_asked, scopes_granted, inputs, metadata, client_id, redirect_uri, status,
         status_since, generation, sealed_tokens, has_refresh_token, token_type, access_token_expires_at, 0, 0, connected_at,
         created_at, updated_at, search_text, NULL, generation
     FROM connections CROSS JOIN numbers WHERE id = $1";

/// A server in a process of its own, ended with the test.
struct Server(Child);

impl Server {
    fn on(url: &str, key_file: &std::path::Path) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_grantport"))
            .env("GRANTPORT_DATABASE_URL", url)
            .env("GRANTPORT_KEY_FILE", key_file)
            .env("GRANTPORT_BIND", "127.0.0.1:0")
            .env("GRANTPORT_PUBLIC_URL", "http://127.0.0.1:3000")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        Self(child.expect("the server starts"))
    }

    /// SIGKILL: it can do nothing about it.
    fn kill(mut self) {
        self.0.kill().expect("it runs");
        self.0.wait().expect("it ended");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Revocations, as somebody sees who is no server.
async fn revoked_so_far(url: &str, file: Option<&std::path::Path>) -> i64 {
    const MANY: &str = "SELECT COUNT(*) FROM revocations";
    if file.is_some() {
        let Ok(mut raw) = SqliteConnection::connect(url).await else {
            return 0;
        };
        let row = sqlx::query(MANY).fetch_one(&mut raw).await;
        return row.map_or(0, |row| row.get(0));
    }
    let mut raw = PgConnection::connect(url).await.expect("PostgreSQL");
    let row = sqlx::query(MANY).fetch_one(&mut raw).await;
    row.expect("a count").get(0)
}

db_test!(ten_thousand_survive_a_kill, async |db| {
    let seed = Seed::of(&db).await;
    let connections = connected(&seed, 50).await;
    let copies = sql(COPIES).bind(connections[0].id.as_str());
    (&mut db.store.db()).run(copies).await.unwrap();
    let all = ConnectionQuery::default();
    let run = begin(&seed, &all, 10_000, RevokeReason::Leaving).await;
    let keys = tempfile::tempdir().unwrap();
    let key_file = keys.path().join("key");
    std::fs::write(&key_file, KEY).unwrap();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let private = std::fs::Permissions::from_mode(0o600);
        std::fs::set_permissions(&key_file, private).unwrap();
    }

    let place = db.stop().await;
    let server = Server::on(&place.url, &key_file);
    let file = place.file();
    let mut half = 0;
    for _ in 0..3000 {
        half = revoked_so_far(&place.url, file.as_deref()).await;
        if half > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    server.kill();
    let db = Database::again(place.clone()).await;
    let half_now = count(&db.store, "SELECT COUNT(*) AS many FROM revocations").await;
    assert!(half > 0 && half_now < 10_000, "{half}, then {half_now}");
    let counts = db.store.bulk_counts(&run.id).await.unwrap();
    assert_eq!(
        (
            i64::try_from(counts.revoked).unwrap(),
            counts.done() + counts.waiting
        ),
        (half_now, 10_000),
        "a batch counts whole or not at all"
    );

    let open = db.store.open_bulk_revocations().await.unwrap();
    assert_eq!(open.len(), 1, "whoever comes next finds it");
    work_off(&db.store, &open[0]).await;
    let expected = BulkCounts {
        revoked: 10_000,
        ..BulkCounts::default()
    };
    assert_eq!(db.store.bulk_counts(&run.id).await.unwrap(), expected);
    assert!(db.store.open_bulk_revocations().await.unwrap().is_empty());
    for (what, expected) in [
        ("SELECT COUNT(*) AS many FROM revocations", 10_000),
        (
            "SELECT COUNT(DISTINCT connection_id) AS many FROM revocations",
            10_000,
        ),
        (
            "SELECT COUNT(*) AS many FROM connections WHERE status = 'revoked' AND generation = 2",
            10_000,
        ),
        (
            "SELECT COUNT(*) AS many FROM connection_events WHERE what LIKE '%\"kind\":\"revoked\"%'",
            10_000,
        ),
        (
            "SELECT COUNT(*) AS many FROM revocations WHERE upstream = 'waiting'",
            50,
        ),
        (
            "SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connections.revoked_in_bulk'",
            1,
        ),
        (
            "SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connection.revoked'",
            0,
        ),
    ] {
        assert_eq!(count(&db.store, what).await, expected, "{what}");
    }
});
