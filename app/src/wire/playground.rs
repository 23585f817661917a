//! An admin's own run through a provider's flow, step by step.
//!
//! A run shows what passed: requests and answers by the names of their parts. What could be secret is
//! told by its length or its kind and never by its value; the words of an error are ours.

use super::{InputView, Millis, ProviderMark};
use serde::{Deserialize, Serialize};

/// `/apps/{slug}/providers/{provider}/playground`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaygroundView {
    /// Part of the address.
    pub provider: String,
    /// How it is drawn.
    pub mark: ProviderMark,
    /// "Apollo".
    pub short_name: String,
    /// Registered at the provider.
    pub redirect_uri: String,
    /// What has to be filled in before going there.
    pub inputs: Vec<InputView>,
    /// Each customer brings credentials of their own: there is nothing to run with.
    pub needs_own_credentials: bool,
    /// What the provider asks of whoever approves.
    pub needs: Option<String>,
    /// The run of this member, if there is one.
    pub run: Option<RunView>,
}

/// One run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    /// How far it is.
    pub step: PlaygroundStep,
    /// What passed, in order.
    pub exchanges: Vec<ExchangeView>,
    /// It ends by itself then.
    pub expires_at: Millis,
}

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaygroundStep {
    /// The browser is at the provider, or has stayed there.
    Away,
    /// The browser came back without a code.
    Refused,
    /// There is a code.
    Code,
    /// The code was used and brought nothing.
    Spent,
    /// There is a token.
    Token,
    /// The profile was asked for.
    Profile,
    /// Over: nothing that was obtained is kept.
    Ended,
}

impl PlaygroundStep {
    /// As the database spells it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Away => "away",
            Self::Refused => "refused",
            Self::Code => "code",
            Self::Spent => "spent",
            Self::Token => "token",
            Self::Profile => "profile",
            Self::Ended => "ended",
        }
    }

    /// Whether something of it has to be forgotten.
    #[must_use]
    pub fn holds_something(self) -> bool {
        matches!(self, Self::Away | Self::Code | Self::Token | Self::Profile)
    }
}

impl std::str::FromStr for PlaygroundStep {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let all = [
            Self::Away,
            Self::Refused,
            Self::Code,
            Self::Spent,
            Self::Token,
            Self::Profile,
            Self::Ended,
        ];
        all.into_iter().find(|step| step.as_str() == text).ok_or(())
    }
}

/// What a member does with a run that has a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PlaygroundDeed {
    /// Exchanges the code.
    GetToken,
    /// Asks whose account it is.
    FetchProfile,
    /// Ends the run and what it obtained.
    Finish,
}

/// A request and its answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExchangeView {
    /// What it was for.
    pub aim: Aim,
    /// When.
    pub at: Millis,
    /// The request; `None` where nothing had to be asked.
    pub request: Option<RequestView>,
    /// What came back; `None` where nothing did, and for the browser's way, which we do not see.
    pub answer: Option<AnswerView>,
    /// What we read in it.
    pub read: Vec<Reading>,
    /// Why it did not work.
    pub problem: Option<PlaygroundProblem>,
}

/// What an exchange is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    /// The browser goes to the provider.
    Authorize,
    /// The browser comes back.
    Callback,
    /// The code becomes a token.
    Token,
    /// Whose account it is.
    Profile,
    /// What was obtained is ended.
    Revoke,
}

/// A request, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestView {
    /// "POST".
    pub method: String,
    /// Without its parameters.
    pub url: String,
    /// Parameters, and the header that says who we are.
    pub parts: Vec<Part>,
}

/// An answer, without its secrets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerView {
    /// The HTTP status.
    pub status: u16,
    /// Members of the body.
    pub parts: Vec<Part>,
    /// The body has no members: it is a page, or text.
    pub unreadable: bool,
}

/// One parameter or member.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Its name; members of members with a dot between.
    pub name: String,
    /// What may be told of it.
    pub value: PartValue,
}

/// What may be told of a value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PartValue {
    /// It is harmless.
    Shown(String),
    /// It is a secret, or could be one: so many characters.
    Hidden(u32),
    /// A text that nobody has to read here.
    Text,
    /// A number.
    Number,
    /// True or false.
    Truth,
    /// So many elements.
    List(u32),
    /// Nothing.
    Nothing,
}

/// What we read in an answer, in the open.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The access token lasts so many seconds; `None`: the answer does not say.
    Lasts(Option<u64>),
    /// Whether a refresh token came.
    RefreshToken(bool),
    /// The granted scopes; `None`: the answer does not say.
    Granted(Option<String>),
    /// The stable id of the account.
    AccountId(Option<String>),
    /// The account, for people.
    Account(Option<String>),
    /// What the provider said about its refusal: one line.
    Said(String),
    /// What became of the tokens.
    Ended(TokensEnd),
}

/// What became of the tokens of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokensEnd {
    /// There were none.
    NoneThere,
    /// The provider ended them; ours are destroyed.
    Revoked,
    /// The provider offers no way to end them; ours are destroyed.
    NotOffered,
    /// Ending them could end connections that work; ours are destroyed.
    SparedOthers,
    /// The provider did not do it; ours are destroyed.
    Failed,
}

/// Why a step did not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaygroundProblem {
    /// Whoever approved said no.
    Denied,
    /// The account may not approve.
    MayNotApprove,
    /// The redirect URI is not the registered one.
    RedirectUri,
    /// A scope is not known, or not registered.
    Scope,
    /// The client ID is not known, or may not do this.
    Client,
    /// The provider does not take PKCE, or wants it otherwise.
    Pkce,
    /// The provider does not like the request.
    Request,
    /// The provider refused, and says no more.
    Refusal,
    /// The answer is not from the expected issuer, not signed, or lacks what it must have.
    NotTheProviders,
    /// The provider has a bad moment.
    Busy,
    /// Client ID or secret is wrong.
    Secret,
    /// The code is worth nothing.
    CodeWorthless,
    /// No connection came about.
    Unreached,
    /// Our outbound policy forbids the address.
    Forbidden,
    /// No whole answer came.
    NoAnswer,
    /// The answer makes no sense.
    NotUnderstood,
    /// The profile endpoint does not take the token.
    TokenRefused,
    /// The token does not allow reading the profile.
    ProfileForbidden,
    /// There is no profile at that address.
    ProfileMissing,
    /// The profile does not hold the account where the definition looks for it.
    AccountNotFound,
}
