//! Client ID and Client Secret were pasted: each into its own field?
//!
//! Who swaps them saves a provider that cannot work, and leaves a secret where everybody reads it. Two
//! things give it away: how IDs and secrets of this provider begin, and that one of them is known
//! already as the other.

use crate::catalog::Definition;
use crate::domain::ClientSecret;
use crate::vault::{Secret, TokenHash};
use app::wire::{Field, FieldError, Problem};

/// What was pasted, and what is known already.
pub(super) struct Pasted<'a> {
    /// Into the field of the Client ID, or the one that is saved.
    pub(super) client_id: &'a str,
    /// Into the field of the Client Secret, if there was one.
    pub(super) client_secret: Option<&'a Secret<String>>,
    /// The secrets that are saved.
    pub(super) known_secrets: &'a [ClientSecret],
}

impl Pasted<'_> {
    /// The fields in which something of the other kind stands. What stands in the field of the Client
    /// ID is a secret then, and nothing that a page may show again.
    pub(super) fn swapped(&self, definition: &Definition) -> Vec<FieldError> {
        let guide = &definition.guide;
        let begins = |text: &str, prefix: &str| !prefix.is_empty() && text.starts_with(prefix);
        let is_like_secret = |text: &str| {
            let prefixed = begins(text, &guide.client_secret_prefix);
            prefixed && !begins(text, &guide.client_id_prefix)
        };
        let is_like_id = |text: &str| {
            let prefixed = begins(text, &guide.client_id_prefix);
            prefixed && !begins(text, &guide.client_secret_prefix)
        };
        let mut swapped = Vec::new();
        let id_is_secret = is_like_secret(self.client_id)
            || self
                .known_secrets
                .iter()
                .any(|secret| is_same(&secret.text, self.client_id));
        if id_is_secret {
            swapped.push(Field::ClientId);
        }
        let secret_is_id = self.client_secret.is_some_and(|secret| {
            is_like_id(secret.expose()) || (!id_is_secret && is_same(secret, self.client_id))
        });
        if secret_is_id {
            swapped.push(Field::ClientSecret);
        }
        let problem = Problem::LooksSwapped;
        swapped
            .into_iter()
            .map(|field| FieldError { field, problem })
            .collect()
    }
}

/// Compared by their hashes, as secrets are.
fn is_same(secret: &Secret<String>, text: &str) -> bool {
    TokenHash::of(secret.expose()) == TokenHash::of(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn stripe() -> Definition {
        let catalog = Catalog::built_in().expect("the built-in definitions");
        let mut definition = (*catalog.get("apollo").expect("Apollo")).clone();
        definition.guide.client_id_prefix = "ca_".to_owned();
        definition.guide.client_secret_prefix = "sk_".to_owned();
        definition
    }

    fn swapped(client_id: &str, client_secret: &str, known: &[&str]) -> Vec<Field> {
        let known: Vec<_> = known
            .iter()
            .map(|text| Secret::from(*text).into())
            .collect();
        let client_secret = (!client_secret.is_empty()).then(|| Secret::from(client_secret));
        let pasted = Pasted {
            client_id,
            client_secret: client_secret.as_ref(),
            known_secrets: &known,
        };
        let found = pasted.swapped(&stripe());
        assert!(found.iter().all(|one| one.problem == Problem::LooksSwapped));
        found.into_iter().map(|one| one.field).collect()
    }

    #[test]
    fn what_begins_like_the_other_is_swapped() {
        assert_eq!(swapped("ca_1", "sk_1", &[]), []);
        assert_eq!(
            swapped("sk_1", "ca_1", &[]),
            [Field::ClientId, Field::ClientSecret]
        );
        assert_eq!(swapped("sk_1", "whatever", &[]), [Field::ClientId]);
        assert_eq!(swapped("whatever", "ca_1", &[]), [Field::ClientSecret]);
        // nobody knows all prefixes of a provider
        assert_eq!(swapped("other", "another", &[]), []);
    }

    #[test]
    fn what_is_known_as_the_other_is_swapped() {
        assert_eq!(swapped("x1", "x1", &[]), [Field::ClientSecret]);
        // then there is no ID that a page could show
        assert_eq!(swapped("sk_1", "sk_1", &[]), [Field::ClientId]);
        assert_eq!(
            swapped("s3cret", "", &["older", "s3cret"]),
            [Field::ClientId]
        );
        assert_eq!(swapped("ca_2", "", &["older", "s3cret"]), []);
    }
}
