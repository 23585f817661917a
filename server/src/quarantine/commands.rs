//! `grantport restore`: what is the case, in sentences that say what to do next.

use super::Heartbeat;
use crate::domain::{Actor, Quarantine};
use crate::store::StoreError;
use app::wire::QuarantineReason;
use app::words::quarantine::{CONFIRM, STILL_WORKS, why};
use app::words::time;

/// What no command can find out.
const MAKE_SURE: &str =
    "Make sure that no other server runs on the original or on another copy of it, now or later.";

impl Heartbeat {
    /// `restore status`.
    pub async fn status(&self) -> Result<String, StoreError> {
        let lines = match (self.store.quarantine(), self.suspicion().await?) {
            (Some(quarantine), _) => vec![
                in_quarantine(quarantine),
                format!("{MAKE_SURE} Then run `{CONFIRM}`."),
            ],
            (None, Some(reason)) => vec![
                format!("Not in quarantine yet; the next start of the server begins it. {}", why(reason)),
                format!("{MAKE_SURE} Then run `{CONFIRM}`, before the start or after it."),
            ],
            (None, None) => vec![
                "Not in quarantine: tokens are refreshed as usual.".to_owned(),
                "Before you start a server on a copy that cannot be told from its original, such as a copied disk or machine, run `grantport restore begin` on the copy.".to_owned(),
            ],
        };
        let confirmed = self.store.confirmed_at().map(|at| {
            let at = time::moment(at.millis());
            format!("A quarantine was last lifted on {at}.")
        });
        let lines: Vec<String> = lines.into_iter().chain(confirmed).collect();
        Ok(lines.join("\n"))
    }

    /// `restore begin`.
    pub async fn begin(&self) -> Result<String, StoreError> {
        let is_new = self.store.begin_quarantine(Actor::command_line()).await?;
        let first = match (is_new, self.store.quarantine()) {
            (false, Some(quarantine)) => in_quarantine(quarantine),
            _ => format!("In quarantine from now on: no token is refreshed. {STILL_WORKS}"),
        };
        Ok(format!(
            "{first}\nStart the copy whenever you like. When the original is off for good, run `{CONFIRM}` here.\n\
             If this is the original, and you are about to copy it: copy it now, and then run `{CONFIRM}` here; the copy stays in quarantine."
        ))
    }

    /// `restore confirm`.
    pub async fn confirm(&self) -> Result<String, StoreError> {
        let seen = self.seen().await;
        let lifted = self
            .store
            .confirm_restore(seen.as_ref(), Actor::command_line())
            .await?;
        Ok(match lifted {
            Some(_) => format!(
                "The quarantine is lifted: this installation is the one that refreshes from now on.\n{}\n\
                 What was refreshed elsewhere after the copy or backup was made cannot be known. Such a connection is found at its \
                 next refresh: it then says `reconnect_required` with the reason `stale_after_restore`, and its owner connects again.",
                self.when_nodes_notice()
            ),
            None => "There is nothing to confirm: this database is not in quarantine, and nothing about it looks restored or copied.".to_owned(),
        })
    }

    async fn suspicion(&self) -> Result<Option<QuarantineReason>, StoreError> {
        self.store.suspicion(self.seen().await.as_ref()).await
    }

    fn when_nodes_notice(&self) -> &'static str {
        match self.store.db().file() {
            Some(_) => "Start the server now.",
            None => "Servers that run on it notice within five seconds.",
        }
    }
}

fn in_quarantine(quarantine: Quarantine) -> String {
    format!(
        "In quarantine since {}: no token is refreshed. {}\n{STILL_WORKS}",
        time::moment(quarantine.since.millis()),
        why(quarantine.reason)
    )
}
