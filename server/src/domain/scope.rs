//! Scope names, in the order in which they were chosen or granted.

/// A list of distinct scope names (RFC 6749 section 3.3). Order is kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes(Vec<String>);

/// A text that cannot be a scope name: empty, longer than 200 characters, or with characters that
/// RFC 6749 section 3.3 does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a scope name")]
pub struct InvalidScope;

impl Scopes {
    /// From names; later repetitions are dropped.
    ///
    /// # Errors
    /// When a name is empty or has characters that RFC 6749 does not allow.
    pub fn new<I: IntoIterator<Item = S>, S: Into<String>>(names: I) -> Result<Self, InvalidScope> {
        let mut scopes = Self::default();
        for name in names {
            let name = name.into();
            // %x21 / %x23-5B / %x5D-7E
            let allowed = name
                .bytes()
                .all(|b| matches!(b, 0x21 | 0x23..=0x5B | 0x5D..=0x7E));
            if name.is_empty() || name.len() > 200 || !allowed {
                return Err(InvalidScope);
            }
            scopes.push(name);
        }
        Ok(scopes)
    }

    /// From what people and providers write: names between spaces or commas. What cannot be a
    /// name is left out, since a provider's answer must never be lost for it.
    #[must_use]
    pub fn parse_lenient(text: &str) -> Self {
        let mut scopes = Self::default();
        for name in text.split(|c: char| c.is_whitespace() || c == ',') {
            if let Ok(one) = Self::new([name]) {
                scopes.0.extend(
                    one.0
                        .into_iter()
                        .filter(|n| !scopes.0.contains(n))
                        .collect::<Vec<_>>(),
                );
            }
        }
        scopes
    }

    fn push(&mut self, name: String) {
        if !self.0.contains(&name) {
            self.0.push(name);
        }
    }

    /// These and `more`.
    #[must_use]
    pub fn union(mut self, more: &Self) -> Self {
        for name in &more.0 {
            self.push(name.clone());
        }
        self
    }

    /// These without those in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        Self(
            self.0
                .iter()
                .filter(|name| !other.contains(name))
                .cloned()
                .collect(),
        )
    }

    /// Whether `name` is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.iter().any(|n| n == name)
    }

    /// The names in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }

    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// None at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All names with `separator` between.
    #[must_use]
    pub fn join(&self, separator: &str) -> String {
        self.0.join(separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_repetitions_are_dropped() {
        let scopes = Scopes::new(["b", "a", "b"]).expect("scope names");
        assert_eq!(scopes.join(" "), "b a");
    }

    #[test]
    fn spaces_and_commas_separate() {
        assert_eq!(Scopes::parse_lenient(" a, b\tc  a ").join(" "), "a b c");
    }

    #[test]
    fn quotes_and_spaces_are_no_scope_names() {
        for name in ["", "a b", "a\"b", "a\\b", "ä"] {
            assert_eq!(Scopes::new([name]), Err(InvalidScope), "{name}");
        }
    }
}
