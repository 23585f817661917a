//! Attempts to connect, found by the support code that an end user reads out.

use super::db::{Runs, sql};
use super::{Store, StoreError};
use crate::domain::{
    ApplicationId, ConnectionId, EndUser, FlowStatus, ProviderId, Timestamp, read_support_code,
};
use app::wire::ConnectProblem;

/// One attempt, or a session in which it did not come to one.
#[derive(Debug)]
pub struct Attempt {
    /// Who was to connect.
    pub end_user: EndUser,
    /// Begun at.
    pub at: Timestamp,
    /// How far it came.
    pub standing: AttemptStanding,
}

/// How far it came.
#[derive(Debug)]
pub enum AttemptStanding {
    /// A flow at this provider.
    Flow {
        /// The provider.
        provider: ProviderId,
        /// How far the flow is.
        status: FlowStatus,
        /// Why it failed.
        problem: Option<ConnectProblem>,
        /// What the provider said.
        provider_words: Option<String>,
        /// What came of it.
        connection: Option<ConnectionId>,
    },
    /// No provider was chosen.
    Session {
        /// What went wrong.
        problem: Option<ConnectProblem>,
    },
}

impl Store {
    /// The connection that came of the attempt whose support code was typed; `None` also for what is no code.
    pub(super) async fn connection_by_code(
        &self,
        application: &ApplicationId,
        typed: &str,
    ) -> Result<Option<ConnectionId>, StoreError> {
        let Some(code) = read_support_code(typed) else {
            return Ok(None);
        };
        let statement = sql(
            "SELECT f.connection_id AS connection_id FROM flows f JOIN connect_sessions s ON s.id = f.connect_session_id
             WHERE s.application_id = $1 AND f.support_code = $2",
        )
        .bind(application.as_str())
        .bind(code);
        let row = (&self.db).row(statement).await?;
        row.map_or(Ok(None), |row| row.maybe_parsed("connection_id"))
    }

    /// The attempt of an application that a support code stands for.
    pub async fn attempt_by_code(
        &self,
        application: &ApplicationId,
        code: &str,
    ) -> Result<Option<Attempt>, StoreError> {
        let person = |row: &super::db::Row| {
            Ok::<_, StoreError>(EndUser {
                id: row.text("end_user_id")?,
                name: row.maybe_text("end_user_name")?,
                email: row.maybe_text("end_user_email")?,
            })
        };
        let of_flow = sql(
            "SELECT s.end_user_id AS end_user_id, s.end_user_name AS end_user_name, s.end_user_email AS end_user_email,
                 f.created_at AS at, f.provider_id AS provider_id, f.status AS status, f.problem AS problem,
                 f.provider_words AS provider_words, f.connection_id AS connection_id
             FROM flows f JOIN connect_sessions s ON s.id = f.connect_session_id
             WHERE s.application_id = $1 AND f.support_code = $2",
        )
        .bind(application.as_str())
        .bind(code);
        if let Some(row) = (&self.db).row(of_flow).await? {
            return Ok(Some(Attempt {
                end_user: person(&row)?,
                at: row.time("at")?,
                standing: AttemptStanding::Flow {
                    provider: row.parsed("provider_id")?,
                    status: row.parsed("status")?,
                    problem: row.maybe_parsed("problem")?,
                    provider_words: row.maybe_text("provider_words")?,
                    connection: row.maybe_parsed("connection_id")?,
                },
            }));
        }
        let of_session = sql(
            "SELECT end_user_id, end_user_name, end_user_email, created_at, error FROM connect_sessions
             WHERE application_id = $1 AND support_code = $2",
        )
        .bind(application.as_str())
        .bind(code);
        let Some(row) = (&self.db).row(of_session).await? else {
            return Ok(None);
        };
        Ok(Some(Attempt {
            end_user: person(&row)?,
            at: row.time("created_at")?,
            standing: AttemptStanding::Session {
                problem: row.maybe_parsed("error")?,
            },
        }))
    }
}
