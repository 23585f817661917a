//! The words of the page that asks.

use super::{capitalised, first_name};
use crate::wire::ForWhom;

/// What is asked: a new connection or an old one again, for a person or a team.
#[derive(Clone, Copy)]
pub(in crate::hosted) struct Asked {
    pub(in crate::hosted) reconnect: bool,
    pub(in crate::hosted) team: bool,
}

impl Asked {
    fn verb(self) -> &'static str {
        if self.reconnect {
            "reconnect"
        } else {
            "connect"
        }
    }

    fn whose(self) -> &'static str {
        if self.team { "your team’s" } else { "your" }
    }
}

pub(in crate::hosted) fn title(asked: Asked, application: &str, provider: &str) -> String {
    format!("{} to {application}", button(asked, provider))
}

pub(in crate::hosted) fn title_refused(title: &str) -> String {
    format!("Check one answer: {title}")
}

pub(in crate::hosted) fn title_several(application: &str) -> String {
    format!("Connect your accounts to {application}")
}

pub(in crate::hosted) fn heading(asked: Asked, application: &str, provider: &str) -> String {
    format!(
        "{application} asks to {} {} {provider} account",
        asked.verb(),
        asked.whose()
    )
}

pub(in crate::hosted) fn heading_several(asked: Asked, application: &str, count: usize) -> String {
    format!(
        "{application} asks to {} {count} of {} accounts",
        asked.verb(),
        asked.whose()
    )
}

pub(in crate::hosted) const LEAD_SEVERAL: &str =
    "One after the other, in any order. Each has its own sign-in.";

pub(in crate::hosted) const HEADING_NOTHING_LEFT: &str = "Everything is connected";

pub(in crate::hosted) fn lead_nothing_left(application: &str) -> String {
    format!("{application} has all it asked for. There is nothing else to do.")
}

pub(in crate::hosted) fn wire(asked: Asked, application: &str, provider: &str) -> String {
    if asked.reconnect {
        format!("The wire between {application} and {provider} is broken")
    } else {
        format!("{application} and {provider}, not connected yet")
    }
}

pub(in crate::hosted) fn made_by(application: &str, organization: &str) -> String {
    format!("{application} is made by {organization}")
}

pub(in crate::hosted) fn may(application: &str) -> String {
    format!("{application} may")
}

/// Where the definition names no scope: the provider itself shows what it lets in.
pub(in crate::hosted) fn may_unlisted(short_name: &str) -> String {
    format!("Work with your account at {short_name}, as it is told there before you approve")
}

pub(in crate::hosted) const MAY_NOT: &str = "It may not";

/// True of every provider.
pub(in crate::hosted) const MAY_NEVER: &str = "See your password";

pub(in crate::hosted) fn details(application: &str) -> String {
    format!("What {application} may do, and may not")
}

pub(in crate::hosted) fn needs(short_name: &str) -> String {
    format!("What you need at {short_name}")
}

pub(in crate::hosted) const TEAM_HEADING: &str = "Everyone in the team will use this account";

pub(in crate::hosted) fn team_advice(application: &str, team: &str) -> String {
    format!(
        "What {application} does for team {team}, it does as the account you sign in with. \
         A user made for this, with only the rights it needs, is better than a person’s own: \
         it stays when people leave."
    )
}

pub(in crate::hosted) fn button(asked: Asked, provider: &str) -> String {
    if asked.reconnect {
        format!("Reconnect {provider}")
    } else {
        format!("Connect {provider}")
    }
}

pub(in crate::hosted) fn next(sign_in_host: &str) -> String {
    format!("Next you sign in at {sign_in_host} and approve there.")
}

pub(in crate::hosted) fn not_you(for_whom: &ForWhom) -> String {
    format!(
        "Not {}, or did someone send you this link?",
        first_name(&for_whom.name)
    )
}

pub(in crate::hosted) const STOP: &str = "Stop here";

pub(in crate::hosted) const CONNECTED_ALREADY: &str = "Connected already";

pub(in crate::hosted) const CONNECTED: &str = "Connected";

pub(in crate::hosted) const MY_ACCOUNTS: &str = "My connected accounts";

pub(in crate::hosted) fn time_left(minutes: u32) -> String {
    let time = match minutes {
        0 => "for less than a minute".to_owned(),
        1 => "for 1 more minute".to_owned(),
        more => format!("for {more} more minutes"),
    };
    format!("You can disconnect whenever you like. This page works {time}, in this browser.")
}

pub(in crate::hosted) const OTHER_ADDRESS: &str = "Another address";

pub(in crate::hosted) fn other_address_label(endings: &[String]) -> String {
    format!("That address, ending in {}", any_of(endings))
}

pub(in crate::hosted) fn refused_choice(short_name: &str, endings: &[String]) -> String {
    if endings.is_empty() {
        capitalised(&format!(
            "{short_name} has no such choice. Choose one of those above."
        ))
    } else {
        format!(
            "That is not an address of {short_name}. Choose one above, or enter one that ends in {}.",
            any_of(endings)
        )
    }
}

pub(in crate::hosted) fn refused_credential(short_name: &str) -> String {
    format!("Paste it as {short_name} shows it, without spaces before, after or within.")
}

pub(in crate::hosted) fn refused_text(short_name: &str) -> String {
    capitalised(&format!(
        "{short_name} cannot be reached like that. Compare it with the example above."
    ))
}

fn any_of(endings: &[String]) -> String {
    endings.join(" or ")
}
