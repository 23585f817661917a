//! What can go wrong between a page and the server, as closed enums.
//!
//! Without JavaScript, Leptos writes a failed form's error into the URL and decodes whatever stands
//! there when it renders. So errors hold no free text: the worst a crafted link can do is choose
//! one of our own sentences.

use leptos::prelude::{FromServerFnError, ServerFnErrorErr};
use leptos::server_fn::codec::JsonEncoding;
use serde::{Deserialize, Serialize};

/// Why the server did not do what a page asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum PortalError {
    /// Nobody is signed in, or the session ended. The page goes to `/signin`.
    SignedOut,
    /// This member's role may not do it.
    Forbidden,
    /// There is no such thing in this organization (also the answer for another organization's id).
    NotFound,
    /// Some fields cannot be accepted; what was typed is kept, except secrets.
    Invalid(Vec<FieldError>),
    /// E-mail and password do not match (the same for an unknown e-mail).
    WrongCredentials,
    /// Too many attempts; try again after so many seconds.
    TooManyAttempts {
        /// Seconds.
        retry_after_s: u32,
    },
    /// The set-up token is wrong or has expired.
    WrongSetupToken,
    /// Set-up was done already; sign in instead.
    AlreadySetUp,
    /// The invitation was used, has ended, was revoked, or there never was one.
    InvitationOver,
    /// The member has to prove once more who they are. Nothing was done.
    ConfirmationNeeded,
    /// The organization asks the member for a second factor, and there is none yet. Nothing was done.
    SecondFactorNeeded,
    /// Whoever asks others for a second factor has none.
    NoFactorOfOnesOwn,
    /// The organization would be without an owner who can sign in.
    LastOwner,
    /// Nobody changes their own role and standing.
    OwnMembership,
    /// Someone else changed the same thing meanwhile; look again.
    Changed,
    /// The client secret is the one in use.
    SecretInUse,
    /// Connections that go on refreshing used the client secret last.
    SecretNeeded {
        /// How many.
        connections: u64,
    },
    /// The provider did not give the connection with fewer scopes.
    ScopesKept,
    /// The provider cannot be asked now.
    ProviderAway,
    /// Nothing is refreshed in this installation now.
    Quarantined,
    /// All tokens of the provider are stopped.
    TokensStopped,
    /// The API key was rotated already, and both it and its successor work.
    KeyHasSuccessor,
    /// The time to undo is over, or there was none.
    TooLateToUndo,
    /// A refresh was under way when the connection was revoked; try again after so many seconds.
    RefreshUnderWay {
        /// Seconds.
        retry_after_s: u32,
    },
    /// The account was connected again since it was revoked.
    ConnectedAgain,
    /// The database cannot be reached; nothing was changed.
    Unavailable,
    /// A fault of ours, with the id under which it was logged.
    Internal,
}

/// One field and what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// Which field of the form.
    pub field: Field,
    /// What is wrong.
    pub problem: Problem,
}

/// The fields that forms of the portal have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Field {
    /// Name of the organization.
    Organization,
    /// A person's name.
    Name,
    /// E-mail address.
    Email,
    /// Password.
    Password,
    /// The password in use today, when changing it.
    CurrentPassword,
    /// A code of the second factor, or a recovery code.
    Code,
    /// What a member may do.
    Role,
    /// Name of an application.
    ApplicationName,
    /// Slug of an application.
    Slug,
    /// Registered return URLs, one per line.
    ReturnUrls,
    /// Origins that may embed the connect flow, one per line.
    AllowedOrigins,
    /// Client ID.
    ClientId,
    /// Client Secret.
    ClientSecret,
    /// What is filled in before going to a provider.
    Inputs,
    /// Client Secret that belongs to another Client ID.
    NewClientSecret,
    /// Ticked scopes.
    Scopes,
    /// Free-text scopes.
    OtherScopes,
    /// Name of an API key.
    KeyName,
    /// Ticked scopes of an API key.
    KeyScopes,
    /// Whether an API key sees all providers, and which.
    KeyProviders,
    /// From where an API key may be used, one block of addresses per line.
    IpRanges,
    /// Last day of an API key.
    Expires,
    /// Requests in a second of an API key.
    Rate,
    /// How long an API key goes on that is replaced.
    Overlap,
    /// That an API key ends although it is used.
    StillUsed,
    /// Reason for a revocation.
    Reason,
    /// Note for the audit.
    Note,
    /// How many connections are to be revoked, typed to confirm it.
    Confirmation,
    /// Why all tokens are stopped.
    StopReason,
    /// What else a definition asks an admin for, counted from 0.
    Input(u8),
    /// Name of a custom provider.
    ProviderName,
    /// Issuer of a custom provider.
    Issuer,
    /// Where browsers go to approve.
    AuthorizeUrl,
    /// Where codes and refresh tokens are exchanged.
    TokenUrl,
    /// Where grants are ended.
    RevokeUrl,
    /// Where the profile is.
    ProfileUrl,
    /// Where tokens are looked into.
    IntrospectionUrl,
    /// What calls through the proxy are joined to.
    ApiUrl,
    /// The application's id of whoever gets a team's connection.
    PersonId,
    /// Their name.
    PersonName,
    /// Their e-mail.
    PersonEmail,
    /// Pointers to the account id.
    AccountId,
    /// Pointers to the account in words.
    AccountLabel,
    /// Client Secret for a host that received none before.
    HostSecret,
    /// How connections are completed.
    Completion,
    /// Colour of an application.
    Accent,
    /// Logo of an application.
    Logo,
    /// Where events are sent to.
    WebhookUrl,
    /// What a webhook endpoint is.
    WebhookDescription,
    /// Which events it is told of.
    WebhookEvents,
}

/// What is wrong with a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Problem {
    /// Nothing was entered.
    Missing,
    /// Shorter than this many characters.
    TooShort(u32),
    /// Longer than this many characters.
    TooLong(u32),
    /// There are this many already, and no more are taken.
    TooMany(u32),
    /// Not an e-mail address.
    NotAnEmail,
    /// One of the passwords everybody tries first.
    TooCommon,
    /// Not what is stored.
    Wrong,
    /// Taken by another one.
    Taken,
    /// Only a-z, 0-9 and hyphens, starting with a letter.
    NotASlug,
    /// Not an absolute https URL (http only for loopback), or with user info or a fragment.
    NotAUrl,
    /// Not an origin such as `https://app.example.com`.
    NotAnOrigin,
    /// Contains spaces or characters that cannot stand there.
    BadCharacters,
    /// Looks as if Client ID and Client Secret were swapped.
    LooksSwapped,
    /// Not one of the offered choices.
    NotAChoice,
    /// Not an https address, or with user info or a fragment.
    NotHttps,
    /// The outbound policy forbids the address.
    Forbidden,
    /// The issuer has no metadata that can be read.
    NoMetadata,
    /// The metadata names another issuer.
    OtherIssuer,
    /// The metadata lacks an endpoint that no flow can do without.
    IncompleteMetadata,
    /// An address in the metadata is one that the outbound policy forbids.
    ForbiddenEndpoint,
    /// Not a pointer into an answer.
    NotAPointer,
    /// Connections hold tokens that would go to a host they were not given to.
    HoldsTokens,
    /// Completion by the backend cannot do without it.
    NeededWhenBound,
    /// Not `#` and six digits.
    NotAColour,
    /// A file of more than 512 KB.
    TooHeavy,
    /// A picture of more than 4096 by 4096 pixels.
    TooManyPixels,
    /// Not a PNG, JPEG or WebP file.
    NotAPicture,
    /// A picture that cannot be read to its end.
    Broken,
    /// Neither an address nor a block of addresses.
    NotARange,
    /// Not a day.
    NotADay,
    /// A moment that has passed.
    Past,
    /// Not a whole number from 1 to this one.
    NotANumber(u32),
}

impl PortalError {
    /// One field, one problem.
    #[must_use]
    pub fn field(field: Field, problem: Problem) -> Self {
        Self::Invalid(vec![FieldError { field, problem }])
    }

    /// What is wrong with `field`, if anything.
    #[must_use]
    pub fn problem_with(&self, field: Field) -> Option<Problem> {
        match self {
            Self::Invalid(errors) => errors.iter().find(|e| e.field == field).map(|e| e.problem),
            _ => None,
        }
    }

    /// The HTTP status of this error.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::SignedOut | Self::WrongCredentials => 401,
            Self::Forbidden
            | Self::WrongSetupToken
            | Self::ConfirmationNeeded
            | Self::SecondFactorNeeded => 403,
            Self::NotFound | Self::AlreadySetUp | Self::InvitationOver => 404,
            Self::Changed
            | Self::SecretInUse
            | Self::SecretNeeded { .. }
            | Self::ScopesKept
            | Self::TokensStopped
            | Self::KeyHasSuccessor
            | Self::TooLateToUndo
            | Self::RefreshUnderWay { .. }
            | Self::ConnectedAgain
            | Self::NoFactorOfOnesOwn
            | Self::LastOwner
            | Self::OwnMembership => 409,
            Self::Invalid(_) => 422,
            Self::TooManyAttempts { .. } => 429,
            Self::Unavailable | Self::ProviderAway | Self::Quarantined => 503,
            Self::Internal => 500,
        }
    }
}

impl std::fmt::Display for PortalError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Debug::fmt(self, f)
    }
}

impl std::error::Error for PortalError {}

impl FromServerFnError for PortalError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        let error = match value {
            // a form that lacks a field, or holds one of the wrong kind: not ours, the sender's
            ServerFnErrorErr::Args(_)
            | ServerFnErrorErr::MissingArg(_)
            | ServerFnErrorErr::Deserialization(_) => Self::Invalid(Vec::new()),
            _ => Self::Internal,
        };
        // such a form never reaches its function, and Leptos would answer 500
        #[cfg(feature = "ssr")]
        crate::actions::set_status(&error);
        error
    }
}
