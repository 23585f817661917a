//! Checks of what people type about applications, providers and keys. Each finds everything that
//! is wrong at once, so that nobody mends a form field by field.

use crate::api::return_url::read_return_url;
use crate::domain::{Accent, Completion, Scopes};
use crate::vault::Secret;
use app::portal::Answer;
use app::wire::{Field, FieldError, PortalError, Problem, SecretInput};
use url::Url;

const LONGEST_NAME: usize = 80;
const LONGEST_LINE: usize = 200;
const LONGEST_NOTE: usize = 500;
const LONGEST_CREDENTIAL: usize = 2000;
const MOST_LINES: usize = 50;

/// Problems found so far in a form.
#[derive(Default)]
pub(super) struct Findings(Vec<FieldError>);

impl Findings {
    pub(super) fn add(&mut self, field: Field, problem: Problem) {
        self.0.push(FieldError { field, problem });
    }

    /// Whether nothing was found so far.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds what was found in another way.
    pub(super) fn extend(&mut self, found: Vec<FieldError>) {
        self.0.extend(found);
    }

    /// The value, or its problem noted.
    pub(super) fn check<T>(&mut self, field: Field, checked: Result<T, Problem>) -> Option<T> {
        checked.map_err(|problem| self.add(field, problem)).ok()
    }

    /// All values, unless something was found.
    pub(super) fn or<T>(self, values: Option<T>) -> Answer<T> {
        match values {
            Some(values) if self.0.is_empty() => Ok(values),
            _ => Err(PortalError::Invalid(self.0)),
        }
    }
}

/// A name that people read: one line, 1 to 80 characters.
pub(super) fn name(text: &str) -> Result<String, Problem> {
    let name = text.trim();
    match name.chars().count() {
        0 => Err(Problem::Missing),
        length if length > LONGEST_NAME => Err(Problem::TooLong(80)),
        _ if name.chars().any(char::is_control) => Err(Problem::BadCharacters),
        _ => Ok(name.to_owned()),
    }
}

/// A line that may be empty: at most 200 characters.
pub(super) fn optional_line(text: &str) -> Result<String, Problem> {
    let line = text.trim();
    if line.chars().count() > LONGEST_LINE {
        Err(Problem::TooLong(200))
    } else if line.chars().any(char::is_control) {
        Err(Problem::BadCharacters)
    } else {
        Ok(line.to_owned())
    }
}

/// Why something was done, for the audit: 1 to 500 characters.
pub(super) fn note(field: Field, text: &str) -> Answer<String> {
    let note = text.trim();
    let problem = match note.chars().count() {
        0 => Problem::Missing,
        length if length > LONGEST_NOTE => Problem::TooLong(500),
        _ => return Ok(note.to_owned()),
    };
    Err(PortalError::field(field, problem))
}

/// Return URLs, one per line (R15): absolute, https or loopback, without user info and fragment.
pub(super) fn return_urls(text: &str) -> Result<Vec<String>, Problem> {
    lines(text)
        .map(|line| {
            let url = web_url(line).ok_or(Problem::NotAUrl)?;
            Ok(String::from(url))
        })
        .collect::<Result<Vec<_>, _>>()
        .and_then(not_too_many)
}

/// Origins, one per line.
pub(super) fn origins(text: &str) -> Result<Vec<String>, Problem> {
    lines(text)
        .map(|line| {
            let url = web_url(line).ok_or(Problem::NotAnOrigin)?;
            let bare = url.path() == "/" && url.query().is_none();
            if bare {
                Ok(url.origin().ascii_serialization())
            } else {
                Err(Problem::NotAnOrigin)
            }
        })
        .collect::<Result<Vec<_>, _>>()
        .and_then(not_too_many)
}

/// What completes a connection.
pub(super) fn completion(word: &str) -> Result<Completion, Problem> {
    word.parse().map_err(|()| Problem::NotAChoice)
}

/// A colour, or none.
pub(super) fn accent(text: &str) -> Result<Option<Accent>, Problem> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(None);
    }
    text.parse().map(Some).map_err(|_| Problem::NotAColour)
}

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

fn not_too_many(lines: Vec<String>) -> Result<Vec<String>, Problem> {
    if lines.len() > MOST_LINES {
        Err(Problem::TooLong(50))
    } else {
        Ok(lines)
    }
}

/// https, or http on the machine itself.
fn web_url(text: &str) -> Option<Url> {
    read_return_url(text).ok().filter(|_| !text.contains('*'))
}

/// A client ID as it was pasted, without what surrounds it unseen.
pub(super) fn client_id(text: &str) -> Result<String, Problem> {
    let text = text.trim_matches(is_unseen);
    credential_problem(text).map_or_else(|| Ok(text.to_owned()), Err)
}

/// A client secret as it was pasted, without what surrounds it unseen.
pub(super) fn client_secret(input: SecretInput) -> Result<Secret<String>, Problem> {
    let typed = Secret::new(input.into_inner());
    let text = typed.expose().trim_matches(is_unseen);
    credential_problem(text).map_or_else(|| Ok(Secret::from(text)), Err)
}

/// What people copy along with a text and cannot see: spaces of every width, line ends, marks of
/// direction and order, joiners.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

fn credential_problem(text: &str) -> Option<Problem> {
    if text.is_empty() {
        Some(Problem::Missing)
    } else if text.len() > LONGEST_CREDENTIAL {
        Some(Problem::TooLong(2000))
    } else if text.chars().any(is_unseen) {
        Some(Problem::BadCharacters)
    } else {
        None
    }
}

/// Ticked scopes and those that were typed, in this order.
pub(super) fn scopes(ticked: Vec<String>, typed: &str) -> Result<Scopes, Field> {
    let ticked = Scopes::new(ticked).map_err(|_| Field::Scopes)?;
    let typed = typed
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|name| !name.is_empty());
    let typed = Scopes::new(typed).map_err(|_| Field::OtherScopes)?;
    Ok(ticked.union(&typed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn return_urls_are_absolute_and_safe() {
        for good in [
            "https://app.acme.example/integrations",
            "http://localhost:5173/done",
            "http://127.0.0.1/x?y=1",
        ] {
            assert!(return_urls(good).is_ok(), "{good}");
        }
        for bad in [
            "//evil.example",
            "/relative",
            "http://app.acme.example/",
            "https://user@app.acme.example/",
            "https://app.acme.example/#here",
            "https://*.acme.example/",
            "javascript:alert(1)",
            "ftp://acme.example",
        ] {
            assert_eq!(return_urls(bad), Err(Problem::NotAUrl), "{bad}");
        }
    }

    #[test]
    fn origins_have_no_path() {
        assert_eq!(
            origins("https://app.acme.example/\n\n http://localhost:3000 "),
            Ok(vec![
                "https://app.acme.example".to_owned(),
                "http://localhost:3000".to_owned()
            ])
        );
        assert_eq!(
            origins("https://app.acme.example/x"),
            Err(Problem::NotAnOrigin)
        );
    }

    #[test]
    fn pasted_credentials_lose_the_spaces_around_them() {
        assert_eq!(client_id("  abc \n"), Ok("abc".to_owned()));
        assert_eq!(client_id("a b"), Err(Problem::BadCharacters));
        assert_eq!(
            client_id("\u{feff}\u{a0}abc\u{200b}\r\n\u{2060}\t"),
            Ok("abc".to_owned())
        );
        assert_eq!(client_id("a\u{200b}b"), Err(Problem::BadCharacters));
        assert_eq!(client_id("\u{200b}\u{feff}"), Err(Problem::Missing));
        let secret = client_secret(SecretInput::from(" s3cret\n".to_owned())).expect("a secret");
        assert_eq!(secret.expose(), "s3cret");
    }

    #[test]
    fn typed_scopes_follow_the_ticked_ones() {
        let all = scopes(vec!["b".to_owned()], "c, a\nb").expect("scopes");
        assert_eq!(all.join(" "), "b c a");
        assert_eq!(scopes(vec![], "a\"b"), Err(Field::OtherScopes));
    }
}
