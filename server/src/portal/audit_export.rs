//! `/audit/export.csv` and `/audit/export.jsonl`: the audit as a file.
//!
//! It is sent while it is read, a few hundred rows at a time, so a million rows need no more memory
//! than these. What fails on the way ends the connection in the middle, so that no browser takes a
//! part for the whole.

use super::answer::{refusal, wants_a_page};
use super::{PageAnswer, PortalRequest};
use crate::audit::export::Format;
use crate::domain::OrganizationId;
use crate::state::AppState;
use crate::store::{AuditQuery, Store, StoreError};
use app::address;
use app::wire::{AuditFilter, PortalError};
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http_body_util::channel::{Channel, Sender};
use leptos_axum::ResponseOptions;

/// Rows that are read at a time.
const AT_ONCE: i64 = 500;
/// Pieces that wait for a slow reader.
const PIECES: usize = 4;

/// The routes of files that leave.
pub(super) fn downloads() -> Router<AppState> {
    Router::new()
        .route(
            address::AUDIT_CSV,
            get(async |State(state), request| export(state, Format::Csv, request).await),
        )
        .route(
            address::AUDIT_JSON_LINES,
            get(async |State(state), request| export(state, Format::JsonLines, request).await),
        )
}

async fn export(state: AppState, format: Format, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let filter = filter_of(parts.uri.query().unwrap_or_default());
    let answer = PageAnswer::new(ResponseOptions::default(), None);
    let begun = match PortalRequest::new(state.clone(), &parts, answer) {
        Some(portal) => portal.begin_export(&filter, format.extension()).await,
        None => Err(PortalError::Internal),
    };
    let (member, query) = match begun {
        Ok(begun) => begun,
        Err(error) => {
            let (page, path) = (
                address::audit_with(address::AUDIT, &filter),
                parts.uri.path(),
            );
            return refusal(&error, &page, path, wants_a_page(&parts.headers));
        }
    };
    let (sender, body) = Channel::new(PIECES);
    let day = state.store.now().rfc3339();
    let day = day.get(..10).unwrap_or_default();
    let name = format!(
        "attachment; filename=\"grantport-audit-{day}.{}\"",
        format.extension()
    );
    let store = state.store.clone();
    state
        .tasks
        .spawn(send(store, member.organization, query, format, sender));
    let headers = [
        (CONTENT_TYPE, format.media_type().to_owned()),
        (CONTENT_DISPOSITION, name),
        (CACHE_CONTROL, "no-store".to_owned()),
    ];
    (headers, Body::new(body)).into_response()
}

fn filter_of(query: &str) -> AuditFilter {
    let mut filter = AuditFilter::default();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        let part = match &*name {
            "q" => &mut filter.q,
            "what" => &mut filter.what,
            "application" => &mut filter.application,
            "member" => &mut filter.member,
            "from" => &mut filter.from,
            "to" => &mut filter.to,
            _ => continue,
        };
        *part = value.into_owned();
    }
    filter
}

/// Sends all rows, until the last one or until nobody takes them.
async fn send(
    store: Store,
    organization: OrganizationId,
    query: AuditQuery,
    format: Format,
    mut sender: Sender<Bytes, StoreError>,
) {
    let head = format.head();
    if !head.is_empty() && sender.send_data(head.into()).await.is_err() {
        return;
    }
    let mut after = i64::MIN;
    loop {
        let rows = store
            .audit_after(&organization, &query, after, AT_ONCE)
            .await;
        let rows = match rows {
            Ok(rows) => rows,
            Err(error) => {
                tracing::error!(%error, "an export of the audit ended in the middle");
                return sender.abort(error);
            }
        };
        let Some(last) = rows.last() else { return };
        after = last.seq;
        if sender.send_data(format.rows(&rows).into()).await.is_err() {
            return;
        }
    }
}
