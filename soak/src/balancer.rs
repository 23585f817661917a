//! A load balancer before the processes, as plain as they come: calls go in turn to those whose
//! `/readyz` says 200. A call that finds nobody listening is tried on the next one; nothing else is
//! ever tried again, so whatever a process does to a call, its caller feels.

use crate::backend::{Backend, Got, Receipt};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::task::AbortHandle;
use tokio::time::sleep;

/// Between two questions whether a process is ready.
const EVERY: Duration = Duration::from_millis(500);

/// Asks the processes until it is dropped. Cheap to share.
pub(crate) struct Balancer {
    backend: Backend,
    ready: Arc<[AtomicBool]>,
    next: AtomicUsize,
    passed_on: AtomicUsize,
    asking: AbortHandle,
}

impl Balancer {
    /// Before so many processes, which are ready.
    pub(crate) fn before(backend: Backend, processes: usize) -> Self {
        let ready: Arc<[AtomicBool]> = (0..processes).map(|_| AtomicBool::new(true)).collect();
        let asking = tokio::spawn(ask(backend.clone(), Arc::clone(&ready)));
        Self {
            backend,
            ready,
            next: AtomicUsize::new(0),
            passed_on: AtomicUsize::new(0),
            asking: asking.abort_handle(),
        }
    }

    /// Asks for a token of this connection.
    pub(crate) async fn token(&self, connection: &str) -> Receipt {
        let nodes = self.ready.len();
        let first = self.next.fetch_add(1, Ordering::Relaxed);
        let in_turn = (0..nodes).map(|step| (first + step) % nodes);
        let (mut order, others): (Vec<_>, Vec<_>) =
            in_turn.partition(|node| self.ready[*node].load(Ordering::Relaxed));
        order.extend(others);
        let mut last = self.backend.token(order[0], connection).await;
        for node in &order[1..] {
            if last.got != Got::Refused {
                break;
            }
            self.passed_on.fetch_add(1, Ordering::Relaxed);
            last = self.backend.token(*node, connection).await;
        }
        last
    }

    /// Calls that found nobody listening and went to the next process.
    pub(crate) fn passed_on(&self) -> usize {
        self.passed_on.load(Ordering::Relaxed)
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.asking.abort();
    }
}

async fn ask(backend: Backend, ready: Arc<[AtomicBool]>) {
    loop {
        for (node, ready) in ready.iter().enumerate() {
            let status = backend.status(node, "readyz").await;
            ready.store(matches!(status, Ok(200)), Ordering::Relaxed);
        }
        sleep(EVERY).await;
    }
}
