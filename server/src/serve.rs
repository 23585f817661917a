//! A server's life: open, say where to go, answer, end in order.

use crate::auth::issue_setup_token;
use crate::cli::Failure;
use crate::http::{self, assets, listen, make_room};
use crate::jobs;
use crate::quarantine::Heartbeat;
use crate::router::router;
use crate::state::AppState;
use crate::store::StoreLock;
use crate::webhooks::Courier;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::task::TaskTracker;

/// Attempts to store the last counts.
const LAST_ATTEMPTS: u32 = 4;
/// An exchange with a provider may take half a minute, and its token must not be lost.
const LAST_WORK: Duration = Duration::from_secs(40);
/// Connections at a time to where the metrics are.
const WATCHERS: usize = 64;

/// Serves until the process is asked to end.
pub async fn serve(state: AppState, lock: StoreLock) -> Result<(), Failure> {
    let listener = bind("GRANTPORT_BIND", state.config.bind)?;
    let watched = match state.config.metrics_bind {
        Some(address) => Some(bind("GRANTPORT_METRICS_BIND", address)?),
        None => None,
    };
    // before anything can ask a provider: this may be a copy
    let heartbeat = Heartbeat::new(&state.store, &state.config.keys);
    heartbeat.recognise().await?;
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
        &heartbeat,
        &state.tasks,
        &state.shutdown,
        state.config.background_refresh,
    );
    let egress = state.upstreams.egress().clone();
    let courier = Courier::new(state.store.clone(), egress, state.metrics.clone());
    jobs::send_webhooks(courier, &state.tasks, &state.shutdown);
    jobs::keep_audit(&state.auditor, &state.tasks, &state.shutdown);
    let connections = TaskTracker::new();
    let accepting = tokio::spawn(listen(
        listener,
        router(state.clone()),
        make_room(),
        state.shutdown.clone(),
        connections.clone(),
    ));
    if let Some(listener) = watched {
        watch(&state, listener, &connections);
    }
    asked_to_end().await?;
    tracing::info!("ending: no new connections, waiting for what is under way");
    state.shutdown.cancel();
    // whatever went wrong with accepting, it is over now
    drop(accepting.await);
    finish(&state, &connections).await;
    store_last_counts(&state).await;
    seal_last_events(&state).await;
    state.store.close().await;
    drop(lock);
    Ok(())
}

/// Serves the metrics on an address of their own, until the server ends.
fn watch(state: &AppState, listener: TcpListener, connections: &TaskTracker) {
    if let Ok(address) = listener.local_addr() {
        tracing::info!(%address, "serving metrics");
    }
    jobs::watch_vitals(
        &state.store,
        &state.tokens,
        &state.metrics,
        &state.tasks,
        &state.shutdown,
    );
    state.tasks.spawn(listen(
        listener,
        state.metrics.routes(),
        WATCHERS,
        state.shutdown.clone(),
        connections.clone(),
    ));
}

/// `variable` is the setting that names the address.
fn bind(variable: &'static str, address: SocketAddr) -> Result<TcpListener, Failure> {
    http::bind(address).map_err(|error| match error.kind() {
        std::io::ErrorKind::AddrInUse => Failure::PortInUse { address, variable },
        _ => Failure::Bind {
            address,
            variable,
            error,
        },
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

/// What the last requests got, after the jobs had ended. A database that is slow at this moment is
/// asked again: what it does not take now is nowhere.
async fn store_last_counts(state: &AppState) {
    for _ in 1..LAST_ATTEMPTS {
        match state.tokens.hand_outs().store(&state.store).await {
            Ok(()) => return,
            Err(error) => tracing::warn!(%error, "the last counts are not stored yet"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    if let Err(error) = state.tokens.hand_outs().store(&state.store).await {
        tracing::error!(%error, "the last tokens that were handed out are not in the histories");
    }
}

/// What the last requests did stands in the audit; what stays unsealed is sealed by the next start.
async fn seal_last_events(state: &AppState) {
    let sealed = state.store.seal_audit().await;
    let done = match sealed {
        Ok(_) => state.auditor.export_heads().await,
        Err(error) => Err(error),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "the last events of the audit are not sealed yet");
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_in_use_is_told_by_the_setting_that_asked_for_it() {
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = taken.local_addr().expect("an address");
        for variable in ["GRANTPORT_BIND", "GRANTPORT_METRICS_BIND"] {
            let failure = bind(variable, address).expect_err("taken");
            assert_eq!(
                failure.to_string(),
                format!(
                    "{address} is in use by another program. Stop it, or set {variable} to another port."
                )
            );
        }
    }
}
