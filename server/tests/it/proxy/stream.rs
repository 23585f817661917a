//! Bodies that are larger than the memory that they may take, through the program itself.

use crate::support::databases::KEY;
use crate::support::definitions;
use crate::support::provider::{Manners, Provider};
use crate::support::seed::{HOUR, Seed, admin, new_provider, saved, tokens};
use serde_json::json;
use server::api::key::ApiKeyText;
use server::domain::Owner;
use server::store::NewConnection;
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

const MIB: usize = 1024 * 1024;
const LARGE: usize = 200 * MIB;
/// A body that is held in memory somewhere would show.
const MOST_MORE: usize = 48 * MIB;

/// A server in a process of its own, ended with the test.
struct Server {
    child: Child,
    address: SocketAddr,
    _files: TempDir,
}

impl Server {
    async fn on(url: &str, provider: &Provider) -> Self {
        let files = tempfile::tempdir().unwrap();
        definitions::write(files.path());
        let key_file = files.path().join("key");
        std::fs::write(&key_file, KEY).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let private = std::fs::Permissions::from_mode(0o600);
            std::fs::set_permissions(&key_file, private).unwrap();
        }
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = free.local_addr().unwrap();
        drop(free);
        let overrides = json!({definitions::ORIGIN: provider.origin()});
        let child = Command::new(env!("CARGO_BIN_EXE_grantport"))
            .env("GRANTPORT_DATABASE_URL", url)
            .env("GRANTPORT_KEY_FILE", key_file)
            .env("GRANTPORT_BIND", address.to_string())
            .env("GRANTPORT_PUBLIC_URL", format!("http://{address}"))
            .env("GRANTPORT_CATALOG_DIR", files.path())
            .env("GRANTPORT_ORIGIN_OVERRIDES", overrides.to_string())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let server = Self {
            child: child.expect("the server starts"),
            address,
            _files: files,
        };
        for _ in 0..600 {
            if TcpStream::connect(address).await.is_ok() {
                return server;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("the server does not listen");
    }

    /// The most memory that it ever had, in bytes.
    fn peak(&self) -> usize {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:"));
        let kib = line.unwrap().split_whitespace().nth(1).unwrap();
        kib.parse::<usize>().unwrap() * 1024
    }

    async fn begin(&self, head: &str) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended already
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(target_os = "linux")]
db_test!(large_bodies_pass_in_flat_memory, async |db| {
    let provider = Provider::start(Manners::default()).await;
    let seed = Seed::with(&db, new_provider("house")).await;
    let key = ApiKeyText::make();
    seed.store
        .create_api_key(&seed.application, "backend", &key.hint, &key.hash, admin())
        .await
        .unwrap();
    let issued = provider.issue("mia");
    let set = tokens(&issued.access_token, issued.refresh_token.as_deref());
    let owner = Owner::Personal("mia".to_owned());
    let new = NewConnection {
        saved: saved(set, seed.store.now(), Some(HOUR)),
        ..seed.brought(owner, "mia", "mia")
    };
    let connection = seed.finish(&new, None).await.expect("a connection");
    let place = db.stop().await;
    let server = Server::on(&place.url, &provider).await;
    let line = |method: &str, path: &str, more: &str| {
        format!(
            "{method} /api/v1/proxy/{}/{path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
             authorization: Bearer {}\r\n{more}\r\n",
            connection.id,
            key.text.expose()
        )
    };

    // small ones first, so that what is measured is only what the large ones add
    let small = server.begin(&line("GET", "flood/1024", "")).await;
    assert!(read_all(small).await.1 > 1024);
    let before = server.peak();

    let down = server
        .begin(&line("GET", &format!("flood/{LARGE}"), ""))
        .await;
    let (head, bytes) = read_all(down).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(bytes > LARGE, "{bytes}: chunks and head come on top");

    let length = format!("content-length: {LARGE}\r\n");
    let mut up = server.begin(&line("POST", "sink", &length)).await;
    let piece = vec![7_u8; MIB];
    for _ in 0..LARGE / MIB {
        up.write_all(&piece).await.unwrap();
    }
    let (head, _) = read_all(up).await;
    assert!(head.starts_with("HTTP/1.1 200"), "{head}");
    assert!(head.ends_with(&LARGE.to_string()), "{head}");

    let more = server.peak() - before;
    assert!(more < MOST_MORE, "{} MiB more", more / MIB);
});

/// The beginning of an answer, and how long all of it was.
async fn read_all(stream: TcpStream) -> (String, usize) {
    let mut stream = BufReader::with_capacity(MIB, stream);
    let (mut head, mut all, mut piece) = (Vec::new(), 0, vec![0_u8; MIB]);
    loop {
        let many = stream.read(&mut piece).await.unwrap();
        if many == 0 {
            return (String::from_utf8_lossy(&head).into_owned(), all);
        }
        all += many;
        let room = 4096_usize.saturating_sub(head.len());
        head.extend_from_slice(&piece[..many.min(room)]);
    }
}
