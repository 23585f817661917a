//! The words of the page that asks.

use super::super::first_name;
use super::super::rooms::{AskWords, Asked};
use super::German;
use crate::wire::ForWhom;

impl AskWords for German {
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!("{provider} mit {application} {}", verb(asked))
    }

    fn title_refused(&self, title: &str) -> String {
        format!("Eine Angabe prüfen: {title}")
    }

    fn title_several(&self, application: &str) -> String {
        format!("Ihre Konten mit {application} verbinden")
    }

    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String {
        let account = if asked.team {
            "das Konto Ihres Teams"
        } else {
            "Ihr Konto"
        };
        format!(
            "{application} möchte {account} bei {provider} {}",
            verb(asked)
        )
    }

    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String {
        let accounts = if asked.team {
            format!("{count} Konten Ihres Teams")
        } else {
            format!("{count} Ihrer Konten")
        };
        format!("{application} möchte {accounts} {}", verb(asked))
    }

    fn lead_several(&self) -> &'static str {
        "Eines nach dem anderen, in beliebiger Reihenfolge. Jedes hat seine eigene Anmeldung."
    }

    fn heading_nothing_left(&self) -> &'static str {
        "Alles ist verbunden"
    }

    fn lead_nothing_left(&self, application: &str) -> String {
        format!("{application} hat alles, worum es ging. Sonst ist nichts zu tun.")
    }

    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String {
        if asked.reconnect {
            format!("Die Leitung zwischen {application} und {provider} ist unterbrochen")
        } else {
            format!("{application} und {provider}, noch nicht verbunden")
        }
    }

    fn made_by(&self, application: &str, organization: &str) -> String {
        format!("{application} wird von {organization} angeboten")
    }

    fn may(&self, application: &str) -> String {
        format!("{application} darf")
    }

    fn may_unlisted(&self, short_name: &str) -> String {
        format!("Mit Ihrem Konto bei {short_name} arbeiten, wie es dort vor der Zustimmung steht")
    }

    fn may_not(&self) -> &'static str {
        "Nicht erlaubt"
    }

    fn may_never(&self) -> &'static str {
        "Ihr Passwort sehen"
    }

    fn details(&self, application: &str) -> String {
        format!("Was {application} darf und was nicht")
    }

    fn needs(&self, short_name: &str) -> String {
        format!("Was Sie bei {short_name} brauchen")
    }

    fn team_heading(&self) -> &'static str {
        "Alle im Team verwenden dieses Konto"
    }

    fn team_advice(&self, application: &str, team: &str) -> String {
        format!(
            "Was {application} für das Team {team} tut, geschieht mit dem Konto, mit dem Sie sich \
             anmelden. Ein eigens dafür angelegtes, das nur die nötigen Rechte hat, ist besser als \
             das einer Person: Es bleibt, wenn jemand geht."
        )
    }

    fn button(&self, asked: Asked, provider: &str) -> String {
        format!("{provider} {}", verb(asked))
    }

    fn next(&self, sign_in_host: &str) -> String {
        format!("Als Nächstes melden Sie sich bei {sign_in_host} an und stimmen dort zu.")
    }

    fn not_you(&self, for_whom: &ForWhom) -> String {
        format!(
            "Sie sind nicht {}, oder jemand hat Ihnen diesen Link geschickt?",
            first_name(&for_whom.name)
        )
    }

    fn stop(&self) -> &'static str {
        "Hier abbrechen"
    }

    fn connected_already(&self) -> &'static str {
        "Schon verbunden"
    }

    fn connected(&self) -> &'static str {
        "Verbunden"
    }

    fn my_accounts(&self) -> &'static str {
        "Meine verbundenen Konten"
    }

    fn time_left(&self, minutes: u32) -> String {
        let time = match minutes {
            0 => "noch weniger als eine Minute".to_owned(),
            1 => "noch 1 Minute".to_owned(),
            more => format!("noch {more} Minuten"),
        };
        format!(
            "Sie können die Verbindung jederzeit trennen. Diese Seite gilt {time}, in diesem Browser."
        )
    }

    fn other_address(&self) -> &'static str {
        "Eine andere Adresse"
    }

    fn other_address_label(&self, endings: &[String]) -> String {
        format!("Diese Adresse, mit der Endung {}", any_of(endings))
    }

    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String {
        if endings.is_empty() {
            format!("Diese Auswahl gibt es bei {short_name} nicht. Wählen Sie oben eine aus.")
        } else {
            format!(
                "Das ist keine Adresse von {short_name}. Wählen Sie oben eine aus, oder geben Sie \
                 eine ein, die auf {} endet.",
                any_of(endings)
            )
        }
    }

    fn refused_credential(&self, short_name: &str) -> String {
        format!(
            "Fügen Sie den Wert so ein, wie er bei {short_name} steht, ohne Leerzeichen davor, \
             danach oder darin."
        )
    }

    fn refused_text(&self, short_name: &str) -> String {
        format!("So ist {short_name} nicht zu erreichen. Vergleichen Sie es mit dem Beispiel oben.")
    }
}

fn verb(asked: Asked) -> &'static str {
    if asked.reconnect {
        "neu verbinden"
    } else {
        "verbinden"
    }
}

fn any_of(endings: &[String]) -> String {
    endings.join(" oder ")
}
