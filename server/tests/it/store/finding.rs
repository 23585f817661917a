//! Connections found: by words, by each filter and by several, without reading the others.

use crate::support::databases::Database;
use crate::support::seed::{HOUR, Seed, admin, new_provider};
use app::wire::{BrokenReason, ConnectionState, Counted, ListCounts};
use server::domain::{Connection, EndUser, Owner, ProviderId, Timestamp};
use server::jobs::write_missing_words;
use server::store::db::{Runs, sql};
use server::store::{ConnectionQuery, HandOut, Marked, NewConnection, NewProvider, Unused};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DAY: Duration = Duration::from_hours(24);

fn words(words: &str) -> ConnectionQuery {
    ConnectionQuery {
        words: words.to_owned(),
        ..ConnectionQuery::default()
    }
}

impl Seed {
    /// Owners of all that a query finds, after its counts said the same.
    async fn finds(&self, query: ConnectionQuery) -> Vec<String> {
        let query = ConnectionQuery {
            limit: 200,
            ..query
        };
        let application = &self.application.id;
        let found = self.store.connections(application, &query).await.unwrap();
        let mut owners: Vec<_> = found
            .rows
            .iter()
            .map(|row| row.owner.id().to_owned())
            .collect();
        owners.sort();
        if query.state.is_none() {
            let counts = self.counts(&query).await;
            assert_eq!(counts.total().many, owners.len() as u64, "{query:?}");
        }
        owners
    }

    async fn counts(&self, query: &ConnectionQuery) -> ListCounts {
        let list = self.store.list(&self.application.id, query).await.unwrap();
        list.counts().await.unwrap()
    }

    /// How a database finds a page, a line for each step.
    async fn plan(&self, db: &Database, query: &ConnectionQuery) -> String {
        let list = db.store.list(&self.application.id, query).await.unwrap();
        let explained = list.statement().await.unwrap().explained(db.store.db());
        let column = if db.is_shared() {
            "QUERY PLAN"
        } else {
            "detail"
        };
        let steps = db.store.db().rows(explained).await.unwrap();
        let steps: Vec<_> = steps.iter().map(|row| row.text(column).unwrap()).collect();
        steps.join("\n")
    }

    async fn person(&self, id: &str, name: &str, email: &str, account: &str) -> Connection {
        let new = NewConnection {
            end_user: EndUser {
                id: id.to_owned(),
                name: Some(name.to_owned()),
                email: Some(email.to_owned()),
            },
            ..self.brought(Owner::Personal(id.to_owned()), id, account)
        };
        self.finish(&new, None).await.expect("a connection")
    }
}

async fn run(db: &Database, statement: &'static str) {
    db.store.db().run(sql(statement)).await.unwrap();
}

db_test!(a_search_finds_the_beginnings_of_words, async |db| {
    let seed = Seed::of(&db).await;
    let dana = seed
        .person(
            "user_2291",
            "Dana Whitfield",
            "dana.w@northwind.example",
            "005xx0001",
        )
        .await;
    seed.person(
        "user_2292",
        "Zoë Müller-Strauß",
        "zoe@contoso.example",
        "50%_off",
    )
    .await;
    let stranger = Seed::of(&db).await;
    stranger
        .person(
            "user_2291",
            "Dana Whitfield",
            "dana.w@northwind.example",
            "005xx0001",
        )
        .await;
    let mut labelled = seed.read(&dana.id).await;
    labelled.label = Some("Quarterly sync".to_owned());
    db.store
        .describe_connection(&labelled, admin())
        .await
        .unwrap();

    let (dana, zoe) = ("user_2291", "user_2292");
    let id = labelled.id.to_string();
    for (typed, expected) in [
        ("dana", &[dana][..]),
        ("DANA whit", &[dana]),
        ("whitfield dana", &[dana]),
        ("dana müller", &[]),
        ("northwind", &[dana]),
        ("dana.w@north", &[dana]),
        ("w@northwind.example", &[dana]),
        ("user_22", &[dana, zoe]),
        ("example", &[dana, zoe]),
        ("example dana", &[dana]),
        ("005xx", &[dana]),
        (&id, &[dana]),
        (&id.to_lowercase()[..12], &[dana]),
        ("quarterly", &[dana]),
        ("Zoe", &[zoe]),
        ("strauss", &[zoe]),
        ("MULLER", &[zoe]),
        ("50%", &[zoe]),
        ("%", &[]),
        ("_", &[]),
        ("a%a", &[]),
        ("ana", &[]),
        ("\0dana", &[dana]),
        ("' OR 1=1 --", &[]),
        ("   ", &[dana, zoe]),
    ] {
        assert_eq!(seed.finds(words(typed)).await, expected, "{typed:?}");
    }
});

db_test!(words_follow_what_they_are_of, async |db| {
    let seed = Seed::of(&db).await;
    let mia = seed.person("mia", "Mia", "mia@old.example", "acct-1").await;
    assert_eq!(seed.finds(words("old")).await, ["mia"]);
    seed.person("mia", "Mia Nowak", "mia@new.example", "acct-1")
        .await;
    assert_eq!(seed.finds(words("old")).await, [""; 0], "renewed");
    assert_eq!(seed.finds(words("nowak new")).await, ["mia"]);
    let mut now = seed.read(&mia.id).await;
    for label in [Some("First"), Some("Second"), None] {
        now.label = label.map(str::to_owned);
        db.store.describe_connection(&now, admin()).await.unwrap();
        let second = usize::from(label == Some("Second"));
        assert_eq!(seed.finds(words("second")).await.len(), second);
        assert!(seed.finds(words("first second")).await.is_empty());
    }
});

db_test!(
    what_the_release_before_wrote_is_found_before_and_after_the_job,
    async |db| {
        let seed = Seed::of(&db).await;
        for number in 0..120 {
            seed.connect(&format!("person-{number:03}")).await;
        }
        let hand_out = HandOut {
            organization: seed.application.organization.clone(),
            connection: seed.connect("person-000").await.id,
            provider: seed.provider.id.clone(),
            api_key: seed.key.id.clone(),
            minute: db.store.now(),
            last_at: db.store.now(),
            times: 1,
        };
        db.store.count_hand_outs(&[hand_out]).await.unwrap();
        run(&db, "DELETE FROM connection_words").await;
        run(&db, "UPDATE connections SET words_at = NULL, used_on = 0").await;
        let unused = || ConnectionQuery {
            unused: Some(Unused::Ever),
            ..ConnectionQuery::default()
        };
        assert_eq!(seed.finds(words("person-007")).await, ["person-007"]);
        assert_eq!(seed.finds(words("PERSON-007 acme.example")).await.len(), 1);
        assert_eq!(seed.finds(unused()).await.len(), 119);

        // it was renewed there: what its words say is no longer so
        run(&db, "UPDATE connections SET words_at = connected_at - 1, search_text = 'renewed there' WHERE owner_id = 'person-001'").await;
        assert_eq!(seed.finds(words("renewed")).await, ["person-001"]);

        let ended = CancellationToken::new();
        ended.cancel();
        write_missing_words(db.store.clone(), ended).await.unwrap();
        assert_eq!(
            db.store.write_missing_words().await.unwrap(),
            10,
            "some at a time"
        );
        let found = seed.finds(words("person-0")).await;
        let others = found.iter().filter(|one| *one != "person-001");
        assert_eq!(others.count(), 99);
        write_missing_words(db.store.clone(), CancellationToken::new())
            .await
            .unwrap();
        assert_eq!(db.store.write_missing_words().await.unwrap(), 0);
        assert_eq!(seed.finds(words("007")).await, ["person-007"]);
        assert_eq!(seed.finds(words("renewed")).await, [""; 0]);
        assert_eq!(seed.finds(unused()).await.len(), 119);
    }
);

/// Six connections that differ in all that a list can be narrowed to.
async fn mixed(db: &Database) -> (Seed, ProviderId) {
    let seed = Seed::of(db).await;
    let other = NewProvider {
        slug: "second".parse().unwrap(),
        ..new_provider("house")
    };
    let other = db
        .store
        .create_provider(&seed.application, other, admin())
        .await
        .unwrap();
    let second = Seed {
        provider: other.clone(),
        ..seed.clone()
    };
    let old = seed.connect("old").await;
    db.clock
        .advance(i64::try_from(DAY.as_millis() * 40).unwrap());
    let broken = second.connect("broken").await;
    let lost = seed.connect("lost").await;
    second.connect("second").await;
    let team = Owner::Team("team-7".to_owned());
    seed.finish(&seed.brought(team, "lead", "acct-7"), None)
        .await
        .expect("a connection");
    seed.connect("renewed").await;
    for (connection, reason) in [
        (&broken, BrokenReason::NoRefreshToken),
        (&lost, BrokenReason::Unreadable),
    ] {
        db.store
            .break_without_refresh(connection, reason)
            .await
            .unwrap();
    }
    let used = |connection: &Connection, at: Timestamp| HandOut {
        organization: connection.organization.clone(),
        connection: connection.id.clone(),
        provider: connection.provider.clone(),
        api_key: seed.key.id.clone(),
        minute: at,
        last_at: at,
        times: 1,
    };
    let now = db.store.now();
    let counted = [used(&old, now - DAY * 35), used(&broken, now)];
    db.store.count_hand_outs(&counted).await.unwrap();
    (seed, other.id)
}

db_test!(each_filter_narrows_alone_and_with_the_others, async |db| {
    let (seed, other) = mixed(&db).await;
    let now = db.store.now();
    let all = ConnectionQuery::default;
    let state = |state| ConnectionQuery {
        state: Some(state),
        ..all()
    };
    let reason = |reason| ConnectionQuery {
        reason: Some(reason),
        ..all()
    };
    let of_other = || ConnectionQuery {
        provider: Some(other.clone()),
        ..all()
    };
    let unused = |unused| ConnectionQuery {
        unused: Some(unused),
        ..all()
    };
    let granted = server::domain::Scopes::new(["contacts.read"]).unwrap();
    for (query, expected) in [
        (
            all(),
            &["broken", "lost", "old", "renewed", "second", "team-7"][..],
        ),
        (
            state(ConnectionState::ReconnectRequired),
            &["broken", "lost"],
        ),
        (
            state(ConnectionState::Active),
            &["old", "renewed", "second", "team-7"],
        ),
        (state(ConnectionState::Degraded), &[]),
        (reason(BrokenReason::NoRefreshToken), &["broken"]),
        (reason(BrokenReason::StaleAfterRestore), &[]),
        (of_other(), &["broken", "second"]),
        (
            ConnectionQuery {
                connected_until: Some(now - DAY * 30),
                ..all()
            },
            &["old"],
        ),
        (
            unused(Unused::Ever),
            &["lost", "renewed", "second", "team-7"],
        ),
        (unused(Unused::Since(now - DAY * 30)), &["old"]),
        (unused(Unused::Since(now - DAY * 38)), &[]),
        (
            ConnectionQuery {
                reason: Some(BrokenReason::NoRefreshToken),
                words: "broken".to_owned(),
                owner_kind: Some("personal".to_owned()),
                ..of_other()
            },
            &["broken"],
        ),
        (
            ConnectionQuery {
                reason: Some(BrokenReason::Unreadable),
                ..of_other()
            },
            &[],
        ),
        (
            ConnectionQuery {
                words: "acme".to_owned(),
                unused: Some(Unused::Ever),
                marked: vec![Marked::Granted(vec![(other.clone(), granted.clone())])],
                ..all()
            },
            &["second"],
        ),
        (
            ConnectionQuery {
                team: Some("team-7".to_owned()),
                words: "acct".to_owned(),
                owner_kind: Some("team".to_owned()),
                ..all()
            },
            &["team-7"],
        ),
    ] {
        assert_eq!(seed.finds(query.clone()).await, expected, "{query:?}");
    }
});

db_test!(a_search_pages_both_ways_while_others_connect, async |db| {
    let seed = Seed::of(&db).await;
    for number in 0..9 {
        seed.connect(&format!("mia-{number}")).await;
        seed.connect(&format!("other-{number}")).await;
        db.clock.advance(1000);
    }
    let page = async |cursor: String| {
        let query = ConnectionQuery {
            cursor,
            limit: 4,
            ..words("mia")
        };
        let found = seed.store.connections(&seed.application.id, &query).await;
        let found = found.unwrap();
        let people: Vec<_> = found
            .rows
            .iter()
            .map(|row| row.owner.id().to_owned())
            .collect();
        (people, found.previous, found.next)
    };
    let (first, previous, next) = page(String::new()).await;
    assert_eq!(first, ["mia-8", "mia-7", "mia-6", "mia-5"]);
    assert_eq!(previous, None);
    seed.connect("mia-late").await;
    let (second, previous, next) = page(next.unwrap()).await;
    assert_eq!(second, ["mia-4", "mia-3", "mia-2", "mia-1"]);
    assert_eq!(page(previous.unwrap()).await.0, first);
    let (last, _, end) = page(next.unwrap()).await;
    assert_eq!((last, end), (vec!["mia-0".to_owned()], None));
});

/// Rows as the database itself makes them: `more` times each one that is there.
async fn multiply(db: &Database, more: i64) {
    let numbers = if db.is_shared() {
        "generate_series($1::bigint, $2::bigint) AS numbers (n)"
    } else {
        "(WITH RECURSIVE numbers (n) AS (SELECT $1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $2) SELECT n FROM numbers) AS numbers"
    };
    let columns = "organization_id, application_id, provider_id, owner_kind, end_user_id, tags, scopes_asked, scopes_granted, \
        inputs, metadata, client_id, redirect_uri, status, status_since, generation, has_refresh_token, token_type, lease_epoch, \
        fail_count, connected_at, updated_at, words_at, search_text";
    let rows = format!(
        "INSERT INTO connections (id, owner_id, created_at, {columns}) SELECT id || n, owner_id || '-' || n, created_at - n, \
         {columns} FROM connections CROSS JOIN {numbers} WHERE LENGTH(id) = {ORIGINAL}"
    );
    let words = format!(
        "INSERT INTO connection_words (organization_id, application_id, word, created_at, connection_id) \
         SELECT organization_id, application_id, word, created_at - n, connection_id || n FROM connection_words CROSS JOIN {numbers}
         WHERE LENGTH(connection_id) = {ORIGINAL}"
    );
    // statements are constants everywhere else
    let statements = [rows, words].map(|text| sql(String::leak(text)));
    // some at a time, so that a busy machine has done each in time
    for first in (1..=more).step_by(500) {
        for statement in &statements {
            let some = statement.clone().bind(first).bind(more.min(first + 499));
            db.store.db().run(some).await.unwrap();
        }
    }
}

/// Characters of an id that is no copy.
const ORIGINAL: usize = 24;

db_test!(counts_stop_where_nobody_counts_on, async |db| {
    let seed = Seed::of(&db).await;
    seed.connect("mia").await;
    seed.connect("bo").await;
    multiply(&db, 1500).await;
    let application = &seed.application.id;
    let exact = db.store.connection_counts(application).await.unwrap();
    assert_eq!(exact.active, 3002);
    for query in [ConnectionQuery::default(), words("acme"), words("mia")] {
        let counts = seed.counts(&query).await;
        let many = Counted {
            many: Counted::MOST,
            more: true,
        };
        assert_eq!(counts.active, many, "{query:?}");
        let page = db.store.connections(application, &query).await.unwrap();
        assert!(page.next.is_some());
    }
    let both = seed.counts(&words("mia bo")).await;
    assert_eq!(both.total().many, 0);
});

db_test!(
    what_was_connected_until_a_moment_is_counted_to_its_end,
    async |db| {
        let seed = Seed::of(&db).await;
        seed.connect("mia").await;
        seed.connect("bo").await;
        multiply(&db, 2100).await;
        let until = db.store.now();
        let later = "UPDATE connections SET status = 'reconnect_required', created_at = created_at + 1000000, \
             connected_at = connected_at + 1000000, words_at = words_at + 1000000 WHERE owner_id LIKE 'bo%' AND owner_id NOT IN ('bo-1', 'bo-2', 'bo-3')";
        let before = "UPDATE connections SET status = 'reconnect_required' WHERE owner_id IN ('bo-1', 'bo-2', 'bo-3')";
        for table in [later, before] {
            run(&db, table).await;
        }
        let query = ConnectionQuery {
            connected_until: Some(until),
            ..words("acme")
        };
        let counts = seed.counts(&query).await;
        let three = Counted {
            many: 3,
            more: false,
        };
        assert_eq!(counts.reconnect_required, three, "none of those after them");
        assert_eq!(counts.active.many, Counted::MOST);
    }
);

db_test!(a_rare_state_hides_no_count_of_the_others, async |db| {
    let seed = Seed::of(&db).await;
    seed.connect("bo").await;
    multiply(&db, 2500).await;
    let old = "'bo-2495', 'bo-2496', 'bo-2497', 'bo-2498', 'bo-2499', 'bo-2500'";
    let team = format!(
        "UPDATE connections SET owner_kind = 'team', owner_id = 'team-9' WHERE owner_id IN ({old})"
    );
    let broken = format!(
        "UPDATE connections SET status = 'reconnect_required' WHERE owner_id IN ('bo-1', 'bo-2', 'bo-3', {old})"
    );
    // the team's own: two of six are not broken
    let well = "UPDATE connections SET status = 'active' WHERE owner_id IN ('bo-2499', 'bo-2500')";
    for statement in [&broken, well, &team] {
        run(&db, String::leak(statement.to_owned())).await;
    }
    let query = ConnectionQuery {
        state: Some(ConnectionState::ReconnectRequired),
        team: Some("team-9".to_owned()),
        ..ConnectionQuery::default()
    };
    let counts = seed.counts(&query).await;
    let exactly = |many| Counted { many, more: false };
    assert_eq!(counts.reconnect_required, exactly(4));
    assert_eq!(counts.active, exactly(2));
});

db_test!(
    a_word_of_many_is_found_behind_newer_ones_without_it,
    async |db| {
        let seed = Seed::of(&db).await;
        seed.connect("mia").await;
        seed.connect("bo").await;
        multiply(&db, 2500).await;
        for table in [
            "UPDATE connections SET created_at = created_at + 100000 WHERE owner_id LIKE 'bo%'",
            "UPDATE connection_words SET created_at = created_at + 100000 WHERE connection_id IN (SELECT id FROM connections WHERE owner_id LIKE 'bo%')",
        ] {
            db.store.db().run(sql(table)).await.unwrap();
        }
        let application = &seed.application.id;
        let mut query = ConnectionQuery {
            limit: 50,
            ..words("mia")
        };
        let mut seen = 0;
        let mut newest = i64::MAX;
        for _ in 0..3 {
            let page = db.store.connections(application, &query).await.unwrap();
            assert!(
                page.rows
                    .iter()
                    .all(|row| row.owner.id().starts_with("mia"))
            );
            for row in &page.rows {
                assert!(row.created_at.millis() <= newest, "the newest first");
                newest = row.created_at.millis();
            }
            seen += page.rows.len();
            query.cursor = page.next.expect("there are more");
        }
        assert_eq!(seen, 150);
        let counts = seed.counts(&query).await;
        assert!(counts.active.more && counts.active.many > 0, "{counts:?}");
        assert_eq!(counts.degraded, Counted::default());
    }
);

db_test!(a_word_that_nobody_has_reads_no_table, async |db| {
    let seed = Seed::of(&db).await;
    seed.connect("mia").await;
    multiply(&db, 2000).await;
    // as an update leaves them, and as the database remembers them when they have their words
    run(&db, "UPDATE connections SET words_at = NULL").await;
    if db.is_shared() {
        // SQLite remembers nothing by itself
        run(&db, "ANALYZE").await;
    }
    let query = words("nobody");
    for (written, reads_others) in [
        (
            "UPDATE connections SET words_at = connected_at WHERE owner_id <> 'mia'",
            true,
        ),
        ("UPDATE connections SET words_at = connected_at", false),
    ] {
        run(&db, written).await;
        let plan = seed.plan(&db, &query).await;
        let led = plan.contains("connections_without_words");
        assert_eq!(led, reads_others, "{plan}");
        assert!(!plan.contains("Seq Scan on connections"), "{plan}");
    }
});

#[tokio::test]
async fn what_all_have_is_looked_for_in_the_order_of_the_list() {
    let db = Database::postgres().await;
    let seed = Seed::of(&db).await;
    seed.connect("mia").await;
    multiply(&db, 2400).await;
    let several = || ConnectionQuery {
        provider: Some(seed.provider.id.clone()),
        owner_kind: Some("personal".to_owned()),
        state: Some(ConnectionState::Active),
        unused: Some(Unused::Ever),
        ..ConnectionQuery::default()
    };
    // of a table that it has never looked at, PostgreSQL believes that it has few rows
    run(&db, "ANALYZE").await;
    let both = ConnectionQuery {
        words: "mia".to_owned(),
        ..several()
    };
    for query in [words("mia"), several(), both] {
        let plan = seed.plan(&db, &query).await;
        assert!(!plan.contains("Sort"), "{query:?}\n{plan}");
    }
    db.stop().await.remove().await;
}

#[tokio::test]
async fn no_list_reads_what_it_does_not_show() {
    let db = Database::sqlite().await;
    let (seed, other) = mixed(&db).await;
    // once with few candidates for each filter, once with many
    for many in [false, true] {
        if many {
            multiply(&db, 2400).await;
        }
        let now = db.store.now();
        let all = ConnectionQuery::default;
        let state = |state| ConnectionQuery {
            state: Some(state),
            ..all()
        };
        for query in [
            all(),
            words("mia"),
            words("acme renewed"),
            state(ConnectionState::Active),
            state(ConnectionState::Degraded),
            state(ConnectionState::ReconnectRequired),
            ConnectionQuery {
                provider: Some(other.clone()),
                ..all()
            },
            ConnectionQuery {
                reason: Some(BrokenReason::NoRefreshToken),
                ..all()
            },
            ConnectionQuery {
                owner_kind: Some("team".to_owned()),
                ..all()
            },
            ConnectionQuery {
                team: Some("team-7".to_owned()),
                ..all()
            },
            ConnectionQuery {
                connected_until: Some(now - HOUR),
                ..all()
            },
            ConnectionQuery {
                unused: Some(Unused::Ever),
                ..all()
            },
            ConnectionQuery {
                unused: Some(Unused::Since(now - HOUR)),
                ..all()
            },
            ConnectionQuery {
                provider: Some(other.clone()),
                state: Some(ConnectionState::Active),
                owner_kind: Some("personal".to_owned()),
                ..words("acme")
            },
        ] {
            let plan = seed.plan(&db, &query).await;
            for step in plan.lines() {
                // those without words are none
                let wordless = step.ends_with("USING INDEX connections_without_words");
                let found = ["SCAN entries", "SCAN found", "SCAN page"].contains(&step);
                let scans = step.starts_with("SCAN") && !found;
                assert!(!scans || wordless, "{query:?}\n{plan}");
                let everything = step.ends_with("(application_id=?)");
                let in_order = step.contains("connections_list");
                assert!(!everything || in_order, "{query:?}\n{plan}");
            }
            assert!(
                plan.contains("SEARCH connections USING"),
                "{query:?}\n{plan}"
            );
            let sorts = plan.contains("TEMP B-TREE FOR ORDER BY");
            let few = plan.contains("LIST SUBQUERY");
            assert!(!sorts || few, "it is read in its order: {query:?}\n{plan}");
            if many {
                // what each of a thousand has cannot lead
                // nor the word of a thousand that are all newer
                let led = query.team.is_some() || query.words == "mia";
                assert_eq!(few, led, "{query:?}\n{plan}");
            }
        }
    }
}
