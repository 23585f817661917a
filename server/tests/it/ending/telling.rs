//! What providers are told, token by token, and what the receipt says of it.

use crate::support::house::{House, access_token};
use crate::support::provider::Event;
use crate::support::seed::{HOUR, admin};
use crate::support::together::together;
use app::wire::{RevokeReason, TokenResult, TokenResults};
use server::domain::{Connection, Revocation, Status, UNDO_TIME, Upstream};
use server::jobs::tell_providers;
use server::store::db::{Runs, sql};
use server::store::{Stopped, Undo};
use server::tokens::TokenError;

async fn tell(house: &House) {
    let told = tell_providers(&house.db.store, &house.upstreams);
    told.await.expect("a database");
}

async fn freeze(house: &House, connection: &Connection) -> Revocation {
    let store = &house.db.store;
    let frozen = store.freeze(connection, RevokeReason::Leaving, "", admin());
    frozen.await.unwrap().expect("a receipt")
}

async fn receipt(house: &House, connection: &Connection) -> Revocation {
    let found = house.db.store.revocation_of(&connection.id).await;
    found.unwrap().expect("the receipt")
}

fn named(house: &House) -> Vec<String> {
    let log = house.provider.log().into_iter();
    log.filter_map(|event| match event {
        Event::RevokeAsked { token } => Some(token),
        _ => None,
    })
    .collect()
}

db_test!(
    the_refresh_token_is_named_first_and_each_has_its_result,
    async |db| {
        let house = House::new(db).await;
        let (connection, issued) = house.connect("mia").await;
        freeze(&house, &connection).await;
        tell(&house).await;
        assert_eq!(named(&house), Vec::<String>::new(), "there is time to undo");
        house.pass(UNDO_TIME);
        tell(&house).await;
        tell(&house).await;
        let refresh_token = issued.refresh_token.expect("a refresh token");
        assert_eq!(named(&house), [refresh_token, issued.access_token]);
        let receipt = receipt(&house, &connection).await;
        assert_eq!(receipt.upstream, Upstream::Revoked);
        let expected = TokenResults {
            refresh_token: Some(TokenResult::Revoked),
            access_token: Some(TokenResult::Revoked),
        };
        assert_eq!(receipt.results, expected);
    }
);

db_test!(
    what_ends_the_whole_grant_is_told_once_and_says_so,
    async |db| {
        let house = House::of(db, "lasting").await;
        let (connection, issued) = house.connect("mia").await;
        freeze(&house, &connection).await;
        house.pass(UNDO_TIME);
        tell(&house).await;
        assert_eq!(named(&house), [issued.access_token]);
        let results = receipt(&house, &connection).await.results;
        assert_eq!(results.access_token, Some(TokenResult::Revoked));
        assert_eq!(results.refresh_token, None, "it gave none");
    }
);

db_test!(a_grant_that_was_approved_anew_is_left_alone, async |db| {
    let house = House::of(db, "lasting").await;
    let (connection, _) = house.connect("mia").await;
    freeze(&house, &connection).await;
    let (again, issued) = house.connect("mia").await;
    assert_ne!(again.id, connection.id);
    house.pass(UNDO_TIME);
    tell(&house).await;
    assert_eq!(named(&house), Vec::<String>::new());
    assert!(house.provider.accepts(&issued.access_token));
    let receipt = receipt(&house, &connection).await;
    assert_eq!(receipt.upstream, Upstream::NothingToRevoke);
    assert_eq!(receipt.results.access_token, Some(TokenResult::Spared));
});

db_test!(
    where_nothing_is_offered_the_tokens_go_all_the_same,
    async |db| {
        let house = House::of(db, "demanding").await;
        let (connection, _) = house.connect("mia").await;
        freeze(&house, &connection).await;
        house.pass(UNDO_TIME);
        tell(&house).await;
        let receipt = receipt(&house, &connection).await;
        assert_eq!(receipt.upstream, Upstream::NotOffered);
        assert_eq!(receipt.results.refresh_token, Some(TokenResult::NotOffered));
        let kept = sql("SELECT COUNT(*) AS many FROM revocations WHERE sealed_tokens IS NOT NULL");
        let row = (&mut house.db.store.db()).row(kept).await.unwrap();
        assert_eq!(row.expect("a count").int("many").unwrap(), 0);
    }
);

db_test!(twenty_at_once_tell_the_provider_once, async |db| {
    let house = House::new(db).await;
    let (connection, issued) = house.connect("mia").await;
    together(20, |task| {
        let (store, connection) = (house.db.store.clone(), connection.clone());
        async move {
            let reason = RevokeReason::Incident;
            if task % 2 == 0 {
                store.freeze(&connection, reason, "", admin()).await
            } else {
                store.revoke(&connection, reason, "", admin(), true).await
            }
            .unwrap()
            .expect("a receipt");
        }
    })
    .await;
    house.pass(UNDO_TIME);
    together(4, |_| {
        let (store, upstreams) = (house.db.store.clone(), house.upstreams.clone());
        async move { tell_providers(&store, &upstreams).await.unwrap() }
    })
    .await;
    let refresh_token = issued.refresh_token.expect("a refresh token");
    let times = |token: &String| named(&house).iter().filter(|one| *one == token).count();
    assert_eq!((times(&refresh_token), times(&issued.access_token)), (1, 1));
});

db_test!(
    what_a_refresh_brings_too_late_waits_for_the_undo,
    async |db| {
        let house = House::new(db).await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        let gate = house.provider.close_gate();
        let caller = house.asking(&connection);
        gate.reached_by(1).await;
        let late = house.provider.live("mia").expect("the answer on its way");
        freeze(&house, &connection).await;
        let early = house.db.store.undo_revocation(&connection, admin()).await;
        assert!(matches!(early, Ok(Undo::RefreshUnderWay(_))), "{early:?}");
        gate.open();
        let answer = caller.await.expect("no panic");
        assert!(matches!(answer, Err(TokenError::Revoked)), "{answer:?}");
        house.settled().await;
        assert_eq!(house.read(&connection).await.status, Status::Revoked);
        assert!(house.provider.accepts(&late.access_token), "not given back");

        let undone = house.db.store.undo_revocation(&connection, admin()).await;
        assert!(matches!(undone, Ok(Undo::Done(_))), "{undone:?}");
        let grant = house.ask(&connection).await.expect("a token");
        assert_eq!(access_token(&grant), late.access_token);
        house.pass(HOUR * 2);
        house.ask(&connection).await.expect("it goes on refreshing");
    }
);

db_test!(stopped_tokens_stay_and_go_on_living, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.ask(&connection).await.expect("a token");
    let stopped = Stopped::Provider(&house.seed.provider);
    let store = &house.db.store;
    store.stop_tokens(stopped, "leak", admin()).await.unwrap();
    house.pass(HOUR * 2);
    let answer = house.ask(&connection).await;
    assert!(matches!(answer, Err(TokenError::Stopped)), "{answer:?}");
    house.settled().await;
    assert_eq!(house.provider.refreshes(), 0, "not on behalf of callers");
    house.look().await;
    house.settled().await;
    assert_eq!(house.provider.refreshes(), 1, "but by the server itself");
    store.let_tokens_go(stopped, admin()).await.unwrap();
    house.ask(&connection).await.expect("one click back");
    assert_eq!(house.provider.refreshes(), 1);
});
