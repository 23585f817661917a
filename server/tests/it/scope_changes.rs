//! Scopes and Client IDs that change under connections that work: looked at first, marked, mended.

use crate::support::databases::Database;
use crate::support::seed::admin;
use crate::support::site::{Browser, PUBLIC_URL, Reply, Site};
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::auth::issue_setup_token;
use server::domain::{Application, Provider};
use server::vault::sha256_hex;

const SECRET: &str = "s3cret-of-client-1";
const PROVIDER: &str = "/apps/crm-sync/providers/narrowing";

/// An application whose provider asks for one scope, and its owner in the portal.
struct Stage {
    site: Site,
    owner: Browser,
    application: Application,
    key: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let site = Site::new(db).await;
        let owner = site.browser();
        let token = issue_setup_token(&site.db.store).await.unwrap().unwrap();
        let set_up = [
            ("token", token.expose().as_str()),
            ("organization", "Acme"),
            ("name", "Ada"),
            ("email", "ada@acme.example"),
            ("password", "seven herons read maps"),
        ];
        must_lead(&owner.post("/_portal/set_up", &set_up).await, "/");
        let form = [("name", "CRM Sync"), ("slug", "crm-sync")];
        let made = owner.post("/_portal/create_application", &form).await;
        must_lead(&made, "/apps/crm-sync");
        let form = [
            ("application", "crm-sync"),
            ("definition", "narrowing"),
            ("client_id", "client-1"),
            ("client_secret", SECRET),
            ("scopes[]", "contacts.read"),
        ];
        let made = owner.post("/_portal/create_provider", &form).await;
        must_lead(&made, &format!("{PROVIDER}?saved=1"));
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
            application,
            key: key.text.expose().clone(),
        }
    }

    async fn api(&self, method: &str, path: &str, body: &Value) -> Reply {
        self.site.api(&self.key, method, path, body).await
    }

    /// Follows a link and approves. The connection's id.
    async fn approve(&self, path: &str, person: &str) -> String {
        let browser = self.site.browser();
        let form = [("provider", "narrowing")];
        let started = browser.post(&format!("{path}/start"), &form).await;
        assert_eq!(started.status, 303, "{}", started.text);
        let back = self.site.provider.approve(started.location(), person);
        let back = back.strip_prefix(PUBLIC_URL).unwrap().to_owned();
        assert_eq!(browser.get(&back).await.status, 303);
        let found = self.api("GET", "/connections", &Value::Null).await.json();
        String::from(found["data"][0]["id"].as_str().unwrap())
    }

    async fn connect(&self, person: &str) -> String {
        let body = json!({"end_user": {"id": person}, "providers": ["narrowing"]});
        let answer = self.api("POST", "/connect-sessions", &body).await.json();
        let path = answer["url"].as_str().unwrap();
        self.approve(path.strip_prefix(PUBLIC_URL).unwrap(), person)
            .await
    }

    /// Saves the provider's form with these scopes and more fields.
    async fn save(&self, scopes: &[&str], more: &[(&str, &str)]) -> Reply {
        let mut form = vec![("application", "crm-sync"), ("provider", "narrowing")];
        if !more.iter().any(|(name, _)| *name == "client_id") {
            form.push(("client_id", "client-1"));
        }
        form.extend(scopes.iter().map(|scope| ("scopes[]", *scope)));
        form.extend(more);
        self.owner.post("/_portal/save_provider", &form).await
    }

    async fn provider(&self) -> Provider {
        let found = self
            .site
            .db
            .store
            .provider(&self.application.id, "narrowing");
        found.await.unwrap().expect("the provider")
    }

    /// A page of the portal, which names this.
    async fn page(&self, path: &str, words: &str) -> String {
        let page = self.owner.get(path).await;
        page.must_be_page(200, words);
        page.text
    }
}

fn must_lead(reply: &Reply, to: &str) {
    assert_eq!((reply.status.as_u16(), reply.location()), (302, to));
}

db_test!(
    changed_scopes_are_looked_at_saved_marked_and_mended,
    async |db| {
        let stage = Stage::new(db).await;
        let both = ["contacts.read", "deals.read"];
        // nobody is concerned yet
        let saved = stage.save(&both, &[]).await;
        must_lead(&saved, &format!("{PROVIDER}?saved=1"));
        stage.save(&["contacts.read"], &[]).await;

        let id = stage.connect("mia").await;
        let asks = stage.save(&both, &[]).await;
        must_lead(&asks, &format!("{PROVIDER}/scopes"));
        assert_eq!(stage.provider().await.scopes.join(" "), "contacts.read");
        let preview = format!("{PROVIDER}/scopes");
        for _ in 0..2 {
            let page = stage
                .page(&preview, "1 connection needs one more click.")
                .await;
            assert!(page.contains("Read deals"), "{page}");
        }
        let list = "/apps/crm-sync/connections?mark=lacks_scopes";
        stage.page(list, "No connection fits").await;

        let saved = stage.save(&both, &[("confirmed", "yes")]).await;
        must_lead(&saved, &format!("{PROVIDER}?saved=1"));
        assert_eq!(stage.provider().await.scopes.join(" "), both.join(" "));
        stage.page(list, &id).await;
        let connection = format!("/apps/crm-sync/connections/{id}");
        stage.page(&connection, "It lacks “Read deals”").await;

        let page = stage.page(&connection, "Reconnect link").await;
        let link = page.split(&format!("value=\"{PUBLIC_URL}/connect/")).nth(1);
        let token = link.expect("the link").split('"').next().unwrap();
        assert_eq!(stage.approve(&format!("/connect/{token}"), "mia").await, id);
        let page = stage.page(&connection, "Reconnect link").await;
        assert!(!page.contains("It lacks"), "{page}");
        stage.page(list, "No connection fits").await;
    }
);

db_test!(
    another_client_id_comes_with_its_secret_and_breaks_nobody,
    async |db| {
        let stage = Stage::new(db).await;
        let id = stage.connect("mia").await;
        let scopes = ["contacts.read"];
        let refused = stage.save(&scopes, &[("client_id", "client-2")]).await;
        assert!(refused.location().contains("__err="), "{refused:?}");
        assert_eq!(stage.provider().await.client_id, "client-1");
        // along with scopes, the secret waits until the preview was seen
        let new = [
            ("client_id", "client-2"),
            ("new_client_secret", "s3cret-of-client-2"),
        ];
        let both = ["contacts.read", "deals.read"];
        must_lead(
            &stage.save(&both, &new).await,
            &format!("{PROVIDER}/scopes"),
        );
        let page = stage.page(&format!("{PROVIDER}/scopes"), "client-2").await;
        assert!(!page.contains("s3cret-of-client-2"));
        let confirmed = [("client_id", "client-2"), ("confirmed", "yes")];
        let saved = stage.save(&both, &confirmed).await;
        must_lead(&saved, &format!("{PROVIDER}?saved=1"));
        assert_eq!(stage.provider().await.client_id, "client-2");
        let page = stage
            .page(PROVIDER, "For 1 connection of the earlier Client ID.")
            .await;
        assert!(page.contains("In use"), "{page}");

        let provider = &stage.site.provider;
        provider.knows(&[("client-1", SECRET), ("client-2", "s3cret-of-client-2")]);
        let path = format!("/connections/{id}/token");
        let stored = stage.api("POST", &path, &Value::Null).await.json();
        let rejected = sha256_hex(stored["access_token"].as_str().unwrap().as_bytes());
        let ask = json!({"rejected_token_sha256": rejected});
        let token = stage.api("POST", &path, &ask).await;
        assert_eq!(token.status, 200, "{}", token.text);
        assert_eq!(provider.last_client().0, "client-1");
        let list = "/apps/crm-sync/connections?mark=earlier_client_id";
        stage.page(list, &id).await;
        let connection = format!("/apps/crm-sync/connections/{id}");
        stage
            .page(&connection, "It was authorized with an earlier Client ID.")
            .await;
        assert_eq!(
            stage.connect("mia").await,
            id,
            "the same account, the same connection"
        );
        assert_eq!(provider.last_client().0, "client-2");
        stage.page(list, "No connection fits").await;
    }
);

db_test!(
    scopes_are_reduced_from_the_portal_and_by_the_backend,
    async |db| {
        let stage = Stage::new(db).await;
        stage.save(&["contacts.read", "deals.read"], &[]).await;
        let id = stage.connect("mia").await;
        let path = format!("/connections/{id}");
        for (wanted, sentence) in [
            (json!(["contacts.write"]), "which contacts.write is not"),
            (json!([]), "Keep at least one scope"),
            (json!(["a b"]), "has to be a list of scope names"),
        ] {
            let body = json!({"scopes": wanted, "label": "never saved"});
            let refused = stage.api("PATCH", &path, &body).await;
            assert_eq!(refused.status, 422, "{}", refused.text);
            assert!(refused.text.contains(sentence), "{}", refused.text);
        }
        let body = json!({"scopes": ["deals.read"], "label": "Deals only"});
        let reduced = stage.api("PATCH", &path, &body).await.json();
        assert_eq!(reduced["scopes"], json!(["account.id", "deals.read"]));
        assert_eq!(reduced["missing_scopes"], json!([]));
        assert_eq!(
            (&reduced["label"], &reduced["generation"]),
            (&json!("Deals only"), &json!(2))
        );

        // connected again, all of it is there, and the portal takes some away
        assert_eq!(stage.connect("mia").await, id);
        let page = format!("/apps/crm-sync/connections/{id}/scopes");
        let choice = stage.page(&page, "Show what happens").await;
        assert!(choice.contains(r#"value="deals.read" checked"#), "{choice}");
        stage
            .page(
                &format!("{page}?look=1&keep=contacts.read"),
                "Given up: Read deals",
            )
            .await;
        let form = [
            ("application", "crm-sync"),
            ("connection", id.as_str()),
            ("keep[]", "contacts.read"),
        ];
        let done = stage.owner.post("/_portal/reduce_scopes", &form).await;
        let connection = format!("/apps/crm-sync/connections/{id}");
        must_lead(&done, &format!("{connection}?saved=1"));
        let told = stage.page(&connection, "Scopes reduced by Ada.").await;
        assert!(told.contains("Given up: deals.read."), "{told}");
        let granted = stage.api("GET", &path, &Value::Null).await.json();
        assert_eq!(granted["scopes"], json!(["account.id", "contacts.read"]));
    }
);

db_test!(
    a_person_connects_while_the_secret_in_use_is_refused,
    async |db| {
        let stage = Stage::new(db).await;
        let form = [
            ("application", "crm-sync"),
            ("provider", "narrowing"),
            ("client_secret", "mistyped-secret-0000"),
        ];
        let added = stage.owner.post("/_portal/add_client_secret", &form).await;
        must_lead(&added, &format!("{PROVIDER}?saved=1"));
        let id = stage.connect("mia").await;
        let asked = stage.site.provider.last_client();
        assert_eq!(asked, ("client-1".to_owned(), SECRET.to_owned()));
        assert_eq!(stage.provider().await.credentials_rejected_at, None);
        let page = stage.page(PROVIDER, "The provider refused it").await;
        assert!(page.contains("In use"), "{page}");
        let found = stage.site.db.store.connection(&stage.application.id, &id);
        let used = found.await.unwrap().expect("the connection").client_secret;
        let provider = stage.provider().await;
        let store = &stage.site.db.store;
        let hints = store.client_secret_hints(&provider.id).await;
        let in_use = hints.unwrap().into_iter().find(|hint| hint.in_use);
        assert_eq!(used, in_use.map(|hint| hint.id));
    }
);
