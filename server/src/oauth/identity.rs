//! Whose account a token opens (R20, C24).

use super::Provider;
use super::classify::Failure;
use super::egress::{Egress, EgressRequest};
use super::plain_text::plain_text;
use super::request::authorize;
use super::token_answer::{scalar, scopes};
use crate::catalog;
use crate::domain::Scopes;
use crate::vault::Secret;
use serde_json::Value;

/// Longest id or label that is kept, in characters.
const LONGEST: usize = 200;

/// What the provider tells about the account behind a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Stable, at most 200 characters.
    pub account_id: Option<String>,
    /// For people, at most 200 characters.
    pub account_label: Option<String>,
    /// The granted scopes, where the provider tells them here.
    pub scopes: Option<Scopes>,
}

/// Asks whose account `access_token` opens. Empty where the definition offers no way to ask.
pub async fn identify(
    egress: &Egress,
    provider: &Provider,
    access_token: &Secret<String>,
) -> Result<Identity, Failure> {
    let (Some(rules), Some(url)) = (&provider.definition.identity, &provider.endpoints.identity)
    else {
        return Ok(Identity::default());
    };
    let mut request = EgressRequest::get(url.clone());
    let token = access_token.expose();
    if !authorize(&mut request, &format!("Bearer {token}")) {
        return Err(Failure::unusable_token());
    }
    let answer = egress.send(request).await?;
    if !answer.is_success() {
        return Err(Failure::of_refusal(&answer));
    }
    let profile =
        serde_json::from_slice(answer.body.expose()).map_err(|_| Failure::unexpected(&answer))?;
    Ok(read(&profile, rules))
}

fn read(profile: &Value, rules: &catalog::Identity) -> Identity {
    let first = |pointers: &[String]| {
        let found = pointers
            .iter()
            .filter_map(|pointer| profile.pointer(pointer));
        found
            .filter_map(scalar)
            .find_map(|text| plain_text(&text, LONGEST))
    };
    let granted = rules
        .granted_scopes
        .as_ref()
        .and_then(|pointer| profile.pointer(pointer));
    Identity {
        account_id: first(&rules.account_id),
        account_label: first(&rules.account_label),
        scopes: granted.and_then(scopes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::classify::Class;
    use crate::oauth::rehearsal::{Rehearsal, answer, apollo, attio};

    async fn told(
        definition: catalog::Definition,
        body: &str,
    ) -> (Result<Identity, Failure>, Rehearsal) {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], body));
        let provider = rehearsal.provider(definition);
        let identity = identify(&rehearsal.egress(), &provider, &Secret::from("tok+/=")).await;
        (identity, rehearsal)
    }

    #[tokio::test]
    async fn apollo_profiles_are_read_in_both_shapes() {
        for body in [
            r#"{"id":"u1","email":"ada@acme.example"}"#,
            r#"{"user":{"id":"u1","email":"ada@acme.example"}}"#,
            r#"{"id":null,"email":" ","user":{"id":"u1","email":"ada@acme.example"}}"#,
        ] {
            let (identity, rehearsal) = told(apollo(), body).await;
            let identity = identity.expect("an identity");
            assert_eq!(identity.account_id.as_deref(), Some("u1"), "{body}");
            assert_eq!(
                identity.account_label.as_deref(),
                Some("ada@acme.example"),
                "{body}"
            );
            assert_eq!(identity.scopes, None);
            let request = rehearsal.request();
            assert!(
                request.starts_with("GET /identity HTTP/1.1\r\n"),
                "{request}"
            );
            assert!(
                request.contains("\r\nauthorization: Bearer tok+/=\r\n"),
                "{request}"
            );
        }
    }

    #[tokio::test]
    async fn attio_tells_the_scopes_too() {
        let body = r#"{"workspace_id":90071992547409931,"workspace_name":"Acme\u0000\n Inc","scope":"a:read b:read"}"#;
        let identity = told(attio(), body).await.0.expect("an identity");
        assert_eq!(identity.account_id.as_deref(), Some("90071992547409931"));
        assert_eq!(identity.account_label.as_deref(), Some("Acme Inc"));
        assert_eq!(
            identity.scopes.map(|scopes| scopes.join(" ")).as_deref(),
            Some("a:read b:read")
        );
    }

    #[tokio::test]
    async fn long_and_missing_values_are_no_trouble() {
        let body = format!(r#"{{"id":"{}"}}"#, "ü".repeat(1000));
        let identity = told(apollo(), &body).await.0.expect("an identity");
        assert_eq!(identity.account_id, Some("ü".repeat(200)));
        assert_eq!(identity.account_label, None);
        assert_eq!(told(apollo(), "[]").await.0, Ok(Identity::default()));
    }

    #[tokio::test]
    async fn a_login_page_is_no_profile() {
        let failure = told(apollo(), "<html>").await.0.expect_err("no profile");
        assert_eq!(failure.class, Class::Unexpected);
    }

    #[tokio::test]
    async fn a_token_that_no_header_can_carry_is_not_sent() {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], "{}"));
        let token = Secret::from("a\r\nx-evil: 1");
        let failure = identify(&rehearsal.egress(), &rehearsal.provider(apollo()), &token).await;
        assert_eq!(failure.expect_err("not sent").class, Class::Unexpected);
        assert_eq!(rehearsal.visits(), 0);
    }

    #[tokio::test]
    async fn without_a_way_to_ask_nothing_is_known() {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], "{}"));
        let mut provider = rehearsal.provider(apollo());
        provider.endpoints.identity = None;
        let identity = identify(&rehearsal.egress(), &provider, &Secret::from("tok")).await;
        assert_eq!(identity, Ok(Identity::default()));
        assert_eq!(rehearsal.visits(), 0);
    }
}
