//! Whose account a token opens (R20, C24).

use super::Provider;
use super::classify::{ErrorCode, Failure};
use super::egress::{Egress, EgressRequest};
use super::jwt;
use super::plain_text::plain_text;
use super::request::{presented, set};
use super::token_answer::{scalar, scopes};
use crate::catalog::pointer::{JOIN, Source, find};
use crate::catalog::{self, Method};
use crate::domain::Scopes;
use crate::vault::Secret;
use http::header::CONTENT_TYPE;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Longest id or label that is kept, in characters.
const LONGEST: usize = 200;
/// Longest metadata value that is kept in the open.
const LONGEST_METADATA: usize = 1000;

/// What the provider tells about the account behind a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Stable, at most 200 characters.
    pub account_id: Option<String>,
    /// For people, at most 200 characters.
    pub account_label: Option<String>,
    /// The granted scopes, where the provider tells them here.
    pub scopes: Option<Scopes>,
    /// What else the definition keeps in the open.
    pub metadata: BTreeMap<String, String>,
}

/// Finds out whose account `access_token` opens: from the profile, if the definition says where that
/// is, and from `answer`, the token answer it came with. Empty where nothing tells.
pub async fn identify(
    egress: &Egress,
    provider: &Provider,
    access_token: &Secret<String>,
    answer: &Secret<String>,
) -> Result<Identity, Failure> {
    let Some(rules) = &provider.definition.identity else {
        return Ok(Identity::default());
    };
    let profile = profile(egress, provider, access_token).await;
    let answer: Value = serde_json::from_str(answer.expose()).unwrap_or_default();
    let id_token = answer.get("id_token").and_then(Value::as_str);
    let known = Known {
        profile: profile.as_ref().ok().cloned().flatten().unwrap_or_default(),
        id_token: id_token.and_then(jwt::claims).unwrap_or_default(),
        access_token: jwt::claims(access_token.expose()).unwrap_or_default(),
        values: json!(provider.values),
        answer,
    };
    let identity = known.read(rules);
    match profile {
        // what else is known may be all that counts
        Err(failure) if identity.account_id.is_none() => Err(failure),
        _ => Ok(identity),
    }
}

/// Whether the provider still accepts `access_token`, as its profile endpoint sees it. `None`: the
/// definition names none, or it gave no clear answer.
pub async fn is_accepted(
    egress: &Egress,
    provider: &Provider,
    access_token: &Secret<String>,
) -> Option<bool> {
    match profile(egress, provider, access_token).await {
        Ok(Some(_)) => Some(true),
        Err(Failure {
            status: Some(401), ..
        }) => Some(false),
        _ => None,
    }
}

/// The profile, if the definition says where it is.
async fn profile(
    egress: &Egress,
    provider: &Provider,
    access_token: &Secret<String>,
) -> Result<Option<Value>, Failure> {
    let (Some(rules), Some(url)) = (&provider.definition.identity, &provider.endpoints.identity)
    else {
        return Ok(None);
    };
    let mut request = EgressRequest::get(url.clone());
    if rules.method == Method::Post {
        let body = rules.body.clone().unwrap_or_default();
        request = EgressRequest::post(url.clone(), "application/json", body);
        if rules.body.is_none() {
            request.headers.remove(CONTENT_TYPE);
        }
    }
    for (name, value) in &rules.headers {
        set(&mut request, name.parse().ok(), value)?;
    }
    let api_auth = rules
        .api_auth
        .as_ref()
        .unwrap_or(&provider.definition.api_auth);
    let (name, value) = presented(api_auth, access_token)?;
    set(&mut request, Some(name), &value)?;
    let answer = egress.send(request).await?;
    if !answer.is_success() {
        return Err(Failure::of_refusal(&answer));
    }
    let profile: Value =
        serde_json::from_slice(answer.body.expose()).map_err(|_| Failure::unexpected(&answer))?;
    // some say so with a status of 200
    if profile.get("error").and_then(Value::as_str) == Some("invalid_token") {
        return Err(Failure {
            status: Some(401),
            code: Some(ErrorCode::InvalidToken),
            ..Failure::unexpected(&answer)
        });
    }
    Ok(Some(profile))
}

/// All that pointers can look into.
struct Known {
    profile: Value,
    answer: Value,
    id_token: Value,
    access_token: Value,
    /// What was filled in and captured.
    values: Value,
}

impl Known {
    fn find(&self, pointer: &str) -> Option<&Value> {
        let (source, pointer) = Source::split(pointer)?;
        let value = match source {
            Source::Profile => &self.profile,
            Source::Token => &self.answer,
            Source::Callback | Source::Input => &self.values,
            Source::IdToken => &self.id_token,
            Source::AccessToken => &self.access_token,
        };
        find(value, pointer)
    }

    /// What stands at all of the pointers between which there is a plus.
    fn joined(&self, pointers: &str) -> Option<String> {
        let parts = pointers.split(JOIN);
        let parts: Option<Vec<_>> = parts
            .map(|pointer| self.find(pointer).and_then(scalar))
            .collect();
        parts.map(|parts| parts.join("/"))
    }

    fn read(&self, rules: &catalog::Identity) -> Identity {
        let first = |pointers: &[String]| {
            let mut found = pointers.iter().filter_map(|pointer| self.joined(pointer));
            found.find_map(|text| plain_text(&text, LONGEST))
        };
        let granted = rules.granted_scopes.as_ref();
        let metadata = rules.metadata.iter().filter_map(|(name, pointer)| {
            let value = self.find(pointer).and_then(scalar)?;
            (value.len() <= LONGEST_METADATA).then(|| (name.clone(), value))
        });
        Identity {
            account_id: first(&rules.account_id),
            account_label: first(&rules.account_label),
            scopes: granted
                .and_then(|pointer| self.find(pointer))
                .and_then(scopes),
            metadata: metadata.collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::classify::Class;
    use crate::oauth::rehearsal::{Rehearsal, answer, apollo, attio, plain_with};

    async fn told(
        definition: catalog::Definition,
        body: &str,
    ) -> (Result<Identity, Failure>, Rehearsal) {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], body));
        let provider = rehearsal.provider(definition);
        let identity = identify(
            &rehearsal.egress(),
            &provider,
            &Secret::from("tok+/="),
            &Secret::from("{}"),
        )
        .await;
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
        let failure = identify(
            &rehearsal.egress(),
            &rehearsal.provider(apollo()),
            &token,
            &Secret::from("{}"),
        )
        .await;
        assert_eq!(failure.expect_err("not sent").class, Class::Unexpected);
        assert_eq!(rehearsal.visits(), 0);
    }

    #[tokio::test]
    async fn without_a_way_to_ask_nothing_is_known() {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], "{}"));
        let mut definition = apollo();
        definition.identity = None;
        let provider = rehearsal.provider(definition);
        let (token, answer) = (Secret::from("tok"), Secret::from("{}"));
        let identity = identify(&rehearsal.egress(), &provider, &token, &answer).await;
        assert_eq!(identity, Ok(Identity::default()));
        assert_eq!(rehearsal.visits(), 0);
    }

    async fn told_by(
        definition: catalog::Definition,
        answer_body: &str,
        token: &str,
        answer_json: &str,
    ) -> (Identity, Rehearsal) {
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], answer_body));
        let mut provider = rehearsal.provider(definition);
        provider.values = BTreeMap::from([
            ("realmId".to_owned(), "9".to_owned()),
            (
                "instance_host".to_owned(),
                "acme.service-now.com".to_owned(),
            ),
        ]);
        let (token, answer) = (Secret::from(token), Secret::from(answer_json));
        let identity = identify(&rehearsal.egress(), &provider, &token, &answer).await;
        (identity.expect("an identity"), rehearsal)
    }

    #[tokio::test]
    async fn an_account_is_found_where_the_definition_says() {
        let claims = jwt::unsigned(&json!({"sub": "u7", "tid": "t1"}));
        let answer = format!(r#"{{"id_token":"{claims}","team":{{"id":"T1","name":"Acme"}}}}"#);
        for (pointers, account) in [
            (r#"["token:/team/id"]"#, "T1"),
            (r#"["id_token:/sub"]"#, "u7"),
            (r#"["access_token:/tid"]"#, "t1"),
            (r#"["callback:/realmId"]"#, "9"),
            (r#"["/absent", "token:/team/name"]"#, "Acme"),
            (r#"["/accounts/[is_default=true]/id"]"#, "b"),
            (
                r#"["input:/instance_host + /accounts/0/id"]"#,
                "acme.service-now.com/a",
            ),
            (r#"["/absent + /accounts/0/id", "/accounts/1/id"]"#, "b"),
        ] {
            let definition = plain_with(&format!(
                "[identity]\nurl = \"https://idp.example/me\"\naccount_id = {pointers}\naccount_label = []"
            ));
            let profile = r#"{"accounts":[{"id":"a"},{"id":"b","is_default":true}]}"#;
            let (identity, _) = told_by(definition, profile, &claims, &answer).await;
            assert_eq!(identity.account_id.as_deref(), Some(account), "{pointers}");
        }
    }

    #[tokio::test]
    async fn graphql_is_asked_in_its_own_way() {
        let definition = plain_with(
            r#"
            api_auth = { header = "X-Shop-Token", scheme = "" }
            [identity]
            url = "https://idp.example/graphql"
            method = "POST"
            body = '{"query": "{ shop { id } }"}'
            account_id = ["/data/shop/id"]
            account_label = []
            headers = { X-Version = "2026-07" }
            metadata = { plan = "/data/shop/plan" }
            "#,
        );
        let body = r#"{"data":{"shop":{"id":"gid://1","plan":"basic"}}}"#;
        let (identity, rehearsal) = told_by(definition, body, "tok", "{}").await;
        assert_eq!(identity.account_id.as_deref(), Some("gid://1"));
        assert_eq!(
            identity.metadata.get("plan").map(String::as_str),
            Some("basic")
        );
        let request = rehearsal.request();
        assert!(request.starts_with("POST /identity "), "{request}");
        assert!(
            request.ends_with("\r\n\r\n{\"query\": \"{ shop { id } }\"}"),
            "{request}"
        );
        assert!(request.contains("\r\nx-shop-token: tok\r\n"), "{request}");
        assert!(request.contains("\r\nx-version: 2026-07\r\n"), "{request}");
        assert!(
            !request.to_lowercase().contains("\r\nauthorization:"),
            "{request}"
        );
    }

    #[tokio::test]
    async fn an_account_that_is_known_otherwise_outlives_a_profile_that_is_refused() {
        let definition = |pointer: &str| {
            plain_with(&format!(
                "[identity]\nurl = \"https://idp.example/me\"\naccount_id = [\"{pointer}\"]\naccount_label = [\"/email\"]"
            ))
        };
        let rehearsal = Rehearsal::answering(&answer("403 Forbidden", &[], "{}"));
        let (token, answer) = (Secret::from("tok"), Secret::from(r#"{"team":"T1"}"#));
        let provider = rehearsal.provider(definition("token:/team"));
        let known = identify(&rehearsal.egress(), &provider, &token, &answer).await;
        assert_eq!(known.expect("known").account_id.as_deref(), Some("T1"));
        let provider = rehearsal.provider(definition("/id"));
        let unknown = identify(&rehearsal.egress(), &provider, &token, &answer).await;
        assert_eq!(unknown.expect_err("not known").status, Some(403));
    }
}
