//! A provider that is in no catalog, from the portal's form to a fresh token, and what an admin cannot
//! do with its addresses.

use crate::support::databases::Database;
use crate::support::definitions::ORIGIN;
use crate::support::member::Member;
use crate::support::seed::admin;
use crate::support::site::{Browser, PUBLIC_URL, Reply, Site};
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::domain::Application;

const SECRET: (&str, &str) = ("client_secret", "s3cret-of-client-1");

/// An installation with an application and an owner in the portal.
struct Stage {
    site: Site,
    owner: Browser,
    application: Application,
    key: String,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let site = Site::new(db).await;
        let owner = Member::first(&site).await.browser;
        let store = &site.db.store;
        let organization = store.organizations().await.unwrap().remove(0);
        let application = store.application(&organization.id, "crm-sync").await;
        let application = application.unwrap().unwrap();
        let key = ApiKeyText::make();
        let kept = store.create_api_key(&application, "tests", &key.hint, &key.hash, admin());
        kept.await.unwrap();
        Self {
            site,
            owner,
            application,
            key: key.text.expose().clone(),
        }
    }

    /// Sends a form, and answers the page that the browser is led to.
    async fn send(&self, function: &str, fields: &[(&str, &str)]) -> Reply {
        let fields: Vec<_> = [("application", "crm-sync")]
            .iter()
            .chain(fields)
            .copied()
            .collect();
        let answer = self
            .owner
            .post(&format!("/_portal/{function}"), &fields)
            .await;
        assert_eq!(answer.status, 302, "{}", answer.text);
        self.owner.get(answer.location()).await
    }

    /// Saves the provider that the issuer told of, with the profile of the provider of the tests.
    async fn add(&self) -> Reply {
        let at = |path: &str| format!("{ORIGIN}{path}");
        self.send(
            "create_custom_provider",
            &[
                ("custom[name]", "House Login"),
                ("custom[issuer]", ORIGIN),
                ("custom[authorize_url]", &at("/authorize")),
                ("custom[token_url]", &at("/token")),
                ("custom[revoke_url]", &at("/revoke")),
                ("custom[profile_url]", &at("/me")),
                ("custom[account_id]", "/id"),
                ("custom[account_label]", "/email"),
                ("custom[client_auth]", "basic"),
                ("custom[pkce]", "yes"),
                ("client_id", "client-1"),
                SECRET,
                ("scopes", "contacts.read"),
            ],
        )
        .await
    }

    async fn api(&self, path: &str, body: &Value) -> Value {
        let answer = self.site.api(&self.key, "POST", path, body).await;
        assert!(answer.status.is_success(), "{}", answer.text);
        answer.json()
    }

    /// Somebody connects an account. The token that the backend then gets.
    async fn connect(&self, person: &str) -> Value {
        let invited = self
            .api("/connect-sessions", &json!({"end_user": {"id": person}}))
            .await;
        let path = invited["url"]
            .as_str()
            .unwrap()
            .strip_prefix(PUBLIC_URL)
            .unwrap();
        let browser = self.site.browser();
        browser.get(path).await.must_be_page(200, "House Login");
        let started = browser
            .post(&format!("{path}/start"), &[("provider", "custom")])
            .await;
        assert_eq!(started.status, 303, "{}", started.text);
        let back = self.site.provider.approve(started.location(), person);
        let back = browser.get(back.strip_prefix(PUBLIC_URL).unwrap()).await;
        assert_eq!(back.status, 303, "{}", back.text);
        self.api(
            "/tokens",
            &json!({"provider": "custom", "end_user": person}),
        )
        .await
    }

    /// Changes the addresses, from what was added.
    async fn change(&self, changes: &[(&str, &str)]) -> Reply {
        let at = |path: &str| format!("{ORIGIN}{path}");
        let (authorize, token, revoke, me) =
            (at("/authorize"), at("/token"), at("/revoke"), at("/me"));
        let mut fields = vec![
            ("provider", "custom"),
            ("custom[name]", "House Login"),
            ("custom[authorize_url]", &authorize),
            ("custom[token_url]", &token),
            ("custom[revoke_url]", &revoke),
            ("custom[profile_url]", &me),
            ("custom[account_id]", "/id"),
            ("custom[account_label]", "/email"),
            ("custom[client_auth]", "basic"),
            ("custom[pkce]", "yes"),
        ];
        for (name, value) in changes {
            fields.retain(|(known, _)| known != name);
            fields.push((*name, *value));
        }
        self.send("save_custom", &fields).await
    }

    async fn token_url(&self) -> String {
        let provider = self
            .site
            .db
            .store
            .provider(&self.application.id, "custom")
            .await;
        provider.unwrap().unwrap().custom.unwrap().token
    }
}

db_test!(
    an_issuer_becomes_a_provider_that_hands_out_tokens,
    async |db| {
        let stage = Stage::new(db).await;
        let page = stage
            .owner
            .get("/apps/crm-sync/providers/new?q=openid")
            .await;
        page.must_be_page(200, "/apps/crm-sync/providers/new/custom");

        let found = stage.send("discover_issuer", &[("issuer", ORIGIN)]).await;
        found.must_be_page(200, "What the issuer told");
        for told in [
            format!(r#"value="{ORIGIN}/token""#),
            format!(r#"value="{ORIGIN}/me""#),
            r#"name="custom[client_auth]" value="basic" checked"#.to_owned(),
            r#"name="custom[pkce]" value="yes" checked"#.to_owned(),
            r#"value="openid email""#.to_owned(),
        ] {
            assert!(found.text.contains(&told), "{told}");
        }
        let shown = stage.owner.get("/apps/crm-sync/providers/new/custom").await;
        assert!(
            !shown.text.contains("What the issuer told"),
            "it was not saved"
        );

        let page = stage.add().await;
        page.must_be_page(200, "Custom, from https://idp.example");
        assert!(page.text.contains("Saved."), "{}", page.text);
        let redirect = shown.text.split("/oauth/callback/").nth(1).unwrap();
        let redirect = redirect.split('"').next().unwrap();
        assert!(
            page.text.contains(redirect),
            "the redirect URI is the one that was shown"
        );

        let token = stage.connect("mia").await;
        assert_eq!(token["provider"], "custom");
        let live = stage.site.provider.live("mia").unwrap();
        assert_eq!(
            token["access_token"].as_str(),
            Some(live.access_token.as_str())
        );
    }
);

db_test!(
    addresses_change_and_secrets_stay_where_they_were_made_for,
    async |db| {
        let stage = Stage::new(db).await;
        stage.add().await.must_be_page(200, "Saved.");

        // the same host: as often as one likes
        let moved = format!("{ORIGIN}/v2/token");
        stage
            .change(&[("custom[token_url]", &moved)])
            .await
            .must_be_page(200, "Saved.");
        assert_eq!(stage.token_url().await, moved);

        // another host: with a secret of its own
        let elsewhere = ("custom[token_url]", "https://elsewhere.example/token");
        let refused = stage.change(&[elsewhere]).await;
        refused.must_be_page(200, "Paste the Client Secret that belongs to the new host.");
        assert!(refused.text.contains(elsewhere.1), "what was typed is kept");
        assert_eq!(stage.token_url().await, moved);
        let other = ("host_secret", "another-secret-5678");
        stage
            .change(&[elsewhere, other])
            .await
            .must_be_page(200, "..5678");
        assert_eq!(stage.token_url().await, elsewhere.1);
        let provider = stage
            .site
            .db
            .store
            .provider(&stage.application.id, "custom")
            .await;
        let provider = provider.unwrap().unwrap();
        let secrets = stage
            .site
            .db
            .store
            .client_secret_hints(&provider.id)
            .await
            .unwrap();
        assert_eq!(secrets.len(), 1, "the old host's secret is gone");

        // back, and with somebody's tokens here no other host gets them
        let back = ("host_secret", SECRET.1);
        stage.change(&[back]).await.must_be_page(200, "Saved.");
        stage.connect("mia").await;
        let refused = stage.change(&[elsewhere, other]).await;
        refused.must_be_page(200, "Tokens are kept that were given to the hosts of today");
        assert_eq!(stage.token_url().await, format!("{ORIGIN}/token"));
        let token = stage
            .api("/tokens", &json!({"provider": "custom", "end_user": "mia"}))
            .await;
        assert!(token["access_token"].is_string());
    }
);

db_test!(an_inner_address_is_refused_with_a_sentence, async |db| {
    let stage = Stage::new(db).await;
    for (field, address) in [
        ("custom[token_url]", "https://127.0.0.1/token"),
        ("custom[token_url]", "https://2130706433/"),
        ("custom[token_url]", "https://[::ffff:169.254.169.254]/"),
        ("custom[authorize_url]", "https://localhost/"),
        ("custom[revoke_url]", "https://metadata.google.internal/"),
        ("custom[profile_url]", "https://idp.example:22/"),
        ("custom[introspection_url]", "https://10.0.0.1/"),
    ] {
        let mut fields = vec![
            ("custom[name]", "Acme"),
            ("custom[authorize_url]", "https://idp.example/authorize"),
            ("custom[token_url]", "https://idp.example/token"),
            ("custom[profile_url]", "https://idp.example/me"),
            ("custom[account_id]", "/id"),
            ("client_id", "client-1"),
            SECRET,
        ];
        fields.retain(|(known, _)| *known != field);
        fields.push((field, address));
        let page = stage.send("create_custom_provider", &fields).await;
        page.must_be_page(200, "This address may not be called.");
        assert!(page.text.contains(r#"aria-invalid="true""#), "{field}");
        assert!(!page.text.contains(SECRET.1));
    }
    for issuer in ["https://127.0.0.1", "https://localhost", "https://[::1]"] {
        let page = stage.send("discover_issuer", &[("issuer", issuer)]).await;
        page.must_be_page(200, "This address may not be called.");
    }
    let page = stage
        .send("discover_issuer", &[("issuer", &format!("{ORIGIN}/"))])
        .await;
    page.must_be_page(200, "names another issuer");
    assert_eq!(
        stage.site.provider.count(|_| true),
        0,
        "nobody was asked for a token"
    );
    let providers = stage.site.db.store.providers(&stage.application.id).await;
    assert!(providers.unwrap().is_empty());
});
