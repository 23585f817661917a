//! Requests that are made once, however often they are sent (R67).
//!
//! Who comes first claims a row and answers; who comes later reads the answer there. A claim ends by
//! itself after a minute, so that a request whose server died is made again. The answer may hold a link
//! or a secret and is sealed. Nothing is remembered for longer than a day.

use super::db::{Runs, sql};
use super::{Store, StoreError, place};
use crate::domain::{ApiKey, ApiKeyId, OrganizationId, random_base62};
use crate::vault::{Place, Secret, hex};
use std::time::Duration;

/// How long an answer is remembered.
pub const REMEMBERED: Duration = Duration::from_hours(24);
/// No request of the API that is made once takes longer.
const CLAIM_MS: i64 = 60_000;

/// A request with an idempotency key.
#[derive(Clone, Debug)]
pub struct OnceRequest {
    /// Whose.
    pub organization: OrganizationId,
    /// By which API key. Keys do not share what they remember.
    pub api_key: ApiKeyId,
    /// SHA-256 of the idempotency key.
    pub key: [u8; 32],
    /// SHA-256 of method, path and body.
    pub content: [u8; 32],
}

impl OnceRequest {
    /// Of the holder of `key`.
    #[must_use]
    pub fn of(caller: &ApiKey, key: [u8; 32], content: [u8; 32]) -> Self {
        Self {
            organization: caller.organization.clone(),
            api_key: caller.id.clone(),
            key,
            content,
        }
    }

    fn row(&self) -> String {
        format!("{} {}", self.api_key, hex(&self.key))
    }
}

/// What is known of a request.
#[derive(Debug)]
pub enum OnceClaim {
    /// Nothing: it is to be answered, under this claim.
    Ours(String),
    /// Somebody answers it right now.
    InProgress,
    /// It was answered so.
    Answered {
        /// The status.
        status: u16,
        /// The body, byte by byte.
        body: Secret<String>,
    },
    /// Another request came with this idempotency key.
    OtherRequest,
}

impl Store {
    /// Claims a request, or says what is known of it.
    pub async fn claim_once(&self, request: &OnceRequest) -> Result<OnceClaim, StoreError> {
        let claim = random_base62(20);
        let now = self.now();
        // one statement decides; whoever finds the row taken changes nothing
        let statement = sql(
            "INSERT INTO idempotent_requests (organization_id, api_key_id, key_sha256, request_sha256, claim, claimed_until, created_at)
             VALUES ($1, $2, $3, $4, $5, {now} + $6, $7)
             ON CONFLICT (api_key_id, key_sha256) DO UPDATE SET request_sha256 = excluded.request_sha256, claim = excluded.claim,
                 claimed_until = excluded.claimed_until, created_at = excluded.created_at, status = NULL, sealed_answer = NULL
             WHERE (idempotent_requests.status IS NULL AND idempotent_requests.claimed_until <= {now})
                 OR idempotent_requests.created_at <= $8
             RETURNING claim",
        )
        .bind(request.organization.as_str())
        .bind(request.api_key.as_str())
        .bind(request.key)
        .bind(request.content)
        .bind(&claim)
        .bind(CLAIM_MS)
        .bind(now)
        .bind(now - REMEMBERED);
        let mut tx = self.db.begin().await?;
        let claimed = tx.row(statement).await?.is_some();
        tx.commit().await?;
        if claimed {
            return Ok(OnceClaim::Ours(claim));
        }
        let statement = sql(
            "SELECT request_sha256, status, sealed_answer FROM idempotent_requests WHERE api_key_id = $1 AND key_sha256 = $2",
        )
        .bind(request.api_key.as_str())
        .bind(request.key);
        let Some(row) = (&self.db).row(statement).await? else {
            // whoever answered it failed a moment ago and let go
            return Ok(OnceClaim::InProgress);
        };
        if row.maybe_hash("request_sha256")? != Some(request.content) {
            return Ok(OnceClaim::OtherRequest);
        }
        let (status, sealed) = (row.maybe_int("status")?, row.maybe_bytes("sealed_answer")?);
        let (Some(status), Some(sealed)) = (status, sealed) else {
            return Ok(OnceClaim::InProgress);
        };
        let row = request.row();
        let body = self
            .open_sealed(&answer_place(request, &row), sealed)
            .await?;
        let status = u16::try_from(status).map_err(|_| StoreError::Corrupt {
            column: "status".to_owned(),
        })?;
        Ok(OnceClaim::Answered { status, body })
    }

    /// Remembers what a request was answered, if the claim is still ours.
    pub async fn remember_answer(
        &self,
        request: &OnceRequest,
        claim: &str,
        status: u16,
        body: &Secret<String>,
    ) -> Result<(), StoreError> {
        let row = request.row();
        let sealed = self.seal(&answer_place(request, &row), body).await?;
        let statement = sql(
            "UPDATE idempotent_requests SET status = $1, sealed_answer = $2 WHERE api_key_id = $3 AND key_sha256 = $4 AND claim = $5",
        )
        .bind(i64::from(status))
        .bind(sealed)
        .bind(request.api_key.as_str())
        .bind(request.key)
        .bind(claim);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Lets go of a request that changed nothing: it may be sent again, also corrected.
    pub async fn let_once_go(&self, request: &OnceRequest, claim: &str) -> Result<(), StoreError> {
        let statement = sql(
            "DELETE FROM idempotent_requests WHERE api_key_id = $1 AND key_sha256 = $2 AND claim = $3 AND status IS NULL",
        )
        .bind(request.api_key.as_str())
        .bind(request.key)
        .bind(claim);
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Forgets the requests of before yesterday.
    pub async fn purge_once(&self) -> Result<u64, StoreError> {
        let statement = sql("DELETE FROM idempotent_requests WHERE created_at <= $1")
            .bind(self.now() - REMEMBERED);
        (&self.db).run(statement).await
    }
}

fn answer_place<'a>(request: &'a OnceRequest, row: &'a str) -> Place<'a> {
    place(
        "idempotent_requests",
        "sealed_answer",
        &request.organization,
        row,
        0,
    )
}
