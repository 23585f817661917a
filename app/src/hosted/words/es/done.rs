//! The words of the page that says: it is connected.

use super::super::rooms::DoneWords;
use super::super::{capitalised, in_mid_sentence};
use super::Spanish;
use crate::wire::{DoneView, ScopeWords};

impl DoneWords for Spanish {
    fn account(&self) -> &'static str {
        "Cuenta"
    }

    fn whose(&self) -> &'static str {
        "Para"
    }

    fn allowed_heading(&self) -> &'static str {
        "Permitido"
    }

    fn missing(&self) -> &'static str {
        "No se permitió todo"
    }

    fn heading(&self, provider: &str) -> String {
        format!("{provider} está conectado")
    }

    fn wire(&self, application: &str, provider: &str) -> String {
        format!("{application} está conectado con {provider}")
    }

    fn lead(&self, view: &DoneView) -> String {
        let (application, provider) = (&view.host.application, &view.provider.name);
        let account = if view.for_whom.team.is_some() {
            format!("la cuenta de {provider} de su equipo")
        } else {
            format!("su cuenta de {provider}")
        };
        let works = format!("{application} ya puede trabajar con {account}");
        match (view.missing.is_empty(), view.left) {
            (false, _) => format!("{works}, dentro de lo que usted permitió."),
            (true, 0) => format!("{works}. No hay nada más que hacer."),
            (true, 1) => format!("{works}. Queda una cuenta."),
            (true, left) => format!("{works}. Quedan {left} cuentas."),
        }
    }

    fn for_whom(&self, view: &DoneView) -> String {
        match &view.for_whom.team {
            Some(team) => format!("{}, para el equipo {team}", view.for_whom.name),
            None => view.for_whom.name.clone(),
        }
    }

    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String {
        let list = granted.iter().map(in_list).collect::<Vec<_>>().join(", ");
        match (all, list.is_empty()) {
            (true, true) => "Todo lo que se pidió".to_owned(),
            (true, false) => format!("Todo lo que se pidió: {list}"),
            (false, true) => "Nada de lo que se pidió".to_owned(),
            (false, false) => capitalised(&list),
        }
    }

    fn known(&self) -> &'static str {
        "Esta cuenta ya estaba conectada. Es la misma conexión, con una aprobación nueva."
    }

    fn missing_means(&self, application: &str, provider: &str) -> String {
        format!(
            "Por eso, es posible que en {application} algo no funcione con {provider}. Para permitir \
             el resto, vuelva a conectar {provider} desde {application} sin desmarcar nada."
        )
    }

    fn connect_the_others(&self, left: u32) -> String {
        if left == 1 {
            "Conectar la otra cuenta".to_owned()
        } else {
            format!("Conectar las otras {left}")
        }
    }

    fn see_later(&self) -> (&'static str, &'static str, &'static str) {
        (
            "Más tarde puede ver el acceso o ponerle fin en ",
            "Mis cuentas conectadas",
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
