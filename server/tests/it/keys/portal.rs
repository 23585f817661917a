//! Keys on their pages: made with limits, changed, rotated, deprecated, revoked; each in the audit.

use crate::support::member::Member;
use crate::support::site::{Reply, Site};
use serde_json::Value;
use server::domain::{ApiKey, KeyLimits, KeyScope};
use server::store::db::{Runs, sql};

struct Keys {
    site: Site,
    owner: Member,
}

const APP: (&str, &str) = ("application", "crm-sync");

impl Keys {
    async fn all(&self) -> Vec<ApiKey> {
        let store = &self.site.db.store;
        let organization = store.organizations().await.unwrap().remove(0).id;
        let application = store.application(&organization, "crm-sync").await;
        store
            .api_keys(&application.unwrap().unwrap().id)
            .await
            .unwrap()
    }

    async fn does(&self, action: &str, id: &str, more: &[(&str, &str)]) -> Reply {
        let form = [&[APP, ("key", id)][..], more].concat();
        self.owner.does(action, &form).await
    }

    /// The whole key on a page that shows it.
    async fn shown(&self, page: &str) -> String {
        let page = self.owner.reads(page).await;
        let from = page.text.find("value=\"gp_").expect("a key") + 7;
        page.text[from..from + 41].to_owned()
    }

    async fn actions(&self) -> Vec<String> {
        let told =
            sql("SELECT action FROM audit_events WHERE action LIKE 'api_key.%' ORDER BY seq");
        let rows = self.site.db.store.db().rows(told).await.unwrap();
        rows.iter().map(|row| row.text("action").unwrap()).collect()
    }
}

db_test!(a_key_lives_on_its_pages, async |db| {
    let site = Site::new(db).await;
    let owner = Member::first(&site).await;
    owner.saves_house("s3cret-of-client-1").await;
    let keys = Keys { site, owner };

    let wrong = [
        APP,
        ("name", "jobs"),
        ("scopes[]", "proxy"),
        ("sees", "these"),
        ("ip_ranges", "the office"),
        ("rate", "fast"),
    ];
    let refused = keys.owner.sends("create_key", &wrong).await;
    let page = keys.owner.reads(refused.location()).await;
    for words in [
        "Tick at least one provider",
        "Write addresses or blocks",
        "from 1 to 10,000",
        "the office</textarea>",
        "value=\"jobs\"",
    ] {
        assert!(page.text.contains(words), "{words}");
    }
    assert!(keys.all().await.is_empty());

    let right = [
        APP,
        ("name", "jobs"),
        ("scopes[]", "connections:read"),
        ("scopes[]", "tokens:read"),
        ("sees", "these"),
        ("providers[]", "house"),
        ("ip_ranges", "127.0.0.0/8\n2001:db8::/32"),
        ("expires", "2099-12-31"),
        ("rate", "25"),
    ];
    keys.owner.does("create_key", &right).await;
    let text = keys.shown("/apps/crm-sync/keys").await;
    let listed = keys.owner.reads("/apps/crm-sync/keys").await;
    assert!(!listed.text.contains(&text), "it is shown once");
    for words in [
        "2 of 7",
        "house",
        "from 2 IP ranges",
        "25 a second",
        "until 1 Jan 2100",
    ] {
        assert!(listed.text.contains(words), "{words}");
    }
    let made = keys.all().await.remove(0);
    assert_eq!(made.scopes.stored(), "connections:read tokens:read");
    let answer = keys
        .site
        .api(&text, "GET", "/connections", &Value::Null)
        .await;
    assert_eq!(answer.status, 200, "{}", answer.text);

    let id = made.id.as_str();
    let page = format!("/apps/crm-sync/keys/{id}");
    let shown = keys.owner.reads(&page).await;
    for words in [
        "value=\"2099-12-31\"",
        "127.0.0.0/8\n2001:db8::/32</textarea>",
        "value=\"25\"",
    ] {
        assert!(shown.text.contains(words), "{words}");
    }
    keys.does("save_key", id, &[("name", "jobs"), ("scopes[]", "proxy")])
        .await;
    let changed = keys.all().await.remove(0);
    assert!(!changed.scopes.allow(KeyScope::TokensRead));
    assert_eq!(changed.limits, KeyLimits::default());

    let next = keys.does("rotate_key", id, &[("overlap", "7")]).await;
    let successor = keys.shown(next.location()).await;
    assert_ne!(successor, text);
    let shown = keys.owner.reads(&page).await;
    assert!(shown.text.contains("It is followed by"), "{}", shown.text);
    let again = keys
        .owner
        .sends("rotate_key", &[APP, ("key", id), ("overlap", "")])
        .await;
    let told = keys.owner.reads(again.location()).await;
    assert!(told.text.contains("has a successor already"));
    keys.does("deprecate_key", id, &[("deed", "undo")]).await;
    keys.does("deprecate_key", id, &[("deed", "deprecate")])
        .await;

    // what was used lately is not revoked by the way
    keys.site
        .state
        .tokens
        .hand_outs()
        .store(&keys.site.db.store)
        .await
        .unwrap();
    let shown = keys.owner.reads(&page).await;
    assert!(
        shown
            .text
            .contains("Something used this key in the last 24 hours.")
    );
    let refused = keys.owner.sends("revoke_key", &[APP, ("key", id)]).await;
    let told = keys.owner.reads(refused.location()).await;
    assert!(told.text.contains("Tick this if it has to end"));
    keys.does("revoke_key", id, &[("although_used", "yes")])
        .await;
    let shown = keys.owner.reads(&page).await;
    assert!(shown.text.contains("It was revoked"));
    assert_eq!(
        keys.actions().await,
        [
            "api_key.created",
            "api_key.changed",
            "api_key.rotated",
            "api_key.deprecation_undone",
            "api_key.deprecated",
            "api_key.revoked"
        ]
    );
});
