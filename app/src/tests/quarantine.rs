//! While nothing is refreshed, every page says so to every member.

use super::browser::Browser;
use super::pages::PAGES;
use super::sample::SamplePortal;
use crate::wire::{BrokenReason, HistoryEntry, HistoryKind, QuarantineReason, Role};
use crate::words::history::tell;
use http::StatusCode;

fn member(role: Role, reason: QuarantineReason) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role).in_quarantine(reason))
}

#[tokio::test]
async fn every_page_says_since_when_why_and_what_ends_it() {
    let copied = member(Role::Owner, QuarantineReason::Copied);
    for (address, heading) in PAGES {
        copied
            .get(address)
            .await
            .shows(r#"<div class="notice notice--bad">"#)
            .shows("No token is refreshed since ")
            .shows(">21 Nov 2026, 14:06 UTC</time>")
            .shows("copied from another place")
            .shows("Tokens that are still valid are handed out")
            .shows("<code>grantport restore confirm</code>")
            .shows(&format!("{heading}</h1>"));
        Browser::visiting(SamplePortal::signed_in_as(Role::Owner))
            .get(address)
            .await
            .hides("No token is refreshed");
    }
}

#[tokio::test]
async fn every_role_hears_it_and_so_does_who_finds_nothing() {
    for role in [Role::Admin, Role::Developer, Role::Support, Role::Auditor] {
        let restored = member(role, QuarantineReason::OlderThanSeen);
        for address in ["/", "/account", "/apps/crm-sync/connections/none"] {
            restored
                .get(address)
                .await
                .shows("a backup was put in its place")
                .shows("grantport restore confirm");
        }
    }
    let visitor =
        Browser::visiting(SamplePortal::signed_out().in_quarantine(QuarantineReason::ByHand));
    let door = visitor.get("/signin").await;
    assert_eq!(door.status, StatusCode::OK);
    door.hides("No token is refreshed");
}

#[tokio::test]
async fn a_connection_that_waits_for_a_refresh_says_why() {
    let copied = member(Role::Support, QuarantineReason::Copied);
    copied
        .get("/apps/crm-sync/connections/con_expired")
        .await
        .shows("No token is refreshed here since 21 Nov 2026, 14:06 UTC")
        .shows("Nothing is wrong with this connection.")
        .shows("Whoever runs this server")
        .shows("the last one has expired");
    copied
        .get("/apps/crm-sync/connections/con_degraded")
        .await
        .shows("No token is refreshed here since")
        .hides("We try again");
    copied
        .get("/apps/crm-sync/connections/con_active")
        .await
        .shows("Salesforce accepts this connection.")
        .hides("No token is refreshed here since");
    copied
        .get("/apps/crm-sync/connections")
        .await
        .shows("Whoever runs this server has to act")
        .hides("Nobody: we try again");
}

#[tokio::test]
async fn what_did_not_survive_the_restore_is_told_so() {
    Browser::visiting(SamplePortal::signed_in_as(Role::Support))
        .get("/apps/crm-sync/connections/con_stale")
        .await
        .shows("The token came with a restored or copied database")
        .shows("The user, Dana Whitfield")
        .shows("Send Dana Whitfield the link below");
    let what = HistoryKind::Broken {
        reason: BrokenReason::StaleAfterRestore,
        status: Some(400),
        code: Some("invalid_grant".into()),
    };
    let entry = HistoryEntry {
        at: 0,
        since: 0,
        times: 1,
        what,
        answer: None,
    };
    let told = tell(&entry, "Salesforce");
    assert_eq!(told.what, "Salesforce refused the refresh.");
    assert!(told.aside.contains("restored or copied"), "{told:?}");
}
