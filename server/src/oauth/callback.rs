//! What the browser brings back from the provider (RFC 6749 section 4.1.2, R9 to R11, C13).
//!
//! Anybody can send a browser here with anything, so the query is read strictly: a parameter that
//! comes twice, a list, broken encoding or an endless query is refused before anything is looked up.
//! Whether the state is one of ours is for the caller to find out, and to do so before a refusal is
//! believed.

use super::Client;
use super::classify::ErrorCode;
use super::plain_text::plain_text;
use crate::catalog::{CallbackErrors, CallbackRules, CallbackSignature, SignatureMethod, template};
use crate::vault::Secret;
use hmac::{Hmac, KeyInit, Mac};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// Longest query that is read, in bytes.
const LONGEST_QUERY: usize = 8 * 1024;
/// Longest words of a provider that are shown, in characters.
const LONGEST_WORDS: usize = 200;

/// A callback, as far as it can be understood without knowing the flow.
#[derive(Debug)]
pub struct CallbackAnswer {
    /// The state. Some providers leave it out when they refuse; a code never comes without.
    pub state: Option<Secret<String>>,
    /// What the provider decided.
    pub outcome: Outcome,
    /// The issuer that claims to have decided (RFC 9207).
    pub iss: Option<String>,
    /// All other parameters, as they came.
    others: BTreeMap<String, String>,
}

/// What the provider decided.
#[derive(Debug)]
pub enum Outcome {
    /// Granted: a code to exchange.
    Code(Secret<String>),
    /// Not granted.
    Refused {
        /// What to make of it.
        kind: RefusedKind,
        /// What the provider says about it: one line of text, at most 200 characters, never HTML.
        words: Option<String>,
    },
}

/// Why a grant was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefusedKind {
    /// The end user said no.
    Denied,
    /// This person may not approve; somebody else may.
    NotAllowedToApprove,
    /// The provider does not like our request: for the admin.
    Config,
    /// The provider has a bad moment: try again.
    Temporary,
    /// Anything else.
    Other,
}

/// A callback that no provider sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallbackError {
    /// More than 8 KiB.
    #[error("the query is too long")]
    TooLong,
    /// A parameter comes twice or as a list.
    #[error("a parameter is repeated")]
    Repeated,
    /// Bytes that are no text.
    #[error("the query is not valid text")]
    NotText,
    /// A code without a state.
    #[error("there is no state")]
    NoState,
    /// Neither a code nor a refusal.
    #[error("there is neither a code nor an error")]
    Empty,
}

/// Reads the query string of a callback, as it came, following the definition's own names and ways
/// to refuse.
pub fn parse(
    query: &str,
    rules: &CallbackRules,
    errors: &CallbackErrors,
) -> Result<CallbackAnswer, CallbackError> {
    let mut parameters = parameters(query)?;
    if let Some(name) = &rules.code_param
        && let Some(code) = parameters.remove(name)
    {
        parameters.insert("code".to_owned(), code);
    }
    let outcome = match refusal(&parameters, errors) {
        Some(refused) => refused,
        None => Outcome::Code(Secret::new(
            parameters.remove("code").ok_or(CallbackError::Empty)?,
        )),
    };
    let state = parameters.remove("state").map(Secret::new);
    if state.is_none() && matches!(outcome, Outcome::Code(_)) {
        return Err(CallbackError::NoState);
    }
    Ok(CallbackAnswer {
        state,
        outcome,
        iss: parameters.remove("iss"),
        others: parameters,
    })
}

/// A parameter of the callback is missing, or is not what it has to be. The answer must not be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the parameter {name} of the callback is missing or not allowed")]
pub struct WrongParameter {
    /// Its name.
    pub name: String,
}

impl CallbackAnswer {
    /// The parameters that the definition keeps (C12), by name. `inputs` is what was filled in.
    ///
    /// # Errors
    /// With the first one that is missing though it is required, or that is not what it has to be.
    pub fn captured(
        &self,
        rules: &CallbackRules,
        inputs: &BTreeMap<String, String>,
    ) -> Result<BTreeMap<String, String>, WrongParameter> {
        let mut captured = BTreeMap::new();
        for rule in &rules.capture {
            let wrong = || WrongParameter {
                name: rule.name.clone(),
            };
            let filled = |text: &String| template::fill_text(text, inputs);
            let sent = self.others.get(&rule.name).cloned();
            if sent.is_none() && rule.required {
                return Err(wrong());
            }
            let Some(value) = sent.or_else(|| rule.default.as_ref().and_then(filled)) else {
                continue;
            };
            if !rule.accepts(&value, inputs) {
                return Err(wrong());
            }
            captured.insert(rule.name.clone(), value);
        }
        Ok(captured)
    }

    /// The parameters that the token endpoint wants back with the code.
    #[must_use]
    pub fn echoed(&self, rules: &CallbackRules) -> Vec<(String, String)> {
        let there = |name: &String| Some((name.clone(), self.others.get(name)?.clone()));
        rules.echo.iter().filter_map(there).collect()
    }
}

/// Whether one of the client's secrets signed the query of a callback, as it came (C14).
#[must_use]
pub fn is_signed(query: &str, rule: &CallbackSignature, client: &Client) -> bool {
    let Ok(mut parameters) = parameters(query) else {
        return false;
    };
    let Some(signature) = parameters.remove(&rule.param) else {
        return false;
    };
    let Some(signature) = from_hex(&signature) else {
        return false;
    };
    let SignatureMethod::HmacSha256SortedQuery = rule.method;
    let signed: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", escaped(name).replace('=', "%3D"), escaped(value)))
        .collect();
    let signed = signed.join("&");
    client.client_secrets.iter().any(|secret| {
        Hmac::<sha2::Sha256>::new_from_slice(secret.text.expose().as_bytes())
            .is_ok_and(|mac| mac.chain_update(&signed).verify_slice(&signature).is_ok())
    })
}

/// What would end a name or value within the signed text.
fn escaped(text: &str) -> String {
    text.replace('%', "%25").replace('&', "%26")
}

fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

/// Parameters by name, without the empty ones.
fn parameters(query: &str) -> Result<BTreeMap<String, String>, CallbackError> {
    if query.len() > LONGEST_QUERY {
        return Err(CallbackError::TooLong);
    }
    if percent_decode_str(query).decode_utf8().is_err() {
        return Err(CallbackError::NotText);
    }
    let mut parameters = BTreeMap::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let again = parameters
            .insert(name.to_string(), value.into_owned())
            .is_some();
        if again || name.contains('[') {
            return Err(CallbackError::Repeated);
        }
    }
    parameters.retain(|_, value| !value.is_empty());
    Ok(parameters)
}

/// A refusal, by the standard's parameters or by the provider's own. A code beside the standard's
/// `error` does not count; a code beside a vendor's status that means no refusal does.
fn refusal(parameters: &BTreeMap<String, String>, errors: &CallbackErrors) -> Option<Outcome> {
    let get = |name: &Option<String>| name.as_ref().and_then(|name| parameters.get(name));
    let granted = parameters.contains_key("code");
    let vendor_code = get(&errors.code_param).filter(|code| !granted || is_listed(code, errors));
    let code = parameters.get("error").or(vendor_code);
    if code.is_none() && granted {
        return None;
    }
    let words = parameters
        .get("error_description")
        .or_else(|| get(&errors.words_param));
    if code.is_none() && words.is_none() {
        return None;
    }
    Some(Outcome::Refused {
        kind: code.map_or(RefusedKind::Other, |code| kind(code, errors)),
        words: words.and_then(|words| plain_text(words, LONGEST_WORDS)),
    })
}

fn is_listed(code: &str, errors: &CallbackErrors) -> bool {
    holds(&errors.denied, code) || holds(&errors.not_allowed, code)
}

fn holds(codes: &[String], code: &str) -> bool {
    codes.iter().any(|listed| listed == code)
}

fn kind(code: &str, errors: &CallbackErrors) -> RefusedKind {
    if holds(&errors.not_allowed, code) {
        return RefusedKind::NotAllowedToApprove;
    }
    if holds(&errors.denied, code) {
        return RefusedKind::Denied;
    }
    match ErrorCode::of(code) {
        ErrorCode::AccessDenied => RefusedKind::Denied,
        ErrorCode::ServerError | ErrorCode::TemporarilyUnavailable => RefusedKind::Temporary,
        ErrorCode::InvalidClient
        | ErrorCode::InvalidRequest
        | ErrorCode::InvalidScope
        | ErrorCode::UnauthorizedClient
        | ErrorCode::UnsupportedResponseType => RefusedKind::Config,
        _ => RefusedKind::Other,
    }
}

/// The answer claims to come from another server, or does not say where it comes from though it
/// must. It must not be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer does not come from the expected issuer")]
pub struct WrongIssuer;

/// Checks the issuer of an answer (RFC 9207 section 2.4) by exact comparison. `expected` is the
/// definition's; `always_sent` says that this server never leaves `iss` out. Where no issuer is
/// known there is nothing to compare with, and `iss` is ignored.
pub fn check_issuer(
    expected: Option<&str>,
    always_sent: bool,
    iss: Option<&str>,
) -> Result<(), WrongIssuer> {
    match (expected, iss) {
        (Some(expected), Some(iss)) if expected != iss => Err(WrongIssuer),
        (Some(_), None) if always_sent => Err(WrongIssuer),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn apollo() -> CallbackErrors {
        CallbackErrors {
            code_param: Some("status_code".to_owned()),
            words_param: Some("error_message".to_owned()),
            denied: vec!["user_cancelled".to_owned()],
            not_allowed: vec!["403".to_owned()],
        }
    }

    fn refused(query: &str, errors: &CallbackErrors) -> (RefusedKind, String) {
        match parse(query, &CallbackRules::default(), errors) {
            Ok(CallbackAnswer {
                outcome: Outcome::Refused { kind, words },
                ..
            }) => (kind, words.unwrap_or_default()),
            other => panic!("{query}: {other:?}"),
        }
    }

    #[test]
    fn a_code_is_read_with_its_state_and_issuer() {
        let query =
            "code=a%2Bb+c%20d&state=s%3D1&iss=https%3A%2F%2Fidp.example&session_state=x&scope=a+b";
        let answer = parse(query, &CallbackRules::default(), &CallbackErrors::default())
            .expect("a callback");
        let Outcome::Code(code) = &answer.outcome else {
            panic!("{answer:?}")
        };
        assert_eq!(code.expose(), "a+b c d");
        assert_eq!(
            answer.state.as_ref().map(|state| state.expose().as_str()),
            Some("s=1")
        );
        assert_eq!(answer.iss.as_deref(), Some("https://idp.example"));
        let told = format!("{answer:?}");
        assert!(!told.contains("a+b") && !told.contains("s=1"), "{told}");
    }

    #[test]
    fn strange_queries_are_refused() {
        for (query, error) in [
            ("", CallbackError::Empty),
            ("state=s", CallbackError::Empty),
            ("code=&state=s", CallbackError::Empty),
            ("foo=bar", CallbackError::Empty),
            ("code=c", CallbackError::NoState),
            ("code=c&state=", CallbackError::NoState),
            ("code=a&code=b&state=s", CallbackError::Repeated),
            ("code=a&code=a&state=s", CallbackError::Repeated),
            ("code=&code=b&state=s", CallbackError::Repeated),
            ("c%6fde=a&code=b&state=s", CallbackError::Repeated),
            ("code=c&state=s&state=t", CallbackError::Repeated),
            ("code=c&state=s&iss=a&iss=b", CallbackError::Repeated),
            ("code=c&state=s&foo=a&foo=b", CallbackError::Repeated),
            ("error=a&error=b&state=s", CallbackError::Repeated),
            ("code=c&state[]=s", CallbackError::Repeated),
            ("code=c&state=s&code[0]=x", CallbackError::Repeated),
            ("code=c&state=s&state%5B%5D=x", CallbackError::Repeated),
            ("code=%ff&state=s", CallbackError::NotText),
            ("%c3%28=1&code=c&state=s", CallbackError::NotText),
        ] {
            assert_eq!(
                parse(query, &CallbackRules::default(), &CallbackErrors::default()).err(),
                Some(error),
                "{query}"
            );
        }
        let long = format!("code=c&state={}", "s".repeat(LONGEST_QUERY));
        assert_eq!(
            parse(&long, &CallbackRules::default(), &CallbackErrors::default()).err(),
            Some(CallbackError::TooLong)
        );
    }

    #[test]
    fn refusals_of_the_standard_are_sorted() {
        for (code, expected) in [
            ("access_denied", RefusedKind::Denied),
            ("unauthorized_client", RefusedKind::Config),
            ("invalid_request", RefusedKind::Config),
            ("invalid_scope", RefusedKind::Config),
            ("unsupported_response_type", RefusedKind::Config),
            ("server_error", RefusedKind::Temporary),
            ("temporarily_unavailable", RefusedKind::Temporary),
            ("login_required", RefusedKind::Other),
            ("%3Cscript%3E", RefusedKind::Other),
        ] {
            let query = format!("error={code}&state=s");
            assert_eq!(
                refused(&query, &CallbackErrors::default()),
                (expected, String::new()),
                "{code}"
            );
        }
    }

    #[test]
    fn apollo_refuses_in_its_own_words() {
        let missing = "You+don%27t+have+permission";
        for (query, kind, words) in [
            (
                format!("status_code=403&error_message={missing}&state=s"),
                RefusedKind::NotAllowedToApprove,
                "You don't have permission",
            ),
            (
                format!("status_code=403&error_message={missing}"),
                RefusedKind::NotAllowedToApprove,
                "You don't have permission",
            ),
            (
                "status_code=403&code=c&state=s".to_owned(),
                RefusedKind::NotAllowedToApprove,
                "",
            ),
            (
                "status_code=user_cancelled&state=s".to_owned(),
                RefusedKind::Denied,
                "",
            ),
            ("status_code=500&state=s".to_owned(), RefusedKind::Other, ""),
            (
                "error_message=Oops&state=s".to_owned(),
                RefusedKind::Other,
                "Oops",
            ),
            (
                "error=access_denied&error_description=No&state=s".to_owned(),
                RefusedKind::Denied,
                "No",
            ),
            (
                "error=403&state=s".to_owned(),
                RefusedKind::NotAllowedToApprove,
                "",
            ),
        ] {
            assert_eq!(
                refused(&query, &apollo()),
                (kind, words.to_owned()),
                "{query}"
            );
        }
        let granted = parse(
            "status_code=200&code=c&state=s",
            &CallbackRules::default(),
            &apollo(),
        )
        .expect("a callback");
        assert!(matches!(granted.outcome, Outcome::Code(_)));
        let elsewhere = parse(
            "status_code=403&code=c&state=s",
            &CallbackRules::default(),
            &CallbackErrors::default(),
        );
        assert!(matches!(
            elsewhere.expect("a callback").outcome,
            Outcome::Code(_)
        ));
    }

    #[test]
    fn a_code_beside_an_error_is_not_used() {
        assert_eq!(
            refused("error=server_error&code=c&state=s", &apollo()).0,
            RefusedKind::Temporary
        );
    }

    #[test]
    fn words_are_one_short_line() {
        let query = format!(
            "error=x&error_description=a%0d%0a%00b%e2%80%ae{}&state=s",
            "x".repeat(300)
        );
        let words = refused(&query, &CallbackErrors::default()).1;
        assert!(words.starts_with("a bxx"), "{words}");
        assert_eq!(words.chars().count(), LONGEST_WORDS);
    }

    #[test]
    fn issuers_are_compared_as_written() {
        let (ours, other) = ("https://idp.example", "https://idp.example/");
        for (expected, always_sent, iss, outcome) in [
            (Some(ours), true, Some(ours), Ok(())),
            (Some(ours), true, Some(other), Err(WrongIssuer)),
            (Some(ours), true, None, Err(WrongIssuer)),
            (Some(ours), false, Some(ours), Ok(())),
            (Some(ours), false, Some(other), Err(WrongIssuer)),
            (Some(ours), false, None, Ok(())),
            (None, false, Some(other), Ok(())),
            (None, false, None, Ok(())),
        ] {
            assert_eq!(
                check_issuer(expected, always_sent, iss),
                outcome,
                "{expected:?} {always_sent} {iss:?}"
            );
        }
    }

    fn rules(text: &str) -> CallbackRules {
        toml::from_str(text).expect("rules")
    }

    fn captured(text: &str, query: &str) -> Result<String, String> {
        let rules = rules(text);
        let answer = parse(query, &rules, &CallbackErrors::default()).expect("a callback");
        let inputs = BTreeMap::from([
            ("store".to_owned(), "acme".to_owned()),
            ("accounts_host".to_owned(), "accounts.zoho.eu".to_owned()),
        ]);
        match answer.captured(&rules, &inputs) {
            Ok(kept) => {
                let kept: Vec<_> = kept.iter().map(|(n, v)| format!("{n}={v}")).collect();
                Ok(kept.join(" "))
            }
            Err(wrong) => Err(wrong.name),
        }
    }

    #[test]
    fn parameters_are_kept_when_they_are_what_they_have_to_be() {
        let realm = r#"capture = [{ name = "realmId", required = true }]"#;
        let zoho = r#"capture = [{ name = "accounts-server", default = "https://{accounts_host}",
            allowed = ["https://accounts.zoho.com", "https://accounts.zoho.eu"] }]"#;
        let shop =
            r#"capture = [{ name = "shop", required = true, equals = "{store}.myshopify.com" }]"#;
        for (rules, query, kept) in [
            (realm, "code=c&state=s&realmId=123", Ok("realmId=123")),
            (realm, "code=c&state=s", Err("realmId")),
            (realm, "code=c&state=s&realmId=", Err("realmId")),
            (
                zoho,
                "code=c&state=s&accounts-server=https%3A%2F%2Faccounts.zoho.com",
                Ok("accounts-server=https://accounts.zoho.com"),
            ),
            (
                zoho,
                "code=c&state=s",
                Ok("accounts-server=https://accounts.zoho.eu"),
            ),
            (
                zoho,
                "code=c&state=s&accounts-server=https%3A%2F%2Faccounts.zoho.com.evil.example",
                Err("accounts-server"),
            ),
            (
                zoho,
                "code=c&state=s&accounts-server=https%3A%2F%2Faccounts.zoho.com%2F",
                Err("accounts-server"),
            ),
            (
                shop,
                "code=c&state=s&shop=acme.myshopify.com",
                Ok("shop=acme.myshopify.com"),
            ),
            (shop, "code=c&state=s&shop=other.myshopify.com", Err("shop")),
            (shop, "code=c&state=s", Err("shop")),
        ] {
            let kept = kept.map(str::to_owned).map_err(str::to_owned);
            assert_eq!(captured(rules, query), kept, "{query}");
        }
        let long = format!("code=c&state=s&realmId={}", "1".repeat(1001));
        assert_eq!(captured(realm, &long), Err("realmId".to_owned()));
    }

    #[test]
    fn a_code_can_have_another_name_and_parameters_go_back() {
        let rules =
            rules("code_param = \"auth_code\"\necho = [\"context\", \"scope\", \"absent\"]");
        let query = "auth_code=c&state=s&context=stores%2Fx&scope=a+b";
        let answer = parse(query, &rules, &CallbackErrors::default()).expect("a callback");
        assert!(matches!(&answer.outcome, Outcome::Code(code) if code.expose() == "c"));
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            answer.echoed(&rules),
            [pair("context", "stores/x"), pair("scope", "a b")]
        );
    }

    #[test]
    fn a_signature_is_made_with_one_of_our_secrets_over_all_the_rest() {
        let rule = CallbackSignature {
            param: "hmac".to_owned(),
            method: SignatureMethod::HmacSha256SortedQuery,
        };
        let client = |secrets: &[&str]| Client {
            client_id: "id".to_owned(),
            client_secrets: secrets.iter().map(|s| Secret::from(*s).into()).collect(),
        };
        // made with openssl: printf 'code=0907&shop=acme.myshopify.com&state=s&timestamp=1337' |
        //   openssl dgst -sha256 -hmac hush
        let signed = "code=0907&shop=acme.myshopify.com&state=s&timestamp=1337";
        let hmac = "6946df6b96ad52ca8a83452ffd60eafd0cbda9b2a917d6d286ac9fbc406e8aa2";
        let query = format!("timestamp=1337&hmac={hmac}&code=0907&state=s&shop=acme.myshopify.com");
        assert!(is_signed(&query, &rule, &client(&["hush"])));
        assert!(is_signed(&query, &rule, &client(&["new", "hush"])));
        for (query, secrets) in [
            (query.clone(), &["other"][..]),
            (query.clone(), &[]),
            (query.replace("0907", "0908"), &["hush"]),
            (format!("{query}&more=1"), &["hush"]),
            (signed.to_owned(), &["hush"]),
            (format!("{signed}&hmac="), &["hush"]),
            (format!("{signed}&hmac=zz"), &["hush"]),
            (format!("{signed}&hmac={}", &hmac[..62]), &["hush"]),
            (format!("{query}&hmac={hmac}"), &["hush"]),
        ] {
            assert!(!is_signed(&query, &rule, &client(secrets)), "{query}");
        }
    }

    proptest! {
        /// Whatever a browser is sent here with: an answer or a refusal, and never a code without a state.
        #[test]
        fn no_query_is_too_strange(query in "\\PC{0,200}|([a-z_]{1,12}=[%0-9a-fA-Z&=+;\\[\\]-]{0,20}&?){0,12}") {
            if let Ok(answer) = parse(&query, &CallbackRules::default(), &apollo()) {
                let is_code = matches!(answer.outcome, Outcome::Code(_));
                prop_assert!(!is_code || answer.state.is_some());
            }
        }
    }
}
