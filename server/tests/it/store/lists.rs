//! Lists of connections: pages that neither skip nor repeat, filters, counts.

use crate::support::databases::Database;
use crate::support::seed::{HOUR, Seed, admin, new_provider};
use app::wire::{BrokenReason, ConnectionState, HistoryKind, RevokeReason};
use server::domain::{Connection, Owner};
use server::store::{Account, Acquired, ConnectionQuery, Found, NewConnection, NewProvider};

fn query(limit: i64, cursor: Option<String>) -> ConnectionQuery {
    ConnectionQuery {
        limit,
        cursor: cursor.unwrap_or_default(),
        ..ConnectionQuery::default()
    }
}

fn people(found: &[Connection]) -> Vec<&str> {
    found.iter().map(|one| one.owner.id()).collect()
}

impl Seed {
    async fn page(&self, query: &ConnectionQuery) -> Found {
        self.store
            .connections(&self.application.id, query)
            .await
            .unwrap()
    }

    async fn found(&self, query: ConnectionQuery) -> Vec<String> {
        let found = self.page(&ConnectionQuery { limit: 50, ..query }).await;
        let mut ids: Vec<_> = found
            .rows
            .iter()
            .map(|one| one.owner.id().to_owned())
            .collect();
        ids.sort();
        ids
    }
}

/// `count` connections, `apart` milliseconds between one and the next, the oldest first.
async fn crowd(db: &Database, count: usize, apart: i64) -> Seed {
    let seed = Seed::of(db).await;
    for number in 0..count {
        seed.connect(&format!("person-{number:02}")).await;
        db.clock.advance(apart);
    }
    seed
}

async fn forwards(seed: &Seed, limit: i64) -> (Vec<Connection>, Option<String>) {
    let (mut all, mut cursor, mut back) = (Vec::new(), None, None);
    loop {
        let page = seed.page(&query(limit, cursor)).await;
        assert!(i64::try_from(page.rows.len()).unwrap() <= limit);
        assert_eq!(page.previous.is_some(), !all.is_empty());
        all.extend(page.rows);
        if page.next.is_none() {
            return (all, page.previous.or(back));
        }
        (cursor, back) = (page.next, page.previous);
    }
}

db_test!(
    pages_hold_every_connection_once_in_both_directions,
    async |db| {
        let seed = crowd(&db, 11, 1000).await;
        let (all, mut back) = forwards(&seed, 4).await;
        let expected: Vec<_> = (0..11)
            .rev()
            .map(|number| format!("person-{number:02}"))
            .collect();
        assert_eq!(people(&all), expected, "the newest first");

        let mut backwards = all[8..].to_vec();
        while let Some(cursor) = back {
            let page = seed.page(&query(4, Some(cursor))).await;
            assert!(page.next.is_some());
            back = page.previous;
            backwards.splice(0..0, page.rows);
        }
        assert_eq!(people(&backwards), expected, "and back again");
    }
);

db_test!(
    connections_of_the_same_millisecond_are_not_lost_between_pages,
    async |db| {
        let seed = crowd(&db, 9, 0).await;
        for limit in [1, 2, 4, 9, 10] {
            let (all, _) = forwards(&seed, limit).await;
            let mut ids: Vec<_> = all.iter().map(|one| one.id.clone()).collect();
            assert_eq!(ids.len(), 9, "pages of {limit}");
            ids.dedup();
            assert_eq!(ids.len(), 9, "pages of {limit}");
        }
    }
);

db_test!(
    what_is_connected_between_two_pages_disturbs_neither,
    async |db| {
        let seed = crowd(&db, 6, 1000).await;
        let first = seed.page(&query(3, None)).await;
        seed.connect("late").await;
        let second = seed.page(&query(3, first.next)).await;
        assert_eq!(
            people(&second.rows),
            ["person-02", "person-01", "person-00"]
        );
        assert_eq!(second.next, None);
        let again = seed.page(&query(3, second.previous)).await;
        assert_eq!(people(&again.rows), people(&first.rows));
        let newest = seed.page(&query(3, again.previous)).await;
        assert_eq!(people(&newest.rows), ["late"]);
        assert_eq!(newest.previous, None);
    }
);

db_test!(an_odd_cursor_is_the_first_page, async |db| {
    let seed = crowd(&db, 3, 1000).await;
    for cursor in [
        "x",
        "a",
        "a.1",
        "a.1.nonsense",
        "a.99999999999999999999.con_1",
        "b..",
        "a.1.con_1'--",
        "\u{0}",
    ] {
        let page = seed.page(&query(2, Some(cursor.to_owned()))).await;
        assert_eq!(people(&page.rows), ["person-02", "person-01"], "{cursor}");
    }
    for (limit, rows) in [(-1, 1), (0, 1), (i64::MAX, 3)] {
        assert_eq!(
            seed.page(&query(limit, None)).await.rows.len(),
            rows,
            "{limit}"
        );
    }
});

db_test!(words_find_whoever_they_name, async |db| {
    let seed = Seed::of(&db).await;
    let ada = seed.connect("Ada_100%").await;
    seed.connect("bo").await;
    let team = Owner::Team("Team-Zürich".to_owned());
    seed.finish(&seed.brought(team, "carla", "acct-ÄÖ"), None)
        .await
        .expect("a connection");
    let (session, _) = seed.session(Owner::Personal("bo".to_owned()), "bo").await;
    let flow = seed.flow(&session, None).await;
    db.store.claim_flow(&flow).await.unwrap();
    let again = seed.brought(Owner::Personal("bo".to_owned()), "bo", "bo");
    db.store
        .finish_flow(&flow, &seed.provider, &again, None, Account::Same)
        .await
        .unwrap()
        .expect("bo again");

    let id = ada.id.to_string();
    for (words, expected) in [
        ("", &["Ada_100%", "Team-Zürich", "bo"][..]),
        ("  ADA_100% ", &["Ada_100%"]),
        ("a_1", &[]),
        ("ada_1", &["Ada_100%"]),
        ("b_o", &[]),
        ("%", &[]),
        ("!", &[]),
        ("'; DROP TABLE connections; --", &[]),
        ("bo@acme.example", &["bo"]),
        ("name of carla", &["Team-Zürich"]),
        ("TEAM-ZÜRICH", &["Team-Zürich"]),
        ("acct-äö", &["Team-Zürich"]),
        (&id, &["Ada_100%"]),
        (&flow.support_code.to_lowercase(), &["bo"]),
    ] {
        let found = seed
            .found(ConnectionQuery {
                words: words.to_owned(),
                ..Default::default()
            })
            .await;
        assert_eq!(found, expected, "{words}");
    }
});

db_test!(filters_narrow_the_list_and_its_counts, async |db| {
    let seed = Seed::of(&db).await;
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
    seed.connect("ada").await;
    second.connect("bo").await;
    let team = Owner::Team("team-7".to_owned());
    seed.finish(&seed.brought(team, "ada", "acct-7"), None)
        .await
        .expect("a connection");
    let stranger = Seed::of(&db).await;
    stranger.connect("ada").await;

    let all = ConnectionQuery::default;
    for (query, expected) in [
        (
            ConnectionQuery {
                provider: Some(other.id.clone()),
                ..all()
            },
            &["bo"][..],
        ),
        (
            ConnectionQuery {
                owner_kind: Some("team".to_owned()),
                ..all()
            },
            &["team-7"],
        ),
        (
            ConnectionQuery {
                owner_kind: Some("personal".to_owned()),
                ..all()
            },
            &["ada", "bo"],
        ),
        (
            ConnectionQuery {
                end_user: Some("ada".to_owned()),
                ..all()
            },
            &["ada", "team-7"],
        ),
        (
            ConnectionQuery {
                team: Some("team-7".to_owned()),
                ..all()
            },
            &["team-7"],
        ),
        (
            ConnectionQuery {
                team: Some("ada".to_owned()),
                ..all()
            },
            &[],
        ),
        (
            ConnectionQuery {
                account: Some("acct-7".to_owned()),
                ..all()
            },
            &["team-7"],
        ),
        (
            ConnectionQuery {
                account: Some("bo@provider.example".to_owned()),
                ..all()
            },
            &["bo"],
        ),
        (
            ConnectionQuery {
                account: Some("bo@provider".to_owned()),
                ..all()
            },
            &[],
        ),
    ] {
        assert_eq!(seed.found(query.clone()).await, expected, "{query:?}");
        let list = db.store.list(&seed.application.id, &query).await.unwrap();
        let counts = list.counts().await.unwrap();
        assert_eq!(counts.total().many, expected.len() as u64, "{query:?}");
    }
    let per_provider = db
        .store
        .connections_per_provider(&seed.application.id)
        .await
        .unwrap();
    assert_eq!(per_provider[seed.provider.id.as_str()], 2);
    assert_eq!(per_provider[other.id.as_str()], 1);
    assert_eq!(per_provider.len(), 2);
});

db_test!(states_are_told_apart_and_counted, async |db| {
    let seed = Seed::of(&db).await;
    seed.connect("active").await;
    let degraded = seed.connect("degraded").await;
    let failure = HistoryKind::RefreshFailed {
        class: "unreached".to_owned(),
        status: None,
        code: None,
    };
    let Acquired::Ours(lease, _) = db
        .store
        .acquire_lease(&degraded, "node", HOUR)
        .await
        .unwrap()
    else {
        panic!("the lease is free");
    };
    let next = db.store.now();
    db.store
        .release_lease(&degraded, &lease, true, next, (&failure, None))
        .await
        .unwrap();
    let broken = seed.connect("broken").await;
    db.store
        .break_without_refresh(&broken, BrokenReason::NoRefreshToken)
        .await
        .unwrap();
    let revoked = seed.connect("revoked").await;
    db.store
        .revoke(&revoked, RevokeReason::Asked, "", admin(), true)
        .await
        .unwrap();

    for (state, expected) in [
        (ConnectionState::Active, "active"),
        (ConnectionState::Degraded, "degraded"),
        (ConnectionState::ReconnectRequired, "broken"),
        (ConnectionState::Revoked, "revoked"),
    ] {
        let query = ConnectionQuery {
            state: Some(state),
            ..Default::default()
        };
        assert_eq!(seed.found(query).await, [expected]);
    }
    let counts = db
        .store
        .connection_counts(&seed.application.id)
        .await
        .unwrap();
    let counts = (
        counts.active,
        counts.degraded,
        counts.reconnect_required,
        counts.revoked,
    );
    assert_eq!(counts, (1, 1, 1, 1));
    let live = db
        .store
        .connections_per_provider(&seed.application.id)
        .await
        .unwrap();
    assert_eq!(
        live[seed.provider.id.as_str()],
        3,
        "revoked ones do not count"
    );
});

db_test!(tags_are_found_as_a_whole_and_as_written, async |db| {
    let seed = Seed::of(&db).await;
    for (person, tags) in [
        ("ada", &["VIP", "50%_off"][..]),
        ("bo", &["vip", "a \"b\" \\c"]),
        ("carla", &["vip-2", "größe"]),
    ] {
        let mut connection = seed.connect(person).await;
        connection.tags = tags.iter().map(|&tag| tag.to_owned()).collect();
        connection.label = Some(format!("Label of {person}"));
        db.store
            .describe_connection(&connection, admin())
            .await
            .unwrap();
        let now = seed.read(&connection.id).await;
        assert_eq!((now.tags, now.label), (connection.tags, connection.label));
    }
    for (tag, expected) in [
        ("VIP", &["ada"][..]),
        ("vip", &["bo"]),
        ("50%_off", &["ada"]),
        ("50__off", &[]),
        ("a \"b\" \\c", &["bo"]),
        ("größe", &["carla"]),
        ("vi", &[]),
    ] {
        let query = ConnectionQuery {
            tag: Some(tag.to_owned()),
            ..Default::default()
        };
        assert_eq!(seed.found(query).await, expected, "{tag}");
    }
});

db_test!(an_owners_connections_that_work_come_first, async |db| {
    let seed = Seed::of(&db).await;
    let owner = Owner::Personal("mia".to_owned());
    let mut connections = Vec::new();
    for account in ["a", "b", "c", "d"] {
        let new: NewConnection = seed.brought(owner.clone(), "mia", account);
        connections.push(seed.finish(&new, None).await.expect("a connection"));
        db.clock.advance(1000);
    }
    db.store
        .break_without_refresh(&connections[3], BrokenReason::Unreadable)
        .await
        .unwrap();
    db.store
        .revoke(&connections[2], RevokeReason::Asked, "", admin(), true)
        .await
        .unwrap();
    let found = db
        .store
        .connections_of_owner(&seed.provider.id, &owner)
        .await
        .unwrap();
    let accounts: Vec<_> = found
        .iter()
        .filter_map(|one| one.account_id.as_deref())
        .collect();
    assert_eq!(accounts, ["b", "a", "d"]);
    let team = Owner::Team("mia".to_owned());
    assert!(
        db.store
            .connections_of_owner(&seed.provider.id, &team)
            .await
            .unwrap()
            .is_empty()
    );
});

db_test!(
    another_applications_connection_is_like_a_made_up_one,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let stranger = Seed::of(&db).await;
        for id in [connection.id.as_str(), "con_00000000000000000000", "'", ""] {
            let foreign = db
                .store
                .connection(&stranger.application.id, id)
                .await
                .unwrap();
            assert!(foreign.is_none(), "{id}");
            let foreign = db
                .store
                .connection_with_tokens(&stranger.application.id, id)
                .await
                .unwrap();
            assert!(foreign.is_none(), "{id}");
        }
        let own = db
            .store
            .connection(&seed.application.id, connection.id.as_str())
            .await
            .unwrap();
        assert_eq!(own.expect("its own").id, connection.id);
        assert_eq!(stranger.page(&query(50, None)).await.rows.len(), 0);
    }
);
