//! Every page, as an owner sees it.

use super::browser::Browser;
use super::sample::SamplePortal;
use crate::wire::{Gate, Role};
use http::StatusCode;

fn owner() -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner))
}

fn beginner() -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner).at_the_beginning())
}

/// All pages that an owner can open, with their headings.
pub(super) const PAGES: [(&str, &str); 43] = [
    ("/", "Applications"),
    ("/account", "Account"),
    ("/account/confirm", "Confirm that it is you"),
    ("/account/second-factor", "Second factor"),
    ("/members", "Members"),
    ("/members/mem_jonas", "Jonas Weber"),
    ("/members/mem_mara", "Mara Lindqvist"),
    ("/audit", "Audit"),
    ("/apps/new", "New application"),
    ("/apps/crm-sync", "CRM Sync"),
    ("/apps/crm-sync/providers", "OAuth Providers"),
    ("/apps/crm-sync/providers/new", "Add Provider"),
    ("/apps/crm-sync/providers/new/apollo", "Apollo.io"),
    ("/apps/crm-sync/providers/new/practice", "Apollo.io"),
    (
        "/apps/crm-sync/providers/new/custom",
        "Custom OAuth 2.0 / OpenID Connect",
    ),
    ("/apps/crm-sync/providers/new/gitlab", "Apollo.io"),
    ("/apps/crm-sync/providers/apollo", "Apollo.io"),
    ("/apps/crm-sync/providers/custom", "Apollo.io"),
    (
        "/apps/crm-sync/providers/apollo/playground",
        "Playground of Apollo",
    ),
    (
        "/apps/crm-sync/providers/away/playground",
        "Playground of Apollo",
    ),
    (
        "/apps/crm-sync/providers/token/playground",
        "Playground of Apollo",
    ),
    (
        "/apps/crm-sync/providers/ended/playground",
        "Playground of Apollo",
    ),
    (
        "/apps/crm-sync/providers/apollo/scopes",
        "Change what Apollo is asked for?",
    ),
    ("/apps/crm-sync/connections", "Connections"),
    (
        "/apps/crm-sync/connections/con_lacking",
        "Dana Whitfield, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/con_active/scopes",
        "Reduce what Dana Whitfield granted",
    ),
    (
        "/apps/crm-sync/connections/con_active/scopes?look=1&keep=api",
        "Reduce what Dana Whitfield granted",
    ),
    (
        "/apps/crm-sync/connections/con_active",
        "Dana Whitfield, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/con_broken",
        "Dana Whitfield, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/con_revoked",
        "northwind, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/con_active/revoke",
        "Revoke Dana Whitfield’s connection to Salesforce?",
    ),
    (
        "/apps/crm-sync/connections/con_revoked/receipt",
        "Revoked: northwind, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/con_frozen/receipt",
        "Revoked: Dana Whitfield, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/con_undone/receipt",
        "Undone: Dana Whitfield, Salesforce",
    ),
    (
        "/apps/crm-sync/connections/revoke?provider=apollo",
        "Revoke many connections",
    ),
    (
        "/apps/crm-sync/bulk-revocations/blk_1",
        "Revoking 1,269 connections",
    ),
    (
        "/apps/crm-sync/bulk-revocations/blk_running",
        "Revoking 1,269 connections",
    ),
    ("/apps/crm-sync/keys", "API keys"),
    ("/apps/crm-sync/webhooks", "Webhooks"),
    ("/apps/crm-sync/webhooks/new", "New endpoint"),
    (
        "/apps/crm-sync/webhooks/whk_active",
        "https://app.acme.example/hooks",
    ),
    (
        "/apps/crm-sync/webhooks/whk_gone",
        "https://app.acme.example/hooks",
    ),
    ("/apps/crm-sync/settings", "Settings"),
];

#[tokio::test]
async fn every_page_has_one_heading_its_landmarks_and_no_inline_style() {
    for (address, heading) in PAGES {
        let page = owner().get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        let html = page.text();
        assert_eq!(html.matches("<h1").count(), 1, "{address}");
        page.shows(&format!("{heading}</h1>"))
            .shows(r##"<a href="#main" class="skip">"##)
            .shows(r#"<main id="main" tabindex="-1" class="page">"#)
            .shows(r#"<body class="shell">"#)
            .shows(r#"<html lang="en">"#)
            .hides(" style=");
        assert!(html.contains("· Grantport</title>"), "{address}");
    }
}

#[tokio::test]
async fn every_control_has_one_id_and_a_label() {
    for (address, _) in PAGES {
        let html = owner().get(address).await.text();
        let ids: Vec<&str> = html
            .split(" id=\"")
            .skip(1)
            .filter_map(|rest| rest.split('"').next())
            .collect();
        for id in &ids {
            assert_eq!(
                ids.iter().filter(|other| *other == id).count(),
                1,
                "{address}: {id}"
            );
        }
        for part in html.split("<label").skip(1) {
            let tag = part.split('>').next().unwrap();
            if let Some(target) = tag.split("for=\"").nth(1) {
                let target = target.split('"').next().unwrap();
                assert!(ids.contains(&target), "{address}: label for {target}");
            }
        }
        for part in html.split("aria-describedby=\"").skip(1) {
            for id in part.split('"').next().unwrap().split(' ') {
                assert!(ids.contains(&id), "{address}: described by {id}");
            }
        }
    }
}

#[tokio::test]
async fn whoever_is_not_signed_in_is_led_to_the_door() {
    let visitor = Browser::visiting(SamplePortal::signed_out());
    for (address, _) in PAGES {
        let answer = visitor.get(address).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{address}");
        assert_eq!(answer.location.as_deref(), Some("/signin"), "{address}");
    }
    let door = visitor.get("/signin").await;
    assert_eq!(door.status, StatusCode::OK);
    door.shows("Sign in</h1>")
        .shows("connect.acme.example")
        .shows(r#"<body class="gate">"#)
        .shows(r#"type="password""#);
}

#[tokio::test]
async fn the_gates_open_in_their_order() {
    let first = Browser::visiting(SamplePortal::at(Gate::SetupNeeded));
    assert_eq!(
        first.get("/signin").await.location.as_deref(),
        Some("/setup")
    );
    first
        .get("/setup")
        .await
        .shows("Set up Grantport</h1>")
        .shows("Setup token");
    let visitor = Browser::visiting(SamplePortal::signed_out());
    assert_eq!(
        visitor.get("/setup").await.location.as_deref(),
        Some("/signin")
    );
    assert_eq!(owner().get("/signin").await.location.as_deref(), Some("/"));
    assert_eq!(owner().get("/setup").await.location.as_deref(), Some("/"));
}

#[tokio::test]
async fn what_does_not_exist_is_a_404_page_with_a_way_out() {
    for address in [
        "/apps/someone-elses",
        "/apps/someone-elses/settings",
        "/apps/crm-sync/providers/none",
        "/apps/crm-sync/providers/new/none",
        "/apps/crm-sync/connections/none",
        "/apps/%3Cscript%3E",
    ] {
        let page = owner().get(address).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{address}");
        page.shows("There is nothing here</h1>")
            .shows("All applications</a>")
            .hides("<script>alert");
    }
}

#[tokio::test]
async fn the_applications_that_need_someone_stand_first() {
    let page = owner().get("/").await;
    page.shows("42 need a person")
        .shows("4 min ago")
        .shows("1,284")
        .shows("Never");
    let html = page.text();
    assert!(html.find("crm-sync").unwrap() < html.find("lab</small>").unwrap());
    beginner()
        .get("/")
        .await
        .shows("No application yet")
        .shows("New application");
}

#[tokio::test]
async fn an_application_without_connections_says_where_to_begin() {
    beginner()
        .get("/apps/crm-sync")
        .await
        .shows("CRM Sync has no connections yet</h1>")
        .shows("Three steps left")
        .shows("Add the practice provider</button>")
        .shows("Choose from 5 providers")
        .shows("/api/v1/connect-sessions");
    owner()
        .get("/apps/crm-sync")
        .await
        .shows("1,196 of 1,269 connections work. 42 wait for a person, 31 are being retried by us.")
        .shows("/apps/crm-sync/connections?state=reconnect_required");
}

#[tokio::test]
async fn a_provider_is_added_beside_its_guide() {
    owner()
        .get("/apps/crm-sync/providers/new/apollo")
        .await
        .shows("At Apollo</h2>")
        .shows("<strong>Settings &gt; Integrations</strong>")
        .shows("oauth/callback/prv_7Hq2mXv9Tz4LkQ")
        .shows(">Redirect URI</label>")
        .shows(">Client ID</label>")
        .shows(">Client Secret</label>")
        .shows(r#"<legend class="h2">Scopes</legend>"#)
        .shows("2 of 4 are chosen.")
        .shows("Apollo grants these always")
        .shows("One owner per account")
        .shows(">Save</button>");
    owner()
        .get("/apps/crm-sync/providers/new/practice")
        .await
        .shows("Add the practice provider</button>")
        .hides(">Client Secret</label>");
}

#[tokio::test]
async fn a_provider_shows_what_is_set_and_never_the_secret() {
    let page = owner().get("/apps/crm-sync/providers/apollo?saved=1").await;
    page.shows("Active</span>")
        .shows("Saved.</strong>")
        .shows("Set, ends in <code>..4Tw5</code>")
        .shows(r#"value="vvZd-i_3MsfI6gmktGJY7F""#)
        .shows(r#"value="api:default""#)
        .shows("Remove<span class=\"unseen\"> the secret that ends in 9QzA</span>");
    owner()
        .get("/apps/crm-sync/providers")
        .await
        .shows("OAuth Providers</h1>")
        .shows("Credentials refused")
        .shows("5, set at Salesforce")
        .shows("Refreshed about every 30 days");
}

#[tokio::test]
async fn the_gallery_keeps_what_was_searched() {
    owner()
        .get("/apps/crm-sync/providers/new?q=apo&category=Hospitality")
        .await
        .shows(r#"value="apo""#)
        .shows("/apps/crm-sync/providers/new?q=apo&amp;category=CRM%20and%20sales")
        .shows("Seen live");
    owner()
        .get("/apps/crm-sync/providers/new?q=nothing")
        .await
        .shows("No provider fits.");
}

#[tokio::test]
async fn connections_say_why_and_who_has_to_act() {
    owner()
        .get("/apps/crm-sync/connections?q=dana&provider=apollo")
        .await
        .shows("Access removed or expired at Salesforce")
        .shows("The user has to act")
        .shows("Nobody: we try again at 14:10 UTC")
        .shows("Ended by Tomás Oliveira")
        .shows("Valid until 15:31 UTC")
        .shows("/apps/crm-sync/connections?q=dana&amp;provider=apollo&amp;cursor=after%2F4")
        .shows(r#"value="dana""#);
    owner()
        .get("/apps/crm-sync/connections?q=nobody")
        .await
        .shows("No connection fits");
    beginner()
        .get("/apps/crm-sync/connections")
        .await
        .shows("No connection yet");
}

#[tokio::test]
async fn a_broken_connection_is_diagnosed() {
    owner()
        .get("/apps/crm-sync/connections/con_broken")
        .await
        .shows("Salesforce no longer accepts this connection")
        .shows("The user, Dana Whitfield")
        .shows("The wire between CRM Sync and Salesforce is broken")
        .shows("Salesforce refused the refresh.")
        .shows("error: invalid_grant")
        .shows("412 times")
        .shows("/apps/crm-sync/connections/con_broken/revoke");
}

#[tokio::test]
async fn a_revoked_connection_has_a_receipt_and_no_second_end() {
    owner()
        .get("/apps/crm-sync/connections/con_revoked")
        .await
        .shows("Receipt</a>")
        .hides("Revoke</a>");
    owner()
        .get("/apps/crm-sync/connections/con_revoked/revoke")
        .await
        .shows("is revoked already</h1>")
        .hides("Revoke</button>");
    owner()
        .get("/apps/crm-sync/connections/con_revoked/receipt")
        .await
        .shows("22 Nov 2026, 14:06:20 UTC")
        .shows("Ticket 4471.")
        .shows("Audit row 18,403");
}

#[tokio::test]
async fn a_new_key_is_shown_with_copy() {
    owner()
        .get("/apps/crm-sync/keys")
        .await
        .shows("gp_the-whole-key")
        .shows("Copy<span class=\"unseen\"> API key</span>")
        .shows("It is shown once");
    beginner()
        .get("/apps/crm-sync/keys")
        .await
        .hides("gp_the-whole-key")
        .shows("gp_4Tw5..9fQe");
}

#[tokio::test]
async fn a_provider_shows_its_three_marks_and_what_to_do() {
    owner()
        .get("/apps/crm-sync/providers/apollo")
        .await
        .shows(r#"<li class="proof proof--wrong">"#)
        .shows("Apollo refused ID or secret. Copy both again there")
        .shows(r#"<li class="proof proof--unsure">"#)
        .shows("Could not tell")
        .shows(r#"<li class="proof proof--right">"#)
        .shows("app.apollo.io answered.")
        .shows("Try again</button>")
        .shows(r#"href="/apps/crm-sync/providers/apollo/playground""#);
    // what was saved is said to be saved, and what is still to be done
    owner()
        .get("/apps/crm-sync/providers/apollo?saved=1")
        .await
        .shows("Saved.")
        .shows("what is still to be done")
        .hides("is active, and the users");
    Browser::visiting(SamplePortal::signed_in_as(Role::Developer))
        .get("/apps/crm-sync/providers/apollo")
        .await
        .shows("proof--wrong")
        .hides("Try again</button>");
}
