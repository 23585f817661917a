//! The words of the page that asks.

use super::super::first_name;
use super::super::rooms::{AskWords, Asked};
use super::Spanish;
use crate::wire::ForWhom;

impl AskWords for Spanish {
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!("{} con {application}", self.button(asked, provider))
    }

    fn title_refused(&self, title: &str) -> String {
        format!("Revise una respuesta: {title}")
    }

    fn title_several(&self, application: &str) -> String {
        format!("Conectar sus cuentas con {application}")
    }

    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String {
        let verb = verb(asked);
        if asked.team {
            format!("{application} pide {verb} la cuenta de {provider} de su equipo")
        } else {
            format!("{application} pide {verb} su cuenta de {provider}")
        }
    }

    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String {
        let verb = verb(asked);
        if asked.team {
            format!("{application} pide {verb} {count} cuentas de su equipo")
        } else {
            format!("{application} pide {verb} {count} de sus cuentas")
        }
    }

    fn lead_several(&self) -> &'static str {
        "Una tras otra, en el orden que prefiera. Cada una tiene su propio inicio de sesión."
    }

    fn heading_nothing_left(&self) -> &'static str {
        "Todo está conectado"
    }

    fn lead_nothing_left(&self, application: &str) -> String {
        format!("{application} tiene todo lo que pidió. No hay nada más que hacer.")
    }

    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String {
        if asked.reconnect {
            format!("El cable que une {application} con {provider} está roto")
        } else {
            format!("{application} con {provider}, todavía sin conectar")
        }
    }

    fn made_by(&self, application: &str, organization: &str) -> String {
        format!("{application} es un producto de {organization}")
    }

    fn may(&self, application: &str) -> String {
        format!("{application} puede")
    }

    fn may_unlisted(&self, short_name: &str) -> String {
        format!("Trabajar con su cuenta de {short_name}, tal como se indica allí antes de aprobar")
    }

    fn may_not(&self) -> &'static str {
        "Pero no puede"
    }

    fn may_never(&self) -> &'static str {
        "Ver su contraseña"
    }

    fn details(&self, application: &str) -> String {
        format!("Qué puede hacer {application}, y qué no")
    }

    fn needs(&self, short_name: &str) -> String {
        format!("Lo que necesita en {short_name}")
    }

    fn team_heading(&self) -> &'static str {
        "Todo el equipo usará esta cuenta"
    }

    fn team_advice(&self, application: &str, team: &str) -> String {
        format!(
            "Lo que {application} hace para el equipo {team}, lo hace con la cuenta con la que usted \
             inicie sesión. Una cuenta creada para esto, con solo los permisos necesarios, es mejor \
             que la de una persona: permanece cuando alguien se va."
        )
    }

    fn button(&self, asked: Asked, provider: &str) -> String {
        if asked.reconnect {
            format!("Volver a conectar {provider}")
        } else {
            format!("Conectar {provider}")
        }
    }

    fn next(&self, sign_in_host: &str) -> String {
        format!("A continuación, inicie sesión en {sign_in_host} y apruebe el acceso allí.")
    }

    fn not_you(&self, for_whom: &ForWhom) -> String {
        format!(
            "¿Usted no es {}, o alguien le envió este enlace?",
            first_name(&for_whom.name)
        )
    }

    fn stop(&self) -> &'static str {
        "Detener aquí"
    }

    fn connected_already(&self) -> &'static str {
        "Ya está conectado"
    }

    fn connected(&self) -> &'static str {
        "Conectado"
    }

    fn my_accounts(&self) -> &'static str {
        "Mis cuentas conectadas"
    }

    fn time_left(&self, minutes: u32) -> String {
        let time = match minutes {
            0 => "menos de un minuto".to_owned(),
            1 => "1 minuto más".to_owned(),
            more => format!("{more} minutos más"),
        };
        format!(
            "Puede desconectar la cuenta cuando quiera. Esta página funciona durante {time}, en este \
             navegador."
        )
    }

    fn other_address(&self) -> &'static str {
        "Otra dirección"
    }

    fn other_address_label(&self, endings: &[String]) -> String {
        format!("Esa dirección, que termina en {}", any_of(endings))
    }

    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String {
        if endings.is_empty() {
            format!("Esa opción no existe en {short_name}. Elija una de las anteriores.")
        } else {
            format!(
                "Esa no es una dirección de {short_name}. Elija una de las anteriores, o escriba una \
                 que termine en {}.",
                any_of(endings)
            )
        }
    }

    fn refused_credential(&self, short_name: &str) -> String {
        format!(
            "Pegue el valor tal como aparece en {short_name}, sin espacios delante, detrás ni en medio."
        )
    }

    fn refused_text(&self, short_name: &str) -> String {
        format!("Así no se llega a {short_name}. Compárelo con el ejemplo de arriba.")
    }
}

fn verb(asked: Asked) -> &'static str {
    if asked.reconnect {
        "volver a conectar"
    } else {
        "conectar"
    }
}

fn any_of(endings: &[String]) -> String {
    endings.join(" o ")
}
