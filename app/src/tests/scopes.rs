//! Secrets that rotate and scopes that change, without script.

use super::browser::Browser;
use super::sample::SamplePortal;
use crate::wire::{Field, PortalError, Problem, Role};

fn owner() -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner))
}

fn refusing(error: PortalError) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner).refusing(error))
}

#[tokio::test]
async fn each_secret_says_what_it_is_used_for() {
    let page = owner().get("/apps/crm-sync/providers/apollo").await;
    page.shows("In use</span>")
        .shows("The next refresh tries it.")
        .shows("Tried where the one in use is refused.")
        .shows("For 12 connections of the earlier Client ID.")
        .shows("<code>old-client-id</code>")
        .shows(">47</span>")
        .shows("the secret that ends in 9QzA")
        .hides("the secret that ends in 4Tw5</span>")
        .hides("the secret that ends in 1mXd</span>");
}

#[tokio::test]
async fn a_secret_that_is_needed_stays_with_a_reason() {
    refusing(PortalError::SecretNeeded { connections: 47 })
        .post_and_follow(
            "remove_client_secret",
            "application=crm-sync&provider=apollo&secret=sec_1",
        )
        .await
        .shows("47 connections were last refreshed with this Client Secret.");
}

#[tokio::test]
async fn another_client_id_wants_a_secret_of_its_own() {
    let page = refusing(PortalError::field(Field::NewClientSecret, Problem::Missing))
        .post_and_follow(
            "save_provider",
            "application=crm-sync&provider=apollo&client_id=new-id&new_client_secret=canary&other_scopes=",
        )
        .await;
    page.shows(r##"<a href="#new-client-secret">"##)
        .shows("Those that are set stay with the Client ID they came with.")
        .shows(r#"value="new-id""#)
        .hides("canary");
}

#[tokio::test]
async fn changed_scopes_are_looked_at_before_they_are_saved_and_nothing_is_lost() {
    let browser = owner();
    let form = "application=crm-sync&provider=apollo&client_id=typed-id&scopes%5B%5D=contact_write&other_scopes=a+b";
    let page = browser.post_and_follow("save_provider", form).await;
    page.shows("37 connections need one more click. None breaks today.")
        .shows("318 keep working")
        .shows("Create contacts")
        .shows("No longer asked for")
        .shows("Register <strong>again</strong> with the whole set.")
        .shows(r#"name="scopes[]" value="contact_write""#)
        .shows(r#"name="client_id" value="typed-id""#)
        .shows(r#"name="confirmed" value="yes""#)
        .shows(">Save</button>");
    // looked at again, it is still there
    browser
        .get("/apps/crm-sync/providers/apollo/scopes")
        .await
        .shows("37 connections");
    let back = browser.get("/apps/crm-sync/providers/apollo?again=1").await;
    back.shows(r#"value="typed-id""#)
        .shows(r#"value="a b""#)
        .shows(r#"value="contact_write" checked"#)
        .hides("Not saved yet.");
    owner()
        .get("/apps/crm-sync/providers/apollo/scopes")
        .await
        .shows("Nothing waits to be saved");
}

#[tokio::test]
async fn marks_are_told_and_offer_a_way() {
    let page = owner().get("/apps/crm-sync/connections").await;
    page.shows(r#"<span class="tag">Lacks scopes</span>"#)
        .shows(r#"<option value="earlier_client_id">Earlier Client ID</option>"#);
    owner()
        .get("/apps/crm-sync/connections?mark=lacks_scopes")
        .await
        .shows(r#"value="lacks_scopes" selected"#)
        .shows("mark=lacks_scopes&amp;cursor=");
    let page = owner().get("/apps/crm-sync/connections/con_lacking").await;
    page.shows("It lacks “Read analytics”, which Salesforce is asked for now.")
        .shows("It keeps working until that one is removed at Salesforce")
        .shows("https://connect.acme.example/connect/con_lacking.1.mac")
        .shows("Copy<span class=\"unseen\"> Reconnect link</span>")
        .shows("Reduce scopes</a>");
    owner()
        .get("/apps/crm-sync/connections/con_revoked")
        .await
        .hides("Reconnect link");
}

#[tokio::test]
async fn scopes_are_reduced_in_three_steps() {
    let address = "/apps/crm-sync/connections/con_active/scopes";
    owner()
        .get(address)
        .await
        .shows(r#"name="keep" value="api" checked"#)
        .shows(r#"value="id" checked disabled"#)
        .shows("Show what happens</button>")
        .hides("Reduce scopes</button>");
    owner()
        .get(&format!("{address}?look=1&keep=api"))
        .await
        .shows("Given up: Read analytics")
        .shows(r#"name="keep[]" value="api""#)
        .hides(r#"name="keep[]" value="wave_api""#)
        .shows("Reduce scopes</button>")
        .shows(&format!("{address}?keep=api"));
    owner()
        .get(&format!("{address}?look=1"))
        .await
        .shows("Keep at least one scope.");
    owner()
        .get(&format!("{address}?look=1&keep=api&keep=wave_api"))
        .await
        .shows("Take the tick from at least one scope");
    refusing(PortalError::ScopesKept)
        .post_and_follow(
            "reduce_scopes",
            "application=crm-sync&connection=con_active&keep%5B%5D=api",
        )
        .await
        .shows("The provider kept the scopes.")
        .shows(r#"value="api" checked"#)
        .hides(r#"value="wave_api" checked"#);
}
