//! One's own account and sessions.

use super::{OrFail, PortalRequest, Task};
use crate::auth::session_ends_at;
use app::portal::Answer;
use app::wire::{AccountView, PortalError, SessionSummary};

impl PortalRequest {
    pub(super) async fn own_account(&self) -> Answer<AccountView> {
        let member = self.allowed(Task::Enter).await?;
        let current = self.session.id();
        let second_factor = self.factor_state(&member).await?;
        let sessions = self.state.store.sessions_of(&member.id).await.or_fail()?;
        Ok(AccountView {
            name: member.name,
            email: member.email,
            role: member.role,
            second_factor,
            sessions: sessions
                .into_iter()
                .map(|session| SessionSummary {
                    current: current.as_ref() == Some(&session.id),
                    handle: session.handle,
                    browser: session.browser,
                    started_at: session.created_at.millis(),
                    last_seen_at: session.last_seen_at.millis(),
                    ends_at: session_ends_at(session.created_at).millis(),
                })
                .collect(),
        })
    }

    pub(super) async fn end_own_sessions(&self, handle: Option<&str>) -> Answer<()> {
        let member = self.allowed(Task::Enter).await?;
        let store = &self.state.store;
        if let Some(handle) = handle {
            store.end_session(&member, handle).await.or_fail()
        } else {
            let current = self.session.id().ok_or(PortalError::SignedOut)?;
            store.end_other_sessions(&member, &current).await.or_fail()
        }
    }
}
