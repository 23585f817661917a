//! The words of the page on which a person chooses between two accounts.

use super::super::rooms::ChooseWords;
use super::Portuguese;

impl ChooseWords for Portuguese {
    fn heading(&self, short_name: &str) -> String {
        format!("Essa é outra conta {short_name}")
    }

    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String {
        match (before, now) {
            (Some(before), Some(now)) => format!(
                "Você aprovou {now}. {application} trabalha com {before}, e continua com ela até você escolher."
            ),
            (None, Some(now)) => format!(
                "Você aprovou {now}. {application} trabalha com outra conta, e continua com ela até você escolher."
            ),
            (_, None) => format!(
                "Você aprovou uma conta diferente da que {application} usa. Aquela continua até você escolher."
            ),
        }
    }

    fn question(&self, application: &str) -> String {
        format!("Com o que {application} deve trabalhar?")
    }

    fn same(&self) -> &'static str {
        "Usar a conta anterior"
    }

    fn same_means(&self, short_name: &str) -> String {
        format!(
            "Você entra em {short_name} mais uma vez. Saia de lá primeiro; senão, a mesma conta é usada de novo."
        )
    }

    fn replace(&self) -> &'static str {
        "Substituir"
    }

    fn replace_means(&self, application: &str) -> String {
        format!(
            "{application} passa a trabalhar com a nova conta, e o que estava configurado permanece."
        )
    }

    fn both(&self) -> &'static str {
        "Manter as duas"
    }

    fn both_means(&self) -> &'static str {
        "A nova conta passa a ser uma conexão própria ao lado da antiga."
    }

    fn both_known(&self) -> &'static str {
        "A nova conta já está conectada: aquela conexão é renovada, e a antiga fica como está."
    }

    fn time_left(&self, minutes: u32) -> String {
        match minutes {
            0 => "Escolha em menos de um minuto.".to_owned(),
            1 => "Escolha em 1 minuto.".to_owned(),
            more => format!("Escolha em {more} minutos."),
        }
    }
}
