//! Staff find a connection and read why it is broken: the pages, what they write down, and the link that
//! mends it.

use crate::support::canary::{Canary, dump, must_be_clean};
use crate::support::databases::Database;
use crate::support::member::Member;
use crate::support::provider::Fault;
use crate::support::seed::admin;
use crate::support::site::{PUBLIC_URL, Site};
use serde_json::{Value, json};
use server::api::key::ApiKeyText;
use server::store::db::{Runs, sql};

const LIST: &str = "/apps/crm-sync/connections";
const HOUR: i64 = 3_600_000;

/// An owner in the portal, a backend, and a provider that refreshes.
struct Desk {
    site: Site,
    member: Member,
    key: String,
}

impl Desk {
    async fn new(db: Database) -> Self {
        let site = Site::new(db).await;
        let member = Member::first(&site).await;
        member.saves_house("s3cret-of-client-1").await;
        let store = &site.db.store;
        let organization = store.organizations().await.unwrap().remove(0).id;
        let application = store.application(&organization, "crm-sync").await;
        let application = application.unwrap().expect("the application");
        let key = ApiKeyText::make();
        store
            .create_api_key(&application, "backend", &key.hint, &key.hash, admin())
            .await
            .unwrap();
        let key = key.text.expose().clone();
        Self { site, member, key }
    }

    async fn api(&self, method: &str, path: &str, body: &Value) -> crate::support::site::Reply {
        self.site.api(&self.key, method, path, body).await
    }

    /// Presses the button below a link and approves.
    async fn approve(&self, path: &str, person: &str) {
        let browser = self.site.browser();
        let started = browser
            .post(&format!("{path}/start"), &[("provider", "house")])
            .await;
        assert_eq!(started.status, 303, "{}", started.text);
        let back = self.site.provider.approve(started.location(), person);
        let back = back.strip_prefix(PUBLIC_URL).unwrap();
        assert_eq!(browser.get(back).await.status, 303);
    }

    /// A connection of this person's; its id.
    async fn connect(&self, person: &str) -> String {
        let body = json!({"end_user": {"id": person, "email": format!("{person}@acme.example")}, "providers": ["house"]});
        let answer = self.api("POST", "/connect-sessions", &body).await.json();
        let url = answer["url"].as_str().unwrap();
        self.approve(url.strip_prefix(PUBLIC_URL).unwrap(), person)
            .await;
        let path = format!("/connections?end_user={person}");
        let found = self.api("GET", &path, &Value::Null).await.json();
        String::from(found["data"][0]["id"].as_str().unwrap())
    }

    /// Asks for a token when the last one has ended.
    async fn refresh(&self, id: &str) -> u16 {
        self.pass(2 * HOUR).await;
        let path = format!("/connections/{id}/token");
        self.api("POST", &path, &Value::Null).await.status.as_u16()
    }

    /// Time passes, so much that the member has to sign in again.
    async fn pass(&self, time: i64) {
        self.site.db.clock.advance(time);
        let form = [
            ("email", "ada@acme.example"),
            ("password", "four-otters-carry-lamps"),
        ];
        self.member.does("sign_in", &form).await;
    }

    /// The page of a connection.
    async fn page(&self, id: &str) -> String {
        self.member.reads(&format!("{LIST}/{id}")).await.text
    }

    /// The path of the link on a connection's page.
    async fn link(&self, id: &str) -> String {
        let page = self.page(id).await;
        let link = page.split(&format!("value=\"{PUBLIC_URL}/connect/")).nth(1);
        let token = link.expect("a link").split('"').next().unwrap();
        format!("/connect/{token}")
    }

    async fn count(&self, statement: &'static str) -> i64 {
        let row = self.site.db.store.db().row(sql(statement)).await.unwrap();
        row.unwrap().int("many").unwrap()
    }

    async fn sessions(&self) -> i64 {
        self.count("SELECT COUNT(*) AS many FROM connect_sessions")
            .await
    }

    async fn views(&self) -> i64 {
        self.count("SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connection.viewed'")
            .await
    }
}

db_test!(a_list_is_narrowed_by_its_address, async |db| {
    let desk = Desk::new(db).await;
    let (mia, bo) = (desk.connect("mia").await, desk.connect("bo").await);
    for (query, found, not_found) in [
        ("q=mia%40acme", Some(&mia), Some(&bo)),
        (
            "provider=house&owner=personal&used=never&mark=",
            Some(&mia),
            None,
        ),
        ("state=active&q=bo", Some(&bo), Some(&mia)),
        ("state=revoked", None, Some(&mia)),
        ("reason=no_refresh_token", None, Some(&mia)),
        ("team=team-7", None, Some(&mia)),
        ("age=30", None, Some(&mia)),
        ("used=30", None, Some(&mia)),
        ("mark=lacks_scopes", None, Some(&mia)),
        ("scope=contacts.read", None, Some(&mia)),
        ("q=nobody", None, Some(&mia)),
    ] {
        let page = desk.member.reads(&format!("{LIST}?{query}")).await.text;
        assert!(!page.contains("left out"), "{query}");
        if let Some(found) = found {
            assert!(page.contains(found.as_str()), "{query}: {page}");
        }
        if let Some(not_found) = not_found {
            assert!(!page.contains(not_found.as_str()), "{query}: {page}");
        }
        if found.is_none() {
            assert!(
                page.contains("No connection fits") && page.contains("Looked for:"),
                "{query}"
            );
        }
    }
    let listed = desk.member.reads(LIST).await.text;
    assert!(listed.contains(&mia) && listed.contains(&bo));
    assert_eq!(desk.views().await, 0, "a list is no view of one");
});

db_test!(
    what_an_address_cannot_mean_is_left_out_with_a_word,
    async |db| {
        let desk = Desk::new(db).await;
        let mia = desk.connect("mia").await;
        let long = "x".repeat(1000);
        for (name, value) in [
            ("state", "asleep"),
            ("provider", "nobody"),
            ("reason", "%27--"),
            ("owner", "everybody"),
            ("team", "%00"),
            ("team", &long),
            ("age", "-1"),
            ("used", "yesterday"),
            ("scope", "none.such"),
            ("mark", "good"),
        ] {
            let page = desk.member.reads(&format!("{LIST}?{name}={value}")).await;
            assert!(page.text.contains("left out"), "{name}={value}");
            assert!(page.text.contains(&mia), "{name}={value}: the rest holds");
        }
        for odd in [
            "q=%00",
            "q=%FF",
            "cursor=x",
            "cursor=a.1.con_1%00",
            "q=%25",
            "state=active&state=x",
        ] {
            desk.member.reads(&format!("{LIST}?{odd}")).await;
        }
    }
);

db_test!(
    a_view_of_one_connection_is_noted_once_in_a_while,
    async |db| {
        let desk = Desk::new(db).await;
        let (mia, bo) = (desk.connect("mia").await, desk.connect("bo").await);
        for _ in 0..3 {
            desk.page(&mia).await;
            desk.member.reads(&format!("{LIST}/{mia}/revoke")).await;
        }
        assert_eq!(desk.views().await, 1);
        desk.page(&bo).await;
        assert_eq!(desk.views().await, 2, "another connection");
        desk.site.db.clock.advance(HOUR / 5);
        desk.page(&mia).await;
        assert_eq!(desk.views().await, 3, "another time");
        desk.member
            .browser
            .get(&format!("{LIST}/con_unknown"))
            .await;
        assert_eq!(desk.views().await, 3);
        let seen = sql(
            "SELECT actor_kind, subject_id FROM audit_events WHERE action = 'connection.viewed' ORDER BY seq",
        );
        let row = desk.site.db.store.db().row(seen).await.unwrap().unwrap();
        assert_eq!(row.text("actor_kind").unwrap(), "member");
        assert_eq!(row.text("subject_id").unwrap(), mia);
    }
);

db_test!(a_reconnect_link_stands_ready_and_works_once, async |db| {
    let desk = Desk::new(db).await;
    let mia = desk.connect("mia").await;
    desk.site.provider.forget("mia");
    assert_eq!(desk.refresh(&mia).await, 409);
    let before = desk.sessions().await;
    let link = desk.link(&mia).await;
    let visitor = desk.site.browser();
    visitor.get(&link).await.must_be_page(200, "mia");
    let asked = visitor.get(&format!("{link}/start")).await;
    assert_eq!(asked.location(), link, "nothing begins by itself");
    assert_eq!(desk.sessions().await, before, "looking makes nothing");

    desk.approve(&link, "mia").await;
    assert_eq!(desk.sessions().await, before + 1);
    let page = desk.page(&mia).await;
    assert!(page.contains("accepts this connection"), "{page}");
    assert_eq!(visitor.get(&link).await.status, 404, "it has done its work");
    let started = visitor
        .post(&format!("{link}/start"), &[("provider", "house")])
        .await;
    assert_eq!(started.status, 404);
    let by_user = "SELECT COUNT(*) AS many FROM audit_events WHERE action = 'connect_session.created' AND actor_kind = 'end_user'";
    assert_eq!(desk.count(by_user).await, 1);
});

db_test!(
    a_reconnect_link_is_for_one_connection_and_ends_with_it,
    async |db| {
        let desk = Desk::new(db).await;
        let (mia, bo) = (desk.connect("mia").await, desk.connect("bo").await);
        let link = desk.link(&mia).await;
        let visitor = desk.site.browser();
        visitor.get(&link).await.must_be_page(200, "mia");

        let (made, mac) = link.split_once('.').unwrap().1.split_once('.').unwrap();
        let later = made.parse::<i64>().unwrap() + 1;
        let shorter = &mac[..mac.len() - 4];
        for forged in [
            format!("/connect/{bo}.{made}.{mac}"),
            format!("/connect/{mia}.{later}.{mac}"),
            format!("/connect/{mia}.{made}.{shorter}"),
            format!("/connect/{mia}.{made}."),
            format!("/connect/con_unknown.{made}.{mac}"),
            format!("/connect/{mia}.99999999999999999999.{mac}"),
        ] {
            visitor.get(&forged).await.must_be_page(404, "link");
            let form = [("provider", "house")];
            let started = visitor.post(&format!("{forged}/start"), &form).await;
            assert_eq!(started.status, 404, "{forged}");
        }

        // another account does not come in by it
        let before = desk.sessions().await;
        desk.approve(&link, "stranger").await;
        assert_eq!(desk.sessions().await, before + 1);
        let connection = desk
            .api("GET", &format!("/connections/{mia}"), &Value::Null)
            .await;
        assert_eq!(
            connection.json()["account"]["id"],
            json!("mia"),
            "{}",
            connection.text
        );

        let stopped = visitor.post(&format!("{link}/stop"), &[]).await;
        assert_eq!(stopped.status, 303);
        assert_eq!(visitor.get(stopped.location()).await.status, 410);

        let old = desk.link(&bo).await;
        desk.pass(7 * 24 * HOUR).await;
        assert_eq!(visitor.get(&old).await.status, 410, "a week is over");
        let fresh = desk.link(&bo).await;
        visitor.get(&fresh).await.must_be_page(200, "bo");
        desk.api("DELETE", &format!("/connections/{bo}"), &Value::Null)
            .await;
        assert_eq!(visitor.get(&fresh).await.status, 410, "revoked");
        let started = visitor
            .post(&format!("{fresh}/start"), &[("provider", "house")])
            .await;
        assert_eq!(started.status, 410);
        assert!(!desk.page(&bo).await.contains("Reconnect link"));
    }
);

db_test!(
    a_history_tells_what_was_answered_and_no_secret,
    async |db| {
        let desk = Desk::new(db).await;
        let mia = desk.connect("mia").await;
        for _ in 0..3 {
            assert_eq!(desk.refresh(&mia).await, 200);
        }
        desk.site.provider.fails(Fault::Echo);
        assert_eq!(desk.refresh(&mia).await, 503);
        desk.site.provider.fails(Fault::EchoPage);
        assert_eq!(desk.refresh(&mia).await, 503);
        desk.site.provider.recover();
        assert_eq!(desk.refresh(&mia).await, 200);
        desk.site
            .provider
            .fails(Fault::Refusal(400, "invalid_grant"));
        assert_eq!(desk.refresh(&mia).await, 409);
        let hand_outs = &desk.site.state.tokens.hand_outs().clone();
        hand_outs.store(&desk.site.db.store).await.unwrap();

        let page = desk.page(&mia).await;
        for words in [
            "Refreshed 3 times.",
            "What House answered",
            "HTTP 400 Bad Request",
            "content-type: application/json",
            "cannot work with",
            "[hidden]",
            "invalid_grant",
            "Recovered.",
            "Handed out to API key “backend”.",
            "4 times",
            "The user, mia",
        ] {
            let words = words.replace("cannot work with", "error_description");
            assert!(page.contains(&words), "{words}: {page}");
        }
        let mut secrets = vec![Canary::of("s3cret-of-client-1")];
        for issued in desk.site.provider.given() {
            secrets.push(Canary::of(&issued.access_token));
            secrets.extend(issued.refresh_token.map(|token| Canary::of(&token)));
        }
        must_be_clean(page.as_bytes(), &secrets, "the page");
        for (column, bytes) in dump(&desk.site.db).await {
            must_be_clean(&bytes, &secrets, &column);
            assert!(
                !String::from_utf8_lossy(&bytes).contains("error_description"),
                "{column}: what was answered is sealed"
            );
        }
    }
);

db_test!(a_long_history_has_pages, async |db| {
    let desk = Desk::new(db).await;
    let mia = desk.connect("mia").await;
    for _ in 0..30 {
        desk.connect("mia").await;
        assert_eq!(desk.refresh(&mia).await, 200);
    }
    let newest = desk.page(&mia).await;
    assert!(!newest.contains("Connected by"), "{newest}");
    let cursor = newest.split("?history=").nth(1).expect("an older page");
    let cursor = cursor.split('"').next().unwrap();
    let path = format!("{LIST}/{mia}?history={cursor}");
    let oldest = desk.member.reads(&path).await.text;
    assert!(oldest.contains("Connected by"), "{oldest}");
    assert!(oldest.contains("Newest") && !oldest.contains("?history="));
    desk.member
        .reads(&format!("{LIST}/{mia}?history=nonsense"))
        .await;
});

db_test!(a_provider_that_refuses_us_is_one_notice, async |db| {
    let desk = Desk::new(db).await;
    let (mia, bo) = (desk.connect("mia").await, desk.connect("bo").await);
    for page in [LIST, "/apps/crm-sync"] {
        let page = desk.member.reads(page).await.text;
        assert!(!page.contains("refuses our client credentials"), "{page}");
    }
    desk.site.provider.accept_only_secret("another");
    assert_eq!(desk.refresh(&mia).await, 409);
    for page in [LIST, "/apps/crm-sync"] {
        let page = desk.member.reads(page).await.text;
        assert_eq!(
            page.matches("refuses our client credentials since").count(),
            1,
            "{page}"
        );
        assert!(page.contains("2 connections wait"), "{page}");
        assert!(page.contains("/apps/crm-sync/providers/house"), "{page}");
    }
    for id in [&mia, &bo] {
        let page = desk.page(id).await;
        assert!(
            page.contains("Nothing is wrong with this connection."),
            "{page}"
        );
        assert!(page.contains("An admin"), "{page}");
    }
    let active = desk
        .member
        .reads(&format!("{LIST}?state=active"))
        .await
        .text;
    assert!(
        active.contains(&bo) && !active.contains(&mia),
        "each keeps its own state"
    );
});

db_test!(
    lists_hide_personal_data_where_the_house_says_so,
    async |db| {
        let desk = Desk::new(db).await;
        let mia = desk.connect("mia").await;
        let many = "/apps/crm-sync/connections/revoke?provider=house";
        for page in [LIST, many] {
            let page = desk.member.reads(page).await.text;
            assert!(page.contains("mia@acme.example"), "{page}");
        }
        let rule = [("personal_data_masked", "yes")];
        desk.member.does("set_rules", &rule).await;
        let found = format!("{LIST}?q=nobody-but-mia");
        for page in [LIST, many, &found] {
            let page = desk.member.reads(page).await.text;
            assert!(!page.contains("mia@"), "{page}");
        }
        let page = desk.member.reads(LIST).await.text;
        assert!(page.contains("m•••@acme.example"), "{page}");
        let found = desk.member.reads(&format!("{LIST}?q=mia%40acme")).await;
        assert!(found.text.contains(&mia), "{}", found.text);

        let seen = desk.views().await;
        let page = desk.page(&mia).await;
        assert!(page.contains("mia@acme.example"), "{page}");
        assert_eq!(desk.views().await, seen + 1);
    }
);
