//! What a page may show of what passed: the names of parts, and the values of those that are known to
//! be harmless. Everything else is told by its length or its kind.
//!
//! Three rules, each of which is enough by itself: a value is shown only if its name is on a list; a
//! value that holds a known secret is not shown whatever its name is; and what a provider wrote as
//! prose is not repeated.

use crate::catalog::{AuthorizeStyle, Definition};
use crate::oauth::classify::ErrorCode;
use crate::oauth::overheard::Heard;
use crate::vault::Secret;
use app::wire::{AnswerView, Part, PartValue, RequestView};
use http::header::CONTENT_TYPE;
use serde_json::Value;
use std::collections::BTreeSet;
use url::{Url, form_urlencoded};

/// Parameters of ours that everybody may read.
const OURS: [&str; 8] = [
    "client_id",
    "code_challenge_method",
    "grant_type",
    "redirect_uri",
    "response_type",
    "scope",
    "token_type_hint",
    // GraphQL: the definition's own text
    "query",
];
/// Members of answers that everybody may read.
const THEIRS: [&str; 8] = [
    "created_at",
    "expires_at",
    "expires_in",
    "iss",
    "refresh_token_expires_in",
    "scope",
    "scopes",
    "token_type",
];
/// Names of members that are secrets.
const SECRETS: [&str; 9] = [
    "token",
    "secret",
    "code",
    "password",
    "key",
    "jwt",
    "assertion",
    "state",
    "verifier",
];
/// So much of a harmless value is shown, in characters.
const LONGEST_VALUE: usize = 400;
/// So much of a name.
const LONGEST_NAME: usize = 60;
/// So many parts are shown.
const MOST_PARTS: usize = 60;
/// So deep members are looked into.
const DEEPEST: usize = 3;
/// A shorter secret would be found everywhere by chance.
const SHORTEST_SECRET: usize = 6;

/// Writes down what passed between us and one provider.
pub(super) struct Scribe<'a> {
    definition: &'a Definition,
    secrets: Vec<&'a str>,
    harmless: BTreeSet<&'a str>,
}

impl<'a> Scribe<'a> {
    /// With the secrets that take part.
    pub(super) fn new(
        definition: &'a Definition,
        secrets: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let renamed = |name: &'a str| {
            let names = &definition.param_names;
            names.get(name).map_or(name, String::as_str)
        };
        let by_definition = [
            &definition.authorize_params,
            &definition.token_params,
            &definition.token_headers,
        ];
        let mut harmless: BTreeSet<&str> = OURS.into_iter().map(renamed).collect();
        harmless.insert(&definition.scopes.param);
        harmless.extend(definition.scopes.more_params.iter().map(String::as_str));
        harmless.extend(
            by_definition
                .into_iter()
                .flatten()
                .map(|(name, _)| name.as_str()),
        );
        let identity = definition.identity.iter();
        harmless.extend(identity.flat_map(|rules| rules.headers.keys().map(String::as_str)));
        let secrets = secrets.into_iter();
        Self {
            definition,
            secrets: secrets
                .filter(|secret| secret.len() >= SHORTEST_SECRET)
                .collect(),
            harmless,
        }
    }

    /// Whether a text holds one of the secrets.
    pub(super) fn holds_secret(&self, text: &str) -> bool {
        self.secrets.iter().any(|secret| text.contains(secret))
    }

    /// The way to the authorize page.
    pub(super) fn authorize(&self, location: &Url) -> RequestView {
        let mut page = location.clone();
        let query = match self.definition.endpoints.authorize_style {
            AuthorizeStyle::Query => {
                page.set_query(None);
                location.query().unwrap_or_default()
            }
            AuthorizeStyle::FragmentRoute => {
                let fragment = location.fragment().unwrap_or_default();
                let (route, query) = fragment.split_once('?').unwrap_or((fragment, ""));
                page.set_fragment(Some(route));
                query
            }
        };
        RequestView {
            method: "GET".to_owned(),
            url: page.into(),
            parts: self.sent(query),
        }
    }

    /// The way back.
    pub(super) fn callback(&self, redirect_uri: &str, query: &str) -> RequestView {
        let parts = form_urlencoded::parse(query.as_bytes())
            .take(MOST_PARTS)
            .map(|(name, value)| {
                let harmless = match &*name {
                    "error" => self.is_known_error(&value),
                    name => THEIRS.contains(&name),
                };
                self.part(&name, harmless, &value)
            });
        RequestView {
            method: "GET".to_owned(),
            url: redirect_uri.to_owned(),
            parts: parts.collect(),
        }
    }

    /// A request of ours.
    pub(super) fn request(&self, heard: &Heard) -> RequestView {
        let mut url = heard.url.clone();
        let mut parts = self.sent(url.query().unwrap_or_default());
        url.set_query(None);
        if self.holds_secret(url.as_str()) {
            url.set_path("/…");
        }
        let type_of_body = heard.headers.get(CONTENT_TYPE);
        let is_json = type_of_body.is_some_and(|kind| kind == "application/json");
        if let Some(body) = heard.body.as_ref().map(Secret::expose) {
            if is_json {
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                let members = body.as_object().into_iter().flatten();
                parts.extend(members.map(|(name, value)| {
                    let harmless = self.harmless.contains(name.as_str());
                    self.part(name, harmless, &text_of(value))
                }));
            } else {
                parts.extend(self.sent(body));
            }
        }
        for (name, value) in &heard.headers {
            let Some(value) = value.to_str().ok().filter(|_| value.is_sensitive()) else {
                continue;
            };
            let harmless = self
                .harmless
                .iter()
                .any(|known| known.eq_ignore_ascii_case(name.as_str()));
            parts.push(self.header(name.as_str(), harmless, value));
        }
        RequestView {
            method: heard.method.to_string(),
            url: url.into(),
            parts,
        }
    }

    /// The answer to a request of ours, if one came.
    pub(super) fn answer(&self, heard: &Heard) -> Option<AnswerView> {
        let answer = heard.answer.as_ref().ok()?;
        let text = String::from_utf8_lossy(answer.body.expose());
        let text = text.trim_start_matches('\u{feff}').trim();
        let mut parts = Vec::new();
        let mut unreadable = false;
        match serde_json::from_str::<Value>(text) {
            Ok(value @ (Value::Object(_) | Value::Array(_))) => {
                self.members("", &value, 0, &mut parts);
            }
            _ if text.is_empty() => {}
            _ if !text.starts_with('<') && text.contains('=') => {
                let pairs = form_urlencoded::parse(text.as_bytes()).take(MOST_PARTS);
                parts.extend(
                    pairs.map(|(name, value)| self.received(&name, &Value::String(value.into()))),
                );
            }
            _ => unreadable = true,
        }
        Some(AnswerView {
            status: answer.status,
            parts,
            unreadable,
        })
    }

    fn sent(&self, query: &str) -> Vec<Part> {
        form_urlencoded::parse(query.as_bytes())
            .map(|(name, value)| self.part(&name, self.harmless.contains(&*name), &value))
            .collect()
    }

    fn header(&self, name: &str, harmless: bool, value: &str) -> Part {
        let Some((scheme, credentials)) = value.split_once(' ').filter(|_| !harmless) else {
            return self.part(name, harmless, value);
        };
        let scheme = if self.holds_secret(scheme) {
            ""
        } else {
            scheme
        };
        self.part(&format!("{name}: {scheme}"), false, credentials)
    }

    /// Members of an answer, those of members with a dot between their names.
    fn members(&self, prefix: &str, value: &Value, depth: usize, parts: &mut Vec<Part>) {
        let Value::Object(members) = value else {
            parts.push(self.received(prefix, value));
            return;
        };
        for (name, value) in members {
            if parts.len() >= MOST_PARTS {
                return;
            }
            let path = if prefix.is_empty() {
                name.clone()
            } else {
                format!("{prefix}.{name}")
            };
            if depth < DEEPEST {
                self.members(&path, value, depth + 1, parts);
            } else {
                parts.push(self.received(&path, value));
            }
        }
    }

    fn received(&self, path: &str, value: &Value) -> Part {
        let name = path.rsplit('.').next().unwrap_or_default();
        let text = text_of(value);
        let is_scalar = matches!(value, Value::String(_) | Value::Number(_));
        let is_list_of_scopes = value.is_array() && name.starts_with("scope");
        let harmless = match name {
            "error" => value.is_string() && self.is_known_error(&text),
            name => THEIRS.contains(&name) && (is_scalar || is_list_of_scopes),
        };
        if harmless {
            return self.part(path, true, &text);
        }
        let lower = name.to_lowercase();
        let secret = SECRETS.iter().any(|secret| lower.contains(secret));
        let value = match value {
            Value::Null => PartValue::Nothing,
            Value::Bool(_) => PartValue::Truth,
            Value::Array(elements) => PartValue::List(count(elements.len())),
            Value::Object(members) => PartValue::List(count(members.len())),
            Value::Number(_) | Value::String(_) if secret || self.holds_secret(&text) => {
                PartValue::Hidden(count(text.chars().count()))
            }
            Value::Number(_) => PartValue::Number,
            Value::String(_) => PartValue::Text,
        };
        Part {
            name: self.shown_name(path),
            value,
        }
    }

    fn part(&self, name: &str, harmless: bool, value: &str) -> Part {
        let value = if harmless && !self.holds_secret(value) {
            PartValue::Shown(value.chars().take(LONGEST_VALUE).collect())
        } else {
            PartValue::Hidden(count(value.chars().count()))
        };
        Part {
            name: self.shown_name(name),
            value,
        }
    }

    /// Names come from a provider too.
    fn shown_name(&self, name: &str) -> String {
        if self.holds_secret(name) {
            return "…".to_owned();
        }
        let visible = name.chars().filter(|c| !c.is_control());
        visible.take(LONGEST_NAME).collect()
    }

    /// Whether a code is one that the standards or the definition know.
    fn is_known_error(&self, code: &str) -> bool {
        let answer = &self.definition.token_answer;
        let trial = &self.definition.trial;
        let callback = &self.definition.callback_errors;
        let known = [
            &answer.dead,
            &answer.rejected,
            &answer.later,
            &trial.accepted,
            &trial.rejected,
            &callback.denied,
            &callback.not_allowed,
        ];
        ErrorCode::of(code) != ErrorCode::Other
            || known.into_iter().flatten().any(|one| one == code)
    }
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(elements) => {
            let texts: Vec<String> = elements.iter().map(text_of).collect();
            texts.join(" ")
        }
        other => other.to_string(),
    }
}

fn count(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
