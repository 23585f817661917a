//! API keys, and how each stands: it works, is on its way out, or is over.

use super::{ApiKeyId, ApplicationId, KeyLimits, KeyScopes, OrganizationId, Timestamp};
pub use app::wire::KeyState;

/// An API key without its secret part.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Id.
    pub id: ApiKeyId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The application.
    pub application: ApplicationId,
    /// Name.
    pub name: String,
    /// First and last characters.
    pub hint: String,
    /// What it may do.
    pub scopes: KeyScopes,
    /// For what, from where, how often and until when.
    pub limits: KeyLimits,
    /// Made by.
    pub created_by: String,
    /// Made at.
    pub created_at: Timestamp,
    /// Last used at.
    pub last_used_at: Option<Timestamp>,
    /// It works, and whoever uses it is told since then to use another one.
    pub deprecated_at: Option<Timestamp>,
    /// Revoked at.
    pub revoked_at: Option<Timestamp>,
    /// The key that it was made to follow.
    pub replaces: Option<ApiKeyId>,
    /// No token of its application leaves now.
    pub stopped: bool,
}

impl ApiKey {
    /// How it stands.
    #[must_use]
    pub fn state(&self, now: Timestamp) -> KeyState {
        if self.revoked_at.is_some() {
            KeyState::Revoked
        } else if self.has_expired(now) {
            KeyState::Expired
        } else if self.deprecated_at.is_some() {
            KeyState::Deprecated
        } else {
            KeyState::Live
        }
    }

    /// Whether its time is over. Is asked at each use: nothing happens to the key at that moment.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        self.limits.expires_at.is_some_and(|at| at <= now)
    }
}

/// What a member or a file says about a key; all of it can be changed later.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySettings {
    /// Name.
    pub name: String,
    /// What it may do.
    pub scopes: KeyScopes,
    /// For what, from where, how often and until when.
    pub limits: KeyLimits,
}

impl KeySettings {
    /// May do everything, always, from everywhere.
    #[must_use]
    pub fn unlimited(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            scopes: KeyScopes::all(),
            limits: KeyLimits::default(),
        }
    }

    /// What differs in `other`, in the words of the audit.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<&'static str> {
        let (one, two) = (&self.limits, &other.limits);
        let parts = [
            ("name", self.name != other.name),
            ("scopes", self.scopes != other.scopes),
            ("providers", one.providers != two.providers),
            ("IP ranges", one.addresses != two.addresses),
            ("expiry", one.expires_at != two.expires_at),
            ("rate", one.rate != two.rate),
        ];
        let differs = parts.into_iter().filter(|(_, differs)| *differs);
        differs.map(|(what, _)| what).collect()
    }
}

impl From<&ApiKey> for KeySettings {
    fn from(key: &ApiKey) -> Self {
        Self {
            name: key.name.clone(),
            scopes: key.scopes.clone(),
            limits: key.limits.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_told_by_the_names_of_what_changed() {
        let one = KeySettings::unlimited("backend");
        assert!(one.differences(&one).is_empty());
        let other = KeySettings {
            name: "jobs".to_owned(),
            limits: KeyLimits {
                expires_at: Some(Timestamp::from_millis(1)),
                ..KeyLimits::default()
            },
            ..one.clone()
        };
        assert_eq!(one.differences(&other), ["name", "expiry"]);
    }
}
