//! What a provider can be asked for.

use schemars::JsonSchema;
use serde::Deserialize;

/// Scopes of a provider.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeRules {
    /// The authorize parameter.
    #[serde(default = "scope")]
    pub param: String,
    /// More authorize parameters with scopes, e.g. `user_scope`. A scope that is named
    /// `user_scope:search:read` is sent there, as `search:read`.
    #[serde(default)]
    pub more_params: Vec<String>,
    /// Between names in the authorize URL.
    #[serde(default = "space")]
    pub separator: String,
    /// A sentence: why and where they are chosen at the provider. Set: no scope parameter is sent.
    pub set_at_provider: Option<String>,
    /// A sentence: what has to be done at the provider when the choice changes, because it is part
    /// of the registration. Set: scopes are sent, and only those that are registered are granted.
    pub registered_at_provider: Option<String>,
    /// Granted whatever is asked for; never sent.
    #[serde(default)]
    pub always_granted: Vec<Scope>,
    /// Sent with every request so that a refresh token is issued, e.g. `offline_access`.
    #[serde(default)]
    pub needed_for_refresh: Vec<String>,
    /// The rest, in groups, in order.
    #[serde(default)]
    pub groups: Vec<ScopeGroup>,
    /// What an application with these scopes can never do, one sentence for end users.
    pub never: Option<String>,
}

impl ScopeRules {
    /// The authorize parameter in which a scope is sent, and its name there.
    #[must_use]
    pub fn place_of<'a>(&'a self, name: &'a str) -> (&'a str, &'a str) {
        let inside = |param: &'a String| {
            Some((param.as_str(), name.strip_prefix(param)?.strip_prefix(':')?))
        };
        self.more_params
            .iter()
            .find_map(inside)
            .unwrap_or((&self.param, name))
    }
}

fn scope() -> String {
    "scope".to_owned()
}

fn space() -> String {
    " ".to_owned()
}

/// A group of scopes.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScopeGroup {
    /// "Contacts".
    pub title: String,
    /// Its scopes, in order.
    pub scopes: Vec<Scope>,
}

/// A scope and what it allows.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// As the provider names it.
    pub name: String,
    /// "Search the team's contacts": for admins, and for end users where `user_words` is not there.
    pub words: String,
    /// The same for the end user who grants it. Empty: nothing that an end user could use.
    pub user_words: Option<String>,
    /// Names of scopes that this one holds too, so that a grant without them lacks nothing.
    #[serde(default)]
    pub implies: Vec<String>,
    /// Ticked when the form is first shown.
    #[serde(default)]
    pub suggested: bool,
}
