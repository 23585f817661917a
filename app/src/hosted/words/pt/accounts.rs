//! The words of "My connected accounts".

use super::super::rooms::AccountsWords;
use super::Portuguese;
use crate::wire::{ConnectedAccount, ConnectionState};

impl AccountsWords for Portuguese {
    fn heading(&self) -> &'static str {
        "Minhas contas conectadas"
    }

    fn connected(&self) -> &'static str {
        "Conectada em "
    }

    fn last_used(&self) -> &'static str {
        ", último uso: "
    }

    fn never_used(&self) -> &'static str {
        ", ainda não usada"
    }

    fn reconnect(&self) -> &'static str {
        "Reconectar"
    }

    fn disconnect(&self) -> &'static str {
        "Desconectar"
    }

    fn of_provider(&self, provider: &str) -> String {
        format!(" {provider}")
    }

    fn empty(&self, application: &str) -> String {
        format!(
            "Não há nada conectado. {application} pode pedir uma conta sempre que você a usar lá."
        )
    }

    fn state(&self, state: ConnectionState) -> &'static str {
        match state {
            ConnectionState::Active => "Funciona",
            ConnectionState::Degraded => "Funciona, responde devagar",
            ConnectionState::ReconnectRequired => "Não funciona",
            ConnectionState::Revoked => "Desconectada",
        }
    }

    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String> {
        match state {
            ConnectionState::Active => None,
            ConnectionState::Degraded => Some(format!(
                "{provider} nem sempre responde neste momento. Você não precisa fazer nada."
            )),
            ConnectionState::ReconnectRequired => Some(format!(
                "{provider} pede de novo a sua aprovação. Até lá, {application} não pode usar esta \
                 conta; nada do que está nela se perde."
            )),
            ConnectionState::Revoked => Some(format!("{application} já não tem acesso.")),
        }
    }

    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String {
        let provider = &account.provider.name;
        let upstream = match (account.upstream_offered, &account.by_hand) {
            (true, _) => format!(
                "{application} para imediatamente, e pedimos a {provider} que encerre o acesso."
            ),
            (false, Some(place)) => format!(
                "{application} para imediatamente. {provider} mantém a sua própria lista: remova \
                 {application} lá também, em {place}."
            ),
            (false, None) => format!(
                "{application} para imediatamente. {provider} mantém a sua própria lista: remova \
                 {application} lá também, nas configurações."
            ),
        };
        format!("{upstream} O que {application} escreveu lá permanece.")
    }

    fn disconnect_now(&self, provider: &str) -> String {
        format!("Desconectar {provider}")
    }
}
