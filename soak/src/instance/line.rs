//! A line to PostgreSQL that can break at the worst moment: when a commit has been carried out and
//! its confirmation is on the way back.
//!
//! The server cannot tell this from a commit that never arrived.

use anyhow::Context as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::AbortHandle;

/// The port that is part of the socket's name, whatever PostgreSQL listens on.
const SOCKET: &str = ".s.PGSQL.5432";
/// How sqlx ends a transaction: a simple query.
const COMMIT: &[u8] = b"COMMIT";

/// Listens until it is dropped.
pub(crate) struct Line {
    address: SocketAddr,
    /// Confirmations of commits that are still to be lost.
    to_lose: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

impl Line {
    /// To the PostgreSQL whose socket the URL names.
    pub(crate) async fn to(server: &str) -> anyhow::Result<Self> {
        let url = url::Url::parse(server)?;
        let host = url.query_pairs().find(|(name, _)| name == "host");
        let (_, directory) = host.context("PostgreSQL does not listen on a socket")?;
        let socket = PathBuf::from(directory.as_ref()).join(SOCKET);
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let to_lose = Arc::new(AtomicUsize::new(0));
        let left = Arc::clone(&to_lose);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (socket, left) = (socket.clone(), Arc::clone(&left));
                tokio::spawn(async move {
                    if let Ok(server) = UnixStream::connect(socket).await {
                        // whichever side ends, ends both
                        let _ = carry(client, server, &left).await;
                    }
                });
            }
        });
        let accepting = accepting.abort_handle();
        Ok(Self {
            address,
            to_lose,
            accepting,
        })
    }

    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Loses the confirmations of the next commits, so many.
    pub(crate) fn lose(&self, commits: usize) {
        self.to_lose.store(commits, Ordering::SeqCst);
    }

    /// Confirmations that are still to be lost.
    pub(crate) fn left(&self) -> usize {
        self.to_lose.load(Ordering::SeqCst)
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Carries bytes both ways until one side ends, or until a confirmation is to be lost.
async fn carry(
    mut client: TcpStream,
    mut server: UnixStream,
    left: &AtomicUsize,
) -> std::io::Result<()> {
    let (mut asked, mut told) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut asked) => {
                let bytes = &asked[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                let is_commit = bytes.windows(COMMIT.len()).any(|some| some == COMMIT);
                let one_less = |left: usize| left.checked_sub(1);
                let loses = is_commit && left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok();
                server.write_all(bytes).await?;
                if loses {
                    let _confirmation = server.read(&mut told).await?;
                    return Ok(());
                }
            }
            read = server.read(&mut told) => {
                let bytes = &told[..read?];
                if bytes.is_empty() {
                    return Ok(());
                }
                client.write_all(bytes).await?;
            }
        }
    }
}
