//! JSON from outside: what it says, or a sentence that names the field and what is expected there.
//! No sentence repeats a value, since any of them may be a secret.

use serde::de::DeserializeOwned;
use serde_json::Value;

/// What we repeat of a name that somebody made up, in characters.
const LONGEST_NAME: usize = 60;

/// What is wrong with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The path of the field, e.g. `end_user.id`; empty where it is about the whole.
    pub field: String,
    /// What is expected there.
    pub sentence: String,
}

/// Reads all of a text.
pub fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Mistake> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| mistake(&error))?;
    json.end().map_err(|error| Mistake {
        field: String::new(),
        sentence: sentence("", &error),
    })?;
    Ok(value)
}

/// Reads a part that was taken out of a text already.
pub fn read_value<T: DeserializeOwned>(value: Value) -> Result<T, Mistake> {
    serde_path_to_error::deserialize(value).map_err(|error| mistake(&error))
}

fn mistake(error: &serde_path_to_error::Error<serde_json::Error>) -> Mistake {
    let path = error.path().to_string();
    Mistake {
        sentence: sentence(&path, error.inner()),
        field: if path == "." { String::new() } else { path },
    }
}

fn sentence(path: &str, error: &serde_json::Error) -> String {
    if error.is_data() {
        return said(path, &error.to_string());
    }
    format!(
        "Send a body that is valid JSON: this one is not, at line {} column {}.",
        error.line(),
        error.column()
    )
}

/// A sentence about `path` from what a deserializer says, without the values that it quotes.
pub fn said(path: &str, message: &str) -> String {
    let message = message
        .rsplit_once(" at line ")
        .map_or(message, |(message, _)| message);
    let quoted = |text: &str| {
        text.split('`')
            .nth(1)
            .unwrap_or_default()
            .chars()
            .take(LONGEST_NAME)
            .collect::<String>()
    };
    let expected = message
        .rsplit_once(", expected ")
        .map(|(_, expected)| expected);
    if message.starts_with("unknown field") {
        let others = expected.map_or_else(String::new, |expected| {
            format!(" Known here: {}.", expected.trim_start_matches("one of "))
        });
        return format!(
            "Leave `{}` out or correct its spelling: there is no such field.{others}",
            quoted(message)
        );
    }
    if message.starts_with("missing field") {
        return format!(
            "Add `{}`: it is needed.",
            [parent(path), quoted(message)].concat()
        );
    }
    if message.starts_with("duplicate field") {
        return format!("Send `{}` once: it is there twice.", quoted(message));
    }
    let subject = if path.is_empty() || path == "." {
        "The body".to_owned()
    } else {
        format!("`{path}`")
    };
    match expected {
        Some(expected) => format!("{subject} has to be {}.", plainly(expected)),
        None => format!("{subject} is not valid."),
    }
}

/// `end_user.` of the path `end_user`, to which a missing field's name is appended.
fn parent(path: &str) -> String {
    if path.is_empty() || path == "." {
        String::new()
    } else {
        format!("{path}.")
    }
}

/// Rust's words for types in those of JSON.
fn plainly(expected: &str) -> String {
    match expected {
        "a map" => "an object".to_owned(),
        "a sequence" => "a list".to_owned(),
        "u32" | "u64" => "a whole number, zero or more".to_owned(),
        other if other.starts_with("struct ") => "an object".to_owned(),
        other => other.to_owned(),
    }
}
