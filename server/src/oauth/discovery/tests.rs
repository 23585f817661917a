use super::*;
use crate::catalog::Catalog;
use crate::clock::SystemClock;
use crate::oauth::classify::Class;
use crate::oauth::egress::Limits;
use crate::oauth::exchange::{CodeRequest, exchange_code};
use crate::oauth::policy::{Names, OutboundPolicy, Upstream};
use crate::oauth::rehearsal::{Rehearsal, answer, provider};
use crate::vault::Secret;
use serde_json::{Value, json};
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

const ISSUER: &str = "https://login.acme.example";

/// An issuer on a loopback port, and the overrides that lead to it.
fn issuer_answering(status: &str, body: &str) -> (Rehearsal, OriginOverrides) {
    let rehearsal =
        Rehearsal::answering(&answer(status, &["content-type: application/json"], body));
    let overrides = json!({ISSUER: rehearsal.url("/").origin().ascii_serialization()});
    let overrides = overrides.to_string().parse().expect("overrides");
    (rehearsal, overrides)
}

fn metadata() -> Value {
    json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/authorize"),
        "token_endpoint": format!("{ISSUER}/token"),
        "revocation_endpoint": format!("{ISSUER}/revoke"),
        "userinfo_endpoint": format!("{ISSUER}/userinfo"),
        "introspection_endpoint": format!("{ISSUER}/introspect"),
        "code_challenge_methods_supported": ["plain", "S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        "scopes_supported": ["openid", "email", "offline_access", "crm"],
        "authorization_response_iss_parameter_supported": true,
        "jwks_uri": 7,
    })
}

async fn found(document: &Value) -> Result<Found, DiscoveryError> {
    let (rehearsal, overrides) = issuer_answering("200 OK", &document.to_string());
    discover(&rehearsal.egress(), &overrides, ISSUER).await
}

#[tokio::test]
async fn all_that_an_issuer_tells_is_used() {
    let found = found(&metadata()).await.expect("a provider");
    let definition = &found.definition;
    assert_eq!(definition.name, "login.acme.example");
    assert_eq!(definition.issuer.as_deref(), Some(ISSUER));
    assert!(definition.issuer_always_sent && definition.pkce && definition.offline_access);
    assert_eq!(definition.authorize, format!("{ISSUER}/authorize"));
    assert_eq!(definition.token, format!("{ISSUER}/token"));
    assert_eq!(definition.revoke, Some(format!("{ISSUER}/revoke")));
    assert_eq!(definition.profile, Some(format!("{ISSUER}/userinfo")));
    assert_eq!(
        definition.introspection,
        Some(format!("{ISSUER}/introspect"))
    );
    assert_eq!(definition.client_auth, CustomAuth::Basic);
    assert_eq!(definition.account_id, ["/sub"]);
    assert_eq!(found.scopes, ["openid", "email"]);
    assert!(!found.other_client_auth);
    assert!(definition.definition().is_ok());
}

#[tokio::test]
async fn what_it_does_not_tell_is_not_assumed() {
    let least = json!({
        "issuer": ISSUER,
        "authorization_endpoint": format!("{ISSUER}/a"),
        "token_endpoint": format!("{ISSUER}/t"),
    });
    let bare = found(&least).await.expect("a provider").definition;
    // RFC 8414 section 2: basic is what holds where nothing is said
    assert_eq!(bare.client_auth, CustomAuth::Basic);
    assert!(!bare.pkce && !bare.offline_access && !bare.issuer_always_sent);
    assert_eq!((&bare.revoke, &bare.profile), (&None, &None));
    assert_eq!(bare.account_id, ["id_token:/sub"]);

    for (methods, auth, other) in [
        (json!(["client_secret_post"]), CustomAuth::Body, false),
        (json!(["private_key_jwt"]), CustomAuth::Body, true),
        (json!(null), CustomAuth::Basic, false),
    ] {
        let mut document = metadata();
        document["token_endpoint_auth_methods_supported"] = methods;
        let found = found(&document).await.expect("a provider");
        assert_eq!(
            (found.definition.client_auth, found.other_client_auth),
            (auth, other)
        );
    }
}

#[tokio::test]
async fn the_document_must_be_the_issuers_own() {
    for named in [
        "https://login.acme.example/",
        "https://LOGIN.acme.example",
        "https://login.acme.example/tenant",
        "https://evil.example",
        "",
    ] {
        let mut document = metadata();
        document["issuer"] = json!(named);
        assert_eq!(
            found(&document).await.err(),
            Some(DiscoveryError::OtherIssuer),
            "{named}"
        );
    }
    for missing in ["authorization_endpoint", "token_endpoint"] {
        let mut document = metadata();
        document[missing] = Value::Null;
        assert_eq!(
            found(&document).await.err(),
            Some(DiscoveryError::Incomplete)
        );
    }
}

#[tokio::test]
async fn of_what_answers_instead_nothing_is_told() {
    let (secret, open) = ("<h1>internal wiki</h1>", metadata().to_string());
    for (status, body) in [
        ("200 OK", secret),
        ("200 OK", "{}"),
        ("200 OK", "[]"),
        ("404 Not Found", secret),
        ("500 Oops", secret),
        ("302 Found\r\nlocation: https://evil.example/", ""),
        ("201 Created", open.as_str()),
    ] {
        let (rehearsal, overrides) = issuer_answering(status, body);
        let error = discover(&rehearsal.egress(), &overrides, ISSUER)
            .await
            .expect_err(status);
        assert_eq!(error, DiscoveryError::NoDocument, "{status} {body}");
        assert!(!error.to_string().contains("wiki"));
    }
    let (gone, overrides) = issuer_answering("200 OK", "{}");
    drop(gone);
    let egress = Rehearsal::resetting().egress();
    // another egress may not go there, and that is told as such
    assert_eq!(
        discover(&egress, &overrides, ISSUER).await.err(),
        Some(DiscoveryError::Refused)
    );
}

#[tokio::test]
async fn where_openid_has_nothing_rfc_8414_is_asked() {
    let issuer = format!("{ISSUER}/tenant/1");
    let document = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{ISSUER}/a"),
        "token_endpoint": format!("{ISSUER}/t"),
        "scopes_supported": ["crm"],
    })
    .to_string();
    let rehearsal = Rehearsal::choosing(move |request| {
        if request.starts_with("GET /.well-known/oauth-authorization-server/tenant/1 ") {
            answer("200 OK", &[], &document)
        } else {
            answer("404 Not Found", &[], "")
        }
    });
    let overrides = json!({ISSUER: rehearsal.url("/").origin().ascii_serialization()});
    let overrides = overrides.to_string().parse().expect("overrides");
    let found = discover(&rehearsal.egress(), &overrides, &issuer)
        .await
        .expect("a provider");
    assert_eq!(rehearsal.visits(), 2);
    assert_eq!(found.scopes, Vec::<String>::new());
    assert_eq!(found.definition.account_id, Vec::<String>::new());
}

#[test]
fn the_document_is_looked_for_where_the_standards_say() {
    for (issuer, openid, rfc_8414) in [
        (
            "https://a.example",
            "https://a.example/.well-known/openid-configuration",
            "https://a.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://a.example/",
            "https://a.example/.well-known/openid-configuration",
            "https://a.example/.well-known/oauth-authorization-server",
        ),
        (
            "https://a.example/tenant/1/",
            "https://a.example/tenant/1/.well-known/openid-configuration",
            "https://a.example/.well-known/oauth-authorization-server/tenant/1",
        ),
    ] {
        let found = addresses(issuer).expect(issuer).map(String::from);
        assert_eq!(found, [openid.to_owned(), rfc_8414.to_owned()]);
    }
    for wrong in [
        "",
        "login.acme.example",
        "http://a.example",
        "https://a.example?x",
        "https://a.example#x",
        "https://u@a.example",
        "https://a.example/a b",
        "https:\\\\a.example",
        "ftp://a.example",
    ] {
        assert!(addresses(wrong).is_none(), "{wrong}");
    }
}

/// Ways to write an address that is not a provider's. `{port}` is where somebody listens, on the
/// loopback interface, and must never hear anything.
const DISGUISES: [&str; 62] = [
    "https://127.0.0.1:{port}/",
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.255.255.254/",
    "https://0/",
    "https://0.0.0.0/",
    "https://0x0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.1/",
    "https://0x7F.0x0.0x0.0x1/",
    "https://0177.0.0.1/",
    "https://0177.1/",
    "https://017700000001/",
    "https://00000177.0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://127%2e0%2e0%2e1/",
    "https://127。0。0。1/",
    "https://１２７.0.0.1/",
    "https://①②⑦.0.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://0xa9fea9fe/",
    "https://2852039166/",
    "https://0251.0376.0251.0376/",
    "https://10.0.0.1/",
    "https://167772161/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://198.18.0.1/",
    "https://224.0.0.1/",
    "https://255.255.255.255/",
    "https://8.8.8.8/",
    "https://[::1]/",
    "https://[::]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:a9fe:a9fe]/",
    "https://[::127.0.0.1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b::169.254.169.254]/",
    "https://[2002:7f00:1::]/",
    "https://[2001::1]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://[ff02::1]/",
    "https://[2606:4700:4700::1111]/",
    "https://localhost/",
    "https://localhost:{port}/",
    "https://LocalHost./",
    "https://app.localhost/",
    "https://metadata/",
    "https://metadata.google.internal/",
    "https://printer.local/",
    "https://login.example:8443/",
    "https://login.example:22/",
    "https://user:pw@login.example/",
    // names of anybody, for addresses of ours
    "https://inside.example/",
    "https://mapped.example/",
];

/// A resolver with names that mean inner addresses.
fn names() -> Names {
    Names::Told(Arc::new(|name| {
        let address = match name.trim_end_matches('.') {
            "inside.example" => "10.0.0.5",
            "mapped.example" => "::ffff:127.0.0.1",
            "localhost" | "app.localhost" => "127.0.0.1",
            _ => "93.184.215.14",
        };
        vec![address.parse().expect("an address")]
    }))
}

fn egress_asking(names: Names, allowed: Option<&Rehearsal>) -> Egress {
    let allowed = allowed.and_then(|rehearsal| Upstream::of(&rehearsal.url("/")));
    let policy = OutboundPolicy::new(allowed);
    let limits = Limits {
        connect: std::time::Duration::from_millis(300),
        total: std::time::Duration::from_millis(600),
        ..Limits::default()
    };
    Egress::asking(names, policy, limits, Arc::new(SystemClock)).expect("a client")
}

fn definition_with(part: CustomPart, address: &str) -> CustomDefinition {
    let here = |named: CustomPart| {
        if named == part {
            address.to_owned()
        } else {
            format!("{ISSUER}/{}", named.key())
        }
    };
    CustomDefinition {
        name: "Acme".to_owned(),
        issuer: None,
        issuer_always_sent: false,
        authorize: here(CustomPart::Authorize),
        token: here(CustomPart::Token),
        revoke: Some(here(CustomPart::Revoke)),
        profile: Some(here(CustomPart::Profile)),
        introspection: Some(here(CustomPart::Introspection)),
        api: Some(here(CustomPart::Api)),
        account_id: vec!["/sub".to_owned()],
        account_label: Vec::new(),
        client_auth: CustomAuth::Basic,
        pkce: true,
        scope_separator: ScopeSeparator::Space,
        offline_access: false,
    }
}

const ADDRESSES: [(CustomPart, &str); 5] = [
    (CustomPart::Authorize, "authorization_endpoint"),
    (CustomPart::Token, "token_endpoint"),
    (CustomPart::Revoke, "revocation_endpoint"),
    (CustomPart::Profile, "userinfo_endpoint"),
    (CustomPart::Introspection, "introspection_endpoint"),
];

/// Whether the policy kept a code from being sent.
async fn call_token_endpoint(egress: &Egress, provider: &crate::oauth::Provider) -> bool {
    let request = CodeRequest {
        code: &Secret::from("a-code"),
        redirect_uri: "https://grantport.example/oauth/callback/prv_1",
        verifier: &Secret::from("a-verifier"),
        echoed: &[],
    };
    let failure = exchange_code(egress, provider, &request)
        .await
        .expect_err("nobody answers");
    failure.class == Class::ForbiddenAddress
}

#[tokio::test]
async fn no_disguise_gets_past_any_entrance() {
    let inside = Rehearsal::answering(&answer("200 OK", &[], "secret"));
    let egress = egress_asking(names(), None);
    let none = OriginOverrides::default();
    for disguise in DISGUISES {
        let address = disguise.replace("{port}", &inside.address.port().to_string());

        // saved by hand
        for (part, _) in ADDRESSES {
            let custom = definition_with(part, &address);
            let refused =
                custom.definition().is_err() || vet(&egress, &none, &custom).await == Err(part);
            assert!(refused, "{address} as {part:?}");
        }
        // as an issuer
        let error = discover(&egress, &none, &address)
            .await
            .expect_err(&address);
        assert!(
            matches!(error, DiscoveryError::Refused | DiscoveryError::NotAnIssuer),
            "{address}: {error}"
        );
        // called all the same
        let definition = Catalog::built_in()
            .expect("a catalog")
            .get("attio")
            .expect("Attio");
        let calling = provider(
            definition.as_ref().clone(),
            "https://login.example/a",
            &address,
        );
        let refused = call_token_endpoint(&egress, &calling).await;
        assert!(refused, "{address} was called");
    }
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn no_disguise_gets_in_through_an_issuers_document() {
    let document = Arc::new(Mutex::new(String::new()));
    let told = Arc::clone(&document);
    let issuer =
        Rehearsal::choosing(move |_| answer("200 OK", &[], &told.lock().expect("a document")));
    let overrides = json!({ISSUER: issuer.url("/").origin().ascii_serialization()});
    let overrides = overrides.to_string().parse().expect("overrides");
    let egress = egress_asking(names(), Some(&issuer));
    let mut asked = 0;
    for (part, member) in ADDRESSES {
        for disguise in DISGUISES {
            let mut metadata = metadata();
            metadata[member] = json!(disguise.replace("{port}", "9"));
            *document.lock().expect("a document") = metadata.to_string();
            let error = discover(&egress, &overrides, ISSUER)
                .await
                .expect_err(disguise);
            assert_eq!(error, DiscoveryError::Endpoint(part), "{disguise}");
            asked += 1;
            assert_eq!(issuer.visits(), asked, "{disguise}");
        }
    }
}

#[tokio::test]
async fn a_name_that_changes_its_mind_is_not_followed() {
    let inside = Rehearsal::answering(&answer("200 OK", &[], "secret"));
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let names = Names::Told(Arc::new(move |_| {
        let address = match count.fetch_add(1, Ordering::Relaxed) {
            0 => "93.184.215.14",
            _ => "127.0.0.1",
        };
        vec![address.parse::<IpAddr>().expect("an address")]
    }));
    let egress = egress_asking(names, None);
    let url: Url = "https://rebinding.example/token".parse().expect("a URL");
    assert_eq!(egress.vet(&url).await, Ok(()), "public when it is saved");
    let outcome = egress.send(EgressRequest::get(url)).await;
    assert!(
        matches!(outcome, Err(EgressError::Refused(_))),
        "{outcome:?}"
    );
    assert_eq!(
        asked.load(Ordering::Relaxed),
        2,
        "the answer that was checked is the one that is dialled"
    );
    assert_eq!(inside.visits(), 0);
}

#[tokio::test]
async fn a_name_that_nobody_knows_may_be_saved() {
    let egress = egress_asking(Names::Told(Arc::new(|_| Vec::new())), None);
    let url: Url = "https://soon.example/".parse().expect("a URL");
    assert_eq!(egress.vet(&url).await, Ok(()));
}
