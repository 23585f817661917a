//! The link to the provider (RFC 6749 section 4.1.1, R16).
//!
//! Built here and not by a library for three reasons. Some providers are single-page applications
//! whose parameters belong *behind* a `#/route`. Their scripts do not read `+` as a space, so
//! everything is percent-encoded. And a definition can add parameters, but never replace one that
//! the security of the flow rests on.

use super::Provider;
use super::request::named;
use crate::catalog::{AuthorizeStyle, Definition, template};
use crate::domain::Scopes;
use crate::vault::Secret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

/// All but the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Parameters that belong to the engine, and those that could replace them (RFC 9101).
const RESERVED: [&str; 10] = [
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "redirect_uri",
    "request",
    "request_uri",
    "response_type",
    "scope",
    "state",
];

/// Whether a definition may not set this authorize parameter.
#[must_use]
pub fn is_reserved(name: &str) -> bool {
    RESERVED.contains(&name)
}

/// What differs from one flow to the next.
#[derive(Debug)]
pub struct AuthorizeRequest<'a> {
    /// Our redirect URI at this provider, byte for byte as it will be sent with the code.
    pub redirect_uri: &'a str,
    /// The scopes that were chosen.
    pub scopes: &'a Scopes,
    /// The state of this flow.
    pub state: &'a Secret<String>,
    /// The PKCE challenge of this flow; left out where the provider does not take PKCE.
    pub challenge: &'a str,
}

/// Where the browser goes. Holds the state: for the `Location` header, not for a log.
#[must_use]
pub fn authorize_url(provider: &Provider, request: &AuthorizeRequest<'_>) -> Url {
    let parameters = parameters(provider, request);
    let mut url = provider.endpoints.authorize.clone();
    match provider.definition.endpoints.authorize_style {
        AuthorizeStyle::Query => {
            let query = append(url.query().unwrap_or_default(), &parameters);
            url.set_query(Some(&query));
        }
        AuthorizeStyle::FragmentRoute => {
            let fragment = url.fragment().unwrap_or_default();
            let (route, query) = fragment.split_once('?').unwrap_or((fragment, ""));
            let fragment = format!("{route}?{}", append(query, &parameters));
            url.set_fragment(Some(&fragment));
        }
    }
    url
}

/// The scopes that are really asked for when `chosen` were chosen: without those that are granted
/// anyway, with those that a refresh token depends on. None where they are set at the provider.
#[must_use]
pub fn scopes_to_send(definition: &Definition, chosen: &Scopes) -> Scopes {
    let rules = &definition.scopes;
    if rules.set_at_provider.is_some() {
        return Scopes::default();
    }
    let granted_anyway = scopes_of(rules.always_granted.iter().map(|scope| scope.name.as_str()));
    let needed = scopes_of(rules.needed_for_refresh.iter().map(String::as_str));
    chosen.without(&granted_anyway).union(&needed)
}

fn scopes_of<'a>(names: impl Iterator<Item = &'a str>) -> Scopes {
    names
        .filter_map(|name| Scopes::new([name]).ok())
        .fold(Scopes::default(), |all, one| all.union(&one))
}

fn parameters(provider: &Provider, request: &AuthorizeRequest<'_>) -> String {
    let definition = &provider.definition;
    let scopes = scope_params(definition, request.scopes);
    let mut pairs = vec![
        ("response_type", "code"),
        ("client_id", provider.client.client_id.as_str()),
        ("redirect_uri", request.redirect_uri),
    ];
    pairs.extend(scopes.iter().map(|(param, names)| (*param, names.as_str())));
    pairs.push(("state", request.state.expose()));
    if definition.pkce.is_sent() {
        pairs.push(("code_challenge", request.challenge));
        pairs.push(("code_challenge_method", "S256"));
    }
    let extra: Vec<(&str, String)> = definition
        .authorize_params
        .iter()
        .filter(|(name, _)| !is_reserved(name))
        .filter_map(|(name, value)| {
            Some((name.as_str(), template::fill_text(value, &provider.values)?))
        })
        .filter(|(_, value)| !value.is_empty())
        .collect();
    pairs.extend(extra.iter().map(|(name, value)| (*name, value.as_str())));
    let encoded: Vec<_> = named(definition, pairs)
        .into_iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    encoded.join("&")
}

/// The scopes that are sent, by parameter; a parameter without scopes is left out.
fn scope_params<'a>(definition: &'a Definition, chosen: &Scopes) -> Vec<(&'a str, String)> {
    let rules = &definition.scopes;
    let sent = scopes_to_send(definition, chosen);
    let params = std::iter::once(&rules.param).chain(&rules.more_params);
    params
        .map(|param| {
            let placed = sent.iter().map(|name| rules.place_of(name));
            let names = placed.filter_map(|(place, name)| (place == param).then_some(name));
            (
                param.as_str(),
                names.collect::<Vec<_>>().join(&rules.separator),
            )
        })
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

fn encode(text: &str) -> impl std::fmt::Display {
    utf8_percent_encode(text, ENCODED)
}

/// `existing` as it is written, without parameters that are ours, then `parameters`.
fn append(existing: &str, parameters: &str) -> String {
    let kept = existing.split('&').filter(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        let name = percent_decode_str(name).decode_utf8_lossy();
        // a request object (RFC 9101) is a JWT; a plain word is a vendor's own parameter
        let vendors = name == "request" && value.bytes().all(|b| b.is_ascii_lowercase());
        !name.is_empty() && (vendors || !is_reserved(&name))
    });
    kept.chain([parameters]).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oauth::rehearsal::{apaleo, apollo, attio, plain_with, provider, salesforce};
    use proptest::prelude::*;

    fn link(definition: Definition, authorize: &str, scopes: &[&str]) -> String {
        let provider = provider(definition, authorize, "https://idp.example/token");
        let request = AuthorizeRequest {
            redirect_uri: "https://vault.example/oauth/callback/prv_1?x=a b",
            scopes: &Scopes::new(scopes.iter().copied()).expect("scope names"),
            state: &Secret::from("st-_~&1"),
            challenge: "ch",
        };
        authorize_url(&provider, &request).into()
    }

    const REDIRECT: &str = "https%3A%2F%2Fvault.example%2Foauth%2Fcallback%2Fprv_1%3Fx%3Da%20b";

    #[test]
    fn apollo_reads_its_parameters_behind_the_route() {
        assert_eq!(
            link(
                apollo(),
                "https://app.apollo.io/#/oauth/authorize",
                &["contacts_search", "read_user_profile", "person_read"]
            ),
            format!(
                "https://app.apollo.io/#/oauth/authorize?response_type=code&client_id=client%201\
                 &redirect_uri={REDIRECT}&scope=contacts_search%20person_read&state=st-_~%261"
            )
        );
    }

    #[test]
    fn apollo_without_scopes_is_asked_for_what_was_registered() {
        let link = link(apollo(), "https://app.apollo.io/#/oauth/authorize", &[]);
        assert!(!link.contains("scope"), "{link}");
    }

    #[test]
    fn attio_is_never_sent_scopes() {
        assert_eq!(
            link(
                attio(),
                "https://app.attio.com/authorize",
                &["record_permission:read"]
            ),
            format!(
                "https://app.attio.com/authorize?response_type=code&client_id=client%201\
                 &redirect_uri={REDIRECT}&state=st-_~%261&code_challenge=ch&code_challenge_method=S256"
            )
        );
    }

    #[test]
    fn salesforce_is_asked_for_a_refresh_token_and_a_fresh_sign_in() {
        for host in [
            "login.salesforce.com",
            "test.salesforce.com",
            "acme.my.salesforce.com",
        ] {
            assert_eq!(
                link(
                    salesforce(),
                    &format!("https://{host}/services/oauth2/authorize"),
                    &["api", "id"]
                ),
                format!(
                    "https://{host}/services/oauth2/authorize?response_type=code&client_id=client%201\
                     &redirect_uri={REDIRECT}&scope=api%20id%20refresh_token&state=st-_~%261\
                     &code_challenge=ch&code_challenge_method=S256&prompt=login%20consent"
                )
            );
        }
    }

    #[test]
    fn apaleo_is_asked_for_offline_access() {
        assert_eq!(
            link(
                apaleo(),
                "https://identity.apaleo.com/connect/authorize",
                &["reservations.read"]
            ),
            format!(
                "https://identity.apaleo.com/connect/authorize?response_type=code&client_id=client%201\
                 &redirect_uri={REDIRECT}&scope=reservations.read%20offline_access&state=st-_~%261\
                 &code_challenge=ch&code_challenge_method=S256"
            )
        );
    }

    #[test]
    fn what_stands_in_the_address_stays_unless_it_is_ours() {
        let mut definition = apollo();
        definition.scopes.separator = ",".to_owned();
        let link = link(
            definition,
            "https://app.example/?v=2%2B0#/login?tenant=a%20b&state=evil&redirect_uri=x",
            &["a", "b"],
        );
        assert_eq!(
            link,
            format!(
                "https://app.example/?v=2%2B0#/login?tenant=a%20b&response_type=code\
                 &client_id=client%201&redirect_uri={REDIRECT}&scope=a%2Cb&state=st-_~%261"
            )
        );
    }

    #[test]
    fn a_vendors_request_parameter_is_no_request_object() {
        for (query, kept) in [("request=authorize", true), ("request=e30.e30.", false)] {
            let link = link(attio(), &format!("https://app.example/x?{query}"), &[]);
            assert_eq!(link.contains(query), kept, "{link}");
        }
    }

    #[test]
    fn a_query_in_the_address_is_kept_and_cleaned() {
        let link = link(
            attio(),
            "https://app.attio.com/authorize?st%61te=evil&&v=2&scope",
            &[],
        );
        assert!(
            link.starts_with("https://app.attio.com/authorize?v=2&response_type=code&"),
            "{link}"
        );
        assert_eq!(link.matches("state=").count(), 1, "{link}");
    }

    #[test]
    fn a_definition_cannot_replace_what_the_flow_rests_on() {
        let mut definition = attio();
        for name in RESERVED {
            definition
                .authorize_params
                .insert(name.to_owned(), "evil".to_owned());
        }
        definition
            .authorize_params
            .insert("audience".to_owned(), "a&state=evil".to_owned());
        definition
            .authorize_params
            .insert("login_hint".to_owned(), String::new());
        let link = link(definition, "https://app.attio.com/authorize", &[]);
        assert!(
            link.ends_with("&code_challenge_method=S256&audience=a%26state%3Devil"),
            "{link}"
        );
        assert!(!link.contains("=evil"), "{link}");
        assert!(!link.contains("login_hint"), "{link}");
    }

    #[test]
    fn scopes_go_into_the_parameters_that_they_name() {
        let definition = plain_with(
            r#"
            [scopes]
            param = "scopes"
            separator = ","
            more_params = ["user_scope", "optional_scope"]
            "#,
        );
        let chosen = [
            "chat:write",
            "user_scope:search:read",
            "team:read",
            "user_scope:me",
        ];
        let link = link(definition, "https://idp.example/authorize", &chosen);
        assert!(
            link.contains(
                "&scopes=chat%3Awrite%2Cteam%3Aread&user_scope=search%3Aread%2Cme&state="
            ),
            "{link}"
        );
        assert!(!link.contains("optional_scope"), "{link}");
    }

    #[test]
    fn parameters_have_the_names_that_the_provider_has_for_them() {
        let definition = plain_with(
            r#"
            pkce = "unsupported"
            [param_names]
            client_id = "client_key"
            response_type = ""
            "#,
        );
        assert_eq!(
            link(definition, "https://idp.example/authorize", &[]),
            format!(
                "https://idp.example/authorize?client_key=client%201&redirect_uri={REDIRECT}&state=st-_~%261"
            )
        );
    }

    #[test]
    fn extra_parameters_follow_what_was_filled_in() {
        let definition = plain_with(
            r#"
            [authorize_params]
            actor = "{actor}"
            permissions = "{permissions}"
            prompt = "consent"
            tenant = "{nobody_knows}"
            "#,
        );
        let mut provider = provider(
            definition,
            "https://idp.example/",
            "https://idp.example/token",
        );
        provider.values = [("actor", "app"), ("permissions", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        let request = AuthorizeRequest {
            redirect_uri: "https://vault.example/",
            scopes: &Scopes::default(),
            state: &Secret::from("s"),
            challenge: "c",
        };
        let link = authorize_url(&provider, &request).to_string();
        assert!(link.ends_with("&actor=app&prompt=consent"), "{link}");
    }

    /// As the provider's page reads it: decoded once, by the rules of a URL (and `+` is a plus).
    fn read(query: &str) -> Vec<(String, String)> {
        let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decoded(name), decoded(value)))
            .collect()
    }

    proptest! {
        /// Whatever is put in comes out at the other end, and nothing else does.
        #[test]
        fn what_is_put_in_is_what_the_provider_reads(
            state in "[ -~]{1,40}",
            redirect_uri in "https://[a-z]{1,9}\\.example/[ -~]{0,30}",
            client_id in "\\PC{1,30}",
            extra in "\\PC{1,30}",
            behind_route in any::<bool>(),
        ) {
            let style = if behind_route { "fragment_route" } else { "query" };
            let mut definition = plain_with(&format!("[endpoints]\nauthorize_style = \"{style}\""));
            definition.authorize_params.insert("extra".to_owned(), extra.replace(['{', '}'], "-"));
            let address = if behind_route { "https://idp.example/#/oauth" } else { "https://idp.example/" };
            let mut provider = provider(definition, address, "https://idp.example/token");
            provider.client.client_id.clone_from(&client_id);
            let request = AuthorizeRequest {
                redirect_uri: &redirect_uri,
                scopes: &Scopes::new(["a", "b:c"]).expect("scopes"),
                state: &Secret::from(state.as_str()),
                challenge: "c",
            };
            let url = authorize_url(&provider, &request);
            let query = if behind_route {
                url.fragment().and_then(|fragment| fragment.strip_prefix("/oauth?"))
            } else {
                url.query()
            };
            let got = read(query.expect("parameters"));
            let expected = [
                ("response_type", "code"),
                ("client_id", &client_id),
                ("redirect_uri", &redirect_uri),
                ("scope", "a b:c"),
                ("state", &state),
                ("code_challenge", "c"),
                ("code_challenge_method", "S256"),
                ("extra", &extra.replace(['{', '}'], "-")),
            ];
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            prop_assert_eq!(got, expected.to_vec());
        }
    }
}
