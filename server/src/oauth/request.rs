//! How a form reaches a provider: its body, and how the client proves who it is (C8, C9).

use super::Client;
use super::egress::EgressRequest;
use crate::catalog::{BodyFormat, ClientAuth};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use http::header::AUTHORIZATION;
use url::Url;
use url::form_urlencoded::{Serializer, byte_serialize};

/// A POST of `fields` in the given format, with the client's credentials where `auth` wants them.
/// Without a client secret only the client ID is sent (a public client).
pub(super) fn post<'a>(
    url: &Url,
    mut fields: Vec<(&'static str, &'a str)>,
    format: BodyFormat,
    auth: ClientAuth,
    client: &'a Client,
) -> EgressRequest {
    let client_id = client.client_id.as_str();
    let secret = client.secret().map(|secret| secret.expose().as_str());
    match auth {
        ClientAuth::Body => {
            fields.push(("client_id", client_id));
            fields.extend(secret.map(|secret| ("client_secret", secret)));
        }
        ClientAuth::ClientIdOnly => fields.push(("client_id", client_id)),
        ClientAuth::Basic | ClientAuth::None => {}
    }
    let mut request = match format {
        BodyFormat::Form => {
            let body = Serializer::new(String::new()).extend_pairs(fields).finish();
            EgressRequest::post(url.clone(), "application/x-www-form-urlencoded", body)
        }
        BodyFormat::Json => {
            let body: serde_json::Map<_, _> = fields
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value.into()))
                .collect();
            EgressRequest::post(
                url.clone(),
                "application/json",
                serde_json::Value::from(body).to_string(),
            )
        }
    };
    if auth == ClientAuth::Basic {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
        let pair = format!(
            "{}:{}",
            encoded(client_id),
            encoded(secret.unwrap_or_default())
        );
        authorize(&mut request, &format!("Basic {}", STANDARD.encode(pair)));
    }
    request
}

/// Puts credentials on a request. False if they hold characters that no header can carry.
pub(super) fn authorize(request: &mut EgressRequest, credentials: &str) -> bool {
    let Ok(mut value) = HeaderValue::from_str(credentials) else {
        return false;
    };
    value.set_sensitive(true);
    request.headers.insert(AUTHORIZATION, value);
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vault::Secret;
    use std::sync::Arc;

    fn sent(format: BodyFormat, auth: ClientAuth, secrets: &[&str]) -> (String, Option<String>) {
        let client = Client {
            client_id: "id:1 ü".to_owned(),
            client_secrets: secrets
                .iter()
                .map(|text| Arc::new(Secret::from(*text)))
                .collect(),
        };
        let url = Url::parse("https://idp.example/token").expect("a URL");
        let request = post(&url, vec![("code", "a+b &c")], format, auth, &client);
        assert_eq!(format!("{request:?}"), "POST idp.example");
        let header = request.headers.get(AUTHORIZATION).map(|value| {
            assert!(value.is_sensitive());
            value.to_str().expect("a header").to_owned()
        });
        (request.body.expect("a body").expose().clone(), header)
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
}
