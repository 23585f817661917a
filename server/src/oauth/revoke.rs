//! Ends a grant at the provider (RFC 7009, C26).

use super::Provider;
use super::classify::{ErrorCode, Failure};
use super::egress::{Egress, EgressAnswer};
use super::request::Form;
use crate::catalog::pointer::find;
use crate::catalog::{self, RevokedToken, template};
use crate::vault::Secret;
use serde_json::Value;
use std::collections::BTreeMap;

/// What became of the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// The provider no longer knows the token; perhaps it did not before.
    Revoked,
    /// The provider offers no way to end it.
    NotOffered,
    /// The provider was asked and did not do it. It can be asked again.
    Failed(Failure),
}

/// A token that a request can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenKind {
    /// The refresh token.
    Refresh,
    /// The access token.
    Access,
}

/// Which token a provider wants to be named first: the one behind which it keeps the grant.
#[must_use]
pub fn first_named(rules: &catalog::Revocation, has_refresh_token: bool) -> TokenKind {
    match rules.token {
        RevokedToken::RefreshToken if has_refresh_token => TokenKind::Refresh,
        _ => TokenKind::Access,
    }
}

/// Asks the provider to end the grant behind these tokens. Asking twice does no harm.
pub async fn revoke(
    egress: &Egress,
    provider: &Provider,
    access_token: &Secret<String>,
    refresh_token: Option<&Secret<String>>,
) -> Revocation {
    let Some(rules) = &provider.definition.revocation else {
        return Revocation::NotOffered;
    };
    let first = first_named(rules, refresh_token.is_some());
    revoke_token(egress, provider, first, access_token, refresh_token).await
}

/// The same, naming this one of the tokens.
pub async fn revoke_token(
    egress: &Egress,
    provider: &Provider,
    kind: TokenKind,
    access_token: &Secret<String>,
    refresh_token: Option<&Secret<String>>,
) -> Revocation {
    let (Some(rules), Some(url)) = (&provider.definition.revocation, &provider.endpoints.revoke)
    else {
        return Revocation::NotOffered;
    };
    let (token, hint) = match (kind, refresh_token) {
        (TokenKind::Refresh, Some(token)) => (token, "refresh_token"),
        _ => (access_token, "access_token"),
    };
    let params: BTreeMap<String, String> = rules
        .params
        .iter()
        .filter_map(|(name, value)| {
            Some((name.clone(), template::fill_text(value, &provider.values)?))
        })
        .collect();
    let mut fields = Vec::new();
    if !rules.token_param.is_empty() {
        fields.push((rules.token_param.as_str(), token.expose().as_str()));
        fields.extend(rules.hint.then_some(("token_type_hint", hint)));
    }
    let form = Form {
        method: rules.method,
        url,
        fields,
        params: &params,
        format: rules.body,
        auth: rules.client_auth,
        headers: &rules.headers,
        token: Some(access_token),
    };
    let sent = match form.to(provider) {
        Ok(request) => egress.send(request).await.map_err(Failure::from),
        Err(failure) => Err(failure),
    };
    match sent {
        Ok(answer) => outcome(&answer, rules),
        Err(failure) => Revocation::Failed(failure),
    }
}

fn outcome(answer: &EgressAnswer, rules: &catalog::Revocation) -> Revocation {
    let told: Value = serde_json::from_slice(answer.body.expose()).unwrap_or_default();
    let code = told
        .get("error")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if rules.gone.contains(&answer.status) || rules.gone_codes.iter().any(|gone| gone == code) {
        return Revocation::Revoked;
    }
    if !answer.is_success() {
        return match Failure::of_refusal(answer) {
            // Some say so instead of the 200 of RFC 7009 section 2.2: the aim is reached.
            Failure {
                code: Some(ErrorCode::InvalidToken),
                status: Some(400),
                ..
            } => Revocation::Revoked,
            failure => Revocation::Failed(failure),
        };
    }
    let ok = rules.ok.as_ref();
    let said_so = ok.is_none_or(|pointer| find(&told, pointer) == Some(&Value::Bool(true)));
    // some refuse with a status of 200; that a token is unknown is no refusal
    if said_so && matches!(code, "" | "invalid_token") {
        Revocation::Revoked
    } else {
        Revocation::Failed(Failure::unexpected(answer))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Definition;
    use crate::oauth::classify::Class;
    use crate::oauth::rehearsal::{
        Rehearsal, answer, apaleo, apollo, attio, plain_with, salesforce,
    };

    async fn revoked(
        definition: Definition,
        status: &str,
        body: &str,
        refresh: Option<&str>,
    ) -> (Revocation, Rehearsal) {
        let rehearsal = Rehearsal::answering(&answer(status, &[], body));
        let provider = rehearsal.provider(definition);
        let refresh = refresh.map(Secret::from);
        let outcome = revoke(
            &rehearsal.egress(),
            &provider,
            &Secret::from("at 1"),
            refresh.as_ref(),
        )
        .await;
        (outcome, rehearsal)
    }

    #[tokio::test]
    async fn the_right_token_is_named_in_the_right_way() {
        for (definition, refresh, body, basic) in [
            (
                apaleo(),
                Some("rt+1"),
                "token=rt%2B1&token_type_hint=refresh_token",
                true,
            ),
            (
                apaleo(),
                None,
                "token=at+1&token_type_hint=access_token",
                true,
            ),
            (
                salesforce(),
                Some("rt+1"),
                "token=rt%2B1&token_type_hint=refresh_token",
                false,
            ),
            (
                attio(),
                Some("rt+1"),
                "token=at+1&token_type_hint=access_token&client_id=client+1&client_secret=s3cret%2F",
                false,
            ),
        ] {
            let (outcome, rehearsal) = revoked(definition, "200 OK", "", refresh).await;
            assert_eq!(outcome, Revocation::Revoked);
            let request = rehearsal.request();
            assert!(
                request.starts_with("POST /revoke HTTP/1.1\r\n"),
                "{request}"
            );
            assert!(request.ends_with(&format!("\r\n\r\n{body}")), "{request}");
            assert_eq!(
                request.contains("\r\nauthorization: Basic "),
                basic,
                "{request}"
            );
        }
    }

    #[tokio::test]
    async fn an_unknown_token_is_as_good_as_revoked() {
        let unknown = r#"{"error":"invalid_token"}"#;
        for (status, body) in [
            ("200 OK", unknown),
            ("204 No Content", ""),
            ("400 Bad Request", unknown),
        ] {
            assert_eq!(
                revoked(apaleo(), status, body, None).await.0,
                Revocation::Revoked,
                "{status}"
            );
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        for (status, body, class) in [
            (
                "401 Unauthorized",
                r#"{"error":"invalid_client"}"#,
                Class::ConfigRejected,
            ),
            ("503 Service Unavailable", "", Class::Ambiguous),
            ("404 Not Found", "<html>", Class::Unexpected),
        ] {
            let Revocation::Failed(failure) = revoked(apaleo(), status, body, None).await.0 else {
                panic!("{status} counted as revoked");
            };
            assert_eq!(failure.class, class, "{status}");
        }
    }

    #[tokio::test]
    async fn where_it_is_not_offered_nobody_is_asked() {
        let (outcome, rehearsal) = revoked(apollo(), "200 OK", "", Some("rt")).await;
        assert_eq!(outcome, Revocation::NotOffered);
        assert_eq!(rehearsal.visits(), 0);
    }

    fn rules(text: &str) -> Definition {
        plain_with(&format!(
            "[revocation]\nurl = \"https://idp.example/revoke\"\n{text}"
        ))
    }

    #[tokio::test]
    async fn an_endpoint_of_the_providers_own_is_asked_as_it_wants() {
        let delete = r#"
            method = "DELETE"
            client_auth = "token"
            body = "none"
            token_param = ""
        "#;
        let (outcome, rehearsal) = revoked(rules(delete), "204 No Content", "", Some("rt")).await;
        assert_eq!(outcome, Revocation::Revoked);
        let request = rehearsal.request();
        assert!(
            request.starts_with("DELETE /revoke HTTP/1.1\r\n"),
            "{request}"
        );
        assert!(
            request.contains("\r\nauthorization: Bearer at 1\r\n"),
            "{request}"
        );
        assert!(request.ends_with("\r\n\r\n"), "{request}");

        let json = r#"
            client_auth = "secret_bearer"
            body = "json"
            token_param = ""
            params = { stripe_user_id = "{stripe_user_id}", absent = "{absent}" }
        "#;
        let rehearsal = Rehearsal::answering(&answer("200 OK", &[], "{}"));
        let mut provider = rehearsal.provider(rules(json));
        provider
            .values
            .insert("stripe_user_id".to_owned(), "acct_1".to_owned());
        let token = Secret::from("at");
        revoke(&rehearsal.egress(), &provider, &token, None).await;
        let request = rehearsal.request();
        assert!(
            request.contains("\r\nauthorization: Bearer s3cret/\r\n"),
            "{request}"
        );
        assert!(
            request.ends_with(r#"{"client_id":"client 1","stripe_user_id":"acct_1"}"#),
            "{request}"
        );
    }

    #[tokio::test]
    async fn a_refusal_with_a_status_of_200_is_one_and_what_is_gone_is_gone() {
        let slack = "ok = \"/ok\"\ngone = [404]\ngone_codes = [\"token_revoked\"]";
        for (status, body, gone) in [
            ("200 OK", r#"{"ok":true}"#, true),
            ("200 OK", r#"{"ok":false,"error":"token_revoked"}"#, true),
            ("200 OK", r#"{"ok":false,"error":"ratelimited"}"#, false),
            ("200 OK", r#"{"ok":"true"}"#, false),
            ("200 OK", "", false),
            ("404 Not Found", "<html>", true),
            ("200 OK", r#"{"ok":true,"error":"internal_error"}"#, false),
            ("410 Gone", "", false),
        ] {
            let (outcome, _) = revoked(rules(slack), status, body, None).await;
            assert_eq!(
                outcome == Revocation::Revoked,
                gone,
                "{status} {body}: {outcome:?}"
            );
        }
    }
}
