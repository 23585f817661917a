//! What was done, by whom: the audit, its chain and its export.

use super::Answer;
use crate::wire::{AuditFilter, AuditView};
use async_trait::async_trait;

/// What was done, by whom: the audit, its chain and its export.
#[async_trait]
pub trait Auditing: Send + Sync {
    /// `/audit`.
    async fn audit(&self, filter: AuditFilter) -> Answer<AuditView>;
    /// Checks the chain once more. A long chain is checked on after this has answered.
    async fn check_audit(&self) -> Answer<()>;
}
