//! The hosted pages as their readers meet them: roles, names, words and ways on.

mod fixtures;
mod hostile;
mod languages;

use super::*;
use crate::wire::{
    AccountsView, AskView, Brand, ChooseView, ConnectProblem, ConnectionState, DoneView, Grants,
    Host, Language, Opener, ProblemView, ProviderAsk, RefusedInput,
};
use fixtures::{
    account, accounts_view, apollo, ask_view, assets, choose_view, consent_view, desk_view,
    done_view, host, mark, problem_view, refused_salesforce, salesforce, scope, snowflake,
    waiting_view,
};

/// What is read out: without tags and what is hidden from readers, with runs of white space as one.
fn text(html: &str) -> String {
    let mut out = String::new();
    for piece in html.split('<') {
        let (tag, shown) = piece.split_once('>').unwrap_or(("", piece));
        if !tag.contains("aria-hidden=\"true\"") {
            out.push_str(shown);
            out.push(' ');
        }
    }
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn has(html: &str, part: &str) {
    assert!(html.contains(part), "{part:?} is missing in {html}");
}

fn has_not(html: &str, part: &str) {
    assert!(!html.contains(part), "{part:?} stands in {html}");
}

fn every_page() -> Vec<String> {
    let a = assets();
    let mut pages = vec![
        ask(&ask_view(vec![apollo()]), &a),
        ask(&ask_view(vec![apollo(), salesforce()]), &a),
        ask(&ask_view(Vec::new()), &a),
        ask(&refused_salesforce(), &a),
        done(&done_view(), &a),
        accounts(&accounts_view(), &a),
        practice_consent(&consent_view(), &a),
        practice_desk(&desk_view(), &a),
    ];
    pages.extend(ConnectProblem::ALL.map(|which| problem(&problem_view(which), &a)));
    pages
}

#[test]
fn every_page_is_a_whole_document_without_script() {
    for page in every_page() {
        assert!(
            page.starts_with("<!DOCTYPE html><html lang=\"en\">"),
            "{page}"
        );
        has(&page, r#"<link rel="stylesheet" href="/assets/style.css">"#);
        has(&page, r#"<meta name="viewport""#);
        has(
            &page,
            r#"<main id="main" tabindex="-1" class="hosted__card">"#,
        );
        has(&page, "Kept by Grantport");
        has_not(&page, "<script");
        has_not(&page, "style=\"");
        assert_eq!(page.matches("<!").count(), 1, "a marker is left in {page}");
        assert_eq!(page.matches("<h1").count(), 1, "{page}");
        assert!(page.len() < 20_000, "{} bytes", page.len());
    }
}

#[test]
fn ids_are_unique_and_every_reference_leads_somewhere() {
    for page in every_page() {
        let ids: Vec<&str> = attribute(&page, " id=\"");
        let mut unique = ids.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), ids.len(), "{ids:?}");
        for name in [" for=\"", " aria-labelledby=\"", " aria-describedby=\""] {
            for id in attribute(&page, name).iter().flat_map(|ids| ids.split(' ')) {
                assert!(ids.contains(&id), "nothing is called {id}");
            }
        }
    }
}

fn attribute<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    page.split(name)
        .skip(1)
        .filter_map(|rest| rest.split_once('"'))
        .map(|(value, _)| value)
        .collect()
}

#[test]
fn the_page_says_who_asks_for_what_before_the_button() {
    let page = ask(&ask_view(vec![apollo()]), &assets());
    has(
        &page,
        r#"role="img" aria-label="CRM Sync and Apollo.io, not connected yet""#,
    );
    let words = text(&page);
    let mut from = 0;
    for part in [
        "CRM Sync asks to connect your Apollo.io account",
        "CRM Sync is made by Acme",
        "For Dana Whitfield dana@northwind.example",
        "CRM Sync may See who you are",
        "x_unlisted",
        "It may not Send e-mail",
        "What you need at Apollo The permission",
        "Connect Apollo.io",
        "Next you sign in at app.apollo.io and approve there.",
        "Not Dana, or did someone send you this link? Stop here",
        "This page works for 14 more minutes, in this browser.",
    ] {
        let at = words[from..]
            .find(part)
            .unwrap_or_else(|| panic!("{part:?} in {words}"));
        from += at;
    }
    has(
        &page,
        r#"<form method="post" action="/connect/tok_1/start""#,
    );
    has(
        &page,
        r#"<input type="hidden" name="provider" value="apollo">"#,
    );
    has(&page, r#"<form method="post" action="/connect/tok_1/stop""#);
}

#[test]
fn a_team_is_told_that_everyone_will_use_the_account() {
    let mut view = ask_view(vec![salesforce()]);
    view.for_whom.team = Some("Northwind".into());
    let words = text(&ask(&view, &assets()));
    has(
        &words,
        "CRM Sync asks to connect your team’s Salesforce account",
    );
    has(&words, "Everyone in the team will use this account");
    has(
        &words,
        "A user made for this, with only the rights it needs",
    );
}

#[test]
fn a_reconnect_is_called_one() {
    let view = AskView {
        reconnect: true,
        ..ask_view(vec![salesforce()])
    };
    let page = ask(&view, &assets());
    has(&page, "CRM Sync asks to reconnect your Salesforce account");
    has(&page, "The wire between CRM Sync and Salesforce is broken");
    has(&text(&page), "Reconnect Salesforce Next you sign in");
}

#[test]
fn inputs_are_labelled_and_a_refusal_stands_at_its_field() {
    let page = ask(&ask_view(vec![salesforce()]), &assets());
    has(
        &page,
        r#"<legend class="field__label">Where do you sign in to Salesforce?</legend>"#,
    );
    has(&page, r#"value="login.salesforce.com" checked"#);
    has(&text(&page), "Production Sandbox My Domain");
    has(&page, r#"name="login_host_other""#);
    has_not(&page, "aria-invalid");

    let page = ask(&refused_salesforce(), &assets());
    has(
        &page,
        "<title>Check one answer: Connect Salesforce to CRM Sync</title>",
    );
    has(&page, r#"value="other" checked"#);
    has(&page, r#"value="evil.example""#);
    has(&page, r#"aria-invalid="true""#);
    has(&page, r#"aria-describedby="salesforce-login_host-error""#);
    has(&text(&page), "enter one that ends in .my.salesforce.com");
}

#[test]
fn a_free_text_keeps_what_was_typed() {
    let mut one = salesforce();
    one.inputs[0].choices.clear();
    one.inputs[0].endings.clear();
    let mut view = refused_salesforce();
    view.asks = vec![one];
    let page = ask(&view, &assets());
    has(&page, r#"<label for="salesforce-login_host""#);
    has(&page, r#"value="other""#);
    has(&text(&page), "Compare it with the example above.");
}

#[test]
fn credentials_of_ones_own_are_asked_for_and_the_secret_is_forgotten() {
    let mut view = ask_view(vec![snowflake()]);
    let page = ask(&view, &assets());
    has(
        &page,
        r#"type="password" id="snowflake-client_secret" name="client_secret" value="""#,
    );
    has(&page, r#"type="text" id="snowflake-client_id""#);
    has(
        &text(&page),
        "Next you sign in at Snowflake and approve there.",
    );

    view.refused = Some(RefusedInput {
        provider: "snowflake".into(),
        input: "client_secret".into(),
        values: vec![
            ("client_id".into(), "kept-id".into()),
            ("client_secret".into(), "hunter2 hunter2".into()),
        ],
    });
    let page = ask(&view, &assets());
    has(&page, r#"value="kept-id""#);
    has(
        &text(&page),
        "Paste it as Snowflake shows it, without spaces",
    );
    has(&page, r#"aria-describedby="snowflake-client_secret-error""#);
    has_not(&page, "hunter2");
}

#[test]
fn several_providers_each_have_their_own_button() {
    let mut view = ask_view(vec![apollo(), salesforce()]);
    view.connected = vec![mark("Attio", "At", 9)];
    let page = ask(&view, &assets());
    has(&page, "CRM Sync asks to connect 2 of your accounts");
    assert_eq!(page.matches(r#"action="/connect/tok_1/start""#).count(), 2);
    assert_eq!(page.matches("<details").count(), 2);
    has(&text(&page), "Connected already Attio Connected");
    has(&page, "state--active");
}

#[test]
fn a_short_name_with_an_article_reads_well() {
    let practice = ProviderAsk {
        short_name: "the practice provider".into(),
        may: Vec::new(),
        ..salesforce()
    };
    let mut view = refused_salesforce();
    view.asks = vec![practice];
    let words = text(&ask(&view, &assets()));
    has(&words, "Work with your account at the practice provider");
    has_not(&words, "your the");
    has_not(&words, ". the ");
}

#[test]
fn when_nothing_is_left_the_page_leads_back() {
    let page = ask(&ask_view(Vec::new()), &assets());
    has(&page, "Everything is connected");
    has(&page, r#"href="https://app.acme.example/integrations""#);
}

#[test]
fn done_says_what_was_connected_and_leads_back() {
    let page = done(&done_view(), &assets());
    has(
        &page,
        r#"aria-label="CRM Sync and Apollo.io are connected""#,
    );
    let words = text(&page);
    has(&words, "Account dana@northwind.example, team Northwind");
    has(
        &words,
        "Allowed All that was asked: see who you are, API calls",
    );
    has(&words, "See or end it later under My connected accounts");
    has(&page, r#"href="/connect/tok_1/accounts""#);
    has(&words, "Back to CRM Sync");
    has_not(&page, "notice--warn");
}

#[test]
fn the_pages_wear_the_applications_colour_and_logo() {
    let digest = "a7".repeat(32);
    let host = Host {
        brand: Brand {
            accent: Some("#0f5132".into()),
            logo: Some(digest.clone()),
        },
        ..host()
    };
    let mut views = (
        ask_view(vec![apollo()]),
        ask_view(vec![apollo(), salesforce()]),
        done_view(),
        accounts_view(),
        problem_view(ConnectProblem::Denied),
    );
    views.0.host = host.clone();
    views.1.host = host.clone();
    views.2.host = host.clone();
    views.3.host = host.clone();
    views.4.host = Some(host);
    for page in [
        ask(&views.0, &assets()),
        ask(&views.1, &assets()),
        done(&views.2, &assets()),
        accounts(&views.3, &assets()),
        problem(&views.4, &assets()),
    ] {
        // after ours, which it adds to
        let ours = page.find("/assets/style.css").expect("our stylesheet");
        let theirs = page
            .find(r#"<link rel="stylesheet" href="/connect-theme/0f5132.css">"#)
            .expect("their stylesheet");
        assert!(ours < theirs, "{page}");
        has(
            &page,
            &format!("src=\"/connect-logo/{digest}.png\" alt=\"\""),
        );
        has_not(&page, "mark--app");
    }
}

#[test]
fn an_application_without_a_brand_has_its_initials_and_no_second_stylesheet() {
    let page = ask(&ask_view(vec![apollo()]), &assets());
    has(&page, ">Cs</span>");
    has_not(&page, "connect-theme");
    has_not(&page, "<img");
}

#[test]
fn done_names_what_is_missing_and_what_is_left() {
    let view = DoneView {
        missing: vec![
            scope("contact_update", "Update contacts"),
            scope("deals", ""),
        ],
        left: 2,
        host: Host {
            back: None,
            ..host()
        },
        ..done_view()
    };
    let page = done(&view, &assets());
    let words = text(&page);
    has(&words, "Not everything was allowed Update contacts deals");
    has(&words, "Allowed See who you are, API calls");
    has(&words, "Connect the other 2");
    has(&words, "You can close this page");
    has(&page, r#"href="/connect/tok_1""#);
}

#[test]
fn a_window_that_the_application_opened_tells_it_how_it_ended() {
    let opened = Host {
        opener: Some(Opener {
            origin: "https://app.acme.example".into(),
            session: "cs_1".into(),
        }),
        ..host()
    };
    let field = r#"<input type="hidden" name="opener" value="https://app.acme.example">"#;
    let page = ask(
        &AskView {
            host: opened.clone(),
            ..ask_view(vec![salesforce()])
        },
        &assets(),
    );
    has(&page, field);
    has_not(&page, "<script");

    let page = done(
        &DoneView {
            host: opened.clone(),
            ..done_view()
        },
        &assets(),
    );
    has(
        &page,
        r#"<script src="/connect-outcome.js" defer data-opener="https://app.acme.example" data-session="cs_1" data-status="connected"></script>"#,
    );

    let page = done(
        &DoneView {
            left: 1,
            host: opened.clone(),
            ..done_view()
        },
        &assets(),
    );
    has(&page, r#"data-status="connected" data-stays"#);
    has(
        &page,
        r#"href="/connect/tok_1?opener=https://app.acme.example""#,
    );

    let view = ProblemView {
        host: Some(opened),
        ..problem_view(ConnectProblem::Denied)
    };
    let page = problem(&view, &assets());
    has(&page, field);
    has(
        &page,
        r#"data-status="denied" data-error="access_denied" data-stays"#,
    );

    for page in [
        done(&done_view(), &assets()),
        problem(&problem_view(ConnectProblem::Denied), &assets()),
    ] {
        has_not(&page, "<script");
    }
}

#[test]
fn every_problem_has_its_own_heading_and_one_way_on() {
    let mut headings = std::collections::BTreeSet::new();
    for which in ConnectProblem::ALL {
        let page = problem(&problem_view(which), &assets());
        let (_, rest) = page.split_once("<h1>").expect("a heading");
        let (heading, _) = rest.split_once("</h1>").expect("a heading");
        assert!(headings.insert(heading.to_owned()), "{heading:?} twice");
        has(&page, &format!("<title>{heading}</title>"));
        let steps = page.matches("<h3>").count();
        assert!((1..=3).contains(&steps), "{which:?} has {steps} steps");

        let again = page.matches(">Try again</button>").count();
        let back = page.matches(">Back to CRM Sync</a>").count();
        let told = page.matches("ask for a new link.</p>").count();
        assert_eq!(again + back + told, 1, "{which:?}: {again} {back} {told}");
        has(&text(&page), "Support code K7QF-2M9D");
    }
}

#[test]
fn a_dead_link_is_not_started_again() {
    for which in [
        ConnectProblem::LinkExpired,
        ConnectProblem::LinkUsed,
        ConnectProblem::LinkStopped,
    ] {
        let page = problem(&problem_view(which), &assets());
        has_not(&page, "<form");
        has(&page, "Back to CRM Sync");
    }
    let page = problem(&problem_view(ConnectProblem::UnknownLink), &assets());
    has_not(&page, "<form");
    has(
        &text(&page),
        "go back to the application and ask for a new link",
    );
}

#[test]
fn trying_again_goes_on_with_the_same_connection() {
    let view = ProblemView {
        renews: Some("con_1".into()),
        ..problem_view(ConnectProblem::Denied)
    };
    let page = problem(&view, &assets());
    has(
        &page,
        r#"<input type="hidden" name="connection" value="con_1">"#,
    );
}

#[test]
fn two_accounts_are_a_choice_with_what_each_way_does() {
    let page = choose(&choose_view(), &assets());
    let words = text(&page);
    has(&words, "That is another Apollo account");
    has(
        &words,
        "You approved dana@private.example. CRM Sync works with dana@northwind.example, and goes on with it",
    );
    let choices = attribute(&page, "name=\"choice\" value=\"");
    assert_eq!(choices, ["same", "replace", "both"]);
    has(&words, "Support code K7QF-2M9D");
    has_not(&page, "notice--warn");

    let known = ChooseView {
        known: true,
        grants: Some(Grants { now: 4, most: 5 }),
        ..choose_view()
    };
    let page = choose(&known, &assets());
    let choices = attribute(&page, "name=\"choice\" value=\"");
    assert_eq!(choices, ["same", "both"], "it replaces nothing");
    has(
        &text(&page),
        "Apollo keeps 5 approvals per account for each application, and this account has 4.",
    );
}

#[test]
fn a_page_that_waits_leads_back_with_the_code() {
    let page = waiting(&waiting_view(), &assets());
    has(&text(&page), "One step is left: CRM Sync finishes it");
    has(
        &page,
        r#"href="https://app.acme.example/done?session=cs_1&amp;connect_code=abc""#,
    );
}

#[test]
fn done_says_that_it_was_connected_before() {
    let view = DoneView {
        known: true,
        grants: Some(Grants { now: 5, most: 5 }),
        ..done_view()
    };
    let words = text(&done(&view, &assets()));
    has(&words, "It is the same connection, approved anew.");
    has(&words, "Few approvals are left at Apollo.io");
    has_not(&text(&done(&done_view(), &assets())), "Few approvals");
}

#[test]
fn who_may_approve_is_told_with_a_message_for_them() {
    let view = ProblemView {
        who_may_approve: Some("An admin switches it on under Permission profiles.".into()),
        provider_words: Some("user_not_permitted <b>".into()),
        ..problem_view(ConnectProblem::NotAllowedToApprove)
    };
    let page = problem(&view, &assets());
    let words = text(&page);
    has(&words, "Apollo did not let you approve this");
    has(&words, "You did nothing wrong, and nothing was connected.");
    has(&words, "Ask your Apollo admin An admin switches it on");
    has(
        &words,
        "Message for your admin I would like to connect Apollo to CRM Sync, but Apollo did not let me approve it.",
    );
    has(&page, "<q>user_not_permitted &lt;b&gt;</q>");
    has(
        &page,
        r#"<form method="post" action="/connect/tok_1/start"><input type="hidden" name="provider" value="apollo">"#,
    );
    has(
        &words,
        "Acme’s support can look this code up. It holds nothing secret.",
    );
}

#[test]
fn a_problem_without_any_names_still_makes_sense() {
    for which in ConnectProblem::ALL {
        let view = ProblemView {
            language: Language::En,
            host: None,
            provider: None,
            short_name: None,
            problem: which,
            provider_words: None,
            who_may_approve: None,
            retry: None,
            renews: None,
            support_code: None,
        };
        let words = text(&problem(&view, &assets()));
        has(&words, "lose this page");
        has_not(&words, "Your the");
        has_not(&words, "your the");
        has_not(&words, ". the ");
    }
}

#[test]
fn accounts_can_be_renewed_and_ended_by_post_alone() {
    let page = accounts(&accounts_view(), &assets());
    let words = text(&page);
    has(
        &words,
        "My connected accounts Dana Whitfield, dana@northwind.example",
    );
    has(&words, "Salesforce dana@northwind.example Not working");
    has(&words, "Reconnect Salesforce");
    has(&words, "Connected 22 Aug 2026 , last used 22 min ago");
    has(&words, "not used yet");
    has(
        &page,
        r#"<input type="hidden" name="connection" value="con_1">"#,
    );
    has(
        &page,
        r#"action="/connect/tok_1/accounts/con_1/disconnect""#,
    );
    has(
        &words,
        "remove CRM Sync there too, under Settings &gt; Connected apps.",
    );
    has(&words, "we tell Attio to end the access");
    assert_eq!(
        page.matches(r#"name="connection""#).count(),
        1,
        "only the broken one reconnects"
    );

    let empty = AccountsView {
        accounts: Vec::new(),
        ..accounts_view()
    };
    has(&text(&accounts(&empty, &assets())), "Nothing is connected.");
}

#[test]
fn a_disconnected_account_offers_nothing_more() {
    let view = AccountsView {
        accounts: vec![account(ConnectionState::Revoked)],
        ..accounts_view()
    };
    let page = accounts(&view, &assets());
    has(&text(&page), "Disconnected");
    has_not(&page, "<form");
}

#[test]
fn the_practice_provider_says_what_it_is_and_asks() {
    let page = practice_consent(&consent_view(), &assets());
    let words = text(&page);
    has(&words, "This is not Grantport but a made-up provider");
    has(
        &words,
        "Sign in as Robin Example robin@practice.example Sam Sample",
    );
    has(&page, r#"name="state" value="s&quot;1""#);
    has(&page, r#"name="decision" value="approve""#);
    has(&page, r#"name="decision" value="deny""#);
}

#[test]
fn the_desk_has_three_forms_and_says_what_was_done() {
    let page = practice_desk(&desk_view(), &assets());
    for action in ["outage", "token-life", "revoke-all"] {
        has(
            &page,
            &format!(r#"<form method="post" action="/practice/{action}"#),
        );
    }
    has(&page, r#"name="on" value="true""#);
    has(&page, r#"value="3600" checked"#);
    let words = text(&page);
    has(&words, "3 grants were revoked.");
    has(&words, "30 seconds 1 hour Save");
}
