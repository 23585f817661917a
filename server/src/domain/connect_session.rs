//! Connect sessions and the attempts (flows) within them.

use super::{
    ApiKeyId, ApplicationId, Completion, ConnectSessionId, Connection, ConnectionId, EndUser,
    FlowId, OrganizationId, Owner, Provider, ProviderId, Scopes, Slug, Timestamp, random_base62,
};
use crate::vault::{Secret, sha256};
use app::wire::ConnectProblem;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use std::collections::BTreeMap;
use std::time::Duration;

/// One short-lived invitation, made by the backend, for one end user to connect.
#[derive(Debug)]
pub struct ConnectSession {
    /// Id, as the API names it.
    pub id: ConnectSessionId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application.
    pub application: ApplicationId,
    /// The key that made it; `None` when a member did.
    pub api_key: Option<ApiKeyId>,
    /// Who is to connect.
    pub end_user: EndUser,
    /// Who will own the connection.
    pub owner: Owner,
    /// Providers on offer; empty: all of the application.
    pub providers: Vec<Slug>,
    /// Scopes asked for, per provider; others ask for what the provider is set to.
    pub scopes: BTreeMap<String, Vec<String>>,
    /// Where the browser goes afterwards; one of the application's return URLs.
    pub return_url: Option<String>,
    /// A language tag, e.g. `de`.
    pub locale: Option<String>,
    /// The connection to be renewed.
    pub reconnect: Option<ConnectionId>,
    /// What makes a connection the right person's.
    pub completion: Completion,
    /// What the backend proves itself with when it completes.
    pub code_challenge: Option<CodeChallenge>,
    /// Staff can look this up; `None` where an earlier release made it.
    pub support_code: Option<String>,
    /// How far it is.
    pub status: SessionStatus,
    /// What went wrong last.
    pub error: Option<ConnectProblem>,
    /// Made at.
    pub created_at: Timestamp,
    /// Works until.
    pub expires_at: Timestamp,
}

/// Characters of the secret part of a link: 62^43 is more than 2^256.
pub const LINK_SECRET: usize = 43;

impl ConnectSession {
    /// An invitation to renew a connection: for its owner, with its provider, and nothing else.
    #[must_use]
    pub fn to_renew(
        connection: &Connection,
        provider: &Provider,
        now: Timestamp,
        works_for: Duration,
    ) -> Self {
        Self {
            id: ConnectSessionId::random(),
            organization: connection.organization.clone(),
            application: connection.application.clone(),
            api_key: None,
            end_user: connection.responsible().clone(),
            owner: connection.owner.clone(),
            providers: vec![provider.slug.clone()],
            scopes: BTreeMap::new(),
            return_url: None,
            locale: None,
            reconnect: Some(connection.id.clone()),
            completion: Completion::Confirm,
            code_challenge: None,
            support_code: Some(support_code()),
            status: SessionStatus::Pending,
            error: None,
            created_at: now,
            expires_at: now + works_for,
        }
    }
}

/// Eight characters that can be read out on the telephone: no 0, O, 1, I.
#[must_use]
pub fn support_code() -> String {
    const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let letters: Vec<char> = random_base62(8)
        .bytes()
        .map(|byte| char::from(ALPHABET[usize::from(byte % 32)]))
        .collect();
    let (left, right) = letters.split_at(4);
    format!("{}-{}", String::from_iter(left), String::from_iter(right))
}

/// `k7qf 2m9d` is the code K7QF-2M9D: people type what they heard. `None`: it is none.
#[must_use]
pub fn read_support_code(typed: &str) -> Option<String> {
    let letters: String = typed
        .chars()
        .filter(|letter| *letter != '-' && !letter.is_whitespace())
        .map(|letter| letter.to_ascii_uppercase())
        .collect();
    let is_code = letters.len() == 8 && letters.bytes().all(|b| b.is_ascii_alphanumeric());
    let (left, right) = letters.split_at_checked(4).filter(|_| is_code)?;
    Some(format!("{left}-{right}"))
}

/// SHA-256 of a verifier that the backend keeps in its user's session, as base64url: method `S256`
/// of RFC 7636 section 4.2, between the backend and us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

/// Not 32 bytes as base64url without padding.
#[derive(Debug)]
pub struct InvalidChallenge;

impl CodeChallenge {
    /// As it was sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether `verifier` is the one that it was made of.
    #[must_use]
    pub fn fits(&self, verifier: &str) -> bool {
        URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) == self.0
    }
}

impl std::str::FromStr for CodeChallenge {
    type Err = InvalidChallenge;

    fn from_str(text: &str) -> Result<Self, InvalidChallenge> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| InvalidChallenge)?;
        if bytes.len() == 32 {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidChallenge)
        }
    }
}

/// How far a connect session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionStatus {
    /// Nothing is connected yet.
    Pending,
    /// The end user approved; the backend has to complete.
    AwaitingCompletion,
    /// At least one connection stands.
    Connected,
    /// The end user said no.
    Denied,
    /// The last attempt failed.
    Failed,
}

impl SessionStatus {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::Pending,
        Self::AwaitingCompletion,
        Self::Connected,
        Self::Denied,
        Self::Failed,
    ];

    /// As stored and as sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::AwaitingCompletion => "awaiting_completion",
            Self::Connected => "connected",
            Self::Denied => "denied",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for SessionStatus {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL
            .into_iter()
            .find(|status| status.as_str() == text)
            .ok_or(())
    }
}

/// One attempt: one state, one browser, one code.
#[derive(Clone, Debug)]
pub struct Flow {
    /// Id; part of the cookie's name and of the outcome's address.
    pub id: FlowId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The session it belongs to.
    pub session: ConnectSessionId,
    /// The provider.
    pub provider: ProviderId,
    /// Hash of the value in the browser's cookie.
    pub browser_sha256: [u8; 32],
    /// Redirect URI that was sent.
    pub redirect_uri: String,
    /// Client ID that was sent.
    pub client_id: String,
    /// Scopes that were asked for.
    pub scopes_asked: Scopes,
    /// What the end user filled in.
    pub inputs: BTreeMap<String, String>,
    /// The connection to be renewed.
    pub reconnect: Option<ConnectionId>,
    /// How far it is.
    pub status: FlowStatus,
    /// What went wrong.
    pub problem: Option<ConnectProblem>,
    /// What the provider said, as text.
    pub provider_words: Option<String>,
    /// Staff can look this up.
    pub support_code: String,
    /// The connection that came of it.
    pub connection: Option<ConnectionId>,
    /// The origin of the page that opened it in a window, one of the application's own.
    pub opener: Option<String>,
    /// Works until.
    pub expires_at: Timestamp,
}

/// How far a flow is. It moves forward only, and out of each state at most once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowStatus {
    /// The browser is at the provider.
    Waiting,
    /// The answer came; its code is sealed until the backend completes.
    AwaitingCompletion,
    /// The answer came; the code is being exchanged.
    Exchanging,
    /// It brought another account than the one to be renewed; the person decides what becomes of it.
    Choosing,
    /// A connection stands.
    Connected,
    /// It failed, see `problem`.
    Failed,
}

impl FlowStatus {
    /// As stored.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::AwaitingCompletion => "awaiting_completion",
            Self::Exchanging => "exchanging",
            Self::Choosing => "choosing",
            Self::Connected => "connected",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for FlowStatus {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        [
            Self::Waiting,
            Self::AwaitingCompletion,
            Self::Exchanging,
            Self::Choosing,
            Self::Connected,
            Self::Failed,
        ]
        .into_iter()
        .find(|status| status.as_str() == text)
        .ok_or(())
    }
}

/// What a flow needs to be begun.
#[derive(Debug)]
pub struct NewFlow {
    /// The flow, `Waiting`.
    pub flow: Flow,
    /// Hash of the state that was sent.
    pub state_sha256: [u8; 32],
    /// PKCE verifier, if PKCE is sent.
    pub verifier: Option<Secret<String>>,
    /// The customer's own client secret, where the definition has credentials per connection.
    pub client_secret: Option<Secret<String>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7636 appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn a_challenge_fits_its_own_verifier_only() {
        let challenge: CodeChallenge = CHALLENGE.parse().expect("a challenge");
        assert!(challenge.fits(VERIFIER));
        for other in ["", CHALLENGE, &VERIFIER[1..], &format!("{VERIFIER} ")] {
            assert!(!challenge.fits(other), "{other}");
        }
    }

    #[test]
    fn what_is_no_hash_is_no_challenge() {
        for text in [
            "",
            VERIFIER,
            "plain",
            &CHALLENGE[1..],
            &format!("{CHALLENGE}="),
        ] {
            let is_challenge = text.parse::<CodeChallenge>().is_ok();
            assert_eq!(is_challenge, text == VERIFIER, "{text}");
        }
    }

    #[test]
    fn a_support_code_is_read_as_people_type_it() {
        for typed in ["K7QF-2M9D", "k7qf2m9d", " k7qf 2m9d\n", "K7-QF 2M 9D"] {
            assert_eq!(
                read_support_code(typed).as_deref(),
                Some("K7QF-2M9D"),
                "{typed}"
            );
        }
        for typed in ["", "K7QF-2M9", "K7QF-2M9DD", "dana@bo.x", "ÄÖÜß"] {
            assert_eq!(read_support_code(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_support_code_can_be_read_out() {
        let code = support_code();
        let (left, right) = code.split_once('-').expect("two halves");
        assert_eq!((left.len(), right.len()), (4, 4));
        assert!(!code.contains(['0', 'O', '1', 'I']), "{code}");
    }
}
