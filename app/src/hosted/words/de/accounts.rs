//! The words of "My connected accounts".

use super::super::rooms::AccountsWords;
use super::German;
use crate::wire::{ConnectedAccount, ConnectionState};

impl AccountsWords for German {
    fn heading(&self) -> &'static str {
        "Meine verbundenen Konten"
    }

    fn connected(&self) -> &'static str {
        "Verbunden am "
    }

    fn last_used(&self) -> &'static str {
        ", zuletzt verwendet: "
    }

    fn never_used(&self) -> &'static str {
        ", noch nicht verwendet"
    }

    fn reconnect(&self) -> &'static str {
        "Neu verbinden"
    }

    fn disconnect(&self) -> &'static str {
        "Trennen"
    }

    fn of_provider(&self, provider: &str) -> String {
        format!(": {provider}")
    }

    fn empty(&self, application: &str) -> String {
        format!(
            "Es ist nichts verbunden. {application} kann jederzeit nach einem Konto fragen, wenn Sie dort eines verwenden."
        )
    }

    fn state(&self, state: ConnectionState) -> &'static str {
        match state {
            ConnectionState::Active => "Funktioniert",
            ConnectionState::Degraded => "Funktioniert, antwortet langsam",
            ConnectionState::ReconnectRequired => "Funktioniert nicht",
            ConnectionState::Revoked => "Getrennt",
        }
    }

    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String> {
        match state {
            ConnectionState::Active => None,
            ConnectionState::Degraded => Some(format!(
                "{provider} antwortet im Moment nicht immer. Sie brauchen nichts zu tun."
            )),
            ConnectionState::ReconnectRequired => Some(format!(
                "{provider} fragt noch einmal nach Ihrer Zustimmung. Bis dahin kann {application} \
                 dieses Konto nicht verwenden; darin geht nichts verloren."
            )),
            ConnectionState::Revoked => Some(format!("{application} hat keinen Zugriff mehr.")),
        }
    }

    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String {
        let provider = &account.provider.name;
        let upstream = match (account.upstream_offered, &account.by_hand) {
            (true, _) => format!(
                "{application} hört sofort auf, und wir teilen {provider} mit, dass der Zugriff endet."
            ),
            (false, Some(place)) => format!(
                "{application} hört sofort auf. {provider} führt eine eigene Liste: Entfernen Sie \
                 {application} auch dort, unter {place}."
            ),
            (false, None) => format!(
                "{application} hört sofort auf. {provider} führt eine eigene Liste: Entfernen Sie \
                 {application} auch dort, in den Einstellungen."
            ),
        };
        format!("{upstream} Was {application} dort geschrieben hat, bleibt.")
    }

    fn disconnect_now(&self, provider: &str) -> String {
        format!("{provider} trennen")
    }
}
