//! The words of "My connected accounts".

use super::super::rooms::AccountsWords;
use super::Spanish;
use crate::wire::{ConnectedAccount, ConnectionState};

impl AccountsWords for Spanish {
    fn heading(&self) -> &'static str {
        "Mis cuentas conectadas"
    }

    fn connected(&self) -> &'static str {
        "Conectada el "
    }

    fn last_used(&self) -> &'static str {
        ", último uso: "
    }

    fn never_used(&self) -> &'static str {
        ", todavía sin usar"
    }

    fn reconnect(&self) -> &'static str {
        "Volver a conectar"
    }

    fn disconnect(&self) -> &'static str {
        "Desconectar"
    }

    fn of_provider(&self, provider: &str) -> String {
        format!(" {provider}")
    }

    fn empty(&self, application: &str) -> String {
        format!(
            "No hay nada conectado. {application} puede pedir una cuenta siempre que la use allí."
        )
    }

    fn state(&self, state: ConnectionState) -> &'static str {
        match state {
            ConnectionState::Active => "Funciona",
            ConnectionState::Degraded => "Funciona, responde despacio",
            ConnectionState::ReconnectRequired => "No funciona",
            ConnectionState::Revoked => "Desconectada",
        }
    }

    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String> {
        match state {
            ConnectionState::Active => None,
            ConnectionState::Degraded => Some(format!(
                "{provider} no siempre responde en este momento. No tiene que hacer nada."
            )),
            ConnectionState::ReconnectRequired => Some(format!(
                "{provider} pide de nuevo su aprobación. Hasta entonces {application} no puede usar \
                 esta cuenta; nada de lo que contiene se pierde."
            )),
            ConnectionState::Revoked => Some(format!("{application} ya no tiene acceso.")),
        }
    }

    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String {
        let provider = &account.provider.name;
        let upstream = match (account.upstream_offered, &account.by_hand) {
            (true, _) => format!(
                "{application} se detiene de inmediato, y pedimos a {provider} que ponga fin al \
                 acceso."
            ),
            (false, Some(place)) => format!(
                "{application} se detiene de inmediato. {provider} lleva su propio registro: elimine \
                 {application} también allí, en {place}."
            ),
            (false, None) => format!(
                "{application} se detiene de inmediato. {provider} lleva su propio registro: elimine \
                 {application} también allí, en la configuración."
            ),
        };
        format!("{upstream} Lo que {application} escribió allí permanece.")
    }

    fn disconnect_now(&self, provider: &str) -> String {
        format!("Desconectar {provider}")
    }
}
