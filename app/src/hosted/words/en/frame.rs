//! Words that stand on every hosted page.

use super::super::rooms::FrameWords;
use super::English;
use crate::wire::{ForWhom, Grants};

impl FrameWords for English {
    fn skip(&self) -> &'static str {
        "Skip to content"
    }

    fn before_name(&self) -> &'static str {
        "For "
    }

    fn kept_by(&self, organization: Option<&str>) -> String {
        match organization {
            Some(organization) => format!("Kept by Grantport for {organization}."),
            None => "Kept by Grantport.".to_owned(),
        }
    }

    fn by(&self, application: &str, organization: &str) -> String {
        format!("{application} by {organization}")
    }

    fn back_to(&self, application: &str) -> String {
        format!("Back to {application}")
    }

    fn close_this_page(&self, application: &str) -> String {
        format!("You can close this page and go back to {application}.")
    }

    fn below_name(&self, for_whom: &ForWhom) -> Option<String> {
        match (&for_whom.email, &for_whom.team) {
            (Some(email), Some(team)) => Some(format!("{email}, for team {team}")),
            (None, Some(team)) => Some(format!("For team {team}")),
            (email, None) => email.clone(),
        }
    }

    fn grants_heading(&self, short_name: &str) -> String {
        format!("Few approvals are left at {short_name}")
    }

    fn grants(&self, short_name: &str, grants: Grants) -> String {
        format!(
            "{short_name} keeps {} approvals per account for each application, and this account has {}. One more may end the oldest without a word.",
            grants.most, grants.now
        )
    }
}
