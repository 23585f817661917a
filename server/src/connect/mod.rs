//! The end user's minute with us: the hosted page, the provider, and back.
//!
//! ```text
//! GET  /connect/{token}                 who asks, for what, for whom          page.rs
//! POST /connect/{token}/start           state, PKCE, a cookie; to the provider start.rs
//! GET  /oauth/callback/{provider_id}    back: check, then exchange in a task  callback.rs, finish.rs
//! GET  /connect/{token}/outcome/{flow}  how it ended                          outcome.rs
//! GET  /connect/{token}/accounts        what this person has connected        accounts.rs
//! ```
//!
//! An attempt is a *flow*. It belongs to one browser (a cookie with a value of its own, R6), to one
//! provider (whose id stands in the redirect URI, R3), and is used up by whoever claims it first
//! (R5). The exchange runs in a tracked task: the browser may hang up, the server may be asked to
//! stop, the code is exchanged once and what it brought is kept (R17).
//!
//! No page here needs JavaScript, and none is a dead end: whatever goes wrong is a
//! [`ConnectProblem`](app::wire::ConnectProblem) with a page of its own.

mod accounts;
mod answer;
mod callback;
mod cookie;
mod exchanging;
mod finish;
mod outcome;
mod page;
mod start;
mod view;

use crate::playground::Playgrounds;
use crate::store::Store;
use crate::upstreams::Upstreams;
use axum::Router;
use axum::routing::{get, post};
use tokio_util::task::TaskTracker;

/// What the handlers share. Cheap to clone.
#[derive(Clone)]
pub struct Connect {
    store: Store,
    upstreams: Upstreams,
    tracker: TaskTracker,
    /// Whose callbacks arrive here too.
    playgrounds: Playgrounds,
}

impl Connect {
    /// `tracker` is waited for when the server stops, so that no exchange is cut off (R96).
    #[must_use]
    pub fn new(store: Store, upstreams: Upstreams, tracker: TaskTracker) -> Self {
        Self {
            playgrounds: Playgrounds::new(store.clone(), upstreams.clone(), tracker.clone()),
            store,
            upstreams,
            tracker,
        }
    }

    /// The routes of the connect flow.
    pub fn router(self) -> Router {
        Router::new()
            .route("/connect/{token}", get(page::show))
            // an address that only a form posts to leads back to the page when it is typed or reloaded
            .route(
                "/connect/{token}/start",
                post(start::start).get(page::again),
            )
            .route("/connect/{token}/stop", post(page::stop).get(page::again))
            .route("/connect/{token}/outcome/{flow}", get(outcome::show))
            .route("/connect/{token}/accounts", get(accounts::show))
            .route(
                "/connect/{token}/accounts/{connection}/disconnect",
                post(accounts::disconnect).get(accounts::again),
            )
            .route("/oauth/callback/{provider}", get(callback::callback))
            .with_state(self)
    }
}
