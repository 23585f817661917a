//! The second factor: each code once, for whoever has it.

use super::times;
use crate::support::member::{Member, id_of};
use crate::support::site::{Browser, Site};
use crate::support::totp::{App, codes_on};
use app::wire::Role;
use std::collections::BTreeMap;

const EMAIL: &str = "sam@acme.example";
/// Where it is set up.
const PAGE: &str = "/account/second-factor";

/// Adds a second factor; answers the app and the recovery codes.
pub(super) async fn enrols(site: &Site, member: &Member) -> (App, Vec<String>) {
    let begun = member.does("begin_second_factor", &[]).await;
    let app = App::scans(&member.reads(begun.location()).await);
    let code = app.code(site, 0);
    let done = member
        .does("confirm_second_factor", &[("code", &code)])
        .await;
    let page = member.reads(done.location()).await;
    (app, codes_on(&page))
}

fn session(browser: &Browser) -> Option<String> {
    let cookies: BTreeMap<String, String> = browser.cookies();
    cookies.get("grantport_sid").cloned()
}

/// Shows a code in the second step; whether it was taken.
async fn shows(member: &Member, code: &str) -> bool {
    let answer = member.sends("show_factor", &[("code", code)]).await;
    answer.location() == "/"
}

db_test!(a_code_is_asked_for_and_counts_once, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let sam = owner.brings(&site, EMAIL, Role::Support).await;
    let before = session(&sam.browser);
    let (app, codes) = enrols(&site, &sam).await;
    assert_ne!(session(&sam.browser), before);
    assert_eq!(codes.len(), 10);
    let page = sam.reads(PAGE).await;
    assert!(page.text.contains("10 left"), "{}", page.text);
    assert!(!page.text.contains(&codes[0]), "they are shown once");
    assert!(!page.text.contains(app.seed()) && !page.text.contains("id=\"secret\""));

    let (half, answer) = Member::signs_in(site.browser(), EMAIL).await;
    assert_eq!(answer.location(), "/signin/factor");
    let visitor = session(&half.browser);
    for page in ["/", "/account", "/apps/crm-sync/connections", "/signin"] {
        let answer = half.browser.get(page).await;
        let location = answer.location();
        assert!(
            matches!(location, "/signin" | "/signin/factor"),
            "{page}: {location}"
        );
    }
    for function in [
        "create_key",
        "change_password",
        "begin_second_factor",
        "end_sessions",
    ] {
        let refused = half.sends(function, &[]).await;
        assert_eq!(refused.location(), "/signin", "{function}");
    }
    assert!(
        !page.text.contains("Firefox"),
        "it is in no list of sessions"
    );
    // the one that enrolled was taken; two steps ago is too long ago; the next one is not yet
    for steps in [0, -2, 1] {
        assert!(!shows(&half, &app.code(&site, steps)).await, "{steps}");
    }
    site.db.clock.advance(60_000);
    assert!(shows(&half, &app.code(&site, -1)).await, "one step back");
    assert_ne!(session(&half.browser), visitor);
    assert!(half.is_signed_in().await);
    assert!(
        !shows(&half, &app.code(&site, 0)).await,
        "it is signed in already"
    );

    let (again, _) = Member::signs_in(site.browser(), EMAIL).await;
    assert!(
        !shows(&again, &app.code(&site, -1)).await,
        "the same once more"
    );
    assert!(shows(&again, &app.code(&site, 0)).await);
    let typed = codes[3].to_uppercase().replace('-', " ");
    for (counts, left) in [(true, "9 left"), (false, "9 left")] {
        let (lost, _) = Member::signs_in(site.browser(), EMAIL).await;
        assert_eq!(shows(&lost, &typed).await, counts);
        assert!(sam.reads(PAGE).await.text.contains(left));
    }
    assert_eq!(times(&site.db, "member.second_factor_added").await, 1);
    assert_eq!(times(&site.db, "member.recovery_code_used").await, 1);
});

db_test!(five_guesses_and_then_a_pause, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let sam = owner.brings(&site, EMAIL, Role::Support).await;
    let (app, _) = enrols(&site, &sam).await;
    site.db.clock.advance(60_000);
    let (half, _) = Member::signs_in(site.browser(), EMAIL).await;
    for _ in 0..5 {
        assert!(!shows(&half, "000000").await);
    }
    assert!(
        !shows(&half, &app.code(&site, 0)).await,
        "not even the right one"
    );
    site.db.clock.advance(5 * 60_000 + 1000);
    assert!(shows(&half, &app.code(&site, 0)).await);
});

db_test!(it_goes_with_password_and_code_or_by_an_admin, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let sam = owner.brings(&site, EMAIL, Role::Support).await;
    let (app, codes) = enrols(&site, &sam).await;
    site.db.clock.advance(30_000);
    let password = crate::support::member::PASSWORD;
    for (password, code) in [
        ("not-the-password-at-all", app.code(&site, 0)),
        (password, String::new()),
    ] {
        for function in ["remove_second_factor", "replace_recovery_codes"] {
            let form = [("password", password), ("code", code.as_str())];
            let refused = sam.sends(function, &form).await;
            assert!(refused.location().contains("__err"), "{function}");
        }
    }
    let code = app.code(&site, 0);
    let form = [("password", password), ("code", code.as_str())];
    let done = sam.does("replace_recovery_codes", &form).await;
    let page = sam.reads(done.location()).await;
    assert!(page.text.contains("Your recovery codes") && !page.text.contains(&codes[0]));
    let form = [("password", password), ("code", codes[0].as_str())];
    let refused = sam.sends("remove_second_factor", &form).await;
    assert!(refused.location().contains("__err"), "an old recovery code");
    site.db.clock.advance(30_000);
    let code = app.code(&site, 0);
    let form = [("password", password), ("code", code.as_str())];
    sam.does("remove_second_factor", &form).await;
    let (_, answer) = Member::signs_in(site.browser(), EMAIL).await;
    assert_eq!(answer.location(), "/");
    assert_eq!(times(&site.db, "member.second_factor_removed").await, 1);

    enrols(&site, &sam).await;
    let id = id_of(&site, EMAIL).await.to_string();
    let form = [("member", id.as_str()), ("deed", "reset_second_factor")];
    owner.does("change_member", &form).await;
    assert!(!sam.is_signed_in().await);
    let (_, answer) = Member::signs_in(site.browser(), EMAIL).await;
    assert_eq!(answer.location(), "/");
    assert_eq!(times(&site.db, "member.second_factor_reset").await, 1);
});
