//! Providers whose tokens live differently: without an end, without a refresh token, without saying.

use crate::support::house::{House, access_token};
use crate::support::provider::Event;
use crate::support::seed::HOUR;
use app::wire::{BrokenReason, ConnectionState};
use server::tokens::{Ask, TokenError};
use server::vault::sha256;

fn rejecting(token: &str) -> Ask {
    Ask {
        rejected: Some(sha256(token.as_bytes())),
        ..Ask::default()
    }
}

db_test!(a_token_without_an_end_is_served_for_years, async |db| {
    let house = House::of(db, "lasting").await;
    let (connection, issued) = house.connect("mia").await;
    assert_eq!(issued.refresh_token, None);
    house.pass(HOUR * 24 * 365 * 3);
    let long = Ask {
        min_valid: Some(HOUR * 24),
        ..Ask::default()
    };
    for ask in [Ask::default(), long] {
        let grant = house.ask_for(&connection, ask).await.expect("a token");
        assert_eq!(access_token(&grant), issued.access_token);
        assert_eq!(grant.connection.access_token_expires_at, None);
    }
    assert_eq!(house.provider.log(), []);
});

db_test!(a_lasting_token_that_is_rejected_is_looked_at, async |db| {
    let house = House::of(db, "lasting").await;
    let (connection, issued) = house.connect("mia").await;
    let ask = rejecting(&issued.access_token);
    let profile_asked = |event: &Event| matches!(event, Event::ProfileAsked { .. });

    let grant = house
        .ask_for(&connection, ask)
        .await
        .expect("the provider accepts it");
    assert_eq!(access_token(&grant), issued.access_token);
    assert_eq!(house.provider.count(profile_asked), 1);

    house.provider.forget("mia");
    house
        .ask(&connection)
        .await
        .expect("nobody has noticed yet");
    let refused = house.ask_for(&connection, ask).await;
    let because = BrokenReason::GrantRevokedOrExpired;
    assert!(
        matches!(&refused, Err(TokenError::ReconnectRequired { reason, .. }) if *reason == because),
        "{refused:?}"
    );
    assert_eq!(
        house.read(&connection).await.state(),
        ConnectionState::ReconnectRequired
    );
    assert_eq!(house.provider.count(profile_asked), 2);
    assert_eq!(house.provider.refreshes(), 0);
});

db_test!(
    a_token_that_ends_and_has_no_successor_needs_a_person,
    async |db| {
        let house = House::of(db, "lasting").await;
        let issued = house.provider.issue("mia");
        let connection = house.keep("mia", &issued, Some(HOUR), None).await;
        house.pass(HOUR * 95 / 100);
        let grant = house.ask(&connection).await.expect("it is valid still");
        assert_eq!(access_token(&grant), issued.access_token);
        house.pass(HOUR);
        let refused = house.ask(&connection).await;
        let because = BrokenReason::NoRefreshToken;
        assert!(
            matches!(&refused, Err(TokenError::ReconnectRequired { reason, .. }) if *reason == because),
            "{refused:?}"
        );
        assert_eq!(house.provider.refreshes(), 0);
    }
);

db_test!(
    a_provider_that_says_nothing_of_an_end_is_assumed_to_have_one,
    async |db| {
        let house = House::of(db, "silent").await;
        let (connection, issued) = house.connect("mia").await;
        house.pass(HOUR);
        let first = house.ask(&connection).await.expect("a token");
        assert_ne!(access_token(&first), issued.access_token);
        assert_eq!(
            first.connection.access_token_expires_at,
            Some(house.now() + HOUR)
        );
        assert!(
            first.connection.has_refresh_token,
            "it stays when none comes"
        );
        let moved = first.connection.metadata["instance_url"].clone();
        assert!(moved.ends_with(".idp.example"), "{moved}");

        house.pass(HOUR);
        let second = house.ask(&connection).await.expect("a token");
        assert_eq!(second.connection.generation, 3);
        assert_ne!(
            second.connection.metadata["instance_url"], moved,
            "it is read anew each time"
        );
        let refresh_token = issued.refresh_token.expect("a refresh token");
        assert_eq!(house.provider.presented(&refresh_token), 2);
        assert_eq!(
            house.seed.tokens_of(&connection.id).await.1,
            Some(refresh_token)
        );
    }
);

db_test!(
    a_rejected_token_of_a_silent_provider_is_renewed,
    async |db| {
        let house = House::of(db, "silent").await;
        let (connection, issued) = house.connect("mia").await;
        let grant = house
            .ask_for(&connection, rejecting(&issued.access_token))
            .await
            .expect("a token");
        assert_ne!(access_token(&grant), issued.access_token);
        assert_eq!(house.provider.refreshes(), 1);
    }
);

db_test!(
    a_refresh_sends_what_the_definition_says_and_no_more,
    async |db| {
        let house = House::of(db, "demanding").await;
        let (connection, _) = house.connect("mia").await;
        house.pass(HOUR * 2);
        house.ask(&connection).await.expect("a token");
        let asked = house.provider.log().into_iter().next().expect("a refresh");
        let Event::RefreshAsked {
            redirect_uri,
            scope,
            ..
        } = asked
        else {
            panic!("{asked:?}")
        };
        assert_eq!(
            redirect_uri.as_deref(),
            Some(connection.redirect_uri.as_str())
        );
        assert_eq!(scope, None, "the grant keeps the scopes it has");
    }
);

db_test!(by_the_book_no_redirect_uri_is_sent, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    house.pass(HOUR * 2);
    house.ask(&connection).await.expect("a token");
    let asked = house.provider.log().into_iter().next().expect("a refresh");
    assert!(
        matches!(
            asked,
            Event::RefreshAsked {
                redirect_uri: None,
                scope: None,
                ..
            }
        ),
        "{asked:?}"
    );
});

db_test!(
    the_old_token_that_a_refresh_killed_is_never_handed_out,
    async |db| {
        let house = House::of(db, "demanding").await;
        let (connection, issued) = house.connect("mia").await;
        for _ in 0..5 {
            house.pass(HOUR * 2);
            let grant = house.ask(&connection).await.expect("a token");
            assert!(house.provider.accepts(access_token(&grant)));
        }
        assert!(!house.provider.accepts(&issued.access_token));
    }
);
