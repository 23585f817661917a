//! Grantport's server: everything that touches a secret, a socket or a database.
//!
//! The modules read as the story of a connection. A **provider definition** (`catalog`) is set up
//! in the portal (`portal`, behind `auth`); the backend makes a connect session (`api`); the end
//! user approves (`connect`), where the OAuth engine (`oauth`) talks to the provider; the token set
//! is sealed (`vault`) and kept (`store`); from then on `tokens` hands out a fresh access token
//! and refreshes it when due. Before all that, an admin tries the flow out (`playground`). How
//! that user's pages look is the application's own (`brand`). `domain` holds the words all of them share, `http` what every
//! request passes through. What was done, and by whom, is written down and sealed (`audit`); `caller` knows from
//! which address it was asked for. What happens to connections is told to the backends that want to
//! hear of it (`webhooks`). Connections come from elsewhere, and leave, through `moving`.

pub mod api;
pub mod apply;
pub mod audit;
pub mod auth;
pub mod brand;
pub mod caller;
pub mod catalog;
pub mod cli;
pub mod clock;
pub mod config;
pub mod connect;
mod docs;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod json;
pub mod mail;
pub mod metrics;
pub mod moving;
pub mod oauth;
pub mod playground;
pub mod portal;
pub mod practice;
pub mod proxy;
pub mod quarantine;
pub mod router;
pub mod serve;
pub mod state;
pub mod store;
pub mod telemetry;
pub mod tokens;
pub mod upstreams;
pub mod vault;
pub mod webhooks;
