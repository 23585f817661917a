//! What the end user fills in before going to the provider.
//!
//! People paste what stands in their browser's address bar, so an address is taken for its host.
//! Everything else is strict: the text becomes part of the host that receives the client secret.

use super::definition::{AskedOf, Definition, Input};
use super::template::fill_text;
use std::collections::BTreeMap;

/// What a form sends in the place of a choice when a free text beside the choices is meant. The
/// text itself is then in the field `{name}_other`.
pub const OTHER: &str = "other";

/// An input holds something that the definition does not allow.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the input {input} holds something that is not allowed there")]
pub struct InputRefused {
    /// Name of the input.
    pub input: String,
}

impl Definition {
    /// Turns what was sent into the values that URL templates take: defaults filled in, hosts in
    /// lower case and without `https://` and path, and what follows from a choice. Only what
    /// `asked_of` fills in is looked at; what is no input is left out.
    ///
    /// # Errors
    /// With the first input that holds something that it does not take.
    pub fn resolve_inputs(
        &self,
        asked_of: AskedOf,
        sent: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, InputRefused> {
        let mut resolved = BTreeMap::new();
        for input in self.inputs_of(asked_of) {
            let value = input
                .accept(input.sent_in(sent))
                .ok_or_else(|| InputRefused {
                    input: input.name.clone(),
                })?;
            resolved.extend(input.follows_from(&value));
            resolved.insert(input.name.clone(), value);
        }
        Ok(resolved)
    }

    /// What `asked_of` fills in, in order.
    pub fn inputs_of(&self, asked_of: AskedOf) -> impl Iterator<Item = &Input> {
        self.inputs
            .iter()
            .filter(move |input| input.asked_of == asked_of)
    }

    /// The values that hold when nothing was filled in, and what holds of the callback before there
    /// was one. Inputs without a default are not among them.
    #[must_use]
    pub fn default_inputs(&self) -> BTreeMap<String, String> {
        let mut values = BTreeMap::new();
        for input in self.inputs.iter().filter(|input| !input.default.is_empty()) {
            values.extend(input.follows_from(&input.default));
            values.insert(input.name.clone(), input.default.clone());
        }
        for rule in &self.callback.capture {
            let default = rule.default.as_ref();
            if let Some(value) = default.and_then(|text| fill_text(text, &values)) {
                values.insert(rule.name.clone(), value);
            }
        }
        values
    }
}

impl Input {
    fn sent_in<'a>(&'a self, sent: &'a BTreeMap<String, String>) -> &'a str {
        let chosen = sent.get(&self.name).map_or("", |text| text.trim());
        if chosen == OTHER {
            // nothing typed is a mistake here, not a wish for the default
            return sent
                .get(&format!("{}_{OTHER}", self.name))
                .map_or(OTHER, |text| text.trim());
        }
        if chosen.is_empty() {
            &self.default
        } else {
            chosen
        }
    }

    /// What else holds when this value was chosen.
    fn follows_from(&self, value: &str) -> BTreeMap<String, String> {
        let chosen = self.choices.iter().find(|choice| choice.value == value);
        chosen.map(|choice| choice.sets.clone()).unwrap_or_default()
    }

    /// The value that `text` stands for, if it is allowed.
    pub(super) fn accept(&self, text: &str) -> Option<String> {
        if self.word {
            return is_word(text).then(|| text.to_owned());
        }
        let host = host_in(text);
        if let Some(domain) = &self.subdomain_of {
            let inside = host.strip_suffix(domain.as_str());
            let label = inside.and_then(|inside| inside.strip_suffix('.'));
            let label = label.unwrap_or(&host);
            return (is_host_name(label) && !label.contains('.')).then(|| label.to_owned());
        }
        let offered = self.choices.iter().any(|choice| choice.value == host);
        let ends_well = |suffix: &String| host.ends_with(suffix.as_str());
        let allowed = || {
            let public = self.any_host && host.contains('.') && !is_number(&host);
            public || self.allowed_suffixes.iter().any(ends_well)
        };
        (is_host_name(&host) && (offered || allowed())).then_some(host)
    }
}

/// A name for a path or parameter: the unreserved characters of RFC 3986, and no dot segment.
fn is_word(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
    (1..=64).contains(&text.len())
        && text.bytes().all(unreserved)
        && text.bytes().any(|b| b != b'.')
}

/// An address of digits and no name, in whichever spelling: the last label says so.
fn is_number(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.starts_with(|c: char| c.is_ascii_digit())
}

/// What may be a host in a pasted text. Only ASCII is lowered: some other capital letters become
/// ASCII ones and would get past the check.
fn host_in(text: &str) -> String {
    let lower = text.trim().to_ascii_lowercase();
    let rest = lower.strip_prefix("https://").unwrap_or(&lower);
    rest.split(['/', '?', '#'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

/// One or more labels of DNS characters with dots between (RFC 1123): no port, no user, no escape.
pub(super) fn is_host_name(text: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    text.len() <= 253 && text.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Catalog;

    fn login_host(sent: &[(&str, &str)]) -> Result<String, InputRefused> {
        let catalog = Catalog::built_in().expect("the built-in definitions");
        let salesforce = catalog.get("salesforce").expect("Salesforce");
        let sent = sent
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        salesforce
            .resolve_inputs(AskedOf::EndUser, &sent)
            .map(|mut values| values.remove("login_host").expect("its one input"))
    }

    #[test]
    fn what_people_type_and_paste_is_understood() {
        for (typed, host) in [
            ("", "login.salesforce.com"),
            ("   ", "login.salesforce.com"),
            ("login.salesforce.com", "login.salesforce.com"),
            ("test.salesforce.com", "test.salesforce.com"),
            ("  Acme.My.Salesforce.com ", "acme.my.salesforce.com"),
            (
                "https://acme.my.salesforce.com/lightning/page/home?a=b#c",
                "acme.my.salesforce.com",
            ),
            ("HTTPS://ACME.MY.SALESFORCE.COM", "acme.my.salesforce.com"),
            (
                "acme--uat.sandbox.my.salesforce.com/",
                "acme--uat.sandbox.my.salesforce.com",
            ),
        ] {
            assert_eq!(
                login_host(&[("login_host", typed)]).as_deref(),
                Ok(host),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn disguises_are_refused() {
        let long = format!("{}.my.salesforce.com", "a".repeat(64));
        for typed in [
            "evil.com",
            "evil.com/.my.salesforce.com",
            "https://evil.com/.my.salesforce.com",
            "evil.com#.my.salesforce.com",
            "evil.com?x=.my.salesforce.com",
            "evil.com\\.my.salesforce.com",
            "user@x.my.salesforce.com",
            "user:secret@x.my.salesforce.com",
            "x.my.salesforce.com:8080",
            "x.my.salesforce.com@evil.com",
            "x.my.salesforce.com.evil.com",
            "x.my.salesforce.com.",
            "xmy.salesforce.com",
            "my.salesforce.com",
            ".my.salesforce.com",
            "-x.my.salesforce.com",
            "a..my.salesforce.com",
            "a b.my.salesforce.com",
            "a\t.my.salesforce.com",
            "a%2f.my.salesforce.com",
            "bücher.my.salesforce.com",
            // U+FF0E, a full-width dot
            "evil.com\u{ff0e}my.salesforce.com",
            // U+212A, the Kelvin sign, becomes a k when lowered
            "x\u{212a}.my.salesforce.com",
            "x.my.sale\u{17f}force.com",
            "http://x.my.salesforce.com",
            "javascript:alert(1)",
            "acme.lightning.force.com",
            "127.0.0.1",
            "localhost",
            &long,
        ] {
            assert_eq!(
                login_host(&[("login_host", typed)]),
                Err(InputRefused {
                    input: "login_host".to_owned()
                }),
                "{typed:?}"
            );
        }
    }

    #[test]
    fn the_free_choice_takes_its_own_field() {
        assert_eq!(
            login_host(&[
                ("login_host", "other"),
                ("login_host_other", "https://acme.my.salesforce.com/"),
            ])
            .as_deref(),
            Ok("acme.my.salesforce.com")
        );
        // a text that was left behind does not count when a choice is made
        assert_eq!(
            login_host(&[
                ("login_host", "test.salesforce.com"),
                ("login_host_other", "acme.my.salesforce.com"),
            ])
            .as_deref(),
            Ok("test.salesforce.com")
        );
        for nothing in [
            &[("login_host", "other")][..],
            &[("login_host", "other"), ("login_host_other", " ")][..],
        ] {
            assert!(login_host(nothing).is_err(), "{nothing:?}");
        }
    }

    #[test]
    fn what_is_no_input_is_left_out() {
        let catalog = Catalog::built_in().expect("the built-in definitions");
        let apollo = catalog.get("apollo").expect("Apollo");
        let sent = BTreeMap::from([("login_host".to_owned(), "evil.com".to_owned())]);
        assert_eq!(
            apollo.resolve_inputs(AskedOf::EndUser, &sent),
            Ok(BTreeMap::new())
        );
    }

    fn accepted(input: &str, typed: &str) -> Option<String> {
        let input: Input = toml::from_str(&format!(
            "name = \"x\"\nlabel = \"X\"\nhint = \"\"\n{input}"
        ))
        .expect("an input");
        input.accept(typed)
    }

    #[test]
    fn a_subdomain_is_taken_from_what_is_pasted() {
        let zendesk = r#"subdomain_of = "zendesk.com""#;
        for (typed, label) in [
            ("acme", Some("acme")),
            ("Acme.zendesk.com", Some("acme")),
            ("https://acme.zendesk.com/agent/dashboard?x=1", Some("acme")),
            ("", None),
            ("acme.example", None),
            ("a.b", None),
            ("a.b.zendesk.com", None),
            ("evil.example/.zendesk.com", None),
            ("acme@evil", None),
            ("-acme", None),
            ("127.0.0.1", None),
        ] {
            assert_eq!(accepted(zendesk, typed).as_deref(), label, "{typed}");
        }
    }

    #[test]
    fn any_host_is_a_name_with_a_dot_and_no_address() {
        for (typed, host) in [
            ("git.acme.example", Some("git.acme.example")),
            (
                "https://git.acme.example/users/sign_in",
                Some("git.acme.example"),
            ),
            ("localhost", None),
            ("127.0.0.1", None),
            ("2130706433", None),
            ("0x7f.1", None),
            ("127.1", None),
            ("git.acme.example:8443", None),
            ("[::1]", None),
            ("user@git.acme.example", None),
        ] {
            assert_eq!(
                accepted("any_host = true", typed).as_deref(),
                host,
                "{typed}"
            );
        }
    }

    #[test]
    fn a_word_stays_a_word() {
        for (typed, word) in [
            ("common", Some("common")),
            (
                "72f988bf-86f1-41af-91ab-2d7cd011db47",
                Some("72f988bf-86f1-41af-91ab-2d7cd011db47"),
            ),
            ("Acme.onmicrosoft.com", Some("Acme.onmicrosoft.com")),
            ("", None),
            ("..", None),
            ("a/b", None),
            ("a?b", None),
            ("a b", None),
        ] {
            assert_eq!(accepted("word = true", typed).as_deref(), word, "{typed}");
        }
    }

    #[test]
    fn what_follows_from_a_choice_comes_along() {
        let catalog = Catalog::built_in().expect("the built-in definitions");
        let intercom = catalog.get("intercom").expect("Intercom");
        let asked_of = intercom.inputs[0].asked_of;
        let name = intercom.inputs[0].name.clone();
        for choice in &intercom.inputs[0].choices {
            let sent = BTreeMap::from([(name.clone(), choice.value.clone())]);
            let values = intercom.resolve_inputs(asked_of, &sent).expect("a choice");
            assert!(!choice.sets.is_empty());
            for (placeholder, value) in &choice.sets {
                assert_eq!(values.get(placeholder), Some(value));
            }
        }
    }
}
