//! Connect sessions: found by their address, ended, tidied away.

use crate::support::seed::Seed;
use app::wire::ConnectProblem;
use server::domain::{FlowStatus, Owner, SessionStatus};
use server::store::db::{Runs, sql};
use server::store::{Account, Claim};

db_test!(a_session_is_kept_as_it_was_made, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let (session, token) = seed.session(Owner::Team("team-7".to_owned()), "mia").await;
    let expected = format!("{session:?}");

    let found = store
        .connect_session_by_token(&token)
        .await
        .unwrap()
        .expect("by its address");
    assert_eq!(format!("{found:?}"), expected);
    let found = store
        .connect_session(&seed.application.id, session.id.as_str())
        .await
        .unwrap();
    assert_eq!(format!("{:?}", found.expect("by its id")), expected);
    let found = store
        .connect_session_of_flow(&session.organization, &session.id)
        .await
        .unwrap();
    let (found, address) = found.expect("for its flow");
    assert_eq!((format!("{found:?}"), address.expose()), (expected, &token));

    assert!(
        store
            .connect_session_by_token("made up")
            .await
            .unwrap()
            .is_none()
    );
    let stranger = Seed::of(&db).await;
    let foreign = store
        .connect_session(&stranger.application.id, session.id.as_str())
        .await;
    assert!(foreign.unwrap().is_none(), "another application's");
    let tenant = &stranger.application.organization;
    assert!(
        store
            .connect_session_of_flow(tenant, &session.id)
            .await
            .unwrap()
            .is_none()
    );
});

db_test!(a_stopped_session_ends_with_its_flows, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let (session, token) = seed.session(Owner::Personal("mia".to_owned()), "mia").await;
    let flow = seed.flow(&session, None).await;
    assert_eq!(store.flows_of_session(&session.id).await.unwrap(), 1);
    store.stop_connect_session(&session).await.unwrap();

    let stopped = store
        .connect_session_by_token(&token)
        .await
        .unwrap()
        .expect("it is kept");
    assert!(stopped.expires_at <= db.store.now());
    assert_eq!(
        (stopped.status, stopped.error),
        (SessionStatus::Denied, Some(ConnectProblem::LinkStopped))
    );
    let flow = store.flow(&flow.id).await.unwrap().expect("the flow");
    assert_eq!(flow.status, FlowStatus::Failed);
    assert!(matches!(
        store.claim_flow(&flow).await.unwrap(),
        Claim::Taken
    ));
});

db_test!(a_session_that_connected_stays_connected, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let owner = Owner::Personal("mia".to_owned());
    let (session, token) = seed.session(owner.clone(), "mia").await;
    let failing = seed.flow(&session, None).await;
    store
        .fail_flow(
            &failing,
            ConnectProblem::Denied,
            Some("The user <b>said</b> no"),
        )
        .await
        .unwrap();
    let now = store
        .connect_session_by_token(&token)
        .await
        .unwrap()
        .expect("the session");
    assert_eq!(
        (now.status, now.error),
        (SessionStatus::Denied, Some(ConnectProblem::Denied))
    );

    let flow = seed.flow(&session, None).await;
    store.claim_flow(&flow).await.unwrap();
    let new = seed.brought(owner, "mia", "mia");
    let connection = store
        .finish_flow(&flow, &seed.provider, &new, None, Account::Same)
        .await
        .unwrap()
        .expect("a connection");
    let late = seed.flow(&session, None).await;
    store
        .fail_flow(&late, ConnectProblem::ProviderError, None)
        .await
        .unwrap();

    let now = store
        .connect_session_by_token(&token)
        .await
        .unwrap()
        .expect("the session");
    assert_eq!((now.status, now.error), (SessionStatus::Connected, None));
    let connections = store.connections_of_session(&session.id).await.unwrap();
    assert_eq!(connections, [(seed.provider.slug.clone(), connection)]);
});

db_test!(old_sessions_are_tidied_away_with_their_flows, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let owner = Owner::Personal("mia".to_owned());
    let (old, old_token) = seed.session(owner.clone(), "mia").await;
    let flow = seed.flow(&old, None).await;
    let (_, young_token) = seed.session(owner, "mia").await;
    let age = sql("UPDATE connect_sessions SET expires_at = {now} - 10000 WHERE id = $1")
        .bind(old.id.as_str());
    (&mut store.db()).run(age).await.unwrap();

    assert_eq!(
        store.purge_connect_sessions(60_000).await.unwrap(),
        0,
        "not yet"
    );
    assert_eq!(store.purge_connect_sessions(5_000).await.unwrap(), 1);
    assert!(
        store
            .connect_session_by_token(&old_token)
            .await
            .unwrap()
            .is_none()
    );
    assert!(store.flow(&flow.id).await.unwrap().is_none());
    assert!(
        store
            .connect_session_by_token(&young_token)
            .await
            .unwrap()
            .is_some()
    );
});
