//! Every page in every language: written in it, whole, and without a word of English of our own.

use super::fixtures::{
    NOW, account, accounts_view, apollo, ask_view, assets, choose_view, done_view, mark,
    problem_view, refused_salesforce, salesforce, scope, snowflake, spoken, waiting_view,
};
use super::{attribute, has, has_not, text};
use crate::hosted::{accounts, ask, choose, done, problem, waiting, words};
use crate::wire::{
    AccountsView, AskView, ChooseView, ConnectProblem, ConnectionState, DoneView, Grants, Host,
    Language, ProblemView,
};
use leptos::serde_json::{self, Value};
use serde::Serialize;
use std::collections::BTreeSet;

/// A page with all texts that are not ours: of the view that it was made of.
struct Page {
    html: String,
    theirs: BTreeSet<String>,
}

fn page<T: Serialize>(view: &T, html: String) -> Page {
    let mut theirs = BTreeSet::new();
    collect(
        &serde_json::to_value(view).expect("a view is data"),
        &mut theirs,
    );
    Page { html, theirs }
}

fn collect(value: &Value, into: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => {
            into.insert(text.clone());
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, into)),
        Value::Object(fields) => fields.values().for_each(|field| collect(field, into)),
        _ => {}
    }
}

/// All that the hosted pages can show, branch by branch, in the same order in each language.
fn pages(language: Language) -> Vec<Page> {
    let assets = assets();
    let mut pages = Vec::new();
    for view in asks() {
        let view = spoken(&view, language);
        pages.push(page(&view, ask(&view, &assets)));
    }
    for view in dones() {
        let view = spoken(&view, language);
        pages.push(page(&view, done(&view, &assets)));
    }
    for view in problems() {
        let view = spoken(&view, language);
        pages.push(page(&view, problem(&view, &assets)));
    }
    for view in choices() {
        let view = spoken(&view, language);
        pages.push(page(&view, choose(&view, &assets)));
    }
    let view = spoken(&waiting_view(), language);
    pages.push(page(&view, waiting(&view, &assets)));
    for view in lists() {
        let view = spoken(&view, language);
        pages.push(page(&view, accounts(&view, &assets)));
    }
    pages
}

fn asks() -> Vec<AskView> {
    let mut unlisted = salesforce();
    unlisted.may = Vec::new();
    unlisted.inputs[0].other = None;
    let mut refused_text = refused_salesforce();
    refused_text.asks[0].inputs[0].choices.clear();
    let mut refused_choice = refused_salesforce();
    refused_choice.asks[0].inputs[0].endings.clear();
    let mut refused_secret = refused_salesforce();
    refused_secret.asks = vec![snowflake()];
    if let Some(refused) = &mut refused_secret.refused {
        refused.provider = "snowflake".into();
        refused.input = "client_secret".into();
    }
    let mut several = ask_view(vec![apollo(), salesforce()]);
    several.connected = vec![mark("Attio", "At", 9)];
    let mut views = vec![
        ask_view(vec![apollo()]),
        ask_view(vec![unlisted]),
        several,
        ask_view(Vec::new()),
        refused_salesforce(),
        refused_text,
        refused_choice,
        refused_secret,
    ];
    for (minutes_left, mut view) in [0, 1].into_iter().zip(views.clone()) {
        view.minutes_left = minutes_left;
        view.host.back = None;
        views.push(view);
    }
    for mut view in views.clone() {
        view.reconnect = true;
        view.for_whom.team = Some("Northwind".into());
        views.push(view);
    }
    views
}

fn dones() -> Vec<DoneView> {
    let mut views = vec![done_view()];
    for left in [1, 2] {
        let mut view = done_view();
        view.left = left;
        view.granted = Vec::new();
        view.host.back = None;
        view.for_whom.team = Some("Northwind".into());
        views.push(view);
    }
    for mut view in [done_view(), views[1].clone()] {
        view.missing = vec![scope("contact_update", "Update contacts")];
        view.known = true;
        view.grants = Some(Grants { now: 4, most: 5 });
        views.push(view);
    }
    views
}

fn problems() -> Vec<ProblemView> {
    let mut views = Vec::new();
    for which in ConnectProblem::ALL {
        let view = problem_view(which);
        views.push(ProblemView {
            who_may_approve: Some("An admin switches it on.".into()),
            provider_words: Some("user_not_permitted".into()),
            ..view.clone()
        });
        views.push(ProblemView {
            retry: None,
            ..view.clone()
        });
        views.push(ProblemView {
            host: None,
            provider: None,
            short_name: None,
            retry: None,
            support_code: None,
            ..view
        });
    }
    views
}

fn choices() -> Vec<ChooseView> {
    let mut views = vec![choose_view()];
    for (minutes_left, before, now) in [(0, None, Some("dana@private.example")), (1, None, None)] {
        views.push(ChooseView {
            before,
            now: now.map(str::to_owned),
            known: true,
            grants: Some(Grants { now: 4, most: 5 }),
            minutes_left,
            ..choose_view()
        });
    }
    views
}

fn lists() -> Vec<AccountsView> {
    let mut every_state = accounts_view();
    every_state.accounts = vec![
        account(ConnectionState::Active),
        account(ConnectionState::Degraded),
        account(ConnectionState::ReconnectRequired),
        account(ConnectionState::Revoked),
    ];
    every_state.accounts[0].by_hand = None;
    every_state.accounts[0].last_used_at = Some(NOW);
    every_state.accounts[1].last_used_at = Some(NOW - 3 * 3_600_000);
    every_state.accounts[2].last_used_at = Some(NOW - 3 * 86_400_000);
    let nothing = AccountsView {
        accounts: Vec::new(),
        host: Host {
            back: None,
            ..every_state.host.clone()
        },
        ..every_state.clone()
    };
    vec![accounts_view(), every_state, nothing]
}

/// What stands between the tags and in the attributes that are read out.
fn read_out(html: &str) -> BTreeSet<String> {
    let between = html
        .split('<')
        .filter_map(|piece| piece.split_once('>'))
        .filter(|(tag, _)| !tag.contains("aria-hidden=\"true\""))
        .map(|(_, shown)| shown);
    [" aria-label=\"", " title=\""]
        .into_iter()
        .flat_map(|name| attribute(html, name))
        .chain(between)
        .map(|words| words.trim().to_owned())
        .filter(|words| words.chars().any(char::is_alphabetic))
        .collect()
}

#[test]
fn every_page_says_in_which_language_it_is() {
    for language in Language::ALL {
        let start = format!("<!DOCTYPE html><html lang=\"{}\">", language.tag());
        for page in pages(language) {
            assert!(page.html.starts_with(&start), "{}", page.html);
            assert_eq!(page.html.matches("<h1").count(), 1, "{}", page.html);
            // a name that was not filled in
            has_not(&page.html, "{");
        }
    }
}

#[test]
fn no_page_in_another_language_keeps_a_word_of_ours_in_english() {
    let english: Vec<BTreeSet<String>> = pages(Language::En)
        .iter()
        .map(|page| read_out(&page.html))
        .collect();
    for language in Language::ALL.into_iter().filter(|&l| l != Language::En) {
        for (page, english) in pages(language).iter().zip(&english) {
            let left: Vec<_> = read_out(&page.html)
                .intersection(english)
                .filter(|words| !page.theirs.contains(*words) && !is_made_of_theirs(page, words))
                .cloned()
                .collect();
            assert!(left.is_empty(), "{language:?} says {left:?}: {}", page.html);
        }
    }
}

/// A list of names, such as "Dana Whitfield, dana@northwind.example".
fn is_made_of_theirs(page: &Page, words: &str) -> bool {
    words.split(", ").all(|part| page.theirs.contains(part))
}

#[test]
fn headings_and_buttons_differ_from_english() {
    for language in Language::ALL.into_iter().filter(|&l| l != Language::En) {
        for (page, english) in pages(language).iter().zip(pages(Language::En)) {
            for tag in ["h1", "title", "button", "summary"] {
                let (here, there) = (within(&page.html, tag), within(&english.html, tag));
                assert_eq!(here.len(), there.len());
                for (here, there) in here.iter().zip(there) {
                    assert_ne!(*here, there, "{language:?}");
                }
            }
        }
    }
}

/// The text of each element of this name.
fn within(html: &str, tag: &str) -> Vec<String> {
    html.split(&format!("<{tag}"))
        .skip(1)
        .filter_map(|rest| rest.split_once(&format!("</{tag}>")))
        .map(|(inner, _)| text(&format!("<{tag}{inner}")))
        .collect()
}

#[test]
fn every_problem_has_its_own_heading_in_every_language() {
    for language in Language::ALL {
        let headings: BTreeSet<String> = ConnectProblem::ALL
            .map(|which| problem(&spoken(&problem_view(which), language), &assets()))
            .iter()
            .flat_map(|page| within(page, "h1"))
            .collect();
        assert_eq!(headings.len(), ConnectProblem::ALL.len(), "{headings:?}");
    }
}

#[test]
fn a_heading_and_a_button_read_as_a_person_would_say_them() {
    for (language, heading, button) in [
        (
            Language::De,
            "CRM Sync möchte Ihr Konto bei Apollo.io verbinden",
            "Apollo.io verbinden",
        ),
        (
            Language::Fr,
            "CRM Sync demande à connecter votre compte Apollo.io",
            "Connecter Apollo.io",
        ),
        (
            Language::Es,
            "CRM Sync pide conectar su cuenta de Apollo.io",
            "Conectar Apollo.io",
        ),
        (
            Language::Pt,
            "CRM Sync pede para conectar a sua conta Apollo.io",
            "Conectar Apollo.io",
        ),
        (
            Language::Ja,
            "CRM Sync があなたの Apollo.io アカウントの接続を求めています",
            "Apollo.io を接続",
        ),
    ] {
        let page = ask(&spoken(&ask_view(vec![apollo()]), language), &assets());
        assert_eq!(within(&page, "h1"), [heading]);
        assert!(within(&page, "button").contains(&button.to_owned()));
    }
}

#[test]
fn days_and_moments_are_told_in_the_language_of_the_page() {
    const MINUTE: i64 = 60_000;
    const HOUR: i64 = 60 * MINUTE;
    // 1 March 2026, 00:00 UTC
    let first_of_march = 1_772_323_200_000;
    for (language, date, first, moment, now, minutes, hours) in [
        (
            Language::En,
            "20 Nov 2026",
            "1 Mar 2026",
            "20 Nov 2026, 09:02 UTC",
            "just now",
            "4 min ago",
            "5 h ago",
        ),
        (
            Language::De,
            "20. November 2026",
            "1. März 2026",
            "20. November 2026, 09:02 UTC",
            "gerade eben",
            "vor 4 Min.",
            "vor 5 Std.",
        ),
        (
            Language::Fr,
            "20 novembre 2026",
            "1er mars 2026",
            "20 novembre 2026, 09:02 UTC",
            "à l’instant",
            "il y a 4 min",
            "il y a 5 h",
        ),
        (
            Language::Es,
            "20 de noviembre de 2026",
            "1 de marzo de 2026",
            "20 de noviembre de 2026, 09:02 UTC",
            "ahora mismo",
            "hace 4 min",
            "hace 5 h",
        ),
        (
            Language::Pt,
            "20 de novembro de 2026",
            "1 de março de 2026",
            "20 de novembro de 2026, 09:02 UTC",
            "agora mesmo",
            "há 4 min",
            "há 5 h",
        ),
        (
            Language::Ja,
            "2026年11月20日",
            "2026年3月1日",
            "2026年11月20日 09:02 UTC",
            "たった今",
            "4分前",
            "5時間前",
        ),
    ] {
        let words = words::of(language).time;
        assert_eq!(words.date(NOW), date);
        assert_eq!(words.date(first_of_march), first);
        assert_eq!(words.ago(NOW, NOW + 59_000), now);
        assert_eq!(words.ago(NOW, NOW + 4 * MINUTE), minutes);
        assert_eq!(words.ago(NOW, NOW + 5 * HOUR), hours);
        assert_eq!(words.ago(NOW, NOW + 24 * HOUR), moment);
        assert_eq!(words.ago(NOW, NOW - HOUR), moment);
    }
    let page = accounts(&spoken(&accounts_view(), Language::De), &assets());
    has(
        &text(&page),
        "Verbunden am 22. August 2026 , zuletzt verwendet: vor 22 Min.",
    );
    has(
        &page,
        r#"datetime="2026-08-22T09:02:07Z" title="22. August 2026, 09:02 UTC""#,
    );
}
