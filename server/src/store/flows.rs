//! Flows: attempts within a connect session. Each leaves `waiting` exactly once (R5).

use super::connect_sessions::note_outcome;
use super::db::{Row, Runs, sql};
use super::{Store, StoreError, place};
use crate::domain::{
    Actor, AuditAction, AuditEvent, Flow, FlowId, NewFlow, OrganizationId, Scopes, SessionStatus,
};
use crate::vault::{Secret, TokenHash};
use app::wire::ConnectProblem;
use serde_json::json;

/// What came of claiming a flow for its exchange.
#[derive(Debug)]
pub enum Claim {
    /// It is ours: exchange the code now, once.
    Ours(FlowSecrets),
    /// Another request was first, or it has expired.
    Taken,
}

/// What a flow kept sealed for its exchange. It is destroyed with the claim.
#[derive(Debug)]
pub struct FlowSecrets {
    /// The PKCE verifier, if PKCE is sent.
    pub verifier: Option<Secret<String>>,
    /// The customer's own client secret, if they brought one.
    pub client_secret: Option<Secret<String>>,
}

pub(super) const COLUMNS: &str = "SELECT id, organization_id, connect_session_id, provider_id, browser_sha256, redirect_uri, client_id, \
     scopes_asked, inputs, reconnect_connection_id, status, problem, provider_words, support_code, connection_id, opener, expires_at FROM flows";

pub(super) fn flow(row: &Row) -> Result<Flow, StoreError> {
    let scopes: Vec<String> = row.json("scopes_asked")?;
    Ok(Flow {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        session: row.parsed("connect_session_id")?,
        provider: row.parsed("provider_id")?,
        browser_sha256: row
            .maybe_hash("browser_sha256")?
            .ok_or(StoreError::Conflict)?,
        redirect_uri: row.text("redirect_uri")?,
        client_id: row.text("client_id")?,
        scopes_asked: Scopes::new(scopes).map_err(|_| StoreError::Corrupt {
            column: "scopes_asked".to_owned(),
        })?,
        inputs: row.json("inputs")?,
        reconnect: row.maybe_parsed("reconnect_connection_id")?,
        status: row.parsed("status")?,
        problem: row.maybe_parsed("problem")?,
        provider_words: row.maybe_text("provider_words")?,
        support_code: row.text("support_code")?,
        connection: row.maybe_parsed("connection_id")?,
        opener: row.maybe_text("opener")?,
        expires_at: row.time("expires_at")?,
    })
}

impl Store {
    /// Keeps a new flow.
    pub async fn create_flow(&self, new: &NewFlow) -> Result<(), StoreError> {
        let flow = &new.flow;
        let verifier = self.seal_for(flow, VERIFIER, new.verifier.as_ref()).await?;
        let client_secret = self
            .seal_for(flow, CLIENT_SECRET, new.client_secret.as_ref())
            .await?;
        let statement = sql(
            "INSERT INTO flows (id, organization_id, connect_session_id, provider_id, state_sha256, browser_sha256,
                 sealed_verifier, redirect_uri, client_id, scopes_asked, inputs, reconnect_connection_id, status,
                 support_code, created_at, expires_at, sealed_client_secret, opener)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)",
        )
        .bind(flow.id.as_str())
        .bind(flow.organization.as_str())
        .bind(flow.session.as_str())
        .bind(flow.provider.as_str())
        .bind(new.state_sha256)
        .bind(flow.browser_sha256)
        .bind(verifier)
        .bind(&flow.redirect_uri)
        .bind(&flow.client_id)
        .bind(json!(flow.scopes_asked.iter().collect::<Vec<_>>()).to_string())
        .bind(json!(flow.inputs).to_string())
        .bind(flow.reconnect.as_ref().map(crate::domain::ConnectionId::as_str))
        .bind(flow.status.as_str())
        .bind(&flow.support_code)
        .bind(self.now())
        .bind(flow.expires_at)
        .bind(client_secret)
        .bind(flow.opener.clone());
        let mut tx = self.db.begin().await?;
        tx.run(statement).await?;
        let detail = json!({"support_code": flow.support_code, "provider": flow.provider.as_str()});
        let event = event(flow, AuditAction::ConnectStarted, detail);
        self.audit(&mut tx, &flow.organization, event).await?;
        tx.commit().await
    }

    async fn seal_for(
        &self,
        flow: &Flow,
        column: &'static str,
        secret: Option<&Secret<String>>,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        match secret {
            Some(secret) => {
                let place = flow_place(column, &flow.organization, &flow.id);
                self.seal(&place, secret).await.map(Some)
            }
            None => Ok(None),
        }
    }

    async fn open_for(
        &self,
        flow: &Flow,
        column: &'static str,
        sealed: Option<Vec<u8>>,
    ) -> Result<Option<Secret<String>>, StoreError> {
        match sealed {
            Some(sealed) => {
                let place = flow_place(column, &flow.organization, &flow.id);
                self.open_sealed(&place, sealed).await.map(Some)
            }
            None => Ok(None),
        }
    }

    /// The flow to which a state belongs. Looking does not use it up.
    pub async fn flow_by_state(&self, state: &str) -> Result<Option<Flow>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE state_sha256 = $1")
            .bind(TokenHash::of(state).as_bytes());
        self.db.read_one(statement, flow).await
    }

    /// The flow with this id.
    pub async fn flow(&self, id: &FlowId) -> Result<Option<Flow>, StoreError> {
        let statement = sql(COLUMNS).and(" WHERE id = $1").bind(id.as_str());
        self.db.read_one(statement, flow).await
    }

    /// Takes a waiting flow for its exchange: of any number of callers exactly one gets it.
    pub async fn claim_flow(&self, flow: &Flow) -> Result<Claim, StoreError> {
        let mut tx = self.db.begin().await?;
        let kept = sql("SELECT sealed_verifier, sealed_client_secret FROM flows WHERE id = $1")
            .bind(flow.id.as_str());
        let Some(kept) = tx.row(kept).await? else {
            return Ok(Claim::Taken);
        };
        let claim = sql(
            "UPDATE flows SET status = 'exchanging', sealed_verifier = NULL, sealed_client_secret = NULL WHERE id = $1 AND status = 'waiting' AND expires_at > $2",
        )
        .bind(flow.id.as_str())
        .bind(self.now());
        if tx.run(claim).await? == 0 {
            return Ok(Claim::Taken);
        }
        tx.commit().await?;
        self.flow_secrets(flow, &kept).await.map(Claim::Ours)
    }

    /// Opens what a row of `sealed_verifier` and `sealed_client_secret` held.
    pub(super) async fn flow_secrets(
        &self,
        flow: &Flow,
        kept: &Row,
    ) -> Result<FlowSecrets, StoreError> {
        let client_secret = kept.maybe_bytes(CLIENT_SECRET)?;
        Ok(FlowSecrets {
            verifier: self
                .open_for(flow, VERIFIER, kept.maybe_bytes(VERIFIER)?)
                .await?,
            client_secret: self.open_for(flow, CLIENT_SECRET, client_secret).await?,
        })
    }

    /// Ends a flow that did not lead to a connection. A flow that has ended already stays as it is.
    pub async fn fail_flow(
        &self,
        flow: &Flow,
        problem: ConnectProblem,
        provider_words: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE flows SET status = 'failed', problem = $1, provider_words = $2, finished_at = $3, sealed_verifier = NULL,
                 sealed_client_secret = NULL, sealed_code = NULL
             WHERE id = $4 AND status IN ('waiting', 'awaiting_completion', 'exchanging')",
        )
        .bind(problem.as_str())
        .bind(provider_words)
        .bind(self.now())
        .bind(flow.id.as_str());
        if tx.run(statement).await? == 0 {
            return Ok(());
        }
        let status = if problem == ConnectProblem::Denied {
            SessionStatus::Denied
        } else {
            SessionStatus::Failed
        };
        note_outcome(&mut tx, &flow.session, status, Some(problem)).await?;
        let detail = json!({"problem": problem.as_str(), "support_code": flow.support_code, "provider": flow.provider.as_str()});
        let event = event(flow, AuditAction::ConnectFailed, detail);
        self.audit(&mut tx, &flow.organization, event).await?;
        tx.commit().await
    }

    /// How many flows of a session a browser may still begin is bounded: this many exist.
    pub async fn flows_of_session(
        &self,
        session: &crate::domain::ConnectSessionId,
    ) -> Result<i64, StoreError> {
        let statement = sql("SELECT COUNT(*) AS flows FROM flows WHERE connect_session_id = $1")
            .bind(session.as_str());
        (&self.db)
            .row(statement)
            .await?
            .map_or(Ok(0), |row| row.int("flows"))
    }

    /// Whether an attempt of a session may still come to something, though its link has expired.
    pub async fn has_flow_under_way(
        &self,
        session: &crate::domain::ConnectSessionId,
    ) -> Result<bool, StoreError> {
        let statement = sql(
            "SELECT id FROM flows WHERE connect_session_id = $1 AND status NOT IN ('connected', 'failed')
                 AND (expires_at > $2 OR status = 'exchanging') LIMIT 1",
        )
        .bind(session.as_str())
        .bind(self.now());
        Ok((&self.db).row(statement).await?.is_some())
    }

    /// Flows that were being exchanged when the server stopped can never finish; says so.
    /// `older_than_ms` is longer than any exchange takes.
    pub async fn fail_abandoned_flows(&self, older_than_ms: i64) -> Result<u64, StoreError> {
        let mut tx = self.db.begin().await?;
        let sessions = sql(
            "UPDATE connect_sessions SET status = 'failed', error = 'internal' WHERE status IN ('pending', 'awaiting_completion') AND id IN
                 (SELECT connect_session_id FROM flows WHERE status = 'exchanging' AND created_at < {now} - $1)",
        )
        .bind(older_than_ms);
        tx.run(sessions).await?;
        let flows = sql(
            "UPDATE flows SET status = 'failed', problem = 'internal', finished_at = {now}
             WHERE status = 'exchanging' AND created_at < {now} - $1",
        )
        .bind(older_than_ms);
        let ended = tx.run(flows).await?;
        tx.commit().await?;
        Ok(ended)
    }
}

const VERIFIER: &str = "sealed_verifier";
const CLIENT_SECRET: &str = "sealed_client_secret";

pub(super) fn flow_place<'a>(
    column: &'static str,
    organization: &'a OrganizationId,
    id: &'a FlowId,
) -> crate::vault::Place<'a> {
    place("flows", column, organization, id.as_str(), 0)
}

fn event(flow: &Flow, action: AuditAction, detail: serde_json::Value) -> AuditEvent {
    AuditEvent {
        actor: Actor {
            kind: "end_user",
            id: String::new(),
            name: "End user".to_owned(),
        },
        action,
        subject_kind: "connect_session",
        subject_id: flow.session.to_string(),
        detail,
    }
}
