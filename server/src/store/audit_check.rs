//! Checking the chain: every row is hashed again, and the first that is not as it was sealed is named.
//!
//! What the database says is held against what it said when it was sealed (the hashes), against what
//! this server's key vouched for (the head), and against what left the database since (the exported
//! heads): whoever can change rows can change hashes too, but has no key and not those files.

use super::audit::{RECORD, record};
use super::audit_chain::{HEAD, StoredHead, hash, stored_head};
use super::db::{Row, Runs, sql};
use super::{Store, StoreError};
use crate::audit::chain;
use crate::domain::{Actor, AuditAction, AuditEvent, AuditHead, AuditRecord, OrganizationId};
use app::wire::{ChainCheck, ChainFlaw, ChainView, CheckOutcome, FirstBad};
use serde_json::json;
use std::time::Duration;

/// Rows that are read at a time.
const PAGE: i64 = 1000;
/// Numbers among which forged events are looked for at a time.
const STRETCH: i64 = 50_000;
/// A check that has said nothing for so long has ended with its server.
const LONGEST_SILENCE: Duration = Duration::from_mins(1);

/// Whether a check says how far it is, for a page that waits for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckProgress {
    /// In the head's row, where whoever began it with [`Store::begin_audit_check`] reads it.
    Kept,
    /// Nowhere: a check that only reads.
    Unsaid,
}

/// A row of the chain beside the event that it sealed, if that is still there.
struct Sealed {
    position: i64,
    seq: i64,
    hash: [u8; 32],
    event: Option<AuditRecord>,
}

fn sealed(row: &Row) -> Result<Sealed, StoreError> {
    Ok(Sealed {
        position: row.int("position")?,
        seq: row.int("sealed_seq")?,
        hash: hash(row, "hash")?,
        event: match row.maybe_int("seq")? {
            Some(_) => Some(record(row)?),
            None => None,
        },
    })
}

/// How far a check has come.
struct Walk<'a> {
    /// Heads that were exported, in the order of their positions.
    heads: std::iter::Peekable<std::slice::Iter<'a, AuditHead>>,
    position: i64,
    hash: [u8; 32],
    /// When the last good row happened.
    at: Option<i64>,
    /// The last exported head that agreed.
    agreed: i64,
}

impl Walk<'_> {
    fn bad(&self, seq: Option<i64>, at: Option<i64>, flaw: ChainFlaw) -> FirstBad {
        FirstBad {
            position: Some(self.position + 1),
            seq,
            at: at.or(self.at),
            flaw,
        }
    }

    /// Goes over one page; answers the first row in it that is bad.
    fn over(&mut self, page: &[Sealed]) -> Option<FirstBad> {
        for row in page {
            if row.position != self.position + 1 {
                return Some(self.bad(None, None, ChainFlaw::Deleted));
            }
            let Some(event) = &row.event else {
                return Some(self.bad(Some(row.seq), None, ChainFlaw::Deleted));
            };
            let at = Some(event.at.millis());
            if chain::link(&self.hash, row.position, event) != row.hash {
                let flaw = self.exchanged(row, page).unwrap_or(ChainFlaw::Edited);
                return Some(self.bad(Some(row.seq), at, flaw));
            }
            while let Some(head) = self.heads.next_if(|head| head.position <= row.position) {
                if head.hash != row.hash {
                    return Some(FirstBad {
                        position: Some(self.agreed + 1),
                        seq: None,
                        at: None,
                        flaw: ChainFlaw::Rewritten { by: head.position },
                    });
                }
                self.agreed = head.position;
            }
            (self.position, self.hash, self.at) = (row.position, row.hash, at);
        }
        None
    }

    /// Whether what was sealed in this row stands in another one of the page.
    fn exchanged(&self, row: &Sealed, page: &[Sealed]) -> Option<ChainFlaw> {
        page.iter()
            .filter(|other| other.position != row.position)
            .filter_map(|other| other.event.as_ref())
            .find(|other| {
                let renumbered = AuditRecord {
                    seq: row.seq,
                    ..(*other).clone()
                };
                [*other, &renumbered]
                    .into_iter()
                    .any(|one| chain::link(&self.hash, row.position, one) == row.hash)
            })
            .map(|other| ChainFlaw::Exchanged { with: other.seq })
    }
}

impl Store {
    /// Hashes an organization's chain again, and answers what came of it. `exported` are heads that left
    /// the database, those of other organizations included.
    pub async fn check_audit(
        &self,
        organization: &OrganizationId,
        exported: &[AuditHead],
        progress: CheckProgress,
    ) -> Result<CheckOutcome, StoreError> {
        let head = self.stored_audit_head(organization).await?;
        let end = head.as_ref().map_or(0, |stored| stored.head.position);
        let mut heads: Vec<AuditHead> = exported
            .iter()
            .filter(|head| head.organization == *organization)
            .cloned()
            .collect();
        if let Some(forged) = heads
            .iter()
            .find(|head| !chain::is_ours(&self.keyring, head))
        {
            return Ok(forged_head(forged.position));
        }
        // the one that the database holds says the same as one that left it
        heads.extend(head.as_ref().map(|stored| stored.head.clone()));
        heads.retain(|head| head.position > 0);
        heads.sort_by_key(|head| head.position);
        heads.dedup();
        let last = heads.last().map_or(0, |head| head.position);
        let mut walk = Walk {
            heads: heads.iter().peekable(),
            position: 0,
            hash: chain::BEGINNING,
            at: None,
            agreed: 0,
        };
        let bad = loop {
            let page = self.chain_page(organization, walk.position).await?;
            if page.is_empty() {
                break (last > walk.position)
                    .then(|| walk.bad(None, None, ChainFlaw::CutOff { through: last }));
            }
            if let Some(bad) = walk.over(&page) {
                break Some(bad);
            }
            if progress == CheckProgress::Kept && walk.position % (20 * PAGE) == 0 {
                let (done, of) = (count(walk.position), count(end.max(walk.position)));
                self.note_audit_check(organization, CheckOutcome::UnderWay { done, of })
                    .await?;
            }
        };
        let forged = match &head {
            Some(stored) => self.forged(organization, stored.settled).await?,
            None => None,
        };
        let first = match (bad, forged) {
            (Some(bad), Some(forged)) if bad.seq.is_some() && bad.seq < forged.seq => bad,
            (Some(bad), None) => bad,
            (_, Some(forged)) => forged,
            (None, None) => match &head {
                Some(stored) if !chain::is_ours(&self.keyring, &stored.head) => {
                    return Ok(forged_head(stored.head.position));
                }
                // what was sealed has an end, and its row is gone
                None if walk.position > 0 => return Ok(forged_head(walk.position)),
                _ => {
                    return Ok(CheckOutcome::Whole {
                        rows: count(walk.position),
                    });
                }
            },
        };
        Ok(CheckOutcome::Broken(first))
    }

    async fn stored_audit_head(
        &self,
        organization: &OrganizationId,
    ) -> Result<Option<StoredHead>, StoreError> {
        let statement = sql(HEAD)
            .and(" WHERE organization_id = $1")
            .bind(organization.as_str());
        self.db.read_one(statement, stored_head).await
    }

    async fn chain_page(
        &self,
        organization: &OrganizationId,
        after: i64,
    ) -> Result<Vec<Sealed>, StoreError> {
        let statement = sql(RECORD)
            .and(
                ", c.position, c.seq AS sealed_seq, c.hash FROM audit_chain c
                 LEFT JOIN audit_events e ON e.organization_id = c.organization_id AND e.seq = c.seq
                 WHERE c.organization_id = $1 AND c.position > $2 ORDER BY c.position LIMIT $3",
            )
            .bind(organization.as_str())
            .bind(after)
            .bind(PAGE);
        self.db.read_all(statement, sealed).await
    }

    /// The first event among the settled ones that was never sealed.
    async fn forged(
        &self,
        organization: &OrganizationId,
        settled: i64,
    ) -> Result<Option<FirstBad>, StoreError> {
        let mut from = i64::MIN;
        while from < settled {
            // whatever stands before the first number there ever was is in the first stretch
            let to = settled.min(from.max(0).saturating_add(STRETCH));
            let statement = sql("SELECT e.seq, e.at FROM audit_events e WHERE e.organization_id = $1 AND e.seq > $2 AND e.seq <= $3
                 AND NOT EXISTS (SELECT 1 FROM audit_chain c WHERE c.organization_id = e.organization_id AND c.seq = e.seq)
                 ORDER BY e.seq LIMIT 1")
                .bind(organization.as_str())
                .bind(from)
                .bind(to);
            if let Some(row) = (&self.db).row(statement).await? {
                return Ok(Some(FirstBad {
                    position: None,
                    seq: Some(row.int("seq")?),
                    at: Some(row.int("at")?),
                    flaw: ChainFlaw::Inserted,
                }));
            }
            from = to;
        }
        Ok(None)
    }

    /// How the chain of an organization stands.
    pub async fn audit_chain(
        &self,
        organization: &OrganizationId,
    ) -> Result<ChainView, StoreError> {
        let statement = sql(HEAD)
            .and(" WHERE organization_id = $1")
            .bind(organization.as_str());
        let Some(row) = (&self.db).row(statement).await? else {
            return Ok(ChainView::default());
        };
        let stored = stored_head(&row)?;
        let check: Option<ChainCheck> = match row.maybe_text("checked")? {
            Some(_) => Some(row.json("checked")?),
            None => None,
        };
        Ok(ChainView {
            rows: count(stored.head.position),
            head: (stored.head.position > 0).then(|| crate::vault::hex(&stored.head.hash)),
            exported_at: row.maybe_int("exported_at")?,
            check: check.filter(|check| !self.is_silent(check)),
        })
    }

    fn is_silent(&self, check: &ChainCheck) -> bool {
        let spoke = crate::domain::Timestamp::from_millis(check.at);
        matches!(check.outcome, CheckOutcome::UnderWay { .. })
            && spoke + LONGEST_SILENCE < self.now()
    }

    /// Takes the check of a chain in hand: of all nodes and members one does it at a time. Answers
    /// whether the caller does.
    pub async fn begin_audit_check(
        &self,
        organization: &OrganizationId,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let take = sql("UPDATE audit_heads SET position = position WHERE organization_id = $1");
        tx.run(take.bind(organization.as_str())).await?;
        let read = sql(HEAD)
            .and(" WHERE organization_id = $1")
            .bind(organization.as_str());
        let Some(row) = tx.row(read).await? else {
            return Ok(false);
        };
        if row.maybe_text("checked")?.is_some() {
            let check: ChainCheck = row.json("checked")?;
            let under_way = matches!(check.outcome, CheckOutcome::UnderWay { .. });
            if under_way && !self.is_silent(&check) {
                return Ok(false);
            }
        }
        let of = row.count("position")?;
        self.write_check(
            &mut tx,
            organization,
            CheckOutcome::UnderWay { done: 0, of },
        )
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn note_audit_check(
        &self,
        organization: &OrganizationId,
        outcome: CheckOutcome,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        self.write_check(&mut tx, organization, outcome).await?;
        tx.commit().await
    }

    /// Keeps what came of a check, with its event.
    pub async fn end_audit_check(
        &self,
        organization: &OrganizationId,
        outcome: CheckOutcome,
        actor: Actor,
    ) -> Result<(), StoreError> {
        let mut tx = self.db.begin().await?;
        self.write_check(&mut tx, organization, outcome).await?;
        let event = AuditEvent {
            actor,
            action: AuditAction::AuditChecked,
            subject_kind: "audit",
            subject_id: String::new(),
            detail: json!({"outcome": app::words::audit::outcome(&outcome).0}),
        };
        self.audit(&mut tx, organization, event).await?;
        tx.commit().await
    }

    async fn write_check(
        &self,
        tx: &mut super::db::Tx,
        organization: &OrganizationId,
        outcome: CheckOutcome,
    ) -> Result<(), StoreError> {
        let check = ChainCheck {
            at: self.now().millis(),
            outcome,
        };
        let words = serde_json::to_string(&check).map_err(|_| StoreError::Corrupt {
            column: "checked".to_owned(),
        })?;
        let write = sql("UPDATE audit_heads SET checked = $1 WHERE organization_id = $2")
            .bind(words)
            .bind(organization.as_str());
        tx.run(write).await?;
        Ok(())
    }
}

fn forged_head(position: i64) -> CheckOutcome {
    CheckOutcome::Broken(FirstBad {
        position: Some(position),
        seq: None,
        at: None,
        flaw: ChainFlaw::HeadForged,
    })
}

fn count(position: i64) -> u64 {
    u64::try_from(position).unwrap_or_default()
}
