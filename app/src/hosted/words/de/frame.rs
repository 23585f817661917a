//! Words that stand on every hosted page.

use super::super::rooms::FrameWords;
use super::German;
use crate::wire::{ForWhom, Grants};

impl FrameWords for German {
    fn skip(&self) -> &'static str {
        "Zum Inhalt springen"
    }

    fn before_name(&self) -> &'static str {
        "Für "
    }

    fn kept_by(&self, organization: Option<&str>) -> String {
        match organization {
            Some(organization) => format!("Aufbewahrt von Grantport für {organization}."),
            None => "Aufbewahrt von Grantport.".to_owned(),
        }
    }

    fn by(&self, application: &str, organization: &str) -> String {
        format!("{application} von {organization}")
    }

    fn back_to(&self, application: &str) -> String {
        format!("Zurück zu {application}")
    }

    fn close_this_page(&self, application: &str) -> String {
        format!("Sie können diese Seite schließen und zu {application} zurückkehren.")
    }

    fn below_name(&self, for_whom: &ForWhom) -> Option<String> {
        match (&for_whom.email, &for_whom.team) {
            (Some(email), Some(team)) => Some(format!("{email}, für das Team {team}")),
            (None, Some(team)) => Some(format!("Für das Team {team}")),
            (email, None) => email.clone(),
        }
    }

    fn grants_heading(&self, short_name: &str) -> String {
        format!("Bei {short_name} sind nur noch wenige Zustimmungen frei")
    }

    fn grants(&self, short_name: &str, grants: Grants) -> String {
        format!(
            "{short_name} bewahrt je Konto und Anwendung {} Zustimmungen auf, und dieses Konto hat {}. Eine weitere kann die älteste stillschweigend beenden.",
            grants.most, grants.now
        )
    }
}
