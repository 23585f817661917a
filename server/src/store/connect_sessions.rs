//! Connect sessions: found by the hash of their address, or by id.

use super::db::{Row, Runs, Tx, sql};
use super::{Store, StoreError, place};
use crate::domain::{
    Actor, ApiKeyId, ApplicationId, AuditAction, AuditEvent, CodeChallenge, ConnectSession,
    ConnectSessionId, Connection, ConnectionId, EndUser, OrganizationId, Owner, SessionStatus,
    Slug, Timestamp,
};
use crate::vault::{Secret, TokenHash};
use app::wire::ConnectProblem;
use serde_json::json;

pub(super) const COLUMNS: &str = "SELECT id, organization_id, application_id, api_key_id, end_user_id, end_user_name, end_user_email, \
     owner_kind, owner_id, providers, scopes, return_url, locale, reconnect_connection_id, status, error, created_at, \
     expires_at, sealed_token, completion, code_challenge, support_code FROM connect_sessions";

pub(super) fn connect_session(row: &Row) -> Result<ConnectSession, StoreError> {
    let corrupt = |column: &str| StoreError::Corrupt {
        column: column.to_owned(),
    };
    let slugs: Vec<String> = row.json("providers")?;
    let providers: Result<Vec<Slug>, _> = slugs.iter().map(|slug| slug.parse()).collect();
    Ok(ConnectSession {
        id: row.parsed("id")?,
        organization: row.parsed("organization_id")?,
        application: row.parsed("application_id")?,
        // none where a member made it
        api_key: row.text("api_key_id")?.parse().ok(),
        end_user: EndUser {
            id: row.text("end_user_id")?,
            name: row.maybe_text("end_user_name")?,
            email: row.maybe_text("end_user_email")?,
        },
        owner: Owner::from_parts(&row.text("owner_kind")?, &row.text("owner_id")?)
            .ok_or_else(|| corrupt("owner_kind"))?,
        providers: providers.map_err(|_| corrupt("providers"))?,
        scopes: row.json("scopes")?,
        return_url: row.maybe_text("return_url")?,
        locale: row.maybe_text("locale")?,
        reconnect: row.maybe_parsed("reconnect_connection_id")?,
        completion: row.parsed("completion")?,
        code_challenge: row.maybe_parsed("code_challenge")?,
        support_code: row.maybe_text("support_code")?,
        status: row.parsed("status")?,
        error: row.maybe_parsed("error")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
    })
}

impl Store {
    /// Keeps a new session. `token` is the secret part of its address; its hash finds the session,
    /// and it is kept sealed so that a later page of the flow can lead back to it.
    pub async fn create_connect_session(
        &self,
        session: &ConnectSession,
        token: &Secret<String>,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let sealed = self
            .seal(&token_place(&session.organization, &session.id), token)
            .await?;
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "INSERT INTO connect_sessions (id, organization_id, application_id, api_key_id, token_sha256, sealed_token,
                 end_user_id, end_user_name, end_user_email, owner_kind, owner_id, providers, scopes, return_url, locale,
                 reconnect_connection_id, status, created_at, expires_at, completion, code_challenge, support_code)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)",
        )
        .bind(session.id.as_str())
        .bind(session.organization.as_str())
        .bind(session.application.as_str())
        .bind(session.api_key.as_ref().map_or("", ApiKeyId::as_str))
        .bind(TokenHash::of(token.expose()).as_bytes())
        .bind(sealed)
        .bind(&session.end_user.id)
        .bind(session.end_user.name.clone())
        .bind(session.end_user.email.clone())
        .bind(session.owner.kind())
        .bind(session.owner.id())
        .bind(json!(session.providers.iter().map(Slug::as_str).collect::<Vec<_>>()).to_string())
        .bind(json!(session.scopes).to_string())
        .bind(session.return_url.clone())
        .bind(session.locale.clone())
        .bind(session.reconnect.as_ref().map(ConnectionId::as_str))
        .bind(session.status.as_str())
        .bind(session.created_at)
        .bind(session.expires_at)
        .bind(session.completion.as_str())
        .bind(session.code_challenge.as_ref().map(CodeChallenge::as_str))
        .bind(session.support_code.clone());
        tx.run(statement).await?;
        let event = AuditEvent {
            actor,
            action: AuditAction::Invited,
            subject_kind: "connect_session",
            subject_id: session.id.to_string(),
            detail: json!({"end_user": session.end_user.id, "owner": session.owner.kind(),
                "reconnect": session.reconnect.as_ref().map(ConnectionId::as_str)}),
        };
        self.audit(&mut tx, &session.organization, event).await?;
        tx.commit().await
    }

    /// The session whose address ends with `token`.
    pub async fn connect_session_by_token(
        &self,
        token: &str,
    ) -> Result<Option<ConnectSession>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE token_sha256 = $1")
            .bind(TokenHash::of(token).as_bytes());
        self.db.read_one(statement, connect_session).await
    }

    /// A session of an application, by id.
    pub async fn connect_session(
        &self,
        application: &ApplicationId,
        id: &str,
    ) -> Result<Option<ConnectSession>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE application_id = $1 AND id = $2")
            .bind(application.as_str())
            .bind(id);
        self.db.read_one(statement, connect_session).await
    }

    /// The session of a flow, with the secret part of its address.
    pub async fn connect_session_of_flow(
        &self,
        organization: &OrganizationId,
        id: &ConnectSessionId,
    ) -> Result<Option<(ConnectSession, Secret<String>)>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE organization_id = $1 AND id = $2")
            .bind(organization.as_str())
            .bind(id.as_str());
        let Some(row) = (&self.db).row(statement).await? else {
            return Ok(None);
        };
        let session = connect_session(&row)?;
        let token = self
            .open_sealed(&token_place(organization, id), row.bytes("sealed_token")?)
            .await?;
        Ok(Some((session, token)))
    }

    /// The secret part of the newest link that this key made to renew a connection, if it was made
    /// after `since` and nothing came of it yet.
    pub async fn link_to_renew(
        &self,
        connection: &Connection,
        key: &ApiKeyId,
        since: Timestamp,
    ) -> Result<Option<Secret<String>>, StoreError> {
        let statement = sql(COLUMNS)
            .and(
                " WHERE organization_id = $1 AND reconnect_connection_id = $2 AND api_key_id = $3 AND created_at > $4
                     AND status = 'pending' AND expires_at > $5 ORDER BY created_at DESC LIMIT 1",
            )
            .bind(connection.organization.as_str())
            .bind(connection.id.as_str())
            .bind(key.as_str())
            .bind(since)
            .bind(self.now());
        let Some(row) = (&self.db).row(statement).await? else {
            return Ok(None);
        };
        let session = connect_session(&row)?;
        let place = token_place(&session.organization, &session.id);
        let token = self.open_sealed(&place, row.bytes("sealed_token")?).await?;
        Ok(Some(token))
    }

    /// Ends a session at once, since the end user did not expect it. Flows under way find it expired.
    pub async fn stop_connect_session(&self, session: &ConnectSession) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        let now = self.now();
        let end =
            sql("UPDATE connect_sessions SET expires_at = $1 WHERE id = $2 AND expires_at > $1")
                .bind(now)
                .bind(session.id.as_str());
        tx.run(end).await?;
        let flows = sql(
            "UPDATE flows SET status = 'failed', problem = 'access_denied', finished_at = $1, sealed_verifier = NULL,
                 sealed_client_secret = NULL, sealed_code = NULL
             WHERE connect_session_id = $2 AND status IN ('waiting', 'awaiting_completion')",
        )
        .bind(now)
        .bind(session.id.as_str());
        tx.run(flows).await?;
        note_outcome(
            &mut tx,
            &session.id,
            SessionStatus::Denied,
            Some(ConnectProblem::LinkStopped),
        )
        .await?;
        let event = AuditEvent {
            actor: Actor {
                kind: "end_user",
                id: session.end_user.id.clone(),
                name: session.end_user.words().to_owned(),
            },
            action: AuditAction::InvitationStopped,
            subject_kind: "connect_session",
            subject_id: session.id.to_string(),
            detail: json!({}),
        };
        self.audit(&mut tx, &session.organization, event).await?;
        tx.commit().await
    }

    /// Connections that came of a session, by provider slug.
    pub async fn connections_of_session(
        &self,
        id: &ConnectSessionId,
    ) -> Result<Vec<(Slug, ConnectionId)>, StoreError> {
        let statement = sql(
            "SELECT DISTINCT p.slug AS slug, f.connection_id AS connection_id
             FROM flows f JOIN providers p ON p.id = f.provider_id
             WHERE f.connect_session_id = $1 AND f.status = 'connected' ORDER BY p.slug",
        )
        .bind(id.as_str());
        let rows = (&self.db).rows(statement).await?;
        rows.iter()
            .map(|row| Ok((row.parsed("slug")?, row.parsed("connection_id")?)))
            .collect()
    }

    /// Deletes sessions that ended more than `keep_ms` ago, flows included. Answers how many.
    pub async fn purge_connect_sessions(&self, keep_ms: i64) -> Result<u64, StoreError> {
        let statement =
            sql("DELETE FROM connect_sessions WHERE expires_at < {now} - $1").bind(keep_ms);
        (&self.db).run(statement).await
    }
}

/// Notes how a session stands. `connected` is never taken back by a later attempt that fails.
pub(super) async fn note_outcome(
    tx: &mut Tx,
    id: &ConnectSessionId,
    status: SessionStatus,
    error: Option<ConnectProblem>,
) -> Result<(), StoreError> {
    let statement = sql("UPDATE connect_sessions SET status = $1, error = $2 WHERE id = $3 AND (status <> 'connected' OR $1 = 'connected')")
        .bind(status.as_str())
        .bind(error.map(ConnectProblem::as_str))
        .bind(id.as_str());
    tx.run(statement).await?;
    Ok(())
}

fn token_place<'a>(
    organization: &'a OrganizationId,
    id: &'a ConnectSessionId,
) -> crate::vault::Place<'a> {
    place(
        "connect_sessions",
        "sealed_token",
        organization,
        id.as_str(),
        0,
    )
}
