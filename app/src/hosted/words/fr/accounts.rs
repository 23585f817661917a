//! The words of "My connected accounts".

use super::super::rooms::AccountsWords;
use super::French;
use crate::wire::{ConnectedAccount, ConnectionState};

impl AccountsWords for French {
    fn heading(&self) -> &'static str {
        "Mes comptes connectés"
    }

    fn connected(&self) -> &'static str {
        "Connecté le "
    }

    fn last_used(&self) -> &'static str {
        ", dernière utilisation\u{a0}: "
    }

    fn never_used(&self) -> &'static str {
        ", pas encore utilisé"
    }

    fn reconnect(&self) -> &'static str {
        "Reconnecter"
    }

    fn disconnect(&self) -> &'static str {
        "Déconnecter"
    }

    fn of_provider(&self, provider: &str) -> String {
        format!(" {provider}")
    }

    fn empty(&self, application: &str) -> String {
        format!(
            "Rien n’est connecté. {application} peut demander un compte chaque fois que vous en avez \
             besoin là-bas."
        )
    }

    fn state(&self, state: ConnectionState) -> &'static str {
        match state {
            ConnectionState::Active => "Fonctionne",
            ConnectionState::Degraded => "Fonctionne, répond lentement",
            ConnectionState::ReconnectRequired => "Ne fonctionne pas",
            ConnectionState::Revoked => "Déconnecté",
        }
    }

    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String> {
        match state {
            ConnectionState::Active => None,
            ConnectionState::Degraded => Some(format!(
                "{provider} ne répond pas toujours en ce moment. Vous n’avez rien à faire."
            )),
            ConnectionState::ReconnectRequired => Some(format!(
                "{provider} demande de nouveau votre accord. D’ici là, {application} ne peut pas \
                 utiliser ce compte\u{202f}; rien de ce qu’il contient n’est perdu."
            )),
            ConnectionState::Revoked => Some(format!("{application} n’a plus accès.")),
        }
    }

    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String {
        let provider = &account.provider.name;
        let upstream = match (account.upstream_offered, &account.by_hand) {
            (true, _) => format!(
                "{application} s’arrête aussitôt, et nous demandons à {provider} de mettre fin à \
                 l’accès."
            ),
            (false, Some(place)) => format!(
                "{application} s’arrête aussitôt. {provider} tient sa propre liste\u{a0}: retirez-y \
                 aussi {application}, sous {place}."
            ),
            (false, None) => format!(
                "{application} s’arrête aussitôt. {provider} tient sa propre liste\u{a0}: retirez-y \
                 aussi {application}, dans les paramètres."
            ),
        };
        format!("{upstream} Ce qui y a été écrit par {application} reste.")
    }

    fn disconnect_now(&self, provider: &str) -> String {
        format!("Déconnecter {provider}")
    }
}
