//! The words of the page that asks.

use super::super::first_name;
use super::super::rooms::{AskWords, Asked};
use super::Portuguese;
use crate::wire::ForWhom;

impl AskWords for Portuguese {
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!("{} a {application}", self.button(asked, provider))
    }

    fn title_refused(&self, title: &str) -> String {
        format!("Verifique uma resposta: {title}")
    }

    fn title_several(&self, application: &str) -> String {
        format!("Conectar suas contas a {application}")
    }

    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String {
        let verb = verb(asked);
        if asked.team {
            format!("{application} pede para {verb} a conta {provider} da sua equipe")
        } else {
            format!("{application} pede para {verb} a sua conta {provider}")
        }
    }

    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String {
        let verb = verb(asked);
        if asked.team {
            format!("{application} pede para {verb} {count} contas da sua equipe")
        } else {
            format!("{application} pede para {verb} {count} das suas contas")
        }
    }

    fn lead_several(&self) -> &'static str {
        "Uma de cada vez, em qualquer ordem. Cada uma tem o seu próprio login."
    }

    fn heading_nothing_left(&self) -> &'static str {
        "Está tudo conectado"
    }

    fn lead_nothing_left(&self, application: &str) -> String {
        format!("{application} tem tudo o que pediu. Não há mais nada a fazer.")
    }

    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String {
        if asked.reconnect {
            format!("O fio entre {application} e {provider} está rompido")
        } else {
            format!("{application} e {provider}, ainda sem conexão")
        }
    }

    fn made_by(&self, application: &str, organization: &str) -> String {
        format!("{application} é um produto de {organization}")
    }

    fn may(&self, application: &str) -> String {
        format!("{application} pode")
    }

    fn may_unlisted(&self, short_name: &str) -> String {
        format!("Trabalhar com a sua conta {short_name}, como é mostrado lá antes de você aprovar")
    }

    fn may_not(&self) -> &'static str {
        "Mas não pode"
    }

    fn may_never(&self) -> &'static str {
        "Ver a sua senha"
    }

    fn details(&self, application: &str) -> String {
        format!("O que {application} pode fazer, e o que não pode")
    }

    fn needs(&self, short_name: &str) -> String {
        format!("O que é preciso em {short_name}")
    }

    fn team_heading(&self) -> &'static str {
        "Toda a equipe vai usar esta conta"
    }

    fn team_advice(&self, application: &str, team: &str) -> String {
        format!(
            "O que {application} faz para a equipe {team} é feito com a conta em que você entrar. Uma \
             conta criada só para isto, apenas com as permissões necessárias, é melhor do que a de \
             uma pessoa: ela fica quando alguém sai."
        )
    }

    fn button(&self, asked: Asked, provider: &str) -> String {
        if asked.reconnect {
            format!("Reconectar {provider}")
        } else {
            format!("Conectar {provider}")
        }
    }

    fn next(&self, sign_in_host: &str) -> String {
        format!("A seguir, você entra em {sign_in_host} e aprova o acesso lá.")
    }

    fn not_you(&self, for_whom: &ForWhom) -> String {
        format!(
            "Você não é {}, ou alguém lhe enviou este link?",
            first_name(&for_whom.name)
        )
    }

    fn stop(&self) -> &'static str {
        "Parar aqui"
    }

    fn connected_already(&self) -> &'static str {
        "Já está conectado"
    }

    fn connected(&self) -> &'static str {
        "Conectado"
    }

    fn my_accounts(&self) -> &'static str {
        "Minhas contas conectadas"
    }

    fn time_left(&self, minutes: u32) -> String {
        let time = match minutes {
            0 => "por menos de um minuto".to_owned(),
            1 => "por mais 1 minuto".to_owned(),
            more => format!("por mais {more} minutos"),
        };
        format!(
            "Você pode desconectar a conta quando quiser. Esta página funciona {time}, neste navegador."
        )
    }

    fn other_address(&self) -> &'static str {
        "Outro endereço"
    }

    fn other_address_label(&self, endings: &[String]) -> String {
        format!("Esse endereço, que termina em {}", any_of(endings))
    }

    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String {
        if endings.is_empty() {
            format!("Essa opção não existe em {short_name}. Escolha uma das opções acima.")
        } else {
            format!(
                "Esse não é um endereço de {short_name}. Escolha um acima, ou digite um que termine \
                 em {}.",
                any_of(endings)
            )
        }
    }

    fn refused_credential(&self, short_name: &str) -> String {
        format!("Cole o valor como aparece em {short_name}, sem espaços antes, depois ou no meio.")
    }

    fn refused_text(&self, short_name: &str) -> String {
        format!("Assim não se chega a {short_name}. Compare com o exemplo acima.")
    }
}

fn verb(asked: Asked) -> &'static str {
    if asked.reconnect {
        "reconectar"
    } else {
        "conectar"
    }
}

fn any_of(endings: &[String]) -> String {
    endings.join(" ou ")
}
