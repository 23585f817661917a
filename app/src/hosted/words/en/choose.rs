//! The words of the page on which a person chooses between two accounts.

use super::super::rooms::ChooseWords;
use super::English;

impl ChooseWords for English {
    fn heading(&self, short_name: &str) -> String {
        format!("That is another {short_name} account")
    }

    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String {
        match (before, now) {
            (Some(before), Some(now)) => format!(
                "You approved {now}. {application} works with {before}, and goes on with it until you have chosen."
            ),
            (None, Some(now)) => format!(
                "You approved {now}. {application} works with another account, and goes on with it until you have chosen."
            ),
            (_, None) => format!(
                "You approved another account than the one that {application} works with. That one goes on until you have chosen."
            ),
        }
    }

    fn question(&self, application: &str) -> String {
        format!("What should {application} work with?")
    }

    fn same(&self) -> &'static str {
        "Use the account it was"
    }

    fn same_means(&self, short_name: &str) -> String {
        format!(
            "You sign in at {short_name} once more. Sign out there first, else it takes the same account again."
        )
    }

    fn replace(&self) -> &'static str {
        "Replace it"
    }

    fn replace_means(&self, application: &str) -> String {
        format!(
            "{application} works with the new account from now on, and what it was set up for stays."
        )
    }

    fn both(&self) -> &'static str {
        "Keep both"
    }

    fn both_means(&self) -> &'static str {
        "The new account becomes a connection of its own beside the old one."
    }

    fn both_known(&self) -> &'static str {
        "The new account is connected already: that connection is renewed, and the old one stays as it is."
    }

    fn time_left(&self, minutes: u32) -> String {
        match minutes {
            0 => "Choose within less than a minute.".to_owned(),
            1 => "Choose within 1 minute.".to_owned(),
            more => format!("Choose within {more} minutes."),
        }
    }
}
