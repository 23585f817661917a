//! From a click to a token set: the engine and a provider that checks everything.

use crate::support::databases::Database;
use crate::support::house::House;
use crate::support::provider::Event;
use crate::support::seed::scopes;
use server::domain::{Flow, Owner};
use server::oauth;
use server::oauth::authorize::{AuthorizeRequest, authorize_url};
use server::oauth::classify::Class;
use server::oauth::exchange::{CodeRequest, exchange_code};
use server::oauth::identity::identify;
use server::oauth::pkce::PkcePair;
use server::oauth::revoke::{Revocation, revoke};
use server::vault::Secret;
use std::collections::BTreeMap;
use url::Url;

/// A flow whose browser has been sent to the provider.
struct Journey {
    house: House,
    flow: Flow,
    upstream: oauth::Provider,
    pkce: PkcePair,
    authorize_url: Url,
}

impl Journey {
    async fn to(db: Database, definition: &str) -> Self {
        let house = House::of(db, definition).await;
        let (session, _) = house
            .seed
            .session(Owner::Personal("mia".to_owned()), "mia")
            .await;
        let flow = house.seed.flow(&session, None).await;
        let upstream = house
            .upstreams
            .for_flow(&house.seed.provider, &flow, &BTreeMap::new())
            .await
            .expect("addresses");
        let pkce = PkcePair::random();
        let request = AuthorizeRequest {
            redirect_uri: &flow.redirect_uri,
            scopes: &scopes(["contacts.read"]),
            state: &Secret::from("the state"),
            challenge: &pkce.challenge,
        };
        let authorize_url = authorize_url(&upstream, &request);
        Self {
            house,
            flow,
            upstream,
            pkce,
            authorize_url,
        }
    }

    /// Somebody approves, and the browser comes back with a code.
    fn approve(&self, account: &str) -> Secret<String> {
        let callback = self
            .house
            .provider
            .approve(self.authorize_url.as_str(), account);
        Secret::new(parameter(&callback, "code").expect("a code"))
    }

    async fn exchange(
        &self,
        code: &Secret<String>,
        verifier: &Secret<String>,
    ) -> Result<oauth::token_answer::TokenSet, oauth::classify::Failure> {
        let egress = self.house.upstreams.egress();
        let request = CodeRequest {
            code,
            redirect_uri: &self.flow.redirect_uri,
            verifier,
            echoed: &[],
        };
        exchange_code(egress, &self.upstream, &request).await
    }
}

fn parameter(url: &str, name: &str) -> Option<String> {
    let url: Url = url.parse().expect("a URL");
    let mut pairs = url.query_pairs();
    pairs.find_map(|(key, value)| (key == name).then(|| value.into_owned()))
}

#[tokio::test]
async fn a_code_becomes_a_token_set_of_the_account_that_approved() {
    for definition in ["house", "demanding", "lasting", "silent"] {
        let journey = Journey::to(Database::sqlite().await, definition).await;
        let code = journey.approve("acct-1");
        let set = journey
            .exchange(&code, &journey.pkce.verifier)
            .await
            .expect(definition);
        let live = journey.house.provider.live("acct-1").expect("a grant");
        assert_eq!(set.access_token.expose(), &live.access_token);
        let refresh_token = set
            .refresh_token
            .as_ref()
            .map(|token| token.expose().clone());
        assert_eq!(refresh_token, live.refresh_token);

        let egress = journey.house.upstreams.egress();
        let identity = identify(egress, &journey.upstream, &set.access_token, &set.raw)
            .await
            .expect("a profile");
        assert_eq!(identity.account_id.as_deref(), Some("acct-1"));
        let ended = revoke(
            egress,
            &journey.upstream,
            &set.access_token,
            set.refresh_token.as_ref(),
        )
        .await;
        let offered = definition != "demanding";
        assert_eq!(
            ended,
            if offered {
                Revocation::Revoked
            } else {
                Revocation::NotOffered
            }
        );
        assert_eq!(
            journey.house.provider.accepts(&live.access_token),
            !offered,
            "{definition}"
        );
    }
}

#[tokio::test]
async fn a_code_works_once_and_with_its_verifier_alone() {
    let journey = Journey::to(Database::sqlite().await, "house").await;
    let code = journey.approve("acct-1");
    let stolen = journey.exchange(&code, &PkcePair::random().verifier).await;
    assert_eq!(stolen.expect_err("another verifier").class, Class::Dead);

    let code = journey.approve("acct-1");
    journey
        .exchange(&code, &journey.pkce.verifier)
        .await
        .expect("a token set");
    let again = journey.exchange(&code, &journey.pkce.verifier).await;
    assert_eq!(again.expect_err("a spent code").class, Class::Dead);
    let exchanged =
        |event: &Event| matches!(event, Event::Exchanged { account } if account == "acct-1");
    assert_eq!(journey.house.provider.count(exchanged), 1);
    assert_eq!(
        journey
            .house
            .provider
            .count(|event| matches!(event, Event::CodeAsked { .. })),
        3
    );
}

#[tokio::test]
async fn whoever_says_no_comes_back_with_the_state_and_no_code() {
    let journey = Journey::to(Database::sqlite().await, "house").await;
    let callback = journey.house.provider.deny(journey.authorize_url.as_str());
    assert_eq!(
        parameter(&callback, "error").as_deref(),
        Some("access_denied")
    );
    assert_eq!(parameter(&callback, "state").as_deref(), Some("the state"));
    assert_eq!(parameter(&callback, "code"), None);
}
