//! The words of the page on which a person chooses between two accounts.

use super::super::rooms::ChooseWords;
use super::French;

impl ChooseWords for French {
    fn heading(&self, short_name: &str) -> String {
        format!("C’est un autre compte {short_name}")
    }

    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String {
        match (before, now) {
            (Some(before), Some(now)) => format!(
                "Vous avez donné votre accord pour {now}. {application} travaille avec {before}, et continue jusqu’à votre choix."
            ),
            (None, Some(now)) => format!(
                "Vous avez donné votre accord pour {now}. {application} travaille avec un autre compte, et continue jusqu’à votre choix."
            ),
            (_, None) => format!(
                "Vous avez donné votre accord pour un autre compte que celui avec lequel {application} travaille. Celui-là continue jusqu’à votre choix."
            ),
        }
    }

    fn question(&self, application: &str) -> String {
        format!("Avec quoi {application} doit-il travailler\u{202f}?")
    }

    fn same(&self) -> &'static str {
        "Garder le compte d’avant"
    }

    fn same_means(&self, short_name: &str) -> String {
        format!(
            "Vous vous connectez encore une fois chez {short_name}. Déconnectez-vous-y d’abord, sinon le même compte est repris."
        )
    }

    fn replace(&self) -> &'static str {
        "Le remplacer"
    }

    fn replace_means(&self, application: &str) -> String {
        format!(
            "{application} travaille désormais avec le nouveau compte, et les réglages restent."
        )
    }

    fn both(&self) -> &'static str {
        "Garder les deux"
    }

    fn both_means(&self) -> &'static str {
        "Le nouveau compte devient une connexion à part, à côté de l’ancienne."
    }

    fn both_known(&self) -> &'static str {
        "Le nouveau compte est déjà connecté\u{a0}: cette connexion-là est renouvelée, et l’ancienne reste comme elle est."
    }

    fn time_left(&self, minutes: u32) -> String {
        match minutes {
            0 => "Choisissez en moins d’une minute.".to_owned(),
            1 => "Choisissez dans la minute.".to_owned(),
            more => format!("Choisissez dans les {more} minutes."),
        }
    }
}
