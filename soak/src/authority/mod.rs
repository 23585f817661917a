//! An authorization server that is faulty and rotates on purpose, and knows the truth.
//!
//! ```text
//! book.rs       the authoritative log: grants, their token pairs, every presentation of a refresh token
//! manners.rs    how it treats a spent token, when it rotates, how slow it is
//! fault.rs      what it does instead of a proper answer
//! endpoints.rs  /authorize, /token, /me, /revoke
//! wire.rs       the socket: can refuse, and can reset a connection under a request
//! ```
//!
//! Like a real one it finishes what it began: a client that hangs up does not undo a rotation.

mod book;
mod endpoints;
mod fault;
mod manners;
mod wire;

pub(crate) use book::{Book, Grant, Presentation, Said};
pub(crate) use fault::{Fault, Kind};
pub(crate) use manners::{Manners, Mode, Turn};

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::task::AbortHandle;

/// Where the definition says that the server is; an origin override leads to its socket.
pub(crate) const ORIGIN: &str = "https://authority.soak.example";
pub(crate) const CLIENT_ID: &str = "soak-client";
pub(crate) const CLIENT_SECRET: &str = "soak-client-secret";

/// What the endpoints share.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    book: Arc<Mutex<Book>>,
    manners: Arc<Mutex<Manners>>,
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manners(&self) -> Manners {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The running server.
pub(crate) struct Authority {
    desk: Desk,
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Authority {
    /// On a free port of the loopback interface.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        let desk = Desk::default();
        let (address, accepting) =
            wire::listen(SocketAddr::from(([127, 0, 0, 1], 0)), &desk).await?;
        Ok(Self {
            desk,
            address,
            accepting,
        })
    }

    /// Where its socket is.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The log, locked for as long as it is looked at.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.desk.book()
    }

    /// Changes how it behaves from now on. The mode counts for grants that are made from now on.
    pub(crate) fn behave(&self, change: impl FnOnce(&mut Manners)) {
        change(
            &mut self
                .desk
                .manners
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Refuses connections from now on.
    pub(crate) fn close(&self) {
        self.accepting.abort();
    }

    /// Takes connections again, at the same address.
    pub(crate) async fn reopen(&mut self) -> anyhow::Result<()> {
        (_, self.accepting) = wire::listen(self.address, &self.desk).await?;
        Ok(())
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}
