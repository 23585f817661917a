//! Words that stand on every hosted page.

use super::super::rooms::FrameWords;
use super::Portuguese;
use crate::wire::{ForWhom, Grants};

impl FrameWords for Portuguese {
    fn skip(&self) -> &'static str {
        "Ir para o conteúdo"
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
        format!("{application}, de {organization}")
    }

    fn back_to(&self, application: &str) -> String {
        format!("Voltar para {application}")
    }

    fn close_this_page(&self, application: &str) -> String {
        format!("Você pode fechar esta página e voltar para {application}.")
    }

    fn below_name(&self, for_whom: &ForWhom) -> Option<String> {
        match (&for_whom.email, &for_whom.team) {
            (Some(email), Some(team)) => Some(format!("{email}, para a equipe {team}")),
            (None, Some(team)) => Some(format!("Para a equipe {team}")),
            (email, None) => email.clone(),
        }
    }

    fn grants_heading(&self, short_name: &str) -> String {
        format!("Restam poucas aprovações em {short_name}")
    }

    fn grants(&self, short_name: &str, grants: Grants) -> String {
        format!(
            "{short_name} guarda {} aprovações por conta e aplicação, e esta conta tem {}. Mais uma pode encerrar a mais antiga sem aviso.",
            grants.most, grants.now
        )
    }
}
