//! All that the end user's pages show of a session, in the time of one read.
//!
//! Each part is found by the hash in the session's address, so none waits for another.

use super::applications::{self, application};
use super::connect_sessions::{self, connect_session};
use super::db::{Runs, Statement, sql};
use super::providers::{self, provider};
use super::{Store, StoreError};
use crate::domain::{Application, ConnectSession, Provider, Slug};
use crate::vault::TokenHash;

/// A session with what surrounds it.
#[derive(Debug)]
pub struct ConnectRoom {
    /// The session.
    pub session: ConnectSession,
    /// The application that made it.
    pub application: Application,
    /// Name of the organization that runs the application.
    pub organization: String,
    /// All providers of the application, by slug.
    pub providers: Vec<Provider>,
    /// Those that were connected in this session.
    pub connected: Vec<Slug>,
    /// The API key that made the session is no longer valid.
    pub key_revoked: bool,
}

impl Store {
    /// The session whose address ends with `token`, and all around it.
    pub async fn connect_room(&self, token: &str) -> Result<Option<ConnectRoom>, StoreError> {
        let hash = *TokenHash::of(token).as_bytes();
        let one = |statement: Statement| async move { (&self.db).row(statement).await };
        let all = |statement: Statement| async move { (&self.db).rows(statement).await };
        let session = sql(connect_sessions::COLUMNS).and_bind(" WHERE token_sha256 = ?", hash);
        let its_application = sql(applications::COLUMNS).and_bind(
            " WHERE id = (SELECT application_id FROM connect_sessions WHERE token_sha256 = ?)",
            hash,
        );
        let around = sql(
            "SELECT o.name AS organization, CAST(CASE WHEN k.revoked_at IS NULL THEN 0 ELSE 1 END AS BIGINT) AS key_revoked
             FROM connect_sessions s JOIN organizations o ON o.id = s.organization_id
             LEFT JOIN api_keys k ON k.id = s.api_key_id WHERE s.token_sha256 = $1",
        )
        .bind(hash);
        let its_providers = sql(providers::COLUMNS).and_bind(
            " WHERE application_id = (SELECT application_id FROM connect_sessions WHERE token_sha256 = ?) ORDER BY slug",
            hash,
        );
        let connected = sql("SELECT DISTINCT p.slug AS slug FROM connect_sessions s
             JOIN flows f ON f.connect_session_id = s.id JOIN providers p ON p.id = f.provider_id
             WHERE s.token_sha256 = $1 AND f.status = 'connected'")
        .bind(hash);
        let (session, its_application, around, its_providers, connected) = tokio::try_join!(
            one(session),
            one(its_application),
            one(around),
            all(its_providers),
            all(connected),
        )?;
        let (Some(session), Some(its_application), Some(around)) =
            (session, its_application, around)
        else {
            return Ok(None);
        };
        Ok(Some(ConnectRoom {
            session: connect_session(&session)?,
            application: application(&its_application)?,
            organization: around.text("organization")?,
            key_revoked: around.flag("key_revoked")?,
            providers: its_providers
                .iter()
                .map(provider)
                .collect::<Result<_, _>>()?,
            connected: connected
                .iter()
                .map(|row| row.parsed("slug"))
                .collect::<Result<_, _>>()?,
        }))
    }
}
