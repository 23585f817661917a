//! A server's life: open, say where to go, answer, end in order.

use crate::auth::issue_setup_token;
use crate::cli::Failure;
use crate::http::{assets, listen};
use crate::jobs;
use crate::router::router;
use crate::state::AppState;
use crate::store::StoreLock;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::TaskTracker;

/// An exchange with a provider may take half a minute, and its token must not be lost.
const LAST_WORK: Duration = Duration::from_secs(40);

/// Serves until the process is asked to end.
pub async fn serve(state: AppState, lock: StoreLock) -> Result<(), Failure> {
    let listener = bind(state.config.bind).await?;
    welcome(&state).await?;
    if !assets::are_available() {
        tracing::warn!(
            "this binary has no assets inside; pages will have no style. Build it with: make build"
        );
    }
    // before anybody can ask with what they replace
    if let Err(error) = state.tokens.take_in().await {
        tracing::error!(%error, "tokens in recovery.d are not stored yet");
    }
    jobs::start(
        &state.store,
        &state.upstreams,
        &state.tokens,
        &state.tasks,
        &state.shutdown,
        true,
    );
    let connections = TaskTracker::new();
    let accepting = tokio::spawn(listen(
        listener,
        router(state.clone()),
        state.shutdown.clone(),
        connections.clone(),
    ));
    asked_to_end().await?;
    tracing::info!("ending: no new connections, waiting for what is under way");
    state.shutdown.cancel();
    // whatever went wrong with accepting, it is over now
    drop(accepting.await);
    finish(&state, &connections).await;
    // what the last requests got, after the jobs had ended
    if let Err(error) = state.tokens.hand_outs().store(&state.store).await {
        tracing::error!(%error, "the last tokens that were handed out are not in the histories");
    }
    state.store.close().await;
    drop(lock);
    Ok(())
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(address)
        .await
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AddrInUse => Failure::PortInUse { address },
            _ => Failure::Bind { address, error },
        })
}

/// Says where to go. The set-up token goes to standard output alone, never into a log or a URL.
async fn welcome(state: &AppState) -> Result<(), Failure> {
    let token = issue_setup_token(&state.store).await?;
    let lines = match &token {
        Some(token) => format!(
            "Open {}\nSetup token: {}\nIt works once, for one hour. A restart prints a new one.\n",
            state.config.url("/setup"),
            token.expose(),
        ),
        None => format!("Open {}\n", state.config.url("/")),
    };
    let mut out = std::io::stdout().lock();
    // a closed standard output does not keep a server from serving
    drop(out.write_all(lines.as_bytes()).and_then(|()| out.flush()));
    tracing::info!(address = %state.config.bind, public_url = %state.config.origin(), "listening");
    Ok(())
}

async fn asked_to_end() -> Result<(), Failure> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Failure::Signal)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Failure::Signal)?;
    tokio::select! {
        _ = terminate.recv() => (),
        _ = interrupt.recv() => (),
    }
    Ok(())
}

/// Waits for requests first, then for the tasks that they left behind.
async fn finish(state: &AppState, connections: &TaskTracker) {
    connections.close();
    state.tasks.close();
    let all = async {
        connections.wait().await;
        state.tasks.wait().await;
    };
    if tokio::time::timeout(LAST_WORK, all).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            tasks = state.tasks.len(),
            "ending although not everything has finished"
        );
    }
}
