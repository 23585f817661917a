//! Words that stand on every hosted page.

use super::super::rooms::FrameWords;
use super::French;
use crate::wire::{ForWhom, Grants};

impl FrameWords for French {
    fn skip(&self) -> &'static str {
        "Aller au contenu"
    }

    fn before_name(&self) -> &'static str {
        "Pour "
    }

    fn kept_by(&self, organization: Option<&str>) -> String {
        match organization {
            Some(organization) => format!("Conservé par Grantport pour {organization}."),
            None => "Conservé par Grantport.".to_owned(),
        }
    }

    fn by(&self, application: &str, organization: &str) -> String {
        format!("{application} par {organization}")
    }

    fn back_to(&self, application: &str) -> String {
        format!("Revenir à {application}")
    }

    fn close_this_page(&self, application: &str) -> String {
        format!("Vous pouvez fermer cette page et revenir à {application}.")
    }

    fn below_name(&self, for_whom: &ForWhom) -> Option<String> {
        match (&for_whom.email, &for_whom.team) {
            (Some(email), Some(team)) => Some(format!("{email}, pour l’équipe {team}")),
            (None, Some(team)) => Some(format!("Pour l’équipe {team}")),
            (email, None) => email.clone(),
        }
    }

    fn grants_heading(&self, short_name: &str) -> String {
        format!("Il reste peu d’accords chez {short_name}")
    }

    fn grants(&self, short_name: &str, grants: Grants) -> String {
        format!(
            "{short_name} garde {} accords par compte et par application, et ce compte en a {}. Un de plus peut mettre fin au plus ancien sans prévenir.",
            grants.most, grants.now
        )
    }
}
