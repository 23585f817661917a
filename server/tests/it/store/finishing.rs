//! The end of a flow: a new connection, a renewed one, or none.

use crate::support::databases::Database;
use crate::support::seed::{Seed, admin, new_provider};
use crate::support::together::together;
use app::wire::{HistoryKind, RevokeReason};
use server::domain::{Connection, FlowStatus, Owner, Status};
use server::store::db::{Runs, sql};
use server::store::{Account, NewConnection, NewProvider, OwnerConflict, SecondConnection};

fn mia() -> Owner {
    Owner::Personal("mia".to_owned())
}

fn bo() -> Owner {
    Owner::Personal("bo".to_owned())
}

async fn exclusive(db: &Database) -> Seed {
    let provider = NewProvider {
        one_owner_per_account: true,
        ..new_provider("house")
    };
    Seed::with(db, provider).await
}

async fn all(seed: &Seed) -> Vec<Connection> {
    let query = server::store::ConnectionQuery {
        limit: 200,
        ..Default::default()
    };
    seed.store
        .connections(&seed.application.id, &query)
        .await
        .unwrap()
        .rows
}

db_test!(a_new_connection_holds_what_was_brought, async |db| {
    let seed = Seed::of(&db).await;
    let team = Owner::Team("team-7".to_owned());
    let new = seed.brought(team.clone(), "mia", "acct-1");
    let connection = seed.finish(&new, None).await.expect("a connection");

    assert_eq!(connection.owner, team);
    assert_eq!(connection.end_user, new.end_user);
    assert_eq!(connection.account_id.as_deref(), Some("acct-1"));
    assert_eq!(connection.account_label, new.account_label);
    assert_eq!(connection.metadata, new.saved.metadata);
    assert_eq!(connection.scopes_granted, new.saved.scopes_granted);
    assert_eq!(
        connection.scopes_asked.join(" "),
        "contacts.read deals.read"
    );
    assert_eq!(connection.inputs["region"], "eu");
    assert_eq!(connection.client_id, "client-1");
    assert_eq!(
        (connection.status, connection.generation),
        (Status::Active, 1)
    );
    assert_eq!(connection.access_token_expires_at, new.saved.expires_at);
    assert_eq!(connection.refresh_due_at, new.saved.refresh_due_at);
    assert_eq!(
        (connection.connected_at, connection.created_at),
        (db.store.now(), db.store.now())
    );
    let (access, refresh) = seed.tokens_of(&connection.id).await;
    assert_eq!(&access, new.saved.tokens.access_token.expose());
    assert_eq!(
        refresh.as_ref(),
        new.saved
            .tokens
            .refresh_token
            .as_ref()
            .map(server::vault::Secret::expose)
    );
    let sha256 = server::vault::sha256(access.as_bytes());
    assert_eq!(connection.access_token_sha256, Some(sha256));

    let history = db
        .store
        .history(&connection.id, None, 10)
        .await
        .unwrap()
        .entries;
    let connected = HistoryKind::Connected {
        by: "Name of mia".to_owned(),
    };
    assert_eq!(
        history
            .into_iter()
            .map(|entry| entry.what)
            .collect::<Vec<_>>(),
        [connected]
    );
});

db_test!(the_same_account_again_renews_the_connection, async |db| {
    let seed = Seed::of(&db).await;
    let first = seed
        .finish(&seed.brought(mia(), "mia", "acct-1"), None)
        .await
        .expect("a connection");
    db.clock.advance(60_000);
    let again = seed.brought(mia(), "mia", "acct-1");
    let renewed = seed.finish(&again, None).await.expect("a connection");
    assert_eq!((&renewed.id, renewed.generation), (&first.id, 2));
    assert_eq!(renewed.created_at, first.created_at);
    assert_eq!(renewed.connected_at, db.store.now());
    assert_eq!(
        &seed.tokens_of(&first.id).await.0,
        again.saved.tokens.access_token.expose()
    );
    let other = seed
        .finish(&seed.brought(mia(), "mia", "acct-2"), None)
        .await
        .expect("a connection");
    assert_ne!(other.id, first.id, "another account is another connection");
});

db_test!(
    a_reconnect_mends_a_broken_connection_and_keeps_its_id,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let reason = app::wire::BrokenReason::NoRefreshToken;
        db.store
            .break_without_refresh(&connection, reason)
            .await
            .unwrap();
        db.clock.advance(60_000);
        let new = seed.brought(mia(), "mia", "mia");
        let renewed = seed
            .finish(&new, Some(&connection.id))
            .await
            .expect("a connection");
        assert_eq!((&renewed.id, renewed.generation), (&connection.id, 2));
        assert_eq!(
            (renewed.status, renewed.broken_reason),
            (Status::Active, None)
        );
        assert_eq!(renewed.status_since, db.store.now());
        let history = db
            .store
            .history(&connection.id, None, 1)
            .await
            .unwrap()
            .entries;
        assert_eq!(
            history[0].what,
            HistoryKind::Reconnected {
                by: "Name of mia".to_owned()
            }
        );
    }
);

db_test!(
    a_reconnect_with_another_account_changes_nothing,
    async |db| {
        let seed = Seed::of(&db).await;
        let connection = seed.connect("mia").await;
        let before = seed.tokens_of(&connection.id).await;
        let nameless = NewConnection {
            account_id: None,
            ..seed.brought(mia(), "mia", "mia")
        };
        for new in [seed.brought(mia(), "mia", "another"), nameless] {
            let refused = seed.finish(&new, Some(&connection.id)).await;
            assert_eq!(refused.err(), Some(OwnerConflict::OtherAccount));
        }
        assert_eq!(seed.tokens_of(&connection.id).await, before);
        assert_eq!(seed.read(&connection.id).await.generation, 1);
        assert_eq!(all(&seed).await.len(), 1);
    }
);

db_test!(a_revoked_connection_is_not_renewed, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    db.store
        .revoke(&connection, RevokeReason::Asked, "", admin(), true)
        .await
        .unwrap();
    let refused = seed
        .finish(&seed.brought(mia(), "mia", "mia"), Some(&connection.id))
        .await;
    assert_eq!(refused.err(), Some(OwnerConflict::Revoked));
    let fresh = seed
        .finish(&seed.brought(mia(), "mia", "mia"), None)
        .await
        .expect("a new start");
    assert_ne!(fresh.id, connection.id);
    assert_eq!(seed.read(&connection.id).await.status, Status::Revoked);
});

db_test!(
    an_account_serves_one_owner_where_the_provider_says_so,
    async |db| {
        let seed = exclusive(&db).await;
        let first = seed
            .finish(&seed.brought(mia(), "mia", "acct-1"), None)
            .await
            .expect("a connection");
        let refused = seed.finish(&seed.brought(bo(), "bo", "acct-1"), None).await;
        assert_eq!(refused.err(), Some(OwnerConflict::AccountAlreadyConnected));
        let team = Owner::Team("mia".to_owned());
        let refused = seed
            .finish(&seed.brought(team, "mia", "acct-1"), None)
            .await;
        assert_eq!(
            refused.err(),
            Some(OwnerConflict::AccountAlreadyConnected),
            "a team is another owner"
        );
        seed.finish(&seed.brought(mia(), "mia", "acct-1"), None)
            .await
            .expect("the same owner again");

        db.store
            .revoke(&first, RevokeReason::Leaving, "", admin(), true)
            .await
            .unwrap();
        seed.finish(&seed.brought(bo(), "bo", "acct-1"), None)
            .await
            .expect("it is free now");
    }
);

db_test!(an_account_serves_several_owners_elsewhere, async |db| {
    let seed = Seed::of(&db).await;
    for owner in [mia(), bo(), Owner::Team("mia".to_owned())] {
        seed.finish(&seed.brought(owner, "mia", "acct-1"), None)
            .await
            .expect("a connection");
    }
    assert_eq!(all(&seed).await.len(), 3);
});

db_test!(of_twenty_owners_at_once_one_gets_the_account, async |db| {
    let seed = exclusive(&db).await;
    let outcomes = together(20, |number| {
        let seed = seed.clone();
        async move {
            let owner = Owner::Personal(format!("person-{number}"));
            seed.finish(&seed.brought(owner, "mia", "acct-1"), None)
                .await
        }
    })
    .await;
    let refused = OwnerConflict::AccountAlreadyConnected;
    let conflicts = outcomes
        .iter()
        .filter(|outcome| outcome.as_ref().err() == Some(&refused));
    assert_eq!(conflicts.count(), 19);
    assert_eq!(all(&seed).await.len(), 1);
});

db_test!(twenty_flows_of_one_owner_make_one_connection, async |db| {
    let seed = Seed::of(&db).await;
    let outcomes = together(20, |_| {
        let seed = seed.clone();
        async move {
            seed.finish(&seed.brought(mia(), "mia", "acct-1"), None)
                .await
                .map(drop)
        }
    })
    .await;
    assert_eq!(outcomes, [Ok(()); 20]);
    let connections = all(&seed).await;
    assert_eq!(connections.len(), 1);
    assert_eq!(connections[0].generation, 20);
    seed.tokens_of(&connections[0].id).await;
});

db_test!(a_flow_that_is_finished_says_which_connection, async |db| {
    let seed = Seed::of(&db).await;
    let (session, _) = seed.session(mia(), "mia").await;
    let flow = seed.flow(&session, None).await;
    db.store.claim_flow(&flow).await.unwrap();
    let new = seed.brought(mia(), "mia", "mia");
    let id = db
        .store
        .finish_flow(&flow, &seed.provider, &new, None, Account::Same)
        .await
        .unwrap()
        .expect("a connection");
    let now = db.store.flow(&flow.id).await.unwrap().expect("the flow");
    assert_eq!(
        (now.status, now.connection),
        (FlowStatus::Connected, Some(id))
    );
});

/// Holds the connection's row while a flow that renews it arrives, and changes it in the meantime.
async fn renewed_while_changing(
    db: &Database,
    change: &'static str,
) -> (Seed, Connection, Result<Connection, OwnerConflict>) {
    let seed = Seed::of(db).await;
    let connection = seed.connect("mia").await;
    let mut tx = db.store.db().begin().await.unwrap();
    tx.run(sql(change).bind(connection.id.as_str()))
        .await
        .unwrap();
    let flow = {
        let (seed, id) = (seed.clone(), connection.id.clone());
        tokio::spawn(async move {
            seed.finish(&seed.brought(mia(), "mia", "mia"), Some(&id))
                .await
        })
    };
    tokio::time::sleep(std::time::Duration::from_millis(150)).await;
    tx.commit().await.unwrap();
    let outcome = flow.await.expect("no panic");
    (seed, connection, outcome)
}

db_test!(
    a_refresh_and_a_reconnect_never_share_a_generation,
    async |db| {
        let refreshed = "UPDATE connections SET generation = generation + 1 WHERE id = $1";
        let (seed, connection, outcome) = renewed_while_changing(&db, refreshed).await;
        outcome.expect("a connection");
        assert_eq!(seed.read(&connection.id).await.generation, 3);
        seed.tokens_of(&connection.id).await;
    }
);

db_test!(a_reconnect_that_meets_a_revocation_loses, async |db| {
    let revoked = "UPDATE connections SET status = 'revoked', generation = generation + 1, sealed_tokens = NULL WHERE id = $1";
    let (seed, connection, outcome) = renewed_while_changing(&db, revoked).await;
    assert_eq!(outcome.err(), Some(OwnerConflict::Revoked));
    assert_eq!(seed.read(&connection.id).await.status, Status::Revoked);
});

/// A flow that brings two token sets: of the workspace and of the person in it.
async fn finish_both(
    seed: &Seed,
    (workspace, person): (&str, &str),
    renews: Option<&Connection>,
    second: bool,
) -> Result<(), OwnerConflict> {
    let (session, _) = seed.session(mia(), "mia").await;
    let flow = seed.flow(&session, renews.map(|renewed| &renewed.id)).await;
    seed.store.claim_flow(&flow).await.unwrap();
    let first = seed.brought(mia(), "mia", workspace);
    let also = SecondConnection {
        new: seed.brought(mia(), "mia", person),
        renews: second,
    };
    let finished =
        seed.store
            .finish_flow(&flow, &seed.provider, &first, Some(&also), Account::Same);
    finished.await.unwrap().map(drop)
}

async fn of_account(seed: &Seed, account: &str) -> Connection {
    let mut found = all(seed).await;
    found.retain(|connection| connection.account_id.as_deref() == Some(account));
    assert_eq!(found.len(), 1, "{account}");
    found.remove(0)
}

db_test!(a_second_token_set_is_a_connection_of_its_own, async |db| {
    let seed = Seed::of(&db).await;
    finish_both(&seed, ("T1", "U1"), None, false).await.unwrap();
    let (workspace, person) = (of_account(&seed, "T1").await, of_account(&seed, "U1").await);
    assert_eq!((workspace.generation, person.generation), (1, 1));
    // each renews what it is, whichever the flow set out to renew
    for (renewed, second) in [(&workspace, false), (&person, true)] {
        finish_both(&seed, ("T1", "U1"), Some(renewed), second)
            .await
            .unwrap();
    }
    assert_eq!(of_account(&seed, "T1").await.generation, 3);
    assert_eq!(of_account(&seed, "U1").await.generation, 3);
    assert_eq!(all(&seed).await.len(), 2);
});

db_test!(two_token_sets_are_kept_together_or_not_at_all, async |db| {
    let seed = Seed::of(&db).await;
    finish_both(&seed, ("T1", "U1"), None, false).await.unwrap();
    let person = of_account(&seed, "U1").await;
    let refused = finish_both(&seed, ("T2", "U2"), Some(&person), true).await;
    assert_eq!(refused, Err(OwnerConflict::OtherAccount));
    assert_eq!(all(&seed).await.len(), 2, "the first was not kept alone");
    assert_eq!(of_account(&seed, "U1").await.generation, 1);
});

db_test!(whoever_is_not_sure_can_finish_once_more, async |db| {
    let seed = Seed::of(&db).await;
    let owner = Owner::Personal("mia".to_owned());
    let mut new = seed.brought(owner.clone(), "mia", "mia");
    // without an account nothing else would tell the two apart
    new.account_id = None;
    let (session, _) = seed.session(owner, "mia").await;
    let flow = seed.flow(&session, None).await;
    seed.store.claim_flow(&flow).await.unwrap();
    let finish = || {
        seed.store
            .finish_flow(&flow, &seed.provider, &new, None, Account::Same)
    };
    let first = finish().await.unwrap().expect("a connection");
    let again = finish().await.unwrap().expect("a connection");
    assert_eq!(first, again);
    assert_eq!(all(&seed).await.len(), 1);
    assert_eq!(seed.read(&first).await.generation, 1);
});
