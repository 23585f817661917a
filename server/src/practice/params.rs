//! Parameters of a query or a form (RFC 6749 appendix B).

use std::collections::BTreeMap;
use url::form_urlencoded;

/// Parameters by name. One without a value counts as absent (RFC 6749 section 3.1).
pub(super) struct Params(BTreeMap<String, String>);

/// A parameter came twice, which RFC 6749 section 3.1 forbids.
pub(super) struct Repeated;

impl Params {
    /// Reads what was sent.
    pub(super) fn read(encoded: &[u8]) -> Result<Self, Repeated> {
        let mut params = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(encoded) {
            let earlier = params.insert(name.into_owned(), value.into_owned());
            if earlier.is_some() {
                return Err(Repeated);
            }
        }
        Ok(Self(params))
    }

    /// The value of a parameter that is there and not empty.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .get(name)
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }
}
