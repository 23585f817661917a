//! The metrics page, on a socket of its own beside the public one.

use crate::support::databases::Database;
use crate::support::provider::Fault;
use crate::support::seed::{HOUR, Seed, admin, new_provider, saved, tokens};
use crate::support::site::Site;
use axum::Router;
use serde_json::Value;
use server::api::key::ApiKeyText;
use server::domain::{Connection, Owner};
use server::http::listen;
use server::jobs::read_vitals;
use server::router::router;
use server::store::NewConnection;
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A server that listens on both of its addresses.
struct Stage {
    site: Site,
    seed: Seed,
    key: String,
    public: SocketAddr,
    metrics: SocketAddr,
    shutdown: CancellationToken,
    listening: TaskTracker,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let seed = Seed::with(&db, new_provider("house")).await;
        let key = ApiKeyText::make();
        seed.store
            .create_api_key(&seed.application, "tests", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        let site = Site::new(db).await;
        let (shutdown, listening) = (CancellationToken::new(), TaskTracker::new());
        let at = async |routes: Router| {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            listening.spawn(listen(
                listener,
                routes,
                64,
                shutdown.clone(),
                listening.clone(),
            ));
            address
        };
        Self {
            public: at(router(site.state.clone())).await,
            metrics: at(site.state.metrics.routes()).await,
            key: key.text.expose().clone(),
            site,
            seed,
            shutdown,
            listening,
        }
    }

    async fn connect(&self, person: &str) -> Connection {
        let issued = self.site.provider.issue(person);
        let set = tokens(&issued.access_token, issued.refresh_token.as_deref());
        let owner = Owner::Personal(person.to_owned());
        let new = NewConnection {
            saved: saved(set, self.seed.store.now(), Some(HOUR)),
            ..self.seed.brought(owner, person, person)
        };
        self.seed.finish(&new, None).await.expect("a connection")
    }

    async fn ask(&self, connection: &Connection) -> u16 {
        let path = format!("/connections/{}/token", connection.id);
        let answer = self.site.api(&self.key, "POST", &path, &Value::Null).await;
        answer.status.as_u16()
    }

    /// What a scrape gets after the job's next round.
    async fn scrape(&self) -> String {
        let state = &self.site.state;
        read_vitals(&state.store, &state.metrics).await.unwrap();
        get(self.metrics, "/metrics").await
    }
}

async fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).await.expect("connected");
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await.expect("written");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("an answer");
    answer
}

fn must_tell(page: &str, lines: &[&str]) {
    for line in lines {
        assert!(page.lines().any(|one| one == *line), "{line} in\n{page}");
    }
}

db_test!(what_happens_stands_on_the_metrics_page, async |db| {
    let stage = Stage::new(db).await;
    let (mia, bo) = (stage.connect("mia").await, stage.connect("bo").await);
    let page = stage.scrape().await;
    assert!(page.starts_with("HTTP/1.1 200 OK"), "{page}");
    assert!(
        page.contains("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8"),
        "{page}"
    );
    must_tell(
        &page,
        &[
            r#"grantport_connections{state="active"} 2"#,
            r#"grantport_token_total{outcome="handed_out"} 0"#,
            "grantport_database_up 1",
        ],
    );

    assert_eq!(stage.ask(&mia).await, 200);
    stage.site.db.clock.advance(2 * 3_600_000);
    stage
        .site
        .provider
        .next_fails(Fault::Refusal(429, "slow_down"));
    assert_eq!(stage.ask(&mia).await, 503);
    stage.site.provider.forget("bo");
    assert_eq!(stage.ask(&bo).await, 409);
    must_tell(
        &stage.scrape().await,
        &[
            r#"grantport_token_total{outcome="handed_out"} 1"#,
            r#"grantport_token_total{outcome="provider_unavailable"} 1"#,
            r#"grantport_token_total{outcome="reconnect_required"} 1"#,
            r#"grantport_refresh_total{class="throttled"} 1"#,
            r#"grantport_refresh_total{class="dead"} 1"#,
            r#"grantport_refresh_total{class="ok"} 0"#,
            "grantport_refresh_seconds_count 2",
            "grantport_gate_wait_seconds_count 2",
            r#"grantport_reconnect_required_total{reason="grant_revoked_or_expired"} 1"#,
            r#"grantport_connections{state="active"} 0"#,
            r#"grantport_connections{state="degraded"} 1"#,
            r#"grantport_connections{state="reconnect_required"} 1"#,
            "# EOF",
        ],
    );

    // the portal's own page for addresses that are none
    let elsewhere = get(stage.public, "/metrics").await;
    assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");
    assert!(!elsewhere.contains("grantport_"), "{elsewhere}");
    let elsewhere = get(stage.metrics, "/signin").await;
    assert!(elsewhere.starts_with("HTTP/1.1 404"), "{elsewhere}");

    stage.shutdown.cancel();
    stage.listening.close();
    stage.listening.wait().await;
    for address in [stage.public, stage.metrics] {
        assert!(TcpStream::connect(address).await.is_err(), "{address}");
    }
});
