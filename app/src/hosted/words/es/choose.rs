//! The words of the page on which a person chooses between two accounts.

use super::super::rooms::ChooseWords;
use super::Spanish;

impl ChooseWords for Spanish {
    fn heading(&self, short_name: &str) -> String {
        format!("Esa es otra cuenta de {short_name}")
    }

    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String {
        match (before, now) {
            (Some(before), Some(now)) => format!(
                "Usted aprobó {now}. {application} trabaja con {before}, y sigue con ella hasta que elija."
            ),
            (None, Some(now)) => format!(
                "Usted aprobó {now}. {application} trabaja con otra cuenta, y sigue con ella hasta que elija."
            ),
            (_, None) => format!(
                "Usted aprobó una cuenta distinta de la que usa {application}. Esa sigue hasta que elija."
            ),
        }
    }

    fn question(&self, application: &str) -> String {
        format!("¿Con qué debe trabajar {application}?")
    }

    fn same(&self) -> &'static str {
        "Usar la cuenta anterior"
    }

    fn same_means(&self, short_name: &str) -> String {
        format!(
            "Inicia sesión en {short_name} una vez más. Cierre primero la sesión allí; si no, se toma otra vez la misma cuenta."
        )
    }

    fn replace(&self) -> &'static str {
        "Reemplazarla"
    }

    fn replace_means(&self, application: &str) -> String {
        format!(
            "{application} trabaja desde ahora con la cuenta nueva, y lo que estaba configurado se mantiene."
        )
    }

    fn both(&self) -> &'static str {
        "Conservar las dos"
    }

    fn both_means(&self) -> &'static str {
        "La cuenta nueva pasa a ser una conexión propia junto a la anterior."
    }

    fn both_known(&self) -> &'static str {
        "La cuenta nueva ya está conectada: se renueva esa conexión, y la anterior queda como está."
    }

    fn time_left(&self, minutes: u32) -> String {
        match minutes {
            0 => "Elija en menos de un minuto.".to_owned(),
            1 => "Elija en 1 minuto.".to_owned(),
            more => format!("Elija en {more} minutos."),
        }
    }
}
