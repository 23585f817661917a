//! Where a call goes: the caller's path joined to the provider's base.
//!
//! Path and query are the caller's, and percent-encoding is theirs: `group%2Fproject` stays what it
//! is. So a path is not repaired but refused where any reading of it could leave the base: dot
//! segments however they are written, behind encoded slashes, backslashes and path parameters, and
//! encoded several times over. What is left is held against the base once more after it was joined.

use percent_encoding::percent_decode;
use std::borrow::Cow;
use url::{Position, Url};

/// Encoded more often than this, a path is meant to be misread by somebody.
const MOST_ROUNDS: usize = 4;

/// Why a path is not joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongTarget {
    /// `.` or `..`, however written.
    #[error("the path has a segment that means another place")]
    DotSegment,
    /// Characters that are no part of a path: controls, backslashes, overlong forms.
    #[error("the path has characters that cannot be sent")]
    Character,
    /// Percent-encoded again and again.
    #[error("the path is percent-encoded too often")]
    Encoding,
    /// It would leave the base.
    #[error("the path leads outside of the provider's API")]
    Outside,
}

/// `base`, `/`, `path`, `?` and `query`. Some providers document paths that begin with the path of the
/// base (`/api/v2/tickets` at Zendesk): there it is not written twice.
pub(super) fn join(base: &Url, path: &str, query: Option<&str>) -> Result<Url, WrongTarget> {
    check(path)?;
    let stem = base[..Position::AfterPath].trim_end_matches('/');
    let mut text = stem.to_owned();
    if let Some(rest) = below_base(base, path) {
        text.push_str(rest);
    } else if !path.is_empty() {
        text.push('/');
        text.push_str(path);
    }
    if let Some(query) = query {
        text.push('?');
        text.push_str(query);
    }
    let url = Url::parse(&text).map_err(|_| WrongTarget::Outside)?;
    if is_within(base, &url) {
        Ok(url)
    } else {
        Err(WrongTarget::Outside)
    }
}

/// What of a path comes after the path of the base, if it begins with that: nothing, or a `/` and more.
fn below_base<'path>(base: &Url, path: &'path str) -> Option<&'path str> {
    let stem = base.path().trim_matches('/');
    let rest = path.strip_prefix(stem).filter(|_| !stem.is_empty())?;
    (rest.is_empty() || rest.starts_with('/')).then_some(rest)
}

/// Whether `url` has the origin of `base` and lies below its path.
pub(super) fn is_within(base: &Url, url: &Url) -> bool {
    let stem = base.path().trim_end_matches('/');
    let below = url
        .path()
        .strip_prefix(stem)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    let bare = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    below && bare && url.origin() == base.origin()
}

fn check(path: &str) -> Result<(), WrongTarget> {
    if path.contains(['\\', '#', '?']) {
        return Err(WrongTarget::Character);
    }
    let mut text = Cow::Borrowed(path.as_bytes());
    for _ in 0..MOST_ROUNDS {
        check_as_read(&text)?;
        let decoded = percent_decode(&text).collect::<Vec<u8>>();
        if decoded == *text {
            return Ok(());
        }
        text = Cow::Owned(decoded);
    }
    Err(WrongTarget::Encoding)
}

/// One reading of a path, with everything taken for a separator that some server takes for one.
fn check_as_read(text: &[u8]) -> Result<(), WrongTarget> {
    // 0xC0 and 0xC1 stand in no UTF-8; old decoders read an overlong dot or slash in them
    let is_odd = |byte: &u8| byte.is_ascii_control() || matches!(byte, 0xC0 | 0xC1);
    if text.iter().any(is_odd) {
        return Err(WrongTarget::Character);
    }
    let segments = text.split(|byte| matches!(byte, b'/' | b'\\'));
    for segment in segments {
        let name = segment.split(|byte| *byte == b';').next();
        let name = name.unwrap_or_default().trim_ascii();
        if matches!(name, b"." | b"..") {
            return Err(WrongTarget::DotSegment);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn base() -> Url {
        Url::parse("https://api.acme.example/v1").expect("a URL")
    }

    #[test]
    fn a_path_arrives_as_it_was_sent() {
        for (path, query, url) in [
            ("users/me", None, "https://api.acme.example/v1/users/me"),
            ("", None, "https://api.acme.example/v1"),
            ("", Some("a=1"), "https://api.acme.example/v1?a=1"),
            ("users/", None, "https://api.acme.example/v1/users/"),
            // as the provider documents them
            ("v1/users/me", None, "https://api.acme.example/v1/users/me"),
            ("v1", None, "https://api.acme.example/v1"),
            ("v1/", None, "https://api.acme.example/v1/"),
            ("v10/users", None, "https://api.acme.example/v1/v10/users"),
            ("v1/v1/users", None, "https://api.acme.example/v1/v1/users"),
            (
                "projects/group%2Fproject/files/a%20b",
                Some("q=%2e%2e%2f&q=a+b%26"),
                "https://api.acme.example/v1/projects/group%2Fproject/files/a%20b?q=%2e%2e%2f&q=a+b%26",
            ),
            (
                "search/...",
                Some("next=https://evil.example/../x"),
                "https://api.acme.example/v1/search/...?next=https://evil.example/../x",
            ),
            (
                "sites/https%3A%2F%2Fexample.com%2F",
                None,
                "https://api.acme.example/v1/sites/https%3A%2F%2Fexample.com%2F",
            ),
            (
                "/evil.example/x",
                None,
                "https://api.acme.example/v1//evil.example/x",
            ),
            (
                "@evil.example",
                None,
                "https://api.acme.example/v1/@evil.example",
            ),
            ("a:b@c/d", None, "https://api.acme.example/v1/a:b@c/d"),
            ("100%", None, "https://api.acme.example/v1/100%"),
            ("caf%C3%A9", None, "https://api.acme.example/v1/caf%C3%A9"),
        ] {
            let joined = join(&base(), path, query).map(String::from);
            assert_eq!(joined.as_deref(), Ok(url), "{path}");
        }
    }

    #[test]
    fn a_base_without_a_path_keeps_its_origin() {
        let base = Url::parse("https://api.acme.example").expect("a URL");
        for path in [
            "",
            "/",
            "//evil.example/",
            "@evil.example",
            ".evil.example",
            ":443@evil.example",
        ] {
            let joined = join(&base, path, None).expect("joined");
            assert_eq!(joined.host_str(), Some("api.acme.example"), "{path}");
            assert!(joined.username().is_empty(), "{path}");
        }
    }

    #[test]
    fn whatever_could_be_read_as_another_place_is_refused() {
        for path in [
            "..",
            ".",
            "../admin",
            "users/../../admin",
            "users/./me",
            "users/..",
            "%2e%2e/admin",
            "%2E%2E/admin",
            ".%2e/admin",
            "%2e./admin",
            "..%2fadmin",
            "..%5cadmin",
            "%2e%2e%2fadmin",
            "users%2f..%2f..%2fadmin",
            "%252e%252e%252fadmin",
            "%25252e%25252e/admin",
            "..;/admin",
            "..;a=b/admin",
            "%2e%2e%3b/admin",
            "..%20/admin",
            "users\\..\\admin",
            "\\\\evil.example",
            "..%c0%af",
            "%c0%ae%c0%ae/admin",
            "a%00b",
            "a%0d%0aHost:%20evil.example",
            "a%09b",
            "%7f",
            "%25252525252e",
            "a#b",
        ] {
            assert!(join(&base(), path, None).is_err(), "{path}");
        }
    }

    proptest! {
        /// Made of the pieces that attacks are made of.
        #[test]
        fn nothing_leaves_the_base(
            pieces in prop::collection::vec(
                prop_oneof![
                    Just("..".to_owned()), Just(".".to_owned()), Just("/".to_owned()), Just("\\".to_owned()),
                    Just("%2e".to_owned()), Just("%2f".to_owned()), Just("%5c".to_owned()), Just("%25".to_owned()),
                    Just(";".to_owned()), Just("@".to_owned()), Just(":".to_owned()), Just("#".to_owned()),
                    Just("?".to_owned()), Just("//".to_owned()), Just("evil.example".to_owned()), Just("v1".to_owned()),
                    "[ -~]{0,4}", "\\PC{0,2}",
                ],
                0..12,
            ),
            query in prop::option::of("[ -~]{0,20}"),
        ) {
            let path = pieces.concat();
            if let Ok(url) = join(&base(), &path, query.as_deref()) {
                prop_assert_eq!(url.origin(), base().origin());
                prop_assert!(url.path() == "/v1" || url.path().starts_with("/v1/"), "{}", url);
                let mut read = url.path().to_owned();
                for _ in 0..6 {
                    let climbs = read.split(['/', '\\']).any(|segment| segment == ".." || segment.starts_with("..;"));
                    prop_assert!(!climbs, "{} from {}", read, path);
                    read = percent_decode(read.as_bytes()).decode_utf8_lossy().into_owned();
                }
            }
        }
    }
}
