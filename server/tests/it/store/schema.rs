//! Two migration folders, one schema.

use crate::support::databases::{Database, KEY, Place};
use crate::support::seed::{HOUR, Seed};
use server::store::Store;
use server::store::db::{Runs, sql};
use sqlx::{Connection, Executor, PgConnection};
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::time::{Instant, sleep};

const SQLITE_COLUMNS: &str = "SELECT m.name AS one, p.name AS other, \
    CASE WHEN p.\"notnull\" = 1 OR p.pk > 0 THEN 'not null' ELSE 'null' END AS third \
    FROM sqlite_master m JOIN pragma_table_info(m.name) p \
    WHERE m.type = 'table' AND m.name NOT LIKE 'sqlite%' AND m.name NOT LIKE '%sqlx%'";
const POSTGRES_COLUMNS: &str = "SELECT table_name::text AS one, column_name::text AS other, \
    CASE WHEN is_nullable = 'NO' THEN 'not null' ELSE 'null' END AS third \
    FROM information_schema.columns WHERE table_schema = current_schema() AND table_name NOT LIKE '%sqlx%'";

const SQLITE_INDEXES: &str = "SELECT m.tbl_name AS one, m.name AS other, \
    (SELECT group_concat(name) FROM (SELECT name FROM pragma_index_info(m.name) ORDER BY seqno)) AS third \
    FROM sqlite_master m WHERE m.type = 'index' AND m.name NOT LIKE 'sqlite%'";
/// But for hash indexes, of which SQLite has none.
const POSTGRES_INDEXES: &str = "SELECT t.relname::text AS one, c.relname::text AS other, \
    (SELECT string_agg(a.attname, ',' ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = c.oid) AS third \
    FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_class t ON t.oid = i.indrelid \
    JOIN pg_namespace n ON n.oid = t.relnamespace JOIN pg_am m ON m.oid = c.relam AND m.amname <> 'hash' \
    WHERE n.nspname = current_schema() AND NOT i.indisprimary AND NOT i.indisunique";

const SQLITE_REFERENCES: &str = "SELECT m.name AS one, f.\"from\" AS other, f.\"table\" || ' ' || f.on_delete AS third \
    FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f WHERE m.type = 'table'";
const POSTGRES_REFERENCES: &str = "SELECT t.relname::text AS one, a.attname::text AS other, r.relname::text || ' ' || \
    CASE c.confdeltype WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' ELSE 'NO ACTION' END AS third \
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_class r ON r.oid = c.confrelid \
    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey) WHERE c.contype = 'f'";

type Facts = BTreeSet<(String, String, String)>;

async fn facts(store: &Store, query: &'static str) -> Facts {
    let rows = store.db().rows(sql(query)).await.unwrap();
    let text = |row: &server::store::db::Row, column| row.text(column).unwrap();
    rows.iter()
        .map(|row| (text(row, "one"), text(row, "other"), text(row, "third")))
        .collect()
}

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let (sqlite, postgres) = (Database::sqlite().await, Database::postgres().await);
    for (there, here, at_least) in [
        (SQLITE_COLUMNS, POSTGRES_COLUMNS, 150),
        (SQLITE_INDEXES, POSTGRES_INDEXES, 10),
        (SQLITE_REFERENCES, POSTGRES_REFERENCES, 15),
    ] {
        let there = facts(&sqlite.store, there).await;
        let here = facts(&postgres.store, here).await;
        let only_sqlite: Vec<_> = there.difference(&here).collect();
        let only_postgres: Vec<_> = here.difference(&there).collect();
        assert!(
            only_sqlite.is_empty() && only_postgres.is_empty(),
            "only on SQLite: {only_sqlite:?}\nonly on PostgreSQL: {only_postgres:?}"
        );
        assert!(there.len() > at_least, "{there:?}");
    }
    let place = postgres.stop().await;
    place.remove().await;
}

async fn migrating_twice_changes_nothing(place: Place) {
    let (store, lock) = place.open(KEY).await.expect("a new database");
    let applied = sql("SELECT version, installed_on FROM _sqlx_migrations ORDER BY version");
    let before: Vec<_> = rows(&store, applied.clone()).await;
    store.close().await;
    drop(lock);
    let (store, _lock) = place.open(KEY).await.expect("the same database");
    assert_eq!(rows(&store, applied).await, before);
    let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations/sqlite"));
    assert_eq!(before.len(), files.expect("the folder").count());
    store.close().await;
    place.remove().await;
}

async fn rows(
    store: &Store,
    statement: server::store::db::Statement,
) -> Vec<Vec<(String, Vec<u8>)>> {
    let rows = store.db().rows(statement).await.unwrap();
    rows.iter().map(server::store::db::Row::dump).collect()
}

#[tokio::test]
async fn migrating_twice_changes_nothing_on_sqlite() {
    migrating_twice_changes_nothing(Place::sqlite()).await;
}

#[tokio::test]
async fn migrating_twice_changes_nothing_on_postgres() {
    migrating_twice_changes_nothing(Place::postgres().await).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn nodes_that_start_at_once_migrate_once() {
    let place = Place::postgres().await;
    let opened = tokio::join!(place.open(KEY), place.open(KEY), place.open(KEY));
    for opened in [opened.0, opened.1, opened.2] {
        let (store, _lock) = opened.expect("the new database");
        store.ping().await.expect("an answer");
        store.close().await;
    }
    place.remove().await;
}

/// Longer than a node waits for anything else.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_migration_waits_until_others_are_done_and_holds_nobody_up() {
    let place = Database::postgres().await.stop().await;
    let mut other = PgConnection::connect(&place.url).await.unwrap();
    other.execute("BEGIN").await.unwrap();
    let lock = "LOCK TABLE _sqlx_migrations IN ACCESS EXCLUSIVE MODE";
    other.execute(lock).await.unwrap();
    let began = Instant::now();
    let done = async {
        sleep(Duration::from_secs(4)).await;
        other.execute("COMMIT").await
    };
    let (opened, done) = tokio::join!(place.open(KEY), done);
    done.unwrap();
    opened.map(drop).expect("opened after all");
    let took = began.elapsed();
    assert!(took >= Duration::from_secs(4), "it waited: {took:?}");
    assert!(took < Duration::from_secs(8), "{took:?}");
    place.remove().await;
}

/// What migration 3 added to connections.
const YOUNGER: [&str; 3] = ["look_at", "claimed_until", "token_set_at"];

db_test!(
    what_the_release_before_stores_is_found_by_this_one,
    async |db| {
        let seed = Seed::of(&db).await;
        let known = seed.connect("mia").await;
        let columns = if db.is_shared() {
            POSTGRES_COLUMNS
        } else {
            SQLITE_COLUMNS
        };
        let older: Vec<String> = facts(&db.store, columns)
            .await
            .into_iter()
            .filter(|(table, column, _)| {
                table == "connections" && column != "id" && !YOUNGER.contains(&column.as_str())
            })
            .map(|(_, column, _)| column)
            .collect();
        let older = older.join(", ");
        let insert = format!(
            "INSERT INTO connections (id, {older}) SELECT 'con_older', {older} FROM connections WHERE id = $1"
        );
        // statements are constants everywhere else
        let insert = sql(String::leak(insert)).bind(known.id.as_str());
        assert_eq!(db.store.db().run(insert).await.unwrap(), 1);

        let row = sql(
            "SELECT look_at, claimed_until, token_set_at FROM connections WHERE id = 'con_older'",
        );
        let row = db.store.db().row(row).await.unwrap().expect("the row");
        let found = YOUNGER.map(|column| row.maybe_int(column).unwrap());
        assert_eq!(found, [Some(0), None, None]);
        let claimed = db
            .store
            .claim_looks(&known.provider, 10, HOUR)
            .await
            .unwrap();
        let claimed: Vec<_> = claimed.iter().map(|one| one.id.as_str()).collect();
        assert_eq!(
            claimed,
            ["con_older"],
            "looked at at once, to find out when"
        );
    }
);
