//! What a provider answered, as staff may read it and the history may keep it: the status line, the type
//! of the body and its beginning, with everything hidden that is secret or looks like it.
//!
//! Providers repeat what they were sent, in any form that they like. So three rules hold at once, and too
//! much is hidden rather than too little: what we sent is hidden wherever it stands and however it is
//! written; members with a name like `token` are hidden whatever they hold; and any run of characters that
//! no person would write as a word is hidden, too.

use super::overheard::Heard;
use crate::vault::hex;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use http::HeaderName;
use serde_json::Value;
use std::collections::BTreeSet;
use url::form_urlencoded;

const HIDDEN: &str = "[hidden]";
/// So much of a body is kept, in bytes.
const LONGEST_BODY: usize = 2048;
/// So much of a body is looked at.
const LONGEST_READ: usize = 16 * 1024;
/// A shorter secret would be found everywhere by chance.
const SHORTEST_SECRET: usize = 6;
/// A run of so many characters without a space is no word: most tokens are longer.
const LONGEST_WORD: usize = 40;
/// The same with letters and digits mixed.
const LONGEST_MIXED: usize = 16;
/// Parameters of ours that are no secret.
const OPEN: [&str; 4] = ["grant_type", "scope", "redirect_uri", "client_id"];
/// Parts of the names of members that are.
const SECRET_NAMES: [&str; 12] = [
    "token",
    "secret",
    "password",
    "passwd",
    "assertion",
    "jwt",
    "verifier",
    "authorization",
    "cookie",
    "session",
    "credential",
    "api_key",
];
/// Names that are one.
const SECRET_NAME: [&str; 4] = ["code", "key", "state", "sig"];
/// Names with such a part that are none.
const OPEN_NAMES: [&str; 4] = ["token_type", "token_type_hint", "error_code", "expires_in"];

/// The last answer that was heard, if one came. `secrets` are those that we know beside what was sent.
#[must_use]
pub fn shown<'a>(heard: &Heard, secrets: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let answer = heard.answer.as_ref().ok()?;
    let hides = Hides::of(heard, secrets);
    let status = http::StatusCode::from_u16(answer.status).ok();
    let reason = status.and_then(|status| status.canonical_reason());
    let mut lines = vec![match reason {
        Some(reason) => format!("HTTP {} {reason}", answer.status),
        None => format!("HTTP {}", answer.status),
    }];
    if let Some(kind) = &answer.content_type {
        let kind: String = kind.chars().take(100).collect();
        lines.push(format!("content-type: {}", hides.in_text(&kind)));
    }
    let body = answer.body.expose();
    let read = &body[..body.len().min(LONGEST_READ)];
    let text = String::from_utf8_lossy(read);
    let text = text.trim_start_matches('\u{feff}').trim();
    if !text.is_empty() {
        lines.push(String::new());
        lines.push(cut(&visible(&hides.body(text)), body.len()));
    }
    Some(lines.join("\n"))
}

/// What is not to be seen.
struct Hides(BTreeSet<String>);

impl Hides {
    fn of<'a>(heard: &Heard, secrets: impl IntoIterator<Item = &'a str>) -> Self {
        let mut known: BTreeSet<String> = secrets.into_iter().map(str::to_owned).collect();
        if let Some(body) = &heard.body {
            let body = body.expose();
            let named =
                |(name, value): (String, String)| (!OPEN.contains(&name.as_str())).then_some(value);
            match serde_json::from_str::<Value>(body) {
                Ok(Value::Object(members)) => {
                    known.extend(members.into_iter().filter_map(|(name, value)| {
                        named((name, value.as_str().unwrap_or_default().to_owned()))
                    }));
                }
                _ => known.extend(
                    form_urlencoded::parse(body.as_bytes())
                        .into_owned()
                        .filter_map(named),
                ),
            }
        }
        for (name, value) in &heard.headers {
            known.extend(in_header(
                name,
                value.to_str().unwrap_or_default(),
                value.is_sensitive(),
            ));
        }
        known.retain(|secret| secret.len() >= SHORTEST_SECRET);
        let mut forms = BTreeSet::new();
        for secret in known {
            forms.extend(written(&secret));
        }
        Self(forms)
    }

    fn holds(&self, text: &str) -> bool {
        self.0.iter().any(|secret| text.contains(secret.as_str()))
    }

    fn body(&self, text: &str) -> String {
        if let Ok(value @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str(text) {
            let value = self.value("", value);
            return serde_json::to_string_pretty(&value).unwrap_or_default();
        }
        // decoded first, so that nothing hides behind its escapes
        let form =
            !text.starts_with('<') && text.contains('=') && !text.contains(char::is_whitespace);
        if form {
            let members = form_urlencoded::parse(text.as_bytes()).map(|(name, value)| {
                let value = if is_secret_name(&name) {
                    HIDDEN.to_owned()
                } else {
                    self.in_text(&value)
                };
                format!("{}={value}", self.in_text(&name))
            });
            return members.collect::<Vec<_>>().join("&\n");
        }
        if self.holds(text) || self.holds(&without_spaces(text)) {
            return format!("{HIDDEN}: it repeated a secret of ours.");
        }
        self.in_text(text)
    }

    fn value(&self, name: &str, value: Value) -> Value {
        match value {
            Value::Object(members) => members
                .into_iter()
                .map(|(name, value)| {
                    let hidden = self.value(&name, value);
                    (self.in_text(&name), hidden)
                })
                .collect::<serde_json::Map<_, _>>()
                .into(),
            Value::Array(elements) => elements
                .into_iter()
                .map(|element| self.value(name, element))
                .collect::<Vec<_>>()
                .into(),
            Value::String(_) if is_secret_name(name) => HIDDEN.into(),
            // an answer inside an answer
            Value::String(text) => match serde_json::from_str(&text) {
                Ok(inner @ (Value::Object(_) | Value::Array(_))) => {
                    self.value(name, inner).to_string().into()
                }
                _ => self.in_text(&text).into(),
            },
            Value::Number(number) if is_secret_name(name) || self.holds(&number.to_string()) => {
                HIDDEN.into()
            }
            other => other,
        }
    }

    /// A text without what is known, and without what looks like it.
    fn in_text(&self, text: &str) -> String {
        if self.holds(text) || self.holds(&without_spaces(text)) {
            return HIDDEN.to_owned();
        }
        let mut out = String::with_capacity(text.len());
        let mut run = String::new();
        for letter in text.chars().chain([' ']) {
            if letter.is_ascii_alphanumeric() || "-_.~+/=%:".contains(letter) {
                run.push(letter);
                continue;
            }
            out.push_str(if looks_secret(&run) { HIDDEN } else { &run });
            run.clear();
            out.push(letter);
        }
        out.pop();
        out
    }
}

/// Whether no person would write this as a word.
fn looks_secret(run: &str) -> bool {
    let has = |is: fn(&u8) -> bool| run.bytes().any(|byte| is(&byte));
    let digits = has(u8::is_ascii_digit);
    let letters = has(u8::is_ascii_alphabetic);
    run.len() > LONGEST_WORD
        || (run.len() > LONGEST_MIXED && digits && letters)
        || (run.len() >= SHORTEST_SECRET * 2
            && digits
            && !letters
            && !run.contains([':', '.', '-']))
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_lowercase().replace('-', "_");
    !OPEN_NAMES.contains(&name.as_str())
        && (SECRET_NAME.contains(&name.as_str())
            || SECRET_NAMES.iter().any(|part| name.contains(part)))
}

/// The credentials of a header of ours, and what they are made of.
fn in_header(name: &HeaderName, value: &str, is_sensitive: bool) -> Vec<String> {
    if !is_sensitive && *name != http::header::AUTHORIZATION {
        return Vec::new();
    }
    let credentials = value.split_once(' ').map_or(value, |(_, rest)| rest);
    let mut found = vec![value.to_owned(), credentials.to_owned()];
    let decoded = STANDARD.decode(credentials).ok();
    if let Some(pair) = decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
        let secret = pair.split_once(':').map_or("", |(_, secret)| secret);
        found.push(secret.to_owned());
        found.push(pair);
    }
    found
}

/// A secret in the forms in which it could be repeated.
fn written(secret: &str) -> Vec<String> {
    let percent: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let quoted = Value::from(secret).to_string();
    vec![
        secret.chars().rev().collect(),
        percent.to_lowercase(),
        percent.replace('+', "%20"),
        percent,
        quoted.trim_matches('"').replace('/', "\\/"),
        quoted.trim_matches('"').to_owned(),
        html(secret),
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        hex(secret.as_bytes()),
        hex(secret.as_bytes()).to_uppercase(),
        secret.to_lowercase(),
        secret.to_uppercase(),
        secret.to_owned(),
    ]
}

fn html(secret: &str) -> String {
    secret
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('+', "&#43;")
}

fn without_spaces(text: &str) -> String {
    text.split_whitespace().collect()
}

/// Without what cannot be seen, or turns the direction of reading.
fn visible(text: &str) -> String {
    text.chars()
        .filter(|c| match c {
            '\n' => true,
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => false,
            c => !c.is_control(),
        })
        .collect()
}

fn cut(text: &str, whole: usize) -> String {
    if text.len() <= LONGEST_BODY {
        return text.to_owned();
    }
    let end = (0..=LONGEST_BODY)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    format!("{}\n[cut: {whole} bytes in all]", &text[..end])
}

#[cfg(test)]
mod tests;
