//! Slugs: the part of an address that names an application or a provider.

use std::fmt;

/// 1 to 60 characters: a-z, 0-9 and single hyphens between them, a letter first.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slug(String);

/// A text that is no slug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "a slug has a-z, 0-9 and single hyphens, begins with a letter, and has at most 60 characters"
)]
pub struct InvalidSlug;

impl Slug {
    /// As stored and as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// A slug made from a name: "CRM Sync" gives `crm-sync`. `None` if no letter is left.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let mut text = String::new();
        for c in name.chars().flat_map(char::to_lowercase) {
            if c.is_ascii_lowercase() || (c.is_ascii_digit() && !text.is_empty()) {
                text.push(c);
            } else if !text.is_empty() && !text.ends_with('-') {
                text.push('-');
            }
        }
        text.truncate(60);
        text.trim_end_matches('-').parse().ok()
    }

    /// The same with a number at its end, for when the plain one is taken.
    #[must_use]
    pub fn numbered(&self, number: u32) -> Self {
        let suffix = format!("-{number}");
        let stem: String = self.0.chars().take(60 - suffix.len()).collect();
        Self(format!("{}{suffix}", stem.trim_end_matches('-')))
    }
}

impl std::str::FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let letters = text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        let valid = letters
            && (1..=60).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && !text.ends_with('-')
            && !text.contains("--");
        if valid {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidSlug)
        }
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_slugs() {
        for (name, slug) in [
            ("CRM Sync", Some("crm-sync")),
            ("  Guest  Inbox! ", Some("guest-inbox")),
            ("3 Musketeers", Some("musketeers")),
            ("日本", None),
            ("-", None),
        ] {
            assert_eq!(
                Slug::from_name(name).as_ref().map(Slug::as_str),
                slug,
                "{name}"
            );
        }
    }

    #[test]
    fn a_numbered_slug_stays_a_slug() {
        let long: Slug = "a".repeat(60).parse().expect("a slug");
        let numbered = long.numbered(12);
        assert_eq!(numbered.as_str().len(), 60);
        assert!(numbered.as_str().parse::<Slug>().is_ok());
    }

    #[test]
    fn what_is_no_slug_is_refused() {
        for text in ["", "-a", "a-", "a--b", "A", "1a", "a b", "a/b", "ä"] {
            assert!(text.parse::<Slug>().is_err(), "{text}");
        }
    }
}
