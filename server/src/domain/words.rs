//! The words by which a connection is found, and the terms that are looked for.
//!
//! Both are folded alike: without case, without accents, compatible characters as one. A value is kept
//! as the ends of its parts: `dana.w@northwind.example` as `dana.w@northwind.example`,
//! `w@northwind.example`, `northwind.example` and `example`. So whoever types the beginning of any
//! part finds it, with what follows or without, and a beginning is what an index answers.

use std::collections::BTreeSet;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What is longer is found by its first characters.
const LONGEST_WORD: usize = 100;
/// Words of one connection; its values are short, but nobody promised that.
const MOST_WORDS: usize = 64;
/// Terms of one search that are looked at.
const MOST_TERMS: usize = 8;

/// A term of a search: the beginning of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// Folded, as words are.
    pub beginning: String,
    /// As it was typed but for its case, for rows that have no words yet.
    pub typed: String,
}

impl Term {
    /// What is greater than every word that begins like this, where texts are compared by their bytes.
    #[must_use]
    pub fn end(&self) -> String {
        format!("{}{}", self.beginning, char::MAX)
    }
}

/// The words of a connection's values, each once.
pub fn words<'a>(values: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for piece in values.into_iter().flat_map(str::split_whitespace) {
        let piece = folded(piece);
        let mut inside = false;
        for (at, letter) in piece.char_indices() {
            let begins = letter.is_alphanumeric() && !inside;
            inside = letter.is_alphanumeric();
            if begins && found.len() < MOST_WORDS {
                found.insert(piece[at..].chars().take(LONGEST_WORD).collect());
            }
        }
    }
    found
}

/// The terms of what was typed; none of what has neither letter nor number.
#[must_use]
pub fn terms(typed: &str) -> Vec<Term> {
    let pieces = typed.split_whitespace().filter_map(|piece| {
        let beginning: String = folded(piece).chars().take(LONGEST_WORD).collect();
        let typed = piece.replace('\0', "").to_lowercase();
        (!beginning.is_empty()).then_some(Term { beginning, typed })
    });
    pieces.take(MOST_TERMS).collect()
}

/// Without case, accents and what surrounds it.
fn folded(piece: &str) -> String {
    // upper case first: "ß" and "SS" are one, and so are both small sigmas
    let upper: String = piece.nfkd().collect::<String>().to_uppercase();
    let lower = upper.chars().flat_map(char::to_lowercase);
    let plain: String = lower
        .nfkd()
        .filter(|letter| !is_combining_mark(*letter) && !letter.is_control())
        .collect();
    plain
        .trim_matches(|letter: char| !letter.is_alphanumeric())
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(value: &str, typed: &str) -> bool {
        let words = words([value]);
        let terms = terms(typed);
        !terms.is_empty()
            && terms.iter().all(|term| {
                words
                    .iter()
                    .any(|word| *word >= term.beginning && *word < term.end())
            })
    }

    #[test]
    fn a_value_is_kept_as_the_ends_of_its_parts() {
        let kept: Vec<_> = words(["dana.w@northwind.example"]).into_iter().collect();
        assert_eq!(
            kept,
            [
                "dana.w@northwind.example",
                "example",
                "northwind.example",
                "w@northwind.example"
            ]
        );
        assert_eq!(words(["Dana  Dana", "dana"]).len(), 1, "each once");
    }

    #[test]
    fn the_beginning_of_any_part_finds_it() {
        for (value, typed) in [
            ("dana.w@northwind.example", "dana"),
            ("dana.w@northwind.example", "DANA.W@North"),
            ("dana.w@northwind.example", "@northwind.ex"),
            ("Dana Whitfield", "whit dana"),
            ("Dana Whitfield", "“Whitfield,”"),
            ("con_4Vt9QmXa", "con_4vt9"),
            ("con_4Vt9QmXa", "4VT9"),
            ("Hotel Zürich", "zurich"),
            ("Hotel Zurich", "ZÜRICH"),
            ("Müller-Strauß", "STRAUSS"),
            ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"),
            ("İstanbul", "istanbul"),
            ("ﬁnance", "fin"),
            ("山田太郎", "山田"),
            ("Ada_100%", "100"),
            ("user|42", "42"),
        ] {
            assert!(found(value, typed), "{value}: {typed}");
        }
    }

    #[test]
    fn what_it_does_not_begin_with_finds_nothing() {
        for (value, typed) in [
            ("dana.w@northwind.example", "ana"),
            ("Dana Whitfield", "dana smith"),
            ("Ada_100%", "%"),
            ("Ada_100%", "a_1"),
            ("Ada_100%", "ad%0"),
            ("Ada", "_"),
            ("Ada", "\0"),
            ("Ada", " "),
        ] {
            assert!(!found(value, typed), "{value}: {typed}");
        }
    }

    #[test]
    fn nothing_is_kept_or_looked_for_without_end() {
        let long = "x".repeat(5000);
        assert!(words([long.as_str()]).iter().all(|word| word.len() <= 100));
        assert!(found(&long, &long));
        let many = "a.".repeat(500) + " " + &"b ".repeat(500);
        assert!(words([many.as_str()]).len() <= MOST_WORDS);
        assert_eq!(terms(&many).len(), MOST_TERMS);
    }
}
