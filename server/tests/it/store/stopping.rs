//! Emergency stops: read with the call, written with their audit event.

use crate::support::seed::{Seed, admin};
use server::store::Stopped;
use server::store::db::{Runs, sql};

db_test!(a_stop_comes_with_what_a_call_reads_anyway, async |db| {
    let seed = Seed::of(&db).await;
    let connection = seed.connect("mia").await;
    let other_node = db.another_node().await;
    let provider = Stopped::Provider(&seed.provider);
    let application = Stopped::Application(&seed.application);
    for whose in [provider, application] {
        for reason in ["leak at a supplier", "a second word"] {
            db.store.stop_tokens(whose, reason, admin()).await.unwrap();
        }
    }
    let read = other_node
        .connection_with_tokens(&seed.application.id, connection.id.as_str())
        .await;
    let (read, tokens) = read.unwrap().expect("the connection");
    assert!(read.stopped);
    assert!(tokens.is_some(), "nothing is destroyed");
    let keys = other_node.api_keys(&seed.application.id).await.unwrap();
    assert!(keys[0].stopped);
    let stop = seed.read_provider().await.stop.expect("a stop");
    assert_eq!(
        (stop.by.as_str(), stop.reason.as_str()),
        ("Ada", "leak at a supplier")
    );

    for whose in [provider, application] {
        for _ in 0..2 {
            db.store.let_tokens_go(whose, admin()).await.unwrap();
        }
    }
    assert!(!seed.read(&connection.id).await.stopped);
    let keys = other_node.api_keys(&seed.application.id).await.unwrap();
    assert!(!keys[0].stopped);
    let audited =
        sql("SELECT action FROM audit_events WHERE action LIKE '%.tokens_%' ORDER BY seq");
    let audited = (&mut db.store.db()).rows(audited).await.unwrap();
    let actions: Vec<_> = audited
        .iter()
        .map(|row| row.text("action").unwrap())
        .collect();
    assert_eq!(
        actions,
        [
            "provider.tokens_stopped",
            "application.tokens_stopped",
            "provider.tokens_let_go",
            "application.tokens_let_go",
        ]
    );
});
