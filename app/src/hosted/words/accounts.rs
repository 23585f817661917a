//! The words of "My connected accounts".

use crate::wire::{ConnectedAccount, ConnectionState, ForWhom};

pub(in crate::hosted) const HEADING: &str = "My connected accounts";

pub(in crate::hosted) const CONNECTED: &str = "Connected ";

pub(in crate::hosted) const LAST_USED: &str = ", last used ";

pub(in crate::hosted) const NEVER_USED: &str = ", not used yet";

pub(in crate::hosted) const RECONNECT: &str = "Reconnect";

pub(in crate::hosted) const DISCONNECT: &str = "Disconnect";

/// The rest of a button's name, for those who do not see which account it belongs to.
pub(in crate::hosted) fn of_provider(provider: &str) -> String {
    format!(" {provider}")
}

pub(in crate::hosted) fn who(for_whom: &ForWhom) -> String {
    [
        Some(&for_whom.name),
        for_whom.email.as_ref(),
        for_whom.team.as_ref(),
    ]
    .into_iter()
    .flatten()
    .cloned()
    .collect::<Vec<_>>()
    .join(", ")
}

pub(in crate::hosted) fn empty(application: &str) -> String {
    format!("Nothing is connected. {application} can ask for an account whenever you use it there.")
}

pub(in crate::hosted) fn state(state: ConnectionState) -> &'static str {
    match state {
        ConnectionState::Active => "Working",
        ConnectionState::Degraded => "Working, answers slowly",
        ConnectionState::ReconnectRequired => "Not working",
        ConnectionState::Revoked => "Disconnected",
    }
}

/// What a state means for the person, where the word alone does not say it.
pub(in crate::hosted) fn meaning(
    state: ConnectionState,
    application: &str,
    provider: &str,
) -> Option<String> {
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

/// What disconnecting will do, here and at the provider.
pub(in crate::hosted) fn disconnect_means(application: &str, account: &ConnectedAccount) -> String {
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

pub(in crate::hosted) fn disconnect(provider: &str) -> String {
    format!("Disconnect {provider}")
}
