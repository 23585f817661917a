//! Custom providers, in words.

use crate::wire::{CustomFields, CustomNote};

/// What to look at, and why.
#[must_use]
pub fn note(note: CustomNote) -> &'static str {
    match note {
        CustomNote::SpansDomains => {
            "People sign in at one domain, and the Client Secret goes to another. Some providers are built like that; make sure that both belong to yours."
        }
        CustomNote::NoPkce => {
            "The issuer does not say that it takes PKCE, so it is off. Switch it on if the provider’s documentation mentions it."
        }
        CustomNote::OtherClientAuth => {
            "The token endpoint asks for client authentication of another kind than a secret in the body or HTTP Basic, such as a signed assertion. Choose at the provider a client with a secret."
        }
    }
}

/// Where it comes from: `Custom, from https://login.example.com`.
#[must_use]
pub fn origin(fields: &CustomFields) -> String {
    if fields.issuer.is_empty() {
        "Custom, written by hand".to_owned()
    } else {
        format!("Custom, from {}", fields.issuer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_note_says_what_to_do() {
        for (_, one) in CustomNote::NAMES {
            let sentence = note(one);
            assert!(
                ["make sure", "Switch", "Choose"]
                    .iter()
                    .any(|verb| sentence.contains(verb)),
                "{sentence}"
            );
        }
    }
}
