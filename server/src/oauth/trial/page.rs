//! What an authorize page says about a redirect URI.
//!
//! Nothing standardises it: some answer 400 with a sentence, some 200 with a page, some lead to a
//! page of errors. A complaint names the redirect URI in one of its usual spellings and says within
//! a few words that it is not right. What only repeats our request, as forms and links do, is none.

use crate::catalog::Definition;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use percent_encoding::percent_decode_str;
use url::Url;

/// How a redirect URI is called.
const SPELLINGS: [&str; 9] = [
    "redirect_uri",
    "redirect uri",
    "redirecturi",
    "redirect-uri",
    "redirect_url",
    "redirect url",
    "callback url",
    "callback_url",
    "callback uri",
];
/// How it is said that it is not right.
const COMPLAINTS: [&str; 21] = [
    "mismatch",
    "invalid",
    "not match",
    "n't match",
    "n’t match",
    "not registered",
    "unregistered",
    "not allowed",
    "disallowed",
    "not permitted",
    "not valid",
    "not supported",
    "not authorized",
    "unauthorized",
    "not whitelisted",
    "not configured",
    "not one of",
    "not the one",
    "incorrect",
    "unknown",
    "illegal",
];
/// So many characters may stand between the two.
const NEAR: usize = 80;
/// No complaint is looked for behind so many characters.
const LONGEST: usize = 100_000;

/// An authorize page.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) status: u16,
    pub(super) location: Option<Url>,
    pub(super) body: String,
}

/// What a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sight {
    /// It leads back to the redirect URI.
    SentBack,
    /// It complains about the redirect URI.
    Complaint,
    /// It refuses the request, without saying that it is because of the redirect URI.
    Refusal,
    /// It is a bad moment.
    Broken,
    /// A page, or a way to one.
    Nothing,
}

impl Page {
    /// What it shows to somebody who asked with this redirect URI.
    pub(super) fn sight(&self, redirect_uri: &str, definition: &Definition) -> Sight {
        if self.leads_to(redirect_uri) {
            return Sight::SentBack;
        }
        if matches!(self.status, 429 | 500..) {
            return Sight::Broken;
        }
        let own = &definition.trial.redirect_complaints;
        let text = self.text(redirect_uri);
        if complains(&text) || own.iter().any(|words| text.contains(&words.to_lowercase())) {
            return Sight::Complaint;
        }
        if (400..500).contains(&self.status) {
            return Sight::Refusal;
        }
        Sight::Nothing
    }

    /// Whether this page, of another redirect URI, shows a refusal that `ours` does not show.
    pub(super) fn is_refused_unlike(
        &self,
        ours: &Self,
        redirect_uri: &str,
        definition: &Definition,
    ) -> bool {
        match self.sight(redirect_uri, definition) {
            Sight::Complaint => true,
            Sight::Refusal => ours.status < 400,
            Sight::SentBack | Sight::Broken | Sight::Nothing => false,
        }
    }

    fn leads_to(&self, redirect_uri: &str) -> bool {
        let (Some(location), Ok(expected)) = (&self.location, Url::parse(redirect_uri)) else {
            return false;
        };
        location.origin() == expected.origin() && location.path() == expected.path()
    }

    /// All that it says, in lower case, without markup and without what repeats our request.
    fn text(&self, redirect_uri: &str) -> String {
        let body: String = self.body.chars().take(LONGEST).collect();
        let mut text = without_markup(&body.to_lowercase());
        if let Some(location) = &self.location {
            text.push('\n');
            text.push_str(&words_of(location));
        }
        text.replace(&redirect_uri.to_lowercase(), "")
            .replace("redirect_uri=", "")
    }
}

/// The words of an address: decoded, as often as it was encoded, and what hides in its parameters.
fn words_of(location: &Url) -> String {
    let mut words = location.as_str().to_owned();
    for _ in 0..3 {
        words = percent_decode_str(&words).decode_utf8_lossy().into_owned();
    }
    for (_, value) in location.query_pairs() {
        if let Ok(hidden) = URL_SAFE_NO_PAD.decode(value.trim_end_matches('=')) {
            words.push('\n');
            words.push_str(&String::from_utf8_lossy(&hidden));
        }
    }
    words.replace('+', " ").to_lowercase()
}

fn complains(text: &str) -> bool {
    SPELLINGS.iter().any(|spelling| {
        text.match_indices(spelling).any(|(at, _)| {
            let around = around(text, at, at + spelling.len());
            COMPLAINTS.iter().any(|words| around.contains(words))
        })
    })
}

/// The text from `NEAR` bytes before `start` to `NEAR` behind `end`, cut between characters.
fn around(text: &str, start: usize, end: usize) -> &str {
    let mut from = start.saturating_sub(NEAR);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let mut to = (end + NEAR).min(text.len());
    while !text.is_char_boundary(to) {
        to += 1;
    }
    &text[from..to]
}

/// A page without scripts, styles, comments and tags. `html` is in lower case.
fn without_markup(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, tag)) = rest.split_once('<') {
        text.push_str(before);
        text.push(' ');
        let end = if tag.starts_with("script") {
            "</script>"
        } else if tag.starts_with("style") {
            "</style>"
        } else if tag.starts_with("!--") {
            "-->"
        } else {
            ">"
        };
        rest = tag.split_once(end).map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&quot;", "\"")
        .replace("&nbsp;", " ")
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
