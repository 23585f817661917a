//! Scopes given up without asking the user, by a refresh that asks for fewer (seed 001).

use crate::support::house::House;
use crate::support::provider::{Event, Fault};
use crate::support::seed::{HOUR, admin, saved, scopes, tokens};
use crate::support::together::together;
use app::wire::{ConnectionState, HistoryKind};
use server::domain::{Connection, Owner, Scopes};
use server::store::NewConnection;
use server::tokens::{NarrowError, TokenError};

impl House {
    /// Somebody grants all that this provider has.
    async fn grant_all(&self, person: &str) -> Connection {
        let issued = self.provider.issue(person);
        let set = tokens(&issued.access_token, issued.refresh_token.as_deref());
        let mut saved = saved(set, self.now(), Some(HOUR));
        saved.scopes_granted = scopes(["account.id", "contacts.read", "deals.read"]);
        let owner = Owner::Personal(person.to_owned());
        let new = NewConnection {
            saved,
            ..self.seed.brought(owner, person, person)
        };
        self.seed.finish(&new, None).await.expect("a connection")
    }

    async fn narrow(
        &self,
        connection: &Connection,
        keep: &Scopes,
    ) -> Result<Connection, NarrowError> {
        self.tokens.narrow(connection, keep, admin()).await
    }
}

db_test!(
    what_is_given_up_is_gone_and_the_connection_goes_on,
    async |db| {
        let house = House::of(db, "narrowing").await;
        let connection = house.grant_all("mia").await;
        let (_, before) = house.seed.tokens_of(&connection.id).await;
        let reduced = house.narrow(&connection, &scopes(["contacts.read"])).await;
        let reduced = reduced.expect("reduced");
        assert_eq!(reduced.scopes_granted.join(" "), "account.id contacts.read");
        assert_eq!(reduced.generation, 2);
        assert_eq!(reduced.state(), ConnectionState::Active);
        let asked = house.provider.log();
        assert!(
        asked.iter().any(|event| matches!(event, Event::RefreshAsked { scope: Some(scope), .. } if scope == "contacts.read")),
        "what is always granted is never sent: {asked:?}"
    );
        assert!(!house.provider.accepts(&before.expect("a refresh token")));
        let history = house
            .db
            .store
            .history(&connection.id, None, 10)
            .await
            .unwrap()
            .entries;
        let expected = HistoryKind::ScopesReduced {
            by: "Ada".to_owned(),
            scopes: vec!["deals.read".to_owned()],
        };
        assert_eq!(history.first().map(|entry| &entry.what), Some(&expected));

        // and so it stays
        house.pass(HOUR * 2);
        let grant = house.ask(&connection).await.expect("a token");
        assert_eq!(
            grant.connection.scopes_granted.join(" "),
            "account.id contacts.read"
        );
    }
);

db_test!(only_a_part_of_what_was_granted_can_be_kept, async |db| {
    let house = House::of(db, "narrowing").await;
    let connection = house.grant_all("mia").await;
    let wider = house.narrow(&connection, &scopes(["contacts.write"])).await;
    assert!(
        matches!(&wider, Err(NarrowError::NotGranted(names)) if names.join(" ") == "contacts.write"),
        "{wider:?}"
    );
    for nothing in [Scopes::default(), scopes(["account.id"])] {
        let nothing = house.narrow(&connection, &nothing).await;
        assert!(
            matches!(nothing, Err(NarrowError::NothingLeft)),
            "{nothing:?}"
        );
    }
    let all = scopes(["deals.read", "contacts.read"]);
    let same = house.narrow(&connection, &all).await.expect("as it was");
    assert_eq!(same.generation, 1);
    assert_eq!(house.provider.refreshes(), 0);
});

db_test!(a_provider_that_cannot_is_not_asked, async |db| {
    let house = House::new(db).await;
    let (connection, _) = house.connect("mia").await;
    let refused = house.narrow(&connection, &scopes(["contacts.read"])).await;
    assert!(
        matches!(refused, Err(NarrowError::NotOffered)),
        "{refused:?}"
    );
    assert_eq!(house.provider.refreshes(), 0);
});

db_test!(a_provider_that_refuses_costs_nothing, async |db| {
    let house = House::of(db, "narrowing").await;
    let connection = house.grant_all("mia").await;
    house
        .provider
        .next_fails(Fault::Refusal(400, "invalid_scope"));
    let kept = house.narrow(&connection, &scopes(["deals.read"])).await;
    assert!(matches!(kept, Err(NarrowError::Kept)), "{kept:?}");
    let now = house.read(&connection).await;
    assert_eq!(
        now.state(),
        ConnectionState::Active,
        "it is not the connection's fault"
    );
    assert_eq!((now.generation, now.scopes_granted.len()), (1, 3));

    house.provider.fails(Fault::Status(500));
    let away = house.narrow(&connection, &scopes(["deals.read"])).await;
    assert!(
        matches!(
            away,
            Err(NarrowError::Token(TokenError::ProviderUnavailable { .. }))
        ),
        "{away:?}"
    );
});

db_test!(a_refresh_under_way_does_not_undo_it, async |db| {
    let house = House::of(db, "narrowing").await;
    let connection = house.grant_all("mia").await;
    house.pass(HOUR * 2);
    let keep = scopes(["deals.read"]);
    let (answers, reduced) = tokio::join!(
        together(10, |_| house.asking(&connection)),
        house.narrow(&connection, &keep)
    );
    for answer in answers {
        answer.expect("no panic").expect("a token");
    }
    let reduced = reduced.expect("reduced");
    assert_eq!(reduced.scopes_granted.join(" "), "account.id deals.read");
    assert!(house.provider.refreshes() <= 2, "one of each at most");
    let live = house.provider.live("mia").expect("a live grant");
    let (access_token, _) = house.seed.tokens_of(&connection.id).await;
    assert_eq!(access_token, live.access_token);
});
