//! A member runs a provider's flow as themselves.

use crate::support::canary::{Canary, dump, must_be_clean};
use crate::support::databases::Database;
use crate::support::member::Member;
use crate::support::provider::Event;
use crate::support::site::{PUBLIC_URL, Reply, Site};
use crate::support::together::together;
use axum::http::StatusCode;
use server::domain::Actor;
use std::time::Duration;

const PAGE: &str = "/apps/crm-sync/providers/house/playground";
const SECRET: &str = "s3cret-of-client-1";
const QUARTER_OF_AN_HOUR: i64 = 15 * 60_000;

struct Stage {
    site: Site,
    member: Member,
}

impl Stage {
    async fn new(db: Database) -> Self {
        let site = Site::new(db).await;
        let member = Member::first(&site).await;
        member.saves_house(SECRET).await;
        Self { site, member }
    }

    /// Presses "Get a code". Answers the provider's address.
    async fn leave(&self) -> String {
        let left = self.member.presses("playground_code").await;
        assert_eq!(left.status, StatusCode::FOUND, "{left:?}");
        left.location().to_owned()
    }

    /// Approves, and comes back.
    async fn get_code(&self) {
        let authorize = self.leave().await;
        let back = local(&self.site.provider.approve(&authorize, "ada"));
        let back = self.member.browser.get(&back).await;
        assert_eq!((back.status.as_u16(), back.location()), (303, PAGE));
    }

    async fn page(&self) -> Reply {
        self.member.reads(PAGE).await
    }

    async fn must_show(&self, words: &[&str]) {
        let page = self.page().await;
        for words in words {
            assert!(page.text.contains(words), "{words} is not in {}", page.text);
        }
    }

    /// Codes that a run brought; a trial asks with one that was made up.
    fn exchanged(&self) -> usize {
        let provider = &self.site.provider;
        provider.count(|event| matches!(event, Event::Exchanged { .. }))
    }

    fn revoked(&self) -> usize {
        let provider = &self.site.provider;
        provider.count(|event| matches!(event, Event::RevokeAsked { .. }))
    }

    async fn runs(&self) -> usize {
        let all = dump(&self.site.db).await;
        let ids = all.iter().filter(|(column, _)| column == "playgrounds.id");
        ids.count()
    }

    /// Everything that was secret in it, which no page and no column may hold.
    async fn must_have_kept_its_secrets(&self) {
        let mut secrets = vec![SECRET.to_owned()];
        for issued in self.site.provider.given() {
            secrets.push(issued.access_token);
            secrets.extend(issued.refresh_token);
        }
        for event in self.site.provider.log() {
            if let Event::CodeAsked { code, verifier } = event {
                secrets.push(code);
                secrets.extend(verifier);
            }
        }
        let secrets: Vec<Canary> = secrets.iter().map(|secret| Canary::of(secret)).collect();
        for answer in self.site.seen() {
            must_be_clean(&answer.bytes, &secrets, &answer.place);
        }
        for (column, bytes) in dump(&self.site.db).await {
            must_be_clean(&bytes, &secrets, &column);
        }
    }
}

fn local(url: &str) -> String {
    url.strip_prefix(PUBLIC_URL).unwrap().to_owned()
}

db_test!(a_whole_run_from_the_code_to_forgetting, async |db| {
    let stage = Stage::new(db).await;
    stage.must_show(&["Get a code</button>"]).await;

    let authorize = stage.leave().await;
    let origin = stage.site.provider.origin();
    assert!(authorize.starts_with(&format!("{origin}/authorize?")));
    assert!(authorize.contains("code_challenge_method=S256"));
    stage
        .must_show(&[
            "You left for House and have not come back yet.",
            "<dt><code>state</code></dt><dd>•••• 43 characters</dd>",
            "<dt><code>client_id</code></dt><dd>client-1</dd>",
            "showed an error instead of a question?",
        ])
        .await;

    let back = local(&stage.site.provider.approve(&authorize, "ada"));
    let back = stage.member.browser.get(&back).await;
    assert_eq!((back.status.as_u16(), back.location()), (303, PAGE));
    stage
        .must_show(&[
            "House gave a code.",
            "The browser comes back",
            "Get a token</button>",
        ])
        .await;

    stage.member.presses("playground_token").await;
    stage
        .must_show(&[
            &format!("POST <code>{origin}/token</code>"),
            "<dt><code>client_secret</code></dt><dd>•••• 18 characters</dd>",
            "<dt><code>grant_type</code></dt><dd>authorization_code</dd>",
            "Answered with status 200, with these members",
            "<dt><code>expires_in</code></dt><dd>3600</dd>",
            "<dd>Lasts 1 h</dd>",
            "Fetch the profile</button>",
        ])
        .await;

    stage.member.presses("playground_profile").await;
    stage
        .must_show(&[
            &format!("GET <code>{origin}/me</code>"),
            "<dt><code>authorization: Bearer</code></dt>",
            "<dt>Account</dt>",
            "Finish and forget</button>",
        ])
        .await;
    assert_eq!((stage.exchanged(), stage.revoked()), (1, 0));
    stage.must_have_kept_its_secrets().await;

    let issued = stage.site.provider.given().pop().expect("tokens");
    stage.member.presses("playground_finish").await;
    stage
        .must_show(&["This run is over.", "House ended them. Ours are destroyed."])
        .await;
    assert_eq!(stage.revoked(), 1);
    assert!(!stage.site.provider.accepts(&issued.access_token));
    let all = dump(&stage.site.db).await;
    let sealed = all
        .iter()
        .find(|(column, _)| column == "playgrounds.sealed_run");
    assert_eq!(sealed.map(|(_, bytes)| bytes.len()), Some(0));
    assert!(
        !all.iter()
            .any(|(column, _)| column.starts_with("connections."))
    );
    stage.must_have_kept_its_secrets().await;
});

db_test!(a_denial_is_told_with_its_cause, async |db| {
    let stage = Stage::new(db).await;
    let authorize = stage.leave().await;
    let denied = local(&stage.site.provider.deny(&authorize));
    let back = stage.member.browser.get(&denied).await;
    assert_eq!(back.location(), PAGE);
    stage
        .must_show(&[
            "You came back from House without a code.",
            "The request was denied at House.",
            "<dt><code>error</code></dt><dd>access_denied</dd>",
            "Get a code again</button>",
        ])
        .await;
    // its state leads nowhere any more
    let again = stage.member.browser.get(&denied).await;
    again.must_be_page(400, "");
});

db_test!(a_run_belongs_to_its_browser_and_its_member, async |db| {
    let stage = Stage::new(db).await;
    let authorize = stage.leave().await;
    let path = local(&stage.site.provider.approve(&authorize, "ada"));
    let stranger = stage.site.browser();
    stranger
        .get(&path)
        .await
        .must_be_page(400, "another browser");
    let elsewhere = path.replace("/prv_", "/prv_x");
    stage
        .member
        .browser
        .get(&elsewhere)
        .await
        .must_be_page(400, "");
    let unsigned = stranger.get(PAGE).await;
    assert_eq!(unsigned.location(), "/signin");
    // nothing was used up by all this
    let back = stage.member.browser.get(&path).await;
    assert_eq!(back.location(), PAGE);
    stage.must_show(&["House gave a code."]).await;
});

db_test!(
    a_code_is_exchanged_once_however_often_it_is_asked_for,
    async |db| {
        let stage = Stage::new(db).await;
        stage.get_code().await;
        stage.site.provider.takes(Duration::from_millis(200));
        let form = [("application", "crm-sync"), ("provider", "house")];
        together(10, |_| {
            let browser = stage.member.browser.clone();
            async move { browser.post("/_portal/playground_token", &form).await }
        })
        .await;
        assert_eq!(stage.exchanged(), 1);
        stage.must_show(&["Fetch the profile</button>"]).await;
    }
);

db_test!(a_wrong_secret_is_found_and_condemns_nothing, async |db| {
    let stage = Stage::new(db).await;
    stage.get_code().await;
    stage.site.provider.accept_only_secret("changed-over-there");
    stage.member.presses("playground_token").await;
    stage
        .must_show(&[
            "House refuses Client ID or Client Secret.",
            "Answered with status 401",
            "<dt><code>error</code></dt><dd>invalid_client</dd>",
        ])
        .await;
    let provider = stage.member.reads("/apps/crm-sync/providers/house").await;
    assert!(!provider.text.contains("refuses our client credentials"));
    // there is no second try with one code
    let again = stage.member.presses("playground_token").await;
    assert!(again.location().contains("__err"), "{again:?}");
});

db_test!(what_is_left_behind_is_ended_by_itself, async |db| {
    let stage = Stage::new(db).await;
    stage.get_code().await;
    stage.member.presses("playground_token").await;
    let playgrounds = &stage.site.state.playgrounds;
    playgrounds.end_expired().await.unwrap();
    assert_eq!((stage.revoked(), stage.runs().await), (0, 1));

    stage.site.db.clock.advance(QUARTER_OF_AN_HOUR + 1);
    let late = stage.member.presses("playground_profile").await;
    assert!(late.location().contains("__err"), "{late:?}");
    playgrounds.end_expired().await.unwrap();
    assert_eq!((stage.revoked(), stage.runs().await), (1, 0));
    playgrounds.end_expired().await.unwrap();
    assert_eq!(stage.revoked(), 1);
});

db_test!(
    a_run_that_came_with_a_copy_is_the_originals_to_end,
    async |db| {
        let stage = Stage::new(db).await;
        stage.get_code().await;
        stage.member.presses("playground_token").await;
        stage.site.db.clock.advance(1);
        let store = &stage.site.db.store;
        store.begin_quarantine(Actor::command_line()).await.unwrap();
        stage.member.presses("playground_finish").await;
        stage
            .must_show(&["This run is over.", "Not ended at House"])
            .await;
        assert_eq!(stage.revoked(), 0);

        // one that began here is ended here
        stage.get_code().await;
        stage.member.presses("playground_token").await;
        stage.member.presses("playground_finish").await;
        stage.must_show(&["House ended them."]).await;
        assert_eq!(stage.revoked(), 1);
    }
);

db_test!(a_new_run_ends_the_earlier_one, async |db| {
    let stage = Stage::new(db).await;
    stage.get_code().await;
    stage.member.presses("playground_token").await;
    let issued = stage.site.provider.given().pop().expect("tokens");
    stage.get_code().await;
    for _ in 0..100 {
        if stage.runs().await == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!((stage.revoked(), stage.runs().await), (1, 1));
    assert!(!stage.site.provider.accepts(&issued.access_token));
});

db_test!(
    the_page_may_lead_to_its_provider_and_no_other_page_may,
    async |db| {
        let stage = Stage::new(db).await;
        let origin = stage.site.provider.origin();
        let forms = |page: &Reply| {
            let policy = page.header("content-security-policy").to_owned();
            let part = policy.split(';').find(|part| part.contains("form-action"));
            part.expect("form-action").trim().to_owned()
        };
        assert_eq!(
            forms(&stage.page().await),
            format!("form-action 'self' {origin}")
        );
        let provider = stage.member.reads("/apps/crm-sync/providers/house").await;
        assert_eq!(forms(&provider), "form-action 'self'");
    }
);
