//! Each mistake that a definition file can hold: the file and line it is reported at, and the fix.

use super::super::problem::Problem;
use super::super::read;
use proptest::prelude::*;

fn read(file: &str, text: &str) -> Result<super::super::definition::Definition, Vec<Problem>> {
    read::read(file, text, |_| None).map(|found| found.definition)
}

/// A definition without mistakes that uses everything which is checked.
const ACME: &str = r#"id = "acme"
name = "Acme CRM"
short_name = "Acme"
category = "CRM"
remark = "Made up."
docs_url = "https://docs.acme.example"
issuer = "https://acme.example"
token_metadata = ["account_url"]

[mark]
initials = "Ac"
hue = 12

[trust]
level = "documented"
since = "2026-11-22"

[endpoints]
authorize = "https://{login_host}/authorize"
token = "https://{login_host}/token"

[authorize_params]
prompt = "consent"

[[inputs]]
name = "login_host"
label = "Where do you sign in?"
hint = "acme.example"
default = "login.acme.example"
choices = [{ value = "login.acme.example", words = "Production" }]
allowed_suffixes = [".my.acme.example"]
other = "Your own"

[expiry]
source = "expires_in"
usually_s = 3600

[refresh]
rotation = "static"

[api]
base = "{account_url}/v2"
headers = { Acme-Version = "{login_host}" }

[identity]
url = "{account_url}/me"
account_id = ["/id"]
account_label = ["/email", "/name"]
granted_scopes = "/scope"

[revocation]
url = "https://{login_host}/revoke"

[guide]
lead = "Two minutes."

[[guide.steps]]
title = "Open Acme"
text = "Sign in."
link = "https://acme.example"

[scopes]
needed_for_refresh = ["offline"]
always_granted = [{ name = "me", words = "See who they are" }]

[[scopes.groups]]
title = "Contacts"
scopes = [
  { name = "contacts.read", words = "Read contacts" },
  { name = "contacts.write", words = "Change contacts" },
]
"#;

/// Writes `wrong` in the place of `right`, once, and reads the file.
fn problems_after(right: &str, wrong: &str) -> Vec<Problem> {
    assert_eq!(
        ACME.matches(right).count(),
        1,
        "{right:?} stands there once"
    );
    read("acme.toml", &ACME.replace(right, wrong)).expect_err(wrong)
}

fn line_of(text: &str) -> usize {
    let line = ACME.lines().position(|line| line.contains(text));
    line.expect(text) + 1
}

/// One mistake: it is the only one reported, at the line of `right`, and the message has `advice`.
fn reports(right: &str, wrong: &str, advice: &str) {
    let problems = problems_after(right, wrong);
    let [problem] = problems.as_slice() else {
        panic!("one problem for {wrong:?}, not {problems:?}");
    };
    let text = problem.to_string();
    let place = format!(
        "acme.toml, line {}: ",
        line_of(right.lines().next().expect("a line"))
    );
    assert!(text.starts_with(&place), "{text:?} begins with {place:?}");
    assert!(text.contains(advice), "{text:?} has {advice:?}");
    assert!(text.ends_with('.'), "{text:?} is a sentence");
}

#[test]
fn the_definition_that_the_tests_break_is_right() {
    assert!(read("acme.toml", ACME).is_ok());
}

#[test]
fn what_is_no_toml_or_no_definition() {
    for (right, wrong, advice) in [
        (
            r#"category = "CRM""#,
            "category = CRM",
            "Correct the line so that it is valid TOML",
        ),
        (
            r#"category = "CRM""#,
            "category = 7",
            "Write a value of that type",
        ),
        (
            r#"since = "2026-11-22""#,
            "since = 2026-11-22",
            "Write a value of that type",
        ),
        (
            r#"remark = "Made up.""#,
            r#"remrk = "Made up.""#,
            "Correct its spelling, or remove it",
        ),
        (
            r#"rotation = "static""#,
            r#"rotation = "sometimes""#,
            "Write one of those",
        ),
        (
            r#"short_name = "Acme""#,
            r#"name = "Acme""#,
            "duplicate key. Keep one of them",
        ),
    ] {
        reports(right, wrong, advice);
    }
}

#[test]
fn a_missing_field_is_named_with_its_table() {
    let problems = problems_after("lead = \"Two minutes.\"\n", "");
    let text = problems[0].to_string();
    assert!(text.contains("missing field `lead`"), "{text}");
    assert!(text.contains("Add it to this table."), "{text}");
    assert!(
        text.starts_with(&format!("acme.toml, line {}: ", line_of("[guide]"))),
        "{text}"
    );
}

#[test]
fn the_head() {
    reports(
        r#"id = "acme""#,
        r#"id = "Acme CRM""#,
        "Use a-z, 0-9 and single hyphens",
    );
    reports(
        r#"id = "acme""#,
        r#"id = "acne""#,
        "Name the file acne.toml, or correct the id",
    );
    for hue in ["0", "13"] {
        reports(
            "hue = 12",
            &format!("hue = {hue}"),
            "Choose one from 1 to 12",
        );
    }
    for day in ["yesterday", "2026-13-01", "22.11.2026"] {
        reports(
            r#"since = "2026-11-22""#,
            &format!(r#"since = "{day}""#),
            "Write it like 2026-11-22",
        );
    }
}

#[test]
fn paths_are_joined_to_the_end_of_an_api_base() {
    let right = r#"base = "{account_url}/v2""#;
    for (wrong, advice) in [
        (
            r#"base = "{account_url}/v2?a=b""#,
            "Remove the part from ? or #",
        ),
        (
            r#"base = "http://acme.example""#,
            "Begin it with https:// and a host",
        ),
        (r#"base = "https://{nowhere}/v2""#, "nowhere"),
    ] {
        reports(right, wrong, advice);
    }
    let right = r#"headers = { Acme-Version = "{login_host}" }"#;
    reports(right, r#"headers = { Cookie = "a=b" }"#, "Cookie");
    reports(
        right,
        r#"headers = { Acme-Version = "{nowhere}" }"#,
        "nowhere",
    );
}

#[test]
fn addresses_are_https() {
    for (right, wrong) in [
        (
            r#"token = "https://{login_host}/token""#,
            r#"token = "http://{login_host}/token""#,
        ),
        (
            r#"token = "https://{login_host}/token""#,
            r#"token = "/token""#,
        ),
        (
            r#"token = "https://{login_host}/token""#,
            r#"token = "https://user@{login_host}/token""#,
        ),
        (
            r#"token = "https://{login_host}/token""#,
            r#"token = "{login_host}/token""#,
        ),
        (
            r#"authorize = "https://{login_host}/authorize""#,
            r#"authorize = "ftp://{login_host}/authorize""#,
        ),
        (
            r#"url = "https://{login_host}/revoke""#,
            r#"url = "http://{login_host}/revoke""#,
        ),
        (
            r#"url = "{account_url}/me""#,
            r#"url = "http://acme.example/me""#,
        ),
        (
            r#"docs_url = "https://docs.acme.example""#,
            r#"docs_url = "docs.acme.example""#,
        ),
        (r#"issuer = "https://acme.example""#, r#"issuer = "acme""#),
        (
            r#"link = "https://acme.example""#,
            r#"link = "javascript:alert(1)""#,
        ),
    ] {
        reports(right, wrong, "Begin it with https:// and a host");
    }
}

#[test]
fn the_practice_providers_addresses_are_paths() {
    let wrong = ACME.replace("[mark]", "practice = true\n[mark]");
    let problems = read("acme.toml", &wrong).expect_err("absolute addresses");
    // authorize, token, revocation, identity and API
    assert_eq!(problems.len(), 5, "{problems:?}");
    for problem in &problems {
        assert!(
            problem.to_string().contains("begin with a single slash"),
            "{problem}"
        );
    }
    for path in [
        "//evil.example/token",
        "practice/token",
        "/\\\\evil.example",
    ] {
        let wrong = wrong.replace("https://{login_host}/token", path);
        let problems = read("acme.toml", &wrong).expect_err(path);
        assert!(
            problems.iter().any(|p| p.line == line_of("token = ") + 1),
            "{path}"
        );
    }
}

#[test]
fn placeholders_are_declared() {
    reports(
        r#"token = "https://{login_host}/token""#,
        r#"token = "https://{host}/token""#,
        "nothing fills {host} here. Declare it as the name of an [[inputs]] table",
    );
    // what the token answer says is not known before there is one
    reports(
        r#"token = "https://{login_host}/token""#,
        r#"token = "https://{account_url}/token""#,
        "nothing fills {account_url}",
    );
    reports(
        r#"url = "{account_url}/me""#,
        r#"url = "{acount_url}/me""#,
        "token_metadata from identity and revocation on",
    );
    for template in [
        "https://{login_host/token",
        "https://login_host}/token",
        "https://{}/token",
    ] {
        reports(
            r#"token = "https://{login_host}/token""#,
            &format!(r#"token = "{template}""#),
            "Write placeholders like {login_host}",
        );
    }
}

#[test]
fn the_authorize_style_fits_the_address() {
    reports(
        r#"authorize = "https://{login_host}/authorize""#,
        r#"authorize = "https://{login_host}/#/authorize""#,
        r#"set authorize_style = "fragment_route""#,
    );
    reports(
        r#"authorize = "https://{login_host}/authorize""#,
        "authorize = \"https://{login_host}/authorize\"\nauthorize_style = \"fragment_route\"",
        "Add the route, or remove authorize_style",
    );
}

#[test]
fn what_the_engine_sets_is_reserved() {
    for name in [
        "client_id",
        "redirect_uri",
        "state",
        "scope",
        "code_challenge",
        "request_uri",
    ] {
        reports(
            r#"prompt = "consent""#,
            &format!("{name} = \"x\""),
            "cannot be an extra parameter. Remove it.",
        );
    }
}

#[test]
fn scopes_are_names_and_stand_there_once() {
    for name in [
        "",
        "contacts read",
        "contacts\\\\read",
        "kontakte.änderungen",
    ] {
        reports(
            r#"  { name = "contacts.write", words = "Change contacts" },"#,
            &format!(r#"  {{ name = "{name}", words = "Change contacts" }},"#),
            "Write one name, without spaces",
        );
    }
    reports(
        r#"needed_for_refresh = ["offline"]"#,
        r#"needed_for_refresh = ["off line"]"#,
        "Write one name, without spaces",
    );
    for twice in ["contacts.read", "me"] {
        reports(
            r#"  { name = "contacts.write", words = "Change contacts" },"#,
            &format!(r#"  {{ name = "{twice}", words = "Change contacts" }},"#),
            "is listed already. Keep one of them.",
        );
    }
}

#[test]
fn pointers_begin_with_a_slash() {
    for (right, wrong) in [
        (r#"account_id = ["/id"]"#, r#"account_id = ["id"]"#),
        (
            r#"account_label = ["/email", "/name"]"#,
            r#"account_label = ["/email", "user.name"]"#,
        ),
        (
            r#"granted_scopes = "/scope""#,
            r#"granted_scopes = "scope""#,
        ),
    ] {
        reports(right, wrong, "Begin it with a slash");
    }
}

#[test]
fn inputs_say_what_they_take() {
    // renamed in the templates too, so that only the name itself is wrong
    let renamed = ACME.replace("login_host", "Login-Host");
    let problems = read("acme.toml", &renamed).expect_err("no name");
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(problems[0].line, line_of(r#"name = "login_host""#));
    assert!(
        problems[0]
            .to_string()
            .contains("Use a-z, 0-9 and underscores")
    );

    for suffix in [
        "my.acme.example",
        ".com",
        ".",
        "",
        ".My.Acme.Example",
        ".my.acme.example/x",
    ] {
        reports(
            r#"allowed_suffixes = [".my.acme.example"]"#,
            &format!(r#"allowed_suffixes = ["{suffix}"]"#),
            "Begin it with a dot and name at least two labels",
        );
    }
    for value in [
        "",
        "https://login.acme.example",
        "Login.acme.example",
        "other",
    ] {
        reports(
            r#"choices = [{ value = "login.acme.example", words = "Production" }]"#,
            &format!(r#"choices = [{{ value = "{value}", words = "Production" }}]"#),
            "Write a host name or a part of one",
        );
    }
    for default in [
        "evil.example",
        "LOGIN.acme.example",
        "https://login.acme.example",
    ] {
        reports(
            r#"default = "login.acme.example""#,
            &format!(r#"default = "{default}""#),
            "Make it one of the choices, or end it with an allowed suffix",
        );
    }
}

#[test]
fn a_free_choice_beside_the_choices_has_words() {
    for (right, at) in [
        ("other = \"Your own\"", r#"name = "login_host""#),
        (r#"allowed_suffixes = [".my.acme.example"]"#, "other ="),
    ] {
        let problems = problems_after(right, "");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert_eq!(problems[0].line, line_of(at), "{right}");
        let text = problems[0].to_string();
        assert!(text.contains("all three together"), "{text}");
    }
}

#[test]
fn an_input_that_takes_anything_is_refused() {
    let open = ACME
        .replace(
            "choices = [{ value = \"login.acme.example\", words = \"Production\" }]\n",
            "",
        )
        .replace("allowed_suffixes = [\".my.acme.example\"]\n", "")
        .replace("other = \"Your own\"\n", "");
    let problems = read("acme.toml", &open).expect_err("an open input");
    let text = problems[0].to_string();
    assert!(
        text.contains(
            "`choices` and `allowed_suffixes`, or `subdomain_of`, or `any_host`, or `word`"
        ),
        "{text}"
    );
    assert_eq!(problems[0].line, line_of(r#"name = "login_host""#));
}

#[test]
fn all_mistakes_are_told_at_once() {
    let wrong = ACME
        .replace("hue = 12", "hue = 99")
        .replace("prompt =", "state =")
        .replace(r#"["/id"]"#, r#"["id"]"#);
    let problems = read("acme.toml", &wrong).expect_err("three mistakes");
    let lines: Vec<usize> = problems.iter().map(|problem| problem.line).collect();
    assert_eq!(
        lines,
        [
            line_of("hue = 12"),
            line_of("prompt ="),
            line_of("account_id")
        ]
    );
}

/// What is wrong when `more` stands at the end of a definition that is right.
fn wrong_with(more: &str) -> Vec<String> {
    let problems = read("acme.toml", &format!("{ACME}\n{more}\n")).expect_err(more);
    problems.iter().map(ToString::to_string).collect()
}

#[test]
fn what_decides_a_host_is_closed() {
    for (right, wrong, fix) in [
        (
            "default = \"login.acme.example\"\nchoices = [{ value = \"login.acme.example\", words = \"Production\" }]\nallowed_suffixes = [\".my.acme.example\"]\nother = \"Your own\"\n",
            "any_host = true\n",
            "Set asked_of = \"admin\", or credentials = \"per_connection\"",
        ),
        (
            "default = \"login.acme.example\"\nchoices = [{ value = \"login.acme.example\", words = \"Production\" }]\nallowed_suffixes = [\".my.acme.example\"]\nother = \"Your own\"\n",
            "word = true\n",
            "a word is not checked to be one",
        ),
        (
            "choices = [{ value = \"login.acme.example\", words = \"Production\" }]",
            "choices = [{ value = \"login.acme.example\", words = \"P\", sets = { a = \"1\" } }, { value = \"b.acme.example\", words = \"B\" }]",
            "must set the same placeholders",
        ),
        (
            "other = \"Your own\"\n",
            "other = \"Your own\"\nsubdomain_of = \"acme.example\"\n",
            "must say in one way what it takes",
        ),
        (
            r#"token = "https://{login_host}/token""#,
            r#"token = "{login_host}/token""#,
            "Begin it with https:// and a host",
        ),
    ] {
        assert!(ACME.contains(right), "{right}");
        let problems = read("acme.toml", &ACME.replace(right, wrong)).expect_err(wrong);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|text| text.contains(fix)),
            "{wrong}: {told:?}"
        );
    }
    let captured = |rule: &str| {
        let token = "token = \"https://{login_host}/token\"";
        let text = ACME.replace(token, "token = \"{server}/token\"");
        let problems = read(
            "acme.toml",
            &format!("{text}\n[callback]\ncapture = [{{ name = \"server\"{rule} }}]\n"),
        );
        problems
            .map(drop)
            .map_err(|problems| problems[0].to_string())
    };
    let open = captured(", default = \"https://a.example\"").expect_err("open");
    assert!(open.contains("List its `allowed` values"), "{open}");
    let unknown = captured(", allowed = [\"https://a.example\"]").expect_err("unknown at first");
    assert!(unknown.contains("Give it a `default`"), "{unknown}");
    let closed = ", allowed = [\"https://a.example\"], default = \"https://a.example\"";
    assert_eq!(captured(closed), Ok(()));
}

#[test]
fn what_the_engine_sets_cannot_be_set_by_a_file() {
    for (more, fix) in [
        (
            "[token_params]\nclient_secret = \"x\"",
            "cannot be an extra parameter",
        ),
        (
            "[refresh_params]\nrefresh_token = \"x\"",
            "cannot be an extra parameter",
        ),
        (
            "[token_headers]\nAuthorization = \"x\"",
            "cannot be set as a header",
        ),
        (
            "[token_headers]\n\"a b\" = \"x\"",
            "cannot be set as a header",
        ),
        (
            "[token_headers]\nAccept = \"a\\nb\"",
            "cannot be set as a header",
        ),
        (
            "[param_names]\nscope = \"scopes\"",
            "is not a parameter that can have another name",
        ),
        (
            "[callback]\ncapture = [{ name = \"code\" }]",
            "cannot be captured",
        ),
        (
            "[callback]\ncapture = [{ name = \"state\" }]",
            "cannot be captured",
        ),
        (
            "[callback]\necho = [\"redirect_uri\"]",
            "cannot be captured or sent again",
        ),
        (
            "[token_answer]\naccess_token = []",
            "Add at least one pointer",
        ),
        ("[token_answer]\nok = \"ok\"", "is not a pointer"),
        (
            "[token_answer]\nscope = [\"token:/scope\"]",
            "is not a pointer",
        ),
    ] {
        let told = wrong_with(more);
        assert!(told.len() == 1 && told[0].contains(fix), "{more}: {told:?}");
    }
    for (right, wrong, fix) in [
        (
            "rotation = \"static\"",
            "rotation = \"static\"\nreuse = \"grace\"",
            "goes with reuse",
        ),
        (
            "rotation = \"static\"",
            "rotation = \"static\"\ngrace_s = 60",
            "goes with reuse",
        ),
        ("url = \"{account_url}/me\"\n", "", "name another source"),
        (
            "account_id = [\"/id\"]",
            "account_id = []",
            "Add at least one pointer",
        ),
        (
            "account_id = [\"/id\"]",
            "account_id = [\"/id + nowhere:/x\"]",
            "is not a pointer",
        ),
        (
            "granted_scopes = \"/scope\"",
            "granted_scopes = \"/scope\"\nbody = \"{\"",
            "Write it as it is to be sent",
        ),
    ] {
        let problems = read("acme.toml", &ACME.replace(right, wrong)).expect_err(wrong);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(
            told.iter().any(|text| text.contains(fix)),
            "{wrong}: {told:?}"
        );
    }
}

proptest! {
    /// A file that somebody wrote in a hurry is a definition or a list of mistakes, never a fault.
    #[test]
    fn no_file_brings_the_reader_down(
        cut in 0..ACME.len(),
        typed in "\\PC{0,12}",
        from in "[a-z_]{2,12}",
        to in "[a-z_{}/:.#\\[\\]\"= ]{0,16}",
    ) {
        let mut text = ACME.replace(&from, &to);
        let cut = (cut..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
        text.insert_str(cut, &typed);
        if let Err(problems) = read("acme.toml", &text) {
            let lines = text.matches('\n').count() + 1;
            prop_assert!(!problems.is_empty());
            prop_assert!(problems.iter().all(|problem| (1..=lines).contains(&problem.line)));
        }
    }
}
