//! Bound completion: nothing is exchanged before the backend says for whom (R1).

use super::*;
use crate::support::provider::Fault;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use server::domain::{Application, Completion};
use server::vault::sha256;

pub(super) const BACK: &str = "https://app.acme.example/done";
const VERIFIER: &str = "a-verifier-that-the-backend-keeps-in-its-own-session";

/// Somebody has approved at the provider.
pub(super) struct Approved {
    pub(super) left: Left,
    /// Where the provider sent them.
    callback: String,
    /// What their browser brought to the application.
    pub(super) code: String,
}

impl Approved {
    /// The provider's page is sent once more, by the back button say.
    async fn come_back(&self) -> Reply {
        self.left.browser.get(&self.callback).await
    }
}

impl Stage {
    /// Of an application whose backend completes.
    pub(super) async fn bound(db: Database) -> Self {
        Self::new(db).await.completing().await
    }

    /// The same application, once its backend completes.
    pub(super) async fn completing(self) -> Self {
        let changed = Application {
            completion: Completion::Bound,
            ..self.seed.application.clone()
        };
        let store = &self.seed.store;
        store.update_application(&changed, admin()).await.unwrap();
        self
    }

    /// Somebody approves, and their browser comes back to the application.
    pub(super) async fn approved(&self, invited: &Invited, account: &str) -> Approved {
        let left = self.leave(invited).await;
        let callback = self.approve(&left, account);
        let back = left.browser.get(&callback).await;
        assert_eq!(back.status, 303, "{}", back.text);
        Approved {
            code: connect_code(invited, back.location()),
            left,
            callback,
        }
    }

    pub(super) async fn complete(&self, invited: &Invited, body: &Value) -> Reply {
        let path = format!("/connect-sessions/{}/complete", invited.session);
        self.api("POST", &path, body).await
    }
}

/// The connect code that the browser brings to the return URL.
fn connect_code(invited: &Invited, location: &str) -> String {
    let expected = format!("{BACK}?session={}&connect_code=", invited.session);
    let code = location.strip_prefix(&expected);
    code.unwrap_or_else(|| panic!("{location}")).to_owned()
}

pub(super) fn of(person: &str, code: &str) -> Value {
    json!({"connect_code": code, "end_user_id": person})
}

fn challenge() -> String {
    URL_SAFE_NO_PAD.encode(sha256(VERIFIER.as_bytes()))
}

db_test!(
    nothing_is_exchanged_before_the_backend_completes,
    async |db| {
        let stage = Stage::bound(db).await;
        let invited = stage.invite("mia", &json!({"return_url": BACK})).await;
        let approved = stage.approved(&invited, "mia").await;
        assert_eq!(stage.exchanges(), 0);
        assert_eq!(
            stage.session(&invited).await["status"],
            "awaiting_completion"
        );
        assert_eq!(stage.connections().await.len(), 0);
        assert!(!holds(&dump(&stage.site.db).await, &approved.code));

        let done = stage.complete(&invited, &of("mia", &approved.code)).await;
        assert_eq!(done.status, 200, "{}", done.text);
        let session = done.json();
        assert_eq!(session["status"], "connected");
        let connection = id(&session["connections"][0]).to_owned();
        let token = stage.token(&connection).await;
        let live = stage.site.provider.live("mia").unwrap();
        assert_eq!(token["access_token"], live.access_token);

        // a backend that did not hear the answer asks again
        let again = stage.complete(&invited, &of("mia", &approved.code)).await;
        assert_eq!((again.status, again.json()), (done.status, session));
        assert_eq!(stage.exchanges(), 1);
        // the back button
        let back = approved.come_back().await;
        assert!(
            back.location().ends_with("&status=connected"),
            "{}",
            back.location()
        );
    }
);

// The attack: somebody begins "Connect" in their own name and sends the link to a victim.
db_test!(whoever_was_sent_the_link_gives_nothing_away, async |db| {
    let stage = Stage::bound(db).await;
    let of_attacker = stage.invite("mallory", &Value::Null).await;
    let approved = stage.approved(&of_attacker, "of-victim").await;

    let refused = stage
        .complete(&of_attacker, &of("victim", &approved.code))
        .await;
    assert_eq!(refused.status, 409, "{}", refused.text);
    assert_eq!(refused.json()["code"], "completion_refused");
    // and the attacker cannot go on with what the victim approved
    for person in ["mallory", "victim"] {
        let late = stage
            .complete(&of_attacker, &of(person, &approved.code))
            .await;
        assert_eq!(late.status, 409, "{}", late.text);
    }
    assert_eq!(stage.exchanges(), 0, "the provider was never asked");
    assert_eq!(stage.connections().await.len(), 0);
    let session = stage.session(&of_attacker).await;
    assert_eq!(session["status"], "failed");
    assert_eq!(session["error"]["code"], "other_person");
    let back = approved.come_back().await;
    let page = approved.left.browser.get(back.location()).await;
    page.must_be_page(409, "someone else");
});

db_test!(a_challenge_wants_its_verifier, async |db| {
    let stage = Stage::new(db).await;
    let body = json!({"return_url": BACK, "code_challenge": challenge()});
    for wrong in [
        None,
        Some(""),
        Some("another verifier"),
        Some(&*challenge()),
    ] {
        let invited = stage.invite("mia", &body).await;
        let approved = stage.approved(&invited, "mia").await;
        let mut proof = of("mia", &approved.code);
        if let Some(verifier) = wrong {
            proof["code_verifier"] = json!(verifier);
        }
        let refused = stage.complete(&invited, &proof).await;
        assert_eq!(refused.json()["code"], "completion_refused", "{wrong:?}");
    }
    assert_eq!(stage.exchanges(), 0);

    let invited = stage.invite("mia", &body).await;
    let approved = stage.approved(&invited, "mia").await;
    let mut proof = of("mia", &approved.code);
    proof["code_verifier"] = json!(VERIFIER);
    let done = stage.complete(&invited, &proof).await;
    assert_eq!(done.status, 200, "{}", done.text);
});

db_test!(a_connect_code_is_good_in_its_own_session_only, async |db| {
    let stage = Stage::bound(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    let other = stage.invite("mia", &Value::Null).await;
    for (session, code) in [
        (&other, approved.code.as_str()),
        (&invited, "made-up"),
        (&invited, ""),
    ] {
        let refused = stage.complete(session, &of("mia", code)).await;
        assert_eq!(refused.status, 404, "{}", refused.text);
    }
    let unknown = Invited {
        session: "cs_unknown".to_owned(),
        path: String::new(),
    };
    assert_eq!(
        stage
            .complete(&unknown, &of("mia", &approved.code))
            .await
            .status,
        404
    );
    // nothing of it used the code up
    let done = stage.complete(&invited, &of("mia", &approved.code)).await;
    assert_eq!(done.status, 200, "{}", done.text);
});

db_test!(a_code_that_nobody_comes_for_is_destroyed, async |db| {
    let stage = Stage::bound(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    stage.site.db.clock.advance(600_000);
    let late = stage.complete(&invited, &of("mia", &approved.code)).await;
    assert_eq!(late.status, 410, "{}", late.text);
    assert_eq!(late.json()["code"], "connect_code_expired");

    stage.lapse(&approved.left).await;
    stage.site.state.connect.end_late().await.unwrap();
    let kept = sql(
        "SELECT COUNT(*) AS kept FROM flows WHERE sealed_code IS NOT NULL OR sealed_verifier IS NOT NULL",
    );
    let row = stage.seed.store.db().row(kept).await.unwrap().unwrap();
    assert_eq!(row.int("kept").unwrap(), 0);
    let session = stage.session(&invited).await;
    assert_eq!(session["error"]["code"], "not_completed");
    let back = approved.come_back().await;
    let page = approved.left.browser.get(back.location()).await;
    page.must_be_page(410, "did not finish");
    assert!(page.text.contains("Try again"), "{}", page.text);
    assert_eq!(stage.exchanges(), 0);
});

db_test!(the_way_back_stays_open_until_it_is_completed, async |db| {
    let stage = Stage::bound(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    // the back button, and the provider's page sent once more
    let again = approved.come_back().await;
    assert_eq!(connect_code(&invited, again.location()), approved.code);
    let stranger = stage.site.browser();
    stranger
        .get(&approved.callback)
        .await
        .must_be_page(400, "another browser");

    let page = approved
        .left
        .browser
        .get(&stage.outcome(&invited, &approved.left).await)
        .await;
    page.must_be_page(200, "Back to Application crm-sync");
    let link = format!(
        "{BACK}?session={}&amp;connect_code={}",
        invited.session, approved.code
    );
    assert!(page.text.contains(&link), "{}", page.text);
});

db_test!(fifty_completions_exchange_one_code, async |db| {
    let stage = Stage::bound(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    stage.site.provider.takes(Duration::from_millis(200));
    let path = format!("/api/v1/connect-sessions/{}/complete", invited.session);
    let body = of("mia", &approved.code).to_string();
    let answers = together(50, |_| {
        let (backend, request) = (stage.site.browser(), Request::post(&path));
        let authorized = request.header("authorization", format!("Bearer {}", stage.key));
        let request = authorized.body(Body::from(body.clone())).unwrap();
        async move { backend.send(request).await }
    })
    .await;
    for answer in &answers {
        assert_eq!(answer.status, 200, "{}", answer.text);
    }
    assert_eq!(stage.exchanges(), 1);
    assert_eq!(stage.connections().await.len(), 1);
});

db_test!(a_backend_hears_why_it_did_not_work, async |db| {
    let stage = Stage::bound(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    stage.site.provider.fails(Fault::Status(500));
    let failed = stage.complete(&invited, &of("mia", &approved.code)).await;
    assert_eq!(failed.status, 503, "{}", failed.text);
    assert_eq!(failed.header("retry-after"), "60");
    let problem = failed.json();
    assert_eq!(problem["code"], "provider_unavailable");
    assert_eq!(problem["blame"], "provider");
    assert_eq!(stage.connections().await.len(), 0);
});

db_test!(
    bound_completion_needs_somewhere_to_bring_the_code,
    async |db| {
        let stage = Stage::new(db).await;
        let ask = async |more: &Value| {
            let mut body = json!({"end_user": {"id": "mia"}});
            for (name, value) in more.as_object().unwrap() {
                body[name] = value.clone();
            }
            stage.api("POST", "/connect-sessions", &body).await
        };
        for wrong in [
            "",
            "plain",
            VERIFIER,
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM=",
        ] {
            let refused = ask(&json!({"code_challenge": wrong})).await;
            assert_eq!(refused.status, 422, "{wrong}");
            assert!(refused.text.contains("code_challenge"), "{}", refused.text);
        }
        let nowhere = Application {
            return_urls: Vec::new(),
            ..stage.seed.application.clone()
        };
        let store = &stage.seed.store;
        store.update_application(&nowhere, admin()).await.unwrap();
        let refused = ask(&json!({"code_challenge": challenge()})).await;
        assert_eq!(refused.status, 422);
        assert!(
            refused.text.contains("Register a return URL"),
            "{}",
            refused.text
        );
    }
);

db_test!(a_link_to_reconnect_is_bound_as_well, async |db| {
    let stage = Stage::bound(db).await;
    let invited = stage.invite("mia", &Value::Null).await;
    let approved = stage.approved(&invited, "mia").await;
    let done = stage
        .complete(&invited, &of("mia", &approved.code))
        .await
        .json();
    let connection: ConnectionId = id(&done["connections"][0]).parse().unwrap();
    stage.site.provider.forget("mia");
    stage.site.db.clock.advance(3_700_000);
    let path = format!("/connections/{connection}/token");
    let broken = stage.api("POST", &path, &Value::Null).await.json();
    assert_eq!(broken["code"], "reconnect_required");
    let link = broken["reconnect_url"].as_str().unwrap();
    let left = Invited {
        session: String::new(),
        path: local(link),
    };
    let left = stage.leave(&left).await;
    let back = left.browser.get(&stage.approve(&left, "mia")).await;
    assert!(
        back.location().contains("connect_code="),
        "{}",
        back.location()
    );
    assert_eq!(stage.exchanges(), 1);
});
