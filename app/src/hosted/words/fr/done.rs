//! The words of the page that says: it is connected.

use super::super::rooms::DoneWords;
use super::super::{capitalised, in_mid_sentence};
use super::French;
use crate::wire::{DoneView, ScopeWords};

impl DoneWords for French {
    fn account(&self) -> &'static str {
        "Compte"
    }

    fn whose(&self) -> &'static str {
        "Pour"
    }

    fn allowed_heading(&self) -> &'static str {
        "Autorisé"
    }

    fn missing(&self) -> &'static str {
        "Tout n’a pas été autorisé"
    }

    fn heading(&self, provider: &str) -> String {
        format!("{provider} est connecté")
    }

    fn wire(&self, application: &str, provider: &str) -> String {
        format!("{application} et {provider} sont connectés")
    }

    fn lead(&self, view: &DoneView) -> String {
        let (application, provider) = (&view.host.application, &view.provider.name);
        let account = if view.for_whom.team.is_some() {
            format!("le compte {provider} de votre équipe")
        } else {
            format!("votre compte {provider}")
        };
        let works = format!("{application} peut maintenant travailler avec {account}");
        match (view.missing.is_empty(), view.left) {
            (false, _) => format!("{works}, dans la limite de ce que vous avez autorisé."),
            (true, 0) => format!("{works}. Il n’y a rien d’autre à faire."),
            (true, 1) => format!("{works}. Il reste un compte."),
            (true, left) => format!("{works}. Il reste {left} comptes."),
        }
    }

    fn for_whom(&self, view: &DoneView) -> String {
        match &view.for_whom.team {
            Some(team) => format!("{}, pour l’équipe {team}", view.for_whom.name),
            None => view.for_whom.name.clone(),
        }
    }

    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String {
        let list = granted.iter().map(in_list).collect::<Vec<_>>().join(", ");
        match (all, list.is_empty()) {
            (true, true) => "Tout ce qui était demandé".to_owned(),
            (true, false) => format!("Tout ce qui était demandé\u{a0}: {list}"),
            (false, true) => "Rien de ce qui était demandé".to_owned(),
            (false, false) => capitalised(&list),
        }
    }

    fn known(&self) -> &'static str {
        "Ce compte était déjà connecté. C’est la même connexion, avec un nouvel accord."
    }

    fn missing_means(&self, application: &str, provider: &str) -> String {
        format!(
            "Dans {application}, certaines fonctions peuvent donc ne pas marcher avec {provider}. Pour \
             autoriser le reste, reconnectez {provider} depuis {application} et laissez tout coché."
        )
    }

    fn connect_the_others(&self, left: u32) -> String {
        if left == 1 {
            "Connecter l’autre compte".to_owned()
        } else {
            format!("Connecter les {left} autres")
        }
    }

    fn see_later(&self) -> (&'static str, &'static str, &'static str) {
        (
            "Pour voir cet accès ou y mettre fin plus tard\u{a0}: ",
            "Mes comptes connectés",
            ".",
        )
    }
}

fn in_list(scope: &ScopeWords) -> String {
    if scope.words.is_empty() {
        scope.name.clone()
    } else {
        in_mid_sentence(&scope.words)
    }
}
