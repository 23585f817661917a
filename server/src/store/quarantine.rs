//! Whether this is the database that was here before, or a restored or copied one (R103).
//!
//! A database knows where it lived ([`Home`]) and when it was last alive there, and each node notes
//! the same outside of it, as a [`Sighting`]. A server that starts compares. Whatever differs puts the
//! database in quarantine, in one row that all nodes read; the comparison is settled at once, so
//! that one confirmation lifts it for all of them.

use super::db::{Row, Runs, Tx, sql};
use super::home::Home;
use super::{Store, StoreError};
use crate::domain::{
    Actor, AuditAction, AuditEvent, OrganizationId, Quarantine, Sighting, Timestamp,
};
use app::wire::QuarantineReason;
use serde_json::json;
use tokio::sync::watch;

/// What a node knows about quarantine without asking the database.
#[derive(Clone, Copy, Debug, Default)]
struct Standing {
    quarantine: Option<Quarantine>,
    confirmed_at: Option<Timestamp>,
}

/// The standing, for all clones of a store.
pub(super) struct Known(watch::Sender<Standing>);

impl Default for Known {
    fn default() -> Self {
        Self(watch::Sender::new(Standing::default()))
    }
}

impl Known {
    fn keep(&self, standing: Standing) {
        let before = self.0.send_replace(standing);
        match standing.quarantine {
            same if same == before.quarantine => {}
            Some(Quarantine { since, reason }) => tracing::warn!(
                since = since.rfc3339(),
                reason = reason.as_str(),
                "in quarantine: nothing is refreshed. `grantport restore status` says why"
            ),
            None => tracing::info!("not in quarantine: tokens are refreshed"),
        }
    }
}

/// The row, with what it is compared with.
struct Found {
    instance: String,
    /// Where it lives now; where it lived, when that cannot be told.
    home: Option<String>,
    /// The later one of its own heartbeat and the one that was seen.
    alive_at: Timestamp,
    standing: Standing,
    /// Not settled yet.
    suspicion: Option<QuarantineReason>,
}

impl Found {
    fn new(row: &Row, here: Option<&Home>, seen: Option<&Sighting>) -> Result<Self, StoreError> {
        let instance = row.text("instance_id")?;
        let lived: Option<Home> = row.maybe_parsed("home")?;
        let alive_at = row.maybe_time("alive_at")?;
        let seen = seen
            .filter(|seen| seen.instance == instance && is_of(seen, lived.as_ref()))
            .map(|seen| seen.alive_at);
        let suspicion = match (&lived, here) {
            (Some(lived), Some(here)) if !lived.is(here) => Some(QuarantineReason::Copied),
            _ if seen > alive_at => Some(QuarantineReason::OlderThanSeen),
            _ => None,
        };
        Ok(Self {
            instance,
            home: here.or(lived.as_ref()).map(Home::to_string),
            alive_at: alive_at.max(seen).unwrap_or(Timestamp::from_millis(0)),
            standing: standing(row)?,
            suspicion,
        })
    }
}

/// Two databases of one instance may share a key, and then a note of one says nothing about the
/// other. A database without a home comes from an earlier release, and any note is younger.
fn is_of(seen: &Sighting, lived: Option<&Home>) -> bool {
    let Some(lived) = lived else {
        return true;
    };
    let noted = seen.home.as_deref().map(str::parse::<Home>);
    noted.is_some_and(|noted| noted.is_ok_and(|noted| noted.is(lived)))
}

fn standing(row: &Row) -> Result<Standing, StoreError> {
    let since = row.maybe_time("quarantined_at")?;
    let reason = row.maybe_parsed("quarantine_reason")?;
    Ok(Standing {
        quarantine: since
            .zip(reason)
            .map(|(since, reason)| Quarantine { since, reason }),
        confirmed_at: row.maybe_time("confirmed_at")?,
    })
}

impl Store {
    /// The quarantine, as this node knows it: at most some seconds old, and never asks the database.
    #[must_use]
    pub fn quarantine(&self) -> Option<Quarantine> {
        self.known.0.borrow().quarantine
    }

    /// When an operator last lifted a quarantine. Token sets that arrived before may have come with a
    /// copy. Never asks the database.
    #[must_use]
    pub fn confirmed_at(&self) -> Option<Timestamp> {
        self.known.0.borrow().confirmed_at
    }

    /// Reads it again: another node, or a command, may have changed it.
    pub async fn reload_quarantine(&self) -> Result<(), StoreError> {
        let read = sql(
            "SELECT quarantined_at, quarantine_reason, confirmed_at FROM instance WHERE id = 1",
        );
        if let Some(row) = (&self.db).row(read).await? {
            self.known.keep(standing(&row)?);
        }
        Ok(())
    }

    /// The heartbeat: notes in the database that it is alive, and answers what to note outside of it.
    pub async fn beat(&self) -> Result<Sighting, StoreError> {
        let mut tx = self.db.begin().await?;
        let beat = sql(
            "UPDATE instance SET alive_at = CASE WHEN alive_at >= {now} THEN alive_at + 1 ELSE {now} END
             WHERE id = 1 RETURNING instance_id, home, alive_at",
        );
        let row = tx.row(beat).await?.ok_or_else(no_instance)?;
        tx.commit().await?;
        Ok(Sighting {
            instance: row.text("instance_id")?,
            home: row.maybe_text("home")?,
            alive_at: row.time("alive_at")?,
        })
    }

    /// Compares the database with what was `seen` of it, and puts it in quarantine if it looks like a
    /// restored or copied one. One without a home, as an earlier release leaves it, is at home here.
    pub async fn recognise(&self, seen: Option<&Sighting>) -> Result<(), StoreError> {
        let here = Home::of(&self.db).await?;
        let mut tx = self.db.begin().await?;
        let found = take(&mut tx, here.as_ref(), seen).await?;
        if let (Some(reason), None) = (found.suspicion, found.standing.quarantine) {
            self.set(&mut tx, &found, reason, &Actor::server()).await?;
        }
        move_in(&mut tx, &found).await?;
        tx.commit().await?;
        self.reload_quarantine().await
    }

    /// What [`Store::recognise`] would find out. Changes nothing.
    pub async fn suspicion(
        &self,
        seen: Option<&Sighting>,
    ) -> Result<Option<QuarantineReason>, StoreError> {
        let here = Home::of(&self.db).await?;
        let row = (&self.db)
            .row(sql("SELECT instance_id, home, alive_at, quarantined_at, quarantine_reason, confirmed_at FROM instance WHERE id = 1"))
            .await?
            .ok_or_else(no_instance)?;
        Found::new(&row, here.as_ref(), seen).map(|found| found.suspicion)
    }

    /// Puts the database in quarantine by hand. One that is there already keeps its reason. Answers
    /// whether it was not there before.
    pub async fn begin_quarantine(&self, actor: Actor) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let found = take(&mut tx, None, None).await?;
        let is_new = found.standing.quarantine.is_none();
        if is_new {
            self.set(&mut tx, &found, QuarantineReason::ByHand, &actor)
                .await?;
            tx.commit().await?;
            self.reload_quarantine().await?;
        }
        Ok(is_new)
    }

    /// Lifts the quarantine, also one that the next start would begin: the database is at home here
    /// from now on. Answers the reason that it had; `None` if there was nothing to lift.
    pub async fn confirm_restore(
        &self,
        seen: Option<&Sighting>,
        actor: Actor,
    ) -> Result<Option<QuarantineReason>, StoreError> {
        let here = Home::of(&self.db).await?;
        let mut tx = self.db.begin().await?;
        let found = take(&mut tx, here.as_ref(), seen).await?;
        let set = found
            .standing
            .quarantine
            .map(|quarantine| quarantine.reason);
        let Some(reason) = set.or(found.suspicion) else {
            return Ok(None);
        };
        move_in(&mut tx, &found).await?;
        let lift = sql("UPDATE instance SET quarantined_at = NULL, quarantine_reason = NULL, confirmed_at = $1,
             alive_at = CASE WHEN alive_at >= {now} THEN alive_at + 1 ELSE {now} END WHERE id = 1")
            .bind(self.now());
        tx.run(lift).await?;
        self.tell_organizations(
            &mut tx,
            &found,
            AuditAction::QuarantineLifted,
            reason,
            &actor,
        )
        .await?;
        tx.commit().await?;
        self.reload_quarantine().await?;
        Ok(Some(reason))
    }

    async fn set(
        &self,
        tx: &mut Tx,
        found: &Found,
        reason: QuarantineReason,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        let set =
            sql("UPDATE instance SET quarantined_at = $1, quarantine_reason = $2 WHERE id = 1")
                .bind(self.now())
                .bind(reason.as_str());
        tx.run(set).await?;
        self.tell_organizations(tx, found, AuditAction::Quarantined, reason, actor)
            .await
    }

    /// It is everybody's: each organization has it in its audit.
    async fn tell_organizations(
        &self,
        tx: &mut Tx,
        found: &Found,
        action: AuditAction,
        reason: QuarantineReason,
        actor: &Actor,
    ) -> Result<(), StoreError> {
        for row in tx.rows(sql("SELECT id FROM organizations")).await? {
            let organization: OrganizationId = row.parsed("id")?;
            let event = AuditEvent {
                actor: actor.clone(),
                action,
                subject_kind: "instance",
                subject_id: found.instance.clone(),
                detail: json!({"reason": reason.as_str()}),
            };
            self.audit(tx, &organization, event).await?;
        }
        Ok(())
    }
}

/// Takes the row, so that nodes that start together decide one after the other.
async fn take(
    tx: &mut Tx,
    here: Option<&Home>,
    seen: Option<&Sighting>,
) -> Result<Found, StoreError> {
    let statement = sql("UPDATE instance SET id = 1 WHERE id = 1
         RETURNING instance_id, home, alive_at, quarantined_at, quarantine_reason, confirmed_at");
    let row = tx.row(statement).await?.ok_or_else(no_instance)?;
    Found::new(&row, here, seen)
}

/// Settles every suspicion: the database lives here, and nobody has seen a later one.
async fn move_in(tx: &mut Tx, found: &Found) -> Result<(), StoreError> {
    let statement = sql("UPDATE instance SET home = $1, alive_at = $2 WHERE id = 1")
        .bind(found.home.as_deref())
        .bind(found.alive_at);
    tx.run(statement).await?;
    Ok(())
}

fn no_instance() -> StoreError {
    StoreError::Corrupt {
        column: "instance_id".to_owned(),
    }
}
