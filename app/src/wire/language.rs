//! The languages in which the end user's pages are written.

use serde::{Deserialize, Serialize};

/// A language of the hosted pages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English: what holds where nothing else is asked for.
    #[default]
    En,
    /// German.
    De,
    /// French.
    Fr,
    /// Spanish.
    Es,
    /// Portuguese, for Brazil and Portugal alike.
    Pt,
    /// Japanese.
    Ja,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::En, Self::De, Self::Fr, Self::Es, Self::Pt, Self::Ja];

    /// As a language tag (BCP 47), for `<html lang>`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::De => "de",
            Self::Fr => "fr",
            Self::Es => "es",
            Self::Pt => "pt",
            Self::Ja => "ja",
        }
    }

    /// The language of a tag such as `de` or `pt-BR`: what its first subtag says, capital letters
    /// or not. `None` where that is a language in which nothing is written.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_subtag_tells_the_language() {
        for (tag, language) in [
            ("de", Some(Language::De)),
            ("DE", Some(Language::De)),
            ("de-CH-1996", Some(Language::De)),
            ("pt-BR", Some(Language::Pt)),
            ("pt-PT", Some(Language::Pt)),
            ("en-GB", Some(Language::En)),
            ("ja-Jpan-JP", Some(Language::Ja)),
            ("es-419", Some(Language::Es)),
            ("fr-CA", Some(Language::Fr)),
            ("deu", None),
            ("nl", None),
            ("x-de", None),
            ("zh-Hant-TW", None),
            ("", None),
            ("-de", None),
            ("*", None),
        ] {
            assert_eq!(Language::of_tag(tag), language, "{tag:?}");
        }
        for language in Language::ALL {
            assert_eq!(Language::of_tag(language.tag()), Some(language));
        }
    }
}
