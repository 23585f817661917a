//! Controls that a role may not use are not shown.

use super::browser::Browser;
use super::sample::SamplePortal;
use crate::wire::{Gate, Role};
use http::StatusCode;

fn member(role: Role) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role))
}

#[tokio::test]
async fn a_developer_reads_and_changes_nothing() {
    let developer = member(Role::Developer);
    for address in [
        "/",
        "/apps/crm-sync",
        "/apps/crm-sync/providers",
        "/apps/crm-sync/providers/apollo",
        "/apps/crm-sync/connections/con_active",
        "/apps/crm-sync/keys",
        "/apps/crm-sync/keys/key_1",
        "/apps/crm-sync/settings",
    ] {
        let page = developer.get(address).await;
        assert_eq!(page.status, StatusCode::OK, "{address}");
        page.hides("New application")
            .hides(" Add Provider</a>")
            .hides(">Save</button>")
            .hides("Make an API key</button>")
            .hides(">Revoke<")
            .hides("Reconnect link");
    }
    for address in [
        "/apps/new",
        "/apps/crm-sync/providers/new/apollo",
        "/apps/crm-sync/connections/con_active/revoke",
        "/apps/crm-sync/connections/con_active/scopes",
        "/apps/crm-sync/providers/apollo/scopes",
        "/members",
    ] {
        let page = developer.get(address).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{address}");
        page.shows("Your role does not include this page</h1>");
    }
}

#[tokio::test]
async fn support_finds_and_revokes_connections() {
    let support = member(Role::Support);
    support
        .get("/apps/crm-sync/connections/con_active")
        .await
        .shows("Revoke</a>")
        .hides("API keys")
        .hides("OAuth Providers");
    support
        .get("/apps/crm-sync/connections/con_active/revoke")
        .await
        .shows("Revoke</button>");
}

#[tokio::test]
async fn an_auditor_sees_the_list_and_their_own_account() {
    let auditor = member(Role::Auditor);
    auditor
        .get("/")
        .await
        .shows("CRM Sync")
        .hides(r#"href="/apps/"#);
    assert_eq!(auditor.get("/account").await.status, StatusCode::OK);
    auditor
        .get("/members")
        .await
        .shows("Mara Lindqvist")
        .shows("Mail not sent")
        .hides("Make invitation link</button>")
        .hides("Make a new link")
        .hides("the-whole-token");
    let page = auditor.get("/apps/crm-sync/connections").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
    page.shows("You are signed in as auditor.").hides("dana@");
}

#[tokio::test]
async fn an_admin_invites_anybody_but_owners() {
    let admin = member(Role::Admin);
    admin
        .get("/members")
        .await
        .shows("Make invitation link</button>")
        .shows("Revoke<span class=\"unseen\"> the invitation of ada@acme.example")
        .shows(r#"<option value="admin""#)
        .hides(r#"<option value="owner""#);
    admin
        .get("/account/second-factor")
        .await
        .shows("JBSW Y3DP EHPK 3PXP")
        .shows(r#"role="img" aria-label="QR code"#);
}

#[tokio::test]
async fn a_link_that_works_and_one_that_does_not() {
    let visitor = Browser::visiting(SamplePortal::signed_out());
    visitor
        .get("/invitations/the-whole-token")
        .await
        .shows("Join Acme</h1>")
        .shows("Mara Lindqvist invites")
        .shows("an auditor");
    let page = visitor.get("/invitations/another").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    page.shows("This invitation cannot be used</h1>")
        .hides("Join");
    let half = Browser::visiting(SamplePortal::at(Gate::HalfSignedIn));
    assert_eq!(
        half.get("/signin").await.location.as_deref(),
        Some("/signin/factor")
    );
    half.get("/signin/factor")
        .await
        .shows("one of your recovery codes");
}
