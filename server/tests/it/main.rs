//! The server's rooms together, with real parts: real databases, a real provider on a socket.
//!
//! [`support`] builds what a test stands on. [`store`] is the conformance suite: what the database
//! room promises, on SQLite and on PostgreSQL alike. [`exchange`] turns codes into token sets;
//! [`connect_flow`], [`connect_js`], [`proof`] and [`playground`] stand before the whole router, as browsers and
//! backends do; [`golden`] holds every definition of the catalog against what it must send and
//! understand; [`team`] is who may sign in, as what and how; [`audit`] is who did what;
//! [`finding`] is how staff find a connection and read why it is broken, [`ending`] how connections end;
//! [`webhooks`] is what backends are told; [`roles`] is who may do what; [`brand`] is how an application looks;
//! [`metrics`] is what an operator watches; [`proxy`] calls a provider for backends; [`refresh`] hands out
//! tokens while the provider does everything that providers do, and
//! [`quarantine`] is what a restored or copied installation leaves alone.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

#[macro_use]
mod support;

mod audit;
mod brand;
mod canaries;
mod connect_flow;
mod connect_js;
mod custom;
mod ending;
mod exchange;
mod finding;
mod golden;
mod keys;
mod metrics;
mod moving;
mod playground;
mod proof;
mod proxy;
mod quarantine;
mod refresh;
mod roles;
mod scope_changes;
mod store;
mod team;
mod webhooks;
