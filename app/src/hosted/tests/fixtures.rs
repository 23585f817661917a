//! One of everything that a hosted page can show.

use crate::hosted::Assets;
use crate::wire::{
    AccountsView, AskView, Brand, ChooseView, ConnectProblem, ConnectedAccount, ConnectionState,
    DoneView, ForWhom, Host, InputView, Language, Millis, PracticeConsentView, PracticeDeed,
    PracticeDeskView, PracticePerson, ProblemView, ProviderAsk, ProviderMark, RefusedInput,
    ScopeWords, WaitingView,
};
use leptos::serde_json::{self, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) fn assets() -> Assets {
    Assets {
        stylesheet: "/assets/style.css".into(),
        favicon: "/assets/favicon.svg".into(),
    }
}

pub(super) fn host() -> Host {
    Host {
        language: Language::En,
        application: "CRM Sync".into(),
        brand: Brand::default(),
        organization: "Acme".into(),
        path: "/connect/tok_1".into(),
        back: Some("https://app.acme.example/integrations".into()),
        opener: None,
    }
}

/// The same view in another language, wherever it says which one it is in.
pub(super) fn spoken<T: Serialize + DeserializeOwned>(view: &T, language: Language) -> T {
    let mut value = serde_json::to_value(view).expect("a view is data");
    speak(&mut value, language);
    serde_json::from_value(value).expect("only the language was replaced")
}

fn speak(value: &mut Value, language: Language) {
    let Value::Object(fields) = value else {
        return;
    };
    for (name, field) in fields {
        if name == "language" {
            *field = language.tag().into();
        } else {
            speak(field, language);
        }
    }
}

pub(super) fn dana() -> ForWhom {
    ForWhom {
        name: "Dana Whitfield".into(),
        email: Some("dana@northwind.example".into()),
        team: None,
    }
}

pub(super) fn mark(name: &str, initials: &str, hue: u8) -> ProviderMark {
    ProviderMark {
        name: name.into(),
        initials: initials.into(),
        hue,
    }
}

pub(super) fn scope(name: &str, words: &str) -> ScopeWords {
    ScopeWords {
        name: name.into(),
        words: words.into(),
    }
}

pub(super) fn apollo() -> ProviderAsk {
    ProviderAsk {
        slug: "apollo".into(),
        mark: mark("Apollo.io", "Ap", 2),
        short_name: "Apollo".into(),
        may: vec![
            scope("read_user_profile", "See who you are"),
            scope("contacts_search", "Search and read your team’s contacts"),
            scope("contact_update", "Update contacts"),
            scope("x_unlisted", ""),
        ],
        may_not: Some("Send e-mail, change deals, or see your password".into()),
        needs: Some("The permission “Can authorize third-party apps”.".into()),
        grants: None,
        inputs: Vec::new(),
        sign_in_host: "app.apollo.io".into(),
    }
}

pub(super) fn salesforce() -> ProviderAsk {
    ProviderAsk {
        slug: "salesforce".into(),
        mark: mark("Salesforce", "Sf", 7),
        short_name: "Salesforce".into(),
        may: vec![scope("api", "Read and change your records")],
        may_not: None,
        needs: None,
        grants: None,
        inputs: vec![InputView {
            name: "login_host".into(),
            label: "Where do you sign in to Salesforce?".into(),
            hint: "Look at the address when you sign in, such as acme.my.salesforce.com.".into(),
            value: "login.salesforce.com".into(),
            choices: vec![
                ("login.salesforce.com".into(), "Production".into()),
                ("test.salesforce.com".into(), "Sandbox".into()),
            ],
            endings: vec![".my.salesforce.com".into()],
            other: Some("My Domain".into()),
            secret: false,
        }],
        sign_in_host: "login.salesforce.com".into(),
    }
}

/// A provider to which whoever connects brings credentials of their own.
pub(super) fn snowflake() -> ProviderAsk {
    let field = |name: &str, label: &str, secret| InputView {
        name: name.into(),
        label: label.into(),
        hint: String::new(),
        value: String::new(),
        choices: Vec::new(),
        endings: Vec::new(),
        other: None,
        secret,
    };
    ProviderAsk {
        slug: "snowflake".into(),
        mark: mark("Snowflake", "Sn", 5),
        short_name: "Snowflake".into(),
        may: vec![scope("refresh_token", "Stay connected while you are away")],
        may_not: None,
        needs: None,
        grants: None,
        inputs: vec![
            field("client_id", "Client ID", false),
            field("client_secret", "Client Secret", true),
        ],
        sign_in_host: "Snowflake".into(),
    }
}

pub(super) fn ask_view(asks: Vec<ProviderAsk>) -> AskView {
    AskView {
        host: host(),
        for_whom: dana(),
        asks,
        connected: Vec::new(),
        minutes_left: 14,
        reconnect: false,
        refused: None,
    }
}

pub(super) fn refused_salesforce() -> AskView {
    AskView {
        refused: Some(RefusedInput {
            provider: "salesforce".into(),
            input: "login_host".into(),
            values: vec![
                ("login_host".into(), "other".into()),
                ("login_host_other".into(), "evil.example".into()),
            ],
        }),
        ..ask_view(vec![salesforce()])
    }
}

pub(super) fn done_view() -> DoneView {
    DoneView {
        host: host(),
        for_whom: dana(),
        provider: mark("Apollo.io", "Ap", 2),
        account: Some("dana@northwind.example, team Northwind".into()),
        granted: vec![
            scope("read_user_profile", "See who you are"),
            scope("api", "API calls"),
        ],
        missing: Vec::new(),
        known: false,
        grants: None,
        left: 0,
    }
}

/// Dana has connected one account, and comes back with another.
pub(super) fn choose_view() -> ChooseView {
    ChooseView {
        host: host(),
        for_whom: dana(),
        provider: mark("Apollo.io", "Ap", 2),
        short_name: "Apollo".into(),
        action: "/connect/tok/outcome/flw_1/choose".into(),
        before: Some("dana@northwind.example".into()),
        now: Some("dana@private.example".into()),
        known: false,
        grants: None,
        minutes_left: 9,
        support_code: "K7QF-2M9D".into(),
    }
}

pub(super) fn waiting_view() -> WaitingView {
    WaitingView {
        host: Host {
            back: Some("https://app.acme.example/done?session=cs_1&connect_code=abc".into()),
            ..host()
        },
        provider: mark("Apollo.io", "Ap", 2),
    }
}

pub(super) fn problem_view(problem: ConnectProblem) -> ProblemView {
    ProblemView {
        language: Language::En,
        host: (problem != ConnectProblem::UnknownLink).then(host),
        provider: Some(mark("Apollo.io", "Ap", 2)),
        short_name: Some("Apollo".into()),
        problem,
        provider_words: None,
        who_may_approve: None,
        retry: Some("apollo".into()),
        renews: None,
        support_code: Some("K7QF-2M9D".into()),
    }
}

/// 20 Nov 2026, 09:02:07 UTC.
pub(super) const NOW: Millis = 1_795_165_327_000;

pub(super) fn account(state: ConnectionState) -> ConnectedAccount {
    ConnectedAccount {
        id: "con_1".into(),
        provider: mark("Salesforce", "Sf", 7),
        provider_slug: "salesforce".into(),
        account: Some("dana@northwind.example".into()),
        state,
        connected_at: NOW - 90 * 86_400_000,
        last_used_at: Some(NOW - 22 * 60_000),
        upstream_offered: false,
        by_hand: Some("Settings > Connected apps".into()),
    }
}

pub(super) fn accounts_view() -> AccountsView {
    AccountsView {
        host: host(),
        for_whom: dana(),
        accounts: vec![
            account(ConnectionState::ReconnectRequired),
            ConnectedAccount {
                id: "con_2".into(),
                provider: mark("Attio", "At", 9),
                provider_slug: "attio".into(),
                upstream_offered: true,
                last_used_at: None,
                ..account(ConnectionState::Active)
            },
        ],
        now: NOW,
    }
}

pub(super) fn consent_view() -> PracticeConsentView {
    PracticeConsentView {
        path: "/practice/authorize".into(),
        request: vec![("state".into(), "s\"1".into())],
        client: "CRM Sync".into(),
        scopes: vec![scope("contacts.read", "Read your contacts")],
        people: vec![
            PracticePerson {
                id: "robin".into(),
                name: "Robin Example".into(),
                email: "robin@practice.example".into(),
                remark: String::new(),
            },
            PracticePerson {
                id: "sam".into(),
                name: "Sam Sample".into(),
                email: "sam@practice.example".into(),
                remark: "may not approve applications".into(),
            },
        ],
        next_host: "127.0.0.1:3000".into(),
    }
}

pub(super) fn desk_view() -> PracticeDeskView {
    PracticeDeskView {
        path: "/practice".into(),
        outage: false,
        token_life_s: 3_600,
        grants: 2,
        just_done: Some(PracticeDeed::AllRevoked { grants: 3 }),
        back: "/".into(),
    }
}
