use super::*;
use crate::oauth::rehearsal::{plain_with, salesforce};
use proptest::prelude::*;

fn read(body: &str) -> TokenSet {
    match parse(body.as_bytes(), &salesforce()) {
        Ok(token_set) => token_set,
        Err(none) => panic!("{none:?} in {body}"),
    }
}

fn keeping(names: &[&str]) -> Definition {
    Definition {
        token_metadata: names
            .iter()
            .map(|name| Metadata::Named((*name).to_owned()))
            .collect(),
        ..salesforce()
    }
}

/// Access token, refresh token, type, lifetime and scopes, on one line.
fn summary(body: &str) -> String {
    let set = read(body);
    format!(
        "{} {} {} {} {}",
        set.access_token.expose(),
        set.refresh_token
            .as_ref()
            .map_or("-", |token| token.expose()),
        set.token_type,
        match set.ends {
            Ends::After(seconds) => seconds.to_string(),
            Ends::At(moment) => moment.rfc3339(),
            Ends::NotTold => "-".to_owned(),
        },
        set.scopes.map_or("-".to_owned(), |scopes| scopes.join(",")),
    )
}

#[test]
fn every_lifetime_yields_its_token() {
    for (body, expected) in [
        // as documented by Apollo, Attio and Salesforce
        (
            r#"{"access_token":"a","token_type":"Bearer","expires_in":2592000,"refresh_token":"r","scope":"x y","created_at":1718366695}"#,
            "a r Bearer 2592000 x,y",
        ),
        (
            r#"{"access_token":"a","token_type":"Bearer"}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","refresh_token":"r","instance_url":"https://acme.my.salesforce.com","id":"https://login.salesforce.com/id/00D/005","token_type":"Bearer","issued_at":"1718366695000","signature":"s="}"#,
            "a r Bearer - -",
        ),
        // lifetimes
        (
            r#"{"access_token":"a","expires_in":"3600"}"#,
            "a - Bearer 3600 -",
        ),
        (
            r#"{"access_token":"a","expires_in":3599.9}"#,
            "a - Bearer 3599 -",
        ),
        (
            r#"{"access_token":"a","expires_in":"3599.9"}"#,
            "a - Bearer 3599 -",
        ),
        (
            r#"{"access_token":"a","expires_in":1e3}"#,
            "a - Bearer 1000 -",
        ),
        (
            r#"{"access_token":"a","expires_in":null}"#,
            "a - Bearer - -",
        ),
        (r#"{"access_token":"a","expires_in":0}"#, "a - Bearer - -"),
        (r#"{"access_token":"a","expires_in":-1}"#, "a - Bearer - -"),
        (
            r#"{"access_token":"a","expires_in":"soon"}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","expires_in":"NaN"}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","expires_in":1e300}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","expires_in":{"s":1}}"#,
            "a - Bearer - -",
        ),
    ] {
        assert_eq!(summary(body), expected, "{body}");
    }
}

#[test]
fn every_shape_yields_its_token() {
    for (body, expected) in [
        // types
        (
            r#"{"access_token":"a","token_type":null}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","token_type":"bearer"}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            "a - DPoP - -",
        ),
        // scopes
        (
            r#"{"access_token":"a","scope":["x","y"]}"#,
            "a - Bearer - x,y",
        ),
        (
            r#"{"access_token":"a","scope":["x y",3,null]}"#,
            "a - Bearer - x,y",
        ),
        (r#"{"access_token":"a","scope":"x,y"}"#, "a - Bearer - x,y"),
        (r#"{"access_token":"a","scope":""}"#, "a - Bearer - -"),
        (
            r#"{"access_token":"a","scope":null,"scopes":"x"}"#,
            "a - Bearer - x",
        ),
        // refresh tokens that are none
        (
            r#"{"access_token":"a","refresh_token":""}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","refresh_token":null}"#,
            "a - Bearer - -",
        ),
        (
            r#"{"access_token":"a","refresh_token":"  "}"#,
            "a - Bearer - -",
        ),
        // a token beside an error that is none
        (r#"{"access_token":"a","error":null}"#, "a - Bearer - -"),
        (r#"{"access_token":"a","error":""}"#, "a - Bearer - -"),
        (
            r#"{"access_token":"a","error":"warning"}"#,
            "a - Bearer - -",
        ),
        // wrapping
        ("\u{feff}\r\n {\"access_token\":\"a\"}\n", "a - Bearer - -"),
        ("{\"access_token\":\"a\"}\n<!-- 3 ms -->", "a - Bearer - -"),
        (
            r#"{"access_token":184467440737095516}"#,
            "184467440737095516 - Bearer - -",
        ),
        (
            "access_token=a%2Bb&expires_in=3600&scope=x%2Cy+z&token_type=bearer&refresh_token=r",
            "a+b r Bearer 3600 x,y,z",
        ),
        (
            "access_token=a&scope=&token_type=bearer\n",
            "a - Bearer - -",
        ),
    ] {
        assert_eq!(summary(body), expected, "{body}");
    }
}

#[test]
fn a_broken_character_elsewhere_costs_no_token() {
    let body = b"{\"team\":\"M\xfcller\",\"access_token\":\"a\"}";
    assert_eq!(
        parse(body, &salesforce())
            .expect("a token")
            .access_token
            .expose(),
        "a"
    );
}

#[test]
fn answers_without_a_token_name_their_error_or_nothing() {
    for (body, code) in [
        (
            r#"{"error":"invalid_grant"}"#,
            Some(ErrorCode::InvalidGrant),
        ),
        (
            r#"{"error":"bad_refresh_token","error_description":"x"}"#,
            Some(ErrorCode::Other),
        ),
        (
            r#"{"ok":false,"error":"invalid_client"}"#,
            Some(ErrorCode::InvalidClient),
        ),
        (
            r#"{"error":{"type":"OAuthException"}}"#,
            Some(ErrorCode::Other),
        ),
        (
            "error=invalid_grant&error_uri=x",
            Some(ErrorCode::InvalidGrant),
        ),
        (
            r#"{"access_token":"","error":"invalid_grant"}"#,
            Some(ErrorCode::InvalidGrant),
        ),
        (r#"{"access_token":null}"#, None),
        (r#"{"access_token":["a"]}"#, None),
        (r#"{"access_token":"a","refresh_token":"r"#, None),
        (r#"["access_token"]"#, None),
        ("<html><a href='?x&access_token=a'>", None),
        ("", None),
        ("42", None),
        ("null", None),
    ] {
        assert_eq!(
            parse(body.as_bytes(), &salesforce()).err(),
            Some(NoToken { code }),
            "{body}"
        );
        assert_eq!(standard_error_code(body.as_bytes()), code, "{body}");
    }
}

#[test]
fn metadata_is_what_the_definition_keeps_in_the_open() {
    let long = "x".repeat(LONGEST_METADATA + 1);
    let body = format!(
        r#"{{"access_token":"a","id_token":"t","instance_url":"https://acme.my.salesforce.com","issued_at":1718366695000,"id":18446744073709551615,"long":"{long}","object":{{}}}}"#
    );
    let kept = [
        "instance_url",
        "issued_at",
        "id",
        "absent",
        "long",
        "object",
        "access_token",
        "id_token",
    ];
    let set = parse(body.as_bytes(), &keeping(&kept)).expect("a token");
    let told: Vec<_> = set
        .metadata
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    assert_eq!(
        told,
        [
            "id=18446744073709551615",
            "instance_url=https://acme.my.salesforce.com",
            "issued_at=1718366695000"
        ]
    );
}

#[test]
fn the_whole_answer_is_kept_as_it_was() {
    let body =
        r#"{"access_token":"a", "account":123456789012345678901234567890, "team":{"id":1.10}}"#;
    assert_eq!(read(body).raw.expose(), body);
    assert_eq!(
        read("access_token=a&team=x+y").raw.expose(),
        r#"{"access_token":"a","team":"x y"}"#
    );
}

#[test]
fn nothing_of_a_token_set_can_be_printed() {
    let told = format!(
        "{:?}",
        read(r#"{"access_token":"tok_a","refresh_token":"tok_r","x":"tok_x"}"#)
    );
    assert!(!told.contains("tok_"), "{told}");
}

/// A small generator of answers: always the same ones, in an order that nobody chose.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's MMIX constants; the high bits are the good ones
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).expect("31 bits") % sides
    }

    fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.roll(choices.len())]
    }

    fn token(&mut self) -> String {
        let letters: Vec<char> = "abzAZ019-._~+/=%&\"\\{}<>é".chars().collect();
        (0..=self.roll(40))
            .map(|_| letters[self.roll(letters.len())])
            .collect()
    }
}

#[test]
fn no_shape_loses_a_token() {
    let mut dice = Dice(20_261_122);
    for round in 0..5000 {
        let (access, refresh) = (dice.token(), dice.token());
        let has_refresh = dice.roll(2) == 0;
        let body = if dice.roll(4) == 0 {
            form(&mut dice, &access, has_refresh.then_some(refresh.as_str()))
        } else {
            json(&mut dice, &access, has_refresh.then_some(refresh.as_str()))
        };
        let set = parse(body.as_bytes(), &keeping(&["id"]))
            .unwrap_or_else(|none| panic!("round {round}: {none:?} in {body}"));
        assert_eq!(set.access_token.expose(), &access, "round {round}: {body}");
        let kept = set
            .refresh_token
            .as_ref()
            .map(|token| token.expose().as_str());
        assert_eq!(
            kept,
            has_refresh.then_some(refresh.as_str()),
            "round {round}: {body}"
        );

        // and no half of an answer brings the server down or passes for a whole one
        let half: Vec<u8> = body.bytes().take(dice.roll(body.len())).collect();
        if let Ok(set) = parse(&half, &salesforce()) {
            assert!(
                !body.starts_with('{'),
                "round {round}: {:?} from a half of {body}",
                set.token_type
            );
        }
    }
}

fn json(dice: &mut Dice, access: &str, refresh: Option<&str>) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut members = vec![format!("\"access_token\":{}", quoted(access))];
    members.extend(refresh.map(|token| format!("\"refresh_token\":{}", quoted(token))));
    for (name, shapes) in [
        (
            "expires_in",
            &[
                "3600", "\"3600\"", "60.5", "null", "0", "-5", "\"\"", "[]", "true",
            ][..],
        ),
        (
            "token_type",
            &["\"bearer\"", "\"Bearer\"", "null", "\"\"", "7", "{}"],
        ),
        (
            "scope",
            &[
                "\"a b\"",
                "\"a,b\"",
                "[\"a\",\"b\"]",
                "null",
                "\"\"",
                "3",
                "{\"a\":true}",
                "[[]]",
            ],
        ),
        ("error", &["null", "\"\"", "\"none\"", "false"]),
        (
            "id",
            &[
                "99999999999999999999999999",
                "\"https://idp.example/id/1\"",
                "null",
            ],
        ),
        (
            "team",
            &[
                "{\"access_token\":\"wrong\",\"deep\":[{\"x\":[1,2,{}]}]}",
                "\"\\u0000\\ud83d\\ude00\"",
            ],
        ),
    ] {
        if dice.roll(3) > 0 {
            members.push(format!("\"{name}\":{}", dice.one_of(shapes)));
        }
    }
    for last in (1..members.len()).rev() {
        members.swap(last, dice.roll(last + 1));
    }
    let space = dice.one_of(&["", " ", "\r\n\t"]);
    format!(
        "{}{{{}}}",
        dice.one_of(&["", "\u{feff}", "\n "]),
        members.join(&format!("{space},{space}"))
    )
}

fn form(dice: &mut Dice, access: &str, refresh: Option<&str>) -> String {
    let mut form = form_urlencoded::Serializer::new(String::new());
    if dice.roll(2) == 0 {
        form.append_pair("scope", dice.one_of(&["a b", "a,b", ""]));
    }
    form.append_pair("access_token", access);
    if let Some(token) = refresh {
        form.append_pair("refresh_token", token);
    }
    if dice.roll(2) == 0 {
        form.append_pair("expires_in", dice.one_of(&["3600", "", "0", "60.5"]));
    }
    form.finish()
}

const SLACK: &str = r#"
    [token_answer]
    access_token = ["/access_token", "/authed_user/access_token"]
    scope = ["/scope", "/authed_user/scope"]
    ok = "/ok"
    dead = ["bad_refresh_token"]
    rejected = ["bad_client_secret"]
    later = ["internal_error"]
    [second_token]
    kind = "user"
    access_token = ["/authed_user/access_token"]
    refresh_token = ["/authed_user/refresh_token"]
    expires_in = ["/authed_user/expires_in"]
    scope = ["/authed_user/scope"]
    account_id = ["/authed_user/id"]
    account_label = ["/team/name"]
"#;

#[test]
fn two_tokens_of_one_answer_are_both_kept() {
    let body = r#"{"ok":true,"access_token":"bot","scope":"chat:write,team:read","team":{"name":"Acme"},
        "authed_user":{"id":"U1","access_token":"user","refresh_token":"r","expires_in":43200,"scope":"search:read"}}"#;
    let set = parse(body.as_bytes(), &plain_with(SLACK)).expect("a token");
    assert_eq!(set.access_token.expose(), "bot");
    assert_eq!(set.refresh_token.map(|token| token.expose().clone()), None);
    assert_eq!(
        set.scopes.map(|scopes| scopes.join(" ")).as_deref(),
        Some("chat:write team:read")
    );
    let second = set.second.expect("a second");
    assert_eq!(second.kind, "user");
    assert_eq!(second.account_id.as_deref(), Some("U1"));
    assert_eq!(second.account_label.as_deref(), Some("Acme"));
    assert_eq!(second.tokens.access_token.expose(), "user");
    assert_eq!(second.tokens.ends, Ends::After(43200));
    assert_eq!(
        second.tokens.metadata.get(TOKEN_KIND).map(String::as_str),
        Some("user")
    );
}

#[test]
fn a_second_token_alone_is_the_first() {
    let body =
        r#"{"ok":true,"authed_user":{"id":"U1","access_token":"user","scope":"search:read"}}"#;
    let set = parse(body.as_bytes(), &plain_with(SLACK)).expect("a token");
    assert_eq!(set.access_token.expose(), "user");
    assert!(set.second.is_none());
}

#[test]
fn refusals_with_a_status_of_200_are_put_into_the_standards_words() {
    for (body, code) in [
        (
            r#"{"ok":false,"error":"bad_refresh_token"}"#,
            Some(ErrorCode::InvalidGrant),
        ),
        (
            r#"{"ok":false,"error":"bad_client_secret"}"#,
            Some(ErrorCode::InvalidClient),
        ),
        (
            r#"{"ok":false,"error":"internal_error"}"#,
            Some(ErrorCode::TemporarilyUnavailable),
        ),
        (
            r#"{"ok":false,"error":"invalid_scope"}"#,
            Some(ErrorCode::InvalidScope),
        ),
        (r#"{"ok":false}"#, Some(ErrorCode::Other)),
        (r#"{"ok":true}"#, None),
    ] {
        let told = parse(body.as_bytes(), &plain_with(SLACK)).expect_err(body);
        assert_eq!(told.code, code, "{body}");
    }
    let described =
        "[token_answer]\nerror = [\"/error\", \"/error_description\"]\ndead = [\"spent\"]";
    let rules = plain_with(described).token_answer;
    for (body, code) in [
        (
            r#"{"error":"invalid_request","error_description":"spent"}"#,
            ErrorCode::InvalidGrant,
        ),
        (
            r#"{"error":"invalid_request","error_description":"odd"}"#,
            ErrorCode::InvalidRequest,
        ),
    ] {
        assert_eq!(error_code(body.as_bytes(), &rules), Some(code), "{body}");
    }
    let nested = "[token_answer]\nerror = [\"/error/code\", \"/error\"]\ndead = [\"190\"]";
    let body = br#"{"error":{"message":"expired","code":190}}"#;
    assert_eq!(
        error_code(body, &plain_with(nested).token_answer),
        Some(ErrorCode::InvalidGrant)
    );
}

#[test]
fn an_end_is_read_where_the_definition_says() {
    let jwt = jwt::unsigned(&serde_json::json!({"exp": 1_800_000_000}));
    let at = Ends::At(Timestamp::from_millis(1_800_000_000_000));
    let pointed = r#"expiry = { source = "expires_at", pointer = "/ends/at", usually_s = 3600 }"#;
    let told = r#"expiry = { source = "jwt", usually_s = 3600 }"#;
    for (definition, body, ends) in [
        (told, format!(r#"{{"access_token":"{jwt}"}}"#), at),
        (
            told,
            r#"{"access_token":"opaque"}"#.to_owned(),
            Ends::NotTold,
        ),
        // what the answer says in the standard's way counts first
        (
            told,
            format!(r#"{{"access_token":"{jwt}","expires_in":60}}"#),
            Ends::After(60),
        ),
        (
            pointed,
            r#"{"access_token":"a","ends":{"at":1800000000}}"#.to_owned(),
            at,
        ),
        (
            pointed,
            r#"{"access_token":"a","ends":{"at":"2027-01-15T08:00:00Z"}}"#.to_owned(),
            at,
        ),
        (
            pointed,
            r#"{"access_token":"a","ends":{"at":"2027-01-15T09:00:00+01:00"}}"#.to_owned(),
            at,
        ),
        (
            pointed,
            r#"{"access_token":"a","ends":{"at":"soon"}}"#.to_owned(),
            Ends::NotTold,
        ),
        (pointed, r#"{"access_token":"a"}"#.to_owned(), Ends::NotTold),
    ] {
        let set = parse(body.as_bytes(), &plain_with(definition)).expect("a token");
        assert_eq!(set.ends, ends, "{body}");
    }
}

#[test]
fn metadata_is_found_deep_in_an_answer_and_no_token_is() {
    let definition = plain_with(
        r#"token_metadata = ["plain", { name = "team_id", pointer = "/team/id" }, { name = "t", pointer = "/team/api_token" }]"#,
    );
    let body = r#"{"access_token":"a","plain":1,"team":{"id":"T1","api_token":"secret"}}"#;
    let set = parse(body.as_bytes(), &definition).expect("a token");
    let told: Vec<_> = set
        .metadata
        .iter()
        .map(|(n, v)| (n.as_str(), v.as_str()))
        .collect();
    assert_eq!(told, [("plain", "1"), ("team_id", "T1")]);
}

proptest! {
    /// A well-formed token in any of the shapes seen is never lost (R18), whatever stands around it.
    #[test]
    fn no_answer_around_a_token_loses_it(
        token in "[A-Za-z0-9._~+/=-]{1,200}",
        refresh in proptest::option::of("[A-Za-z0-9._~+/=-]{1,200}"),
        lifetime in prop_oneof![
            Just(serde_json::Value::Null),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(|number| serde_json::json!(number)),
            "\\PC{0,20}".prop_map(Into::into),
        ],
        scope in prop_oneof![
            Just(serde_json::Value::Null),
            "\\PC{0,40}".prop_map(Into::into),
            proptest::collection::vec("\\PC{0,9}", 0..4).prop_map(Into::into),
            any::<bool>().prop_map(Into::into),
        ],
        error in proptest::option::of("\\PC{0,20}"),
        noise in proptest::collection::btree_map("[a-z]{8,12}", "\\PC{0,20}", 0..5),
        broken in any::<bool>(),
    ) {
        let mut answer = serde_json::json!({"access_token": token, "expires_in": lifetime, "scope": scope});
        if let Some(refresh) = &refresh {
            answer["refresh_token"] = refresh.as_str().into();
        }
        if let Some(error) = &error {
            answer["error"] = error.as_str().into();
        }
        for (name, value) in noise {
            answer[name] = value.into();
        }
        let mut body = answer.to_string().into_bytes();
        if broken {
            // a byte that is no text, in some label
            body.truncate(body.len() - 1);
            body.extend(b",\"label\":\"\xff\"}");
        }
        let set = parse(&body, &salesforce()).expect("a token");
        prop_assert_eq!(set.access_token.expose(), &token);
        prop_assert_eq!(set.refresh_token.map(|kept| kept.expose().clone()), refresh);
    }
}
