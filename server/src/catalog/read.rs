//! From the text of a definition file to a definition, or to every mistake with its line.

use super::definition::Definition;
use super::problem::{Mistake, Problem};
use super::validate;
use serde_path_to_error::Segment;
use std::ops::Range;
use toml::Value;
use toml::de::{DeTable, DeValue};

/// The key with which a file builds on another definition.
pub(super) const EXTENDS: &str = "extends";

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

    /// Whether it is in the table of this name at the top.
    pub(super) fn is_below(&self, key: &str) -> bool {
        matches!(self.0.first(), Some(Step::Key(first)) if first == key)
    }

    /// The way in words: `endpoints.token`.
    pub(super) fn path(&self) -> String {
        let steps = self.0.iter().map(|step| match step {
            Step::Key(key) => key.clone(),
            Step::Index(index) => index.to_string(),
        });
        steps.collect::<Vec<_>>().join(".")
    }

    fn ends_with(&self, name: &str) -> bool {
        matches!(self.0.last(), Some(Step::Key(key)) if key == name)
    }

    fn and(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

/// A definition, and the table that another file can build on.
pub(super) struct Read {
    pub(super) definition: Definition,
    pub(super) table: toml::Table,
}

/// Reads the definition in `text`, the contents of `file`. A file that `extends` another definition
/// says only what differs: `base` finds the table of that one.
///
/// # Errors
/// With all mistakes that were found; syntax is looked at first, and alone.
pub(super) fn read(
    file: &str,
    text: &str,
    base: impl Fn(&str) -> Option<toml::Table>,
) -> Result<Read, Vec<Problem>> {
    let told = |line, mistake| {
        vec![Problem {
            file: file.to_owned(),
            line,
            mistake,
        }]
    };
    let mut table: toml::Table = toml::from_str(text)
        .map_err(|error| told(line_at_error(text, &error), syntax(error.message())))?;
    let definition: Definition = if let Some(name) = table.remove(EXTENDS) {
        let known = name.as_str().and_then(&base);
        let Some(mut merged) = known else {
            let line = line_of(text, &Place::of(EXTENDS));
            let name = name.as_str().unwrap_or_default().to_owned();
            return Err(told(line, Mistake::Extends(name)));
        };
        lay_over(&mut merged, table);
        table = merged;
        // two files have become one, so lines are found by the way to the value
        serde_path_to_error::deserialize(table.clone())
            .map_err(|error| told(line_of_error(text, &error), syntax(error.inner().message())))?
    } else {
        toml::from_str(text)
            .map_err(|error| told(line_at_error(text, &error), syntax(error.message())))?
    };
    let mistakes = validate::check(file, &definition);
    if mistakes.is_empty() {
        return Ok(Read { definition, table });
    }
    let problems = mistakes.into_iter().map(|(place, mistake)| Problem {
        file: file.to_owned(),
        line: line_of(text, &place),
        mistake,
    });
    Err(problems.collect())
}

/// The definition on which the file says that it builds.
pub(super) fn base_of(text: &str) -> Option<String> {
    let table: toml::Table = toml::from_str(text).ok()?;
    table.get(EXTENDS)?.as_str().map(str::to_owned)
}

/// Puts `over` onto `base`: tables are joined, everything else is replaced.
fn lay_over(base: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (base.get_mut(&key), value) {
            (Some(Value::Table(below)), Value::Table(above)) => lay_over(below, above),
            (_, value) => {
                base.insert(key, value);
            }
        }
    }
}

fn syntax(what: &str) -> Mistake {
    let fix = if what.starts_with("unknown field") {
        "Correct its spelling, or remove it."
    } else if what.starts_with("missing field") {
        "Add it to this table."
    } else if what.starts_with("unknown variant") {
        "Write one of those."
    } else if what.starts_with("duplicate key") {
        "Keep one of them."
    } else if what.starts_with("invalid type") || what.starts_with("data did not match") {
        "Write a value of that type."
    } else {
        "Correct the line so that it is valid TOML."
    };
    Mistake::Syntax {
        what: what.trim_end().to_owned(),
        fix,
    }
}

fn line_at_error(text: &str, error: &toml::de::Error) -> usize {
    line_at(text, error.span().unwrap_or_default().start)
}

/// The line of a value that does not fit. An unknown field is found by its name: the path ends at
/// the table that holds it.
fn line_of_error(text: &str, error: &serde_path_to_error::Error<toml::de::Error>) -> usize {
    let mut place = Place::default();
    for segment in error.path() {
        place = match segment {
            Segment::Map { key } => place.key(key),
            Segment::Seq { index } => place.index(*index),
            Segment::Enum { .. } | Segment::Unknown => place,
        };
    }
    let named = error.inner().message().split('`').nth(1);
    let unknown = error.inner().message().starts_with("unknown field");
    match named.filter(|_| unknown) {
        Some(name) if !place.ends_with(name) => line_of(text, &place.key(name)),
        _ => line_of(text, &place),
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
