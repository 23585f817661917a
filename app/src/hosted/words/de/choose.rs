//! The words of the page on which a person chooses between two accounts.

use super::super::rooms::ChooseWords;
use super::German;

impl ChooseWords for German {
    fn heading(&self, short_name: &str) -> String {
        format!("Das ist ein anderes Konto bei {short_name}")
    }

    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String {
        match (before, now) {
            (Some(before), Some(now)) => format!(
                "Sie haben für {now} zugestimmt. {application} arbeitet mit {before} und tut das weiter, bis Sie gewählt haben."
            ),
            (None, Some(now)) => format!(
                "Sie haben für {now} zugestimmt. {application} arbeitet mit einem anderen Konto und tut das weiter, bis Sie gewählt haben."
            ),
            (_, None) => format!(
                "Sie haben für ein anderes Konto zugestimmt als das, mit dem {application} arbeitet. Dieses bleibt, bis Sie gewählt haben."
            ),
        }
    }

    fn question(&self, application: &str) -> String {
        format!("Womit soll {application} arbeiten?")
    }

    fn same(&self) -> &'static str {
        "Das bisherige Konto verwenden"
    }

    fn same_means(&self, short_name: &str) -> String {
        format!(
            "Sie melden sich noch einmal bei {short_name} an. Melden Sie sich dort zuerst ab, sonst wird wieder dasselbe Konto genommen."
        )
    }

    fn replace(&self) -> &'static str {
        "Ersetzen"
    }

    fn replace_means(&self, application: &str) -> String {
        format!(
            "{application} arbeitet von jetzt an mit dem neuen Konto, und was dafür eingerichtet war, bleibt."
        )
    }

    fn both(&self) -> &'static str {
        "Beide behalten"
    }

    fn both_means(&self) -> &'static str {
        "Das neue Konto wird eine eigene Verbindung neben der alten."
    }

    fn both_known(&self) -> &'static str {
        "Das neue Konto ist schon verbunden: Jene Verbindung wird erneuert, und die alte bleibt, wie sie ist."
    }

    fn time_left(&self, minutes: u32) -> String {
        match minutes {
            0 => "Wählen Sie in weniger als einer Minute.".to_owned(),
            1 => "Wählen Sie innerhalb von 1 Minute.".to_owned(),
            more => format!("Wählen Sie innerhalb von {more} Minuten."),
        }
    }
}
