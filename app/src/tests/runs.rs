//! The playground at each of its steps, from samples.

use super::browser::Browser;
use super::sample::{NOW, SamplePortal};
use crate::wire::*;
use http::StatusCode;

fn part(name: &str, value: PartValue) -> Part {
    Part {
        name: name.into(),
        value,
    }
}

fn exchange(aim: Aim) -> ExchangeView {
    let (method, url, parts) = match aim {
        Aim::Authorize => (
            "GET",
            "https://app.apollo.io/#/oauth/authorize",
            vec![
                part("response_type", PartValue::Shown("code".into())),
                part("state", PartValue::Hidden(43)),
            ],
        ),
        _ => (
            "POST",
            "https://app.apollo.io/api/v1/oauth/token",
            vec![
                part("grant_type", PartValue::Shown("authorization_code".into())),
                part("client_secret", PartValue::Hidden(40)),
                part("code", PartValue::Hidden(1)),
            ],
        ),
    };
    ExchangeView {
        aim,
        at: NOW,
        request: Some(RequestView {
            method: method.into(),
            url: url.into(),
            parts,
        }),
        answer: (aim != Aim::Authorize).then(|| AnswerView {
            status: 200,
            parts: vec![
                part("access_token", PartValue::Hidden(43)),
                part("expires_in", PartValue::Shown("2592000".into())),
                part("team", PartValue::List(2)),
            ],
            unreadable: false,
        }),
        read: Vec::new(),
        problem: None,
    }
}

fn run(step: PlaygroundStep, exchanges: Vec<ExchangeView>) -> RunView {
    RunView {
        step,
        exchanges,
        expires_at: NOW + 900_000,
    }
}

/// The playground of a provider whose slug says how far its run is.
pub(super) fn playground(provider: &str) -> Option<PlaygroundView> {
    let away = exchange(Aim::Authorize);
    let token = ExchangeView {
        read: vec![
            Reading::Lasts(Some(2_592_000)),
            Reading::RefreshToken(true),
            Reading::Granted(None),
        ],
        ..exchange(Aim::Token)
    };
    let refused = ExchangeView {
        problem: Some(PlaygroundProblem::RedirectUri),
        read: vec![Reading::Said("Redirect <b>URI</b>".into())],
        ..exchange(Aim::Callback)
    };
    let spent = ExchangeView {
        problem: Some(PlaygroundProblem::Secret),
        ..exchange(Aim::Token)
    };
    let ended = ExchangeView {
        request: None,
        answer: None,
        read: vec![Reading::Ended(TokensEnd::NotOffered)],
        ..exchange(Aim::Revoke)
    };
    let run = match provider {
        "apollo" | "own" => return Some(view(provider, None)),
        "away" => run(PlaygroundStep::Away, vec![away]),
        "refused" => run(PlaygroundStep::Refused, vec![away, refused]),
        "code" => run(PlaygroundStep::Code, vec![away]),
        "spent" => run(PlaygroundStep::Spent, vec![away, spent]),
        "token" => run(PlaygroundStep::Token, vec![away, token]),
        "profile" => run(PlaygroundStep::Profile, vec![away, token]),
        "ended" => run(PlaygroundStep::Ended, vec![away, token, ended]),
        _ => return None,
    };
    Some(view(provider, Some(run)))
}

fn view(provider: &str, run: Option<RunView>) -> PlaygroundView {
    let hosts = [
        ("login.salesforce.com", "Production"),
        ("test.salesforce.com", "Sandbox"),
    ];
    PlaygroundView {
        provider: provider.into(),
        mark: ProviderMark {
            name: "Apollo.io".into(),
            initials: "Ap".into(),
            hue: 2,
        },
        short_name: "Apollo".into(),
        redirect_uri: "https://connect.acme.example/oauth/callback/prv_7Hq2mXv9Tz4LkQ".into(),
        inputs: vec![InputView {
            name: "login_host".into(),
            label: "Where do you sign in?".into(),
            hint: "Mostly production.".into(),
            value: "login.salesforce.com".into(),
            choices: hosts
                .map(|(host, words)| (host.into(), words.into()))
                .into(),
            endings: vec![".my.salesforce.com".into()],
            other: Some("My Domain".into()),
            secret: false,
        }],
        needs_own_credentials: provider == "own",
        needs: Some("An Apollo user.".into()),
        run,
    }
}

fn member(role: Role) -> Browser {
    Browser::visiting(SamplePortal::signed_in_as(role))
}

async fn page(step: &str) -> super::browser::Seen {
    let address = format!("/apps/crm-sync/providers/{step}/playground");
    let page = member(Role::Developer).get(&address).await;
    assert_eq!(page.status, StatusCode::OK, "{step}");
    page
}

#[tokio::test]
async fn each_step_offers_the_next_one_and_nothing_else() {
    for (step, primary, others) in [
        (
            "apollo",
            "Get a code",
            &["Get a token", "Fetch the profile", "Finish and forget"][..],
        ),
        ("away", "Get a code again", &["Get a token"]),
        ("refused", "Get a code again", &["Finish and forget"]),
        ("code", "Get a token", &["Get a code", "Fetch the profile"]),
        ("spent", "Get a code again", &["Finish and forget"]),
        ("token", "Fetch the profile", &["Get a token"]),
        (
            "profile",
            "Finish and forget",
            &["Get a token", "Fetch the profile"],
        ),
        ("ended", "Get a code", &["Finish and forget"]),
    ] {
        let page = page(step).await;
        page.shows(&format!(
            r#"<button type="submit" class="button button--primary">{primary}</button>"#
        ));
        assert_eq!(page.text().matches("button--primary").count(), 1, "{step}");
        for other in others {
            page.hides(&format!(">{other}</button>"));
        }
    }
    page("away").await.shows(">Finish and forget</button>");
}

#[tokio::test]
async fn what_passed_is_shown_without_its_secrets() {
    page("token")
        .await
        .shows("POST <code>https://app.apollo.io/api/v1/oauth/token</code>")
        .shows("<dt><code>client_secret</code></dt><dd>•••• 40 characters</dd>")
        .shows("<dt><code>code</code></dt><dd>•••• 1 character</dd>")
        .shows("<dt><code>grant_type</code></dt><dd>authorization_code</dd>")
        .shows("Answered with status 200, with these members")
        .shows("<dt><code>expires_in</code></dt><dd>2592000</dd>")
        .shows("<dt><code>team</code></dt><dd>2 elements</dd>")
        .shows("<dd>Lasts 30 days</dd>");
    page("ended")
        .await
        .shows("has no way to end them from here");
}

#[tokio::test]
async fn an_error_says_what_to_do() {
    page("refused")
        .await
        .shows("Apollo does not accept the redirect URI.")
        .shows("exactly as it is")
        .shows("Redirect &lt;b&gt;URI&lt;/b&gt;");
    page("spent")
        .await
        .shows("Apollo refuses Client ID or Client Secret.")
        .shows("make a new secret there");
    page("away")
        .await
        .shows("showed an error instead of a question?");
    page("own")
        .await
        .shows("There is nothing of yours to run it with.")
        .hides("Get a code");
}

#[tokio::test]
async fn an_input_that_was_refused_keeps_what_was_typed() {
    let error = PortalError::field(Field::Inputs, Problem::NotAChoice);
    let owner = SamplePortal::signed_in_as(Role::Owner).refusing(error);
    Browser::visiting(owner)
        .post_and_follow(
            "playground_code",
            "application=crm-sync&provider=apollo&inputs%5Blogin_host%5D=other&inputs%5Blogin_host_other%5D=evil.example",
        )
        .await
        .shows(r##"<a href="#inputs">Where you sign in</a>"##)
        .shows(r#"value="evil.example""#)
        .shows(r#"value="other" checked"#);
}

#[tokio::test]
async fn it_leads_to_the_provider() {
    let form = "application=crm-sync&provider=apollo";
    let owner = member(Role::Owner);
    let left = owner.post("playground_code", form).await;
    assert_eq!(left.status, StatusCode::FOUND);
    assert_eq!(
        left.location.as_deref(),
        Some("https://app.apollo.io/#/oauth/authorize?state=1")
    );
    for step in [
        "playground_token",
        "playground_profile",
        "playground_finish",
    ] {
        let done = owner.post(step, form).await;
        assert_eq!(
            done.location.as_deref(),
            Some("/apps/crm-sync/providers/apollo/playground"),
            "{step}"
        );
    }
}

#[tokio::test]
async fn support_has_no_playground() {
    let page = member(Role::Support)
        .get("/apps/crm-sync/providers/apollo/playground")
        .await;
    assert_eq!(page.status, StatusCode::FORBIDDEN);
}
