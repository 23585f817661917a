//! All sentences of the hosted pages, one room per page, one folder per language.
//!
//! A page never holds a sentence of its own: it asks for it here, with the names that stand in it.
//! `rooms` says which sentences there are. A language that lacks one does not compile, so a new
//! sentence is a new method there, and then one in each folder.
//!
//! The voice: plain, short, present tense. Say who acts and what to do. Never blame the reader.
//! "CRM Sync" is always the application, "Apollo" always the provider's name inside sentences. Names
//! are not declined, and no article or preposition is melted into one: each sentence is put so that
//! any name fits.
//!
//! The practice provider plays a foreign one. It speaks English only.

mod de;
mod en;
mod es;
mod fr;
mod ja;
pub(super) mod practice;
mod pt;
mod rooms;

pub(super) use rooms::{Asked, Names, Step, TimeWords, Told, Words};

use crate::wire::Language;

/// The rooms of a language.
pub(super) fn of(language: Language) -> Words {
    match language {
        Language::En => Words::new(language, &en::English),
        Language::De => Words::new(language, &de::German),
        Language::Fr => Words::new(language, &fr::French),
        Language::Es => Words::new(language, &es::Spanish),
        Language::Pt => Words::new(language, &pt::Portuguese),
        Language::Ja => Words::new(language, &ja::Japanese),
    }
}

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
