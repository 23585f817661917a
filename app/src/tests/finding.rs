//! Finding a connection, and reading why it does not work.

use super::browser::Browser;
use super::sample::{NOW, SamplePortal, summary};
use crate::wire::*;
use crate::words::diagnosis;
use std::collections::BTreeSet;

fn member(role: Role) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role))
}

const LIST: &str = "/apps/crm-sync/connections";

#[tokio::test]
async fn what_the_list_is_narrowed_to_can_be_taken_away() {
    let address = format!("{LIST}?q=dana&provider=apollo&reason=unreadable&used=never");
    member(Role::Support)
        .get(&address)
        .await
        .shows(r#"aria-label="Narrowed to""#)
        .shows("“dana”")
        .shows("Provider: Apollo.io")
        .shows("Reason: Cannot be opened")
        .shows("Last used: Never")
        .shows(&format!(
            r#"href="{LIST}?q=dana&amp;reason=unreadable&amp;used=never""#
        ))
        .shows("Clear all</a>")
        .shows(r#"value="unreadable" selected"#)
        .shows(r#"value="never" selected"#)
        .hides("<details open");
    member(Role::Support)
        .get(&format!("{LIST}?team=t-7&age=90&scope=api"))
        .await
        .shows("<details open")
        .shows("Team id: t-7")
        .shows("Connected: Over 90 days ago")
        .shows("Missing scope: api")
        .shows("team=t-7&amp;age=90&amp;scope=api&amp;cursor=");
    member(Role::Support)
        .get(LIST)
        .await
        .hides("Narrowed to")
        .hides("Clear all");
}

#[tokio::test]
async fn what_an_address_cannot_mean_is_told() {
    member(Role::Owner)
        .get(&format!("{LIST}?state=asleep"))
        .await
        .shows("What the address says of State names nothing here and is left out.");
    member(Role::Owner).get(LIST).await.hides("left out");
}

#[tokio::test]
async fn nothing_found_says_what_was_looked_for_and_what_to_do() {
    member(Role::Support)
        .get(&format!("{LIST}?q=nobody&state=active"))
        .await
        .shows("No connection fits</h2>")
        .shows("Looked for: “nobody”, State: Active.")
        .shows("Search without filters</a>")
        .shows("Show all</a>");
}

#[tokio::test]
async fn a_count_that_stopped_says_so() {
    member(Role::Support)
        .get(&format!("{LIST}?q=everybody"))
        .await
        .shows("1,000+")
        .shows("of 1,000 or more, the newest first. Counting stops there.");
}

#[tokio::test]
async fn a_provider_that_refuses_us_is_one_notice() {
    let shown = member(Role::Admin).get(LIST).await;
    shown
        .shows("Salesforce refuses our client credentials since 21 Nov 2026, 14:06 UTC.")
        .shows("604 connections wait for a new Client Secret; nothing is wrong with them.")
        .shows(r#"href="/apps/crm-sync/providers/salesforce""#);
    assert_eq!(shown.text().matches("notice notice--bad").count(), 1);
    let support = member(Role::Support).get(LIST).await;
    support
        .shows("An admin has to act.")
        .hides(r#"href="/apps/crm-sync/providers/salesforce""#)
        .shows("Salesforce refuses our client credentials<");
    member(Role::Support)
        .get(&format!("{LIST}/con_refused"))
        .await
        .shows("Nothing is wrong with this connection.");
}

#[tokio::test]
async fn a_link_stands_ready_for_whoever_may_send_it() {
    member(Role::Support)
        .get(&format!("{LIST}/con_broken"))
        .await
        .shows("Send Dana Whitfield the link below.")
        .shows("https://connect.acme.example/connect/con_broken.1.mac")
        .shows("Only for Dana Whitfield. It works once, until 29 Nov 2026, and keeps this connection and its id.")
        .shows("Copy<span class=\"unseen\"> Reconnect link</span>");
    member(Role::Developer)
        .get(&format!("{LIST}/con_broken"))
        .await
        .shows("Ask Dana Whitfield to connect Salesforce again.")
        .hides("Reconnect link");
    member(Role::Support)
        .get(&format!("{LIST}/con_revoked"))
        .await
        .hides("Reconnect link")
        .shows("Tomás Oliveira ended this connection on 20 Nov 2026, 14:06 UTC.");
}

#[tokio::test]
async fn a_history_folds_what_was_answered_and_has_pages() {
    let page = member(Role::Support)
        .get(&format!("{LIST}/con_broken"))
        .await;
    page.shows("What Salesforce answered</summary>")
        .shows("HTTP 400 Bad Request")
        .shows("[hidden]")
        .shows("error: invalid_grant")
        .shows(&format!(r#"href="{LIST}/con_broken?history=77.1""#))
        .hides("Newest</a>");
    member(Role::Support)
        .get(&format!("{LIST}/con_broken?history=77.1"))
        .await
        .shows("Newest</a>")
        .hides("?history=");
}

/// A connection's page in a state, for a reason.
fn view(state: ConnectionState, reason: Option<BrokenReason>) -> ConnectionView {
    ConnectionView {
        application: "CRM Sync".into(),
        summary: ConnectionSummary {
            state,
            reason,
            ..summary("con_active")
        },
        provider_short_name: "Salesforce".into(),
        provider_slug: "salesforce".into(),
        account_id: None,
        metadata: vec![],
        scopes: vec![],
        missing_scopes: vec![],
        lacks: vec![],
        reducible: false,
        reconnect_link: None,
        generation: 1,
        state_since: NOW,
        provider_state: ProviderState::Active,
        history: vec![],
        history_is_older: false,
        older_history: None,
        now: NOW,
    }
}

#[test]
fn every_state_and_reason_says_who_has_to_act_and_what_to_do() {
    let mut sentences = BTreeSet::new();
    let plain = [
        ConnectionState::Active,
        ConnectionState::Degraded,
        ConnectionState::Revoked,
    ];
    let whole = plain.map(|state| view(state, None));
    let broken =
        BrokenReason::ALL.map(|reason| view(ConnectionState::ReconnectRequired, Some(reason)));
    let refused = ProviderState::CredentialsRejected { since: NOW };
    let all: Vec<ConnectionView> = whole.into_iter().chain(broken).collect();
    let stopped = all.iter().cloned().map(|view| ConnectionView {
        provider_state: refused,
        ..view
    });
    let lacking = ConnectionView {
        lacks: vec![ScopeWords {
            name: "api".into(),
            words: "Use the data APIs".into(),
        }],
        summary: ConnectionSummary {
            marks: vec![ConnectionMark::LacksScopes],
            ..summary("con_active")
        },
        ..view(ConnectionState::Active, None)
    };
    let quarantine = QuarantineView {
        since: NOW,
        reason: QuarantineReason::Copied,
    };
    let every: Vec<ConnectionView> = all
        .iter()
        .cloned()
        .chain(stopped)
        .chain([lacking])
        .collect();
    for quarantine in [None, Some(quarantine)] {
        for view in &every {
            let found = diagnosis::of(view, quarantine);
            for part in [&found.sentence, &found.now, &found.until] {
                assert!(part.ends_with('.') && part.len() > 7, "{found:?}");
            }
            assert!(!found.who.is_empty(), "{found:?}");
            let state = view.summary.state;
            let of_admin = view.provider_state == refused && state != ConnectionState::Revoked;
            assert_eq!(
                found.who.contains("admin"),
                of_admin || view.summary.reason == Some(BrokenReason::Unreadable),
                "{found:?}"
            );
            if quarantine.is_none() && view.provider_state == ProviderState::Active {
                sentences.insert(found.sentence);
            }
        }
    }
    assert_eq!(
        sentences.len(),
        all.len() + 1,
        "each has a sentence of its own: {sentences:?}"
    );
}

#[test]
fn a_connection_that_is_broken_at_a_provider_that_refuses_us_needs_both() {
    let mut view = view(
        ConnectionState::ReconnectRequired,
        Some(BrokenReason::GrantRevokedOrExpired),
    );
    view.provider_state = ProviderState::CredentialsRejected { since: NOW };
    let found = diagnosis::of(&view, None);
    assert_eq!(found.who, "An admin first, then the user");
    assert!(
        found.sentence.contains("no longer accepts this connection"),
        "{found:?}"
    );
    assert!(
        found.now.starts_with("Paste a new Client Secret"),
        "{found:?}"
    );
}
