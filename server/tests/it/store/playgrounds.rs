//! Runs of members, and trials of providers.

use crate::support::canary::dump;
use crate::support::databases::Database;
use crate::support::seed::Seed;
use crate::support::together::together;
use app::wire::{CredentialsMark, PlaygroundStep, Proof, ReachableMark, RedirectMark, Role};
use server::domain::{Actor, Member, Playground, PlaygroundId, PlaygroundSecrets, Tokens};
use server::store::NewMember;
use server::vault::{Secret, TokenHash};
use std::collections::BTreeMap;
use std::time::Duration;

const LIFE: Duration = Duration::from_mins(15);

async fn member(seed: &Seed, name: &str) -> Member {
    let new = NewMember {
        email: format!("{name}@acme.example"),
        name: name.to_owned(),
        role: Role::Owner,
        password: Secret::from("$argon2id$"),
    };
    seed.store
        .create_member(&seed.provider.organization, new, Actor::apply())
        .await
        .unwrap()
}

async fn begin(seed: &Seed, member: &Member, state: &str) -> Playground {
    let run = Playground {
        id: PlaygroundId::random(),
        organization: seed.provider.organization.clone(),
        provider: seed.provider.id.clone(),
        member: member.id.clone(),
        browser_sha256: *TokenHash::of("browser").as_bytes(),
        step: PlaygroundStep::Away,
        redirect_uri: "https://grantport.example/oauth/callback/x".to_owned(),
        inputs: BTreeMap::from([("region".to_owned(), "eu".to_owned())]),
        generation: 0,
        transcript: Vec::new(),
        created_at: seed.store.now(),
        expires_at: seed.store.now() + LIFE,
    };
    let secrets = PlaygroundSecrets {
        verifier: Some(Secret::from("the-verifier-1234")),
        ..PlaygroundSecrets::default()
    };
    let made = seed
        .store
        .create_playground(&run, &Secret::from(state), &secrets)
        .await;
    made.unwrap();
    run
}

fn with_tokens() -> PlaygroundSecrets {
    PlaygroundSecrets {
        tokens: vec![Tokens {
            access_token: Secret::from("access-canary-1"),
            refresh_token: Some(Secret::from("refresh-canary-1")),
            raw: Secret::from("{}"),
            client_secret: None,
        }],
        ..PlaygroundSecrets::default()
    }
}

async fn holds(db: &Database, text: &str) -> bool {
    let all = dump(db).await;
    all.iter()
        .any(|(_, bytes)| String::from_utf8_lossy(bytes).contains(text))
}

db_test!(
    a_run_is_kept_sealed_and_found_by_its_state_once,
    async |db| {
        let seed = Seed::of(&db).await;
        let store = &seed.store;
        let ada = member(&seed, "ada").await;
        let run = begin(&seed, &ada, "state-1").await;
        let found = store.playground_by_state("state-1").await.unwrap();
        assert_eq!(format!("{:?}", found.unwrap()), format!("{run:?}"));
        let secrets = store.playground_secrets(&run).await.unwrap();
        assert_eq!(secrets.verifier.unwrap().expose(), "the-verifier-1234");
        assert!(!holds(&db, "the-verifier-1234").await);

        let mut next = run.clone();
        next.step = PlaygroundStep::Token;
        assert!(
            store
                .change_playground(&run, &mut next, Some(&with_tokens()))
                .await
                .unwrap()
        );
        assert!(
            store
                .playground_by_state("state-1")
                .await
                .unwrap()
                .is_none()
        );
        let found = store.playground(&run.id).await.unwrap().unwrap();
        assert_eq!(format!("{found:?}"), format!("{next:?}"));
        let secrets = store.playground_secrets(&next).await.unwrap();
        assert_eq!(secrets.tokens[0].access_token.expose(), "access-canary-1");
        assert!(!holds(&db, "access-canary-1").await);
        // whoever looks with an old generation finds nothing
        let old = store.playground_secrets(&run).await.unwrap();
        assert!(old.verifier.is_none() && old.tokens.is_empty());

        let mut ended = next.clone();
        ended.step = PlaygroundStep::Ended;
        assert!(
            store
                .change_playground(&next, &mut ended, None)
                .await
                .unwrap()
        );
        let secrets = store.playground_secrets(&ended).await.unwrap();
        assert!(secrets.tokens.is_empty());
    }
);

db_test!(of_many_changes_of_one_generation_one_counts, async |db| {
    let seed = Seed::of(&db).await;
    let ada = member(&seed, "ada").await;
    let run = begin(&seed, &ada, "state-1").await;
    let changed = together(20, |_| {
        let (store, run) = (seed.store.clone(), run.clone());
        async move {
            let mut next = run.clone();
            store
                .change_playground(&run, &mut next, None)
                .await
                .unwrap()
        }
    })
    .await;
    assert_eq!(changed.iter().filter(|changed| **changed).count(), 1);
});

db_test!(each_member_has_runs_of_their_own, async |db| {
    let seed = Seed::of(&db).await;
    let (ada, mia) = (member(&seed, "ada").await, member(&seed, "mia").await);
    begin(&seed, &ada, "state-1").await;
    db.clock.advance(1000);
    let last = begin(&seed, &ada, "state-2").await;
    let of = async |member: &Member| {
        let found = seed
            .store
            .playground_of(&seed.provider.id, &member.id)
            .await;
        found.unwrap().map(|run| run.id)
    };
    assert_eq!(of(&ada).await, Some(last.id));
    assert_eq!(of(&mia).await, None);
});

db_test!(an_expired_run_is_taken_by_one_and_again_later, async |db| {
    let seed = Seed::of(&db).await;
    let store = &seed.store;
    let ada = member(&seed, "ada").await;
    let run = begin(&seed, &ada, "state-1").await;
    let mut next = run.clone();
    next.step = PlaygroundStep::Token;
    store
        .change_playground(&run, &mut next, Some(&with_tokens()))
        .await
        .unwrap();
    let hold = Duration::from_mins(1);
    assert!(store.take_expired_playground(hold).await.unwrap().is_none());
    db.clock.advance(16 * 60_000);
    let taken = together(10, |_| {
        let store = seed.store.clone();
        async move { store.take_expired_playground(hold).await.unwrap() }
    })
    .await;
    let mut taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken.len(), 1);
    let (run, secrets) = taken.remove(0);
    assert_eq!(secrets.tokens[0].access_token.expose(), "access-canary-1");
    // what was under way for it counts no longer
    let mut late = next.clone();
    assert!(
        !store
            .change_playground(&next, &mut late, None)
            .await
            .unwrap()
    );
    db.clock.advance(61_000);
    assert!(store.take_expired_playground(hold).await.unwrap().is_some());
    store.forget_playground(&run).await.unwrap();
    assert!(store.playground(&run.id).await.unwrap().is_none());
});

fn proof(credentials: CredentialsMark) -> Proof {
    Proof {
        tried_at: 1,
        host: "idp.example".to_owned(),
        credentials,
        redirect_uri: RedirectMark::NotTold,
        reachable: ReachableMark::Answered,
    }
}

db_test!(the_last_trial_that_began_counts, async |db| {
    let seed = Seed::of(&db).await;
    let (store, provider) = (&seed.store, &seed.provider);
    assert_eq!(store.proof(provider).await.unwrap(), (None, false));
    let first = store.begin_trial(provider).await.unwrap();
    assert_eq!(store.proof(provider).await.unwrap(), (None, true));
    let second = store.begin_trial(provider).await.unwrap();
    let (old, new) = (
        proof(CredentialsMark::Rejected),
        proof(CredentialsMark::Accepted),
    );
    let kept = |trial, proof: Proof| async move {
        store.finish_trial(provider, trial, proof).await.unwrap()
    };
    assert!(!kept(&first, old.clone()).await);
    assert!(kept(&second, new.clone()).await);
    assert!(!kept(&first, old).await);
    assert_eq!(store.proof(provider).await.unwrap(), (Some(new), false));

    // a server that was stopped leaves no trial running for ever
    store.begin_trial(provider).await.unwrap();
    db.clock.advance(61_000);
    assert_eq!(store.proof(provider).await.unwrap(), (None, false));
});
