//! The words of the page that asks.

use super::super::first_name;
use super::super::rooms::{AskWords, Asked};
use super::French;
use crate::wire::ForWhom;

impl AskWords for French {
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!("{} à {application}", self.button(asked, provider))
    }

    fn title_refused(&self, title: &str) -> String {
        format!("Une réponse à vérifier\u{a0}: {title}")
    }

    fn title_several(&self, application: &str) -> String {
        format!("Connecter vos comptes à {application}")
    }

    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String {
        let verb = if asked.reconnect {
            "reconnecter"
        } else {
            "connecter"
        };
        if asked.team {
            format!("{application} demande à {verb} le compte {provider} de votre équipe")
        } else {
            format!("{application} demande à {verb} votre compte {provider}")
        }
    }

    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String {
        let verb = if asked.reconnect {
            "reconnecter"
        } else {
            "connecter"
        };
        if asked.team {
            format!("{application} demande à {verb} {count} comptes de votre équipe")
        } else {
            format!("{application} demande à {verb} {count} de vos comptes")
        }
    }

    fn lead_several(&self) -> &'static str {
        "L’un après l’autre, dans l’ordre que vous voulez. Chacun a sa propre connexion."
    }

    fn heading_nothing_left(&self) -> &'static str {
        "Tout est connecté"
    }

    fn lead_nothing_left(&self, application: &str) -> String {
        format!("{application} a tout ce qui était demandé. Il n’y a rien d’autre à faire.")
    }

    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String {
        if asked.reconnect {
            format!("Le fil entre {application} et {provider} est rompu")
        } else {
            format!("{application} et {provider}, pas encore connectés")
        }
    }

    fn made_by(&self, application: &str, organization: &str) -> String {
        format!("{application} est proposé par {organization}")
    }

    fn may(&self, application: &str) -> String {
        format!("{application} peut")
    }

    fn may_unlisted(&self, short_name: &str) -> String {
        format!(
            "Travailler avec votre compte {short_name}, comme indiqué là-bas avant votre accord"
        )
    }

    fn may_not(&self) -> &'static str {
        "Mais ne peut pas"
    }

    fn may_never(&self) -> &'static str {
        "Voir votre mot de passe"
    }

    fn details(&self, application: &str) -> String {
        format!("{application}\u{a0}: ce qui est permis, et ce qui ne l’est pas")
    }

    fn needs(&self, short_name: &str) -> String {
        format!("Ce qu’il vous faut chez {short_name}")
    }

    fn team_heading(&self) -> &'static str {
        "Toute l’équipe utilisera ce compte"
    }

    fn team_advice(&self, application: &str, team: &str) -> String {
        format!(
            "Pour l’équipe {team}, {application} agit avec le compte que vous utilisez pour vous \
             connecter. Un compte créé exprès, avec les seuls droits nécessaires, vaut mieux que le \
             compte d’une personne\u{a0}: il reste quand quelqu’un s’en va."
        )
    }

    fn button(&self, asked: Asked, provider: &str) -> String {
        if asked.reconnect {
            format!("Reconnecter {provider}")
        } else {
            format!("Connecter {provider}")
        }
    }

    fn next(&self, sign_in_host: &str) -> String {
        format!("Ensuite, vous vous connectez sur {sign_in_host} et vous y donnez votre accord.")
    }

    fn not_you(&self, for_whom: &ForWhom) -> String {
        format!(
            "Vous n’êtes pas {}, ou quelqu’un vous a envoyé ce lien\u{202f}?",
            first_name(&for_whom.name)
        )
    }

    fn stop(&self) -> &'static str {
        "Arrêter ici"
    }

    fn connected_already(&self) -> &'static str {
        "Déjà connectés"
    }

    fn connected(&self) -> &'static str {
        "Connecté"
    }

    fn my_accounts(&self) -> &'static str {
        "Mes comptes connectés"
    }

    fn time_left(&self, minutes: u32) -> String {
        let time = match minutes {
            0 => "moins d’une minute".to_owned(),
            1 => "encore 1 minute".to_owned(),
            more => format!("encore {more} minutes"),
        };
        format!(
            "Vous pouvez déconnecter le compte quand vous voulez. Cette page reste valable {time}, \
             dans ce navigateur."
        )
    }

    fn other_address(&self) -> &'static str {
        "Une autre adresse"
    }

    fn other_address_label(&self, endings: &[String]) -> String {
        format!("Cette adresse, qui se termine par {}", any_of(endings))
    }

    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String {
        if endings.is_empty() {
            format!("Ce choix n’existe pas chez {short_name}. Choisissez-en un ci-dessus.")
        } else {
            format!(
                "Ce n’est pas une adresse {short_name}. Choisissez-en une ci-dessus, ou saisissez-en \
                 une qui se termine par {}.",
                any_of(endings)
            )
        }
    }

    fn refused_credential(&self, short_name: &str) -> String {
        format!(
            "Collez la valeur telle que {short_name} l’affiche, sans espace avant, après ou au milieu."
        )
    }

    fn refused_text(&self, short_name: &str) -> String {
        format!("Cela ne mène pas à {short_name}. Comparez avec l’exemple ci-dessus.")
    }
}

fn any_of(endings: &[String]) -> String {
    endings.join(" ou ")
}
