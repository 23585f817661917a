//! An application's own colour, and what follows from it.
//!
//! An admin may pick any colour. It fills the main button and the application's mark on the end
//! user's pages, so contrast is kept here, whatever was picked (WCAG 2.2, 1.4.3 and 1.4.11): words
//! on it are black or white, whichever stands out more, which is never less than 4.5:1; and where it
//! would fade into the paper around it, it is shaded or tinted until it stands out by 3:1.

use std::fmt;
use std::str::FromStr;

/// A colour as the web writes it: `#0f5132`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    red: u8,
    green: u8,
    blue: u8,
}

/// A text that is not `#` and six hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a colour such as #0f5132")]
pub struct InvalidAccent;

/// The paper around a fill, which the stylesheet calls `--surface`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Paper {
    /// White.
    Light,
    /// Nearly black.
    Dark,
}

/// A fill that stands out from its paper, and what is written on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fill {
    /// The accent, or the nearest shade or tint of it that is seen.
    pub colour: Accent,
    /// Black or white.
    pub ink: Accent,
}

const BLACK: Accent = Accent {
    red: 0,
    green: 0,
    blue: 0,
};
const WHITE: Accent = Accent {
    red: 255,
    green: 255,
    blue: 255,
};

/// By how much a fill stands out from its paper.
const LEAST_CONTRAST: f64 = 3.0;
/// What WCAG adds to a luminance, for the light that every screen reflects.
const GLARE: f64 = 0.05;

impl Paper {
    /// Relative luminance.
    fn luminance(self) -> f64 {
        match self {
            Self::Light => 1.0,
            // #131519, which is oklch(19.5% .009 265)
            Self::Dark => 0.0074,
        }
    }
}

impl Accent {
    /// The six digits without `#`, as they stand in an address.
    #[must_use]
    pub fn digits(self) -> String {
        let Self { red, green, blue } = self;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// What it becomes on this paper.
    #[must_use]
    pub fn on(self, paper: Paper) -> Fill {
        let colour = match paper {
            Paper::Light => self.at_most(dimmest_beside(paper.luminance())),
            Paper::Dark => self.at_least(brightest_beside(paper.luminance())),
        };
        let ink = if contrast(colour.luminance(), 0.0) > contrast(1.0, colour.luminance()) {
            BLACK
        } else {
            WHITE
        };
        Fill { colour, ink }
    }

    /// The colour, shaded until it is no brighter than this.
    fn at_most(self, luminance: f64) -> Self {
        let own = self.luminance();
        if own <= luminance {
            return self;
        }
        let part = luminance / own;
        self.each(|level| {
            let target = linear(level) * part;
            (0..=level)
                .rev()
                .find(|level| linear(*level) <= target)
                .unwrap_or(0)
        })
    }

    /// The colour, tinted until it is no darker than this.
    fn at_least(self, luminance: f64) -> Self {
        let own = self.luminance();
        if own >= luminance {
            return self;
        }
        let part = (luminance - own) / (1.0 - own);
        self.each(|level| {
            let target = linear(level) + part * (1.0 - linear(level));
            (level..=u8::MAX)
                .find(|level| linear(*level) >= target)
                .unwrap_or(u8::MAX)
        })
    }

    fn each(self, change: impl Fn(u8) -> u8) -> Self {
        Self {
            red: change(self.red),
            green: change(self.green),
            blue: change(self.blue),
        }
    }

    /// Relative luminance, as WCAG defines it.
    fn luminance(self) -> f64 {
        0.2126 * linear(self.red) + 0.7152 * linear(self.green) + 0.0722 * linear(self.blue)
    }
}

/// The light of one channel, from 0 to 1 (sRGB, IEC 61966-2-1).
fn linear(level: u8) -> f64 {
    let level = f64::from(level) / 255.0;
    if level <= 0.04045 {
        level / 12.92
    } else {
        ((level + 0.055) / 1.055).powf(2.4)
    }
}

fn contrast(brighter: f64, darker: f64) -> f64 {
    (brighter + GLARE) / (darker + GLARE)
}

/// The luminance at which a darker fill just stands out from this paper.
fn dimmest_beside(paper: f64) -> f64 {
    (paper + GLARE) / LEAST_CONTRAST - GLARE
}

/// The luminance at which a brighter fill just stands out from this paper.
fn brightest_beside(paper: f64) -> f64 {
    (paper + GLARE) * LEAST_CONTRAST - GLARE
}

impl FromStr for Accent {
    type Err = InvalidAccent;

    fn from_str(text: &str) -> Result<Self, InvalidAccent> {
        let digits = text.strip_prefix('#').ok_or(InvalidAccent)?;
        if digits.len() != 6 || !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err(InvalidAccent);
        }
        let channel = |place: std::ops::Range<usize>| {
            let digits = digits.get(place).ok_or(InvalidAccent)?;
            u8::from_str_radix(digits, 16).map_err(|_| InvalidAccent)
        };
        Ok(Self {
            red: channel(0..2)?,
            green: channel(2..4)?,
            blue: channel(4..6)?,
        })
    }
}

impl fmt::Display for Accent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.digits())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accent(text: &str) -> Accent {
        text.parse().expect("a colour")
    }

    /// Every hue at several strengths, all greys, and colours that brands have.
    fn many() -> Vec<Accent> {
        let levels = [0, 17, 51, 85, 119, 136, 153, 187, 221, 238, 255];
        let mut all = Vec::new();
        for red in levels {
            for green in levels {
                all.extend(levels.map(|blue| Accent { red, green, blue }));
            }
        }
        all.extend((0..=255).map(|level| BLACK.each(|_| level)));
        all.extend(["#0f5132", "#ff5c35", "#625df5", "#ffe600", "#7f7f7f"].map(accent));
        all
    }

    fn between(one: f64, other: f64) -> f64 {
        contrast(one.max(other), one.min(other))
    }

    #[test]
    fn whatever_is_picked_can_be_seen_and_read() {
        for picked in many() {
            for paper in [Paper::Light, Paper::Dark] {
                let Fill { colour, ink } = picked.on(paper);
                let seen = between(colour.luminance(), paper.luminance());
                assert!(seen >= 3.0, "{picked} on {paper:?}: {colour}, {seen}");
                let read = between(colour.luminance(), ink.luminance());
                assert!(read >= 4.5, "{ink} on {colour}: {read}");
                assert!(ink == BLACK || ink == WHITE);
            }
        }
    }

    #[test]
    fn a_colour_that_stands_out_stays_as_it_was_picked() {
        for (picked, paper) in [
            ("#0f5132", Paper::Light),
            ("#c2185b", Paper::Light),
            ("#c2185b", Paper::Dark),
            ("#ffe600", Paper::Dark),
            ("#000000", Paper::Light),
            ("#ffffff", Paper::Dark),
        ] {
            assert_eq!(accent(picked).on(paper).colour, accent(picked), "{paper:?}");
        }
        assert_eq!(accent("#0f5132").on(Paper::Light).ink, WHITE);
        assert_eq!(accent("#ffe600").on(Paper::Dark).ink, BLACK);
    }

    #[test]
    fn a_colour_that_fades_is_moved_no_further_than_it_has_to_be() {
        for picked in many() {
            for paper in [Paper::Light, Paper::Dark] {
                let colour = picked.on(paper).colour;
                let seen = between(colour.luminance(), paper.luminance());
                // one step of a channel is the rounding that is left
                assert!(
                    colour == picked || seen < 3.15,
                    "{picked} on {paper:?}: {colour}, {seen}"
                );
            }
        }
        // and keeps its hue
        let Accent { red, green, blue } = accent("#ffe600").on(Paper::Light).colour;
        assert!(
            red > green && green > 90 && blue == 0,
            "{red} {green} {blue}"
        );
        let Accent { red, green, blue } = accent("#00007f").on(Paper::Dark).colour;
        assert!(red == green && blue > red, "{red} {green} {blue}");
    }

    #[test]
    fn the_papers_are_those_of_the_stylesheet() {
        let tokens = include_str!("../../../style/10-tokens.css");
        let surface = "--surface: light-dark(oklch(100% 0 0), oklch(19.5% .009 265));";
        assert!(tokens.contains(surface));
        let dark = accent("#131519").luminance();
        assert!((dark - Paper::Dark.luminance()).abs() < 0.0005, "{dark}");
    }

    #[test]
    fn only_six_digits_after_a_hash_are_a_colour() {
        assert_eq!(accent("#0F5132").to_string(), "#0f5132");
        assert_eq!(accent("#0f5132").digits(), "0f5132");
        for wrong in [
            "",
            "#",
            "0f5132",
            "#0f513",
            "#0f51322",
            "#0f513g",
            "#+f5132",
            "#ééé",
            " #0f5132",
            "red",
            "#0f5132;}",
        ] {
            assert_eq!(wrong.parse::<Accent>(), Err(InvalidAccent), "{wrong}");
        }
    }
}
