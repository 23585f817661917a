//! The practice provider's pages: a foreign provider that lives in this program, so that a newcomer
//! can see every part of the flow before there is a real registration.

use super::ScopeWords;
use serde::{Deserialize, Serialize};

/// The practice provider asks one of its made-up users to approve.
///
/// The form posts to `path`: all of `request` back as hidden fields, `person` (an id), and
/// `decision`, which is `approve` or `deny`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeConsentView {
    /// Where the form posts to.
    pub path: String,
    /// The authorization request, sent back unchanged.
    pub request: Vec<(String, String)>,
    /// Name of the client that asks.
    pub client: String,
    /// What it asks for.
    pub scopes: Vec<ScopeWords>,
    /// Who one can sign in as. The first is chosen at first.
    pub people: Vec<PracticePerson>,
    /// Where the browser goes next, as a host.
    pub next_host: String,
}

/// A made-up user of the practice provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticePerson {
    /// Value of the form field `person`.
    pub id: String,
    /// "Robin Example".
    pub name: String,
    /// Their e-mail at the practice provider.
    pub email: String,
    /// What is special about them, such as "may not approve applications"; or empty.
    pub remark: String,
}

/// The desk from which a newcomer makes the practice provider misbehave.
///
/// Three POST forms: `{path}/outage` with `on` = `true` or `false`, `{path}/token-life` with
/// `seconds` = one of [`Self::TOKEN_LIVES_S`], and `{path}/revoke-all` without fields.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PracticeDeskView {
    /// Path of the desk, to build the forms' actions.
    pub path: String,
    /// It answers 503 to everything at the moment.
    pub outage: bool,
    /// How long a new access token lives, in seconds.
    pub token_life_s: u32,
    /// Grants that are alive.
    pub grants: u64,
    /// What was done a moment ago.
    pub just_done: Option<PracticeDeed>,
    /// Where to go back to: the application's connections in the portal.
    pub back: String,
}

impl PracticeDeskView {
    /// The lifetimes that can be chosen: short enough to watch a refresh, and an ordinary one.
    pub const TOKEN_LIVES_S: [u32; 2] = [30, 3_600];
}

/// What can be done at the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PracticeDeed {
    /// The outage begins.
    OutageBegan,
    /// The outage ends.
    OutageEnded,
    /// New access tokens live as long as was chosen.
    TokenLifeSet,
    /// So many grants were revoked.
    AllRevoked {
        /// How many.
        grants: u64,
    },
}
