//! From the text of a definition file to a definition, or to every mistake with its line.

use super::definition::Definition;
use super::problem::{Mistake, Problem};
use super::validate;
use std::ops::Range;
use toml::de::{DeTable, DeValue};

/// The way from the top of a file to a value in it, e.g. `endpoints`, `token`.
#[derive(Clone, Debug, Default)]
pub(super) struct Place(Vec<Step>);

#[derive(Clone, Debug)]
enum Step {
    Key(String),
    Index(usize),
}

impl Place {
    /// Below the top.
    pub(super) fn of(key: &str) -> Self {
        Self::default().key(key)
    }

    /// The value of `key` in the table here.
    pub(super) fn key(&self, key: &str) -> Self {
        self.and(Step::Key(key.to_owned()))
    }

    /// The element of the array here.
    pub(super) fn index(&self, index: usize) -> Self {
        self.and(Step::Index(index))
    }

    fn and(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// Reads the definition in `text`, the contents of `file`.
///
/// # Errors
/// With all mistakes that were found; syntax is looked at first, and alone.
pub(super) fn read(file: &str, text: &str) -> Result<Definition, Vec<Problem>> {
    let definition: Definition =
        toml::from_str(text).map_err(|error| vec![syntax_problem(file, text, &error)])?;
    let mistakes = validate::check(file, &definition);
    if mistakes.is_empty() {
        return Ok(definition);
    }
    let problems = mistakes.into_iter().map(|(place, mistake)| Problem {
        file: file.to_owned(),
        line: line_of(text, &place),
        mistake,
    });
    Err(problems.collect())
}

fn syntax_problem(file: &str, text: &str, error: &toml::de::Error) -> Problem {
    let what = error.message();
    let fix = if what.starts_with("unknown field") {
        "Correct its spelling, or remove it."
    } else if what.starts_with("missing field") {
        "Add it to this table."
    } else if what.starts_with("unknown variant") {
        "Write one of those."
    } else if what.starts_with("duplicate key") {
        "Keep one of them."
    } else if what.starts_with("invalid type") {
        "Write a value of that type."
    } else {
        "Correct the line so that it is valid TOML."
    };
    Problem {
        file: file.to_owned(),
        line: line_at(text, error.span().unwrap_or_default().start),
        mistake: Mistake::Syntax {
            what: what.to_owned(),
            fix,
        },
    }
}

/// The line of what stands at `place`, or of the innermost thing on the way there that exists.
pub(super) fn line_of(text: &str, place: &Place) -> usize {
    let Ok(document) = DeTable::parse(text) else {
        return 1;
    };
    line_at(text, span_of(document.get_ref(), &place.0).start)
}

fn span_of(document: &DeTable<'_>, steps: &[Step]) -> Range<usize> {
    let Some((Step::Key(first), rest)) = steps.split_first() else {
        return 0..0;
    };
    let Some((key, value)) = document.get_key_value(first.as_str()) else {
        return 0..0;
    };
    let mut span = key.span();
    let mut here = value.get_ref();
    for step in rest {
        let below = match (step, here) {
            (Step::Key(name), DeValue::Table(table)) => table
                .get_key_value(name.as_str())
                .map(|(key, value)| (key.span(), value)),
            (Step::Index(index), DeValue::Array(array)) => {
                array.get(*index).map(|value| (value.span(), value))
            }
            _ => None,
        };
        let Some((found, value)) = below else {
            break;
        };
        span = found;
        here = value.get_ref();
    }
    span
}

fn line_at(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    before.matches('\n').count() + 1
}
