//! The audit's page and an application's overview.

use super::browser::Browser;
use super::sample::SamplePortal;
use crate::wire::{PortalError, Role};
use http::StatusCode;

fn member(role: Role) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role))
}

#[tokio::test]
async fn the_audit_says_first_whether_it_is_whole() {
    let auditor = member(Role::Auditor);
    auditor
        .get("/audit")
        .await
        .shows("<strong>The chain is whole.</strong> 18,403 rows, checked")
        .shows("9f2c 51d0 44be … a71b")
        .shows("Check again</button>");
    auditor
        .get("/audit?q=broken")
        .await
        .shows("<strong>The chain is broken.</strong> Row 17, number 15 of the chain, (21 Nov 2026, 14:06:20 UTC) was edited")
        .shows("notice--bad");
    auditor
        .get("/audit?q=checking")
        .await
        .shows("12,000 of 18,403 rows were looked at.")
        .shows("Look again</a>");
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner).at_the_beginning())
        .get("/audit")
        .await
        .shows("The chain was not checked yet.")
        .shows("Nothing was done yet</h2>");
}

#[tokio::test]
async fn rows_are_told_in_words_and_lead_to_what_they_are_about() {
    member(Role::Owner)
        .get("/audit")
        .await
        .shows("Revoked a connection")
        .shows(r#"<a href="/apps/crm-sync/connections/con_revoked">Northwind, Salesforce</a>"#)
        .shows("<small>The customer is leaving, ticket 4471</small>")
        .shows("Took tokens, 38 times in a minute")
        .shows("Salesforce 21, Attio 17")
        .shows(r#"<a href="/apps/crm-sync/providers/salesforce">Salesforce</a>"#)
        .shows("<code>203.0.113.24</code>")
        .shows("Did what another release calls moon.landed")
        .shows("Rows 18,403 to 18,399");
}

#[tokio::test]
async fn what_the_audit_is_narrowed_to_stays_and_is_exported() {
    let page = member(Role::Auditor)
        .get("/audit?q=a%26b&what=tokens&from=2026-11-20&cursor=older-9")
        .await;
    page.shows(r#"value="a&amp;b""#)
        .shows(r#"<option value="tokens" selected>"#)
        .shows(r#"value="2026-11-20""#)
        .shows("/audit/export.csv?q=a%26b&amp;what=tokens&amp;from=2026-11-20")
        .shows("/audit/export.jsonl?q=a%26b")
        .shows("cursor=older-18399")
        .hides("export.csv?q=a%26b&amp;what=tokens&amp;from=2026-11-20&amp;cursor");
    member(Role::Auditor)
        .get("/audit?q=nothing")
        .await
        .shows("No row fits</h2>");
}

#[tokio::test]
async fn the_audit_is_for_those_who_may_read_it() {
    for (role, may) in [
        (Role::Owner, true),
        (Role::Admin, true),
        (Role::Auditor, true),
        (Role::Developer, false),
        (Role::Support, false),
    ] {
        let page = member(role).get("/audit").await;
        let list = member(role).get("/").await;
        if may {
            assert_eq!(page.status, StatusCode::OK, "{role:?}");
            list.shows(r#"href="/audit""#);
        } else {
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{role:?}");
            list.hides(r#"href="/audit""#);
        }
    }
}

#[tokio::test]
async fn a_check_leads_back_to_the_audit() {
    let sent = member(Role::Auditor).post("check_audit", "").await;
    assert_eq!(sent.status, StatusCode::FOUND);
    assert_eq!(sent.location.as_deref(), Some("/audit"));
    let refusing = SamplePortal::signed_in_as(Role::Auditor).refusing(PortalError::Internal);
    let sent = Browser::visiting(refusing).post("check_audit", "").await;
    assert!(sent.location.unwrap().starts_with("/audit?__path="));
}

#[tokio::test]
async fn the_overview_says_who_has_to_act_the_worst_first() {
    let page = member(Role::Admin).get("/apps/crm-sync").await;
    let html = page.text();
    let places: Vec<_> = [
        "HubSpot refuses our client credentials since 21 Nov 2026, 14:06 UTC.",
        "29 connections to Salesforce need a reconnect.",
        "apaleo does not answer properly.",
        "Attio: a client secret is unused.",
    ]
    .iter()
    .map(|words| html.find(words).unwrap_or_else(|| panic!("{words}")))
    .collect();
    assert!(places.is_sorted());
    page.shows(
        r#"href="/apps/crm-sync/connections?state=reconnect_required&amp;provider=salesforce&amp;reason=grant_revoked_or_expired""#,
    )
    .shows("Show the 29</a>")
    .shows("Open HubSpot</a>");
    let support = member(Role::Support).get("/apps/crm-sync").await;
    assert_eq!(support.status, StatusCode::OK);
    support
        .shows("Show the 29</a>")
        .hides("Open HubSpot")
        .hides("Return URL")
        .hides("/providers");
}

#[tokio::test]
async fn every_chart_has_its_finding_as_a_name_and_its_numbers_beside_it() {
    member(Role::Developer)
        .get("/apps/crm-sync")
        .await
        .shows("Of 1,284 connections, 1,196 are active, 31 are degraded, 42 need a reconnect and 15 are revoked")
        .shows("url(#state-hatch)")
        .shows("<small>93.1%</small>")
        .shows(r#"aria-labelledby="refreshes refreshes-note""#)
        .shows("About 1,015 a day, most on 22 Nov 2026: 1,029.")
        .shows("30,435 done, 61 failed")
        .shows(r#"<td class="table__num">1,029</td>"#)
        .shows(r#"aria-labelledby="connects connects-note""#)
        .shows("1 connected")
        .shows("Why 42 need a reconnect</h2>")
        .shows(r#"<span class="num">40</span>"#)
        .hides("NaN")
        .hides(" style=");
}
