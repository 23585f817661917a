use super::*;
use crate::oauth::rehearsal::salesforce;

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
