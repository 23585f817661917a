//! Marks: initials on one of twelve hues. Square for a provider or an application, round for a
//! person. An application may have a logo instead.
//!
//! We draw them ourselves, logos too, so none is ever fetched from anyone (R28). A mark repeats a name that
//! stands beside it, so screen readers skip it.

use crate::address;
use crate::wire::{Brand, ProviderMark};
use leptos::prelude::*;

/// What a mark stands for, which decides its shape and colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Subject {
    Application,
    Provider { hue: u8 },
    Person { hue: u8 },
    Nothing,
}

/// How large a mark is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Size {
    Line,
    Big,
    Huge,
}

/// A mark, ready to be drawn: `<Mark mark=Mark::provider(&provider.mark).big()/>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    subject: Subject,
    initials: String,
    /// Address of a logo that stands in the place of the initials.
    logo: Option<String>,
    size: Size,
}

impl Mark {
    /// An application: square, in its brand's colour where it has one, else ink.
    #[must_use]
    pub fn application(name: &str) -> Self {
        Self::of(Subject::Application, thing_initials(name))
    }

    /// A provider: square, in the hue of its definition.
    #[must_use]
    pub fn provider(mark: &ProviderMark) -> Self {
        let hue = mark.hue.clamp(1, HUES);
        Self::of(Subject::Provider { hue }, mark.initials.clone())
    }

    /// A person: round, in a hue that stays the same for the same `id`.
    #[must_use]
    pub fn person(id: &str, name: &str) -> Self {
        let hue = mark_hue(id);
        Self::of(Subject::Person { hue }, person_initials(name))
    }

    /// Nothing is there yet: an empty, dashed square.
    #[must_use]
    pub fn nothing() -> Self {
        Self::of(Subject::Nothing, String::new())
    }

    /// With its logo, if it has one.
    #[must_use]
    pub fn with_logo(self, brand: &Brand) -> Self {
        Self {
            logo: brand.logo.as_deref().map(address::logo),
            ..self
        }
    }

    /// As large as a heading of two lines (40 px).
    #[must_use]
    pub fn big(self) -> Self {
        Self {
            size: Size::Big,
            ..self
        }
    }

    /// As large as a page's subject (56 px).
    #[must_use]
    pub fn huge(self) -> Self {
        Self {
            size: Size::Huge,
            ..self
        }
    }

    fn of(subject: Subject, initials: String) -> Self {
        Self {
            subject,
            initials,
            logo: None,
            size: Size::Line,
        }
    }

    fn class(&self) -> String {
        let subject = match self.subject {
            Subject::Application if self.logo.is_some() => "mark mark--logo".to_owned(),
            Subject::Application => "mark mark--app".to_owned(),
            Subject::Provider { hue } => format!("mark mark--{hue}"),
            Subject::Person { hue } => format!("mark mark--person mark--{hue}"),
            Subject::Nothing => "mark mark--empty".to_owned(),
        };
        match self.size {
            Size::Line => subject,
            Size::Big => subject + " mark--big",
            Size::Huge => subject + " mark--huge",
        }
    }
}

/// Draws a mark.
#[component]
pub fn Mark(
    /// What to draw.
    mark: Mark,
) -> impl IntoView {
    let class = mark.class();
    if let Some(logo) = mark.logo {
        // the size of a huge one, before the stylesheet is there
        return view! { <img class=class src=logo alt="" width="56" height="56" aria-hidden="true" /> }
            .into_any();
    }
    let initials = (!mark.initials.is_empty()).then_some(mark.initials);
    view! { <span class=class aria-hidden="true">{initials}</span> }.into_any()
}

/// How many hues there are.
const HUES: u8 = 12;

/// A hue from 1 to 12 that is always the same for the same `id`, on every machine and in every
/// version (FNV-1a, folded into twelve).
#[must_use]
pub fn mark_hue(id: &str) -> u8 {
    let hash = id.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    u8::try_from(hash % u64::from(HUES)).unwrap_or_default() + 1
}

/// "CRM Sync" gives "Cs", "Apollo.io" gives "Ap": one capital, so that it reads as one thing.
#[must_use]
pub fn thing_initials(name: &str) -> String {
    let mut words = name.split_whitespace().map(letters);
    let first = words.next().unwrap_or_default();
    let second = words.next().unwrap_or_default();
    let after = second.chars().next().or_else(|| first.chars().nth(1));
    capital(first.chars().next())
        + &after
            .map(|c| c.to_lowercase().to_string())
            .unwrap_or_default()
}

/// "Dana Whitfield" gives "DW", "dana@northwind.example" gives "D": the first and the last name.
#[must_use]
pub fn person_initials(name: &str) -> String {
    let mut words = name.split_whitespace().map(letters);
    let first = words.next().unwrap_or_default();
    let last = words.next_back().unwrap_or_default();
    capital(first.chars().next()) + &capital(last.chars().next())
}

fn letters(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).collect()
}

fn capital(letter: Option<char>) -> String {
    letter
        .map(|c| c.to_uppercase().to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn things_and_people_get_their_initials() {
        assert_eq!(thing_initials("CRM Sync"), "Cs");
        assert_eq!(thing_initials("Apollo.io"), "Ap");
        assert_eq!(thing_initials("x"), "X");
        assert_eq!(thing_initials(""), "");
        assert_eq!(person_initials("Dana Whitfield"), "DW");
        assert_eq!(person_initials("Ana María de la Cruz"), "AC");
        assert_eq!(person_initials("dana@northwind.example"), "D");
        assert_eq!(person_initials("élodie"), "É");
        assert_eq!(person_initials("<script>"), "S");
    }

    #[test]
    fn a_hue_is_stable_and_all_twelve_occur() {
        assert_eq!(mark_hue("usr_1"), mark_hue("usr_1"));
        let mut seen: Vec<u8> = (0..200).map(|n| mark_hue(&format!("usr_{n}"))).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, (1..=12).collect::<Vec<u8>>());
    }
}
