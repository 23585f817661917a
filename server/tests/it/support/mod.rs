//! What the tests stand on: databases, a seeded application, a provider, and all of it together.

#[macro_use]
pub(crate) mod databases;

pub(crate) mod canary;
mod cluster;
pub(crate) mod definitions;
pub(crate) mod house;
pub(crate) mod line;
pub(crate) mod mail_server;
pub(crate) mod member;
pub(crate) mod provider;
pub(crate) mod seed;
pub(crate) mod site;
pub(crate) mod together;
pub(crate) mod totp;
