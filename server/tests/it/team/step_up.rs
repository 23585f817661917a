//! What could do much harm asks who it is (R43): a session of twenty minutes ago changes nothing.

use super::second_factor::enrols;
use super::times;
use crate::support::canary::dump;
use crate::support::member::{Member, PASSWORD, id_of};
use crate::support::site::Site;
use app::wire::Role;

const TWENTY_MINUTES: i64 = 20 * 60_000;

/// All that is stored, but for what every request leaves behind.
async fn stored(site: &Site) -> Vec<(String, Vec<u8>)> {
    let mut all = dump(&site.db).await;
    all.retain(|(column, _)| !column.starts_with("sessions.") && column != "members.last_seen_at");
    all
}

async fn stage(db: crate::support::databases::Database) -> (Site, Member) {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    owner.saves_house("a-client-secret").await;
    owner.brings(&site, "sam@acme.example", Role::Support).await;
    owner.invites("zoe@acme.example", Role::Support).await;
    let form = [
        ("application", "crm-sync"),
        ("name", "backend"),
        ("scopes[]", "tokens:read"),
    ];
    owner.does("create_key", &form).await;
    site.state.tasks.close();
    site.state.tasks.wait().await;
    site.db.clock.advance(TWENTY_MINUTES);
    (site, owner)
}

db_test!(
    an_old_session_is_asked_before_anything_happens,
    async |db| {
        let (site, owner) = stage(db).await;
        let sam = id_of(&site, "sam@acme.example").await.to_string();
        let organization = site.db.store.organizations().await.unwrap().remove(0).id;
        let invitation = site.db.store.invitations(&organization).await.unwrap();
        let invitation = invitation[0].id.to_string();
        let application = site.db.store.application(&organization, "crm-sync").await;
        let application = application.unwrap().expect("the application");
        let key = site.db.store.api_keys(&application.id).await.unwrap();
        let key = key[0].id.to_string();
        let before = stored(&site).await;
        let house = [("application", "crm-sync"), ("provider", "house")];
        let in_house = |more: &[(&'static str, &'static str)]| [&house[..], more].concat();
        let app = |more: &[(&'static str, &'static str)]| [&house[..1], more].concat();
        let settings = [("name", "CRM Sync"), ("completion", "confirm")];
        let returns = |field, value| app(&[settings[0], settings[1], (field, value)]);
        let matrix: Vec<(&str, Vec<(&str, &str)>)> = vec![
            (
                "create_key",
                app(&[("name", "second"), ("scopes[]", "tokens:read")]),
            ),
            (
                "revoke_key",
                [&app(&[])[..], &[("key", key.as_str())]].concat(),
            ),
            (
                "save_key",
                [
                    &app(&[("name", "second"), ("scopes[]", "proxy")])[..],
                    &[("key", key.as_str())],
                ]
                .concat(),
            ),
            (
                "deprecate_key",
                [&app(&[])[..], &[("key", key.as_str())]].concat(),
            ),
            (
                "rotate_key",
                [&app(&[])[..], &[("key", key.as_str())]].concat(),
            ),
            (
                "create_webhook",
                app(&[("url", "https://evil.example/"), ("events[]", "*")]),
            ),
            (
                "save_webhook",
                app(&[("webhook", "whk_1"), ("url", "https://evil.example/")]),
            ),
            ("rotate_webhook_secret", app(&[("webhook", "whk_1")])),
            ("end_old_webhook_secret", app(&[("webhook", "whk_1")])),
            ("switch_webhook", app(&[("webhook", "whk_1")])),
            ("delete_webhook", app(&[("webhook", "whk_1")])),
            (
                "add_client_secret",
                in_house(&[("client_secret", "another-secret")]),
            ),
            (
                "remove_client_secret",
                in_house(&[("secret", "sec_unknown")]),
            ),
            (
                "save_provider",
                in_house(&[("client_id", "client-2"), ("new_client_secret", "x-secret")]),
            ),
            ("save_custom", in_house(&[("custom[name]", "House")])),
            (
                "save_settings",
                returns("return_urls", "https://evil.example/"),
            ),
            (
                "save_settings",
                returns("allowed_origins", "https://evil.example"),
            ),
            (
                "invite",
                vec![("email", "eve@acme.example"), ("role", "admin")],
            ),
            (
                "renew_invitation",
                vec![("invitation", invitation.as_str())],
            ),
            (
                "revoke_invitation",
                vec![("invitation", invitation.as_str())],
            ),
            (
                "change_role",
                vec![("member", sam.as_str()), ("role", "admin")],
            ),
            (
                "change_member",
                vec![("member", sam.as_str()), ("deed", "disable")],
            ),
            (
                "change_member",
                vec![("member", sam.as_str()), ("deed", "reset_second_factor")],
            ),
            ("set_rules", vec![("personal_data_masked", "yes")]),
            ("begin_second_factor", vec![]),
            ("confirm_second_factor", vec![("code", "000000")]),
        ];
        for (function, form) in &matrix {
            let answer = owner.sends(function, form).await;
            let location = answer.location();
            assert!(
                location.starts_with("/account/confirm?next=%2F"),
                "{function}: {location}"
            );
            let script = [
                ("sec-fetch-site", "same-origin"),
                ("accept", "application/json"),
            ];
            let path = format!("/_portal/{function}");
            let answer = owner.browser.post_as(&path, form, &script).await;
            assert_eq!(answer.status, 403, "{function}");
        }
        assert_eq!(stored(&site).await, before);
        // what can do no such harm is not asked for
        for (function, form) in [
            ("save_settings", returns("accent", "#0f5132")),
            (
                "save_provider",
                in_house(&[("client_id", "client-1"), ("scopes[]", "contacts.read")]),
            ),
            ("create_application", vec![("name", "Lab"), ("slug", "lab")]),
        ] {
            owner.does(function, &form).await;
        }
        for page in [
            "/members",
            "/apps/crm-sync/keys",
            "/apps/crm-sync/settings",
            "/account",
        ] {
            owner.reads(page).await;
        }
    }
);

db_test!(who_confirms_goes_on_where_they_were, async |db| {
    let (site, owner) = stage(db).await;
    let form = [
        ("application", "crm-sync"),
        ("name", "the-second-key"),
        ("scopes[]", "tokens:read"),
    ];
    let asked = owner.sends("create_key", &form).await;
    let page = owner.reads(asked.location()).await;
    assert!(
        page.text.contains("Nothing was changed yet"),
        "{}",
        page.text
    );
    let next = "/apps/crm-sync/keys?again=1";
    assert!(
        page.text.contains(&format!("value=\"{next}\"")),
        "{}",
        page.text
    );
    let before = owner.browser.cookies();

    let wrong = [("next", next), ("password", "not-the-password-at-all")];
    let refused = owner.sends("confirm", &wrong).await;
    let page = owner.browser.get(refused.location()).await;
    page.must_be_page(200, "This is not your password");
    assert!(
        page.text.contains(&format!("value=\"{next}\"")),
        "{}",
        page.text
    );
    let still = owner.sends("create_key", &form).await;
    assert!(still.location().starts_with("/account/confirm"));

    let right = [("next", next), ("password", PASSWORD)];
    let back = owner.does("confirm", &right).await;
    assert_eq!(back.location(), next);
    assert_ne!(
        owner.browser.cookies()["grantport_sid"],
        before["grantport_sid"]
    );
    let page = owner.reads(next).await;
    assert!(
        page.text.contains("value=\"the-second-key\""),
        "{}",
        page.text
    );
    owner.does("create_key", &form).await;
    assert_eq!(times(&site.db, "member.confirmed").await, 1);
    assert_eq!(times(&site.db, "member.confirmation_failed").await, 1);

    for elsewhere in [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "",
    ] {
        let form = [("next", elsewhere), ("password", PASSWORD)];
        let back = owner.does("confirm", &form).await;
        assert_eq!(back.location(), "/", "{elsewhere}");
    }
    site.db.clock.advance(9 * 60_000);
    owner.does("create_key", &form).await;
    site.db.clock.advance(60_000);
    let asked = owner.sends("create_key", &form).await;
    assert!(asked.location().starts_with("/account/confirm"));
});

db_test!(a_confirmation_takes_the_second_factor_too, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let (app, codes) = enrols(&site, &owner).await;
    site.db.clock.advance(TWENTY_MINUTES);
    let page = owner.reads("/account/confirm?next=%2Fmembers").await;
    assert!(page.text.contains("name=\"code\""), "{}", page.text);
    let other = "seven herons read maps";
    for (current, new) in [(PASSWORD, other), (other, PASSWORD)] {
        let form = [("current_password", current), ("new_password", new)];
        owner.does("change_password", &form).await;
        let asked = owner.sends("begin_second_factor", &[]).await;
        assert!(
            asked.location().starts_with("/account/confirm"),
            "the password alone"
        );
    }
    let alone = [("next", "/members"), ("password", PASSWORD)];
    let refused = owner.sends("confirm", &alone).await;
    assert!(refused.location().contains("__err"), "{refused:?}");
    let code = app.code(&site, 0);
    let both = [
        ("next", "/members"),
        ("password", PASSWORD),
        ("code", code.as_str()),
    ];
    assert_eq!(owner.does("confirm", &both).await.location(), "/members");
    let twice = owner.sends("confirm", &both).await;
    assert!(twice.location().contains("__err"), "{twice:?}");
    let spare = [
        ("next", "/members"),
        ("password", PASSWORD),
        ("code", codes[0].as_str()),
    ];
    owner.does("confirm", &spare).await;
});

db_test!(
    no_confirmation_makes_a_session_last_longer_than_eight_hours,
    async |db| {
        let site = Site::new(db).await;
        let owner = Member::first(&site).await;
        let form = [("next", "/members"), ("password", PASSWORD)];
        for _ in 0..19 {
            site.db.clock.advance(25 * 60_000);
            owner.does("confirm", &form).await;
        }
        assert!(owner.is_signed_in().await);
        site.db.clock.advance(6 * 60_000);
        assert!(!owner.is_signed_in().await);
    }
);
