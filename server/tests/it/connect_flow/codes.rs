//! Every code of the API, really given by the running server, and each answer as the served document
//! has it: a code that is in the document and was not given here fails.

use super::bound::of;
use super::*;
use crate::support::provider::Fault;
use server::domain::{KeyAddresses, KeyLimits, KeyRate, KeySettings};
use server::store::{NewKey, Stopped};
use std::collections::BTreeSet;

/// Nobody can bring these about.
const NOT_TO_BE_HAD: [(&str, &str); 2] = [
    ("internal", "a fault of ours"),
    ("provider_removed", "a provider that is set up stays"),
];
/// Given where it takes more than a request, in the tests of those rooms.
const GIVEN_ELSEWHERE: [(&str, &str); 3] = [
    ("no_api_base", "proxy/trouble.rs"),
    ("api_forbidden", "proxy/trouble.rs"),
    ("provider_timeout", "proxy/trouble.rs"),
];
const HOURS: Duration = Duration::from_hours(2);

/// The served document, and the codes that were given so far.
struct Contract {
    document: Value,
    problem: jsonschema::Validator,
    given: BTreeSet<String>,
}

impl Contract {
    async fn of(stage: &Stage) -> Self {
        let browser = stage.site.browser();
        let served = browser.get("/api/v1/openapi.json").await;
        assert_eq!(served.status, 200, "it needs no key");
        assert_eq!(served.header("cache-control"), "public, max-age=300");
        let document = served.json();
        assert_eq!(document["openapi"], "3.1.0");
        let schema = json!({
            "$ref": "#/components/schemas/Problem",
            "components": document["components"],
        });
        Self {
            document,
            problem: jsonschema::validator_for(&schema).unwrap(),
            given: BTreeSet::new(),
        }
    }

    /// The answer has this status and code, is a problem as the document describes it, and this call
    /// is documented to give it.
    fn gives(&mut self, call: (&str, &str), reply: &Reply, status: u16, code: &str) {
        let (method, path) = call;
        self.problem(reply, status, code);
        let answers = &self.document["paths"][path][method]["responses"];
        let documented = &answers[status.to_string()]["content"]["application/problem+json"];
        let examples = documented["examples"].as_object();
        let examples = examples.unwrap_or_else(|| panic!("{method} {path} has no {status}"));
        assert!(
            examples.values().any(|one| one["value"]["code"] == code),
            "{method} {path} does not name {code}"
        );
    }

    /// The same for what no call in particular gives.
    fn problem(&mut self, reply: &Reply, status: u16, code: &str) {
        assert_eq!(reply.status, status, "{code}: {}", reply.text);
        assert_eq!(reply.header("content-type"), "application/problem+json");
        assert_eq!(reply.header("cache-control"), "no-store");
        let body = reply.json();
        assert_eq!(body["code"], code, "{body}");
        assert_eq!(body["status"], status);
        let errors: Vec<String> = self
            .problem
            .iter_errors(&body)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{errors:?} in {body}");
        let after = body["retry_after_s"]
            .as_u64()
            .map(|seconds| seconds.to_string());
        assert_eq!(reply.header("retry-after"), after.unwrap_or_default());
        self.given.insert(code.to_owned());
    }
}

const CREATE: (&str, &str) = ("post", "/connect-sessions");
const COMPLETE: (&str, &str) = ("post", "/connect-sessions/{id}/complete");
const SHOW: (&str, &str) = ("get", "/connections/{id}");
const DESCRIBE: (&str, &str) = ("patch", "/connections/{id}");
const TOKEN: (&str, &str) = ("post", "/connections/{id}/token");
const TOKENS: (&str, &str) = ("post", "/tokens");
const PROVIDERS: (&str, &str) = ("get", "/providers");
const EVENTS: (&str, &str) = ("get", "/events");

impl Stage {
    /// A connection that was made with bound completion.
    async fn connected(&self, person: &str) -> String {
        let invited = self.invite(person, &Value::Null).await;
        let approved = self.approved(&invited, person).await;
        let done = self.complete(&invited, &of(person, &approved.code)).await;
        assert_eq!(done.status, 200, "{}", done.text);
        id(&done.json()["connections"][0]).to_owned()
    }

    async fn ask(&self, connection: &str) -> Reply {
        self.api(
            "POST",
            &format!("/connections/{connection}/token"),
            &Value::Null,
        )
        .await
    }

    /// What a backend hears that completes while the provider fails like this.
    async fn failing(&self, fault: Fault) -> Reply {
        let invited = self.invite("noa", &Value::Null).await;
        let approved = self.approved(&invited, "noa").await;
        self.site.provider.fails(fault);
        let reply = self.complete(&invited, &of("noa", &approved.code)).await;
        self.site.provider.recover();
        reply
    }

    async fn raw(&self, method: &str, path: &str, header: (&str, &str), body: String) -> Reply {
        let request = Request::builder()
            .method(method)
            .uri(format!("/api/v1{path}"))
            .header("authorization", format!("Bearer {}", self.key))
            .header(header.0, header.1)
            .body(Body::from(body));
        self.site.browser().send(request.unwrap()).await
    }

    /// A key that may do everything within these limits.
    async fn limited(&self, limits: KeyLimits) -> String {
        let key = ApiKeyText::make();
        let settings = &KeySettings {
            limits,
            ..KeySettings::unlimited("limited")
        };
        let new = NewKey {
            settings,
            hint: &key.hint,
            hash: &key.hash,
        };
        let store = &self.seed.store;
        let kept = store.keep_api_key(&self.seed.application, &new, admin());
        kept.await.unwrap();
        key.text.expose().clone()
    }

    /// A call of a key that may only read connections.
    async fn weak(&self, method: &str, path: &str) -> Reply {
        let key = ApiKeyText::make();
        let store = &self.seed.store;
        store
            .create_api_key(
                &self.seed.application,
                "weak",
                &key.hint,
                &key.hash,
                admin(),
            )
            .await
            .unwrap();
        let narrow = sql("UPDATE api_keys SET scopes = $1 WHERE name = 'weak'");
        store.db().run(narrow.bind("events:read")).await.unwrap();
        self.site
            .api(key.text.expose(), method, path, &Value::Null)
            .await
    }
}

db_test!(every_code_of_the_document_is_really_given, async |db| {
    let rule = NewProvider {
        one_owner_per_account: true,
        ..new_provider("house")
    };
    let stage = Stage::with(db, rule).await.completing().await;
    let mut contract = Contract::of(&stage).await;
    of_requests(&stage, &mut contract).await;
    of_keys(&stage, &mut contract).await;
    of_completing(&stage, &mut contract).await;
    of_tokens(&stage, &mut contract).await;

    let codes =
        contract.document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"].clone();
    let codes = codes.as_array().unwrap().iter();
    let missing: Vec<&str> = codes
        .map(|code| code.as_str().unwrap())
        .filter(|code| !contract.given.contains(*code))
        .filter(|code| {
            let mut others = NOT_TO_BE_HAD.iter().chain(&GIVEN_ELSEWHERE);
            !others.any(|(other, _)| other == code)
        })
        .collect();
    assert_eq!(missing, Vec::<&str>::new(), "these have no test");
});

async fn of_requests(stage: &Stage, contract: &mut Contract) {
    let stranger = stage
        .site
        .api("gp_nobody", "GET", "/providers", &Value::Null)
        .await;
    contract.gives(PROVIDERS, &stranger, 401, "unauthorized");
    let weak = stage.weak("GET", "/providers").await;
    contract.gives(PROVIDERS, &weak, 403, "insufficient_scope");
    let nothing = stage
        .api("GET", "/connections/con_nothing", &Value::Null)
        .await;
    contract.gives(SHOW, &nothing, 404, "not_found");
    let put = stage.api("PUT", "/providers", &Value::Null).await;
    contract.problem(&put, 405, "method_not_allowed");
    let empty = stage.api("POST", "/tokens", &json!({})).await;
    contract.gives(TOKENS, &empty, 422, "invalid_request");
    let nobody = json!({"provider": "house", "end_user": "nobody"});
    let nobody = stage.api("POST", "/tokens", &nobody).await;
    contract.gives(TOKENS, &nobody, 404, "not_found");

    let json = ("content-type", "application/json");
    let long = format!(r#"{{"end_user": {{"id": "{}"}}}}"#, "x".repeat(70_000));
    let long = stage.raw("POST", "/connect-sessions", json, long).await;
    contract.gives(CREATE, &long, 413, "body_too_long");
    let query = format!("/connections?tag={}", "x".repeat(9_000));
    let query = stage.api("GET", &query, &Value::Null).await;
    contract.problem(&query, 414, "query_too_long");
    let long = "x".repeat(40_000);
    let header = ("x-long", long.as_str());
    let headers = stage.raw("GET", "/providers", header, String::new()).await;
    contract.problem(&headers, 431, "headers_too_long");
}

async fn of_keys(stage: &Stage, contract: &mut Contract) {
    let elsewhere = KeyLimits {
        addresses: KeyAddresses::read(["203.0.113.0/24"]).unwrap(),
        ..KeyLimits::default()
    };
    let elsewhere = stage.limited(elsewhere).await;
    let ask = async |key: &str| stage.site.api(key, "GET", "/providers", &Value::Null).await;
    contract.gives(PROVIDERS, &ask(&elsewhere).await, 403, "forbidden_address");
    let slow = KeyLimits {
        rate: Some(KeyRate::per_second(1).unwrap()),
        ..KeyLimits::default()
    };
    let slow = stage.limited(slow).await;
    let mut answer = ask(&slow).await;
    for _ in 0..20 {
        answer = ask(&slow).await;
    }
    contract.gives(PROVIDERS, &answer, 429, "rate_limited");

    let once = ("idempotency-key", "order-1");
    let order = |person: &str| json!({"end_user": {"id": person}}).to_string();
    let first = stage.raw("POST", "/connect-sessions", once, order("ada"));
    assert_eq!(first.await.status, 201);
    let other = stage.raw("POST", "/connect-sessions", once, order("bea"));
    contract.gives(CREATE, &other.await, 422, "idempotency_key_reused");

    let working =
        sql("UPDATE idempotent_requests SET status = NULL, claimed_until = 9000000000000000");
    stage.seed.store.db().run(working).await.unwrap();
    let same = stage.raw("POST", "/connect-sessions", once, order("ada"));
    contract.gives(CREATE, &same.await, 409, "in_progress");

    let ahead = stage.api("GET", "/events?after=999", &Value::Null).await;
    contract.gives(EVENTS, &ahead, 410, "cursor_expired");

    let alone = NewProvider {
        team_fallback: false,
        ..new_provider("alone")
    };
    let store = &stage.seed.store;
    store
        .create_provider(&stage.seed.application, alone, admin())
        .await
        .unwrap();
    let asked =
        json!({"provider": "alone", "end_user": "ada", "team_id": "t-1", "fallback": "team"});
    let alone = stage.api("POST", "/tokens", &asked).await;
    contract.gives(TOKENS, &alone, 409, "team_fallback_off");
}

async fn of_completing(stage: &Stage, contract: &mut Contract) {
    let provider = &stage.site.provider;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    let stolen = stage
        .complete(&invited, &of("mallory", &approved.code))
        .await;
    contract.gives(COMPLETE, &stolen, 409, "completion_refused");

    let refused = stage.failing(Fault::Refusal(401, "invalid_client")).await;
    contract.gives(COMPLETE, &refused, 409, "client_credentials_rejected");
    let failed = stage.failing(Fault::Refusal(400, "invalid_grant")).await;
    contract.gives(COMPLETE, &failed, 409, "provider_error");
    let down = stage.failing(Fault::Status(503)).await;
    contract.gives(COMPLETE, &down, 503, "provider_unavailable");

    let connection = stage.connected("mia").await;
    let invited = stage.invite("zoe", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    let taken = stage.complete(&invited, &of("zoe", &approved.code)).await;
    contract.gives(COMPLETE, &taken, 409, "account_already_connected");

    let renewing = stage.invite("mia", &json!({"reconnect": connection})).await;
    let approved = stage.approved(&renewing, "another").await;
    let choose = stage.complete(&renewing, &of("mia", &approved.code)).await;
    contract.gives(COMPLETE, &choose, 409, "account_choice_required");
    let choice = format!(
        "{}/choose",
        local(choose.json()["choice_url"].as_str().unwrap())
    );
    approved
        .left
        .browser
        .post(&choice, &[("choice", "same")])
        .await;
    let other = stage.complete(&renewing, &of("mia", &approved.code)).await;
    contract.gives(COMPLETE, &other, 409, "other_account");

    let late = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&late, "mia").await;
    stage.site.db.clock.advance(600_000);
    let late = stage.complete(&late, &of("mia", &approved.code)).await;
    contract.gives(COMPLETE, &late, 410, "connect_code_expired");

    let bring = new_provider("bring");
    let store = &stage.seed.store;
    store
        .create_provider(&stage.seed.application, bring, admin())
        .await
        .unwrap();
    let invited = stage.invite("mia", &json!({"providers": ["bring"]})).await;
    let typed = [
        ("provider", "bring"),
        ("client_id", "of-mia"),
        ("client_secret", "a-typing-slip"),
    ];
    let browser = stage.site.browser();
    let started = browser
        .post(&format!("{}/start", invited.path), &typed)
        .await;
    let callback = local(&provider.approve(started.location(), "mia"));
    let back = browser.get(&callback).await;
    let (_, code) = back.location().split_once("connect_code=").unwrap();
    let slip = stage.complete(&invited, &of("mia", code)).await;
    contract.gives(COMPLETE, &slip, 409, "own_credentials_rejected");
}

async fn of_tokens(stage: &Stage, contract: &mut Contract) {
    let (provider, store) = (&stage.site.provider, &stage.seed.store);
    let pass = || {
        let millis = i64::try_from(HOURS.as_millis()).unwrap();
        stage.site.db.clock.advance(millis);
    };
    let connection = stage.connected("ada").await;
    let path = format!("/connections/{connection}");
    let stale = stage
        .raw(
            "PATCH",
            &path,
            ("if-match", "\"stale\""),
            json!({"label": "x"}).to_string(),
        )
        .await;
    contract.gives(DESCRIBE, &stale, 412, "precondition_failed");
    let unchanged = stage.api("GET", &path, &Value::Null).await;
    assert_eq!(unchanged.json()["label"], Value::Null);
    let seen = ("if-match", unchanged.header("etag"));
    let changed = stage
        .raw("PATCH", &path, seen, json!({"label": "x"}).to_string())
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text);
    assert_eq!(changed.json()["label"], "x");
    let again = stage
        .raw(
            "GET",
            &path,
            ("if-none-match", changed.header("etag")),
            String::new(),
        )
        .await;
    assert_eq!((again.status.as_u16(), &*again.text), (304, ""));

    let application = Stopped::Application(&stage.seed.application);
    store
        .stop_tokens(application, "a leak", admin())
        .await
        .unwrap();
    let stopped = stage.ask(&connection).await;
    contract.gives(TOKEN, &stopped, 409, "stopped");
    store.let_tokens_go(application, admin()).await.unwrap();

    pass();
    provider.fails(Fault::Status(503));
    let down = stage.ask(&connection).await;
    contract.gives(TOKEN, &down, 503, "provider_unavailable");
    pass();
    provider.fails(Fault::Refusal(401, "invalid_client"));
    let rejected = stage.ask(&connection).await;
    contract.gives(TOKEN, &rejected, 409, "client_credentials_rejected");
    pass();
    provider.fails(Fault::Refusal(400, "invalid_grant"));
    let broken = stage.ask(&connection).await;
    contract.gives(TOKEN, &broken, 409, "reconnect_required");
    let asked = json!({"provider": "house", "end_user": "ada"});
    let broken = stage.api("POST", "/tokens", &asked).await;
    contract.gives(TOKENS, &broken, 409, "reconnect_required");
    assert!(
        broken.json()["reconnect_url"]
            .as_str()
            .unwrap()
            .starts_with(PUBLIC_URL)
    );
    provider.recover();

    let receipt = stage.api("DELETE", &path, &Value::Null).await;
    assert_eq!(receipt.status, 200, "{}", receipt.text);
    let revoked = stage.ask(&connection).await;
    contract.gives(TOKEN, &revoked, 410, "connection_revoked");
    let renewed = json!({"end_user": {"id": "ada"}, "reconnect": connection});
    let renewed = stage.api("POST", "/connect-sessions", &renewed).await;
    contract.gives(CREATE, &renewed, 410, "connection_revoked");

    let copied = stage.connected("bea").await;
    pass();
    store.begin_quarantine(admin()).await.unwrap();
    let copied = stage.ask(&copied).await;
    contract.gives(TOKEN, &copied, 503, "quarantined");

    store.close().await;
    let away = stage.api("GET", "/providers", &Value::Null).await;
    contract.gives(PROVIDERS, &away, 503, "unavailable");
}

db_test!(
    a_page_of_a_list_survives_what_is_added_between,
    async |db| {
        let stage = Stage::new(db).await;
        for person in ["ada", "bea", "cleo", "dora"] {
            stage.seed.connect(person).await;
            stage.site.db.clock.advance(1_000);
        }
        let mut seen = Vec::new();
        let mut cursor = String::new();
        for page in 0..5 {
            let path = format!("/connections?limit=2{cursor}");
            let answer = stage.api("GET", &path, &Value::Null).await.json();
            let rows = answer["data"].as_array().unwrap().clone();
            seen.extend(
                rows.iter()
                    .map(|row| row["end_user"]["id"].as_str().unwrap().to_owned()),
            );
            // somebody connects between two pages
            stage.seed.connect(&format!("new-{page}")).await;
            stage.site.db.clock.advance(1_000);
            let Some(next) = answer["next_cursor"].as_str() else {
                break;
            };
            cursor = format!("&cursor={next}");
        }
        assert_eq!(seen, ["dora", "cleo", "bea", "ada"]);
    }
);
