use super::*;
use crate::domain::Scopes;
use app::wire::Language;

pub(in crate::catalog) fn custom() -> CustomDefinition {
    CustomDefinition {
        name: "Acme Login".to_owned(),
        issuer: Some("https://login.acme.example".to_owned()),
        issuer_always_sent: true,
        authorize: "https://login.acme.example/authorize".to_owned(),
        token: "https://login.acme.example/token".to_owned(),
        revoke: Some("https://login.acme.example/revoke".to_owned()),
        profile: Some("https://login.acme.example/userinfo".to_owned()),
        introspection: None,
        api: None,
        account_id: vec!["/sub".to_owned()],
        account_label: vec!["/email".to_owned()],
        client_auth: CustomAuth::Basic,
        pkce: true,
        scope_separator: ScopeSeparator::Space,
        offline_access: true,
    }
}

#[test]
fn it_is_a_definition_like_any_other() {
    let definition = custom().definition().expect("a definition");
    assert_eq!(definition.name, "Acme Login");
    assert_eq!(definition.client_auth, ClientAuth::Basic);
    assert_eq!(definition.pkce, Pkce::S256);
    assert_eq!(
        definition.issuer.as_deref(),
        Some("https://login.acme.example")
    );
    assert!(definition.issuer_always_sent);
    assert_eq!(definition.suggested().join(" "), "offline_access");
    assert_eq!(definition.authorize_params["prompt"], "consent");
    let chosen = Scopes::new(["email", "crm.read"]).expect("names");
    let words = definition.user_words_for(&chosen, Language::En);
    assert_eq!(words[0].words, "Read your e-mail address");
    assert_eq!(words[1].words, "");
    assert_eq!(definition.provider_mark().initials, "Ac");
    assert!((1..=12).contains(&definition.provider_mark().hue));
}

#[test]
fn what_was_kept_is_read_again_and_nothing_unknown_is() {
    let kept = serde_json::to_string(&custom()).expect("JSON");
    assert_eq!(
        serde_json::from_str::<CustomDefinition>(&kept).ok(),
        Some(custom())
    );
    let least =
        r#"{"name": "A", "authorize": "https://a.example", "token": "https://a.example/t"}"#;
    let least: CustomDefinition = serde_json::from_str(least).expect("the rest has defaults");
    assert!(least.definition().is_ok());
    let unknown = kept.replacen('{', r#"{"colour": "red","#, 1);
    assert!(serde_json::from_str::<CustomDefinition>(&unknown).is_err());
}

#[test]
fn every_mistake_is_told_with_its_part() {
    type Change = fn(&mut CustomDefinition);
    let changes: [(CustomPart, Change); 15] = [
        (CustomPart::Authorize, |c| {
            c.authorize = "http://a.example".to_owned();
        }),
        (CustomPart::Authorize, |c| {
            c.authorize = "https://a.example/#/x".to_owned();
        }),
        (CustomPart::Authorize, |c| c.authorize = String::new()),
        (CustomPart::Token, |c| {
            c.token = "ftp://a.example".to_owned();
        }),
        (CustomPart::Token, |c| {
            c.token = "https://me:pw@a.example".to_owned();
        }),
        (CustomPart::Token, |c| {
            c.token = "https://a.example/#x".to_owned();
        }),
        (CustomPart::Token, |c| {
            c.token = "https://{host}/token".to_owned();
        }),
        (CustomPart::Token, |c| {
            c.token = "https://a.example/}".to_owned();
        }),
        (CustomPart::Revoke, |c| {
            c.revoke = Some("a.example".to_owned());
        }),
        (CustomPart::Profile, |c| {
            c.profile = Some("//a.example".to_owned());
        }),
        (CustomPart::Introspection, |c| {
            c.introspection = Some("http://a.example".to_owned());
        }),
        (CustomPart::Api, |c| {
            c.api = Some("https://a.example/?v=2".to_owned());
        }),
        (CustomPart::Issuer, |c| {
            c.issuer = Some("javascript:alert(1)".to_owned());
        }),
        (CustomPart::AccountId, |c| c.account_id.clear()),
        (CustomPart::AccountLabel, |c| {
            c.account_label = vec!["email".to_owned()];
        }),
    ];
    for (part, change) in changes {
        let mut wrong = custom();
        change(&mut wrong);
        let mistakes = wrong.definition().expect_err(part.key());
        assert!(
            mistakes.iter().any(|(found, _)| *found == part),
            "{part:?}: {mistakes:?}"
        );
    }
}

#[test]
fn a_new_host_for_secrets_is_noticed() {
    let custom = || CustomDefinition {
        profile: Some("https://profiles.example/me".to_owned()),
        ..custom()
    };
    let before = custom();
    for (changed, receiver) in [
        (custom(), None),
        (
            CustomDefinition {
                token: "https://login.acme.example/v2/token".to_owned(),
                ..custom()
            },
            None,
        ),
        (
            // no secret goes there
            CustomDefinition {
                authorize: "https://elsewhere.example/authorize".to_owned(),
                ..custom()
            },
            None,
        ),
        (
            CustomDefinition {
                token: "https://login.acme.example.evil.example/token".to_owned(),
                ..custom()
            },
            Some(CustomPart::Token),
        ),
        (
            CustomDefinition {
                token: "https://login.acme.example:8443/token".to_owned(),
                ..custom()
            },
            Some(CustomPart::Token),
        ),
        (
            // whoever saw access tokens alone is not given the secret
            CustomDefinition {
                introspection: Some("https://profiles.example/introspect".to_owned()),
                ..custom()
            },
            Some(CustomPart::Introspection),
        ),
        (
            CustomDefinition {
                profile: Some("https://profiles.example/v2".to_owned()),
                ..custom()
            },
            None,
        ),
        // access tokens go there with every call
        (
            CustomDefinition {
                api: Some("https://evil.example".to_owned()),
                ..custom()
            },
            Some(CustomPart::Api),
        ),
        (
            CustomDefinition {
                introspection: Some("https://evil.example".to_owned()),
                ..custom()
            },
            Some(CustomPart::Introspection),
        ),
    ] {
        assert_eq!(changed.new_receiver(&before), receiver, "{changed:?}");
    }
}

#[test]
fn domains_are_told_apart_by_their_last_two_labels() {
    for (authorize, token, spans) in [
        (
            "https://login.acme.example/a",
            "https://api.acme.example/t",
            false,
        ),
        (
            "https://acme.example/a",
            "https://api.acme.example/t",
            false,
        ),
        ("https://acme.example./a", "https://acme.example/t", false),
        (
            "https://login.acme.example/a",
            "https://api.acme.dev/t",
            true,
        ),
        (
            "https://acme.example/a",
            "https://acme.example.evil.test/t",
            true,
        ),
    ] {
        let custom = CustomDefinition {
            authorize: authorize.to_owned(),
            token: token.to_owned(),
            ..custom()
        };
        assert_eq!(custom.spans_domains(), spans, "{authorize} {token}");
    }
}

#[test]
fn the_audit_learns_names_and_no_values() {
    let changed = CustomDefinition {
        token: "https://login.acme.example/v2".to_owned(),
        pkce: false,
        ..custom()
    };
    assert_eq!(changed.changes_since(&custom()), ["token", "pkce"]);
    assert!(custom().changes_since(&custom()).is_empty());
}
