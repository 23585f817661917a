//! Origin overrides: another scheme, host and port for the addresses of the catalog.
//!
//! They let the shipped definitions run, as they are shipped, against a stand-in on this machine.
//! Every address that the catalog gives is rewritten, those that a browser follows included.
//! Issuer identifiers are names and not addresses, and stay.

use std::collections::BTreeMap;
use url::{Origin, Position, Url};

/// Which origins are replaced by which.
#[derive(Clone, Debug, Default)]
pub struct OriginOverrides(Vec<(Origin, Origin)>);

/// A text that says no overrides.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOverrides {
    /// Not a JSON object of texts.
    #[error(
        r#"the origin overrides are not a JSON object such as {{"https://app.apollo.io": "http://127.0.0.1:9400"}}"#
    )]
    NotAnObject,
    /// One of the texts is no origin.
    #[error("{0:?} is not an origin: write scheme, host and port only, e.g. http://127.0.0.1:9400")]
    NotAnOrigin(String),
}

impl std::str::FromStr for OriginOverrides {
    type Err = InvalidOverrides;

    /// From JSON: `{"https://app.apollo.io": "http://127.0.0.1:9400"}`. An empty text is none.
    fn from_str(json: &str) -> Result<Self, InvalidOverrides> {
        if json.trim().is_empty() {
            return Ok(Self::default());
        }
        let pairs: BTreeMap<String, String> =
            serde_json::from_str(json).map_err(|_| InvalidOverrides::NotAnObject)?;
        let pairs = pairs
            .iter()
            .map(|(from, to)| Ok((origin_of(from)?, origin_of(to)?)));
        pairs.collect::<Result<_, _>>().map(Self)
    }
}

impl OriginOverrides {
    /// Nothing is overridden.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The origins that take the place of others.
    pub fn targets(&self) -> impl Iterator<Item = Url> {
        self.0
            .iter()
            .filter_map(|(_, to)| Url::parse(&to.ascii_serialization()).ok())
    }

    /// `url` at the origin that takes the place of its own; path, query and fragment stay.
    #[must_use]
    pub fn apply(&self, url: Url) -> Url {
        let origin = url.origin();
        let Some((_, to)) = self.0.iter().find(|(from, _)| *from == origin) else {
            return url;
        };
        let moved = format!(
            "{}{}",
            to.ascii_serialization(),
            &url[Position::BeforePath..]
        );
        Url::parse(&moved).unwrap_or(url)
    }

    /// The same for a text that may be an address, e.g. a link of a guide. Any other text, and an
    /// address that nothing replaces, stays exactly as it is written.
    #[must_use]
    pub fn apply_str(&self, text: &str) -> String {
        let Ok(url) = Url::parse(text) else {
            return text.to_owned();
        };
        let moved = self.apply(url.clone());
        if moved == url {
            text.to_owned()
        } else {
            moved.into()
        }
    }
}

fn origin_of(text: &str) -> Result<Origin, InvalidOverrides> {
    let no_origin = || InvalidOverrides::NotAnOrigin(text.to_owned());
    let url = Url::parse(text).map_err(|_| no_origin())?;
    let web = matches!(url.scheme(), "http" | "https");
    let bare = url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if web && bare {
        Ok(url.origin())
    } else {
        Err(no_origin())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn overrides() -> OriginOverrides {
        r#"{"https://app.apollo.io": "http://127.0.0.1:9400",
            "https://acme.my.salesforce.com:443": "http://localhost:9500"}"#
            .parse()
            .expect("overrides")
    }

    #[test]
    fn the_origin_changes_and_the_rest_stays() {
        for (url, moved) in [
            (
                "https://app.apollo.io/#/oauth/authorize",
                "http://127.0.0.1:9400/#/oauth/authorize",
            ),
            (
                "https://app.apollo.io:443/api/v1/oauth/token?a=b%20c",
                "http://127.0.0.1:9400/api/v1/oauth/token?a=b%20c",
            ),
            (
                "https://acme.my.salesforce.com/services",
                "http://localhost:9500/services",
            ),
        ] {
            let url: Url = url.parse().expect("a URL");
            assert_eq!(overrides().apply(url).as_str(), moved);
        }
    }

    #[test]
    fn other_origins_stay() {
        for url in [
            "http://app.apollo.io/",
            "https://app.apollo.io:8443/",
            "https://api.apollo.io/",
            "https://app.apollo.io.evil.com/",
        ] {
            let url: Url = url.parse().expect("a URL");
            assert_eq!(overrides().apply(url.clone()), url);
        }
        assert_eq!(
            overrides().apply_str("Apps > My store apps"),
            "Apps > My store apps"
        );
        assert_eq!(
            overrides().apply_str("https://build.attio.com"),
            "https://build.attio.com"
        );
        assert_eq!(
            overrides().apply_str("https://app.apollo.io/#/settings/integrations"),
            "http://127.0.0.1:9400/#/settings/integrations"
        );
    }

    #[test]
    fn what_says_no_overrides_is_refused_with_the_reason() {
        let refused = |json: &str| json.parse::<OriginOverrides>().expect_err(json).to_string();
        for json in ["nonsense", "[]", r#"{"https://a.example": 1}"#] {
            assert!(refused(json).contains("JSON object"), "{json}");
        }
        for text in [
            "https://a.example/path",
            "https://a.example?x",
            "https://user@a.example",
            "ftp://a.example",
            "a.example",
        ] {
            let json = format!(r#"{{"https://b.example": "{text}"}}"#);
            let error = refused(&json);
            assert!(error.contains(text), "{error}");
        }
        assert!(
            "".parse::<OriginOverrides>()
                .expect("nothing set")
                .is_empty()
        );
    }
}
