//! Providers that are in no catalog, and what a definition asks an admin for.

use super::browser::Browser;
use super::sample::SamplePortal;
use crate::wire::{
    CustomFields, CustomNote, CustomView, Field, FieldError, InputView, PortalError, Problem, Role,
};
use http::StatusCode;

fn member(role: Role) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role))
}

fn refusing(field: Field, problem: Problem) -> Browser {
    let error = PortalError::Invalid(vec![FieldError { field, problem }]);
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner).refusing(error))
}

/// What a definition asks an admin for.
pub(super) fn host_input(value: &str) -> InputView {
    InputView {
        name: "host".into(),
        label: "Where is your GitLab?".into(),
        hint: "Its host, such as git.acme.example".into(),
        value: value.into(),
        choices: vec![],
        endings: vec![],
        other: None,
        secret: false,
    }
}

/// A custom provider that was made from its issuer.
pub(super) fn acme() -> CustomView {
    CustomView {
        fields: CustomFields {
            name: "Acme Login".into(),
            issuer: "https://login.acme.example".into(),
            authorize_url: "https://login.acme.example/authorize".into(),
            token_url: "https://api.acme.dev/token".into(),
            profile_url: "https://login.acme.example/userinfo".into(),
            account_id: "/sub".into(),
            account_label: "/email".into(),
            client_auth: "basic".into(),
            pkce: "yes".into(),
            scope_separator: "space".into(),
            ..CustomFields::default()
        },
        notes: vec![CustomNote::SpansDomains],
    }
}

#[tokio::test]
async fn the_gallery_ends_with_what_is_in_no_catalog() {
    let owner = member(Role::Owner);
    owner
        .get("/apps/crm-sync/providers/new")
        .await
        .shows(r#"href="/apps/crm-sync/providers/new/custom""#)
        .shows("Custom OAuth 2.0 / OpenID Connect")
        .shows("One definition file has a mistake and was left out.")
        .shows("acme.toml, line 12: there is no hue 13. Choose one from 1 to 12.");
    owner
        .get("/apps/crm-sync/providers/new?q=nothing")
        .await
        .shows("No provider fits.")
        .shows("add it as a custom provider</a>");
}

#[tokio::test]
async fn a_custom_provider_starts_from_its_issuer_or_by_hand() {
    member(Role::Owner)
        .get("/apps/crm-sync/providers/new/custom")
        .await
        .shows("Look it up</button>")
        .shows("oauth/callback/prv_4Tz7Hq2mXv9LkQ")
        .shows(">Authorize URL</label>")
        .shows(">Token URL</label>")
        .shows(r#"name="custom[pkce]" value="yes" checked"#)
        .hides("What the issuer told");
    let developer = member(Role::Developer);
    let page = developer.get("/apps/crm-sync/providers/new/custom").await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn what_the_issuer_told_stands_in_the_form() {
    let page = member(Role::Owner)
        .post_and_follow(
            "discover_issuer",
            "application=crm-sync&issuer=https%3A%2F%2Flogin.acme.example",
        )
        .await;
    page.shows("What the issuer told</h2>")
        .shows(r#"value="https://api.acme.dev/token""#)
        .shows(r#"value="/sub""#)
        .shows(r#"name="custom[issuer]" value="https://login.acme.example""#)
        .shows(r#"name="custom[client_auth]" value="basic" checked"#)
        .shows(r#"value="openid email""#)
        .shows("the Client Secret goes to another")
        .hides(r#"role="alert""#);
}

#[tokio::test]
async fn an_issuer_that_gives_nothing_is_kept_and_told() {
    refusing(Field::Issuer, Problem::NoMetadata)
        .post_and_follow(
            "discover_issuer",
            "application=crm-sync&issuer=https%3A%2F%2Flogin.acme.example",
        )
        .await
        .shows(r##"<a href="#issuer">Issuer</a>"##)
        .shows("No metadata could be read there.")
        .shows(r#"value="https://login.acme.example""#);
}

#[tokio::test]
async fn a_refused_custom_provider_keeps_all_but_the_secret() {
    refusing(Field::TokenUrl, Problem::Forbidden)
        .post_and_follow(
            "create_custom_provider",
            "application=crm-sync&custom[name]=Acme&custom[authorize_url]=https://a.example/authorize\
             &custom[token_url]=https://10.0.0.1/&custom[client_auth]=basic&client_id=my-id\
             &client_secret=canary-secret&scopes=a+b&one_owner_per_account=yes",
        )
        .await
        .shows(r##"<a href="#token-url">Token URL</a>"##)
        .shows("GRANTPORT_ALLOW_PRIVATE_UPSTREAMS")
        .shows(r#"value="https://10.0.0.1/""#)
        .shows(r#"name="custom[client_auth]" value="basic" checked"#)
        .shows(r#"value="my-id""#)
        .shows(r#"value="a b""#)
        .hides(r#"name="custom[pkce]" value="yes" checked"#)
        .hides("canary-secret");
}

#[tokio::test]
async fn a_custom_provider_says_where_it_comes_from() {
    let page = member(Role::Owner)
        .get("/apps/crm-sync/providers/custom")
        .await;
    page.shows("Custom, from https://login.acme.example")
        .shows("the Client Secret goes to another")
        .shows("Change the addresses</summary>")
        .shows("https://api.acme.dev/token")
        .hides("Seen live");
    member(Role::Developer)
        .get("/apps/crm-sync/providers/custom")
        .await
        .shows("https://api.acme.dev/token")
        .hides("Change the addresses");
}

#[tokio::test]
async fn refused_addresses_leave_the_other_form_as_it_was() {
    refusing(Field::HostSecret, Problem::Missing)
        .post_and_follow(
            "save_custom",
            "application=crm-sync&provider=custom&custom[name]=Acme&custom[token_url]=https://new.example/t",
        )
        .await
        .shows("<details open>")
        .shows(r#"value="https://new.example/t""#)
        .shows(r#"value="vvZd-i_3MsfI6gmktGJY7F""#)
        .shows("Paste the Client Secret that belongs to the new host.");
}

#[tokio::test]
async fn what_an_admin_fills_in_stands_in_both_forms() {
    let owner = member(Role::Owner);
    owner
        .get("/apps/crm-sync/providers/new/gitlab")
        .await
        .shows(r#"<label for="input-1" class="field__label">Where is your GitLab?</label>"#)
        .shows(r#"name="inputs[host]""#);
    owner
        .get("/apps/crm-sync/providers/gitlab")
        .await
        .shows(r#"value="git.acme.example""#);
    member(Role::Developer)
        .get("/apps/crm-sync/providers/gitlab")
        .await
        .shows("<dt>Where is your GitLab?</dt>")
        .shows("<code>git.acme.example</code>");
    refusing(Field::Input(0), Problem::BadCharacters)
        .post_and_follow(
            "create_provider",
            "application=crm-sync&definition=gitlab&client_id=a&inputs[host]=10.0.0.1:22",
        )
        .await
        .shows(r##"<a href="#input-1">Where is your GitLab?</a>"##)
        .shows(r#"value="10.0.0.1:22""#);
}

#[tokio::test]
async fn where_each_customer_brings_credentials_nothing_is_pasted() {
    let owner = member(Role::Owner);
    for address in [
        "/apps/crm-sync/providers/new/bunq",
        "/apps/crm-sync/providers/bunq",
    ] {
        owner
            .get(address)
            .await
            .shows("Nothing to paste here.")
            .hides(">Client ID</label>")
            .hides(">Client Secret</label>");
    }
}
