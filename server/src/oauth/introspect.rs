//! What the provider says about one of its tokens (RFC 7662, C20).

use super::Provider;
use super::classify::Failure;
use super::egress::Egress;
use super::request::Form;
use super::token_answer::{scopes, seconds};
use crate::catalog::{BodyFormat, Expiry, Method};
use crate::domain::{Scopes, Timestamp};
use crate::vault::Secret;
use std::collections::BTreeMap;
use std::time::Duration;

/// What is known of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Introspection {
    /// It is alive.
    pub active: bool,
    /// When it ends, if that is told.
    pub expires_at: Option<Timestamp>,
    /// The granted scopes, if they are told.
    pub scopes: Option<Scopes>,
}

/// Asks about an access token. `None` where the definition offers no way to ask.
pub async fn introspect(
    egress: &Egress,
    provider: &Provider,
    access_token: &Secret<String>,
) -> Result<Option<Introspection>, Failure> {
    let definition = &provider.definition;
    let client_auth = match (&definition.expiry, &definition.introspection) {
        (Expiry::Introspection { client_auth, .. }, _) => client_auth,
        (_, Some(endpoint)) => &endpoint.client_auth,
        _ => return Ok(None),
    };
    let Some(url) = &provider.endpoints.introspection else {
        return Ok(None);
    };
    let form = Form {
        method: Method::Post,
        url,
        fields: vec![
            ("token", access_token.expose().as_str()),
            ("token_type_hint", "access_token"),
        ],
        params: &BTreeMap::new(),
        format: BodyFormat::Form,
        auth: *client_auth,
        headers: &BTreeMap::new(),
        token: Some(access_token),
    };
    let answer = egress.send(form.to(provider)?).await?;
    if !answer.is_success() {
        return Err(Failure::of_refusal(&answer));
    }
    let told: serde_json::Value =
        serde_json::from_slice(answer.body.expose()).map_err(|_| Failure::unexpected(&answer))?;
    let active = told["active"]
        .as_bool()
        .ok_or_else(|| Failure::unexpected(&answer))?;
    let expires_at = told.get("exp").and_then(seconds);
    Ok(Some(Introspection {
        active,
        expires_at: expires_at.map(|at| Timestamp::from_millis(0) + Duration::from_secs(at)),
        scopes: told.get("scope").and_then(scopes),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::classify::Class;
    use crate::oauth::rehearsal::{Rehearsal, answer, salesforce};

    fn asking() -> crate::catalog::Definition {
        let mut definition = salesforce();
        definition.expiry = Expiry::Introspection {
            url: String::new(),
            client_auth: crate::catalog::ClientAuth::Body,
            after_s: 3600,
        };
        definition
    }

    async fn told(status: &str, body: &str) -> (Result<Option<Introspection>, Failure>, Rehearsal) {
        let rehearsal = Rehearsal::answering(&answer(status, &[], body));
        let mut provider = rehearsal.provider(asking());
        provider.endpoints.introspection = Some(rehearsal.url("/introspect"));
        let told = introspect(&rehearsal.egress(), &provider, &Secret::from("tok")).await;
        (told, rehearsal)
    }

    #[tokio::test]
    async fn an_end_is_told_as_a_moment() {
        let body = r#"{"active":true,"exp":1800000000,"scope":"api id"}"#;
        let (told, rehearsal) = told("200 OK", body).await;
        let told = told.expect("an answer").expect("a way to ask");
        assert!(told.active);
        assert_eq!(
            told.expires_at.map(Timestamp::millis),
            Some(1_800_000_000_000)
        );
        assert_eq!(
            told.scopes.map(|scopes| scopes.join(" ")).as_deref(),
            Some("api id")
        );
        let request = rehearsal.request();
        assert!(request.starts_with("POST /introspect "), "{request}");
        assert!(
            request.contains("token=tok&token_type_hint=access_token&client_id="),
            "{request}"
        );
    }

    #[tokio::test]
    async fn a_dead_token_and_a_refusal_are_two_things() {
        let dead = told("200 OK", r#"{"active":false}"#).await.0;
        assert_eq!(
            dead.expect("an answer").map(|told| told.active),
            Some(false)
        );
        let refused = told("401 Unauthorized", r#"{"error":"invalid_client"}"#)
            .await
            .0;
        assert_eq!(refused.expect_err("refused").class, Class::ConfigRejected);
        let senseless = told("200 OK", "<html>").await.0;
        assert_eq!(senseless.expect_err("senseless").class, Class::Unexpected);
    }

    #[tokio::test]
    async fn a_token_that_does_not_end_is_asked_about_too() {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], r#"{"active":false}"#));
        let mut definition = salesforce();
        definition.expiry = Expiry::Never;
        definition.introspection = Some(crate::catalog::IntrospectionEndpoint {
            url: String::new(),
            client_auth: crate::catalog::ClientAuth::Basic,
        });
        let mut provider = rehearsal.provider(definition);
        provider.endpoints.introspection = Some(rehearsal.url("/introspect"));
        let told = introspect(&rehearsal.egress(), &provider, &Secret::from("tok")).await;
        let told = told.expect("an answer").expect("a way to ask");
        assert!(!told.active);
        let request = rehearsal.request();
        assert!(
            request.to_lowercase().contains("authorization: basic "),
            "{request}"
        );
    }

    #[tokio::test]
    async fn where_it_is_not_offered_nobody_is_asked() {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], "{}"));
        let provider = rehearsal.provider(salesforce());
        let told = introspect(&rehearsal.egress(), &provider, &Secret::from("tok")).await;
        assert_eq!(told, Ok(None));
        assert_eq!(rehearsal.visits(), 0);
    }
}
