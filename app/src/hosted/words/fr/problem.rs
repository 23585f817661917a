//! The words of every way in which connecting can go wrong.

use super::super::capitalised;
use super::super::rooms::{Names, ProblemWords, Step, Told, step};
use super::French;
use crate::wire::ConnectProblem;

impl ProblemWords for French {
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told {
        let sentences = Sentences::from(names);
        Told {
            heading: capitalised(&sentences.heading(problem)),
            sentence: capitalised(&sentences.sentence(problem)),
            steps: sentences.steps(problem),
            wire: sentences.wire(),
            provider_said: capitalised(&format!("{} indique", sentences.provider)),
            message_for_admin: sentences.message_for_admin(),
            about_the_code: capitalised(&format!(
                "{} peut retrouver ce code. Il ne contient rien de secret.",
                sentences.support
            )),
            go_back_yourself: sentences.go_back_yourself(problem),
        }
    }

    fn what_helps(&self) -> &'static str {
        "Ce qui peut aider"
    }

    fn try_again(&self) -> &'static str {
        "Réessayer"
    }

    fn message_heading(&self) -> &'static str {
        "Message pour votre admin"
    }

    fn support_code(&self) -> &'static str {
        "Code d’assistance"
    }
}

/// The names as they stand in the sentences.
struct Sentences<'a> {
    /// "CRM Sync", or "l’application".
    application: &'a str,
    /// "l’assistance Acme", or "l’assistance de l’application".
    support: String,
    /// "Acme", or "son éditeur".
    maker: &'a str,
    /// "Apollo", or "le fournisseur".
    provider: &'a str,
    /// "compte Apollo", or "compte chez le fournisseur".
    account: String,
    /// Who may approve at the provider, from its definition.
    who_may_approve: Option<&'a str>,
    /// A support code stands on the page.
    has_code: bool,
}

impl<'a> From<Names<'a>> for Sentences<'a> {
    fn from(names: Names<'a>) -> Self {
        Self {
            application: names.application.unwrap_or("l’application"),
            support: names.organization.map_or_else(
                || "l’assistance de l’application".to_owned(),
                |organization| format!("l’assistance {organization}"),
            ),
            maker: names.organization.unwrap_or("son éditeur"),
            provider: names.provider.unwrap_or("le fournisseur"),
            account: names.provider.map_or_else(
                || "compte chez le fournisseur".to_owned(),
                |provider| format!("compte {provider}"),
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
            account,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => "Ce lien n’est pas complet".to_owned(),
            ConnectProblem::LinkExpired => "Ce lien a expiré".to_owned(),
            ConnectProblem::LinkUsed => "Ce lien appartient à un autre navigateur".to_owned(),
            ConnectProblem::LinkStopped => "Ce lien a été arrêté".to_owned(),
            ConnectProblem::NotCompleted => format!("{application} n’a pas terminé"),
            ConnectProblem::OtherPerson => "Ceci a été commencé pour quelqu’un d’autre".to_owned(),
            ConnectProblem::ConnectionRevoked => "Cette connexion a pris fin".to_owned(),
            ConnectProblem::Denied => format!("{provider} n’a pas été connecté"),
            ConnectProblem::NotAllowedToApprove => {
                format!("{provider} ne vous a pas permis de donner votre accord")
            }
            ConnectProblem::AttemptExpired => "Cela a duré plus de dix minutes".to_owned(),
            ConnectProblem::OtherBrowser => {
                "Vous avez commencé dans un autre navigateur".to_owned()
            }
            ConnectProblem::UnknownAttempt => {
                "Cette réponse ne correspond à aucune de nos demandes".to_owned()
            }
            ConnectProblem::ProviderMisconfigured => {
                format!("{provider} n’accepte pas {application} en ce moment")
            }
            ConnectProblem::OwnCredentialsRejected => {
                format!("{provider} n’accepte pas cet identifiant et ce secret")
            }
            ConnectProblem::ProviderUnavailable => format!("{provider} ne répond pas"),
            ConnectProblem::ProviderError => format!("{provider} signale une erreur"),
            ConnectProblem::OtherAccount => format!("C’est un autre {account}"),
            ConnectProblem::AccountAlreadyConnected => {
                format!("Ce {account} est déjà connecté pour quelqu’un d’autre")
            }
            ConnectProblem::ProviderRemoved => {
                format!("{application} ne connecte plus {provider}")
            }
            ConnectProblem::Internal => "Quelque chose s’est cassé chez nous".to_owned(),
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
                "Nous ne le connaissons pas\u{202f}; une partie s’est peut-être perdue en route. \
                 Vous n’avez rien fait de mal, et rien n’a été connecté."
                    .to_owned()
            }
            ConnectProblem::LinkExpired => {
                "Pour votre sécurité, un tel lien ne fonctionne que peu de temps. Vous n’avez rien \
                 fait de mal, et ce que vous aviez connecté le reste."
                    .to_owned()
            }
            ConnectProblem::LinkUsed => {
                "Pour votre sécurité, un lien ne fonctionne que dans le navigateur qui l’a ouvert en \
                 premier. Rien n’a été connecté d’ici."
                    .to_owned()
            }
            ConnectProblem::LinkStopped => format!("Il a pris fin avant l’heure, ici ou par {application}. Rien n’a été connecté avec lui, et ce que \
                 vous aviez connecté le reste."),
            ConnectProblem::NotCompleted => format!("{provider} a donné son accord, mais {application} n’est pas venu le chercher à temps. Vous \
                 n’avez rien fait de mal, et rien n’a été connecté."),
            ConnectProblem::OtherPerson => format!("Une autre personne l’a commencé dans {application} que celle qui a donné son accord. Pour votre \
                 sécurité, rien n’a été connecté, et {provider} n’a rien transmis."),
            ConnectProblem::ConnectionRevoked => format!("Elle devait être renouvelée, et elle a pris fin entre-temps dans {application}. Vous n’avez rien \
                 fait de mal, et rien n’a été connecté."),
            ConnectProblem::Denied => format!(
                "{provider} nous indique un refus d’accès. C’est bien ainsi\u{a0}: rien n’a été \
                 connecté, et rien n’a changé."
            ),
            ConnectProblem::NotAllowedToApprove => format!(
                "Votre {account} ne peut pas autoriser d’autres applications. Vous n’avez rien fait \
                 de mal, et rien n’a été connecté."
            ),
            ConnectProblem::AttemptExpired => format!(
                "Pour votre sécurité, {provider} doit répondre en dix minutes au plus. Vous n’avez \
                 rien fait de mal, et rien n’a été connecté."
            ),
            ConnectProblem::OtherBrowser => format!(
                "{provider} a envoyé sa réponse ici, mais ce navigateur ne l’avait pas demandée. \
                 Rien n’a donc été connecté."
            ),
            ConnectProblem::UnknownAttempt => format!(
                "Elle a peut-être déjà servi, par exemple avec le bouton Retour. Si {provider} était \
                 connecté avant, rien n’a changé."
            ),
            ConnectProblem::ProviderMisconfigured => format!(
                "L’enregistrement de l’application n’y est pas réglé comme il faut, et seul {maker} \
                 peut y remédier. Vous n’avez rien fait de mal, et rien n’a été connecté."
            ),
            ConnectProblem::OwnCredentialsRejected => format!(
                "Le Client ID ou le Client Secret saisi n’est pas le bon, ou {provider} ne les \
                 accepte pas ici. Rien n’a été connecté."
            ),
            ConnectProblem::ProviderUnavailable => format!(
                "{provider} n’a pas pu être joint pour terminer. Vous n’avez rien fait de mal, et \
                 rien n’a été connecté."
            ),
            ConnectProblem::ProviderError => {
                "Votre demande n’y a pas abouti. Vous n’avez rien fait de mal, et rien n’a été \
                 connecté."
                    .to_owned()
            }
            ConnectProblem::OtherAccount => format!(
                "La connexion s’est faite avec un autre {account} que celui d’avant. \
                 Rien n’a été modifié, et rien n’est perdu."
            ),
            ConnectProblem::AccountAlreadyConnected => format!(
                "Dans {application}, chaque {account} peut servir à une seule personne ou équipe. \
                 Vous n’avez rien fait de mal, et rien n’a changé, ni pour l’autre ni pour vous."
            ),
            ConnectProblem::ProviderRemoved => format!(
                "{maker} ne propose plus {provider} dans {application}. Vous n’avez rien fait de \
                 mal, et rien n’a été connecté."
            ),
            ConnectProblem::Internal => {
                "Vous n’avez rien fait de mal. Ce que vous aviez connecté le reste.".to_owned()
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
            account,
            support,
            ..
        } = self;
        let again = |how: &str| step("Réessayer", how);
        match problem {
            ConnectProblem::UnknownLink => vec![
                step(
                    "L’avez-vous copié\u{202f}?",
                    "Ouvrez le lien lui-même, ou copiez-le de nouveau jusqu’au dernier caractère.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::LinkExpired | ConnectProblem::LinkStopped => {
                vec![self.ask_for_a_new_link()]
            }
            ConnectProblem::LinkUsed => vec![
                step(
                    "Continuer dans le premier navigateur",
                    "Si vous avez ouvert ce lien sur un autre appareil ou dans un autre navigateur, il fonctionne là-bas.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::NotCompleted => vec![
                step(
                    "Réessayer",
                    format!("Revenez à {application} dès que vous avez donné votre accord."),
                ),
                self.tell_support(),
            ],
            ConnectProblem::OtherPerson => vec![
                step(
                    format!("Vouliez-vous connecter {provider}\u{202f}?"),
                    format!(
                        "Alors commencez vous-même dans {application}, là où votre session est ouverte."
                    ),
                ),
                step(
                    "Quelqu’un vous a envoyé un lien\u{202f}?",
                    "Alors fermez cette page\u{a0}: cette personne en veut peut-être à votre compte.",
                ),
            ],
            ConnectProblem::ConnectionRevoked => vec![step(
                "La voulez-vous toujours\u{202f}?",
                "Alors connectez de nouveau\u{a0}: réessayez.",
            )],
            ConnectProblem::Denied => vec![
                step(
                    "Avez-vous changé d’avis\u{202f}?",
                    format!("Réessayez, et donnez votre accord chez {provider}."),
                ),
                step(
                    "N’aviez-vous pas le droit de donner votre accord\u{202f}?",
                    self.who_may_approve(),
                ),
            ],
            ConnectProblem::NotAllowedToApprove => vec![
                step(
                    format!("Demander à l’admin du {account}"),
                    self.who_may_approve(),
                ),
                step(
                    "Revenir et réessayer",
                    format!("Si cette page a expiré d’ici là, recommencez dans {application}."),
                ),
            ],
            ConnectProblem::AttemptExpired => vec![again(&format!(
                "Gardez sous la main ce qu’il vous faut pour vous connecter chez {provider}."
            ))],
            ConnectProblem::OtherBrowser => vec![
                step(
                    "Rester dans un seul navigateur",
                    format!(
                        "Recommencez, et connectez-vous chez {provider} dans le même navigateur."
                    ),
                ),
                step(
                    "Quelqu’un vous a envoyé ici\u{202f}?",
                    "Alors fermez cette page\u{a0}: cette personne en veut peut-être à votre compte.",
                ),
            ],
            ConnectProblem::UnknownAttempt => vec![step(
                format!("Regarder dans {application}"),
                format!("Si {provider} n’y est pas connecté, recommencez."),
            )],
            ConnectProblem::ProviderMisconfigured => vec![
                self.tell_support(),
                step(
                    "Réessayer plus tard",
                    "Rien ne change tant que ce n’est pas réparé.",
                ),
            ],
            ConnectProblem::OwnCredentialsRejected => vec![
                step(
                    format!("Copier de nouveau les deux chez {provider}"),
                    "Ils vont ensemble\u{a0}: l’identifiant d’une app et le secret d’une autre ne s’accordent pas.",
                ),
                again("Nous avons oublié le secret\u{a0}: saisissez-le ou collez-le de nouveau."),
            ],
            ConnectProblem::ProviderUnavailable => vec![
                step(
                    "Attendre quelques minutes",
                    "Puis réessayez. Le plus souvent, cela passe.",
                ),
                self.tell_support(),
            ],
            ConnectProblem::ProviderError => vec![
                again("Certaines erreurs passent d’elles-mêmes."),
                self.tell_support(),
            ],
            ConnectProblem::OtherAccount => vec![
                step(
                    format!("Se déconnecter chez {provider}"),
                    "Sinon, le même compte y est repris sans question.",
                ),
                again("Connectez-vous avec le compte qui était connecté avant."),
                step(
                    "Voulez-vous changer de compte\u{202f}?",
                    "Réessayez avec le nouveau\u{a0}: vous pourrez dire ce que devient l’ancien.",
                ),
            ],
            ConnectProblem::AccountAlreadyConnected => vec![
                step(
                    "Utiliser votre propre compte",
                    format!("Déconnectez-vous d’abord chez {provider}, puis réessayez."),
                ),
                step(
                    "Est-ce le vôtre\u{202f}?",
                    format!(
                        "La personne qui l’a connecté peut le déconnecter dans {application}\u{202f}; {support} peut la retrouver."
                    ),
                ),
            ],
            ConnectProblem::ProviderRemoved => vec![self.tell_support()],
            ConnectProblem::Internal => {
                vec![again("C’est peut-être déjà passé."), self.tell_support()]
            }
        }
    }

    fn wire(&self) -> String {
        format!(
            "Le fil entre {} et {} n’a pas pu être tendu",
            self.application, self.provider
        )
    }

    fn message_for_admin(&self) -> String {
        format!(
            "Je voudrais connecter {provider} à {}, mais {provider} ne m’a pas permis de donner mon \
             accord. Voici ce qui m’est indiqué\u{a0}: {} Pouvez-vous vous en charger\u{202f}? Merci",
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
                format!("Fermez cette page, revenez à {application} et demandez un nouveau lien.")
            }
            _ => format!("Vous pouvez fermer cette page et revenir à {application}."),
        }
    }

    fn who_may_approve(&self) -> String {
        self.who_may_approve.map_or_else(
            || {
                format!(
                    "La personne qui gère {} pour vous peut l’autoriser, ou connecter le compte à votre place.",
                    self.provider
                )
            },
            str::to_owned,
        )
    }

    fn ask_for_a_new_link(&self) -> Step {
        step(
            "Demander un nouveau lien",
            format!(
                "Revenez à {} et recommencez là-bas. Un nouveau lien est créé à chaque fois.",
                self.application
            ),
        )
    }

    fn tell_support(&self) -> Step {
        let how = if self.has_code {
            "Donnez-lui le code d’assistance ci-dessous."
        } else {
            "Dites-lui ce que vous avez vu ici, et quand."
        };
        step(format!("Écrire à {}", self.support), how)
    }
}
