//! Sentences of the document as they are shown.

use leptos::prelude::*;

/// A sentence in which what stands between backticks is code.
pub(super) fn prose(text: &str) -> AnyView {
    text.split('`')
        .enumerate()
        // an empty text would be written as a space
        .filter(|(_, piece)| !piece.is_empty())
        .map(|(index, piece)| {
            let piece = piece.replace('\n', " ");
            if index % 2 == 1 {
                view! { <code>{piece}</code> }.into_any()
            } else {
                piece.into_any()
            }
        })
        .collect_view()
        .into_any()
}

/// A place on the page, from a name.
pub(super) fn anchor(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            'A'..='Z' => c.to_ascii_lowercase(),
            'a'..='z' | '0'..='9' => c,
            _ => '-',
        })
        .collect()
}

/// The place of a problem's code.
pub(super) fn problem_anchor(code: &str) -> String {
    format!("problem-{code}")
}
