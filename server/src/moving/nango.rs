//! Rows in Nango's words: what its `GET /connections/{id}` answers for a connection with OAuth 2
//! credentials. Its integrations have names of their own, so the caller says which provider of ours
//! stands for which; a name that is not said is taken for the provider's slug.
//!
//! What it calls `connection_config` are inputs and metadata here, as far as the definition knows
//! them. Its `metadata` is the application's own and has no place in a vault; it stays behind.

use super::check::Problem;
use super::row::{AccountRow, EndUserRow, Row, SecretText};
use crate::domain::Scopes;
use crate::json;
use crate::vault::Secret;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The longest tag that a connection can have, in characters.
const LONGEST_TAG: usize = 50;
/// Tags of Nango's that say who the end user is.
const WHO: [&str; 3] = ["end_user_id", "end_user_email", "end_user_display_name"];

/// Which provider of ours stands for which integration (`provider_config_key`) of theirs.
pub type Names = BTreeMap<String, String>;

#[derive(Deserialize)]
struct Theirs {
    connection_id: String,
    provider_config_key: String,
    credentials: Credentials,
    #[serde(default)]
    connection_config: Option<Map<String, Value>>,
    #[serde(default)]
    tags: Option<Map<String, Value>>,
    end_user: Option<Person>,
    created_at: Option<String>,
}

#[derive(Deserialize)]
struct Credentials {
    r#type: String,
    access_token: Option<SecretText>,
    refresh_token: Option<SecretText>,
    expires_at: Option<String>,
    raw: Option<Value>,
}

#[derive(Deserialize)]
struct Person {
    id: String,
    #[serde(alias = "displayName")]
    display_name: Option<String>,
    email: Option<String>,
}

/// The row that a connection of theirs is.
pub(super) fn row(value: Value, names: &Names) -> Result<Row, Vec<Problem>> {
    let theirs: Theirs = json::read_value(value).map_err(|mistake| vec![mistake.into()])?;
    let wrong = |field: &str, sentence: &str| Err(vec![Problem::with(field, sentence)]);
    if theirs.credentials.r#type != "OAUTH2" {
        let sentence = "`credentials.type` has to be `OAUTH2`: keys, passwords and OAuth 1 are no connections here.";
        return wrong("credentials.type", sentence);
    }
    let Some(access_token) = theirs.credentials.access_token else {
        let sentence = "Add `credentials.access_token`: export each connection by itself, since a list of connections comes without credentials.";
        return wrong("credentials.access_token", sentence);
    };
    let tags = texts(theirs.tags.unwrap_or_default());
    let raw = theirs.credentials.raw.filter(Value::is_object);
    let told = |name: &str| raw.as_ref()?.get(name)?.as_str();
    let provider = names.get(&theirs.provider_config_key);
    Ok(Row {
        application: None,
        provider: provider.cloned().unwrap_or(theirs.provider_config_key),
        owner: None,
        end_user: person(theirs.end_user, &tags, &theirs.connection_id),
        account: None::<AccountRow>,
        scopes: told("scope").map(|text| {
            let scopes = Scopes::parse_lenient(text);
            scopes.iter().map(str::to_owned).collect()
        }),
        token_type: told("token_type").map(str::to_owned),
        token_answer: raw
            .as_ref()
            .map(|raw| SecretText(Secret::new(raw.to_string()))),
        access_token,
        refresh_token: theirs.credentials.refresh_token,
        expires_at: theirs.credentials.expires_at,
        expires_in: None,
        scopes_asked: None,
        client_id: None,
        client_secret: None,
        redirect_uri: None,
        inputs: BTreeMap::new(),
        metadata: BTreeMap::new(),
        label: None,
        tags: tags
            .iter()
            .filter(|(name, _)| !WHO.contains(&name.as_str()))
            .map(|(name, value)| format!("{name}:{value}"))
            .filter(|tag| tag.chars().count() <= LONGEST_TAG)
            .collect(),
        connected_at: theirs.created_at,
        external_id: Some(theirs.connection_id),
        status: None,
        reason: None,
        loose: texts(theirs.connection_config.unwrap_or_default()),
    })
}

/// Who the end user is: as the connection says, or its tags; or the connection's id, which older ones
/// were given by the application.
fn person(person: Option<Person>, tags: &BTreeMap<String, String>, id: &str) -> EndUserRow {
    if let Some(person) = person {
        return EndUserRow {
            id: person.id,
            name: person.display_name,
            email: person.email,
        };
    }
    let [tagged_id, email, name] = WHO.map(|tag| tags.get(tag).cloned());
    EndUserRow {
        id: tagged_id.unwrap_or_else(|| id.to_owned()),
        name,
        email,
    }
}

/// The members that are texts or numbers, as texts.
fn texts(members: Map<String, Value>) -> BTreeMap<String, String> {
    members
        .into_iter()
        .filter_map(|(name, value)| match value {
            Value::String(text) => Some((name, text)),
            Value::Number(number) => Some((name, number.to_string())),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn theirs() -> Value {
        json!({
            "id": 18393,
            "connection_id": "0c1a",
            "provider": "hubspot",
            "provider_config_key": "hubspot-prod",
            "created_at": "2026-03-08T09:43:03.725Z",
            "credentials": {
                "type": "OAUTH2",
                "access_token": "at-1",
                "refresh_token": "rt-1",
                "expires_at": "2026-03-08T10:43:03.725Z",
                "raw": {"scope": "oauth crm.read", "token_type": "bearer", "hub_id": 7}
            },
            "connection_config": {"subdomain": "acme", "nested": {}},
            "metadata": {"anything": true},
            "tags": {"plan": "gold", "end_user_id": "mia", "end_user_email": "mia@acme.example"},
            "end_user": null
        })
    }

    #[test]
    fn a_connection_of_theirs_is_a_row_of_ours() {
        let names = Names::from([("hubspot-prod".to_owned(), "hubspot".to_owned())]);
        let row = row(theirs(), &names).expect("a row");
        assert_eq!(row.provider, "hubspot");
        assert_eq!(row.external_id.as_deref(), Some("0c1a"));
        assert_eq!(row.end_user.id, "mia");
        assert_eq!(row.end_user.email.as_deref(), Some("mia@acme.example"));
        assert_eq!(row.access_token.0.expose(), "at-1");
        assert_eq!(row.scopes.expect("scopes"), ["oauth", "crm.read"]);
        assert_eq!(row.tags, ["plan:gold"]);
        assert_eq!(row.loose.get("subdomain").map(String::as_str), Some("acme"));
        assert_eq!(row.expires_at.as_deref(), Some("2026-03-08T10:43:03.725Z"));
    }

    #[test]
    fn an_integration_that_nobody_mapped_is_a_slug_and_an_old_connection_its_own_person() {
        let mut old = theirs();
        old["tags"] = Value::Null;
        let row = row(old, &Names::new()).expect("a row");
        assert_eq!(row.provider, "hubspot-prod");
        assert_eq!(row.end_user.id, "0c1a");
        let mut named = theirs();
        named["end_user"] = json!({"id": "leo", "displayName": "Leo", "email": null});
        let row = self::row(named, &Names::new()).expect("a row");
        assert_eq!(
            (row.end_user.id.as_str(), row.end_user.name.as_deref()),
            ("leo", Some("Leo"))
        );
    }

    #[test]
    fn what_is_no_oauth_grant_is_named_by_its_field() {
        for (path, value, field) in [
            ("/credentials/type", json!("API_KEY"), "credentials.type"),
            (
                "/credentials/access_token",
                Value::Null,
                "credentials.access_token",
            ),
            ("/connection_id", json!(7), "connection_id"),
        ] {
            let mut wrong = theirs();
            *wrong.pointer_mut(path).expect("it is there") = value;
            let problems = row(wrong, &Names::new()).expect_err("wrong");
            assert_eq!(problems[0].field, field);
            assert!(!problems[0].sentence.contains("at-1"));
        }
    }
}
