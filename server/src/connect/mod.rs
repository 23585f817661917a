//! The end user's minute with us: the hosted page, the provider, and back.
//!
//! ```text
//! GET  /connect/{token}                 who asks, for what, for whom          page.rs
//! POST /connect/{token}/start           state, PKCE, a cookie; to the provider start.rs
//! GET  /oauth/callback/{provider_id}    back: check, then exchange in a task  callback.rs, finish.rs
//! POST /api/v1/connect-sessions/{id}/complete  bound: only now exchange       complete.rs
//! GET  /connect/{token}/outcome/{flow}  how it ended                          outcome.rs
//! POST /connect/{token}/outcome/{flow}/choose  another account came back     choose.rs
//! GET  /connect/{token}/accounts        what this person has connected        accounts.rs
//! GET  /connect/{token}/status          how far it is, for the page that waits status.rs
//! ```
//!
//! An attempt is a *flow*. It belongs to one browser (a cookie with a value of its own, R6), to one
//! provider (whose id stands in the redirect URI, R3), and is used up by whoever claims it first
//! (R5). The exchange runs in a tracked task: the browser may hang up, the server may be asked to
//! stop, the code is exchanged once and what it brought is kept (R17).
//!
//! Whoever staff sent a link to, without a backend having made one, begins in `reconnect_link.rs`.
//!
//! Each page is written in the language of its reader (`language.rs`).
//!
//! An application's page may open all this in a window (`connect.js`). It asks for the status, and is
//! told by the last page when that is worth it (`opener.rs`): only origins that the application
//! registered learn anything.
//!
//! No page here needs JavaScript, and none is a dead end: whatever goes wrong is a
//! [`ConnectProblem`](app::wire::ConnectProblem) with a page of its own.

mod accounts;
mod answer;
mod callback;
mod choose;
mod complete;
mod cookie;
mod exchanging;
mod finish;
mod language;
mod opener;
mod outcome;
mod page;
mod reconnect_link;
mod start;
mod status;
mod view;

pub use complete::{CompleteError, Proof};
pub use reconnect_link::ReconnectLink;

use crate::playground::Playgrounds;
use crate::store::{Store, StoreError};
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

    /// Ends flows that waited in vain: for the backend to complete, or for a person to choose.
    pub async fn end_late(&self) -> Result<(), StoreError> {
        self.store.destroy_late_codes().await?;
        self.end_late_choices().await
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
            .route("/connect/{token}/status", get(status::show))
            .route("/connect/{token}/outcome/{flow}", get(outcome::show))
            .route(
                "/connect/{token}/outcome/{flow}/choose",
                post(choose::choose).get(choose::again),
            )
            .route("/connect/{token}/accounts", get(accounts::show))
            .route(
                "/connect/{token}/accounts/{connection}/disconnect",
                post(accounts::disconnect).get(accounts::again),
            )
            .route("/oauth/callback/{provider}", get(callback::callback))
            .layer(axum::middleware::from_fn(language::heard))
            .with_state(self)
    }
}
