//! Links that make members: once, in time, for the one they are for.

use super::times;
use crate::support::member::{Member, PASSWORD, id_of, link_on};
use crate::support::site::Site;
use crate::support::together::together;
use app::wire::Role;
use axum::http::StatusCode;

const HOUR_MS: i64 = 3_600_000;
const OVER: &str = "This invitation cannot be used";

db_test!(of_twenty_who_follow_a_link_one_joins, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let token = owner.invites("zoe@acme.example", Role::Developer).await;
    let answers = together(20, |number| {
        let (browser, token) = (site.browser(), token.clone());
        async move {
            let name = format!("Zoe {number}");
            let (joining, answer) = Member::follows(browser, &token, &name).await;
            (joining.is_signed_in().await, answer.location().to_owned())
        }
    })
    .await;
    let joined: Vec<_> = answers.iter().filter(|(signed_in, _)| *signed_in).collect();
    assert_eq!(joined.len(), 1, "{answers:?}");
    assert_eq!(joined[0].1, "/");
    assert_eq!(times(&site.db, "member.joined").await, 1);
    let organization = site.db.store.organizations().await.unwrap().remove(0);
    assert_eq!(site.db.store.team(&organization.id).await.unwrap().len(), 2);
});

db_test!(
    a_link_says_who_invites_and_binds_to_its_address,
    async |db| {
        let site = Site::new(db).await;
        let owner = Member::first(&site).await;
        let token = owner.invites("zoe@acme.example", Role::Support).await;
        let page = owner.browser.get(&format!("/invitations/{token}")).await;
        page.must_be_page(200, "Join Acme");
        assert_eq!(page.header("referrer-policy"), "no-referrer");
        assert_eq!(page.header("x-robots-tag"), "noindex");
        for said in ["Ada", "zoe@acme.example", "a member of support"] {
            assert!(page.text.contains(said), "{said}: {}", page.text);
        }
        let again = owner.reads("/members").await;
        assert!(!again.text.contains(&token), "a link is shown once");

        let short = [
            ("token", token.as_str()),
            ("name", "Zoe"),
            ("password", "short"),
        ];
        let zoe = Member {
            browser: site.browser(),
        };
        let refused = zoe.sends("accept_invitation", &short).await;
        let page = zoe.browser.get(refused.location()).await;
        page.must_be_page(200, "12 characters or more");
        assert!(page.text.contains(r#"value="Zoe""#), "{}", page.text);

        let form = [
            ("token", token.as_str()),
            ("name", "Zoe"),
            ("password", PASSWORD),
            ("email", "eve@acme.example"),
            ("role", "owner"),
        ];
        zoe.does("accept_invitation", &form).await;
        let found = site.db.store.credentials_of("zoe@acme.example").await;
        assert_eq!(found.unwrap().expect("Zoe").member.role, Role::Support);
        let nobody = site.db.store.credentials_of("eve@acme.example").await;
        assert!(nobody.unwrap().is_none());
        let (_, answer) = Member::signs_in(site.browser(), "zoe@acme.example").await;
        assert_eq!(answer.location(), "/");
    }
);

db_test!(
    a_link_that_is_over_looks_like_one_that_never_was,
    async |db| {
        let site = Site::new(db).await;
        let owner = Member::first(&site).await;
        let used = owner.invites("used@acme.example", Role::Support).await;
        Member::follows(site.browser(), &used, "Used").await;
        let replaced = owner.invites("zoe@acme.example", Role::Support).await;
        let organization = site.db.store.organizations().await.unwrap().remove(0);
        let open = site.db.store.invitations(&organization.id).await.unwrap();
        let id = open[0].id.to_string();
        let made = owner.does("renew_invitation", &[("invitation", &id)]).await;
        let revoked = link_on(&owner.reads(made.location()).await);
        assert_ne!(replaced, revoked);
        let visitor = site.browser();
        let works = visitor.get(&format!("/invitations/{revoked}")).await;
        works.must_be_page(200, "Join Acme");
        let open = site.db.store.invitations(&organization.id).await.unwrap();
        let id = open[0].id.to_string();
        owner
            .does("revoke_invitation", &[("invitation", &id)])
            .await;
        let ended = owner.invites("late@acme.example", Role::Support).await;
        site.db.clock.advance(72 * HOUR_MS);

        let mut pages = Vec::new();
        for token in [&used, &replaced, &revoked, &ended, "made-up"] {
            let page = visitor.get(&format!("/invitations/{token}")).await;
            page.must_be_page(404, OVER);
            pages.push(page.text.replace(token, ""));
            let (nobody, answer) = Member::follows(site.browser(), token, "Eve").await;
            assert!(
                answer.location().starts_with("/invitations/over?"),
                "{answer:?}"
            );
            let page = nobody.browser.get(answer.location()).await;
            page.must_be_page(404, OVER);
            assert!(!nobody.is_signed_in().await);
        }
        let without_nonce = |page: &String| {
            let (main, _) = page.split_once("</main>").unwrap();
            main.split_once("<main").unwrap().1.to_owned()
        };
        let pages: Vec<_> = pages.iter().map(without_nonce).collect();
        assert!(pages.iter().all(|page| *page == pages[0]), "{pages:?}");
        assert_eq!(times(&site.db, "member.joined").await, 1);
        assert_eq!(times(&site.db, "member.invited").await, 4);
        assert_eq!(times(&site.db, "member.invitation_revoked").await, 1);
        site.db.clock.advance(31 * 24 * HOUR_MS);
        assert_eq!(site.db.store.purge_invitations().await.unwrap(), 4);
    }
);

db_test!(nobody_invites_beyond_their_role, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let admin = owner.brings(&site, "admin@acme.example", Role::Admin).await;
    let support = owner.brings(&site, "sam@acme.example", Role::Support).await;
    let auditor = owner.brings(&site, "ann@acme.example", Role::Auditor).await;
    let before = times(&site.db, "member.invited").await;
    for (member, role) in [
        (&admin, "owner"),
        (&support, "support"),
        (&auditor, "auditor"),
        (&owner, "emperor"),
    ] {
        let form = [("email", "eve@acme.example"), ("role", role)];
        let refused = member.sends("invite", &form).await;
        assert!(refused.location().contains("__err"), "{role}: {refused:?}");
    }
    let taken = [("email", "SAM@acme.example"), ("role", "admin")];
    let refused = owner.sends("invite", &taken).await;
    let page = owner.browser.get(refused.location()).await;
    page.must_be_page(200, "A member has this address already");
    assert_eq!(times(&site.db, "member.invited").await, before);
    assert_eq!(support.browser.get("/members").await.status, 403);
    let read = auditor.reads("/members").await;
    assert!(!read.text.contains("Make invitation link"), "{}", read.text);

    // what an admin has made ends with their right to
    let token = admin.invites("late@acme.example", Role::Developer).await;
    let id = id_of(&site, "admin@acme.example").await.to_string();
    owner
        .does("change_role", &[("member", &id), ("role", "developer")])
        .await;
    let page = site.browser().get(&format!("/invitations/{token}")).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
});
