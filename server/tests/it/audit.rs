//! The audit before the whole router: its page, its check, its export, and what each action leaves.

use crate::support::member::Member;
use crate::support::site::{Reply, Site};
use app::wire::CheckOutcome;
use axum::http::StatusCode;
use serde_json::{Value, json};
use server::audit::heads::HeadsFile;
use server::domain::{Actor, AuditAction, OrganizationId};
use server::store::AuditQuery;
use server::store::db::{Runs, sql};

async fn organization(site: &Site) -> OrganizationId {
    let all = site.db.store.organizations().await.unwrap();
    all[0].id.clone()
}

async fn actions(site: &Site) -> Vec<String> {
    let organization = organization(site).await;
    let all = AuditQuery::default();
    let found = site.db.store.audit_after(&organization, &all, 0, 500).await;
    found.unwrap().into_iter().map(|one| one.action).collect()
}

async fn export(member: &Member, path: &str) -> Reply {
    let reply = member.browser.get(path).await;
    assert_eq!(reply.status, StatusCode::OK, "{}", reply.text);
    reply
}

db_test!(a_member_reads_checks_and_exports_the_audit, async |db| {
    let site = Site::new(db).await;
    let member = Member::first(&site).await;
    let form = [
        ("application", "crm-sync"),
        ("name", "=HYPERLINK(\"http://evil.example\"), \"quoted\""),
        ("scopes[]", "tokens:read"),
    ];
    member.does("create_key", &form).await;
    let page = member.reads("/audit").await;
    for words in [
        "Set the organization up",
        "Made an API key",
        "<code>127.0.0.1</code>",
        "The chain was not checked yet.",
    ] {
        assert!(page.text.contains(words), "{words} is not in {}", page.text);
    }

    site.db.store.seal_audit().await.unwrap();
    site.state.auditor.export_heads().await.unwrap();
    member.does("check_audit", &[]).await;
    let page = member.reads("/audit").await;
    assert!(page.text.contains("The chain is whole."), "{}", page.text);
    assert!(page.text.contains("last exported"), "{}", page.text);

    let csv = export(&member, "/audit/export.csv").await;
    assert!(csv.header("content-disposition").contains(".csv"));
    let mut reader = csv::Reader::from_reader(csv.text.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let lines = export(&member, "/audit/export.jsonl").await;
    let objects: Vec<Value> = lines
        .text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // the second export has the first one in it
    assert_eq!(objects.len(), rows.len() + 1);
    for (row, object) in rows.iter().zip(&objects) {
        assert_eq!(row[0], object["number"].to_string());
        assert_eq!(row[2], *object["action"].as_str().unwrap());
        assert_eq!(
            serde_json::from_str::<Value>(&row[11]).unwrap(),
            object["detail"]
        );
        assert!(!object["node"].as_str().unwrap().is_empty());
    }
    let made = objects
        .iter()
        .find(|one| one["action"] == "api_key.created")
        .unwrap();
    assert_eq!(made["detail"]["name"], form[1].1);
    assert_eq!(made["actor"]["name"], "Ada");
    assert_eq!(made["address"], "127.0.0.1");
    let narrowed = export(&member, "/audit/export.jsonl?what=settings&q=hyperlink").await;
    assert_eq!(narrowed.text.lines().count(), 1);
    assert_eq!(
        actions(&site)
            .await
            .iter()
            .filter(|one| *one == "audit.exported")
            .count(),
        3
    );

    let stranger = site.browser();
    let reply = stranger.get("/audit/export.csv").await;
    assert_eq!((reply.status.as_u16(), reply.location()), (303, "/signin"));
});

db_test!(an_export_is_sent_while_it_is_read, async |db| {
    let site = Site::new(db).await;
    let member = Member::first(&site).await;
    let organization = organization(&site).await;
    let many = sql("INSERT INTO audit_events (organization_id, at, actor_kind, actor_id, actor_name, action, subject_kind, subject_id, detail)
         SELECT $1, a.seq * 1000 + b.seq, 'server', '', 'Grantport', 'member.created', 'member', 'mem_1', '{}'
         FROM audit_events a CROSS JOIN audit_events b LIMIT 700")
        .bind(organization.as_str());
    for _ in 0..3 {
        site.db.store.db().run(many.clone()).await.unwrap();
    }
    let there = actions(&site).await.len();
    let lines = export(&member, "/audit/export.jsonl?what=members").await;
    assert!(lines.text.lines().count() > 600, "{there}");
    site.db.store.seal_audit().await.unwrap();
    let checked = site
        .state
        .auditor
        .check(&organization, Actor::server())
        .await
        .unwrap();
    assert!(matches!(checked, CheckOutcome::Whole { .. }), "{checked:?}");
});

db_test!(heads_leave_the_database_once_for_each_step, async |db| {
    let site = Site::new(db).await;
    Member::first(&site).await;
    let file = HeadsFile::at(site.state.config.heads_file());
    site.state.auditor.export_heads().await.unwrap();
    assert_eq!(file.read().unwrap(), [], "nothing is sealed yet");
    site.db.store.seal_audit().await.unwrap();
    site.state.auditor.export_heads().await.unwrap();
    site.state.auditor.export_heads().await.unwrap();
    let heads = file.read().unwrap();
    assert_eq!(heads, site.db.store.audit_heads().await.unwrap());
    let organization = organization(&site).await;
    let cut = sql("DELETE FROM audit_chain WHERE position = $1").bind(heads[0].position);
    site.db.store.db().run(cut).await.unwrap();
    let checked = site
        .state
        .auditor
        .check(&organization, Actor::server())
        .await
        .unwrap();
    assert!(matches!(checked, CheckOutcome::Broken(_)), "{checked:?}");
});

db_test!(each_action_leaves_one_event, async |db| {
    let site = Site::new(db).await;
    let member = Member::first(&site).await;
    let before = actions(&site).await.len();
    member.saves_house("s3cret-of-client-1").await;
    let key = [
        ("application", "crm-sync"),
        ("name", "backend"),
        ("scopes[]", "connect:create"),
    ];
    member.does("create_key", &key).await;
    let page = member.reads("/apps/crm-sync/keys").await;
    let text = &page.text[page.text.find("value=\"gp_").expect("the key") + 7..];
    let key = text[..text.find('"').unwrap()].to_owned();
    let wrong = [
        ("email", "ada@acme.example"),
        ("password", "wrong-wrong-wrong"),
    ];
    site.browser().post("/_portal/sign_in", &wrong).await;
    let invited = site
        .api(
            &key,
            "POST",
            "/connect-sessions",
            &json!({"end_user": {"id": "mia"}}),
        )
        .await;
    assert_eq!(invited.status, 201, "{}", invited.text);
    let its_page = "href=\"/apps/crm-sync/keys/";
    let id = page.text[page.text.find(its_page).expect("its page") + its_page.len()..]
        .split('"')
        .next()
        .unwrap()
        .to_owned();
    let revoke = [("application", "crm-sync"), ("key", id.as_str())];
    member.does("revoke_key", &revoke).await;
    member.does("revoke_key", &revoke).await;
    for _ in 0..3 {
        let refused = site.api(&key, "GET", "/providers", &Value::Null).await;
        assert_eq!(refused.status, 401);
    }
    site.state
        .tokens
        .hand_outs()
        .store(&site.db.store)
        .await
        .unwrap();
    site.db.clock.advance(4 * 60_000);
    site.db.store.tell_counts().await.unwrap();
    site.db.store.tell_counts().await.unwrap();
    member.does("sign_out", &[]).await;
    let expected = [
        AuditAction::ProviderCreated,
        AuditAction::KeyCreated,
        AuditAction::SignInFailed,
        AuditAction::Invited,
        AuditAction::KeyRevoked,
        AuditAction::KeyUsedAfterRevoke,
        AuditAction::SignedOut,
    ];
    let expected: Vec<&str> = expected.iter().map(|action| action.as_str()).collect();
    assert_eq!(actions(&site).await[before..], expected);
});
