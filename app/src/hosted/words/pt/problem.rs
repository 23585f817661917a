//! The words of every way in which connecting can go wrong.

use super::super::capitalised;
use super::super::rooms::{Names, ProblemWords, Step, Told, step};
use super::Portuguese;
use crate::wire::ConnectProblem;

impl ProblemWords for Portuguese {
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told {
        let sentences = Sentences::from(names);
        Told {
            heading: capitalised(&sentences.heading(problem)),
            sentence: capitalised(&sentences.sentence(problem)),
            steps: sentences.steps(problem),
            wire: sentences.wire(),
            provider_said: capitalised(&format!("{} diz", sentences.provider)),
            message_for_admin: sentences.message_for_admin(),
            about_the_code: format!(
                "O {} pode consultar este código. Ele não contém nada secreto.",
                sentences.support
            ),
            go_back_yourself: sentences.go_back_yourself(problem),
        }
    }

    fn what_helps(&self) -> &'static str {
        "O que pode ajudar"
    }

    fn try_again(&self) -> &'static str {
        "Tentar de novo"
    }

    fn message_heading(&self) -> &'static str {
        "Mensagem para o seu admin"
    }

    fn support_code(&self) -> &'static str {
        "Código de suporte"
    }
}

/// The names as they stand in the sentences, with what melts into an article where one is not known.
struct Sentences<'a> {
    /// "CRM Sync", or "a aplicação".
    application: &'a str,
    /// "em CRM Sync", or "na aplicação".
    in_application: String,
    /// "suporte de Acme", or "suporte da aplicação".
    support: String,
    /// "Acme", or "quem a oferece".
    maker: &'a str,
    /// "Apollo", or "o provedor".
    provider: &'a str,
    /// "em Apollo", or "no provedor".
    at_provider: String,
    /// "conta Apollo", or "conta do provedor".
    account: String,
    /// Who may approve at the provider, from its definition.
    who_may_approve: Option<&'a str>,
    /// A support code stands on the page.
    has_code: bool,
}

impl<'a> From<Names<'a>> for Sentences<'a> {
    fn from(names: Names<'a>) -> Self {
        let known = |name: Option<&str>, before: &str, unknown: &str| {
            name.map_or_else(|| unknown.to_owned(), |name| format!("{before} {name}"))
        };
        Self {
            application: names.application.unwrap_or("a aplicação"),
            in_application: known(names.application, "em", "na aplicação"),
            support: known(names.organization, "suporte de", "suporte da aplicação"),
            maker: names.organization.unwrap_or("quem a oferece"),
            provider: names.provider.unwrap_or("o provedor"),
            at_provider: known(names.provider, "em", "no provedor"),
            account: known(names.provider, "conta", "conta do provedor"),
            who_may_approve: names.who_may_approve,
            has_code: names.has_code,
        }
    }
}

impl Sentences<'_> {
    fn heading(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            provider,
            account,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => "Este link não está completo".to_owned(),
            ConnectProblem::LinkExpired => "Este link expirou".to_owned(),
            ConnectProblem::LinkUsed => "Este link pertence a outro navegador".to_owned(),
            ConnectProblem::LinkStopped => "Este link foi interrompido".to_owned(),
            ConnectProblem::NotCompleted => format!("{application} não concluiu isto"),
            ConnectProblem::OtherPerson => "Isto foi iniciado para outra pessoa".to_owned(),
            ConnectProblem::ConnectionRevoked => "Essa conexão terminou".to_owned(),
            ConnectProblem::Denied => format!("{provider} não foi conectado"),
            ConnectProblem::NotAllowedToApprove => {
                format!("{provider} não deixou você aprovar isto")
            }
            ConnectProblem::AttemptExpired => "Isto levou mais de dez minutos".to_owned(),
            ConnectProblem::OtherBrowser => "Você começou em outro navegador".to_owned(),
            ConnectProblem::UnknownAttempt => {
                "Esta resposta não corresponde a nada que pedimos".to_owned()
            }
            ConnectProblem::ProviderMisconfigured => {
                format!("{provider} não aceita {application} neste momento")
            }
            ConnectProblem::OwnCredentialsRejected => {
                format!("{provider} não aceita esse ID com esse segredo")
            }
            ConnectProblem::ProviderUnavailable => format!("{provider} não responde"),
            ConnectProblem::ProviderError => format!("{provider} informa um erro"),
            ConnectProblem::OtherAccount => format!("Essa é outra {account}"),
            ConnectProblem::AccountAlreadyConnected => {
                format!("Essa {account} está conectada para outra pessoa")
            }
            ConnectProblem::ProviderRemoved => {
                format!("{application} já não conecta {provider}")
            }
            ConnectProblem::Internal => "Algo falhou do nosso lado".to_owned(),
        }
    }

    fn sentence(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            maker,
            provider,
            account,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => {
                "Nós não o conhecemos; talvez uma parte tenha se perdido no caminho. Você não fez \
                 nada de errado, e nada foi conectado."
                    .to_owned()
            }
            ConnectProblem::LinkExpired => {
                "Para a sua segurança, um link assim funciona só por pouco tempo. Você não fez nada \
                 de errado, e o que conectou antes continua conectado."
                    .to_owned()
            }
            ConnectProblem::LinkUsed => {
                "Para a sua segurança, um link só funciona no navegador que o abriu primeiro. Nada \
                 foi conectado a partir daqui."
                    .to_owned()
            }
            ConnectProblem::LinkStopped => format!("Ele terminou antes da hora, aqui ou por {application}. Nada foi conectado com ele, e o que você \
                 conectou antes continua conectado."),
            ConnectProblem::NotCompleted => format!("{provider} aprovou, mas {application} não veio buscar a aprovação a tempo. Você não fez nada de \
                 errado, e nada foi conectado."),
            ConnectProblem::OtherPerson => format!("{}, quem iniciou foi uma pessoa diferente da que aprovou. Para a sua segurança, nada foi \
                 conectado, e {provider} não entregou nada.", self.in_application),
            ConnectProblem::ConnectionRevoked => format!("Ela ia ser renovada, e nesse meio-tempo terminou {}. Você não fez nada de errado, e nada foi \
                 conectado.", self.in_application),
            ConnectProblem::Denied => format!(
                "{provider} nos informa que o acesso foi recusado. Tudo bem: nada foi conectado, e \
                 nada mudou."
            ),
            ConnectProblem::NotAllowedToApprove => format!(
                "A sua {account} não pode autorizar outras aplicações. Você não fez nada de errado, e \
                 nada foi conectado."
            ),
            ConnectProblem::AttemptExpired => format!(
                "Para a sua segurança, {provider} precisa responder em dez minutos. Você não fez nada \
                 de errado, e nada foi conectado."
            ),
            ConnectProblem::OtherBrowser => format!(
                "{provider} enviou a resposta para cá, mas este navegador não a pediu. Por isso, nada \
                 foi conectado."
            ),
            ConnectProblem::UnknownAttempt => format!(
                "Talvez já tenha sido usada, por exemplo com o botão Voltar. Se {provider} estava \
                 conectado antes, continua conectado."
            ),
            ConnectProblem::ProviderMisconfigured => format!(
                "O cadastro da aplicação não está certo lá, e só {maker} pode corrigir isso. Você não \
                 fez nada de errado, e nada foi conectado."
            ),
            ConnectProblem::OwnCredentialsRejected => format!(
                "O Client ID ou o Client Secret que você digitou não está certo, ou {provider} não os \
                 aceita aqui. Nada foi conectado."
            ),
            ConnectProblem::ProviderUnavailable => format!(
                "{provider} não respondeu na hora de concluir. Você não fez nada de errado, e nada \
                 foi conectado."
            ),
            ConnectProblem::ProviderError => {
                "O que você pediu não foi concluído lá. Você não fez nada de errado, e nada foi \
                 conectado."
                    .to_owned()
            }
            ConnectProblem::OtherAccount => format!(
                "Você entrou com uma {account} diferente da que estava conectada antes. Nada foi \
                 alterado, e nada do que você tinha se perdeu."
            ),
            ConnectProblem::AccountAlreadyConnected => format!(
                "{}, cada {account} pode servir a uma só pessoa ou equipe. Você não fez nada de \
                 errado, e nada mudou para ninguém.",
                self.in_application
            ),
            ConnectProblem::ProviderRemoved => format!(
                "{maker} já não oferece {provider} {}. Você não fez nada de errado, e nada foi \
                 conectado.",
                self.in_application
            ),
            ConnectProblem::Internal => {
                "Você não fez nada de errado. O que conectou antes continua conectado.".to_owned()
            }
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "nothing but words, an arm for each problem"
    )]
    fn steps(&self, problem: ConnectProblem) -> Vec<Step> {
        let Self {
            application,
            provider,
            in_application,
            at_provider,
            account,
            support,
            ..
        } = self;
        let again = |how: &str| step("Tentar de novo", how);
        match problem {
            ConnectProblem::UnknownLink => vec![
                step(
                    "Você o copiou?",
                    "Abra o próprio link, ou copie-o de novo até o último caractere.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::LinkExpired | ConnectProblem::LinkStopped => {
                vec![self.ask_for_a_new_link()]
            }
            ConnectProblem::LinkUsed => vec![
                step(
                    "Continuar no primeiro navegador",
                    "Se você abriu este link em outro dispositivo ou em outro navegador, ele funciona lá.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::NotCompleted => vec![
                step(
                    "Tentar de novo",
                    format!("Volte para {application} assim que aprovar."),
                ),
                self.tell_support(),
            ],
            ConnectProblem::OtherPerson => vec![
                step(
                    format!("Você queria conectar {provider}?"),
                    format!("Então comece você mesmo {in_application}, com a sua sessão aberta."),
                ),
                step(
                    "Alguém enviou um link para você?",
                    "Então feche esta página: talvez essa pessoa queira acessar a sua conta.",
                ),
            ],
            ConnectProblem::ConnectionRevoked => vec![step(
                "Você ainda a quer?",
                "Então conecte de novo: tente outra vez.",
            )],
            ConnectProblem::Denied => vec![
                step(
                    "Mudou de ideia?",
                    format!("Tente de novo, e aprove o acesso {at_provider}."),
                ),
                step("Não tinha permissão para aprovar?", self.who_may_approve()),
            ],
            ConnectProblem::NotAllowedToApprove => vec![
                step(
                    format!("Falar com o admin da sua {account}"),
                    self.who_may_approve(),
                ),
                step(
                    "Voltar e tentar de novo",
                    format!(
                        "Se esta página tiver expirado até lá, comece de novo {in_application}."
                    ),
                ),
            ],
            ConnectProblem::AttemptExpired => vec![again(&format!(
                "Tenha à mão o que é preciso para entrar {at_provider}."
            ))],
            ConnectProblem::OtherBrowser => vec![
                step(
                    "Ficar em um só navegador",
                    format!("Comece de novo, e entre {at_provider} no mesmo navegador."),
                ),
                step(
                    "Alguém mandou você para cá?",
                    "Então feche esta página: talvez essa pessoa queira acessar a sua conta.",
                ),
            ],
            ConnectProblem::UnknownAttempt => vec![step(
                format!("Conferir {in_application}"),
                format!("Se {provider} não estiver conectado lá, comece de novo."),
            )],
            ConnectProblem::ProviderMisconfigured => vec![
                self.tell_support(),
                step(
                    "Tentar de novo mais tarde",
                    "Nada muda até que isso seja corrigido.",
                ),
            ],
            ConnectProblem::OwnCredentialsRejected => vec![
                step(
                    format!("Copiar os dois de novo {at_provider}"),
                    "Eles andam juntos: o ID de um app não combina com o segredo de outro.",
                ),
                again("Nós esquecemos o segredo, então digite-o ou cole-o de novo."),
            ],
            ConnectProblem::ProviderUnavailable => vec![
                step(
                    "Esperar alguns minutos",
                    "Depois tente de novo. Quase sempre passa.",
                ),
                self.tell_support(),
            ],
            ConnectProblem::ProviderError => {
                vec![again("Alguns erros passam sozinhos."), self.tell_support()]
            }
            ConnectProblem::OtherAccount => vec![
                step(
                    format!("Sair da {account}"),
                    "Senão, a mesma conta é usada de novo lá, sem perguntar.",
                ),
                again("Entre com a conta que estava conectada antes."),
                step(
                    "Quer trocar de conta?",
                    "Tente de novo com a nova: então você poderá dizer o que fazer com a antiga.",
                ),
            ],
            ConnectProblem::AccountAlreadyConnected => vec![
                step(
                    "Usar a sua própria conta",
                    format!("Primeiro saia da {account}, depois tente de novo."),
                ),
                step(
                    "Ela é sua?",
                    format!(
                        "Quem a conectou pode desconectá-la {in_application}; o {support} pode descobrir quem foi."
                    ),
                ),
            ],
            ConnectProblem::ProviderRemoved => vec![self.tell_support()],
            ConnectProblem::Internal => {
                vec![again("Talvez já tenha passado."), self.tell_support()]
            }
        }
    }

    fn wire(&self) -> String {
        format!(
            "O fio entre {} e {} não pôde ser estendido",
            self.application, self.provider
        )
    }

    fn message_for_admin(&self) -> String {
        format!(
            "Eu gostaria de conectar {provider} a {}, mas não tive permissão para aprovar. Isto foi o \
             que me disseram: {} Você pode cuidar disso? Agradeço desde já",
            self.application,
            self.who_may_approve(),
            provider = self.provider,
        )
    }

    fn go_back_yourself(&self, problem: ConnectProblem) -> String {
        let application = self.application;
        match problem {
            ConnectProblem::UnknownLink
            | ConnectProblem::LinkExpired
            | ConnectProblem::LinkUsed
            | ConnectProblem::LinkStopped => {
                format!("Feche esta página, volte para {application} e peça um novo link.")
            }
            _ => format!("Você pode fechar esta página e voltar para {application}."),
        }
    }

    fn who_may_approve(&self) -> String {
        self.who_may_approve.map_or_else(
            || {
                format!(
                    "Quem administra {} para você pode permitir isso, ou conectar a conta em seu lugar.",
                    self.provider
                )
            },
            str::to_owned,
        )
    }

    fn ask_for_a_new_link(&self) -> Step {
        step(
            "Pedir um novo link",
            format!(
                "Volte para {} e comece de novo lá. A cada vez é criado um novo link.",
                self.application
            ),
        )
    }

    fn tell_support(&self) -> Step {
        let how = if self.has_code {
            "Informe o código de suporte abaixo."
        } else {
            "Conte o que você viu aqui, e quando."
        };
        step(format!("Escrever para o {}", self.support), how)
    }
}
