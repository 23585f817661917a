//! Flows: each is claimed once (R5).

use crate::support::seed::{HOUR, Seed};
use crate::support::together::together;
use app::wire::ConnectProblem;
use server::domain::{Flow, FlowId, FlowStatus, NewFlow, Owner, SessionStatus};
use server::store::db::{Runs, sql};
use server::store::{Account, Claim, FlowSecrets, StoreError};
use server::vault::TokenHash;

async fn new_flow(seed: &Seed) -> Flow {
    let (session, _) = seed.session(Owner::Personal("mia".to_owned()), "mia").await;
    seed.flow(&session, None).await
}

db_test!(a_flow_is_kept_as_it_was_begun, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let flow = new_flow(&seed).await;
    for _ in 0..2 {
        let found = store
            .flow_by_state(flow.id.as_str())
            .await
            .unwrap()
            .expect("by its state");
        assert_eq!(
            format!("{found:?}"),
            format!("{flow:?}"),
            "looking uses nothing up"
        );
    }
    let found = store.flow(&flow.id).await.unwrap().expect("by its id");
    assert_eq!(format!("{found:?}"), format!("{flow:?}"));
    assert!(store.flow_by_state("made up").await.unwrap().is_none());
    assert!(store.flow(&FlowId::random()).await.unwrap().is_none());

    let same_state = NewFlow {
        flow: Flow {
            id: FlowId::random(),
            support_code: "ANOTHER1".to_owned(),
            ..flow.clone()
        },
        state_sha256: *TokenHash::of(flow.id.as_str()).as_bytes(),
        verifier: None,
        client_secret: None,
    };
    let same_state = store.create_flow(&same_state).await;
    assert!(
        matches!(same_state, Err(StoreError::Conflict)),
        "{same_state:?}"
    );
});

db_test!(of_fifty_callbacks_one_claims_the_flow, async |db| {
    let seed = Seed::of(&db).await;
    let flow = new_flow(&seed).await;
    let claims = together(50, |_| {
        let (store, flow) = (seed.store.clone(), flow.clone());
        async move { store.claim_flow(&flow).await.expect("an answer") }
    })
    .await;
    let mut verifiers = Vec::new();
    for claim in claims {
        if let Claim::Ours(secrets) = claim {
            verifiers.push(secrets.verifier.expect("a verifier").expose().clone());
        }
    }
    assert_eq!(verifiers, [format!("verifier-of-{}", flow.id)]);
    let now = seed.store.flow(&flow.id).await.unwrap().expect("the flow");
    assert_eq!(now.status, FlowStatus::Exchanging);
    let sealed = sql("SELECT sealed_verifier FROM flows WHERE id = $1").bind(flow.id.as_str());
    let row = (&mut db.store.db())
        .row(sealed)
        .await
        .unwrap()
        .expect("the row");
    assert_eq!(
        row.maybe_bytes("sealed_verifier").unwrap(),
        None,
        "it is destroyed"
    );
});

db_test!(a_flow_without_pkce_has_no_verifier, async |db| {
    let seed = Seed::of(&db).await;
    let flow = new_flow(&seed).await;
    let plain = NewFlow {
        flow: Flow {
            id: FlowId::random(),
            support_code: "PLAIN123".to_owned(),
            ..flow
        },
        state_sha256: *TokenHash::of("another state").as_bytes(),
        verifier: None,
        client_secret: None,
    };
    seed.store.create_flow(&plain).await.unwrap();
    let claim = seed.store.claim_flow(&plain.flow).await.unwrap();
    assert!(
        matches!(claim, Claim::Ours(FlowSecrets { verifier: None, .. })),
        "{claim:?}"
    );
});

db_test!(an_expired_flow_cannot_be_claimed, async |db| {
    let seed = Seed::of(&db).await;
    let flow = new_flow(&seed).await;
    db.clock.advance(600_000);
    assert!(matches!(
        seed.store.claim_flow(&flow).await.unwrap(),
        Claim::Taken
    ));
});

db_test!(a_flow_fails_once_and_says_why, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let flow = new_flow(&seed).await;
    let words = "Ünexpected \u{1F600} 'words'";
    store
        .fail_flow(&flow, ConnectProblem::ProviderError, Some(words))
        .await
        .unwrap();
    store
        .fail_flow(&flow, ConnectProblem::Denied, None)
        .await
        .unwrap();
    let now = store.flow(&flow.id).await.unwrap().expect("the flow");
    assert_eq!(
        (now.status, now.problem),
        (FlowStatus::Failed, Some(ConnectProblem::ProviderError))
    );
    assert_eq!(now.provider_words.as_deref(), Some(words));
    assert!(matches!(
        store.claim_flow(&flow).await.unwrap(),
        Claim::Taken
    ));

    let connected = new_flow(&seed).await;
    store.claim_flow(&connected).await.unwrap();
    let new = seed.brought(Owner::Personal("mia".to_owned()), "mia", "mia");
    store
        .finish_flow(&connected, &seed.provider, &new, None, Account::Same)
        .await
        .unwrap()
        .expect("a connection");
    store
        .fail_flow(&connected, ConnectProblem::Internal, None)
        .await
        .unwrap();
    let now = store.flow(&connected.id).await.unwrap().expect("the flow");
    assert_eq!((now.status, now.problem), (FlowStatus::Connected, None));
});

db_test!(a_flow_that_a_stopped_server_left_behind_fails, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let (exchanging, waiting) = (new_flow(&seed).await, new_flow(&seed).await);
    store.claim_flow(&exchanging).await.unwrap();
    let hour = i64::try_from(HOUR.as_millis()).unwrap();
    assert_eq!(
        store.fail_abandoned_flows(hour).await.unwrap(),
        0,
        "it may still be under way"
    );
    assert_eq!(store.fail_abandoned_flows(-hour).await.unwrap(), 1);
    let session = store.connect_session_of_flow(&exchanging.organization, &exchanging.session);
    let (session, _) = session.await.unwrap().expect("the session");
    assert_eq!(
        session.status,
        SessionStatus::Failed,
        "a backend that waits is told"
    );
    let now = store.flow(&exchanging.id).await.unwrap().expect("the flow");
    assert_eq!(
        (now.status, now.problem),
        (FlowStatus::Failed, Some(ConnectProblem::Internal))
    );
    let now = store.flow(&waiting.id).await.unwrap().expect("the flow");
    assert_eq!(now.status, FlowStatus::Waiting);
});
