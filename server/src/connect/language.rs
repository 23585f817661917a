//! In which language the pages of the flow are written.
//!
//! The session's `locale` decides, else what the browser asks for (`Accept-Language`, RFC 9110
//! section 12.5.4), else it is English. The browser's wish holds for a whole request, pages of
//! problems without any session included, and is therefore kept beside it ([`heard`]) and not
//! handed from function to function.

use app::wire::Language;
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

tokio::task_local! {
    /// What the browser of this request asks for.
    static BROWSERS: Option<Language>;
}

/// The layer that hears which language the browser asks for.
pub(super) async fn heard(request: Request, next: Next) -> Response {
    let language = asked_for(request.headers());
    BROWSERS.scope(language, next.run(request)).await
}

/// The language of a page for a session with this `locale`; `None` where no session is known.
pub(super) fn chosen(locale: Option<&str>) -> Language {
    let browsers = || BROWSERS.try_with(|language| *language).ok().flatten();
    locale
        .and_then(Language::of_tag)
        .or_else(browsers)
        .unwrap_or_default()
}

/// The language that is liked best of those in which pages are written; of equals, the first.
fn asked_for(headers: &HeaderMap) -> Option<Language> {
    let mut best = None;
    let mut most = 0;
    let lines = headers.get_all(header::ACCEPT_LANGUAGE).iter();
    for wish in lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
    {
        let (tag, weight) = wish.split_once(';').unwrap_or((wish, "q=1"));
        let (Some(language), Some(weight)) = (Language::of_tag(tag.trim()), thousandths(weight))
        else {
            continue;
        };
        if weight > most {
            (best, most) = (Some(language), weight);
        }
    }
    best
}

/// `q=0.8` in thousandths; `None` where it is no weight.
fn thousandths(weight: &str) -> Option<u16> {
    let (name, value) = weight.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let (whole, part) = value.trim().split_once('.').unwrap_or((value.trim(), ""));
    let digits = part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    let part: u16 = format!("{part:0<3}").parse().ok().filter(|_| digits)?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn of(lines: &[&str]) -> Option<Language> {
        let mut headers = HeaderMap::new();
        for line in lines {
            let line = HeaderValue::from_bytes(line.as_bytes()).expect("a header");
            headers.append(header::ACCEPT_LANGUAGE, line);
        }
        asked_for(&headers)
    }

    #[test]
    fn the_browsers_first_choice_that_we_speak_is_taken() {
        for (line, language) in [
            ("de", Some(Language::De)),
            ("ja,en;q=0.5", Some(Language::Ja)),
            (
                "fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5",
                Some(Language::Fr),
            ),
            ("en;q=0.5,ja", Some(Language::Ja)),
            ("nl,es;q=0.9,de;q=0.8", Some(Language::Es)),
            ("PT-br ; Q=0.300 , en ; q = 0.2", Some(Language::Pt)),
            ("de;q=0.8,fr;q=0.8", Some(Language::De)),
            ("de;q=0.80,fr;q=0.801", Some(Language::Fr)),
            ("de;q=0,fr;q=0.001", Some(Language::Fr)),
            ("de;q=0", None),
            ("de;q=1.000", Some(Language::De)),
            ("nl,*", None),
            ("*", None),
            ("", None),
            (",;,", None),
        ] {
            assert_eq!(of(&[line]), language, "{line:?}");
        }
        assert_eq!(of(&["nl;q=0.9", "de;q=0.4, ja;q=0.5"]), Some(Language::Ja));
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn what_is_no_weight_counts_for_nothing() {
        for line in [
            "de;q=2",
            "de;q=1.1",
            "de;q=-1",
            "de;q=+0.5",
            "de;q=0.1234",
            "de;q=0.5.5",
            "de;q=.5",
            "de;q=",
            "de;q",
            "de;level=1",
            "de;q=0.8;q=1",
            "de;q=1e0",
            "de;q=0.+5",
        ] {
            assert_eq!(of(&[line]), None, "{line:?}");
            let with_other = format!("{line},fr;q=0.1");
            assert_eq!(of(&[&with_other]), Some(Language::Fr), "{line:?}");
        }
        assert_eq!(of(&["\u{fc}ber, de"]), None);
    }

    #[tokio::test]
    async fn the_session_decides_before_the_browser() {
        let page = |locale: Option<&'static str>, browser| {
            BROWSERS.scope(browser, async move { chosen(locale) })
        };
        for (locale, browser, language) in [
            (Some("pt-BR"), Some(Language::De), Language::Pt),
            (Some("nl"), Some(Language::De), Language::De),
            (None, Some(Language::Ja), Language::Ja),
            (Some("en-GB"), Some(Language::De), Language::En),
            (Some("nl"), None, Language::En),
            (None, None, Language::En),
        ] {
            assert_eq!(page(locale, browser).await, language, "{locale:?}");
        }
    }
}
