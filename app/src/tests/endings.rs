//! Revoking: what hangs on it, what can still be undone, many at once, and emergency stops.

use super::browser::Browser;
use super::sample::SamplePortal;
use super::sample_ending::stop;
use crate::wire::{Field, PortalError, Problem, Role};
use http::StatusCode;

fn member(role: Role) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role))
}

fn owner() -> Browser {
    member(Role::Owner)
}

#[tokio::test]
async fn whoever_revokes_sees_first_what_hangs_on_it() {
    owner()
        .get("/apps/crm-sync/connections/con_active/revoke")
        .await
        .shows("to “backend”; to 2 API keys in the last 30 days.")
        .shows("1 other connection to this account")
        .shows("Salesforce is told in 15 minutes; you can undo until then.")
        .shows("Stops here and at Salesforce at once. No undo.");
}

#[tokio::test]
async fn a_receipt_says_until_when_it_can_be_undone() {
    let frozen = "/apps/crm-sync/connections/con_frozen/receipt";
    owner()
        .get(frozen)
        .await
        .shows("You can undo this until 14:21:20 UTC.")
        .shows("Undo</button>")
        .shows(r#"href="/apps/crm-sync/connections/con_frozen/receipt.json""#)
        .shows(r#"href="/apps/crm-sync/bulk-revocations/blk_1""#)
        .shows("Frozen");
    // a developer reads it
    member(Role::Developer)
        .get(frozen)
        .await
        .hides("Undo</button>");
    owner()
        .get("/apps/crm-sync/connections/con_undone/receipt")
        .await
        .shows("Mara Lindqvist undid this revocation.")
        .shows("undone in row 18,404")
        .hides("What was ended where");
}

#[tokio::test]
async fn each_token_has_its_own_result() {
    owner()
        .get("/apps/crm-sync/connections/con_told/receipt")
        .await
        .shows("Refresh token</th>")
        .shows("Access token</th>")
        .shows("Failed</span>")
        .hides("Undo</button>");
}

#[tokio::test]
async fn an_undo_that_comes_too_late_says_so_and_what_to_do() {
    for (error, words) in [
        (PortalError::TooLateToUndo, "It is too late to undo this."),
        (
            PortalError::RefreshUnderWay { retry_after_s: 30 },
            "Its outcome is known in 30 s at the latest",
        ),
        (
            PortalError::ConnectedAgain,
            "The account was connected again meanwhile.",
        ),
    ] {
        Browser::visiting(SamplePortal::signed_in_as(Role::Owner).refusing(error))
            .post_and_follow(
                "undo_revocation",
                "application=crm-sync&connection=con_frozen",
            )
            .await
            .shows(r#"role="alert""#)
            .shows(words);
    }
}

#[tokio::test]
async fn many_are_counted_before_they_are_revoked() {
    let list = owner()
        .get("/apps/crm-sync/connections?provider=apollo&state=active")
        .await;
    list.shows(r#"href="/apps/crm-sync/connections/revoke?state=active&amp;provider=apollo""#);
    owner()
        .get("/apps/crm-sync/connections/revoke?provider=apollo&team=northwind")
        .await
        .shows("1,269 connections of CRM Sync would be revoked.")
        .shows("It cannot be told from here: each customer ends it there.")
        .shows("Write 1,269 to confirm it.")
        .shows(r#"name="team" value="northwind""#)
        .shows("Revoke 1,269 connections</button>")
        .shows("Earlier runs");
    owner()
        .get("/apps/crm-sync/connections/revoke?end_user=nobody")
        .await
        .shows("No connection that is not revoked already fits.")
        .hides(r#"name="confirmation""#);
}

#[tokio::test]
async fn a_wrong_number_keeps_what_was_typed() {
    let error = PortalError::field(Field::Confirmation, Problem::Wrong);
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner).refusing(error))
        .post_and_follow(
            "revoke_in_bulk",
            "application=crm-sync&criteria[filter][provider]=apollo&criteria[filter][team]=a+b&reason=incident&note=Ticket+7&confirmation=12",
        )
        .await
        .shows("This is not how many fit now.")
        .shows(r#"value="incident" checked"#)
        .shows("Ticket 7</textarea>")
        .shows(r#"name="team" value="a b""#);
}

#[tokio::test]
async fn a_run_shows_its_progress_and_looks_again_by_itself() {
    owner()
        .get("/apps/crm-sync/bulk-revocations/blk_running")
        .await
        .shows("1,000 of 1,269 are done.")
        .shows(r#"http-equiv="refresh""#)
        .shows("<progress")
        .shows("Undo all</button>");
    owner()
        .get("/apps/crm-sync/bulk-revocations/blk_1")
        .await
        .shows("All 1,269 are done.")
        .hides(r#"http-equiv="refresh""#);
}

#[tokio::test]
async fn only_those_who_may_revoke_many_are_led_there() {
    for role in [Role::Developer, Role::Support] {
        member(role)
            .get("/apps/crm-sync/connections")
            .await
            .hides("Revoke many");
        let page = member(role).get("/apps/crm-sync/connections/revoke").await;
        assert_eq!(page.status, StatusCode::FORBIDDEN);
    }
}

#[tokio::test]
async fn what_is_stopped_stands_on_every_page_of_the_application() {
    let portal = SamplePortal::signed_in_as(Role::Owner).stopping(vec![stop(false), stop(true)]);
    let browser = Browser::visiting(portal);
    browser
        .get("/apps/crm-sync/connections")
        .await
        .shows("All tokens of this application are stopped since")
        .shows("All tokens of Apollo are stopped since")
        .shows("By Mara Lindqvist: A leak at a supplier.")
        .shows(r#"href="/apps/crm-sync/providers/apollo#stop""#);
    for page in ["/apps/crm-sync/providers/apollo", "/apps/crm-sync/settings"] {
        browser
            .get(page)
            .await
            .shows("Let tokens go again</button>")
            .hides("Stop all tokens</button>");
        owner().get(page).await.shows("Stop all tokens</button>");
        member(Role::Developer)
            .get(page)
            .await
            .hides("Stop all tokens</button>");
    }
}
