//! What the server does for its audit: seal it, write heads of its chains outside of the database, tell
//! what is counted by the minute, and check each chain once a day.

use super::every;
use crate::audit::heads::HeadsFile;
use crate::domain::{Actor, AuditHead, OrganizationId, Timestamp};
use crate::store::{CheckProgress, Store, StoreError};
use crate::vault::hex;
use app::wire::CheckOutcome;
use app::words;
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

const SEAL_EVERY: Duration = Duration::from_secs(1);
const COUNT_EVERY: Duration = Duration::from_secs(20);
const EXPORT_EVERY: Duration = Duration::from_mins(1);
const CHECK_EVERY: Duration = Duration::from_hours(1);
/// A chain that was checked since needs no other check.
const CHECKED_WITHIN: Duration = Duration::from_hours(24);

/// Keeps the chains of one node. Cheap to clone.
#[derive(Clone)]
pub struct Auditor {
    store: Store,
    heads: HeadsFile,
    /// What this node has written already: each node has a file of its own.
    written: Arc<Mutex<HashMap<OrganizationId, i64>>>,
}

impl Auditor {
    /// Writes heads to this file.
    #[must_use]
    pub fn new(store: Store, heads: HeadsFile) -> Self {
        Self {
            store,
            heads,
            written: Arc::default(),
        }
    }

    /// Writes the heads that moved since the last time to the file and to the log. A file that cannot
    /// be written is said in the log, and tried again.
    pub async fn export_heads(&self) -> Result<(), StoreError> {
        let mut moved = self.store.audit_heads().await?;
        {
            let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            moved.retain(|head| {
                head.position > 0 && written.get(&head.organization) != Some(&head.position)
            });
        }
        if moved.is_empty() {
            return Ok(());
        }
        let (file, lines) = (self.heads.clone(), moved.clone());
        let appended = tokio::task::spawn_blocking(move || file.append(&lines)).await;
        if let Err(error) = appended.unwrap_or_else(|ended| Err(io::Error::other(ended))) {
            let path = self.heads.path().display().to_string();
            tracing::error!(%error, path, "the heads of the audit cannot be written");
            return Ok(());
        }
        for head in &moved {
            tracing::info!(
                target: "grantport::audit_head",
                organization = %head.organization,
                position = head.position,
                hash = hex(&head.hash),
                mac = hex(&head.mac),
                at = head.at.rfc3339(),
                "head of the audit"
            );
        }
        self.store.note_heads_exported(&moved).await?;
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        written.extend(
            moved
                .into_iter()
                .map(|head| (head.organization, head.position)),
        );
        Ok(())
    }

    /// Checks a chain for somebody who has it in hand ([`Store::begin_audit_check`]), and keeps what
    /// came of it.
    pub async fn check(
        &self,
        organization: &OrganizationId,
        actor: Actor,
    ) -> Result<CheckOutcome, StoreError> {
        let exported = self.exported().await;
        let outcome = self
            .store
            .check_audit(organization, &exported, CheckProgress::Kept)
            .await?;
        if let CheckOutcome::Broken(bad) = &outcome {
            let bad = words::audit::first_bad(bad);
            tracing::error!(%organization, bad, "the chain of the audit is broken");
        }
        self.store
            .end_audit_check(organization, outcome, actor)
            .await?;
        Ok(outcome)
    }

    /// Checks the chains that were not checked for a day.
    async fn check_all(&self) -> Result<(), StoreError> {
        for organization in self.store.organizations().await? {
            let chain = self.store.audit_chain(&organization.id).await?;
            let lately = chain.check.is_some_and(|check| {
                Timestamp::from_millis(check.at) + CHECKED_WITHIN > self.store.now()
            });
            if chain.rows > 0 && !lately && self.store.begin_audit_check(&organization.id).await? {
                self.check(&organization.id, Actor::server()).await?;
            }
        }
        Ok(())
    }

    /// The heads in the file. One that cannot be read is said in the log: what is left to compare with
    /// is the head in the database.
    async fn exported(&self) -> Vec<AuditHead> {
        let file = self.heads.clone();
        let read = tokio::task::spawn_blocking(move || file.read()).await;
        read.unwrap_or_else(|ended| Err(io::Error::other(ended)))
            .unwrap_or_else(|error| {
                let path = self.heads.path().display().to_string();
                tracing::error!(%error, path, "the heads of the audit cannot be read");
                Vec::new()
            })
    }
}

/// Starts the jobs of the audit. They end when `stop` is cancelled, each after its current round.
pub fn keep_audit(auditor: &Auditor, tracker: &TaskTracker, stop: &CancellationToken) {
    let kept = auditor.clone();
    tracker.spawn(every(
        SEAL_EVERY,
        "seal the audit",
        stop.clone(),
        move || {
            let store = kept.store.clone();
            async move { store.seal_audit().await.map(drop) }
        },
    ));
    let kept = auditor.clone();
    tracker.spawn(every(
        COUNT_EVERY,
        "count what happened",
        stop.clone(),
        move || {
            let store = kept.store.clone();
            async move {
                store.count_activity().await?;
                store.tell_counts().await
            }
        },
    ));
    let kept = auditor.clone();
    tracker.spawn(every(
        EXPORT_EVERY,
        "write heads of the audit",
        stop.clone(),
        move || {
            let auditor = kept.clone();
            async move { auditor.export_heads().await }
        },
    ));
    let kept = auditor.clone();
    tracker.spawn(every(
        CHECK_EVERY,
        "check the audit",
        stop.clone(),
        move || {
            let auditor = kept.clone();
            async move { auditor.check_all().await }
        },
    ));
}
