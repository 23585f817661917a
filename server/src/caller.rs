//! From which address the work at hand was asked for.
//!
//! A request is answered by one task, and what that task writes to the audit carries the address
//! without every function on the way having to hand it on. What the server does by itself has none.

use std::net::IpAddr;

tokio::task_local! {
    static ADDRESS: IpAddr;
}

/// Does `work` as asked for from this address.
pub async fn asked_from<W: Future>(address: IpAddr, work: W) -> W::Output {
    ADDRESS.scope(address, work).await
}

/// The same in a task of its own: whatever address is known here is known there.
pub fn carried<W: Future>(work: W) -> impl Future<Output = W::Output> {
    let here = address();
    async move {
        match here {
            Some(address) => asked_from(address, work).await,
            None => work.await,
        }
    }
}

/// The address, if this work was asked for from one.
#[must_use]
pub fn address() -> Option<IpAddr> {
    ADDRESS.try_with(|address| *address).ok()
}
