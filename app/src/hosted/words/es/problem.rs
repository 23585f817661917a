//! The words of every way in which connecting can go wrong.

use super::super::capitalised;
use super::super::rooms::{Names, ProblemWords, Step, Told, step};
use super::Spanish;
use crate::wire::ConnectProblem;

impl ProblemWords for Spanish {
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told {
        let sentences = Sentences::from(names);
        Told {
            heading: capitalised(&sentences.heading(problem)),
            sentence: capitalised(&sentences.sentence(problem)),
            steps: sentences.steps(problem),
            wire: sentences.wire(),
            provider_said: capitalised(&format!("{} dice", sentences.provider)),
            message_for_admin: sentences.message_for_admin(),
            about_the_code: format!(
                "El {} puede consultar este código. No contiene nada secreto.",
                sentences.support
            ),
            go_back_yourself: sentences.go_back_yourself(problem),
        }
    }

    fn what_helps(&self) -> &'static str {
        "Qué puede ayudar"
    }

    fn try_again(&self) -> &'static str {
        "Intentar de nuevo"
    }

    fn message_heading(&self) -> &'static str {
        "Mensaje para su admin"
    }

    fn support_code(&self) -> &'static str {
        "Código de soporte"
    }
}

/// The names as they stand in the sentences. No "y" stands before one, which would be "e" before
/// some of them.
struct Sentences<'a> {
    /// "CRM Sync", or "la aplicación".
    application: &'a str,
    /// "soporte de Acme", or "soporte de la aplicación".
    support: String,
    /// "Acme", or "quien la ofrece".
    maker: &'a str,
    /// "Apollo", or "el proveedor".
    provider: &'a str,
    /// "de Apollo", or "del proveedor".
    of_provider: String,
    /// Who may approve at the provider, from its definition.
    who_may_approve: Option<&'a str>,
    /// A support code stands on the page.
    has_code: bool,
}

impl<'a> From<Names<'a>> for Sentences<'a> {
    fn from(names: Names<'a>) -> Self {
        Self {
            application: names.application.unwrap_or("la aplicación"),
            support: names.organization.map_or_else(
                || "soporte de la aplicación".to_owned(),
                |organization| format!("soporte de {organization}"),
            ),
            maker: names.organization.unwrap_or("quien la ofrece"),
            provider: names.provider.unwrap_or("el proveedor"),
            of_provider: names.provider.map_or_else(
                || "del proveedor".to_owned(),
                |provider| format!("de {provider}"),
            ),
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
            of_provider,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => "Este enlace no está completo".to_owned(),
            ConnectProblem::LinkExpired => "Este enlace ha caducado".to_owned(),
            ConnectProblem::LinkUsed => "Este enlace pertenece a otro navegador".to_owned(),
            ConnectProblem::LinkStopped => "Este enlace se detuvo".to_owned(),
            ConnectProblem::NotCompleted => format!("{application} no terminó esto"),
            ConnectProblem::OtherPerson => "Esto se empezó para otra persona".to_owned(),
            ConnectProblem::ConnectionRevoked => "Esa conexión terminó".to_owned(),
            ConnectProblem::Denied => format!("{provider} no se conectó"),
            ConnectProblem::NotAllowedToApprove => {
                format!("{provider} no le permitió aprobar esto")
            }
            ConnectProblem::AttemptExpired => "Pasaron más de diez minutos".to_owned(),
            ConnectProblem::OtherBrowser => "Usted empezó en otro navegador".to_owned(),
            ConnectProblem::UnknownAttempt => {
                "Esta respuesta no corresponde a nada que hayamos pedido".to_owned()
            }
            ConnectProblem::ProviderMisconfigured => {
                format!("{provider} no acepta {application} en este momento")
            }
            ConnectProblem::OwnCredentialsRejected => {
                format!("{provider} no acepta ese ID con ese secreto")
            }
            ConnectProblem::ProviderUnavailable => format!("{provider} no responde"),
            ConnectProblem::ProviderError => format!("{provider} informa de un error"),
            ConnectProblem::OtherAccount => format!("Esa es otra cuenta {of_provider}"),
            ConnectProblem::AccountAlreadyConnected => {
                format!("Esa cuenta {of_provider} está conectada para otra persona")
            }
            ConnectProblem::ProviderRemoved => {
                format!("{application} ya no conecta {provider}")
            }
            ConnectProblem::Internal => "Algo falló por nuestra parte".to_owned(),
        }
    }

    fn sentence(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            maker,
            provider,
            of_provider,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => {
                "No lo conocemos; quizá se cortó una parte por el camino. Usted no hizo nada mal, y \
                 no se conectó nada."
                    .to_owned()
            }
            ConnectProblem::LinkExpired => {
                "Por su seguridad, un enlace así solo funciona poco tiempo. Usted no hizo nada mal, y \
                 lo que conectó antes sigue conectado."
                    .to_owned()
            }
            ConnectProblem::LinkUsed => {
                "Por su seguridad, un enlace solo funciona en el navegador que lo abrió primero. \
                 Desde aquí no se conectó nada."
                    .to_owned()
            }
            ConnectProblem::LinkStopped => format!("Terminó antes de tiempo, aquí o por parte de {application}. Con él no se conectó nada, y lo que \
                 conectó antes sigue conectado."),
            ConnectProblem::NotCompleted => format!("{provider} dio su aprobación, pero {application} no la recogió a tiempo. Usted no hizo nada mal, y \
                 no se conectó nada."),
            ConnectProblem::OtherPerson => format!("En {application} lo empezó una persona distinta de la que aprobó. Por su seguridad no se conectó \
                 nada, y {provider} no entregó nada."),
            ConnectProblem::ConnectionRevoked => format!("Se iba a renovar, y mientras tanto terminó en {application}. Usted no hizo nada mal, y no se \
                 conectó nada."),
            ConnectProblem::Denied => format!(
                "{provider} nos informa de que se rechazó el acceso. Está bien así: no se conectó \
                 nada, y nada ha cambiado."
            ),
            ConnectProblem::NotAllowedToApprove => format!(
                "Su cuenta {of_provider} no puede autorizar otras aplicaciones. Usted no hizo nada \
                 mal, y no se conectó nada."
            ),
            ConnectProblem::AttemptExpired => format!(
                "Por su seguridad, {provider} tiene que responder en diez minutos. Usted no hizo nada \
                 mal, y no se conectó nada."
            ),
            ConnectProblem::OtherBrowser => format!(
                "{provider} envió su respuesta aquí, pero este navegador no la había pedido. Por eso \
                 no se conectó nada."
            ),
            ConnectProblem::UnknownAttempt => format!(
                "Quizá ya se usó, por ejemplo con el botón Atrás. Si {provider} estaba conectado \
                 antes, lo sigue estando."
            ),
            ConnectProblem::ProviderMisconfigured => format!(
                "El registro de {application} allí no es correcto, y solo {maker} puede arreglarlo. \
                 Usted no hizo nada mal, y no se conectó nada."
            ),
            ConnectProblem::OwnCredentialsRejected => format!(
                "El Client ID o el Client Secret que escribió no es correcto, o {provider} no los \
                 acepta aquí. No se conectó nada."
            ),
            ConnectProblem::ProviderUnavailable => format!(
                "No se pudo contactar con {provider} para terminar. Usted no hizo nada mal, y no se \
                 conectó nada."
            ),
            ConnectProblem::ProviderError => {
                "Allí no se completó lo que usted pidió. Usted no hizo nada mal, y no se conectó nada."
                    .to_owned()
            }
            ConnectProblem::OtherAccount => format!(
                "Inició sesión con una cuenta {of_provider} distinta de la que estaba conectada \
                 antes. No se cambió nada, y no se ha perdido nada de lo que tenía."
            ),
            ConnectProblem::AccountAlreadyConnected => format!(
                "En {application}, cada cuenta {of_provider} puede servir a una sola persona o a un \
                 solo equipo. Usted no hizo nada mal, y nada cambió para nadie."
            ),
            ConnectProblem::ProviderRemoved => format!(
                "{maker} ya no ofrece {provider} en {application}. Usted no hizo nada mal, y no se \
                 conectó nada."
            ),
            ConnectProblem::Internal => {
                "Usted no hizo nada mal. Lo que conectó antes sigue conectado.".to_owned()
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
            of_provider,
            support,
            ..
        } = self;
        let again = |how: &str| step("Intentar de nuevo", how);
        match problem {
            ConnectProblem::UnknownLink => vec![
                step(
                    "¿Lo copió?",
                    "Abra el enlace mismo, o cópielo otra vez hasta el último carácter.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::LinkExpired | ConnectProblem::LinkStopped => {
                vec![self.ask_for_a_new_link()]
            }
            ConnectProblem::LinkUsed => vec![
                step(
                    "Seguir en el primer navegador",
                    "Si abrió este enlace en otro dispositivo o en otro navegador, allí funciona.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::NotCompleted => vec![
                step(
                    "Intentar de nuevo",
                    format!("Vuelva a {application} en cuanto haya aprobado."),
                ),
                self.tell_support(),
            ],
            ConnectProblem::OtherPerson => vec![
                step(
                    format!("¿Quería conectar {provider}?"),
                    format!("Entonces empiece usted en {application}, con su sesión abierta."),
                ),
                step(
                    "¿Alguien le envió un enlace?",
                    "Entonces cierre esta página: quizá esa persona busca acceder a su cuenta.",
                ),
            ],
            ConnectProblem::ConnectionRevoked => vec![step(
                "¿Todavía la quiere?",
                "Entonces conecte de nuevo: inténtelo otra vez.",
            )],
            ConnectProblem::Denied => vec![
                step(
                    "¿Cambió de idea?",
                    format!("Inténtelo de nuevo, y apruebe el acceso en {provider}."),
                ),
                step("¿No tenía permiso para aprobar?", self.who_may_approve()),
            ],
            ConnectProblem::NotAllowedToApprove => vec![
                step(
                    format!("Preguntar al admin de su cuenta {of_provider}"),
                    self.who_may_approve(),
                ),
                step(
                    "Volver e intentar de nuevo",
                    format!(
                        "Si para entonces esta página ha caducado, empiece otra vez en {application}."
                    ),
                ),
            ],
            ConnectProblem::AttemptExpired => vec![again(&format!(
                "Tenga a mano lo que necesita para iniciar sesión en {provider}."
            ))],
            ConnectProblem::OtherBrowser => vec![
                step(
                    "Quedarse en un solo navegador",
                    format!(
                        "Empiece otra vez, e inicie sesión en {provider} en el mismo navegador."
                    ),
                ),
                step(
                    "¿Alguien le envió aquí?",
                    "Entonces cierre esta página: quizá esa persona busca acceder a su cuenta.",
                ),
            ],
            ConnectProblem::UnknownAttempt => vec![step(
                format!("Mirar en {application}"),
                format!("Si {provider} no está conectado allí, empiece otra vez."),
            )],
            ConnectProblem::ProviderMisconfigured => vec![
                self.tell_support(),
                step(
                    "Intentar de nuevo más tarde",
                    "Nada cambia hasta que se arregle.",
                ),
            ],
            ConnectProblem::OwnCredentialsRejected => vec![
                step(
                    format!("Copiar otra vez los dos en {provider}"),
                    "Van juntos: el ID de una app no encaja con el secreto de otra.",
                ),
                again("Olvidamos el secreto; escríbalo o péguelo de nuevo."),
            ],
            ConnectProblem::ProviderUnavailable => vec![
                step(
                    "Esperar unos minutos",
                    "Después, inténtelo de nuevo. Casi siempre se resuelve solo.",
                ),
                self.tell_support(),
            ],
            ConnectProblem::ProviderError => vec![
                again("Algunos errores se resuelven solos."),
                self.tell_support(),
            ],
            ConnectProblem::OtherAccount => vec![
                step(
                    format!("Cerrar la sesión en {provider}"),
                    "Si no, se toma allí otra vez la misma cuenta sin preguntar.",
                ),
                again("Inicie sesión con la cuenta que estaba conectada antes."),
                step(
                    "¿Quiere cambiar de cuenta?",
                    "Inténtelo de nuevo con la nueva: entonces podrá decir qué pasa con la anterior.",
                ),
            ],
            ConnectProblem::AccountAlreadyConnected => vec![
                step(
                    "Usar su propia cuenta",
                    format!("Cierre primero la sesión en {provider}, y luego inténtelo de nuevo."),
                ),
                step(
                    "¿Es suya?",
                    format!(
                        "Quien la conectó puede desconectarla en {application}; el {support} puede averiguar quién fue."
                    ),
                ),
            ],
            ConnectProblem::ProviderRemoved => vec![self.tell_support()],
            ConnectProblem::Internal => {
                vec![again("Quizá ya se haya resuelto."), self.tell_support()]
            }
        }
    }

    fn wire(&self) -> String {
        format!(
            "No se pudo tender el cable que une {} con {}",
            self.application, self.provider
        )
    }

    fn message_for_admin(&self) -> String {
        format!(
            "Me gustaría conectar {provider} con {}, pero {provider} no me permitió aprobarlo. Esto \
             es lo que se me indicó: {} ¿Puede encargarse de ello? Gracias",
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
                format!("Cierre esta página, vuelva a {application} y pida un enlace nuevo.")
            }
            _ => format!("Puede cerrar esta página y volver a {application}."),
        }
    }

    fn who_may_approve(&self) -> String {
        self.who_may_approve.map_or_else(
            || {
                format!(
                    "Quien administra {} para usted puede permitirlo, o conectar la cuenta en su lugar.",
                    self.provider
                )
            },
            str::to_owned,
        )
    }

    fn ask_for_a_new_link(&self) -> Step {
        step(
            "Pedir un enlace nuevo",
            format!(
                "Vuelva a {} y empiece otra vez allí. Cada vez se crea un enlace nuevo.",
                self.application
            ),
        )
    }

    fn tell_support(&self) -> Step {
        let how = if self.has_code {
            "Indique el código de soporte de abajo."
        } else {
            "Cuente lo que vio aquí, y cuándo."
        };
        step(format!("Escribir al {}", self.support), how)
    }
}
