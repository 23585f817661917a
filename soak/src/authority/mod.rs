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

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

pub(crate) const CLIENT_ID: &str = "soak-client";
pub(crate) const CLIENT_SECRET: &str = "soak-client-secret";

/// What the endpoints share.
#[derive(Clone, Default)]
pub(crate) struct Desk {
    book: Arc<Mutex<Book>>,
    manners: Arc<Mutex<Manners>>,
    /// Hosts at which all refreshes fail in the same way.
    down: Arc<Mutex<HashMap<usize, Fault>>>,
    /// Ends the silence of those who were not to be answered.
    silence_ends: Arc<Notify>,
}

impl Desk {
    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn manners(&self) -> Manners {
        *self.manners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn down(&self) -> MutexGuard<'_, HashMap<usize, Fault>> {
        self.down.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the definitions say that host number `n` is; an origin override leads to its socket.
pub(crate) fn origin(n: usize) -> String {
    format!("https://authority-{n}.soak.example")
}

/// The running server. It has one log, and as many hosts as are wanted: each is another provider's
/// token endpoint, and what happens to one is no reason to think ill of the others.
pub(crate) struct Authority {
    desk: Desk,
    hosts: Vec<Host>,
}

struct Host {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Authority {
    /// So many hosts, on free ports of the loopback interface.
    pub(crate) async fn start(hosts: usize) -> anyhow::Result<Self> {
        let mut authority = Self {
            desk: Desk::default(),
            hosts: Vec::new(),
        };
        for host in 0..hosts {
            let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
            let (address, accepting) = wire::listen(anywhere, &authority.desk, host).await?;
            authority.hosts.push(Host { address, accepting });
        }
        Ok(authority)
    }

    /// Where the sockets of its hosts are.
    pub(crate) fn sockets(&self) -> Vec<String> {
        self.hosts
            .iter()
            .map(|host| format!("http://{}", host.address))
            .collect()
    }

    /// The log, locked for as long as it is looked at.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.desk.book()
    }

    /// Changes how it behaves from now on.
    pub(crate) fn behave(&self, change: impl FnOnce(&mut Manners)) {
        change(
            &mut self
                .desk
                .manners
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
    }

    /// Answers those who are waiting in vain that it was in vain, so that nobody has to wait longer.
    pub(crate) fn let_go(&self) {
        self.desk.silence_ends.notify_waiters();
    }

    /// Lets all refreshes at this host fail like this from now on; `None`: it is well.
    pub(crate) fn fail(&self, host: usize, fault: Option<Fault>) {
        let mut down = self.desk.down();
        match fault {
            Some(fault) => down.insert(host, fault),
            None => down.remove(&host),
        };
    }

    /// Refuses connections at this host from now on.
    pub(crate) fn close(&self, host: usize) {
        self.hosts[host].accepting.abort();
    }

    /// Takes connections again, at the same address.
    pub(crate) async fn reopen(&mut self, host: usize) -> anyhow::Result<()> {
        let address = self.hosts[host].address;
        (_, self.hosts[host].accepting) = wire::listen(address, &self.desk, host).await?;
        Ok(())
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        for host in &self.hosts {
            host.accepting.abort();
        }
    }
}
