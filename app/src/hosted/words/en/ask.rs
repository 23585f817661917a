//! The words of the page that asks.

use super::super::rooms::{AskWords, Asked};
use super::super::{capitalised, first_name};
use super::English;
use crate::wire::ForWhom;

impl AskWords for English {
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!("{} to {application}", self.button(asked, provider))
    }

    fn title_refused(&self, title: &str) -> String {
        format!("Check one answer: {title}")
    }

    fn title_several(&self, application: &str) -> String {
        format!("Connect your accounts to {application}")
    }

    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!(
            "{application} asks to {} {} {provider} account",
            verb(asked),
            whose(asked)
        )
    }

    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String {
        format!(
            "{application} asks to {} {count} of {} accounts",
            verb(asked),
            whose(asked)
        )
    }

    fn lead_several(&self) -> &'static str {
        "One after the other, in any order. Each has its own sign-in."
    }

    fn heading_nothing_left(&self) -> &'static str {
        "Everything is connected"
    }

    fn lead_nothing_left(&self, application: &str) -> String {
        format!("{application} has all it asked for. There is nothing else to do.")
    }

    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String {
        if asked.reconnect {
            format!("The wire between {application} and {provider} is broken")
        } else {
            format!("{application} and {provider}, not connected yet")
        }
    }

    fn made_by(&self, application: &str, organization: &str) -> String {
        format!("{application} is made by {organization}")
    }

    fn may(&self, application: &str) -> String {
        format!("{application} may")
    }

    fn may_unlisted(&self, short_name: &str) -> String {
        format!("Work with your account at {short_name}, as it is told there before you approve")
    }

    fn may_not(&self) -> &'static str {
        "It may not"
    }

    fn may_never(&self) -> &'static str {
        "See your password"
    }

    fn details(&self, application: &str) -> String {
        format!("What {application} may do, and may not")
    }

    fn needs(&self, short_name: &str) -> String {
        format!("What you need at {short_name}")
    }

    fn team_heading(&self) -> &'static str {
        "Everyone in the team will use this account"
    }

    fn team_advice(&self, application: &str, team: &str) -> String {
        format!(
            "What {application} does for team {team}, it does as the account you sign in with. \
         A user made for this, with only the rights it needs, is better than a person’s own: \
         it stays when people leave."
        )
    }

    fn button(&self, asked: Asked, provider: &str) -> String {
        if asked.reconnect {
            format!("Reconnect {provider}")
        } else {
            format!("Connect {provider}")
        }
    }

    fn next(&self, sign_in_host: &str) -> String {
        format!("Next you sign in at {sign_in_host} and approve there.")
    }

    fn not_you(&self, for_whom: &ForWhom) -> String {
        format!(
            "Not {}, or did someone send you this link?",
            first_name(&for_whom.name)
        )
    }

    fn stop(&self) -> &'static str {
        "Stop here"
    }

    fn connected_already(&self) -> &'static str {
        "Connected already"
    }

    fn connected(&self) -> &'static str {
        "Connected"
    }

    fn my_accounts(&self) -> &'static str {
        "My connected accounts"
    }

    fn time_left(&self, minutes: u32) -> String {
        let time = match minutes {
            0 => "for less than a minute".to_owned(),
            1 => "for 1 more minute".to_owned(),
            more => format!("for {more} more minutes"),
        };
        format!("You can disconnect whenever you like. This page works {time}, in this browser.")
    }

    fn other_address(&self) -> &'static str {
        "Another address"
    }

    fn other_address_label(&self, endings: &[String]) -> String {
        format!("That address, ending in {}", any_of(endings))
    }

    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String {
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

    fn refused_credential(&self, short_name: &str) -> String {
        format!("Paste it as {short_name} shows it, without spaces before, after or within.")
    }

    fn refused_text(&self, short_name: &str) -> String {
        capitalised(&format!(
            "{short_name} cannot be reached like that. Compare it with the example above."
        ))
    }
}

fn verb(asked: Asked) -> &'static str {
    if asked.reconnect {
        "reconnect"
    } else {
        "connect"
    }
}

fn whose(asked: Asked) -> &'static str {
    if asked.team { "your team’s" } else { "your" }
}

fn any_of(endings: &[String]) -> String {
    endings.join(" or ")
}
