//! TOML, line by line. Texts are written so that `apply` reads them as they are, and secrets as
//! references that the environment may leave out.

use std::collections::BTreeSet;
use std::fmt::{Arguments, Display, Write as _};

const HEADING: &str = "\
# Written by `grantport export`; `grantport apply` makes an instance match it.
";
const SECRETS: &str = "\
# No secret stands in it. They come from the environment, by these names; one that is not set leaves
# what an instance has as it is:
";

/// A file that is being written.
#[derive(Debug, Default)]
pub(super) struct Text {
    body: String,
    /// Names of variables, and what each is.
    secrets: Vec<(String, String)>,
    taken: BTreeSet<String>,
}

impl Text {
    /// Begins a table: `[name]` or `[[name]]`.
    pub(super) fn table(&mut self, heading: &str) {
        self.body.push('\n');
        self.body.push_str(heading);
        self.body.push('\n');
    }

    /// An entry of the table that was begun last.
    pub(super) fn entry(&mut self, key: &str, value: impl Into<toml::Value>) {
        self.raw(key, written(value.into()));
    }

    /// An entry, if it says more than leaving it out.
    pub(super) fn maybe(&mut self, key: &str, value: Option<impl Into<toml::Value>>) {
        if let Some(value) = value {
            self.entry(key, value);
        }
    }

    /// An entry whose value is TOML already.
    pub(super) fn raw(&mut self, key: &str, value: impl Display) {
        self.lines(format_args!("{key} = {value}\n"));
    }

    fn lines(&mut self, text: Arguments<'_>) {
        // a text in memory takes all that is written to it
        let _ = self.body.write_fmt(text);
    }

    /// A line for people.
    pub(super) fn comment(&mut self, words: impl Display) {
        self.lines(format_args!("# {words}\n"));
    }

    /// The value of a secret: a reference whose name is made of `words`.
    pub(super) fn secret(&mut self, words: &[&str], what: impl Display) -> String {
        let name = words.join("_").to_ascii_uppercase();
        let mut name: String = name
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '_' })
            .collect();
        if name.starts_with(|c: char| c.is_ascii_digit()) {
            name.insert(0, '_');
        }
        let (mut distinct, mut number) = (name.clone(), 1);
        while !self.taken.insert(distinct.clone()) {
            number += 1;
            distinct = format!("{name}_{number}");
        }
        let reference = format!("\"${{{distinct}?}}\"");
        self.secrets.push((distinct, what.to_string()));
        reference
    }

    /// The whole file.
    pub(super) fn finish(self) -> String {
        let mut text = HEADING.to_owned();
        if !self.secrets.is_empty() {
            text.push_str(SECRETS);
        }
        let widest = self.secrets.iter().map(|(name, _)| name.len()).max();
        let widest = widest.unwrap_or_default();
        for (name, what) in &self.secrets {
            let _ = writeln!(text, "#   {name:<widest$}  {what}");
        }
        text.push_str(&self.body);
        text
    }
}

/// A value as TOML. `${` is doubled, since it would be taken for a reference.
fn written(value: toml::Value) -> String {
    escaped(value).to_string()
}

fn escaped(value: toml::Value) -> toml::Value {
    use toml::Value;
    match value {
        Value::String(text) => Value::String(text.replace("${", "$${")),
        Value::Array(values) => Value::Array(values.into_iter().map(escaped).collect()),
        Value::Table(table) => Value::Table(
            table
                .into_iter()
                .map(|(key, value)| (key, escaped(value)))
                .collect(),
        ),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_read_as_they_are_and_secrets_have_names_of_their_own() {
        let mut text = Text::default();
        text.table("[organization]");
        text.entry("name", "Ac\"me\n${X} $");
        let first = text.secret(&["crm-sync", "apollo"], "one");
        let second = text.secret(&["crm.sync", "apollo"], "another");
        text.raw("a", &first);
        assert_eq!(first, "\"${CRM_SYNC_APOLLO?}\"");
        assert_eq!(second, "\"${CRM_SYNC_APOLLO_2?}\"");
        let written = text.finish();
        assert!(
            written.contains("#   CRM_SYNC_APOLLO    one\n"),
            "{written}"
        );
        let read: toml::Table = written.parse().expect("TOML");
        let name = read["organization"]["name"].as_str();
        assert_eq!(name, Some("Ac\"me\n$${X} $"));
    }
}
