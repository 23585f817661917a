//! The query of a callback: anybody can send a browser there with anything.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::catalog::Catalog;
use server::oauth::callback::{Outcome, is_signed, parse};
use server::oauth::Client;
use server::vault::Secret;
use std::collections::BTreeMap;
use std::sync::LazyLock;

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(|| Catalog::built_in().expect("the built-in definitions"));

fuzz_target!(|query: &str| {
    for definition in CATALOG.by_name() {
        let rules = &definition.callback;
        if let Some(rule) = &rules.signature {
            let client = Client {
                client_id: "id".to_owned(),
                client_secrets: vec![Secret::from("secret").into()],
            };
            is_signed(query, rule, &client);
        }
        let Ok(answer) = parse(query, rules, &definition.callback_errors) else {
            continue;
        };
        let is_code = matches!(answer.outcome, Outcome::Code(_));
        assert!(!is_code || answer.state.is_some(), "a code without a state");
        for (name, value) in answer.captured(rules, &BTreeMap::new()).unwrap_or_default() {
            let rule = rules.capture.iter().find(|rule| rule.name == name).expect("a rule");
            let allowed = rule.allowed.is_empty() || rule.allowed.contains(&value);
            assert!(allowed, "{name} is {value}");
        }
    }
});
