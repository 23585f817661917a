//! The words of every way in which connecting can go wrong.

use super::super::capitalised;
use super::super::rooms::{Names, ProblemWords, Step, Told, step};
use super::German;
use crate::wire::ConnectProblem;

impl ProblemWords for German {
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told {
        let sentences = Sentences::from(names);
        Told {
            heading: capitalised(&sentences.heading(problem)),
            sentence: capitalised(&sentences.sentence(problem)),
            steps: sentences.steps(problem),
            wire: sentences.wire(),
            provider_said: capitalised(&format!("{} schreibt", sentences.provider)),
            message_for_admin: sentences.message_for_admin(),
            about_the_code: format!(
                "Der {} kann diesen Code nachschlagen. Er enthält nichts Geheimes.",
                sentences.support
            ),
            go_back_yourself: sentences.go_back_yourself(problem),
        }
    }

    fn what_helps(&self) -> &'static str {
        "Was hilft"
    }

    fn try_again(&self) -> &'static str {
        "Noch einmal versuchen"
    }

    fn message_heading(&self) -> &'static str {
        "Nachricht an Ihren Admin"
    }

    fn support_code(&self) -> &'static str {
        "Support-Code"
    }
}

/// The names as they stand in the sentences, in the cases that differ where a name is not known.
struct Sentences<'a> {
    /// "CRM Sync", or "die Anwendung".
    application: &'a str,
    /// "in CRM Sync", or "in der Anwendung".
    in_application: String,
    /// "zu CRM Sync", or "zur Anwendung".
    to_application: String,
    /// "Support von Acme", or "Support der Anwendung".
    support: String,
    /// "Acme", or "der Hersteller".
    maker: &'a str,
    /// "Apollo", or "der Anbieter".
    provider: &'a str,
    /// "Apollo", or "den Anbieter".
    provider_as_object: &'a str,
    /// "bei Apollo", or "beim Anbieter".
    at_provider: String,
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
            application: names.application.unwrap_or("die Anwendung"),
            in_application: known(names.application, "in", "in der Anwendung"),
            to_application: known(names.application, "zu", "zur Anwendung"),
            support: known(names.organization, "Support von", "Support der Anwendung"),
            maker: names.organization.unwrap_or("der Hersteller"),
            provider: names.provider.unwrap_or("der Anbieter"),
            provider_as_object: names.provider.unwrap_or("den Anbieter"),
            at_provider: known(names.provider, "bei", "beim Anbieter"),
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
            at_provider,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => "Dieser Link ist nicht vollständig".to_owned(),
            ConnectProblem::LinkExpired => "Dieser Link ist abgelaufen".to_owned(),
            ConnectProblem::LinkUsed => "Dieser Link gehört zu einem anderen Browser".to_owned(),
            ConnectProblem::LinkStopped => "Dieser Link wurde gestoppt".to_owned(),
            ConnectProblem::NotCompleted => format!("{application} hat das nicht abgeschlossen"),
            ConnectProblem::OtherPerson => "Das wurde für jemand anderen begonnen".to_owned(),
            ConnectProblem::ConnectionRevoked => "Diese Verbindung wurde beendet".to_owned(),
            ConnectProblem::Denied => format!("{provider} wurde nicht verbunden"),
            ConnectProblem::NotAllowedToApprove => {
                format!("{provider} hat Sie nicht zustimmen lassen")
            }
            ConnectProblem::AttemptExpired => "Das hat länger als zehn Minuten gedauert".to_owned(),
            ConnectProblem::OtherBrowser => {
                "Sie haben in einem anderen Browser begonnen".to_owned()
            }
            ConnectProblem::UnknownAttempt => {
                "Diese Antwort passt zu keiner Frage von uns".to_owned()
            }
            ConnectProblem::ProviderMisconfigured => {
                format!("{provider} nimmt {application} zurzeit nicht an")
            }
            ConnectProblem::OwnCredentialsRejected => {
                format!("{provider} nimmt diese ID mit diesem Secret nicht an")
            }
            ConnectProblem::ProviderUnavailable => format!("{provider} antwortet nicht"),
            ConnectProblem::ProviderError => format!("{provider} meldet einen Fehler"),
            ConnectProblem::OtherAccount => format!("Das ist ein anderes Konto {at_provider}"),
            ConnectProblem::AccountAlreadyConnected => {
                format!("Dieses Konto {at_provider} ist schon für jemand anderen verbunden")
            }
            ConnectProblem::ProviderRemoved => {
                format!(
                    "{application} verbindet {} nicht mehr",
                    self.provider_as_object
                )
            }
            ConnectProblem::Internal => "Bei uns ist etwas schiefgegangen".to_owned(),
        }
    }

    fn sentence(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            maker,
            provider,
            at_provider,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => {
                "Wir kennen ihn nicht; vielleicht wurde unterwegs ein Stück abgeschnitten. Sie haben \
                 nichts falsch gemacht, und es wurde nichts verbunden."
                    .to_owned()
            }
            ConnectProblem::LinkExpired => {
                "Zu Ihrer Sicherheit gilt ein solcher Link nur kurze Zeit. Sie haben nichts falsch \
                 gemacht, und was Sie vorher verbunden haben, bleibt verbunden."
                    .to_owned()
            }
            ConnectProblem::LinkUsed => {
                "Zu Ihrer Sicherheit gilt ein Link nur in dem Browser, der ihn zuerst geöffnet hat. \
                 Von hier aus wurde nichts verbunden."
                    .to_owned()
            }
            ConnectProblem::LinkStopped => format!("Er wurde vorzeitig beendet, hier oder von {application}. Damit wurde nichts verbunden, und was \
                 Sie vorher verbunden haben, bleibt verbunden."),
            ConnectProblem::NotCompleted => format!("{provider} hat zugestimmt, aber {application} hat es nicht rechtzeitig abgeholt. Sie haben \
                 nichts falsch gemacht, und es wurde nichts verbunden."),
            ConnectProblem::OtherPerson => format!("Begonnen hat es {} eine andere Person als die, die zugestimmt hat. Zu Ihrer Sicherheit wurde \
                 nichts verbunden, und {provider} hat nichts herausgegeben.", self.in_application),
            ConnectProblem::ConnectionRevoked => format!("Sie sollte erneuert werden und wurde inzwischen {} beendet. Sie haben nichts falsch gemacht, \
                 und es wurde nichts verbunden.", self.in_application),
            ConnectProblem::Denied => format!(
                "{provider} teilt uns mit, dass der Zugriff abgelehnt wurde. Das ist in Ordnung: Es \
                 wurde nichts verbunden, und nichts hat sich geändert."
            ),
            ConnectProblem::NotAllowedToApprove => format!(
                "Ihr Konto {at_provider} darf anderen Anwendungen keinen Zugriff geben. Sie haben \
                 nichts falsch gemacht, und es wurde nichts verbunden."
            ),
            ConnectProblem::AttemptExpired => format!(
                "Zu Ihrer Sicherheit muss {provider} innerhalb von zehn Minuten antworten. Sie haben \
                 nichts falsch gemacht, und es wurde nichts verbunden."
            ),
            ConnectProblem::OtherBrowser => format!(
                "{provider} hat die Antwort hierher geschickt, aber dieser Browser hat nicht danach \
                 gefragt. Deshalb wurde nichts verbunden."
            ),
            ConnectProblem::UnknownAttempt => format!(
                "Vielleicht wurde sie schon verwendet, zum Beispiel über „Zurück“ im Browser. Falls \
                 {provider} vorher verbunden war, gilt das weiterhin."
            ),
            ConnectProblem::ProviderMisconfigured => format!(
                "So, wie {application} dort registriert ist, passt es nicht, und nur {maker} kann das \
                 beheben. Sie haben nichts falsch gemacht, und es wurde nichts verbunden."
            ),
            ConnectProblem::OwnCredentialsRejected => format!(
                "Die eingegebene Client ID oder das Client Secret stimmt nicht, oder {provider} nimmt \
                 beides hier nicht an. Es wurde nichts verbunden."
            ),
            ConnectProblem::ProviderUnavailable => format!(
                "{provider} war für den letzten Schritt nicht zu erreichen. Sie haben nichts falsch \
                 gemacht, und es wurde nichts verbunden."
            ),
            ConnectProblem::ProviderError => {
                "Was Sie wollten, wurde dort nicht abgeschlossen. Sie haben nichts falsch gemacht, \
                 und es wurde nichts verbunden."
                    .to_owned()
            }
            ConnectProblem::OtherAccount => format!(
                "Sie haben sich {at_provider} mit einem anderen Konto angemeldet als dem, das vorher \
                 verbunden war. Es wurde nichts geändert, und nichts davon ist verloren."
            ),
            ConnectProblem::AccountAlreadyConnected => format!(
                "{} kann jedes Konto {at_provider} nur für eine Person oder ein Team da sein. Sie \
                 haben nichts falsch gemacht, und für niemanden wurde etwas geändert.",
                self.in_application
            ),
            ConnectProblem::ProviderRemoved => format!(
                "{maker} bietet {} {} nicht mehr an. Sie haben nichts falsch gemacht, und es wurde \
                 nichts verbunden.",
                self.provider_as_object, self.in_application
            ),
            ConnectProblem::Internal => {
                "Sie haben nichts falsch gemacht. Was Sie vorher verbunden haben, bleibt verbunden."
                    .to_owned()
            }
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "nothing but words, an arm for each problem"
    )]
    fn steps(&self, problem: ConnectProblem) -> Vec<Step> {
        let Self {
            provider_as_object,
            provider,
            in_application,
            at_provider,
            ..
        } = self;
        let again = |how: &str| step("Noch einmal versuchen", how);
        match problem {
            ConnectProblem::UnknownLink => vec![
                step(
                    "Haben Sie ihn kopiert?",
                    "Öffnen Sie den Link selbst, oder kopieren Sie ihn noch einmal bis zum letzten Zeichen.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::LinkExpired | ConnectProblem::LinkStopped => {
                vec![self.ask_for_a_new_link()]
            }
            ConnectProblem::LinkUsed => vec![
                step(
                    "Im ersten Browser weitermachen",
                    "Wenn Sie diesen Link auf einem anderen Gerät oder in einem anderen Browser geöffnet haben, funktioniert er dort.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::NotCompleted => vec![
                step(
                    "Noch einmal versuchen",
                    format!(
                        "Kehren Sie nach der Zustimmung gleich {} zurück.",
                        self.to_application
                    ),
                ),
                self.tell_support(),
            ],
            ConnectProblem::OtherPerson => vec![
                step(
                    format!("Wollten Sie {provider_as_object} verbinden?"),
                    format!("Dann beginnen Sie selbst {in_application}, wo Sie angemeldet sind."),
                ),
                step(
                    "Hat Ihnen jemand einen Link geschickt?",
                    "Dann schließen Sie diese Seite: Vielleicht hat es jemand auf Ihr Konto abgesehen.",
                ),
            ],
            ConnectProblem::ConnectionRevoked => vec![step(
                "Möchten Sie sie noch?",
                "Dann verbinden Sie neu: Versuchen Sie es noch einmal.",
            )],
            ConnectProblem::Denied => vec![
                step(
                    "Haben Sie es sich anders überlegt?",
                    format!("Versuchen Sie es noch einmal, und stimmen Sie {at_provider} zu."),
                ),
                step("Durften Sie nicht zustimmen?", self.who_may_approve()),
            ],
            ConnectProblem::NotAllowedToApprove => vec![
                step(
                    format!("Fragen Sie Ihren Admin {at_provider}"),
                    self.who_may_approve(),
                ),
                step(
                    "Wiederkommen und noch einmal versuchen",
                    format!(
                        "Wenn diese Seite bis dahin abgelaufen ist, beginnen Sie {in_application} von vorn."
                    ),
                ),
            ],
            ConnectProblem::AttemptExpired => vec![again(&format!(
                "Halten Sie bereit, was Sie für die Anmeldung {at_provider} brauchen."
            ))],
            ConnectProblem::OtherBrowser => vec![
                step(
                    "In einem Browser bleiben",
                    format!(
                        "Beginnen Sie von vorn, und melden Sie sich im selben Browser {at_provider} an."
                    ),
                ),
                step(
                    "Hat Sie jemand hierher geschickt?",
                    "Dann schließen Sie diese Seite: Vielleicht hat es jemand auf Ihr Konto abgesehen.",
                ),
            ],
            ConnectProblem::UnknownAttempt => vec![step(
                format!("{} nachsehen", capitalised(in_application)),
                format!("Wenn {provider} dort nicht verbunden ist, beginnen Sie von vorn."),
            )],
            ConnectProblem::ProviderMisconfigured => vec![
                self.tell_support(),
                step(
                    "Später noch einmal versuchen",
                    "Bis es behoben ist, ändert sich nichts.",
                ),
            ],
            ConnectProblem::OwnCredentialsRejected => vec![
                step(
                    format!("Beides noch einmal {at_provider} kopieren"),
                    "Die ID und das Secret gehören zusammen: Die ID der einen App passt nicht zum Secret einer anderen.",
                ),
                again("Wir haben das Secret vergessen. Geben oder fügen Sie es neu ein."),
            ],
            ConnectProblem::ProviderUnavailable => vec![
                step(
                    "Ein paar Minuten warten",
                    "Versuchen Sie es dann noch einmal. Meistens geht es vorbei.",
                ),
                self.tell_support(),
            ],
            ConnectProblem::ProviderError => {
                vec![
                    again("Manche Fehler gehen von selbst vorbei."),
                    self.tell_support(),
                ]
            }
            ConnectProblem::OtherAccount => vec![
                step(
                    format!("{} abmelden", capitalised(at_provider)),
                    "Sonst wird dort ohne Nachfrage wieder dasselbe Konto genommen.",
                ),
                again("Melden Sie sich mit dem Konto an, das vorher verbunden war."),
                step(
                    "Möchten Sie das Konto wechseln?",
                    "Versuchen Sie es noch einmal mit dem neuen: Dann können Sie sagen, was aus dem alten wird.",
                ),
            ],
            ConnectProblem::AccountAlreadyConnected => vec![
                step(
                    "Das eigene Konto verwenden",
                    format!(
                        "Melden Sie sich zuerst {at_provider} ab, und versuchen Sie es dann noch einmal."
                    ),
                ),
                step(
                    "Ist es Ihres?",
                    format!(
                        "Wer es verbunden hat, kann es {in_application} trennen; der {} kann es herausfinden.",
                        self.support
                    ),
                ),
            ],
            ConnectProblem::ProviderRemoved => vec![self.tell_support()],
            ConnectProblem::Internal => {
                vec![
                    again("Vielleicht ist es schon vorbei."),
                    self.tell_support(),
                ]
            }
        }
    }

    fn wire(&self) -> String {
        format!(
            "Die Leitung zwischen {} und {} kam nicht zustande",
            self.application, self.provider
        )
    }

    fn message_for_admin(&self) -> String {
        format!(
            "Ich möchte {} {} verbinden, darf {} aber nicht zustimmen. Dort heißt es: {} Können \
             Sie das übernehmen? Vielen Dank",
            self.provider_as_object,
            self.in_application,
            self.at_provider,
            self.who_may_approve(),
        )
    }

    fn go_back_yourself(&self, problem: ConnectProblem) -> String {
        let to_application = &self.to_application;
        match problem {
            ConnectProblem::UnknownLink
            | ConnectProblem::LinkExpired
            | ConnectProblem::LinkUsed
            | ConnectProblem::LinkStopped => format!(
                "Schließen Sie diese Seite, kehren Sie {to_application} zurück, und fordern Sie einen neuen Link an."
            ),
            _ => format!("Sie können diese Seite schließen und {to_application} zurückkehren."),
        }
    }

    fn who_may_approve(&self) -> String {
        self.who_may_approve.map_or_else(
            || {
                format!(
                    "Wer {} für Sie verwaltet, kann es erlauben oder das Konto für Sie verbinden.",
                    self.provider_as_object
                )
            },
            str::to_owned,
        )
    }

    fn ask_for_a_new_link(&self) -> Step {
        step(
            "Einen neuen Link anfordern",
            format!(
                "Kehren Sie {} zurück, und beginnen Sie dort von vorn. Jedes Mal entsteht ein neuer Link.",
                self.to_application
            ),
        )
    }

    fn tell_support(&self) -> Step {
        let how = if self.has_code {
            "Nennen Sie den Support-Code unten."
        } else {
            "Schreiben Sie, was Sie hier gesehen haben, und wann."
        };
        step(format!("An den {} schreiben", self.support), how)
    }
}
