//! The pages and the API, from end to end.

use crate::support::databases::Database;
use crate::support::member::Member;
use crate::support::seed::admin;
use crate::support::site::{PUBLIC_URL, Reply, Site};
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::domain::UNDO_TIME;

struct Stage {
    site: Site,
    owner: Member,
    key: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let site = Site::new(db).await;
        let owner = Member::first(&site).await;
        owner.saves_house("s3cret-of-client-1").await;
        let store = &site.db.store;
        let organization = store.organizations().await.unwrap().remove(0).id;
        let application = store.application(&organization, "crm-sync").await;
        let application = application.unwrap().expect("the application");
        let key = ApiKeyText::make();
        store
            .create_api_key(&application, "backend", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        Self {
            site,
            owner,
            key: key.text.expose().clone(),
        }
    }

    async fn api(&self, method: &str, path: &str) -> Reply {
        self.site.api(&self.key, method, path, &Value::Null).await
    }

    /// Somebody connects; the connection's id.
    async fn connect(&self, person: &str) -> String {
        let body = json!({"end_user": {"id": person}, "providers": ["house"]});
        let answer = self
            .site
            .api(&self.key, "POST", "/connect-sessions", &body)
            .await
            .json();
        let path = answer["url"].as_str().unwrap();
        let path = path.strip_prefix(PUBLIC_URL).unwrap();
        let browser = self.site.browser();
        let started = browser
            .post(&format!("{path}/start"), &[("provider", "house")])
            .await;
        assert_eq!(started.status, 303, "{}", started.text);
        let back = self.site.provider.approve(started.location(), person);
        let back = back.strip_prefix(PUBLIC_URL).unwrap().to_owned();
        assert_eq!(browser.get(&back).await.status, 303);
        let path = format!("/connections?end_user={person}");
        let found = self.api("GET", &path).await.json();
        String::from(found["data"][0]["id"].as_str().unwrap())
    }

    async fn token(&self, id: &str) -> Reply {
        self.api("POST", &format!("/connections/{id}/token")).await
    }

    async fn revoke(&self, id: &str, reason: &str) -> String {
        let form = [
            ("application", "crm-sync"),
            ("connection", id),
            ("reason", reason),
            ("note", "Ticket 4471"),
        ];
        let done = self.owner.does("revoke_connection", &form).await;
        done.location().to_owned()
    }

    async fn undo(&self, id: &str) -> Reply {
        let form = [("application", "crm-sync"), ("connection", id)];
        self.owner.sends("undo_revocation", &form).await
    }

    async fn receipt_json(&self, id: &str) -> Value {
        let path = format!("/apps/crm-sync/connections/{id}/receipt.json");
        let answer = self.owner.browser.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()
    }
}

fn code(reply: &Reply) -> (u16, String) {
    let code = reply.json()["code"].as_str().unwrap_or_default().to_owned();
    (reply.status.as_u16(), code)
}

db_test!(a_member_revokes_and_undoes_it, async |db| {
    let stage = Stage::new(db).await;
    let id = stage.connect("mia").await;
    assert_eq!(stage.token(&id).await.status, 200);
    let form = stage
        .owner
        .reads(&format!("/apps/crm-sync/connections/{id}/revoke"))
        .await;
    assert!(form.text.contains("to 1 API key in the last 30 days"));
    assert!(form.text.contains("you can undo until then"));

    let receipt = stage.revoke(&id, "leaving").await;
    assert_eq!(stage.token(&id).await.status, 410, "at once");
    let page = stage.owner.reads(&receipt).await;
    assert!(
        page.text.contains("You can undo this until"),
        "{}",
        page.text
    );
    let told = stage.receipt_json(&id).await;
    assert_eq!(told["status"], "revoked");
    assert_eq!(told["reason"], "leaving");
    assert!(told["undo_until"].is_string(), "{told}");
    assert_eq!(told["upstream"]["result"], "waiting");
    let first = stage.api("DELETE", &format!("/connections/{id}")).await;
    assert_eq!(
        first.json()["id"],
        told["id"],
        "the API answers the same receipt"
    );

    let undone = stage.undo(&id).await;
    assert_eq!(undone.location(), receipt);
    let page = stage.owner.reads(&receipt).await;
    assert!(page.text.contains("undid this revocation"), "{}", page.text);
    let again = stage.receipt_json(&id).await;
    assert_eq!(
        (&again["id"], &again["status"]),
        (&told["id"], &json!("undone"))
    );
    assert_eq!(again["undone"]["by"], "Ada");
    let token = stage.token(&id).await;
    assert_eq!(token.status, 200, "{}", token.text);
    assert_eq!(token.json()["generation"], 3);
});

db_test!(too_late_is_told_in_clear_words, async |db| {
    let stage = Stage::new(db).await;
    let id = stage.connect("mia").await;
    let receipt = stage.revoke(&id, "asked").await;
    let span = i64::try_from(UNDO_TIME.as_millis()).unwrap();
    stage.site.db.clock.advance(span + 1);
    let refused = stage.undo(&id).await;
    assert!(refused.location().starts_with(&receipt), "{refused:?}");
    let page = stage.owner.reads(refused.location()).await;
    assert!(
        page.text.contains("It is too late to undo this."),
        "{}",
        page.text
    );

    let id = stage.connect("bo").await;
    let receipt = stage.revoke(&id, "incident").await;
    let page = stage.owner.reads(&receipt).await;
    assert!(!page.text.contains("You can undo this until"));
    let refused = stage.undo(&id).await;
    assert!(
        refused.location().contains("__err"),
        "an incident has no undo"
    );
    assert_eq!(stage.token(&id).await.status, 410);
});

db_test!(a_backend_may_say_why, async |db| {
    let stage = Stage::new(db).await;
    for (person, query, body, reason) in [
        ("a", "", Value::Null, "asked"),
        ("b", "", json!({"reason": "incident"}), "incident"),
        ("c", "?reason=leaving", Value::Null, "leaving"),
    ] {
        let id = stage.connect(person).await;
        let path = format!("/connections/{id}{query}");
        let first = stage.site.api(&stage.key, "DELETE", &path, &body).await;
        assert_eq!(first.json()["reason"], reason, "{}", first.text);
        let receipt = stage.receipt_json(&id).await;
        assert_eq!(
            receipt["undo_until"],
            Value::Null,
            "the API revokes at once"
        );
        let second = stage.site.api(&stage.key, "DELETE", &path, &body).await;
        assert_eq!(second.text, first.text);
    }
    let id = stage.connect("d").await;
    let path = format!("/connections/{id}?reason=because");
    let wrong = stage.api("DELETE", &path).await;
    assert_eq!(code(&wrong), (422, "invalid_request".to_owned()));
    assert_eq!(stage.token(&id).await.status, 200, "nothing was changed");
});

db_test!(many_are_looked_at_confirmed_and_worked_off, async |db| {
    let stage = Stage::new(db).await;
    let mut ids = Vec::new();
    for person in ["mia", "bo", "ann"] {
        ids.push(stage.connect(person).await);
    }
    let look = "/apps/crm-sync/connections/revoke?provider=house";
    let page = stage.owner.reads(look).await;
    assert!(
        page.text
            .contains("3 connections of CRM Sync would be revoked."),
        "{}",
        page.text
    );
    let form = |confirmation: &'static str| {
        [
            ("application", "crm-sync"),
            ("provider", "house"),
            ("reason", "leaving"),
            ("note", "Ticket 4471"),
            ("confirmation", confirmation),
        ]
    };
    let refused = stage.owner.sends("revoke_in_bulk", &form("4")).await;
    let page = stage.owner.reads(refused.location()).await;
    assert!(
        page.text.contains("This is not how many fit now."),
        "{}",
        page.text
    );
    assert!(
        page.text.contains("Ticket 4471</textarea>"),
        "nothing typed is lost"
    );
    let typo = "/apps/crm-sync/connections/revoke?state=activ";
    assert_eq!(
        stage.owner.browser.get(typo).await.status,
        404,
        "not all of them"
    );

    let begun = stage.owner.does("revoke_in_bulk", &form("3")).await;
    let page = stage.owner.reads(begun.location()).await;
    assert!(page.text.contains("0 of 3 are done."), "{}", page.text);
    assert!(
        page.text.contains(r#"http-equiv="refresh""#),
        "{}",
        page.text
    );
    let store = &stage.site.db.store;
    let run = store.open_bulk_revocations().await.unwrap().remove(0);
    while store.work_off_bulk(&run.id, &|_| true).await.unwrap() {}
    let page = stage.owner.reads(begun.location()).await;
    assert!(page.text.contains("All 3 are done."), "{}", page.text);
    assert!(!page.text.contains(r#"http-equiv="refresh""#));
    for id in &ids {
        assert_eq!(stage.token(id).await.status, 410);
        assert_eq!(stage.receipt_json(id).await["bulk_id"], run.id.as_str());
    }
    let undo = [("application", "crm-sync"), ("run", run.id.as_str())];
    stage.owner.does("undo_bulk", &undo).await;
    while store.work_off_bulk(&run.id, &|_| true).await.unwrap() {}
    let page = stage.owner.reads(begun.location()).await;
    assert!(
        page.text.contains("It was taken back: 3 work again"),
        "{}",
        page.text
    );
    for id in &ids {
        assert_eq!(stage.token(id).await.status, 200);
    }
});

db_test!(
    one_click_stops_all_tokens_and_one_lets_them_go,
    async |db| {
        let stage = Stage::new(db).await;
        let id = stage.connect("mia").await;
        for (provider, page) in [
            ("house", "/apps/crm-sync/providers/house"),
            ("", "/apps/crm-sync/settings"),
        ] {
            assert_eq!(stage.token(&id).await.status, 200, "{provider}");
            let form = [
                ("application", "crm-sync"),
                ("provider", provider),
                ("stop_reason", ""),
            ];
            let refused = stage.owner.sends("stop_tokens", &form).await;
            let shown = stage.owner.reads(refused.location()).await;
            assert!(
                shown.text.contains("Write why, so that others know"),
                "{}",
                shown.text
            );
            let form = [
                ("application", "crm-sync"),
                ("provider", provider),
                ("stop_reason", "A leak at a supplier"),
            ];
            let done = stage.owner.does("stop_tokens", &form).await;
            assert_eq!(done.location(), page);
            let answer = stage.token(&id).await;
            assert_eq!(
                code(&answer),
                (409, "stopped".to_owned()),
                "{}",
                answer.text
            );
            assert_eq!(answer.json()["blame"], "admin");
            let body = json!({"provider": "house", "end_user": "mia"});
            let answer = stage.site.api(&stage.key, "POST", "/tokens", &body).await;
            assert_eq!(
                code(&answer),
                (409, "stopped".to_owned()),
                "{}",
                answer.text
            );
            // all else goes on
            assert_eq!(
                stage.api("GET", &format!("/connections/{id}")).await.status,
                200
            );
            stage.connect("newcomer").await;
            let notice = stage.owner.reads("/apps/crm-sync/connections").await;
            assert!(
                notice.text.contains("A leak at a supplier"),
                "{}",
                notice.text
            );
            stage.owner.does("let_tokens_go", &form[..2]).await;
            let answer = stage.token(&id).await;
            assert_eq!(answer.status, 200, "{}", answer.text);
            assert_eq!(answer.json()["generation"], 1, "nothing happened to it");
        }
    }
);
