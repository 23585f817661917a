//! What an API key may do.

pub use app::wire::KeyScope;
use std::collections::BTreeSet;

/// The scopes of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyScopes(BTreeSet<KeyScope>);

impl KeyScopes {
    /// Everything: what a key may do that was made before keys had scopes.
    #[must_use]
    pub fn all() -> Self {
        Self::from_iter(KeyScope::ALL)
    }

    /// What a backend needs that connects its users and acts for them. Setting webhooks up is not among
    /// it: whoever may do that is told of everything.
    #[must_use]
    pub fn usual() -> Self {
        let others = KeyScope::ALL.into_iter();
        others
            .filter(|scope| *scope != KeyScope::WebhooksManage)
            .collect()
    }

    /// Whether it may do nothing at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `scope` is among them.
    #[must_use]
    pub fn allow(&self, scope: KeyScope) -> bool {
        self.0.contains(&scope)
    }

    /// In the order of the pages.
    pub fn iter(&self) -> impl Iterator<Item = KeyScope> + '_ {
        self.0.iter().copied()
    }

    /// As stored: separated by spaces.
    #[must_use]
    pub fn stored(&self) -> String {
        let words: Vec<_> = self.iter().map(KeyScope::as_str).collect();
        words.join(" ")
    }

    /// From what is stored. A word that this release does not know allows nothing.
    #[must_use]
    pub fn from_stored(text: &str) -> Self {
        text.split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect()
    }
}

impl FromIterator<KeyScope> for KeyScopes {
    fn from_iter<I: IntoIterator<Item = KeyScope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}
