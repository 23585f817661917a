//! Scopes in words, and what a change of them means.

use super::number::counted;
use crate::components::lamp::Lamp;
use crate::wire::{ConnectionMark, ScopeChange, ScopeWords};

/// Plain words where we have them, else the provider's name.
#[must_use]
pub fn in_words(scopes: &[ScopeWords]) -> String {
    if scopes.is_empty() {
        return "None".to_owned();
    }
    let words: Vec<_> = scopes.iter().map(one).collect();
    words.join("; ")
}

fn one(scope: &ScopeWords) -> &str {
    if scope.words.is_empty() {
        &scope.name
    } else {
        &scope.words
    }
}

/// “Read notes” and “Write notes”.
fn quoted(scopes: &[ScopeWords]) -> String {
    let quoted: Vec<_> = scopes
        .iter()
        .map(|scope| format!("“{}”", one(scope)))
        .collect();
    match quoted.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// "37 connections need one more click. None breaks today."
#[must_use]
pub fn preview(change: &ScopeChange) -> String {
    match change.lacking {
        0 => "No connection needs anything. None breaks today.".to_owned(),
        1 => "1 connection needs one more click. None breaks today.".to_owned(),
        many => format!(
            "{} need one more click. None breaks today.",
            counted(many, "connection", "connections")
        ),
    }
}

/// What saving will do, each line with its lamp.
#[must_use]
pub fn effects(change: &ScopeChange) -> Vec<(Lamp, String, String)> {
    let works = |count| match count {
        1 => "1 keeps working".to_owned(),
        many => format!("{} keep working", super::number::grouped(many)),
    };
    let mut lines = vec![(
        Lamp::Active,
        works(change.connections),
        "With what they were granted.".to_owned(),
    )];
    if change.lacking > 0 {
        lines.push((
            Lamp::Degraded,
            match change.lacking {
                1 => "1 lacks a scope then".to_owned(),
                many => format!("{} lack a scope then", super::number::grouped(many)),
            },
            "They are marked in the list, and each gets its own reconnect link, which you can send."
                .to_owned(),
        ));
    }
    let have = change.connections - change.lacking.min(change.connections);
    if have > 0 && !change.new.is_empty() {
        lines.push((
            Lamp::Waiting,
            match have {
                1 => "1 has it already".to_owned(),
                many => format!("{} have it already", super::number::grouped(many)),
            },
            "They were granted it before.".to_owned(),
        ));
    }
    if !change.gone.is_empty() {
        lines.push((
            Lamp::Waiting,
            "What is no longer asked for stays granted".to_owned(),
            "Until the owner connects again, or the connection is reduced on its page.".to_owned(),
        ));
    }
    lines
}

/// The word of a mark: on a row, and in the filter.
#[must_use]
pub fn mark(mark: ConnectionMark) -> &'static str {
    match mark {
        ConnectionMark::LacksScopes => "Lacks scopes",
        ConnectionMark::EarlierClientId => "Earlier Client ID",
    }
}

/// What a mark means, and what to do.
#[must_use]
pub fn marked(mark: ConnectionMark, provider: &str, lacks: &[ScopeWords]) -> String {
    match mark {
        ConnectionMark::LacksScopes => format!(
            "It lacks {}, which {provider} is asked for now. It works with what it was granted; one more click adds the rest.",
            quoted(lacks)
        ),
        ConnectionMark::EarlierClientId => format!(
            "It was authorized with an earlier Client ID. It keeps working until that one is removed at {provider}; ask for a reconnect before."
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(name: &str, words: &str) -> ScopeWords {
        ScopeWords {
            name: name.into(),
            words: words.into(),
        }
    }

    #[test]
    fn a_preview_says_how_many_have_to_act() {
        let change = |connections, lacking| ScopeChange {
            new: vec![scope("deals", "Read deals")],
            gone: Vec::new(),
            connections,
            lacking,
            at_provider: None,
            fields: Vec::new(),
        };
        assert_eq!(
            preview(&change(318, 37)),
            "37 connections need one more click. None breaks today."
        );
        assert_eq!(
            preview(&change(1, 1)),
            "1 connection needs one more click. None breaks today."
        );
        let lines: Vec<_> = effects(&change(318, 37))
            .into_iter()
            .map(|(_, what, _)| what)
            .collect();
        assert_eq!(
            lines,
            [
                "318 keep working",
                "37 lack a scope then",
                "281 have it already"
            ]
        );
    }

    #[test]
    fn what_is_lacking_is_named_in_words() {
        let lacks = [
            scope("a", "Read notes"),
            scope("b", ""),
            scope("c", "Read deals"),
        ];
        let told = marked(ConnectionMark::LacksScopes, "Attio", &lacks);
        assert!(
            told.starts_with("It lacks “Read notes”, “b” and “Read deals”, which"),
            "{told}"
        );
    }
}
