//! The desk: where one makes the practice provider have a bad day.

use super::Practice;
use super::memory::Lifetime;
use super::page::{self, Desk};
use super::params::Params;
use app::wire::PracticeDeed;
use axum::body::Bytes;
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::sync::Arc;

/// What was done is told by the address that follows, so that reloading does it not again.
const DEEDS: [(&str, PracticeDeed); 4] = [
    ("outage_began", PracticeDeed::OutageBegan),
    ("outage_ended", PracticeDeed::OutageEnded),
    ("token_life_set", PracticeDeed::TokenLifeSet),
    ("all_revoked", PracticeDeed::AllRevoked { grants: 0 }),
];

/// Back to the desk, which says so.
fn done(deed: PracticeDeed) -> Response {
    let same =
        |known: &PracticeDeed| std::mem::discriminant(known) == std::mem::discriminant(&deed);
    let name = DEEDS
        .iter()
        .find(|(_, known)| same(known))
        .map_or("", |(name, _)| name);
    let grants = match deed {
        PracticeDeed::AllRevoked { grants } => format!("&grants={grants}"),
        _ => String::new(),
    };
    Redirect::to(&format!("/practice?done={name}{grants}")).into_response()
}

fn told(params: &Params) -> Option<PracticeDeed> {
    let name = params.get("done")?;
    let (_, deed) = DEEDS.iter().find(|(known, _)| *known == name)?;
    Some(match deed {
        PracticeDeed::AllRevoked { .. } => PracticeDeed::AllRevoked {
            grants: params
                .get("grants")
                .and_then(|text| text.parse().ok())
                .unwrap_or(0),
        },
        other => *other,
    })
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
        just_done: params.as_ref().and_then(told),
    })
}

/// `POST /practice/desk/outage` with `on`: `true` or `false`.
pub(super) async fn set_outage(State(practice): State<Arc<Practice>>, body: Bytes) -> Response {
    let (on, deed) = match field(&body, "on").as_deref() {
        Some("true") => (true, PracticeDeed::OutageBegan),
        Some("false") => (false, PracticeDeed::OutageEnded),
        _ => return unknown(),
    };
    practice.memory().outage = on;
    done(deed)
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
    done(PracticeDeed::TokenLifeSet)
}

/// `POST /practice/desk/revoke-all`.
pub(super) async fn revoke_all(State(practice): State<Arc<Practice>>) -> Response {
    let now = practice.clock.now();
    let mut memory = practice.memory();
    let grants = u64::try_from(memory.living_grants()).unwrap_or(u64::MAX);
    memory.end_all(now);
    done(PracticeDeed::AllRevoked { grants })
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
