//! The desk: where one makes the practice provider have a bad day.

use super::Practice;
use super::memory::Lifetime;
use super::page::{self, Desk};
use super::params::Params;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// What was done at the desk a moment ago. Told by the address, so that reloading does it not
/// again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Deed {
    /// The outage begins.
    OutageBegan,
    /// The outage ends.
    OutageEnded,
    /// Access tokens from now on last as long as was chosen.
    LifetimeSet,
    /// All grants were ended.
    AllRevoked,
}

impl Deed {
    const NAMES: [(&'static str, Self); 4] = [
        ("outage_began", Self::OutageBegan),
        ("outage_ended", Self::OutageEnded),
        ("token_life_set", Self::LifetimeSet),
        ("all_revoked", Self::AllRevoked),
    ];

    fn from_name(name: &str) -> Option<Self> {
        let known = Self::NAMES.iter().find(|(known, _)| *known == name);
        known.map(|(_, deed)| *deed)
    }

    /// Back to the desk, which says so.
    fn done(self) -> Response {
        let named = Self::NAMES.iter().find(|(_, deed)| *deed == self);
        let name = named.map_or("", |(name, _)| name);
        Redirect::to(&format!("/practice?done={name}")).into_response()
    }
}

/// `GET /practice`.
pub(super) async fn show(
    State(practice): State<Arc<Practice>>,
    RawQuery(query): RawQuery,
) -> Response {
    let params = Params::read(query.unwrap_or_default().as_bytes()).ok();
    let memory = practice.memory();
    page::desk(&Desk {
        outage: memory.outage,
        lifetime: memory.lifetime,
        grants: memory.living_grants(),
        just_done: params
            .as_ref()
            .and_then(|params| params.get("done"))
            .and_then(Deed::from_name),
    })
}

/// `POST /practice/desk/outage` with `on`: `true` or `false`.
pub(super) async fn set_outage(State(practice): State<Arc<Practice>>, body: Bytes) -> Response {
    let (on, deed) = match field(&body, "on").as_deref() {
        Some("true") => (true, Deed::OutageBegan),
        Some("false") => (false, Deed::OutageEnded),
        _ => return unknown(),
    };
    practice.memory().outage = on;
    deed.done()
}

/// `POST /practice/desk/token-life` with `seconds`: one of the lifetimes.
pub(super) async fn set_lifetime(State(practice): State<Arc<Practice>>, body: Bytes) -> Response {
    let chosen = field(&body, "seconds")
        .and_then(|seconds| seconds.parse().ok())
        .and_then(Lifetime::from_seconds);
    let Some(lifetime) = chosen else {
        return unknown();
    };
    practice.memory().lifetime = lifetime;
    Deed::LifetimeSet.done()
}

/// `POST /practice/desk/revoke-all`.
pub(super) async fn revoke_all(State(practice): State<Arc<Practice>>) -> Response {
    let now = practice.clock.now();
    practice.memory().end_all(now);
    Deed::AllRevoked.done()
}

fn field(body: &[u8], name: &str) -> Option<String> {
    let params = Params::read(body).ok()?;
    params.get(name).map(str::to_owned)
}

fn unknown() -> Response {
    page::problem(
        StatusCode::BAD_REQUEST,
        "The desk cannot do this. Go back and press one of its buttons.",
    )
}
