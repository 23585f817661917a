//! A provider is tried when it is saved: what the page says, and what stays as it is.

use crate::support::member::Member;
use crate::support::provider::Fault;
use crate::support::site::{Reply, Site};
use std::time::{Duration, Instant};

const PAGE: &str = "/apps/crm-sync/providers/house";
const RIGHT: &str = "s3cret-of-client-1";

fn must_show(page: &Reply, words: &[&str]) {
    for words in words {
        assert!(page.text.contains(words), "{words} is not in {}", page.text);
    }
}

db_test!(what_is_right_is_marked_so, async |db| {
    let site = Site::new(db).await;
    let member = Member::first(&site).await;
    let page = member.saves_house(RIGHT).await;
    must_show(
        &page,
        &[
            "House accepted ID and secret.",
            "House lets it pass, and refuses one that we made up.",
            "127.0.0.1 answered.",
            "House of house is active",
        ],
    );
    assert_eq!(page.text.matches("proof--right").count(), 3);
});

db_test!(a_wrong_secret_is_told_and_condemns_nothing, async |db| {
    let site = Site::new(db).await;
    let member = Member::first(&site).await;
    let page = member.saves_house("another-secret").await;
    must_show(
        &page,
        &[
            "House refused ID or secret. Copy both again there",
            "Saved.",
            "what is still to be done",
            r#"class="state state--active state--word">Active</span>"#,
        ],
    );
    assert!(!page.text.contains("refuses our client credentials"));

    // a new secret is tried as well, and so is whoever presses the button
    let form = [
        ("application", "crm-sync"),
        ("provider", "house"),
        ("client_secret", RIGHT),
    ];
    member.does("add_client_secret", &form).await;
    must_show(
        &member.reads(PAGE).await,
        &["House accepted ID and secret."],
    );
    site.provider.accept_only_secret("changed-over-there");
    must_show(
        &member.reads(PAGE).await,
        &["House accepted ID and secret."],
    );
    member.presses("try_provider").await;
    must_show(&member.reads(PAGE).await, &["House refused ID or secret."]);
});

db_test!(
    nothing_that_a_provider_wrote_gets_onto_the_page,
    async |db| {
        let site = Site::new(db).await;
        let member = Member::first(&site).await;
        site.provider
            .fails(Fault::Refusal(418, "internal-host-10-0-0-7"));
        let page = member.saves_house(RIGHT).await;
        must_show(&page, &["House answered neither yes nor no."]);
        assert!(!page.text.contains("internal-host"), "{}", page.text);
        assert!(!page.text.contains(" ms"), "{}", page.text);
    }
);

db_test!(
    saving_does_not_wait_for_a_provider_that_is_down_or_slow,
    async |db| {
        let site = Site::new(db).await;
        let member = Member::first(&site).await;
        site.provider.fails(Fault::Status(503));
        let page = member.saves_house(RIGHT).await;
        must_show(&page, &["Saved.", "answers that it has a bad moment"]);

        site.provider.recover();
        site.provider.takes(Duration::from_secs(7));
        let began = Instant::now();
        member.presses("try_provider").await;
        assert!(began.elapsed() < Duration::from_secs(7));
        must_show(
            &member.reads(PAGE).await,
            &["Still trying", "Reload the page"],
        );
        // one at a time
        let again = member.presses("try_provider").await;
        assert!(again.location().contains("__err"), "{again:?}");
        tokio::time::sleep(Duration::from_secs(4)).await;
        must_show(
            &member.reads(PAGE).await,
            &["House accepted ID and secret."],
        );
    }
);

db_test!(swapped_credentials_are_noticed, async |db| {
    let site = Site::new(db).await;
    let member = Member::first(&site).await;
    let form = [
        ("application", "crm-sync"),
        ("definition", "house"),
        ("client_id", " \u{feff}client-1\u{200b}"),
        ("client_secret", "client-1 "),
    ];
    let refused = member.sends("create_provider", &form).await;
    let page = member.reads(refused.location()).await;
    must_show(&page, &["were swapped", "client-1"]);

    member.saves_house(RIGHT).await;
    let form = [
        ("application", "crm-sync"),
        ("provider", "house"),
        ("client_id", RIGHT),
    ];
    let refused = member.sends("save_provider", &form).await;
    let page = member.reads(refused.location()).await;
    must_show(&page, &["were swapped"]);
    assert!(!page.text.contains(RIGHT), "{}", page.text);
});
