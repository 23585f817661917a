//! Another account comes back than the one to be renewed: the person chooses, and nothing is lost.

use super::*;
use server::domain::{Application, Completion};

/// Somebody who has connected one account and comes back with another.
struct Chooser {
    stage: Stage,
    invited: Invited,
    left: Left,
    outcome: String,
    connection: ConnectionId,
}

impl Chooser {
    async fn new(db: Database) -> Self {
        Self::of(Stage::new(db).await).await
    }

    async fn of(stage: Stage) -> Self {
        stage.connect("mia", "mia", &Value::Null).await;
        let connection: ConnectionId = id(&stage.connections().await[0]).parse().unwrap();
        let renew = json!({"reconnect": connection.as_str()});
        let invited = stage.invite("mia", &renew).await;
        let left = stage.leave(&invited).await;
        let back = left.browser.get(&stage.approve(&left, "zoe")).await;
        assert_eq!(back.status, 303, "{}", back.text);
        Self {
            outcome: back.location().to_owned(),
            stage,
            invited,
            left,
            connection,
        }
    }

    async fn choose(&self, choice: &str) -> Reply {
        let path = format!("{}/choose", self.outcome);
        self.left.browser.post(&path, &[("choice", choice)]).await
    }

    async fn page(&self) -> Reply {
        self.left.browser.get(&self.outcome).await
    }

    async fn tokens(&self) -> (String, Option<String>) {
        self.stage.seed.tokens_of(&self.connection).await
    }

    fn lives(&self, account: &str) -> bool {
        self.stage.site.provider.live(account).is_some()
    }
}

db_test!(what_works_stays_until_the_person_has_chosen, async |db| {
    let chooser = Chooser::new(db).await;
    let before = chooser.tokens().await;
    let page = chooser.page().await;
    page.must_be_page(200, "another House account");
    for words in ["mia@", "zoe@", "Use the account", "Replace", "Keep both"] {
        assert!(page.text.contains(words), "{words}: {}", page.text);
    }
    assert_eq!(chooser.tokens().await, before);
    assert!(chooser.stage.site.provider.accepts(&before.0));
    assert_eq!(chooser.stage.connections().await.len(), 1);
    assert_eq!(
        chooser.stage.session(&chooser.invited).await["status"],
        "pending"
    );
    // what waits is nowhere to be read
    let waiting = chooser.stage.site.provider.live("zoe").unwrap();
    let everything = dump(&chooser.stage.site.db).await;
    assert!(!holds(&everything, &waiting.access_token));
});

db_test!(the_new_account_replaces_the_old_one, async |db| {
    let chooser = Chooser::new(db).await;
    let path = format!("{}/choose", chooser.outcome);
    let answers = together(10, |_| {
        let (browser, path) = (chooser.left.browser.clone(), path.clone());
        async move { browser.post(&path, &[("choice", "replace")]).await }
    })
    .await;
    for answer in answers {
        assert_eq!(
            (answer.status.as_u16(), answer.location()),
            (303, &*chooser.outcome)
        );
    }
    chooser
        .page()
        .await
        .must_be_page(200, "House of house is connected");
    let connections = chooser.stage.connections().await;
    assert_eq!(connections.len(), 1);
    assert_eq!(id(&connections[0]), chooser.connection.as_str());
    let live = chooser.stage.site.provider.live("zoe").unwrap();
    let token = chooser.stage.token(chooser.connection.as_str()).await;
    assert_eq!(token["access_token"], live.access_token);
    assert_eq!(token["generation"], 2);
    let session = chooser.stage.session(&chooser.invited).await;
    assert_eq!(session["status"], "connected");
});

db_test!(both_accounts_stay, async |db| {
    let chooser = Chooser::new(db).await;
    let before = chooser.tokens().await;
    chooser.choose("both").await;
    chooser
        .page()
        .await
        .must_be_page(200, "House of house is connected");
    assert_eq!(chooser.stage.connections().await.len(), 2);
    assert_eq!(chooser.tokens().await, before);
    let session = chooser.stage.session(&chooser.invited).await;
    let new = id(&session["connections"][0]);
    assert_ne!(new, chooser.connection.as_str());
    let live = chooser.stage.site.provider.live("zoe").unwrap();
    assert_eq!(
        chooser.stage.token(new).await["access_token"],
        live.access_token
    );
});

db_test!(the_account_that_it_was_is_asked_for_once_more, async |db| {
    let chooser = Chooser::new(db).await;
    let again = chooser.choose("same").await;
    assert_eq!(again.status, 303, "{}", again.text);
    assert!(!chooser.lives("zoe"), "it was given back");
    let left = Left {
        browser: chooser.left.browser.clone(),
        authorize_url: again.location().to_owned(),
    };
    let back = left.browser.get(&chooser.stage.approve(&left, "mia")).await;
    chooser.stage.must_succeed(&left, &back).await;
    let connections = chooser.stage.connections().await;
    assert_eq!(connections.len(), 1);
    assert_eq!(id(&connections[0]), chooser.connection.as_str());
    let token = chooser.stage.token(chooser.connection.as_str()).await;
    assert_eq!(token["generation"], 2);
    // the page of the first attempt leads nowhere wrong
    chooser
        .page()
        .await
        .must_be_page(409, "another House account");
});

db_test!(only_the_browser_that_began_may_choose, async |db| {
    let chooser = Chooser::new(db).await;
    let before = chooser.tokens().await;
    let stranger = chooser.stage.site.browser();
    let path = format!("{}/choose", chooser.outcome);
    for choice in ["replace", "both", "same"] {
        let refused = stranger.post(&path, &[("choice", choice)]).await;
        refused.must_be_page(400, "another browser");
    }
    // what is no choice chooses nothing
    let nothing = chooser.left.browser.post(&path, &[("choice", "all")]).await;
    assert_eq!(nothing.location(), chooser.outcome);
    assert_eq!(chooser.tokens().await, before);
    assert!(chooser.lives("zoe"));
    chooser
        .page()
        .await
        .must_be_page(200, "another House account");
});

db_test!(who_does_not_choose_in_time_has_chosen_nothing, async |db| {
    let chooser = Chooser::new(db).await;
    let before = chooser.tokens().await;
    chooser.stage.site.db.clock.advance(600_000);
    chooser
        .page()
        .await
        .must_be_page(400, "took longer than ten minutes");
    chooser.choose("replace").await;
    assert_eq!(chooser.tokens().await, before);

    chooser.stage.lapse(&chooser.left).await;
    chooser.stage.site.state.connect.end_late().await.unwrap();
    assert!(!chooser.lives("zoe"), "it was given back");
    assert_eq!(chooser.tokens().await, before);
    let page = chooser.page().await;
    page.must_be_page(409, "another House account");
    assert!(page.text.contains("Try again"), "{}", page.text);
});

db_test!(an_account_of_theirs_does_not_replace_another, async |db| {
    let stage = Stage::new(db).await;
    stage.connect("mia", "zoe", &Value::Null).await;
    let chooser = Chooser::of(stage).await;
    let page = chooser.page().await;
    assert!(!page.text.contains("Replace"), "{}", page.text);
    let connections = chooser.stage.connections().await;
    assert_eq!(connections.len(), 2);
    chooser.choose("both").await;
    chooser
        .page()
        .await
        .must_be_page(200, "House of house is connected");
    assert_eq!(chooser.stage.connections().await.len(), 2);
});

db_test!(
    a_backend_that_completes_is_told_who_has_to_choose,
    async |db| {
        let stage = Stage::new(db).await;
        stage.connect("mia", "mia", &Value::Null).await;
        let connection = id(&stage.connections().await[0]).to_owned();
        let bound = Application {
            completion: Completion::Bound,
            ..stage.seed.application.clone()
        };
        let store = &stage.seed.store;
        store.update_application(&bound, admin()).await.unwrap();
        let invited = stage.invite("mia", &json!({"reconnect": connection})).await;
        let left = stage.leave(&invited).await;
        let back = left.browser.get(&stage.approve(&left, "zoe")).await;
        let (_, code) = back.location().split_once("connect_code=").unwrap();
        let path = format!("/connect-sessions/{}/complete", invited.session);
        let proof = json!({"connect_code": code, "end_user_id": "mia"});
        let answer = stage.api("POST", &path, &proof).await;
        assert_eq!(answer.status, 409, "{}", answer.text);
        let problem = answer.json();
        assert_eq!(problem["code"], "account_choice_required");
        let page = local(problem["choice_url"].as_str().unwrap());
        left.browser.get(&page).await.must_be_page(200, "Keep both");
        let path = format!("{page}/choose");
        left.browser.post(&path, &[("choice", "replace")]).await;
        assert_eq!(stage.session(&invited).await["status"], "connected");
    }
);
