//! Return URLs: where the browser goes when the end user is done (R15).

use url::{Host, Url};

/// Why a URL cannot be registered as a return URL, as the end of a sentence that begins with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReturnUrlProblem {
    /// It cannot be read.
    #[error("is not an absolute URL")]
    NotAUrl,
    /// Anyone on the way could read what comes back.
    #[error("has to begin with https:// (http:// is for localhost alone)")]
    NotHttps,
    /// A name and password stand in it, or a fragment.
    #[error("may have no user name, password or fragment")]
    ForbiddenPart,
}

/// Reads a URL that is to be registered.
pub fn read_return_url(text: &str) -> Result<Url, ReturnUrlProblem> {
    // a URL parser drops or turns what it finds of these, so that two texts become one URL
    if text
        .chars()
        .any(|c| c.is_control() || c.is_whitespace() || c == '\\')
    {
        return Err(ReturnUrlProblem::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| ReturnUrlProblem::NotAUrl)?;
    let local = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    let secure = url.scheme() == "https"
        && text
            .get(..8)
            .is_some_and(|start| start.eq_ignore_ascii_case("https://"));
    let plain = url.scheme() == "http"
        && text
            .get(..7)
            .is_some_and(|start| start.eq_ignore_ascii_case("http://"))
        && local;
    if !secure && !plain {
        return Err(ReturnUrlProblem::NotHttps);
    }
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err(ReturnUrlProblem::ForbiddenPart);
    }
    Ok(url)
}

/// The registered return URL that `wanted` is, compared as a whole after parsing both.
#[must_use]
pub fn registered<'a>(wanted: &str, registered: &'a [String]) -> Option<&'a str> {
    let wanted = read_return_url(wanted).ok()?;
    registered
        .iter()
        .find(|one| read_return_url(one).is_ok_and(|one| one == wanted))
        .map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_registered_url_itself_is_found() {
        let list = [
            "https://app.acme.example/integrations".to_owned(),
            "http://localhost:5173/done?tab=1".to_owned(),
        ];
        for (wanted, expected) in [
            ("https://app.acme.example/integrations", Some(0)),
            ("https://APP.acme.example:443/integrations", Some(0)),
            ("http://localhost:5173/done?tab=1", Some(1)),
            ("http://localhost:5173/done", None),
            ("http://localhost:5173/done?tab=2", None),
            ("https://app.acme.example/integrations/", None),
            ("https://app.acme.example/integrations?x=1", None),
            ("https://app.acme.example/integrations#x", None),
            ("https://app.acme.example:8443/integrations", None),
            ("http://app.acme.example/integrations", None),
            ("//app.acme.example/integrations", None),
            ("/integrations", None),
            ("/\\app.acme.example/integrations", None),
            ("https:app.acme.example/integrations", None),
            ("https:\\\\app.acme.example\\integrations", None),
            ("https://good@app.acme.example/integrations", None),
            ("https://app.acme.example@evil.example/integrations", None),
            ("https://app.acme.example.evil.example/integrations", None),
            (
                "https://evil.example/%2f%2fapp.acme.example/integrations",
                None,
            ),
            ("https://app.acme.example/\tintegrations", None),
            ("https://app.acme.example/integrations\n", None),
            (" https://app.acme.example/integrations", None),
            ("https://app\u{3002}acme.example/integrations\u{200b}", None),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("", None),
        ] {
            assert_eq!(
                registered(wanted, &list),
                expected.map(|index: usize| list[index].as_str()),
                "{wanted:?}"
            );
        }
    }

    #[test]
    fn what_may_be_registered() {
        for (text, expected) in [
            ("https://app.acme.example/integrations", None),
            ("http://127.0.0.1:3000/", None),
            ("http://[::1]:3000/", None),
            ("http://localhost/", None),
            (
                "http://localhost.evil.example/",
                Some(ReturnUrlProblem::NotHttps),
            ),
            ("http://app.acme.example/", Some(ReturnUrlProblem::NotHttps)),
            ("custom://app", Some(ReturnUrlProblem::NotHttps)),
            ("app.acme.example", Some(ReturnUrlProblem::NotAUrl)),
            (
                "https://a:b@app.acme.example/",
                Some(ReturnUrlProblem::ForbiddenPart),
            ),
            (
                "https://app.acme.example/#/done",
                Some(ReturnUrlProblem::ForbiddenPart),
            ),
        ] {
            assert_eq!(read_return_url(text).err(), expected, "{text}");
        }
    }
}
