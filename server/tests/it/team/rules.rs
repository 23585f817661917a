//! The house rules: owners and admins need a second factor (R42).

use super::second_factor::enrols;
use super::times;
use crate::support::member::Member;
use crate::support::site::Site;
use app::wire::Role;

const FACTOR: &str = "/account/second-factor";
const RULE: [(&str, &str); 1] = [("second_factor_required", "yes")];

/// Whether this page is shown, and not the way to a second factor.
async fn opens(member: &Member, page: &str) -> bool {
    let answer = member.browser.get(page).await;
    if answer.status == 200 {
        return true;
    }
    assert_eq!(answer.location(), FACTOR, "{page}: {answer:?}");
    false
}

db_test!(who_asks_others_for_a_second_factor_has_one, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let jonas = owner.brings(&site, "jonas@acme.example", Role::Admin).await;
    let refused = owner.sends("set_rules", &RULE).await;
    let page = owner.reads(refused.location()).await.text;
    assert!(
        page.contains("You have no second factor yourself"),
        "{page}"
    );
    assert!(opens(&jonas, "/members").await, "nothing was changed");
    assert_eq!(times(&site.db, "organization.rules_changed").await, 0);

    enrols(&site, &owner).await;
    owner.does("set_rules", &RULE).await;
    owner.does("set_rules", &RULE).await;
    assert_eq!(times(&site.db, "organization.rules_changed").await, 1);
});

db_test!(
    owners_and_admins_do_nothing_before_they_have_it,
    async |db| {
        let site = Site::new(db).await;
        let owner = Member::first(&site).await;
        let jonas = owner.brings(&site, "jonas@acme.example", Role::Admin).await;
        let sam = owner.brings(&site, "sam@acme.example", Role::Support).await;
        enrols(&site, &owner).await;
        owner.does("set_rules", &RULE).await;

        for page in [
            "/",
            "/members",
            "/audit",
            "/audit/export.csv",
            "/apps/crm-sync",
            "/apps/crm-sync/keys",
        ] {
            assert!(!opens(&jonas, page).await, "{page}");
            assert!(opens(&owner, page).await, "{page}");
        }
        assert!(opens(&sam, "/apps/crm-sync/connections").await);
        let form = [("name", "Lab"), ("slug", "lab")];
        let refused = jonas.sends("create_application", &form).await;
        assert_eq!(refused.location(), FACTOR);
        let script = [
            ("sec-fetch-site", "same-origin"),
            ("accept", "application/json"),
        ];
        let path = "/_portal/create_application";
        let answer = jonas.browser.post_as(path, &form, &script).await;
        assert_eq!(answer.status, 403, "{}", answer.text);
        // a role that is given later owes it as well
        let id = crate::support::member::id_of(&site, "sam@acme.example").await;
        let form = [("member", id.as_str()), ("role", "admin")];
        owner.does("change_role", &form).await;
        let (sam, _) = Member::signs_in(site.browser(), "sam@acme.example").await;
        assert!(!opens(&sam, "/").await);

        let page = jonas.reads(FACTOR).await;
        assert!(
            page.text.contains("Your organization asks"),
            "{}",
            page.text
        );
        assert!(opens(&jonas, "/account").await, "sessions can be ended");
        enrols(&site, &jonas).await;
        assert!(opens(&jonas, "/members").await);
        jonas
            .does("create_application", &[("name", "Lab"), ("slug", "lab")])
            .await;

        owner.does("set_rules", &[]).await;
        assert!(opens(&sam, "/").await, "it is asked for no longer");
    }
);
