//! The words of the page that says: it is connected.

use super::super::rooms::DoneWords;
use super::super::{capitalised, in_mid_sentence};
use super::Portuguese;
use crate::wire::{DoneView, ScopeWords};

impl DoneWords for Portuguese {
    fn account(&self) -> &'static str {
        "Conta"
    }

    fn whose(&self) -> &'static str {
        "Para"
    }

    fn allowed_heading(&self) -> &'static str {
        "Permitido"
    }

    fn missing(&self) -> &'static str {
        "Nem tudo foi permitido"
    }

    fn heading(&self, provider: &str) -> String {
        format!("{provider} está conectado")
    }

    fn wire(&self, application: &str, provider: &str) -> String {
        format!("{application} e {provider} estão conectados")
    }

    fn lead(&self, view: &DoneView) -> String {
        let (application, provider) = (&view.host.application, &view.provider.name);
        let account = if view.for_whom.team.is_some() {
            format!("a conta {provider} da sua equipe")
        } else {
            format!("a sua conta {provider}")
        };
        let works = format!("{application} já pode trabalhar com {account}");
        match (view.missing.is_empty(), view.left) {
            (false, _) => format!("{works}, dentro do que você permitiu."),
            (true, 0) => format!("{works}. Não há mais nada a fazer."),
            (true, 1) => format!("{works}. Falta uma conta."),
            (true, left) => format!("{works}. Faltam {left} contas."),
        }
    }

    fn for_whom(&self, view: &DoneView) -> String {
        match &view.for_whom.team {
            Some(team) => format!("{}, para a equipe {team}", view.for_whom.name),
            None => view.for_whom.name.clone(),
        }
    }

    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String {
        let list = granted.iter().map(in_list).collect::<Vec<_>>().join(", ");
        match (all, list.is_empty()) {
            (true, true) => "Tudo o que foi pedido".to_owned(),
            (true, false) => format!("Tudo o que foi pedido: {list}"),
            (false, true) => "Nada do que foi pedido".to_owned(),
            (false, false) => capitalised(&list),
        }
    }

    fn known(&self) -> &'static str {
        "Esta conta já estava conectada. É a mesma conexão, com uma nova aprovação."
    }

    fn missing_means(&self, application: &str, provider: &str) -> String {
        format!(
            "Por isso, pode ser que em {application} algo não funcione com {provider}. Para permitir \
             o resto, conecte {provider} de novo a partir de {application} e deixe tudo marcado."
        )
    }

    fn connect_the_others(&self, left: u32) -> String {
        if left == 1 {
            "Conectar a outra conta".to_owned()
        } else {
            format!("Conectar as outras {left}")
        }
    }

    fn see_later(&self) -> (&'static str, &'static str, &'static str) {
        (
            "Para ver ou encerrar o acesso mais tarde: ",
            "Minhas contas conectadas",
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
