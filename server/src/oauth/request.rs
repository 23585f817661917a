//! How a request reaches a provider: where its parameters stand, under which names, and how the
//! client proves who it is (C5, C8, C9).

use super::Provider;
use super::classify::Failure;
use super::egress::EgressRequest;
use crate::catalog::{ApiAuth, BodyFormat, ClientAuth, Definition, Method};
use crate::vault::Secret;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderName, HeaderValue};
use std::collections::BTreeMap;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

/// A request before it is put together.
pub(super) struct Form<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    /// By their standard names, in order.
    pub(super) fields: Vec<(&'a str, &'a str)>,
    /// The definition's own, after them. In JSON a whole number is written as one.
    pub(super) params: &'a BTreeMap<String, String>,
    pub(super) format: BodyFormat,
    pub(super) auth: ClientAuth,
    pub(super) headers: &'a BTreeMap<String, String>,
    /// What [`ClientAuth::Token`] presents.
    pub(super) token: Option<&'a Secret<String>>,
}

impl<'a> Form<'a> {
    /// The request to `provider`, with the client's credentials where `auth` wants them. Without a
    /// client secret only the client ID is sent (a public client).
    ///
    /// # Errors
    /// When a credential or header holds characters that no header can carry.
    pub(super) fn to(mut self, provider: &'a Provider) -> Result<EgressRequest, Failure> {
        let client_id = provider.client.client_id.as_str();
        let secret = provider
            .client
            .secret()
            .map(|secret| secret.expose().as_str());
        let credentials = match self.auth {
            ClientAuth::Body => {
                self.fields.push(("client_id", client_id));
                self.fields
                    .extend(secret.map(|secret| ("client_secret", secret)));
                None
            }
            ClientAuth::ClientIdOnly => {
                self.fields.push(("client_id", client_id));
                None
            }
            ClientAuth::SecretBearer => {
                self.fields.push(("client_id", client_id));
                secret.map(|secret| (AUTHORIZATION, format!("Bearer {secret}")))
            }
            ClientAuth::Basic => Some((AUTHORIZATION, basic(client_id, secret, encoded))),
            ClientAuth::BasicAndId => {
                self.fields.push(("client_id", client_id));
                Some((AUTHORIZATION, basic(client_id, secret, encoded)))
            }
            ClientAuth::BasicRaw => Some((AUTHORIZATION, basic(client_id, secret, str::to_owned))),
            ClientAuth::Token => {
                let token = self.token.ok_or_else(Failure::unusable_token)?;
                Some(presented(&provider.definition.api_auth, token)?)
            }
            ClientAuth::None => None,
        };
        let fields = named(&provider.definition, self.fields);
        let mut request = written(self.method, self.url, &fields, self.params, self.format);
        for (name, value) in self.headers {
            set(&mut request, name.parse().ok(), value)?;
        }
        if let Some((name, value)) = credentials {
            set(&mut request, Some(name), &value)?;
        }
        Ok(request)
    }
}

/// The fields under the names that the provider has for them; without those that it does not take.
pub(super) fn named<'a>(
    definition: &'a Definition,
    fields: Vec<(&'a str, &'a str)>,
) -> Vec<(&'a str, &'a str)> {
    let name = |name: &'a str| {
        definition
            .param_names
            .get(name)
            .map_or(name, String::as_str)
    };
    let fields = fields.into_iter().map(|(key, value)| (name(key), value));
    fields.filter(|(key, _)| !key.is_empty()).collect()
}

fn written(
    method: Method,
    url: &Url,
    fields: &[(&str, &str)],
    params: &BTreeMap<String, String>,
    format: BodyFormat,
) -> EgressRequest {
    let form = || {
        Serializer::new(String::new())
            .extend_pairs(fields)
            .extend_pairs(params)
            .finish()
    };
    let mut request = match format {
        BodyFormat::Form => {
            EgressRequest::post(url.clone(), "application/x-www-form-urlencoded", form())
        }
        BodyFormat::Json => {
            let body: serde_json::Map<_, _> = fields
                .iter()
                .map(|(name, value)| ((*name).to_owned(), (*value).into()))
                .chain(
                    params
                        .iter()
                        .map(|(name, value)| (name.clone(), typed(value))),
                )
                .collect();
            let body = serde_json::Value::from(body).to_string();
            EgressRequest::post(url.clone(), "application/json", body)
        }
        BodyFormat::Query => {
            let mut url = url.clone();
            url.query_pairs_mut()
                .extend_pairs(fields)
                .extend_pairs(params);
            EgressRequest::get(url)
        }
        BodyFormat::None => EgressRequest::get(url.clone()),
    };
    request.method = match method {
        Method::Get => http::Method::GET,
        Method::Post => http::Method::POST,
        Method::Delete => http::Method::DELETE,
    };
    request
}

fn typed(value: &str) -> serde_json::Value {
    value
        .parse::<i64>()
        .map_or_else(|_| value.into(), serde_json::Value::from)
}

fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn basic(client_id: &str, secret: Option<&str>, written: impl Fn(&str) -> String) -> String {
    let pair = format!(
        "{}:{}",
        written(client_id),
        written(secret.unwrap_or_default())
    );
    format!("Basic {}", STANDARD.encode(pair))
}

/// The header in which an access token is presented to the provider's API.
///
/// # Errors
/// When the definition's header is none.
pub(crate) fn presented(
    auth: &ApiAuth,
    token: &Secret<String>,
) -> Result<(HeaderName, String), Failure> {
    let name = auth.header.parse().map_err(|_| Failure::unusable_token())?;
    let value = format!("{} {}", auth.scheme, token.expose());
    Ok((name, value.trim_start().to_owned()))
}

/// Puts a header on a request; credentials and all else, since it may hold either.
///
/// # Errors
/// When its name or value holds characters that no header can carry.
pub(super) fn set(
    request: &mut EgressRequest,
    name: Option<HeaderName>,
    value: &str,
) -> Result<(), Failure> {
    let name = name.ok_or_else(Failure::unusable_token)?;
    let mut value = HeaderValue::from_str(value).map_err(|_| Failure::unusable_token())?;
    value.set_sensitive(name != CONTENT_TYPE);
    request.headers.insert(name, value);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::Client;
    use crate::oauth::rehearsal::{attio, plain_with, provider};

    fn sent(format: BodyFormat, auth: ClientAuth, secrets: &[&str]) -> (String, Option<String>) {
        let mut provider = provider(attio(), "https://idp.example/", "https://idp.example/token");
        provider.client = Client {
            client_id: "id:1 ü".to_owned(),
            client_secrets: secrets
                .iter()
                .map(|text| Secret::from(*text).into())
                .collect(),
        };
        let form = Form {
            method: Method::Post,
            url: &provider.endpoints.token,
            fields: vec![("code", "a+b &c")],
            params: &BTreeMap::new(),
            format,
            auth,
            headers: &BTreeMap::new(),
            token: Some(&Secret::from("tok")),
        };
        let request = form.to(&provider).expect("a request");
        assert_eq!(format!("{request:?}"), "POST idp.example");
        let header = request.headers.get(AUTHORIZATION).map(|value| {
            assert!(value.is_sensitive());
            value.to_str().expect("a header").to_owned()
        });
        let query = request.url.query().unwrap_or_default().to_owned();
        let body = request.body.map_or(query, |body| body.expose().clone());
        (body, header)
    }

    #[test]
    fn credentials_stand_where_the_provider_wants_them() {
        let basic = format!("Basic {}", STANDARD.encode("id%3A1+%C3%BC:s%2F%3D%25"));
        let secrets: &[&str] = &["s/=%", "older"];
        let with_id = "code=a%2Bb+%26c&client_id=id%3A1+%C3%BC";
        for (auth, secrets, body, header) in [
            (
                ClientAuth::Body,
                secrets,
                format!("{with_id}&client_secret=s%2F%3D%25"),
                None,
            ),
            (ClientAuth::Body, &[], with_id.to_owned(), None),
            (ClientAuth::ClientIdOnly, secrets, with_id.to_owned(), None),
            (
                ClientAuth::Basic,
                secrets,
                "code=a%2Bb+%26c".to_owned(),
                Some(basic),
            ),
            (
                ClientAuth::BasicRaw,
                secrets,
                "code=a%2Bb+%26c".to_owned(),
                Some(format!("Basic {}", STANDARD.encode("id:1 ü:s/=%"))),
            ),
            (
                ClientAuth::SecretBearer,
                secrets,
                with_id.to_owned(),
                Some("Bearer s/=%".to_owned()),
            ),
            (
                ClientAuth::Token,
                secrets,
                "code=a%2Bb+%26c".to_owned(),
                Some("Bearer tok".to_owned()),
            ),
            (
                ClientAuth::None,
                secrets,
                "code=a%2Bb+%26c".to_owned(),
                None,
            ),
        ] {
            assert_eq!(
                sent(BodyFormat::Form, auth, secrets),
                (body, header),
                "{auth:?}"
            );
        }
    }

    #[test]
    fn json_is_json() {
        let (body, header) = sent(BodyFormat::Json, ClientAuth::Body, &["s\"1"]);
        let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
        assert_eq!(
            body,
            serde_json::json!({"code": "a+b &c", "client_id": "id:1 ü", "client_secret": "s\"1"})
        );
        assert_eq!(header, None);
    }

    fn written_as(format: BodyFormat, names: &str) -> EgressRequest {
        let definition = plain_with(names);
        let provider = provider(
            definition,
            "https://idp.example/",
            "https://idp.example/token?v=1",
        );
        let form = Form {
            method: Method::Post,
            url: &provider.endpoints.token,
            fields: vec![("code", "007")],
            params: &BTreeMap::from([
                ("expires_in".to_owned(), "1800".to_owned()),
                ("kind".to_owned(), "offline".to_owned()),
            ]),
            format,
            auth: ClientAuth::Body,
            headers: &BTreeMap::from([("Notion-Version".to_owned(), "2025-09-03".to_owned())]),
            token: None,
        };
        form.to(&provider).expect("a request")
    }

    #[test]
    fn numbers_of_the_definition_are_numbers_and_codes_are_texts() {
        let request = written_as(BodyFormat::Json, "");
        let body: serde_json::Value =
            serde_json::from_str(request.body.as_ref().expect("a body").expose()).expect("JSON");
        assert_eq!(body["code"], "007");
        assert_eq!(body["expires_in"], 1800);
        assert_eq!(body["kind"], "offline");
        assert_eq!(request.headers["notion-version"], "2025-09-03");
    }

    #[test]
    fn a_query_takes_the_place_of_a_body() {
        let request = written_as(BodyFormat::Query, "");
        assert_eq!(
            request.url.query(),
            Some(
                "v=1&code=007&client_id=client+1&client_secret=s3cret%2F&expires_in=1800&kind=offline"
            )
        );
        assert!(request.body.is_none());
        assert_eq!(request.method, http::Method::POST);
    }

    #[test]
    fn a_client_goes_by_the_name_that_the_provider_has_for_it() {
        let request = written_as(
            BodyFormat::Form,
            "[param_names]\nclient_id = \"client_key\"\nclient_secret = \"\"",
        );
        let body = request.body.as_ref().expect("a body").expose();
        assert_eq!(
            body,
            "code=007&client_key=client+1&expires_in=1800&kind=offline"
        );
    }
}
