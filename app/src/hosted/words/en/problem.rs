//! The words of every way in which connecting can go wrong.
//!
//! Each problem has its own heading, one or two sentences that say what is the case and what is
//! not lost, and one to three things that help.

use super::super::capitalised;
use super::super::rooms::{Names, ProblemWords, Step, Told, step};
use super::English;
use crate::wire::ConnectProblem;

impl ProblemWords for English {
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told {
        let sentences = Sentences::from(names);
        Told {
            heading: sentences.heading(problem),
            sentence: sentences.sentence(problem),
            steps: sentences.steps(problem),
            wire: sentences.wire(),
            provider_said: sentences.provider_said(),
            message_for_admin: sentences.message_for_admin(),
            about_the_code: sentences.about_the_code(),
            go_back_yourself: sentences.go_back_yourself(problem),
        }
    }

    fn what_helps(&self) -> &'static str {
        "What helps"
    }

    fn try_again(&self) -> &'static str {
        "Try again"
    }

    fn message_heading(&self) -> &'static str {
        "Message for your admin"
    }

    fn support_code(&self) -> &'static str {
        "Support code"
    }
}

/// The names as they stand in the sentences.
struct Sentences<'a> {
    /// "CRM Sync", or "the application" when the link is unknown.
    application: &'a str,
    /// "Acme’s support", or "the application’s support".
    support: String,
    /// "Acme", or "its maker".
    maker: &'a str,
    /// "Apollo", or "the provider".
    provider: &'a str,
    /// Who may approve at the provider, from its definition.
    who_may_approve: Option<&'a str>,
    /// A support code stands on the page.
    has_code: bool,
}

impl<'a> From<Names<'a>> for Sentences<'a> {
    fn from(names: Names<'a>) -> Self {
        Self {
            application: names.application.unwrap_or("the application"),
            support: names.organization.map_or_else(
                || "the application’s support".to_owned(),
                |organization| format!("{organization}’s support"),
            ),
            maker: names.organization.unwrap_or("its maker"),
            provider: names.provider.unwrap_or("the provider"),
            who_may_approve: names.who_may_approve,
            has_code: names.has_code,
        }
    }
}

impl Sentences<'_> {
    /// What is the case, as short as it can be said.
    fn heading(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            provider,
            ..
        } = self;
        let words = match problem {
            ConnectProblem::UnknownLink => "This link is not complete".to_owned(),
            ConnectProblem::LinkExpired => "This link has expired".to_owned(),
            ConnectProblem::LinkUsed => "This link belongs to another browser".to_owned(),
            ConnectProblem::LinkStopped => "This link was stopped".to_owned(),
            ConnectProblem::NotCompleted => format!("{application} did not finish this"),
            ConnectProblem::OtherPerson => "This was begun for someone else".to_owned(),
            ConnectProblem::ConnectionRevoked => "That connection was ended".to_owned(),
            ConnectProblem::Denied => format!("{provider} was not connected"),
            ConnectProblem::NotAllowedToApprove => {
                format!("{provider} did not let you approve this")
            }
            ConnectProblem::AttemptExpired => "That took longer than ten minutes".to_owned(),
            ConnectProblem::OtherBrowser => "You began in another browser".to_owned(),
            ConnectProblem::UnknownAttempt => "This answer fits nothing we asked".to_owned(),
            ConnectProblem::ProviderMisconfigured => {
                format!("{provider} does not accept {application} at the moment")
            }
            ConnectProblem::OwnCredentialsRejected => {
                format!("{provider} does not accept that ID and secret")
            }
            ConnectProblem::ProviderUnavailable => format!("{provider} does not answer"),
            ConnectProblem::ProviderError => format!("{provider} reports an error"),
            ConnectProblem::OtherAccount => {
                format!("That is another {} account", self.bare_provider())
            }
            ConnectProblem::AccountAlreadyConnected => {
                format!(
                    "That {} account is connected for someone else",
                    self.bare_provider()
                )
            }
            ConnectProblem::ProviderRemoved => {
                format!("{application} no longer connects {provider}")
            }
            ConnectProblem::Internal => "Something broke on our side".to_owned(),
        };
        capitalised(&words)
    }

    /// What it means, and that nothing is lost.
    fn sentence(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            maker,
            provider,
            ..
        } = self;
        let account = self.bare_provider();
        let words = match problem {
            ConnectProblem::UnknownLink => {
                "We do not know it; perhaps a part was cut off on the way. You did nothing wrong, \
                 and nothing was connected."
                    .to_owned()
            }
            ConnectProblem::LinkExpired => {
                "For your safety such a link works for a short time only. You did nothing wrong, \
                 and what you connected before stays connected."
                    .to_owned()
            }
            ConnectProblem::LinkUsed => {
                "For your safety a link works only in the browser that opened it first. Nothing \
                 was connected from here."
                    .to_owned()
            }
            ConnectProblem::LinkStopped => format!(
                "It was ended before its time, here or by {application}. Nothing was connected with it, and \
                 what you connected before stays connected."
            ),
            ConnectProblem::NotCompleted => format!(
                "{provider} approved, but {application} did not come for it in time. You did nothing wrong, and \
                 nothing was connected."
            ),
            ConnectProblem::OtherPerson => format!(
                "Another person began it in {application} than the one who approved. For your safety nothing \
                 was connected, and {provider} gave nothing away."
            ),
            ConnectProblem::ConnectionRevoked => format!(
                "It was to be renewed, and was ended in {application} meanwhile. You did nothing wrong, and \
                 nothing was connected."
            ),
            ConnectProblem::Denied => format!(
                "{provider} tells us that access was declined. That is fine: nothing was \
                 connected, and nothing has changed."
            ),
            ConnectProblem::NotAllowedToApprove => format!(
                "Your {account} account may not authorize other applications. You did nothing \
                 wrong, and nothing was connected."
            ),
            ConnectProblem::AttemptExpired => format!(
                "For your safety {provider} has to answer within ten minutes. You did nothing \
                 wrong, and nothing was connected."
            ),
            ConnectProblem::OtherBrowser => format!(
                "{provider} sent its answer here, but this browser did not ask for it. So \
                 nothing was connected."
            ),
            ConnectProblem::UnknownAttempt => format!(
                "Perhaps it was used already, for example with the Back button. If {provider} \
                 was connected before, it still is."
            ),
            ConnectProblem::ProviderMisconfigured => format!(
                "The way {application} is registered there does not fit, and only {maker} can \
                 mend it. You did nothing wrong, and nothing was connected."
            ),
            ConnectProblem::OwnCredentialsRejected => format!(
                "The Client ID or the Client Secret that you typed is not right, or {provider} \
                 does not take it here. Nothing was connected."
            ),
            ConnectProblem::ProviderUnavailable => format!(
                "{provider} could not be reached to finish it. You did nothing \
                 wrong, and nothing was connected."
            ),
            ConnectProblem::ProviderError => {
                "It did not finish what you asked for. You did nothing wrong, and nothing was \
                 connected."
                    .to_owned()
            }
            ConnectProblem::OtherAccount => format!(
                "You signed in with a different {account} account from the one that was connected \
                 before. Nothing was changed, and none of what you had is lost."
            ),
            ConnectProblem::AccountAlreadyConnected => format!(
                "In {application} each {account} account can serve one person or team. You did \
                 nothing wrong, and nothing was changed for them or for you."
            ),
            ConnectProblem::ProviderRemoved => format!(
                "{maker} has taken {provider} out of {application}. You did nothing wrong, and \
                 nothing was connected."
            ),
            ConnectProblem::Internal => {
                "You did nothing wrong. What you connected before stays connected.".to_owned()
            }
        };
        capitalised(&words)
    }

    fn bring_both_again(&self) -> Vec<Step> {
        vec![
            step(
                format!("Copy both once more from {}", self.provider),
                "They belong together: the ID of one app and the secret of another do not fit.",
            ),
            step(
                "Try again",
                "We forgot the secret, so type or paste it anew.",
            ),
        ]
    }

    /// What helps, the most likely first.
    #[expect(
        clippy::too_many_lines,
        reason = "nothing but words, an arm for each problem"
    )]
    fn steps(&self, problem: ConnectProblem) -> Vec<Step> {
        let Self {
            application,
            provider,
            ..
        } = self;
        let account = self.bare_provider();
        match problem {
            ConnectProblem::UnknownLink => vec![
                step(
                    "Did you copy it?",
                    "Open the link itself, or copy it again up to its last character.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::LinkExpired | ConnectProblem::LinkStopped => {
                vec![self.ask_for_a_new_link()]
            }
            ConnectProblem::LinkUsed => vec![
                step(
                    "Go on in the first browser",
                    "If you opened this link on another device or in another browser, it works there.",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::NotCompleted => vec![
                step(
                    "Try again",
                    format!("Go back to {application} at once when you have approved."),
                ),
                self.tell_support(),
            ],
            ConnectProblem::OtherPerson => vec![
                step(
                    format!("Did you want to connect {provider}?"),
                    format!("Then start it yourself in {application}, where you are signed in."),
                ),
                step(
                    "Did someone send you a link?",
                    "Then close this page: they may be after your account.",
                ),
            ],
            ConnectProblem::ConnectionRevoked => vec![step(
                "Do you still want it?",
                "Then connect it anew: try again.",
            )],
            ConnectProblem::Denied => vec![
                step(
                    "Did you change your mind?",
                    format!("Try again, and approve at {provider}."),
                ),
                step("Were you not allowed to approve?", self.who_may_approve()),
            ],
            ConnectProblem::NotAllowedToApprove => vec![
                step(format!("Ask your {account} admin"), self.who_may_approve()),
                step(
                    "Come back and try again",
                    format!("If this page has expired by then, start again in {application}."),
                ),
            ],
            ConnectProblem::AttemptExpired => vec![step(
                "Try again",
                format!("Have what you need to sign in at {provider} at hand."),
            )],
            ConnectProblem::OtherBrowser => vec![
                step(
                    "Stay in one browser",
                    format!("Start again, and sign in at {provider} in the same browser."),
                ),
                step(
                    "Did someone send you here?",
                    "Then close this page: they may be after your account.",
                ),
            ],
            ConnectProblem::UnknownAttempt => vec![step(
                format!("Look in {application}"),
                format!("If {provider} is not connected there, start again."),
            )],
            ConnectProblem::ProviderMisconfigured => vec![
                self.tell_support(),
                step("Try again later", "Nothing changes until it is mended."),
            ],
            ConnectProblem::OwnCredentialsRejected => self.bring_both_again(),
            ConnectProblem::ProviderUnavailable => vec![
                step("Wait a few minutes", "Then try again. Mostly it passes."),
                self.tell_support(),
            ],
            ConnectProblem::ProviderError => vec![
                step("Try again", "Some errors pass by themselves."),
                self.tell_support(),
            ],
            ConnectProblem::OtherAccount => vec![
                step(
                    format!("Sign out at {provider}"),
                    "Else it takes the same account again without asking.",
                ),
                step(
                    "Try again",
                    "Sign in with the account that was connected before.",
                ),
                step(
                    "Do you want to change accounts?",
                    "Try again with the new one: then you can say what becomes of the old one.",
                ),
            ],
            ConnectProblem::AccountAlreadyConnected => vec![
                step(
                    "Use your own account",
                    format!("Sign out at {provider} first, then try again."),
                ),
                step(
                    "Is it yours?",
                    format!(
                        "Whoever connected it can disconnect it in {application}; {} can find out.",
                        self.support
                    ),
                ),
            ],
            ConnectProblem::ProviderRemoved => vec![self.tell_support()],
            ConnectProblem::Internal => vec![
                step("Try again", "Perhaps it has passed."),
                self.tell_support(),
            ],
        }
    }

    /// The drawing in words.
    fn wire(&self) -> String {
        format!(
            "The wire between {} and {} could not be laid",
            self.application, self.provider
        )
    }

    /// Over what the provider said.
    fn provider_said(&self) -> String {
        capitalised(&format!("{} says", self.provider))
    }

    /// A message that the person can send to whoever may approve.
    fn message_for_admin(&self) -> String {
        format!(
            "I would like to connect {provider} to {}, but {provider} did not let me approve it. \
             I was told: {} Can you do that? Thank you",
            self.application,
            self.who_may_approve(),
            provider = self.provider,
        )
    }

    /// Below the card.
    fn about_the_code(&self) -> String {
        capitalised(&format!(
            "{} can look this code up. It holds nothing secret.",
            self.support
        ))
    }

    /// Where there is no button: what to do instead.
    fn go_back_yourself(&self, problem: ConnectProblem) -> String {
        match problem {
            ConnectProblem::UnknownLink
            | ConnectProblem::LinkExpired
            | ConnectProblem::LinkUsed
            | ConnectProblem::LinkStopped => {
                format!(
                    "Close this page, go back to {} and ask for a new link.",
                    self.application
                )
            }
            _ => format!(
                "You can close this page and go back to {}.",
                self.application
            ),
        }
    }

    fn who_may_approve(&self) -> String {
        self.who_may_approve.map_or_else(
            || {
                format!(
                    "Whoever manages {} for you can allow it, or connect in your place.",
                    self.provider
                )
            },
            str::to_owned,
        )
    }

    fn ask_for_a_new_link(&self) -> Step {
        step(
            "Ask for a new link",
            format!(
                "Go back to {} and start again there. It makes a new link each time.",
                self.application
            ),
        )
    }

    fn tell_support(&self) -> Step {
        let how = if self.has_code {
            "Give them the support code below."
        } else {
            "Tell them what you saw here, and when."
        };
        step(format!("Write to {}", self.support), how)
    }

    /// "Apollo" in "your Apollo account", and nothing where the provider is unknown.
    fn bare_provider(&self) -> &str {
        self.provider.strip_prefix("the ").unwrap_or(self.provider)
    }
}
