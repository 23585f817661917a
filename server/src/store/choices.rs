//! What a code brought, while a person chooses what becomes of it.
//!
//! A connection was to be renewed, and another account came back. The token set that works stays
//! where it is; the new one lies sealed in the flow until the person says whether it replaces the old
//! one, becomes a connection of its own, or goes back to the provider.

use super::carried::Carried;
use super::db::{Runs, sql};
use super::flows::{COLUMNS, flow, flow_place};
use super::{NewConnection, SavedTokens, SecondConnection, Store, StoreError};
use crate::domain::{EndUser, Flow, Owner, Scopes};
use crate::vault::Secret;
use app::wire::ConnectProblem;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A choice takes no longer.
const CHOICE_TIME: Duration = Duration::from_mins(10);

const ANSWER: &str = "sealed_answer";

/// What waits for a choice.
#[derive(Debug)]
pub struct HeldAnswer {
    /// What was to renew the connection.
    pub first: NewConnection,
    /// The second token set of the same answer.
    pub second: Option<SecondConnection>,
}

impl HeldAnswer {
    /// The part that was to renew the connection.
    #[must_use]
    pub fn renewing(&self) -> &NewConnection {
        match &self.second {
            Some(second) if second.renews => &second.new,
            _ => &self.first,
        }
    }
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    first: Part,
    second: Option<(Part, bool)>,
}

#[derive(Serialize, Deserialize)]
struct Part {
    owner: (String, String),
    end_user: (String, Option<String>, Option<String>),
    account_id: Option<String>,
    account_label: Option<String>,
    scopes_asked: Vec<String>,
    saved: Carried,
}

impl From<&NewConnection> for Part {
    fn from(new: &NewConnection) -> Self {
        let person = &new.end_user;
        Self {
            owner: (new.owner.kind().to_owned(), new.owner.id().to_owned()),
            end_user: (person.id.clone(), person.name.clone(), person.email.clone()),
            account_id: new.account_id.clone(),
            account_label: new.account_label.clone(),
            scopes_asked: new.scopes_asked.iter().map(str::to_owned).collect(),
            saved: Carried::from(&new.saved),
        }
    }
}

impl Part {
    /// `None`: what was sealed is not what was written.
    fn read(self) -> Option<NewConnection> {
        let (kind, owner) = self.owner;
        let (id, name, email) = self.end_user;
        Some(NewConnection {
            owner: Owner::from_parts(&kind, &owner)?,
            end_user: EndUser { id, name, email },
            account_id: self.account_id,
            account_label: self.account_label,
            scopes_asked: Scopes::new(self.scopes_asked).ok()?,
            saved: SavedTokens::try_from(self.saved).ok()?,
        })
    }
}

impl Content {
    fn read(self) -> Option<HeldAnswer> {
        let second = match self.second {
            Some((part, renews)) => Some(SecondConnection {
                new: part.read()?,
                renews,
            }),
            None => None,
        };
        Some(HeldAnswer {
            first: self.first.read()?,
            second,
        })
    }
}

impl Store {
    /// Keeps what a code brought until the person has chosen.
    pub async fn hold_answer(
        &self,
        flow: &Flow,
        first: &NewConnection,
        second: Option<&SecondConnection>,
    ) -> Result<(), StoreError> {
        let content = Content {
            first: first.into(),
            second: second.map(|second| (Part::from(&second.new), second.renews)),
        };
        let unsealable = |_| StoreError::Unsealable { column: ANSWER };
        let text = Secret::new(serde_json::to_string(&content).map_err(unsealable)?);
        let place = flow_place(ANSWER, &flow.organization, &flow.id);
        let sealed = self.seal(&place, &text).await?;
        let statement = sql(
            "UPDATE flows SET status = 'choosing', sealed_answer = $1, expires_at = $2 WHERE id = $3 AND status = 'exchanging'",
        )
        .bind(sealed)
        .bind(self.now() + CHOICE_TIME)
        .bind(flow.id.as_str());
        (&self.db).run(statement).await?;
        Ok(())
    }

    /// What waits for a choice in this flow. Looking does not use it up.
    pub async fn held_answer(&self, flow: &Flow) -> Result<Option<HeldAnswer>, StoreError> {
        let statement =
            sql("SELECT sealed_answer FROM flows WHERE id = $1 AND status = 'choosing'")
                .bind(flow.id.as_str());
        let Some(row) = (&self.db).row(statement).await? else {
            return Ok(None);
        };
        self.open_answer(flow, row.maybe_bytes(ANSWER)?).await
    }

    /// Ends a flow whose answer is not wanted, and hands the answer over, to be given back: to one of
    /// any number of callers.
    pub async fn release_answer(
        &self,
        flow: &Flow,
        problem: ConnectProblem,
    ) -> Result<Option<HeldAnswer>, StoreError> {
        let mut tx = self.db.begin().await?;
        let kept = sql("SELECT sealed_answer FROM flows WHERE id = $1").bind(flow.id.as_str());
        let Some(kept) = tx.row(kept).await? else {
            return Ok(None);
        };
        let end = sql(
            "UPDATE flows SET status = 'failed', problem = $1, finished_at = $2, sealed_answer = NULL
             WHERE id = $3 AND status = 'choosing'",
        )
        .bind(problem.as_str())
        .bind(self.now())
        .bind(flow.id.as_str());
        if tx.run(end).await? == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        self.open_answer(flow, kept.maybe_bytes(ANSWER)?).await
    }

    /// Flows in which nobody chose in time.
    pub async fn late_choices(&self, most: i64) -> Result<Vec<Flow>, StoreError> {
        let statement = sql(COLUMNS)
            .and(" WHERE status = 'choosing' AND expires_at <= {now} ORDER BY expires_at LIMIT $1")
            .bind(most);
        self.db.read_all(statement, flow).await
    }

    async fn open_answer(
        &self,
        flow: &Flow,
        sealed: Option<Vec<u8>>,
    ) -> Result<Option<HeldAnswer>, StoreError> {
        let Some(sealed) = sealed else {
            return Ok(None);
        };
        let corrupt = || StoreError::Corrupt {
            column: ANSWER.to_owned(),
        };
        let place = flow_place(ANSWER, &flow.organization, &flow.id);
        let text = self.open_sealed(&place, sealed).await?;
        let content: Content = serde_json::from_str(text.expose()).map_err(|_| corrupt())?;
        content.read().map(Some).ok_or_else(corrupt)
    }
}
