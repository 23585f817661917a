//! Revoking one connection: what hangs on it, and the end itself.

use super::fields::note;
use super::finding::owner;
use super::{OrFail, PortalRequest, Task, actor};
use crate::domain::can_wait;
use app::portal::Answer;
use app::wire::{Field, RevokeReason, RevokeView, SameAccount};
use std::time::Duration;

/// "Lately", for the keys that got a token.
const LATELY: Duration = Duration::from_hours(30 * 24);
/// Other connections to the same account that are named.
const NAMED: i64 = 5;

impl PortalRequest {
    pub(super) async fn revocation_form(&self, application: &str, id: &str) -> Answer<RevokeView> {
        let store = &self.state.store;
        self.allowed(Task::RevokeConnections).await?;
        // whoever decides reads what was handed out until now
        self.state.tokens.hand_outs().store(store).await.or_fail()?;
        let subject = self.found(Task::RevokeConnections, application, id).await?;
        let connection = &subject.connection;
        let since = store.now() - LATELY;
        let (same_account, same_account_count) =
            store.same_account(connection, NAMED).await.or_fail()?;
        Ok(RevokeView {
            application: subject.application.name.clone(),
            summary: self.subject_summary(&subject).await?,
            provider_short_name: subject.short_name(),
            upstream_offered: subject.revocation().is_some(),
            ends_whole_grant: subject.revocation().is_some_and(|way| way.ends_whole_grant),
            by_hand: subject.by_hand(),
            last_key: store.last_key_of(&connection.id).await.or_fail()?,
            keys_lately: store.keys_since(&connection.id, since).await.or_fail()?,
            same_account: same_account
                .iter()
                .map(|other| SameAccount {
                    id: other.id.to_string(),
                    owner: owner(other),
                })
                .collect(),
            same_account_count,
        })
    }

    /// Where the reason leaves time, it can be undone.
    pub(super) async fn revoke_connection(
        &self,
        application: &str,
        id: &str,
        reason: RevokeReason,
        words: &str,
    ) -> Answer<()> {
        let store = &self.state.store;
        self.allowed(Task::RevokeConnections).await?;
        // the receipt says until when a token that was handed out may live
        self.state.tokens.hand_outs().store(store).await.or_fail()?;
        let subject = self.found(Task::RevokeConnections, application, id).await?;
        let note = note(Field::Note, words)?;
        let (connection, by) = (&subject.connection, actor(&subject.member));
        let revoked = if can_wait(reason) {
            store.freeze(connection, reason, &note, by).await
        } else {
            let offered = subject.revocation().is_some();
            store.revoke(connection, reason, &note, by, offered).await
        };
        revoked.or_fail().map(drop)
    }
}
