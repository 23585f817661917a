//! Pointers into answers: JSON pointers (RFC 6901) that can also choose an element by what it
//! holds, and can name the source that they look into. `definition::answers` says how they are written.

use serde_json::Value;

/// Between pointers whose values are joined, in `identity`.
pub const JOIN: &str = " + ";

/// What a pointer of `identity` looks into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The profile: the answer of the identity endpoint.
    Profile,
    /// The token answer.
    Token,
    /// What was captured from the callback.
    Callback,
    /// What was filled in.
    Input,
    /// The claims of the ID token.
    IdToken,
    /// The claims of the access token, where it is a JWT.
    AccessToken,
}

impl Source {
    const WORDS: [(&'static str, Self); 5] = [
        ("token", Self::Token),
        ("callback", Self::Callback),
        ("input", Self::Input),
        ("id_token", Self::IdToken),
        ("access_token", Self::AccessToken),
    ];

    /// The source that `text` names and the pointer behind it. `None`: there is no such source.
    #[must_use]
    pub fn split(text: &str) -> Option<(Self, &str)> {
        if text.starts_with('/') {
            return Some((Self::Profile, text));
        }
        let (word, pointer) = text.split_once(':')?;
        let (_, source) = Self::WORDS.into_iter().find(|(name, _)| *name == word)?;
        Some((source, pointer))
    }
}

/// Whether `pointer` is one, without a source before it.
#[must_use]
pub fn is_pointer(pointer: &str) -> bool {
    pointer.starts_with('/') && pointer.split('/').skip(1).all(is_segment)
}

fn is_segment(segment: &str) -> bool {
    match segment.strip_prefix('[') {
        Some(choice) => choice
            .strip_suffix(']')
            .and_then(|choice| choice.split_once('='))
            .is_some_and(|(name, _)| !name.is_empty()),
        None => true,
    }
}

/// What stands at `pointer` in `value`.
#[must_use]
pub fn find<'v>(value: &'v Value, pointer: &str) -> Option<&'v Value> {
    let mut segments = pointer.split('/');
    // before the first slash stands nothing
    if segments.next() != Some("") {
        return None;
    }
    segments.try_fold(value, step)
}

fn step<'v>(here: &'v Value, segment: &str) -> Option<&'v Value> {
    let choice = segment
        .strip_prefix('[')
        .and_then(|segment| segment.strip_suffix(']'))
        .and_then(|choice| choice.split_once('='));
    if let Some((name, wanted)) = choice {
        let fits = |element: &&Value| element.get(name).is_some_and(|held| is(held, wanted));
        return match here {
            Value::Array(elements) => elements.iter().find(fits),
            Value::Object(members) => members.values().find(fits),
            _ => None,
        };
    }
    let name = segment.replace("~1", "/").replace("~0", "~");
    match here {
        Value::Object(members) => members.get(&name),
        Value::Array(elements) => elements.get(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn is(held: &Value, wanted: &str) -> bool {
    match held {
        Value::String(text) => text == wanted,
        Value::Bool(truth) => truth.to_string() == wanted,
        Value::Number(number) => number.to_string() == wanted,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn pointers_go_down_and_choose() {
        let answer = json!({
            "user": {"id": 7, "a/b": "slash", "m~n": "tilde"},
            "accounts": [{"id": "a"}, {"id": "b", "is_default": true}, {"id": "c", "is_default": true}],
            "by_key": {"x": {"kind": "org", "id": "o"}},
        });
        for (pointer, found) in [
            ("/user/id", Some(json!(7))),
            ("/user/a~1b", Some(json!("slash"))),
            ("/user/m~0n", Some(json!("tilde"))),
            ("/accounts/0/id", Some(json!("a"))),
            ("/accounts/[is_default=true]/id", Some(json!("b"))),
            ("/accounts/[id=c]/is_default", Some(json!(true))),
            ("/by_key/[kind=org]/id", Some(json!("o"))),
            ("/accounts/[id=z]/id", None),
            ("/accounts/9/id", None),
            ("/accounts/-1", None),
            ("/user/[id=7]/id", None),
            ("user/id", None),
        ] {
            assert_eq!(find(&answer, pointer).cloned(), found, "{pointer}");
        }
    }

    #[test]
    fn a_word_before_a_pointer_names_its_source() {
        for (text, split) in [
            ("/id", Some((Source::Profile, "/id"))),
            ("token:/team/id", Some((Source::Token, "/team/id"))),
            ("callback:/realmId", Some((Source::Callback, "/realmId"))),
            ("input:/shop", Some((Source::Input, "/shop"))),
            ("id_token:/sub", Some((Source::IdToken, "/sub"))),
            ("access_token:/tid", Some((Source::AccessToken, "/tid"))),
            ("elsewhere:/id", None),
            ("id", None),
        ] {
            assert_eq!(Source::split(text), split, "{text}");
        }
    }

    #[test]
    fn what_is_no_pointer_is_told() {
        for pointer in ["id", "", "/a/[b]", "/a/[=c]", "/a/[b=c"] {
            assert!(!is_pointer(pointer), "{pointer}");
        }
        for pointer in ["/a", "/", "/a/[b=]/c", "/0/[is_default=true]"] {
            assert!(is_pointer(pointer), "{pointer}");
        }
    }
}
