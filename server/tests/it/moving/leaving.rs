//! All connections leave, sealed, and come in somewhere else.

use crate::support::databases::Database;
use crate::support::definitions;
use crate::support::house::House;
use crate::support::provider::Provider as FakeProvider;
use crate::support::seed::{Seed, new_provider};
use age::secrecy::ExposeSecret;
use age::x25519::Identity;
use server::clock::SystemClock;
use server::domain::Actor;
use server::moving::{Format, How, Importing, Leaving, Names, Outcome, Rows};
use server::oauth::egress::{Egress, Limits};
use server::oauth::policy::OutboundPolicy;
use server::store::db::{Runs, sql};
use server::upstreams::Upstreams;
use std::io::{Read, Write};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// What an export of this application is, sealed to the key.
async fn leave(seed: &Seed, key: &Identity, armor: bool) -> Vec<u8> {
    let mut sealed = Vec::new();
    let leaving = Leaving {
        store: &seed.store,
        applications: std::slice::from_ref(&seed.application),
        recipients: &[key.to_public()],
        armor,
    };
    let mut told = Vec::new();
    let left = leaving
        .write(&mut sealed, &Actor::command_line(), |done, of| {
            told.push((done, of));
        })
        .await
        .expect("it leaves");
    assert_eq!(told.last(), (left > 0).then_some(&(left, left)));
    sealed
}

fn upstreams(seed: &Seed) -> Upstreams {
    let egress = Egress::new(
        OutboundPolicy::new([]),
        Limits::default(),
        Arc::new(SystemClock),
    );
    Upstreams::new(
        seed.store.clone(),
        definitions::catalog(),
        server::catalog::OriginOverrides::default(),
        egress.expect("a client"),
        "http://127.0.0.1:3000".parse().expect("a URL"),
    )
}

db_test!(what_leaves_comes_in_elsewhere_as_it_was, async |db| {
    let house = House::of(db, "silent").await;
    let seed = &house.seed;
    let (mia, issued) = house.connect("mia").await;
    let leo = seed.connect("leo").await;
    let gone = seed.connect("kim").await;
    // what the seed fills in is nothing that this definition asks for
    let plain = sql("UPDATE connections SET inputs = '{}'");
    seed.store.db().run(plain).await.unwrap();
    seed.store
        .revoke(
            &gone,
            app::wire::RevokeReason::Asked,
            "",
            seed.backend(),
            false,
        )
        .await
        .expect("a database");
    let key = Identity::generate();
    let sealed = leave(seed, &key, false).await;
    let text = String::from_utf8_lossy(&sealed);
    assert!(!text.contains(&issued.access_token) && !text.contains("crm-sync"));

    // a new house with the same provider
    let there = Database::sqlite().await;
    let other = Seed::with(&there, new_provider("silent")).await;
    let directory = tempfile::tempdir().expect("a directory");
    let (file, identity) = (directory.path().join("x.age"), directory.path().join("key"));
    std::fs::write(&file, &sealed).expect("written");
    std::fs::write(&identity, key.to_string().expose_secret()).expect("written");
    assert!(Rows::open(&file, None).is_err(), "it is sealed");
    let rows = || {
        Rows::open(&file, Some(&identity))
            .expect("opened")
            .map(|value| Format::Grantport.row(value.expect("a row"), &Names::new()))
            .collect::<Vec<_>>()
    };
    let mut door =
        Importing::into_application(&other.store, &upstreams(&other), other.application.clone())
            .await
            .expect("a database");
    let brought = door
        .bring(rows(), How::default(), &Actor::command_line())
        .await
        .expect("a database");
    assert_eq!(brought.len(), 2, "what was revoked stays: {brought:?}");
    for (before, tokens) in [
        (&mia, seed.tokens_of(&mia.id).await),
        (&leo, seed.tokens_of(&leo.id).await),
    ] {
        let row = sql("SELECT id FROM connections WHERE external_id = $1").bind(before.id.as_str());
        let row = other
            .store
            .db()
            .row(row)
            .await
            .unwrap()
            .expect("it is here");
        let id = row.parsed("id").unwrap();
        let after = other.read(&id).await;
        assert_eq!(other.tokens_of(&id).await, tokens);
        assert_eq!(after.owner, before.owner);
        assert_eq!(after.end_user, before.end_user);
        assert_eq!(after.account_id, before.account_id);
        assert_eq!(after.scopes_granted, before.scopes_granted);
        assert_eq!(after.metadata, before.metadata);
        assert_eq!(after.client_id, before.client_id);
        assert_eq!(after.redirect_uri, before.redirect_uri);
        let seconds =
            |at: Option<server::domain::Timestamp>| at.map(server::domain::Timestamp::seconds);
        assert_eq!(
            seconds(after.access_token_expires_at),
            seconds(before.access_token_expires_at)
        );
    }
    let again = door
        .bring(rows(), How::default(), &Actor::command_line())
        .await
        .expect("a database");
    assert!(
        again.iter().all(|one| one.outcome == Outcome::AlreadyThere),
        "{again:?}"
    );
    let audited =
        sql("SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connections.exported'");
    let audited = seed.store.db().row(audited).await.unwrap().expect("a row");
    assert_eq!(audited.count("many").unwrap(), 1);
    there.stop().await.remove().await;
});

#[tokio::test]
async fn the_real_tool_opens_what_left() {
    let Ok(version) = Command::new("age").arg("--version").output() else {
        eprintln!("age is not installed here");
        return;
    };
    assert!(version.status.success());
    let db = Database::sqlite().await;
    let seed = Seed::of(&db).await;
    let mia = seed.connect("mia").await;
    let key = Identity::generate();
    let directory = tempfile::tempdir().expect("a directory");
    let identity = directory.path().join("key");
    std::fs::write(&identity, key.to_string().expose_secret()).expect("written");
    for armor in [false, true] {
        let sealed = leave(&seed, &key, armor).await;
        assert_eq!(sealed.starts_with(b"-----BEGIN AGE"), armor);
        let mut child = Command::new("age")
            .args(["--decrypt", "--identity"])
            .arg(&identity)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("age runs");
        child
            .stdin
            .take()
            .expect("a pipe")
            .write_all(&sealed)
            .expect("written");
        let mut plain = String::new();
        child
            .stdout
            .take()
            .expect("a pipe")
            .read_to_string(&mut plain)
            .expect("read");
        assert!(child.wait().expect("it ends").success());
        assert!(plain.contains(&seed.tokens_of(&mia.id).await.0), "{plain}");
    }
    // nothing else speaks to a provider here
    drop(FakeProvider::start(definitions::manners("house")).await);
    db.stop().await.remove().await;
}
