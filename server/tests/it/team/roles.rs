//! Who may change whom, on every node at once.

use super::times;
use crate::support::databases::Database;
use crate::support::member::{Member, id_of};
use crate::support::seed::{admin, organization};
use crate::support::site::Site;
use crate::support::together::together;
use app::wire::Role;
use server::domain::{Governed, Governor, Member as Person, OrganizationId, TeamChange};
use server::store::NewMember;
use server::vault::Secret;

async fn person(db: &Database, tenant: &OrganizationId, name: &str, role: Role) -> Person {
    let new = NewMember {
        email: format!("{name}@acme.example"),
        name: name.to_owned(),
        role,
        password: Secret::from("$argon2id$made-up"),
    };
    let made = db.store.create_member(tenant, new, admin()).await;
    made.unwrap()
}

async fn owners(db: &Database, tenant: &OrganizationId) -> usize {
    let team = db.store.team(tenant).await.unwrap();
    let owners = team.iter().filter(|one| {
        let is_owner = one.member.role == Role::Owner;
        is_owner && one.disabled_at.is_none()
    });
    owners.count()
}

db_test!(owners_who_unmake_each_other_leave_one, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let people = [
        person(&db, &tenant, "ada", Role::Owner).await,
        person(&db, &tenant, "bo", Role::Owner).await,
        person(&db, &tenant, "cy", Role::Owner).await,
    ];
    let operator = Governor::Operator(admin());
    for round in 0..6 {
        let change = if round % 2 == 0 {
            TeamChange::Role(Role::Admin)
        } else {
            TeamChange::Disable
        };
        let nodes = [db.store.clone(), db.another_node().await];
        let done = together(12, |number| {
            let store = nodes[number % 2].clone();
            let by = Governor::Member(people[number % 3].clone());
            let whom = people[(number + 1 + number / 6) % 3].id.clone();
            let tenant = tenant.clone();
            async move { store.govern(&by, &tenant, &whom, change).await.unwrap() }
        })
        .await;
        assert!(done.contains(&Governed::Done), "{done:?}");
        assert_eq!(owners(&db, &tenant).await, 1, "{done:?}");
        // not even the operator leaves nobody
        let team = db.store.team(&tenant).await.unwrap();
        let last = team
            .iter()
            .find(|one| one.member.role == Role::Owner && one.disabled_at.is_none());
        let last = last.expect("an owner").member.id.clone();
        let refused = db.store.govern(&operator, &tenant, &last, change).await;
        assert_eq!(refused.unwrap(), Governed::LastOwner);
        for one in &people {
            for change in [TeamChange::Enable, TeamChange::Role(Role::Owner)] {
                let restored = db.store.govern(&operator, &tenant, &one.id, change).await;
                restored.unwrap();
            }
        }
    }
});

db_test!(who_was_demoted_a_moment_ago_changes_nobody, async |db| {
    let tenant = organization(&db.store, "Acme").await;
    let ada = person(&db, &tenant, "ada", Role::Owner).await;
    let bo = person(&db, &tenant, "bo", Role::Owner).await;
    let sam = person(&db, &tenant, "sam", Role::Support).await;
    let by_ada = Governor::Member(ada.clone());
    let demote = TeamChange::Role(Role::Developer);
    let done = db.store.govern(&by_ada, &tenant, &bo.id, demote).await;
    assert_eq!(done.unwrap(), Governed::Done);
    // the request of Bo began while he was an owner
    let by_bo = Governor::Member(bo);
    for change in [TeamChange::Disable, TeamChange::EndSessions, demote] {
        let refused = db.store.govern(&by_bo, &tenant, &sam.id, change).await;
        assert_eq!(refused.unwrap(), Governed::Forbidden);
    }
    let other = organization(&db.store, "Other").await;
    let foreign = db.store.govern(&by_ada, &other, &sam.id, demote).await;
    assert_eq!(foreign.unwrap(), Governed::NotFound);
    let twice = db
        .store
        .govern(&by_ada, &tenant, &sam.id, TeamChange::Enable);
    assert_eq!(twice.await.unwrap(), Governed::Already);
    assert_eq!(times(&db, "member.role_changed").await, 1);
    assert_eq!(times(&db, "member.enabled").await, 0);
});

db_test!(nobody_promotes_themselves, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let admin = owner.brings(&site, "admin@acme.example", Role::Admin).await;
    let sam = owner.brings(&site, "sam@acme.example", Role::Support).await;
    let own = |email| id_of(&site, email);
    let owner_id = own("ada@acme.example").await.to_string();
    let admin_id = own("admin@acme.example").await.to_string();
    let sam_id = own("sam@acme.example").await.to_string();
    for (member, whom, role) in [
        (&admin, &admin_id, "owner"),
        (&admin, &admin_id, "auditor"),
        (&admin, &owner_id, "support"),
        (&admin, &sam_id, "owner"),
        (&sam, &sam_id, "admin"),
        (&owner, &owner_id, "admin"),
    ] {
        let form = [("member", whom.as_str()), ("role", role)];
        let refused = member.sends("change_role", &form).await;
        assert!(refused.location().contains("__err"), "{role}: {refused:?}");
    }
    for (member, whom) in [(&admin, &owner_id), (&owner, &owner_id), (&sam, &admin_id)] {
        for deed in ["disable", "end_sessions", "reset_second_factor"] {
            let form = [("member", whom.as_str()), ("deed", deed)];
            let refused = member.sends("change_member", &form).await;
            assert!(refused.location().contains("__err"), "{deed}: {refused:?}");
        }
    }
    assert_eq!(times(&site.db, "member.role_changed").await, 0);
    for member in [&owner, &admin, &sam] {
        assert!(member.is_signed_in().await);
    }
    let page = admin.reads(&format!("/members/{owner_id}")).await;
    assert!(!page.text.contains("Disable</button>"), "{}", page.text);
});

db_test!(a_change_here_ends_the_session_there, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    let sam = owner.brings(&site, "sam@acme.example", Role::Support).await;
    let id = id_of(&site, "sam@acme.example").await.to_string();
    let (mut there, mut rounds) = (
        Member {
            browser: site.elsewhere(&sam.browser).await,
        },
        0,
    );
    for (function, field, value, event) in [
        ("change_role", "role", "auditor", "member.role_changed"),
        (
            "change_member",
            "deed",
            "end_sessions",
            "member.sessions_ended",
        ),
        ("change_member", "deed", "disable", "member.disabled"),
    ] {
        assert!(there.is_signed_in().await, "{value}");
        owner
            .does(function, &[("member", &id), (field, value)])
            .await;
        assert!(!there.is_signed_in().await, "{value}");
        assert_eq!(times(&site.db, event).await, 1);
        let (again, answer) = Member::signs_in(site.browser(), "sam@acme.example").await;
        let may = value != "disable";
        assert_eq!(answer.location() == "/", may, "{answer:?}");
        there = Member {
            browser: site.elsewhere(&again.browser).await,
        };
        rounds += 1;
    }
    assert_eq!(rounds, 3);
    owner
        .does("change_member", &[("member", &id), ("deed", "enable")])
        .await;
    let (_, answer) = Member::signs_in(site.browser(), "sam@acme.example").await;
    assert_eq!(answer.location(), "/");
});
