//! A team's connection gets into somebody else's care.

use super::Answer;
use crate::wire::NextInCare;
use async_trait::async_trait;

/// A team's connection gets into somebody else's care.
#[async_trait]
pub trait HandingOver: Send + Sync {
    /// Hands a team's connection over to this person.
    async fn hand_over(&self, application: &str, id: &str, to: NextInCare) -> Answer<()>;
}
