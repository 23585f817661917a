//! Receipts of revocations, as a page and as JSON.
//!
//! The fields of the JSON are listed in `docs/operations.md`, and stay.

use super::connections::Subject;
use super::{OrFail, PageAnswer, PortalRequest, Task};
use crate::domain::{Revocation, Timestamp, Undone, Upstream};
use crate::state::AppState;
use crate::store::upstream_result;
use app::portal::Answer;
use app::wire::{
    ConnectionSummary, PortalError, ReceiptView, TokenResult, UndoneView, UpstreamResult,
};
use app::words::revocation::value;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use leptos_axum::ResponseOptions;
use serde_json::{Value, json};

/// The routes of what a member can take away.
pub(super) fn downloads() -> Router<AppState> {
    Router::new().route(
        "/apps/{app}/connections/{id}/receipt.json",
        get(receipt_json),
    )
}

/// `GET /apps/{slug}/connections/{id}/receipt.json`.
async fn receipt_json(
    State(state): State<AppState>,
    Path((slug, id)): Path<(String, String)>,
    request: Request,
) -> Response {
    let (parts, _) = request.into_parts();
    let answer = PageAnswer::new(ResponseOptions::default(), None);
    let found = match PortalRequest::new(state, &parts, answer) {
        Some(portal) => portal.receipt_as_json(&slug, &id).await,
        None => Err(PortalError::Internal),
    };
    match found {
        Ok((name, body)) => {
            let disposition = format!("attachment; filename=\"{name}.json\"");
            let headers = [
                (header::CONTENT_DISPOSITION, disposition),
                (header::CACHE_CONTROL, "no-store".to_owned()),
            ];
            (headers, Json(body)).into_response()
        }
        Err(error) => {
            let status = StatusCode::from_u16(error.status());
            let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, Json(error)).into_response()
        }
    }
}

impl PortalRequest {
    pub(super) async fn revocation_receipt(
        &self,
        application: &str,
        id: &str,
    ) -> Answer<ReceiptView> {
        let (receipt, subject, organization) = self.latest_receipt(application, id).await?;
        let summary = self.subject_summary(&subject).await?;
        let now = self.state.store.now();
        Ok(receipt_view(receipt, &subject, organization, summary, now))
    }

    async fn latest_receipt(
        &self,
        application: &str,
        id: &str,
    ) -> Answer<(Revocation, Subject, String)> {
        let subject = self.found(Task::ReadConnections, application, id).await?;
        let store = &self.state.store;
        let receipt = store.receipt_of(&subject.connection.id).await.or_fail()?;
        let receipt = receipt.ok_or(PortalError::NotFound)?;
        let organization = store
            .organization(&subject.member.organization)
            .await
            .or_fail()?;
        let organization = organization.map(|one| one.name).unwrap_or_default();
        Ok((receipt, subject, organization))
    }

    /// The receipt's id, and all that it says.
    async fn receipt_as_json(&self, application: &str, id: &str) -> Answer<(String, Value)> {
        let (receipt, subject, organization) = self.latest_receipt(application, id).await?;
        let now = self.state.store.now();
        let connection = &subject.connection;
        let upstream = standing(&receipt, &subject);
        let waiting = receipt.upstream == Upstream::Waiting;
        let moment = |at: Option<Timestamp>| at.map(Timestamp::rfc3339);
        let token = |result: Option<TokenResult>| result.map(TokenResult::as_str);
        let body = json!({
            "id": receipt.id.as_str(),
            "connection_id": connection.id.as_str(),
            "status": if receipt.undone.is_some() { "undone" } else { "revoked" },
            "organization": organization,
            "application": subject.application.slug.as_str(),
            "provider": connection.provider_slug.as_str(),
            "owner": {"kind": connection.owner.kind(), "id": connection.owner.id()},
            "account": {"id": connection.account_id, "label": connection.account_label},
            "reason": value(receipt.reason),
            "note": receipt.note,
            "revoked_by": receipt.revoked_by,
            "revoked_at": receipt.revoked_at.rfc3339(),
            "undo_until": moment(receipt.undo_until.filter(|_| receipt.is_undoable(now))),
            "undone": receipt.undone.as_ref().map(|undone| json!({
                "by": undone.by,
                "at": undone.at.rfc3339(),
                "audit_row": undone.audit_seq,
            })),
            "upstream": {
                "result": word(upstream),
                "at": moment(receipt.upstream_at.filter(|_| !waiting)),
                "next_try_at": moment(receipt.next_try_at.filter(|_| waiting)),
                "by_hand": subject.by_hand(),
            },
            "tokens": {
                "refresh_token": connection.has_refresh_token.then(|| json!({
                    "result": token(receipt.results.refresh_token),
                })),
                "access_token": {
                    "result": token(receipt.results.access_token),
                    "valid_until": moment(receipt.token_valid_until),
                },
            },
            "bulk_id": receipt.bulk.as_ref().map(crate::domain::BulkId::as_str),
            "audit_row": receipt.audit_seq,
        });
        Ok((receipt.id.to_string(), body))
    }
}

/// What is known of the provider: where it cannot be told, nobody has to wait to know that.
fn standing(receipt: &Revocation, subject: &Subject) -> UpstreamResult {
    let told = upstream_result(receipt.upstream, receipt.attempts, receipt.next_try_at);
    match told {
        UpstreamResult::Waiting if subject.revocation().is_none() => UpstreamResult::NotOffered,
        told => told,
    }
}

fn word(upstream: UpstreamResult) -> &'static str {
    match upstream {
        UpstreamResult::Waiting => "waiting",
        UpstreamResult::Revoked => "revoked",
        UpstreamResult::NotOffered => "not_offered",
        UpstreamResult::Failed { .. } => "failed",
        UpstreamResult::NothingToRevoke => "nothing_to_revoke",
    }
}

fn receipt_view(
    receipt: Revocation,
    subject: &Subject,
    organization: String,
    summary: ConnectionSummary,
    now: Timestamp,
) -> ReceiptView {
    let undoable = receipt.is_undoable(now);
    ReceiptView {
        id: receipt.id.to_string(),
        application: subject.application.name.clone(),
        organization,
        summary,
        provider_short_name: subject.short_name(),
        reason: receipt.reason,
        upstream: standing(&receipt, subject),
        upstream_at: receipt
            .next_try_at
            .filter(|_| receipt.upstream == Upstream::Waiting)
            .or(receipt.upstream_at)
            .map(Timestamp::millis),
        tokens: receipt.results,
        has_refresh_token: subject.connection.has_refresh_token,
        undo_until: receipt
            .undo_until
            .filter(|_| undoable)
            .map(Timestamp::millis),
        undone: receipt.undone.map(undone_view),
        bulk: receipt.bulk.map(|bulk| bulk.to_string()),
        note: receipt.note,
        by: receipt.revoked_by,
        revoked_at: receipt.revoked_at.millis(),
        by_hand: subject.by_hand(),
        token_valid_until: receipt.token_valid_until.map(Timestamp::millis),
        audit_seq: receipt.audit_seq,
    }
}

pub(super) fn undone_view(undone: Undone) -> UndoneView {
    UndoneView {
        by: undone.by,
        at: undone.at.millis(),
        audit_seq: undone.audit_seq,
    }
}
