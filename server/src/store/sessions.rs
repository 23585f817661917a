//! Sessions of the portal, known by the hash of their id: a copy of this table opens none (R39).

use super::db::{Row, Runs, Tx, sql};
use super::members::event;
use super::{Store, StoreError, place};
use crate::domain::{Actor, AuditAction, Member, MemberId, OrganizationId, Timestamp};
use crate::vault::{Secret, TokenHash};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::json;

/// A session with what it holds.
#[derive(Clone, Debug)]
pub struct StoredSession {
    /// The hash of the id in the browser's cookie.
    pub id: TokenHash,
    /// Names the session on pages; says nothing about its cookie.
    pub handle: String,
    /// Whose it is; `None` for a visitor.
    pub member: Option<MemberId>,
    /// The password was right, the second factor is still to come.
    pub half_signed_in: bool,
    /// What the session holds, as JSON. No secret in clear.
    pub record: String,
    /// "Firefox on Linux".
    pub browser: String,
    /// Began at.
    pub created_at: Timestamp,
    /// Last request, to the minute.
    pub last_seen_at: Timestamp,
    /// Ends at, unless it is used before.
    pub expires_at: Timestamp,
}

/// A session as its member sees it in the list.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// The hash of its id, to recognise the one of this request.
    pub id: TokenHash,
    /// Names it in "End".
    pub handle: String,
    /// "Firefox on Linux".
    pub browser: String,
    /// Began at.
    pub created_at: Timestamp,
    /// Last request, to the minute.
    pub last_seen_at: Timestamp,
}

fn id_of(row: &Row) -> Result<TokenHash, StoreError> {
    TokenHash::from_bytes(&row.bytes("id_sha256")?).ok_or_else(|| StoreError::Corrupt {
        column: "id_sha256".to_owned(),
    })
}

fn stored_session(row: &Row) -> Result<StoredSession, StoreError> {
    Ok(StoredSession {
        id: id_of(row)?,
        handle: row.text("handle")?,
        member: row.maybe_parsed("member_id")?,
        half_signed_in: row.flag("half_signed_in")?,
        record: row.text("record")?,
        browser: row.text("browser")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
        expires_at: row.time("expires_at")?,
    })
}

fn session_row(row: &Row) -> Result<SessionRow, StoreError> {
    Ok(SessionRow {
        id: id_of(row)?,
        handle: row.text("handle")?,
        browser: row.text("browser")?,
        created_at: row.time("created_at")?,
        last_seen_at: row.time("last_seen_at")?,
    })
}

impl Store {
    /// Keeps a new session. An id that exists is [`StoreError::Conflict`].
    pub async fn create_session(&self, session: &StoredSession) -> Result<(), StoreError> {
        let statement = sql(
            "INSERT INTO sessions (id_sha256, handle, member_id, record, browser, created_at, last_seen_at, expires_at, half_signed_in)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(session.id.as_bytes().to_vec())
        .bind(&session.handle)
        .bind(session.member.as_ref().map(MemberId::as_str))
        .bind(&session.record)
        .bind(&session.browser)
        .bind(session.created_at)
        .bind(session.last_seen_at)
        .bind(session.expires_at)
        .bind(session.half_signed_in);
        (&self.db).run(statement).await?;
        match &session.member {
            Some(member) if !session.half_signed_in => self.note_seen(member).await,
            _ => Ok(()),
        }
    }

    /// A session that has not expired.
    pub async fn session(&self, id: &TokenHash) -> Result<Option<StoredSession>, StoreError> {
        let statement = sql(
            "SELECT id_sha256, handle, member_id, record, browser, created_at, last_seen_at, expires_at, half_signed_in
             FROM sessions WHERE id_sha256 = $1 AND expires_at > $2",
        )
        .bind(id.as_bytes().to_vec())
        .bind(self.now());
        self.db.read_one(statement, stored_session).await
    }

    /// Keeps what a session holds now. One that was ended meanwhile stays ended.
    pub async fn save_session(&self, id: &TokenHash, record: &str) -> Result<(), StoreError> {
        let statement = sql("UPDATE sessions SET record = $1 WHERE id_sha256 = $2")
            .bind(record)
            .bind(id.as_bytes().to_vec());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Notes that a session is in use, by this member.
    pub async fn touch_session(
        &self,
        id: &TokenHash,
        member: &MemberId,
        expires_at: Timestamp,
    ) -> Result<(), StoreError> {
        let statement =
            sql("UPDATE sessions SET last_seen_at = $1, expires_at = $2 WHERE id_sha256 = $3")
                .bind(self.now())
                .bind(expires_at)
                .bind(id.as_bytes().to_vec());
        (&self.db).run(statement).await?;
        self.note_seen(member).await
    }

    async fn note_seen(&self, member: &MemberId) -> Result<(), StoreError> {
        let statement = sql("UPDATE members SET last_seen_at = $1 WHERE id = $2")
            .bind(self.now())
            .bind(member.as_str());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// Ends the session with this id.
    pub async fn delete_session(&self, id: &TokenHash) -> Result<(), StoreError> {
        let statement =
            sql("DELETE FROM sessions WHERE id_sha256 = $1").bind(id.as_bytes().to_vec());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// The live sessions of a member, the newest first.
    pub async fn sessions_of(&self, member: &MemberId) -> Result<Vec<SessionRow>, StoreError> {
        let statement = sql(
            "SELECT id_sha256, handle, browser, created_at, last_seen_at FROM sessions
             WHERE member_id = $1 AND expires_at > $2 AND half_signed_in = 0 ORDER BY created_at DESC, handle",
        )
        .bind(member.as_str())
        .bind(self.now());
        self.db.read_all(statement, session_row).await
    }

    /// Ends one session of a member, at the member's wish. Another member's handle ends nothing.
    pub async fn end_session(&self, member: &Member, handle: &str) -> Result<(), StoreError> {
        let statement = sql("DELETE FROM sessions WHERE member_id = $1 AND handle = $2")
            .bind(member.id.as_str())
            .bind(handle);
        let mut tx = self.db.begin().await?;
        let ended = tx.run(statement).await?;
        self.note_ended(&mut tx, member, ended).await?;
        tx.commit().await
    }

    /// Ends all sessions of a member but one, at the member's wish.
    pub async fn end_other_sessions(
        &self,
        member: &Member,
        keep: &TokenHash,
    ) -> Result<(), StoreError> {
        let statement = sql("DELETE FROM sessions WHERE member_id = $1 AND id_sha256 <> $2")
            .bind(member.id.as_str())
            .bind(keep.as_bytes().to_vec());
        let mut tx = self.db.begin().await?;
        let ended = tx.run(statement).await?;
        self.note_ended(&mut tx, member, ended).await?;
        tx.commit().await
    }

    async fn note_ended(&self, tx: &mut Tx, member: &Member, ended: u64) -> Result<(), StoreError> {
        if ended > 0 {
            let detail = json!({"sessions_ended": ended});
            let actor = Actor::member(member);
            let event = event(actor, AuditAction::SessionsEnded, &member.id, detail);
            self.audit(tx, &member.organization, event).await?;
        }
        Ok(())
    }

    /// Removes what has expired; it was out of reach before.
    pub async fn purge_sessions(&self) -> Result<u64, StoreError> {
        (&self.db)
            .run(sql("DELETE FROM sessions WHERE expires_at <= $1").bind(self.now()))
            .await
    }

    /// Seals what a session shows once, such as a new API key, as text for the session's record.
    pub async fn seal_for_session(
        &self,
        session: &TokenHash,
        organization: &OrganizationId,
        secret: &Secret<String>,
    ) -> Result<String, StoreError> {
        let row = STANDARD_NO_PAD.encode(session.as_bytes());
        let place = place("sessions", "record", organization, &row, 0);
        Ok(STANDARD_NO_PAD.encode(self.seal(&place, secret).await?))
    }

    /// Opens what [`Self::seal_for_session`] sealed, in the same session.
    pub async fn open_for_session(
        &self,
        session: &TokenHash,
        organization: &OrganizationId,
        sealed: &str,
    ) -> Result<Secret<String>, StoreError> {
        let row = STANDARD_NO_PAD.encode(session.as_bytes());
        let place = place("sessions", "record", organization, &row, 0);
        let sealed = STANDARD_NO_PAD
            .decode(sealed)
            .map_err(|_| StoreError::Unsealable { column: "record" })?;
        self.open_sealed(&place, sealed).await
    }
}
