//! Forms without script: bad input gets a clear message, and nothing that was typed is lost.

use super::browser::Browser;
use super::sample::SamplePortal;
use crate::wire::{Field, FieldError, PortalError, Problem, Role};
use http::StatusCode;

fn refusing(error: PortalError) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner).refusing(error))
}

fn owner() -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(Role::Owner))
}

fn invalid(errors: &[(Field, Problem)]) -> PortalError {
    PortalError::Invalid(
        errors
            .iter()
            .map(|&(field, problem)| FieldError { field, problem })
            .collect(),
    )
}

#[tokio::test]
async fn a_wrong_password_keeps_the_e_mail_and_drops_the_password() {
    let visitor =
        Browser::visiting(SamplePortal::signed_out().refusing(PortalError::WrongCredentials));
    let page = visitor
        .post_and_follow("sign_in", "email=mara%40acme.example&password=hunter2")
        .await;
    page.shows("E-mail and password do not match.")
        .shows(r#"role="alert""#)
        .shows(r#"value="mara@acme.example""#)
        .hides("hunter2");
}

#[tokio::test]
async fn a_refused_provider_keeps_all_but_the_secret() {
    let browser = refusing(invalid(&[
        (Field::ClientSecret, Problem::LooksSwapped),
        (Field::Scopes, Problem::NotAChoice),
    ]));
    let page = browser
        .post_and_follow(
            "create_provider",
            "application=crm-sync&definition=apollo&client_id=my-id&client_secret=canary-secret\
             &scopes%5B%5D=contact_write&scopes%5B%5D=person_read&other_scopes=a+b&one_owner_per_account=yes",
        )
        .await;
    page.shows("Not saved yet.")
        .shows(r##"<a href="#client-secret">Client Secret</a>"##)
        .shows("were swapped")
        .shows(r#"value="my-id""#)
        .shows(r#"value="a b""#)
        .shows(r#"value="contact_write" checked"#)
        .shows(r#"value="person_read" checked"#)
        .shows(r#"value="yes" checked"#)
        .hides(r#"value="contacts_search" checked"#)
        .hides("canary-secret");
    let html = page.text();
    let secret = html.split(r#"id="client-secret""#).nth(1).unwrap();
    let secret = secret.split('>').next().unwrap();
    assert!(secret.contains(r#"aria-invalid="true""#), "{secret}");
    assert!(
        secret.contains("client-secret-hint client-secret-error"),
        "{secret}"
    );
    // the next visit begins anew
    browser
        .get("/apps/crm-sync/providers/new/apollo")
        .await
        .hides("Not saved yet.")
        .hides("my-id");
}

#[tokio::test]
async fn settings_show_again_what_was_typed() {
    refusing(invalid(&[(Field::ReturnUrls, Problem::NotAUrl)]))
        .post_and_follow(
            "save_settings",
            "application=crm-sync&name=CRM&return_urls=nonsense&allowed_origins=",
        )
        .await
        .shows("nonsense")
        .shows(r#"value="CRM""#)
        .shows("Write whole addresses");
}

#[tokio::test]
async fn settings_show_how_it_looks_and_keep_the_choice_of_completion() {
    let page = owner().get("/apps/crm-sync/settings").await;
    page.shows("How end users see it")
        .shows(r##"value="#0f5132""##)
        .shows(r#"href="/connect-theme/0f5132.css""#)
        .shows(r#"action="/apps/crm-sync/settings/logo" enctype="multipart/form-data""#)
        .shows("Remove logo");
    refusing(invalid(&[
        (Field::ReturnUrls, Problem::NeededWhenBound),
        (Field::Accent, Problem::NotAColour),
    ]))
    .post_and_follow(
        "save_settings",
        "application=crm-sync&name=CRM&return_urls=&completion=bound&accent=green",
    )
    .await
    .shows("the browser brings the connect code there")
    .shows("Write # and six digits")
    .shows(r#"value="green""#)
    .shows(r#"value="bound" checked"#);
}

#[tokio::test]
async fn a_logo_that_was_refused_is_told_on_the_page_of_its_form() {
    let error = invalid(&[(Field::Logo, Problem::NotAPicture)]);
    let page = "/apps/crm-sync/settings";
    let told = crate::actions::refused(page, "/apps/crm-sync/settings/logo", &error);
    owner()
        .get(&told.unwrap())
        .await
        .shows("Not saved yet.")
        .shows("Save a drawing such as an SVG as PNG first.")
        .shows(r##"href="#logo""##)
        .shows(r#"value="CRM Sync""#);
    // of another application
    let told = crate::actions::refused(page, "/apps/lab/settings/logo", &error);
    owner().get(&told.unwrap()).await.hides("Not saved yet.");
}

#[tokio::test]
#[expect(clippy::too_many_lines, reason = "a table, a row for each form")]
async fn every_success_leads_to_the_next_sensible_page() {
    for (function, form, next) in [
        ("set_up", "organization=Acme", "/"),
        ("sign_in", "email=a", "/"),
        ("sign_out", "", "/signin"),
        ("create_application", "name=Lab&slug=lab", "/apps/lab"),
        (
            "save_settings",
            "application=crm-sync",
            "/apps/crm-sync/settings?saved=1",
        ),
        (
            "remove_logo",
            "application=crm-sync",
            "/apps/crm-sync/settings?saved=1",
        ),
        (
            "create_provider",
            "application=crm-sync&definition=apollo",
            "/apps/crm-sync/providers/apollo?saved=1",
        ),
        (
            "create_custom_provider",
            "application=crm-sync&custom[name]=Acme",
            "/apps/crm-sync/providers/custom?saved=1",
        ),
        (
            "discover_issuer",
            "application=crm-sync&issuer=x",
            "/apps/crm-sync/providers/new/custom?again=1",
        ),
        (
            "save_custom",
            "application=crm-sync&provider=custom",
            "/apps/crm-sync/providers/custom?saved=1",
        ),
        (
            "add_practice_provider",
            "application=crm-sync",
            "/apps/crm-sync/providers/practice?saved=1",
        ),
        (
            "save_provider",
            "application=crm-sync&provider=apollo",
            "/apps/crm-sync/providers/apollo?saved=1",
        ),
        (
            "save_provider",
            "application=crm-sync&provider=apollo&scopes%5B%5D=contact_write",
            "/apps/crm-sync/providers/apollo/scopes",
        ),
        (
            "reduce_scopes",
            "application=crm-sync&connection=con_active&keep%5B%5D=api",
            "/apps/crm-sync/connections/con_active?saved=1",
        ),
        (
            "create_key",
            "application=crm-sync&name=b",
            "/apps/crm-sync/keys",
        ),
        (
            "save_key",
            "application=crm-sync&key=key_1&name=b",
            "/apps/crm-sync/keys/key_1?saved=1",
        ),
        (
            "rotate_key",
            "application=crm-sync&key=key_old&overlap=7",
            "/apps/crm-sync/keys/key_new",
        ),
        (
            "deprecate_key",
            "application=crm-sync&key=key_1",
            "/apps/crm-sync/keys/key_1?saved=1",
        ),
        (
            "revoke_key",
            "application=crm-sync&key=key_1",
            "/apps/crm-sync/keys",
        ),
        (
            "revoke_connection",
            "application=crm-sync&connection=con_active&reason=leaving&note=x",
            "/apps/crm-sync/connections/con_active/receipt",
        ),
        (
            "undo_revocation",
            "application=crm-sync&connection=con_frozen",
            "/apps/crm-sync/connections/con_frozen/receipt",
        ),
        (
            "revoke_in_bulk",
            "application=crm-sync&provider=apollo&reason=leaving&note=x&confirmation=1269",
            "/apps/crm-sync/bulk-revocations/blk_1",
        ),
        (
            "undo_bulk",
            "application=crm-sync&run=blk_1",
            "/apps/crm-sync/bulk-revocations/blk_1",
        ),
        (
            "stop_tokens",
            "application=crm-sync&provider=apollo&stop_reason=x",
            "/apps/crm-sync/providers/apollo",
        ),
        (
            "let_tokens_go",
            "application=crm-sync",
            "/apps/crm-sync/settings",
        ),
        ("change_password", "", "/account?saved=1"),
        ("end_sessions", "session=s2", "/account"),
    ] {
        let answer = owner().post(function, form).await;
        assert_eq!(answer.status, StatusCode::FOUND, "{function}");
        assert_eq!(answer.location.as_deref(), Some(next), "{function}");
    }
}

#[tokio::test]
async fn a_reason_that_is_not_offered_is_told_and_the_note_is_kept() {
    owner()
        .post_and_follow(
            "revoke_connection",
            "application=crm-sync&connection=con_active&reason=because&note=Ticket+4471",
        )
        .await
        .shows("Choose one of those that are offered.")
        .shows("Ticket 4471</textarea>");
}

#[tokio::test]
async fn an_ended_session_leads_to_the_door() {
    let visitor = Browser::visiting(SamplePortal::signed_out());
    let answer = visitor
        .post("create_key", "application=crm-sync&name=b")
        .await;
    assert_eq!(answer.location.as_deref(), Some("/signin"));
}

#[tokio::test]
async fn a_script_gets_the_status_of_the_error() {
    for (error, status) in [
        (invalid(&[(Field::Name, Problem::Missing)]), 422),
        (PortalError::Forbidden, 403),
        (PortalError::Changed, 409),
        (PortalError::TooManyAttempts { retry_after_s: 30 }, 429),
        (PortalError::Unavailable, 503),
    ] {
        let answer = refusing(error.clone())
            .post_as_script("create_key", "application=crm-sync")
            .await;
        assert_eq!(answer.status.as_u16(), status, "{error}");
    }
}

#[tokio::test]
async fn malformed_input_is_never_our_fault() {
    for form in [
        "application[x]=1",
        "%",
        "name=%FF%FE",
        "scopes[]=a&scopes[0][b]=c",
        "&&&==",
        "application=crm%0d%0aX-Injected:%201&name=x",
        "application=../../signin&name=x",
        "{\"application\":1}",
    ] {
        for function in [
            "create_key",
            "create_provider",
            "sign_in",
            "revoke_connection",
        ] {
            let answer = owner().post_as_script(function, form).await;
            assert!(
                answer.status.as_u16() < 500,
                "{function} {form}: {answer:?}"
            );
            let answer = owner().post(function, form).await;
            assert_eq!(
                answer.status,
                StatusCode::FOUND,
                "{function} {form}: {answer:?}"
            );
            let next = answer.location.unwrap();
            assert!(next.starts_with('/') && !next.starts_with("//"), "{next}");
        }
    }
}

#[tokio::test]
async fn a_crafted_error_can_only_choose_one_of_our_sentences() {
    let visitor = Browser::visiting(SamplePortal::signed_out());
    for error in ["!!!", "PGI-aGVsbG88L2I-", "IlNpZ25lZE91dCI="] {
        let page = visitor
            .get(&format!(
                "/signin?__path=%2F_portal%2Fsign_in&__err={error}"
            ))
            .await;
        assert!(page.status.as_u16() < 500, "{error}");
        page.shows("Sign in</h1>")
            .shows(r#"role="alert""#)
            .hides("hello");
    }
}

#[tokio::test]
async fn swapped_credentials_are_told_and_the_secret_among_them_is_forgotten() {
    let form = "application=crm-sync&definition=apollo&client_id=sk_canary&client_secret=ca_public";
    // both are told apart: the ID is put into its field
    let page = refusing(invalid(&[
        (Field::ClientId, Problem::LooksSwapped),
        (Field::ClientSecret, Problem::LooksSwapped),
    ]))
    .post_and_follow("create_provider", form)
    .await;
    page.shows("were swapped")
        .shows(r#"value="ca_public""#)
        .hides("sk_canary");
    // only one is known to be a secret: nothing is
    let page = refusing(invalid(&[(Field::ClientId, Problem::LooksSwapped)]))
        .post_and_follow("create_provider", form)
        .await;
    page.shows("were swapped")
        .hides("ca_public")
        .hides("sk_canary");
    // a saved provider, whose secret was pasted as its ID
    let page = refusing(invalid(&[(Field::ClientId, Problem::LooksSwapped)]))
        .post_and_follow(
            "save_provider",
            "application=crm-sync&provider=apollo&client_id=sk_canary",
        )
        .await;
    page.shows("were swapped").hides("sk_canary");
}

#[tokio::test]
async fn what_was_typed_is_there_again_after_a_confirmation() {
    let asking = refusing(PortalError::ConfirmationNeeded);
    let answer = asking
        .post("create_key", "application=crm-sync&name=backend-two")
        .await;
    let location = answer.location.expect("a way on");
    assert_eq!(
        location,
        "/account/confirm?next=%2Fapps%2Fcrm-sync%2Fkeys%3Fagain%3D1"
    );
    asking
        .get(&location)
        .await
        .shows("Nothing was changed yet.")
        .shows(r#"value="/apps/crm-sync/keys?again=1""#)
        .shows(r#"href="/apps/crm-sync/keys""#);
    asking
        .get("/apps/crm-sync/keys?again=1")
        .await
        .shows(r#"value="backend-two""#);
    // a button that sends nothing along leaves the page's forms as they are
    let answer = asking
        .post("revoke_key", "application=crm-sync&key=key_1")
        .await;
    assert_eq!(
        answer.location.as_deref(),
        Some("/account/confirm?next=%2Fapps%2Fcrm-sync%2Fkeys%2Fkey_1")
    );
}

#[tokio::test]
async fn whoever_joins_proves_and_governs_is_led_on() {
    for (function, form, next) in [
        ("sign_in", "email=mara", "/signin/factor"),
        ("show_factor", "code=1", "/"),
        ("accept_invitation", "token=t&name=Ada", "/"),
        ("invite", "email=a&role=support", "/members"),
        ("renew_invitation", "invitation=inv_1", "/members"),
        ("revoke_invitation", "invitation=inv_1", "/members"),
        (
            "change_role",
            "member=mem_a&role=admin",
            "/members/mem_a?saved=1",
        ),
        (
            "change_member",
            "member=mem_a&deed=disable",
            "/members/mem_a?saved=1",
        ),
        ("confirm", "next=%2Fmembers", "/members"),
        ("confirm", "next=%2F%2Fevil.example", "/"),
        ("begin_second_factor", "", "/account/second-factor"),
        (
            "confirm_second_factor",
            "code=1",
            "/account/second-factor?saved=1",
        ),
        (
            "replace_recovery_codes",
            "",
            "/account/second-factor?saved=1",
        ),
        ("remove_second_factor", "", "/account/second-factor?saved=1"),
    ] {
        let answer = owner().post(function, form).await;
        assert_eq!(answer.location.as_deref(), Some(next), "{function}");
    }
}
