//! The words of "My connected accounts".

use super::super::rooms::AccountsWords;
use super::English;
use crate::wire::{ConnectedAccount, ConnectionState};

impl AccountsWords for English {
    fn heading(&self) -> &'static str {
        "My connected accounts"
    }

    fn connected(&self) -> &'static str {
        "Connected "
    }

    fn last_used(&self) -> &'static str {
        ", last used "
    }

    fn never_used(&self) -> &'static str {
        ", not used yet"
    }

    fn reconnect(&self) -> &'static str {
        "Reconnect"
    }

    fn disconnect(&self) -> &'static str {
        "Disconnect"
    }

    fn of_provider(&self, provider: &str) -> String {
        format!(" {provider}")
    }

    fn empty(&self, application: &str) -> String {
        format!(
            "Nothing is connected. {application} can ask for an account whenever you use it there."
        )
    }

    fn state(&self, state: ConnectionState) -> &'static str {
        match state {
            ConnectionState::Active => "Working",
            ConnectionState::Degraded => "Working, answers slowly",
            ConnectionState::ReconnectRequired => "Not working",
            ConnectionState::Revoked => "Disconnected",
        }
    }

    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String> {
        match state {
            ConnectionState::Active => None,
            ConnectionState::Degraded => Some(format!(
                "{provider} does not always answer at the moment. There is nothing for you to do."
            )),
            ConnectionState::ReconnectRequired => Some(format!(
                "{provider} asks for your approval again. Until then {application} cannot use this \
             account; nothing in it is lost."
            )),
            ConnectionState::Revoked => Some(format!("{application} no longer has access.")),
        }
    }

    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String {
        let provider = &account.provider.name;
        let upstream = match (account.upstream_offered, &account.by_hand) {
            (true, _) => {
                format!("{application} stops at once, and we tell {provider} to end the access.")
            }
            (false, Some(place)) => format!(
                "{application} stops at once. {provider} keeps its own record: remove {application} \
             there too, under {place}."
            ),
            (false, None) => format!(
                "{application} stops at once. {provider} keeps its own record: remove {application} \
             there too, in its settings."
            ),
        };
        format!("{upstream} What {application} wrote there stays.")
    }

    fn disconnect_now(&self, provider: &str) -> String {
        format!("Disconnect {provider}")
    }
}
