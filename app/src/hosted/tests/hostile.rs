//! Every text of every page is someone's input. Whatever is written in it, the page keeps its
//! shape: the same elements with the same attributes as with harmless text (R28).

use super::fixtures::{
    accounts_view, apollo, ask_view, assets, consent_view, done_view, mark, problem_view,
    refused_salesforce, salesforce, scope, spoken,
};
use crate::hosted::{accounts, ask, done, practice_consent, problem};
use crate::wire::{ConnectProblem, Language};
use leptos::serde_json::{self, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// What is put into every text field, beside a harmless text that takes the same branches.
const CORPUS: [(&str, &str); 12] = [
    ("<script>alert(1)</script>", "plain"),
    ("\"><script>alert(1)</script>", "plain"),
    ("'><img src=x onerror=alert(1)>", "plain"),
    ("\" onmouseover=\"alert(1)\" x=\"", "plain"),
    ("</title><script>alert(1)</script>", "plain"),
    ("<!--<svg onload=alert(1)>-->", "plain"),
    ("<!>", "plain"),
    ("&lt;script&gt;&quot;>", "plain"),
    ("javascript:alert(1)", "plain"),
    ("java\tscript:alert(1)", "plain"),
    (
        "https://x.example/\"><script>alert(1)</script>",
        "https://x.example/",
    ),
    ("\u{202e}<svg/onload=alert(1)>\u{0}", "plain"),
];

#[test]
fn whatever_stands_in_a_text_the_page_keeps_its_shape() {
    let assets = assets();
    let mut several = ask_view(vec![apollo(), salesforce()]);
    several.connected = vec![mark("Attio", "At", 9)];
    several.for_whom.team = Some("Northwind".into());
    let mut problems = ConnectProblem::ALL.map(problem_view);
    for view in &mut problems {
        view.provider_words = Some("words".into());
        view.who_may_approve = Some("words".into());
    }
    let mut done_in_part = done_view();
    done_in_part.missing = vec![scope("a", "b"), scope("c", "")];

    let asked = [
        ask_view(vec![apollo()]),
        refused_salesforce(),
        several.clone(),
    ];
    for language in Language::ALL {
        for (hostile, plain) in CORPUS {
            let hold = |page: String, model: String| {
                assert_eq!(shape(&page), shape(&model), "{hostile:?} in {page}");
                assert!(!page.contains("href=\"java"), "{hostile:?} in {page}");
            };
            for view in asked.iter().map(|view| spoken(view, language)) {
                hold(
                    ask(&filled(&view, hostile), &assets),
                    ask(&filled(&view, plain), &assets),
                );
            }
            for view in [&done_view(), &done_in_part].map(|view| spoken(view, language)) {
                hold(
                    done(&filled(&view, hostile), &assets),
                    done(&filled(&view, plain), &assets),
                );
            }
            for view in problems.iter().map(|view| spoken(view, language)) {
                hold(
                    problem(&filled(&view, hostile), &assets),
                    problem(&filled(&view, plain), &assets),
                );
            }
            let view = spoken(&accounts_view(), language);
            hold(
                accounts(&filled(&view, hostile), &assets),
                accounts(&filled(&view, plain), &assets),
            );
        }
    }
    for (hostile, plain) in CORPUS {
        let (page, model) = (
            practice_consent(&filled(&consent_view(), hostile), &assets),
            practice_consent(&filled(&consent_view(), plain), &assets),
        );
        assert_eq!(shape(&page), shape(&model), "{hostile:?} in {page}");
    }
}

/// The view with `text` in every text field, whatever its name, those added later included.
fn filled<T: Serialize + DeserializeOwned>(view: &T, text: &str) -> T {
    let mut value = serde_json::to_value(view).expect("a view is data");
    fill(&mut value, text);
    serde_json::from_value(value).expect("only texts were replaced")
}

fn fill(value: &mut Value, text: &str) {
    match value {
        Value::String(old) => text.clone_into(old),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, text)),
        Value::Object(fields) => fields
            .iter_mut()
            // words and paths of our own, not anyone's text
            .filter(|(name, _)| !matches!(name.as_str(), "state" | "problem" | "path" | "language"))
            .for_each(|(_, field)| fill(field, text)),
        _ => {}
    }
}

/// The tags of a page with the names of their attributes, without any value or text.
fn shape(page: &str) -> Vec<String> {
    page.split('<')
        .skip(1)
        .map(|piece| {
            let mut quoted = piece.split('"');
            let mut tag = String::new();
            loop {
                let outside = quoted.next().unwrap_or_default();
                if let Some((rest, _)) = outside.split_once('>') {
                    tag.push_str(rest);
                    return tag;
                }
                tag.push_str(outside);
                if quoted.next().is_none() {
                    return tag;
                }
            }
        })
        .collect()
}
