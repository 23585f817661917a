//! URL templates: `https://{login_host}/services/oauth2/token`.
//!
//! A placeholder stands for something that the end user filled in or that the provider answered,
//! so it decides where a request with a secret goes. Therefore a value may hold only characters
//! that cannot end a host or begin a path, and only a template that *begins* with a placeholder
//! (`{instance_url}/id`) takes a whole address for it, which must be https (C1, C2).

use std::collections::BTreeMap;
use url::Url;

/// Why a template and its values make no URL.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// A brace without its partner, or nothing between the two.
    #[error("a brace of the address has no partner")]
    Braces,
    /// Nothing is known under this name.
    #[error("nothing is known to put in the place of {{{name}}}")]
    Missing {
        /// Name of the placeholder.
        name: String,
    },
    /// The value could change more of the URL than its place.
    #[error("what is known for {{{name}}} cannot stand in an address")]
    Unfit {
        /// Name of the placeholder.
        name: String,
    },
    /// The result is no absolute URL.
    #[error("the address is not absolute")]
    NotAUrl,
}

/// Puts `values` into `template`.
///
/// # Errors
/// When a value is missing or does not fit, or when no absolute URL results.
pub fn fill(template: &str, values: &BTreeMap<String, String>) -> Result<Url, TemplateError> {
    let mut text = String::new();
    for part in parts(template)? {
        match part {
            Part::Text(fixed) => text.push_str(fixed),
            Part::Placeholder(name) => {
                let value = values.get(name).ok_or_else(|| TemplateError::Missing {
                    name: name.to_owned(),
                })?;
                let fitting = if text.is_empty() {
                    base(value)
                } else {
                    plain(value)
                };
                text.push_str(fitting.ok_or_else(|| TemplateError::Unfit {
                    name: name.to_owned(),
                })?);
            }
        }
    }
    Url::parse(&text).map_err(|_| TemplateError::NotAUrl)
}

/// Puts `values` into a text that is no address, e.g. a parameter's value. `None`: nothing is known
/// for one of its placeholders. A text with braces that do not match stays as it is.
#[must_use]
pub fn fill_text(template: &str, values: &BTreeMap<String, String>) -> Option<String> {
    let Ok(parts) = parts(template) else {
        return Some(template.to_owned());
    };
    let texts = parts.into_iter().map(|part| match part {
        Part::Text(fixed) => Some(fixed),
        Part::Placeholder(name) => values.get(name).map(String::as_str),
    });
    texts.collect()
}

/// The names between the braces of `template`, in order.
///
/// # Errors
/// When a brace has no partner.
pub fn placeholders(template: &str) -> Result<Vec<&str>, TemplateError> {
    let names = parts(template)?.into_iter().filter_map(|part| match part {
        Part::Placeholder(name) => Some(name),
        Part::Text(_) => None,
    });
    Ok(names.collect())
}

enum Part<'a> {
    Text(&'a str),
    Placeholder(&'a str),
}

fn parts(template: &str) -> Result<Vec<Part<'_>>, TemplateError> {
    let mut parts = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, behind) = after.split_once('}').ok_or(TemplateError::Braces)?;
        if name.is_empty() || name.contains('{') || before.contains('}') {
            return Err(TemplateError::Braces);
        }
        if !before.is_empty() {
            parts.push(Part::Text(before));
        }
        parts.push(Part::Placeholder(name));
        rest = behind;
    }
    if rest.contains('}') {
        return Err(TemplateError::Braces);
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    Ok(parts)
}

/// A value inside a host or path: the unreserved characters of RFC 3986, and no dot segment.
fn plain(value: &str) -> Option<&str> {
    let unreserved = value
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'));
    (unreserved && !value.is_empty() && value != "." && value != "..").then_some(value)
}

/// A value that a template begins with: an https address without user, query and fragment.
fn base(value: &str) -> Option<&str> {
    let url = Url::parse(value).ok()?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    (url.scheme() == "https" && bare).then(|| value.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn a_host_and_a_whole_address_are_put_in() {
        for (template, known, url) in [
            (
                "https://{login_host}/services/oauth2/token",
                values(&[("login_host", "acme.my.salesforce.com")]),
                "https://acme.my.salesforce.com/services/oauth2/token",
            ),
            (
                "{instance_url}/services/oauth2/userinfo",
                values(&[("instance_url", "https://acme.my.salesforce.com/")]),
                "https://acme.my.salesforce.com/services/oauth2/userinfo",
            ),
            (
                "https://{shop}.example.com/accounts/{id}",
                values(&[("shop", "acme"), ("id", "A-17_b")]),
                "https://acme.example.com/accounts/A-17_b",
            ),
            (
                "https://app.apollo.io/#/oauth/authorize",
                values(&[]),
                "https://app.apollo.io/#/oauth/authorize",
            ),
        ] {
            let filled = fill(template, &known).expect(template);
            assert_eq!(filled.as_str(), url);
        }
    }

    #[test]
    fn a_value_cannot_leave_its_place() {
        for value in [
            "",
            ".",
            "..",
            "evil.example/",
            "evil.example/.my.salesforce.com",
            "evil.example#.my.salesforce.com",
            "evil.example?.my.salesforce.com",
            "user@evil.example",
            "acme.my.salesforce.com:8080",
            "acme\\evil",
            "acme%2eevil",
            "acmé",
            "a b",
            "a\nb",
        ] {
            assert_eq!(
                fill("https://{host}/token", &values(&[("host", value)])),
                Err(TemplateError::Unfit {
                    name: "host".to_owned()
                }),
                "{value:?}"
            );
        }
    }

    #[test]
    fn a_whole_address_must_be_a_plain_https_one() {
        for value in [
            "http://acme.my.salesforce.com",
            "https://user@acme.my.salesforce.com",
            "https://acme.my.salesforce.com?x=1",
            "https://acme.my.salesforce.com#x",
            "acme.my.salesforce.com",
            "file:///etc/passwd",
        ] {
            assert_eq!(
                fill(
                    "{instance_url}/userinfo",
                    &values(&[("instance_url", value)])
                ),
                Err(TemplateError::Unfit {
                    name: "instance_url".to_owned()
                }),
                "{value:?}"
            );
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = fill("https://{login_host}/token", &values(&[])).expect_err("no value");
        assert_eq!(
            error.to_string(),
            "nothing is known to put in the place of {login_host}"
        );
    }

    #[test]
    fn braces_stand_in_pairs() {
        for template in [
            "https://{a/token",
            "https://a}/token",
            "https://{}/token",
            "https://{a{b}}/token",
            "https://a}{b}/token",
        ] {
            assert_eq!(
                placeholders(template),
                Err(TemplateError::Braces),
                "{template}"
            );
        }
        assert_eq!(placeholders("https://{a}.{b}/token"), Ok(vec!["a", "b"]));
    }

    #[test]
    fn a_path_alone_is_no_address() {
        assert_eq!(
            fill("/practice/token", &values(&[])),
            Err(TemplateError::NotAUrl)
        );
    }
}
