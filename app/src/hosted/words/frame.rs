//! Words that stand on every hosted page.

use crate::wire::ForWhom;

/// The link that jumps over nothing but reaches the card.
pub(in crate::hosted) const SKIP: &str = "Skip to content";

/// Before the end user's name.
pub(in crate::hosted) const FOR: &str = "For ";

/// The last line of every page.
pub(in crate::hosted) fn kept_by(organization: Option<&str>) -> String {
    match organization {
        Some(organization) => format!("Kept by Grantport for {organization}."),
        None => "Kept by Grantport.".to_owned(),
    }
}

/// "CRM Sync by Acme".
pub(in crate::hosted) fn by(application: &str, organization: &str) -> String {
    format!("{application} by {organization}")
}

/// The button that leaves for the application.
pub(in crate::hosted) fn back_to(application: &str) -> String {
    format!("Back to {application}")
}

/// Where no address leads back.
pub(in crate::hosted) fn close_this_page(application: &str) -> String {
    format!("You can close this page and go back to {application}.")
}

/// What stands below the end user's name: e-mail, team, or both.
pub(in crate::hosted) fn below_name(for_whom: &ForWhom) -> Option<String> {
    match (&for_whom.email, &for_whom.team) {
        (Some(email), Some(team)) => Some(format!("{email}, for team {team}")),
        (None, Some(team)) => Some(format!("For team {team}")),
        (email, None) => email.clone(),
    }
}
