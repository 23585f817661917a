//! The end user's pages: what is asked, and how it ended.

use super::{Language, Millis, ProviderMark, ScopeWords};
use serde::{Deserialize, Serialize};

/// What every hosted page shows around its subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Host {
    /// In which language the page is written.
    pub language: Language,
    /// Name of the application that asks.
    pub application: String,
    /// How the application looks.
    pub brand: Brand,
    /// Name of the organization that runs it.
    pub organization: String,
    /// Path of this session, `/connect/{token}`, to build the forms' actions.
    pub path: String,
    /// Where "Back to CRM Sync" leads, if the session has a return URL.
    pub back: Option<String>,
    /// Who opened the page in a window of its own.
    pub opener: Option<Opener>,
}

/// The application's own page that opened the flow in a window, and hears there how it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opener {
    /// Its origin, which the application registered.
    pub origin: String,
    /// The session's id, by which that page knows what it opened.
    pub session: String,
}

/// How an application looks on the pages that its end users see.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brand {
    /// Its colour, such as `#0f5132`.
    pub accent: Option<String>,
    /// The digest of its logo, which names the file.
    pub logo: Option<String>,
}

/// Who the connection is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ForWhom {
    /// Name, or the application's id for the person.
    pub name: String,
    /// E-mail, if the application gave one.
    pub email: Option<String>,
    /// A team connection: everyone in the team will use it.
    pub team: Option<String>,
}

/// `/connect/{token}`: one provider, asked in full; or several to choose from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskView {
    /// The frame.
    pub host: Host,
    /// Who it is for.
    pub for_whom: ForWhom,
    /// The providers of this session that are still to be connected.
    pub asks: Vec<ProviderAsk>,
    /// The providers of this session that are connected already.
    pub connected: Vec<ProviderMark>,
    /// Minutes that the page still works.
    pub minutes_left: u32,
    /// This is a reconnect.
    pub reconnect: bool,
    /// A form was refused: this provider's inputs, and which is wrong.
    pub refused: Option<RefusedInput>,
}

/// One provider on the ask page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProviderAsk {
    /// Slug, sent by the form.
    pub slug: String,
    /// How it is drawn.
    pub mark: ProviderMark,
    /// "Apollo": the name inside sentences.
    pub short_name: String,
    /// What the application may do.
    pub may: Vec<ScopeWords>,
    /// What it may not do, one sentence.
    pub may_not: Option<String>,
    /// What the end user needs at the provider, one or two sentences.
    pub needs: Option<String>,
    /// The provider keeps few grants for one account, and one of theirs has come close.
    pub grants: Option<Grants>,
    /// What must be filled in first.
    pub inputs: Vec<InputView>,
    /// Host where the end user signs in next, or the provider's name where that is still open.
    pub sign_in_host: String,
}

/// Something the end user fills in before going to the provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputView {
    /// Field name.
    pub name: String,
    /// "Where do you sign in to Salesforce?"
    pub label: String,
    /// An example or a hint.
    pub hint: String,
    /// What stands in it at first.
    pub value: String,
    /// Exclusive choices (value, words); empty: free text.
    pub choices: Vec<(String, String)>,
    /// A free text that ends in one of these is accepted beside the choices.
    pub endings: Vec<String>,
    /// What that free choice is called: "My Domain".
    pub other: Option<String>,
    /// It is a secret: hidden while it is typed, and never shown again.
    pub secret: bool,
}

impl InputView {
    /// The choice that says: see the text field called [`Self::other_name`].
    pub const OTHER: &'static str = "other";

    /// Name of the text field beside the choices.
    #[must_use]
    pub fn other_name(&self) -> String {
        format!("{}_other", self.name)
    }
}

/// An input that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedInput {
    /// Which provider.
    pub provider: String,
    /// Which input.
    pub input: String,
    /// What was typed.
    pub values: Vec<(String, String)>,
}

/// The connection stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoneView {
    /// The frame.
    pub host: Host,
    /// Who it is for.
    pub for_whom: ForWhom,
    /// The provider.
    pub provider: ProviderMark,
    /// The account that was connected.
    pub account: Option<String>,
    /// What was granted.
    pub granted: Vec<ScopeWords>,
    /// Asked for and not granted.
    pub missing: Vec<ScopeWords>,
    /// The account was connected before: it is the same connection, approved anew.
    pub known: bool,
    /// The provider keeps few grants for one account, and this one has come close.
    pub grants: Option<Grants>,
    /// Providers of this session that are still to be connected.
    pub left: u32,
}

/// The end user approved; the application has to complete it (bound completion).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WaitingView {
    /// The frame; its way back carries the connect code.
    pub host: Host,
    /// The provider.
    pub provider: ProviderMark,
}

/// Another account came back than the one to be renewed: what becomes of it?
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChooseView {
    /// The frame.
    pub host: Host,
    /// Who it is for.
    pub for_whom: ForWhom,
    /// The provider.
    pub provider: ProviderMark,
    /// "Apollo": the name inside sentences.
    pub short_name: String,
    /// Where the choice is sent.
    pub action: String,
    /// The account that was connected, in words.
    pub before: Option<String>,
    /// The account that was approved now, in words.
    pub now: Option<String>,
    /// The account that was approved now is one of theirs already.
    pub known: bool,
    /// How often the account may be connected at the provider, where it keeps no more, and how often
    /// it is.
    pub grants: Option<Grants>,
    /// Minutes that are left to choose.
    pub minutes_left: u32,
    /// Staff can look this up.
    pub support_code: String,
}

/// A provider keeps so many grants for one account and application, and ends the oldest beyond that.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Grants {
    /// Now.
    pub now: u32,
    /// At most.
    pub most: u32,
}

/// It did not work; the page says why and what helps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProblemView {
    /// In which language the page is written: the frame's, where there is one.
    pub language: Language,
    /// The frame; `None` when the link itself is unknown.
    pub host: Option<Host>,
    /// The provider, when one was chosen.
    pub provider: Option<ProviderMark>,
    /// "Apollo": the name inside sentences.
    pub short_name: Option<String>,
    /// What went wrong.
    pub problem: ConnectProblem,
    /// What the provider said, as text, at most 200 characters.
    pub provider_words: Option<String>,
    /// Who may approve at the provider, from the definition.
    pub who_may_approve: Option<String>,
    /// Slug to start again with, when starting again can help.
    pub retry: Option<String>,
    /// The connection that was to be renewed, and is with the next attempt.
    pub renews: Option<String>,
    /// Staff can look this up. Holds nothing secret.
    pub support_code: Option<String>,
}

/// Every way in which connecting can go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConnectProblem {
    /// The link is not one of ours.
    UnknownLink,
    /// The link has expired.
    LinkExpired,
    /// The link was used up, in another browser.
    LinkUsed,
    /// The link was ended before its time.
    LinkStopped,
    /// The end user said no.
    Denied,
    /// The provider does not let this person approve.
    NotAllowedToApprove,
    /// The attempt took longer than ten minutes.
    AttemptExpired,
    /// The answer arrived in another browser than the one that began.
    OtherBrowser,
    /// The answer does not fit any attempt.
    UnknownAttempt,
    /// The application did not complete in time what the end user had approved (bound completion).
    NotCompleted,
    /// It was approved by another person than the one it was begun for (bound completion).
    OtherPerson,
    /// The provider refused the application's credentials or registration: an admin has to act.
    ProviderMisconfigured,
    /// The provider refused the client ID and secret that the end user brought.
    OwnCredentialsRejected,
    /// The provider could not be reached or did not answer properly.
    ProviderUnavailable,
    /// The provider answered with an error of its own.
    ProviderError,
    /// Another account than the one to be reconnected.
    OtherAccount,
    /// This account serves another owner already.
    AccountAlreadyConnected,
    /// The connection to be renewed was ended meanwhile.
    ConnectionRevoked,
    /// The provider is no longer configured.
    ProviderRemoved,
    /// A fault of ours.
    Internal,
}

impl ConnectProblem {
    /// The word in the API, in return URLs and in the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnknownLink => "unknown_link",
            Self::LinkExpired => "link_expired",
            Self::LinkUsed => "link_used",
            Self::LinkStopped => "link_stopped",
            Self::Denied => "access_denied",
            Self::NotAllowedToApprove => "not_allowed_to_approve",
            Self::AttemptExpired => "attempt_expired",
            Self::OtherBrowser => "other_browser",
            Self::UnknownAttempt => "unknown_attempt",
            Self::NotCompleted => "not_completed",
            Self::OtherPerson => "other_person",
            Self::ProviderMisconfigured => "client_credentials_rejected",
            Self::OwnCredentialsRejected => "own_credentials_rejected",
            Self::ProviderUnavailable => "provider_unavailable",
            Self::ProviderError => "provider_error",
            Self::OtherAccount => "other_account",
            Self::AccountAlreadyConnected => "account_already_connected",
            Self::ConnectionRevoked => "connection_revoked",
            Self::ProviderRemoved => "provider_removed",
            Self::Internal => "internal",
        }
    }

    /// All of them.
    pub const ALL: [Self; 20] = [
        Self::UnknownLink,
        Self::LinkExpired,
        Self::LinkUsed,
        Self::LinkStopped,
        Self::Denied,
        Self::NotAllowedToApprove,
        Self::AttemptExpired,
        Self::OtherBrowser,
        Self::UnknownAttempt,
        Self::NotCompleted,
        Self::OtherPerson,
        Self::ProviderMisconfigured,
        Self::OwnCredentialsRejected,
        Self::ProviderUnavailable,
        Self::ProviderError,
        Self::OtherAccount,
        Self::AccountAlreadyConnected,
        Self::ConnectionRevoked,
        Self::ProviderRemoved,
        Self::Internal,
    ];
}

impl std::str::FromStr for ConnectProblem {
    type Err = ();

    fn from_str(s: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|problem| problem.as_str() == s)
            .ok_or(())
    }
}

/// `/connect/{token}/accounts`: what this person has connected.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AccountsView {
    /// The frame.
    pub host: Host,
    /// Who it is.
    pub for_whom: ForWhom,
    /// Their connections, those that need them first.
    pub accounts: Vec<ConnectedAccount>,
    /// A moment on the server, for relative times.
    pub now: Millis,
}

/// One connected account of the end user.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectedAccount {
    /// Connection id.
    pub id: String,
    /// The provider.
    pub provider: ProviderMark,
    /// Slug of the provider.
    pub provider_slug: String,
    /// The account.
    pub account: Option<String>,
    /// The state.
    pub state: super::ConnectionState,
    /// Connected at.
    pub connected_at: Millis,
    /// Last used by the application.
    pub last_used_at: Option<Millis>,
    /// The provider is told when it is disconnected.
    pub upstream_offered: bool,
    /// Where to end it at the provider by hand, when it cannot be told.
    pub by_hand: Option<String>,
}
