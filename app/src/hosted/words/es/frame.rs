//! Words that stand on every hosted page.

use super::super::rooms::FrameWords;
use super::Spanish;
use crate::wire::{ForWhom, Grants};

impl FrameWords for Spanish {
    fn skip(&self) -> &'static str {
        "Ir al contenido"
    }

    fn before_name(&self) -> &'static str {
        "Para "
    }

    fn kept_by(&self, organization: Option<&str>) -> String {
        match organization {
            Some(organization) => format!("Guardado por Grantport para {organization}."),
            None => "Guardado por Grantport.".to_owned(),
        }
    }

    fn by(&self, application: &str, organization: &str) -> String {
        format!("{application} de {organization}")
    }

    fn back_to(&self, application: &str) -> String {
        format!("Volver a {application}")
    }

    fn close_this_page(&self, application: &str) -> String {
        format!("Puede cerrar esta página y volver a {application}.")
    }

    fn below_name(&self, for_whom: &ForWhom) -> Option<String> {
        match (&for_whom.email, &for_whom.team) {
            (Some(email), Some(team)) => Some(format!("{email}, para el equipo {team}")),
            (None, Some(team)) => Some(format!("Para el equipo {team}")),
            (email, None) => email.clone(),
        }
    }

    fn grants_heading(&self, short_name: &str) -> String {
        format!("Quedan pocas aprobaciones en {short_name}")
    }

    fn grants(&self, short_name: &str, grants: Grants) -> String {
        format!(
            "{short_name} guarda {} aprobaciones por cuenta y aplicación, y esta cuenta tiene {}. Una más puede terminar la más antigua sin avisar.",
            grants.most, grants.now
        )
    }
}
