//! The page as its readers meet it: everything has a place, and every link leads to one.

use super::*;
use crate::wire::{AnswerKind, Call, FieldKind, ProblemKind};
use std::collections::BTreeSet;

fn sample() -> Reference {
    Reference {
        base_url: "https://grantport.example/api/v1".to_owned(),
        parts: vec![CallGroup {
            name: "Connect sessions".to_owned(),
            description: "Invite an end user, with `POST`.".to_owned(),
            calls: vec![Call {
                id: "createConnectSession".to_owned(),
                title: "Make a <session>".to_owned(),
                method: "POST".to_owned(),
                path: "/connect-sessions".to_owned(),
                description: vec!["First.".to_owned(), "Then `this`.".to_owned()],
                scopes: vec!["connect:create".to_owned()],
                parameters: Vec::new(),
                body: vec![FieldKind {
                    name: "end_user.id".to_owned(),
                    kind: "text".to_owned(),
                    required: true,
                    ..FieldKind::default()
                }],
                example: "curl 'x' && echo \"<y>\"".to_owned(),
                answers: vec![
                    AnswerKind {
                        status: "201".to_owned(),
                        object: Some("NewConnectSession".to_owned()),
                        example: Some("{}".to_owned()),
                        ..AnswerKind::default()
                    },
                    AnswerKind {
                        status: "404".to_owned(),
                        codes: vec!["not_found".to_owned()],
                        ..AnswerKind::default()
                    },
                ],
            }],
        }],
        objects: vec![ObjectKind {
            name: "NewConnectSession".to_owned(),
            description: "An invitation.".to_owned(),
            fields: vec![FieldKind {
                name: "status".to_owned(),
                kind: "text".to_owned(),
                values: vec!["pending".to_owned(), "connected".to_owned()],
                ..FieldKind::default()
            }],
        }],
        problems: vec![ProblemKind {
            code: "not_found".to_owned(),
            status: "404".to_owned(),
            blame: "caller".to_owned(),
            title: "There is nothing here".to_owned(),
            detail: "Check the id.".to_owned(),
        }],
    }
}

fn page() -> String {
    let assets = Assets {
        stylesheet: "/assets/abc/app.css".to_owned(),
        favicon: "/favicon.svg".to_owned(),
    };
    reference(&sample(), &assets)
}

/// What stands between `before` and the next quotation mark, each time.
fn all(html: &str, before: &str) -> Vec<String> {
    html.split(before)
        .skip(1)
        .filter_map(|rest| rest.split('"').next().map(str::to_owned))
        .collect()
}

#[test]
fn every_link_on_the_page_leads_to_a_place_on_it() {
    let html = page();
    let places = all(&html, " id=\"");
    let distinct: BTreeSet<_> = places.iter().collect();
    assert_eq!(distinct.len(), places.len(), "{places:?}");
    let links = all(&html, "href=\"#");
    assert!(links.len() > 8, "{links:?}");
    for link in links {
        assert!(places.contains(&link), "#{link}");
    }
}

#[test]
fn the_page_runs_nothing_and_loads_two_files_of_ours() {
    let html = page();
    for never in ["<script", "style=\"", "http://", "<session>", "<y>"] {
        assert!(!html.contains(never), "{never}");
    }
    assert_eq!(all(&html, "src=\""), Vec::<String>::new());
    assert!(html.contains("Make a &lt;session&gt;"), "{html}");
}

#[test]
fn what_stands_between_backticks_is_code() {
    let html = page();
    assert!(html.contains("Then <code>this</code>."), "{html}");
    assert!(
        html.contains("<code>pending</code>, <code>connected</code>"),
        "{html}"
    );
}
