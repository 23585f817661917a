//! The server's rooms together, with real parts: real databases, a real provider on a socket.
//!
//! [`support`] builds what a test stands on. [`store`] is the conformance suite: what the database
//! room promises, on SQLite and on PostgreSQL alike. [`exchange`] turns codes into token sets;
//! [`connect_flow`], [`connect_js`], [`proof`] and [`playground`] stand before the whole router, as browsers and
//! backends do; [`golden`] holds every definition of the catalog against what it must send and
//! understand;
//! [`brand`] is how an application looks; [`metrics`] is what an operator watches;
//! [`refresh`] hands out tokens while the provider does everything that providers do, and
//! [`quarantine`] is what a restored or copied installation leaves alone.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[macro_use]
mod support;

mod brand;
mod canaries;
mod connect_flow;
mod connect_js;
mod custom;
mod exchange;
mod golden;
mod metrics;
mod playground;
mod proof;
mod quarantine;
mod refresh;
mod scope_changes;
mod store;
