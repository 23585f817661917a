//! Members, their sessions in the portal, and how often somebody may guess.

use crate::support::databases::Database;
use crate::support::seed::{admin, organization};
use crate::support::together::together;
use app::wire::Role;
use server::domain::{Member, MemberId, Organization, OrganizationId, random_base62};
use server::store::db::{Runs, sql};
use server::store::{Allowance, NewMember, SetUpOutcome, StoreError, StoredSession};
use server::vault::{Secret, TokenHash};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);

fn new_member(email: &str, role: Role) -> NewMember {
    NewMember {
        email: email.to_owned(),
        name: format!("Name of {email}"),
        role,
        password: Secret::from("$argon2id$made-up"),
    }
}

async fn member(db: &Database, tenant: &OrganizationId, email: &str) -> Member {
    let new = new_member(email, Role::Support);
    db.store
        .create_member(tenant, new, admin())
        .await
        .expect("a member")
}

async fn count(db: &Database, statement: &'static str) -> i64 {
    let row = (&mut db.store.db())
        .row(sql(statement))
        .await
        .unwrap()
        .expect("a count");
    row.int("many").unwrap()
}

db_test!(of_twenty_set_ups_one_makes_the_organization, async |db| {
    let token = TokenHash::of("the set-up token");
    db.store
        .set_setup_token(&token, db.store.now() + HOUR)
        .await
        .unwrap();
    assert!(!db.store.has_members().await.unwrap());
    let guessed = TokenHash::of("guessed");
    let wrong = db.store.set_up_organization(
        &guessed,
        "Evil".to_owned(),
        new_member("eve@acme.example", Role::Owner),
    );
    assert!(matches!(wrong.await.unwrap(), SetUpOutcome::WrongToken));
    assert!(
        db.store.setup_token_fits(&token).await.unwrap(),
        "a guess does not use it up"
    );

    let outcomes = together(20, |number| {
        let (store, token) = (db.store.clone(), token.clone());
        let owner = new_member(&format!("owner-{number}@acme.example"), Role::Owner);
        async move {
            store
                .set_up_organization(&token, format!("Acme {number}"), owner)
                .await
                .expect("an answer")
        }
    })
    .await;
    let done: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            SetUpOutcome::Done(organization, owner) => Some((organization, owner)),
            SetUpOutcome::WrongToken | SetUpOutcome::AlreadySetUp => None,
        })
        .collect();
    let [(organization, owner)] = done[..] else {
        panic!("{} set it up", done.len())
    };
    assert_eq!(owner.role, Role::Owner);
    assert_eq!(owner.organization, organization.id);
    assert_eq!(
        count(&db, "SELECT COUNT(*) AS many FROM organizations").await,
        1
    );
    assert_eq!(count(&db, "SELECT COUNT(*) AS many FROM members").await, 1);
    assert_eq!(
        count(&db, "SELECT COUNT(*) AS many FROM data_keys").await,
        1
    );
    assert!(!db.store.setup_token_fits(&token).await.unwrap());
    assert!(db.store.has_members().await.unwrap());
    // its data key is in use at once
    db.store
        .keyring()
        .derive(&organization.id, "test", b"input")
        .expect("a key");
});

db_test!(a_set_up_token_ends, async |db| {
    let token = TokenHash::of("the set-up token");
    db.store
        .set_setup_token(&token, db.store.now() + HOUR)
        .await
        .unwrap();
    db.clock.advance(3_600_000);
    assert!(!db.store.setup_token_fits(&token).await.unwrap());
    let late = db.store.set_up_organization(
        &token,
        "Acme".to_owned(),
        new_member("a@acme.example", Role::Owner),
    );
    assert!(matches!(late.await.unwrap(), SetUpOutcome::WrongToken));
});

db_test!(members_are_found_by_their_address_in_any_case, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let made = member(&db, &tenant, "Zoë@Acme.example").await;
    for email in ["zoë@acme.example", " ZOË@ACME.EXAMPLE "] {
        let found = db
            .store
            .credentials_of(email)
            .await
            .unwrap()
            .expect("the member");
        assert_eq!(
            (found.member.id, found.member.email),
            (made.id.clone(), "Zoë@Acme.example".to_owned())
        );
        assert_eq!(found.password.expose(), "$argon2id$made-up");
        assert!(!found.disabled);
    }
    assert!(
        db.store
            .credentials_of("nobody@acme.example")
            .await
            .unwrap()
            .is_none()
    );
    let other = organization(&db.store, "Other").await;
    let taken = db
        .store
        .create_member(&other, new_member("ZOË@acme.example", Role::Owner), admin())
        .await;
    assert!(matches!(taken, Err(StoreError::Conflict)), "{taken:?}");

    let found = db
        .store
        .active_member(&made.id)
        .await
        .unwrap()
        .expect("the member");
    assert_eq!((found.name, found.role), (made.name, Role::Support));
    let disable = sql("UPDATE members SET disabled_at = 1 WHERE id = $1").bind(made.id.as_str());
    (&mut db.store.db()).run(disable).await.unwrap();
    assert!(db.store.active_member(&made.id).await.unwrap().is_none());
    assert!(
        db.store
            .credentials_of("zoë@acme.example")
            .await
            .unwrap()
            .expect("the member")
            .disabled
    );
    assert!(
        db.store
            .active_member(&MemberId::random())
            .await
            .unwrap()
            .is_none()
    );
});

fn session(db: &Database, member: Option<&Member>) -> StoredSession {
    StoredSession {
        id: TokenHash::of(&random_base62(43)),
        handle: random_base62(12),
        member: member.map(|member| member.id.clone()),
        half_signed_in: false,
        record: r#"{"flash":"Säved"}"#.to_owned(),
        browser: "Firefox on Linux".to_owned(),
        created_at: db.store.now(),
        last_seen_at: db.store.now(),
        expires_at: db.store.now() + HOUR,
    }
}

db_test!(a_session_is_kept_until_it_ends, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let member = member(&db, &tenant, "ada@acme.example").await;
    let kept = session(&db, Some(&member));
    db.store.create_session(&kept).await.unwrap();
    let again = db.store.create_session(&kept).await;
    assert!(matches!(again, Err(StoreError::Conflict)), "{again:?}");
    let found = db
        .store
        .session(&kept.id)
        .await
        .unwrap()
        .expect("the session");
    assert_eq!(format!("{found:?}"), format!("{kept:?}"));

    db.store.save_session(&kept.id, "{}").await.unwrap();
    db.clock.advance(1_800_000);
    db.store
        .touch_session(&kept.id, &member.id, db.store.now() + HOUR)
        .await
        .unwrap();
    db.clock.advance(3_599_999);
    let found = db
        .store
        .session(&kept.id)
        .await
        .unwrap()
        .expect("the session");
    assert_eq!(found.record, "{}");
    assert_eq!(db.store.purge_sessions().await.unwrap(), 0);
    db.clock.advance(1);
    assert!(db.store.session(&kept.id).await.unwrap().is_none());
    assert!(db.store.sessions_of(&member.id).await.unwrap().is_empty());
    assert_eq!(db.store.purge_sessions().await.unwrap(), 1);
});

db_test!(a_member_ends_their_own_sessions_and_no_others, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let (ada, bo) = (
        member(&db, &tenant, "ada@acme.example").await,
        member(&db, &tenant, "bo@acme.example").await,
    );
    let mut sessions = Vec::new();
    for owner in [Some(&ada), Some(&ada), Some(&ada), Some(&bo), None] {
        let one = session(&db, owner);
        db.store.create_session(&one).await.unwrap();
        sessions.push(one);
        db.clock.advance(1000);
    }
    let listed = db.store.sessions_of(&ada.id).await.unwrap();
    let handles: Vec<_> = listed.iter().map(|row| row.handle.as_str()).collect();
    assert_eq!(
        handles,
        [
            &sessions[2].handle,
            &sessions[1].handle,
            &sessions[0].handle
        ],
        "the newest first"
    );

    db.store
        .end_session(&ada, &sessions[3].handle)
        .await
        .unwrap();
    assert!(
        db.store.session(&sessions[3].id).await.unwrap().is_some(),
        "it is Bo's"
    );
    db.store
        .end_session(&ada, &sessions[0].handle)
        .await
        .unwrap();
    assert!(db.store.session(&sessions[0].id).await.unwrap().is_none());
    db.store.save_session(&sessions[0].id, "{}").await.unwrap();
    assert!(
        db.store.session(&sessions[0].id).await.unwrap().is_none(),
        "what has ended stays ended"
    );
    db.store
        .end_other_sessions(&ada, &sessions[2].id)
        .await
        .unwrap();
    assert_eq!(db.store.sessions_of(&ada.id).await.unwrap().len(), 1);
    db.store.delete_session(&sessions[2].id).await.unwrap();
    assert!(db.store.sessions_of(&ada.id).await.unwrap().is_empty());
    for still in [&sessions[3], &sessions[4]] {
        assert!(db.store.session(&still.id).await.unwrap().is_some());
    }
});

db_test!(a_new_password_ends_the_other_sessions, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let ada = member(&db, &tenant, "ada@acme.example").await;
    let (here, elsewhere) = (session(&db, Some(&ada)), session(&db, Some(&ada)));
    for one in [&here, &elsewhere] {
        db.store.create_session(one).await.unwrap();
    }
    let password = async || {
        db.store
            .credentials_of(&ada.email)
            .await
            .unwrap()
            .expect("Ada")
            .password
            .expose()
            .clone()
    };
    let old = Secret::from("$argon2id$made-up");
    db.store
        .rehash_password(&ada.id, &old, &Secret::from("$argon2id$stronger"))
        .await
        .unwrap();
    db.store
        .rehash_password(&ada.id, &old, &Secret::from("$argon2id$too-late"))
        .await
        .unwrap();
    assert_eq!(password().await, "$argon2id$stronger");
    assert!(
        db.store.session(&elsewhere.id).await.unwrap().is_some(),
        "it is the same password"
    );

    db.store
        .change_password(&ada, &Secret::from("$argon2id$new"), Some(&here.id))
        .await
        .unwrap();
    assert_eq!(password().await, "$argon2id$new");
    assert!(db.store.session(&here.id).await.unwrap().is_some());
    assert!(db.store.session(&elsewhere.id).await.unwrap().is_none());
    db.store
        .change_password(&ada, &Secret::from("$argon2id$reset"), None)
        .await
        .unwrap();
    assert!(db.store.session(&here.id).await.unwrap().is_none());
});

db_test!(what_a_session_shows_once_opens_in_it_alone, async |db| {
    let (tenant, other) = (
        organization(&db.store, "Acme").await,
        organization(&db.store, "Other").await,
    );
    let (here, elsewhere) = (TokenHash::of("here"), TokenHash::of("elsewhere"));
    let secret = Secret::from("gp_a-new-key");
    let sealed = db
        .store
        .seal_for_session(&here, &tenant, &secret)
        .await
        .unwrap();
    assert!(!sealed.contains("new-key"));
    let opened = db
        .store
        .open_for_session(&here, &tenant, &sealed)
        .await
        .unwrap();
    assert_eq!(opened.expose(), "gp_a-new-key");
    for (session, tenant, sealed) in [
        (&elsewhere, &tenant, sealed.as_str()),
        (&here, &other, sealed.as_str()),
        (&here, &tenant, "nonsense"),
        (&here, &tenant, &sealed[4..]),
    ] {
        let refused = db.store.open_for_session(session, tenant, sealed).await;
        assert!(
            matches!(refused, Err(StoreError::Unsealable { .. })),
            "{refused:?}"
        );
    }
});

const FIVE: Allowance = Allowance {
    tries: 5,
    window: Duration::from_mins(15),
    longest_block: HOUR,
};

db_test!(of_forty_guesses_at_once_five_are_looked_at, async |db| {
    let subject = TokenHash::of("account ada@acme.example");
    let answers = together(40, |_| {
        let (store, subject) = (db.store.clone(), subject.clone());
        async move { store.take_try(&subject, &FIVE).await.expect("an answer") }
    })
    .await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 5);
    let waits: Vec<_> = answers.iter().filter_map(|answer| answer.err()).collect();
    assert_eq!(waits, [FIVE.window; 35]);
    let other = TokenHash::of("account bo@acme.example");
    assert_eq!(
        db.store.take_try(&other, &FIVE).await.unwrap(),
        Ok(()),
        "each has a count of its own"
    );
});

db_test!(a_block_doubles_up_to_an_hour_and_is_forgotten, async |db| {
    let subject = TokenHash::of("address 192.0.2.7");
    for _ in 0..5 {
        assert_eq!(db.store.take_try(&subject, &FIVE).await.unwrap(), Ok(()));
    }
    for minutes in [15, 30, 60, 60] {
        let wait = Duration::from_secs(minutes * 60);
        assert_eq!(
            db.store.take_try(&subject, &FIVE).await.unwrap(),
            Err(wait),
            "{minutes}"
        );
        db.clock.advance(i64::try_from(wait.as_millis()).unwrap());
        assert_eq!(
            db.store.take_try(&subject, &FIVE).await.unwrap(),
            Ok(()),
            "one more"
        );
    }
    assert_eq!(db.store.purge_attempts(FIVE.window).await.unwrap(), 0);
    db.clock.advance(2 * 3_600_000);
    assert_eq!(db.store.purge_attempts(FIVE.window).await.unwrap(), 1);
});

db_test!(whoever_is_right_gets_the_tries_back, async |db| {
    let subject = TokenHash::of("account ada@acme.example");
    for _ in 0..12 {
        assert_eq!(db.store.take_try(&subject, &FIVE).await.unwrap(), Ok(()));
        db.store.return_try(&subject).await.unwrap();
    }
    for _ in 0..5 {
        db.store
            .take_try(&subject, &FIVE)
            .await
            .unwrap()
            .expect("a try");
    }
    db.store
        .take_try(&subject, &FIVE)
        .await
        .unwrap()
        .expect_err("too many");
    db.store.forget_tries(&subject).await.unwrap();
    assert_eq!(db.store.take_try(&subject, &FIVE).await.unwrap(), Ok(()));
});

db_test!(a_file_that_is_applied_changes_members, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let ada = member(&db, &tenant, "ada@acme.example").await;
    let kept = session(&db, Some(&ada));
    db.store.create_session(&kept).await.unwrap();
    let changed = Member {
        name: "Ada L.".to_owned(),
        ..ada.clone()
    };
    db.store.rename_member(&changed, admin()).await.unwrap();
    let now = db.store.active_member(&ada.id).await.unwrap().expect("Ada");
    assert_eq!((now.name.as_str(), now.role), ("Ada L.", Role::Support));
    assert!(db.store.session(&kept.id).await.unwrap().is_some());

    let password = Secret::from("$argon2id$set");
    db.store
        .set_password(&ada, &password, admin())
        .await
        .unwrap();
    let found = db
        .store
        .credentials_of(&ada.email)
        .await
        .unwrap()
        .expect("Ada");
    assert_eq!(found.password.expose(), "$argon2id$set");
    assert!(db.store.session(&kept.id).await.unwrap().is_none());

    let renamed = Organization {
        id: tenant.clone(),
        name: "Acme Ltd".to_owned(),
    };
    db.store
        .rename_organization(&renamed, admin())
        .await
        .unwrap();
    let now = db
        .store
        .organization(&tenant)
        .await
        .unwrap()
        .expect("it is there");
    assert_eq!(now.name, "Acme Ltd");
});
