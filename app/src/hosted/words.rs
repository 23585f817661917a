//! All sentences of the hosted pages, one room per page.
//!
//! A page never holds a sentence of its own: it asks for it here, with the names that stand in it.
//! Another language is another set of these rooms.
//!
//! The voice: plain, short, present tense. Say who acts and what to do. Never blame the reader.
//! "CRM Sync" is always the application, "Apollo" always the provider's name inside sentences.

pub(super) mod accounts;
pub(super) mod ask;
pub(super) mod done;
pub(super) mod frame;
pub(super) mod practice;
pub(super) mod problem;

/// The language of these words, for the document.
pub(super) const LANGUAGE: &str = "en";

/// "Dana" from "Dana Whitfield".
fn first_name(name: &str) -> &str {
    name.split_whitespace().next().unwrap_or(name)
}

/// "See who you are" gives "see who you are"; "API calls" stays.
fn in_mid_sentence(words: &str) -> String {
    let mut letters = words.chars();
    match (letters.next(), letters.next()) {
        (Some(first), Some(second)) if !second.is_uppercase() => {
            first.to_lowercase().chain(words.chars().skip(1)).collect()
        }
        _ => words.to_owned(),
    }
}

/// "the provider ..." gives "The provider ...", for a name that begins a sentence.
fn capitalised(words: &str) -> String {
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}
