//! Codes that wait for the backend (bound completion, R1).
//!
//! The code lies sealed in its flow, with all that goes along to the token endpoint, and with the
//! connect code that the browser carries to the backend: whoever brings that one back may complete.
//! It leaves the flow once, to be exchanged, or is destroyed.

use super::connect_sessions::note_outcome;
use super::db::{Runs, sql};
use super::flows::{COLUMNS, flow, flow_place};
use super::{FlowSecrets, Store, StoreError};
use crate::domain::{ConnectSessionId, Flow, SessionStatus};
use crate::vault::{Secret, TokenHash};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeMap;
use std::time::Duration;

/// RFC 6749 section 4.1.2: no code should live longer, so none is kept longer.
const COMPLETION_TIME: Duration = Duration::from_mins(10);

const CODE: &str = "sealed_code";

/// A code that waits, and all that goes along with it.
#[derive(Debug)]
pub struct HeldCode {
    /// The provider's.
    pub code: Secret<String>,
    /// Ours, with which the backend claims it.
    pub connect_code: Secret<String>,
    /// What the callback brought that is kept with the connection.
    pub captured: BTreeMap<String, String>,
    /// What the token endpoint wants back.
    pub echoed: Vec<(String, String)>,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    code: String,
    connect_code: String,
    captured: BTreeMap<String, String>,
    echoed: Vec<(String, String)>,
}

impl Store {
    /// Keeps a code for the backend. `false`: another request was first, or the flow has expired.
    pub async fn hold_code(&self, flow: &Flow, held: &HeldCode) -> Result<bool, StoreError> {
        let text = Secret::new(
            json!({"code": held.code.expose(), "connect_code": held.connect_code.expose(),
                "captured": held.captured, "echoed": held.echoed})
            .to_string(),
        );
        let place = flow_place(CODE, &flow.organization, &flow.id);
        let sealed = self.seal(&place, &text).await?;
        let mut tx = self.db.begin().await?;
        let now = self.now();
        let statement = sql(
            "UPDATE flows SET status = 'awaiting_completion', sealed_code = $1, connect_code_sha256 = $2, expires_at = $3
             WHERE id = $4 AND status = 'waiting' AND expires_at > $5",
        )
        .bind(sealed)
        .bind(TokenHash::of(held.connect_code.expose()).as_bytes())
        .bind(now + COMPLETION_TIME)
        .bind(flow.id.as_str())
        .bind(now);
        if tx.run(statement).await? == 0 {
            return Ok(false);
        }
        let awaiting = SessionStatus::AwaitingCompletion;
        note_outcome(&mut tx, &flow.session, awaiting, None).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// The code that waits in a flow, if one does: its own browser may carry the connect code again.
    pub async fn held_code(&self, flow: &Flow) -> Result<Option<HeldCode>, StoreError> {
        let statement =
            sql("SELECT sealed_code FROM flows WHERE id = $1 AND status = 'awaiting_completion'")
                .bind(flow.id.as_str());
        match (&self.db).row(statement).await? {
            Some(row) => self.open_code(flow, row.maybe_bytes(CODE)?).await,
            None => Ok(None),
        }
    }

    /// The flow of a session to which a connect code belongs.
    pub async fn flow_by_connect_code(
        &self,
        session: &ConnectSessionId,
        connect_code: &str,
    ) -> Result<Option<Flow>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE connect_session_id = $1 AND connect_code_sha256 = $2")
            .bind(session.as_str())
            .bind(TokenHash::of(connect_code).as_bytes());
        self.db.read_one(statement, flow).await
    }

    /// Takes a code out of its flow for the exchange: of any number of callers exactly one gets it.
    /// `None`: another was first, or it has expired.
    pub async fn claim_code(
        &self,
        flow: &Flow,
    ) -> Result<Option<(HeldCode, FlowSecrets)>, StoreError> {
        let mut tx = self.db.begin().await?;
        let kept = sql(
            "SELECT sealed_code, sealed_verifier, sealed_client_secret FROM flows WHERE id = $1",
        )
        .bind(flow.id.as_str());
        let Some(kept) = tx.row(kept).await? else {
            return Ok(None);
        };
        let claim = sql(
            "UPDATE flows SET status = 'exchanging', sealed_code = NULL, sealed_verifier = NULL, sealed_client_secret = NULL
             WHERE id = $1 AND status = 'awaiting_completion' AND expires_at > $2",
        )
        .bind(flow.id.as_str())
        .bind(self.now());
        if tx.run(claim).await? == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        let secrets = self.flow_secrets(flow, &kept).await?;
        let held = self.open_code(flow, kept.maybe_bytes(CODE)?).await?;
        Ok(held.map(|held| (held, secrets)))
    }

    /// Destroys the codes that nobody came for in time. Answers how many.
    pub async fn destroy_late_codes(&self) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let sessions = sql(
            "UPDATE connect_sessions SET status = 'failed', error = 'not_completed' WHERE status = 'awaiting_completion' AND id IN
                 (SELECT connect_session_id FROM flows WHERE status = 'awaiting_completion' AND expires_at <= {now})",
        );
        tx.run(sessions).await?;
        let flows = sql(
            "UPDATE flows SET status = 'failed', problem = 'not_completed', finished_at = {now}, sealed_code = NULL,
                 sealed_verifier = NULL, sealed_client_secret = NULL
             WHERE status = 'awaiting_completion' AND expires_at <= {now}",
        );
        let late = tx.run(flows).await?;
        tx.commit().await?;
        Ok(late)
    }

    async fn open_code(
        &self,
        flow: &Flow,
        sealed: Option<Vec<u8>>,
    ) -> Result<Option<HeldCode>, StoreError> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let place = flow_place(CODE, &flow.organization, &flow.id);
        let text = self.open_sealed(&place, sealed).await?;
        let content: Content =
            serde_json::from_str(text.expose()).map_err(|_| StoreError::Corrupt {
                column: CODE.to_owned(),
            })?;
        Ok(Some(HeldCode {
            code: Secret::new(content.code),
            connect_code: Secret::new(content.connect_code),
            captured: content.captured,
            echoed: content.echoed,
        }))
    }
}
