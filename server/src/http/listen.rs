//! Accepting connections.
//!
//! axum's own `serve` reads headers for as long as a client likes to take and accepts any number of
//! connections, so the loop is ours: ten seconds for the headers, a fixed number of connections at
//! a time, `TCP_NODELAY` (without it a page that is streamed waits for the client's delayed ACK),
//! and an orderly end.

use axum::Extension;
use axum::Router;
use axum::extract::ConnectInfo;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Layer;

const HEADER_TIME: Duration = Duration::from_secs(10);
/// A request that was sent before its client could know that we are about to end has arrived by then.
/// A connection on which nothing was read yet would otherwise be closed under it.
const LAST_CALL: Duration = Duration::from_millis(500);
/// Connections that wait to be accepted, as far as the system allows: a crowd that comes at once.
const QUEUE: u32 = 4096;
/// What hyper reads before it gives up; within it, `limits` answers with a page.
const LONGEST_HEAD: usize = 64 * 1024;

/// Takes an address. Whoever finds the queue full is silent for a second before it tries again.
pub fn bind(address: SocketAddr) -> std::io::Result<TcpListener> {
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    }?;
    // a restart takes the address over from connections that have ended
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(QUEUE)
}

/// Serves until `shutdown`, then answers what is under way: `room` connections at a time, which end
/// in `connections`.
pub async fn listen(
    listener: TcpListener,
    routes: Router,
    room: usize,
    shutdown: CancellationToken,
    connections: TaskTracker,
) {
    let room = Arc::new(Semaphore::new(room));
    loop {
        // first a place, then a connection: whoever finds no place waits in the system's queue
        let Ok(place) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let (stream, peer) = tokio::select! {
            () = shutdown.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    rest_after(&error).await;
                    continue;
                }
            },
        };
        let (routes, shutdown) = (routes.clone(), shutdown.clone());
        connections.spawn(async move {
            talk(stream, peer, routes, shutdown).await;
            drop(place);
        });
    }
    // whoever is in the system's queue believes to be connected
    let Ok(queue) = listener.into_std() else {
        return;
    };
    while let Ok((stream, peer)) = queue.accept() {
        let ready = stream
            .set_nonblocking(true)
            .and_then(|()| TcpStream::from_std(stream));
        if let Ok(stream) = ready {
            connections.spawn(talk(stream, peer, routes.clone(), shutdown.clone()));
        }
    }
}

/// A connection that broke before it was accepted is nothing; running out of files is, and gets
/// better only when others end.
async fn rest_after(error: &std::io::Error) {
    use std::io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        tracing::error!(%error, "a connection could not be accepted");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn talk(stream: TcpStream, peer: SocketAddr, routes: Router, shutdown: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY was not set");
    }
    let service = TowerToHyperService::new(Extension(ConnectInfo(peer)).layer(routes));
    let mut builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIME)
        .max_buf_size(LONGEST_HEAD);
    let connection = builder.serve_connection(TokioIo::new(stream), service);
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = shutdown.cancelled() => {
            if let Ok(ended) = timeout(LAST_CALL, connection.as_mut()).await {
                ended
            } else {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        }
    };
    if let Err(error) = ended {
        // clients that go away, or that do not speak HTTP
        tracing::debug!(%error, "a connection broke");
    }
}
