//! The socket. Each request knows its connection, and can have it reset.

use super::Desk;
use super::endpoints::routes;
use axum::Extension;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

/// The connection that a request came on.
#[derive(Clone, Default)]
pub(super) struct Line(Arc<Notify>);

impl Line {
    /// Ends the connection with a reset, whatever is under way on it.
    pub(super) fn reset(&self) {
        self.0.notify_one();
    }
}

/// The host that a request came to.
#[derive(Clone, Copy)]
pub(super) struct Host(pub(super) usize);

/// Serves at `address` as that host until the task behind the handle is aborted.
pub(super) async fn listen(
    address: SocketAddr,
    desk: &Desk,
    host: usize,
) -> anyhow::Result<(SocketAddr, AbortHandle)> {
    let listener = TcpListener::bind(address).await?;
    let address = listener.local_addr()?;
    let desk = desk.clone();
    let accepting = tokio::spawn(async move {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => drop(tokio::spawn(talk(stream, desk.clone(), Host(host)))),
                Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
            }
        }
    });
    Ok((address, accepting.abort_handle()))
}

async fn talk(stream: TcpStream, desk: Desk, host: Host) {
    // a second handle on the socket: hyper owns the first when the connection is to be reset
    let Ok(stream) = stream.into_std() else {
        return;
    };
    let Ok(again) = stream.try_clone() else {
        return;
    };
    let socket = socket2::Socket::from(again);
    let Ok(stream) = TcpStream::from_std(stream) else {
        return;
    };
    // without it an answer may wait for the client's delayed ACK
    let _ = stream.set_nodelay(true);
    let line = Line::default();
    let routes = routes(desk)
        .layer(Extension(line.clone()))
        .layer(Extension(host));
    let builder = auto::Builder::new(TokioExecutor::new()).http1_only();
    let serving = builder.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    tokio::select! {
        // a client that hangs up is what some scenarios are about
        _ = serving => {}
        () = line.0.notified() => {
            // closing with no time to linger is what sends a reset
            let _ = socket.set_linger(Some(Duration::ZERO));
        }
    }
}
