//! The catalog as it is shipped, and with files of the operator's own.

use super::*;
use crate::domain::Scopes;
use app::wire::{Language, TokenLife, Trust};

fn shipped() -> Catalog {
    Catalog::built_in().expect("the built-in definitions are right")
}

fn definition(id: &str) -> Arc<Definition> {
    shipped().get(id).expect(id)
}

fn ids(definitions: &[Arc<Definition>]) -> Vec<&str> {
    definitions.iter().map(|d| d.id.as_str()).collect()
}

#[test]
fn every_built_in_definition_is_right_and_listed_by_name() {
    let catalog = shipped();
    let by_name = catalog.by_name();
    let names: Vec<String> = by_name.iter().map(|d| d.name.to_lowercase()).collect();
    assert!(names.is_sorted(), "{names:?}");
    assert_eq!(catalog.len(), BUILT_IN.len());
    // sixty with the one that is made in the portal, without the practice provider
    assert_eq!(catalog.with_practice_at(None).len() + 1, 60);
}

#[test]
fn every_file_of_the_catalog_folder_is_built_in() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("catalog");
    let mut files: Vec<String> = toml_files(&folder)
        .expect("the folder")
        .iter()
        .filter_map(|path| {
            path.file_name()
                .map(|name| name.to_string_lossy().into_owned())
        })
        .collect();
    files.sort();
    let built_in: Vec<&str> = BUILT_IN.iter().map(|(file, _)| *file).collect();
    assert_eq!(files, built_in);
}

#[test]
fn all_scopes_are_there() {
    for (id, always_granted, in_groups) in [
        // 91 of Apollo's own and `api:default`
        ("apollo", 2, 89 + 1),
        ("attio", 0, 31),
        ("salesforce", 0, 36),
        ("apaleo", 0, 172),
    ] {
        let definition = definition(id);
        assert_eq!(
            definition.scopes.always_granted.len(),
            always_granted,
            "{id}"
        );
        assert_eq!(
            definition.all_scopes().count(),
            always_granted + in_groups,
            "{id}"
        );
    }
}

#[test]
fn words_tell_what_an_application_may_do() {
    for definition in shipped().by_name() {
        for scope in definition.all_scopes() {
            let words = &scope.words;
            assert!(
                words.starts_with(|c: char| c.is_uppercase()),
                "{}: {words}",
                scope.name
            );
            assert!(words.contains(' '), "{}: {words}", scope.name);
            assert!(!words.ends_with('.'), "{}: {words}", scope.name);
        }
    }
}

#[test]
fn a_scope_that_refreshing_needs_is_listed_with_its_words() {
    for definition in shipped().by_name() {
        for name in &definition.scopes.needed_for_refresh {
            assert!(
                definition.all_scopes().any(|scope| scope.name == *name),
                "{}: {name}",
                definition.id
            );
            let ticked = definition.suggested().contains(name)
                || definition
                    .scopes
                    .always_granted
                    .iter()
                    .any(|scope| scope.name == *name);
            assert!(ticked, "{}: {name}", definition.id);
        }
    }
}

#[test]
fn the_familiar_scopes_of_attio_come_first() {
    let attio = definition("attio");
    let first: Vec<&str> = attio
        .all_scopes()
        .take(8)
        .map(|s| s.name.as_str())
        .collect();
    assert_eq!(
        first,
        [
            "record_permission:read",
            "record_permission:read-write",
            "list_entry:read",
            "list_entry:read-write",
            "note:read",
            "note:read-write",
            "task:read",
            "task:read-write",
        ]
    );
    assert!(!attio.sends_scopes());
    assert!(definition("apollo").sends_scopes());
}

#[test]
fn apollo_behaves_as_its_guide_says() {
    let apollo = definition("apollo");
    assert_eq!(
        apollo.endpoints.authorize_style,
        AuthorizeStyle::FragmentRoute
    );
    assert_eq!(apollo.pkce, Pkce::Unsupported);
    assert!(apollo.refresh.sends_redirect_uri && apollo.refresh.kills_access_token);
    assert_eq!(apollo.callback_errors.not_allowed, ["403"]);
    assert_eq!(apollo.trust.level, Trust::ContractTested);
    assert_eq!(
        apollo.token_life(),
        TokenLife::Refreshed { every_s: 2_592_000 }
    );
    assert_eq!(
        apollo.suggested().join(" "),
        "contacts_search contact_read contact_update person_read people_match"
    );
    let last = apollo.all_scopes().last().expect("scopes");
    assert_eq!(last.name, "api:default");
    assert!(last.words.contains("Alter Vault"));
}

#[test]
fn facts_read_as_on_the_page() {
    let facts =
        |id: &str| -> BTreeMap<String, String> { definition(id).facts().into_iter().collect() };
    let apollo = facts("apollo");
    assert_eq!(apollo["PKCE"], "Not supported");
    assert_eq!(
        apollo["Tokens"],
        "Last 30 days; a refresh ends the old pair at once"
    );
    assert_eq!(
        apollo["Revoke"],
        "Not possible from here. Your customer ends it at Apollo: Settings > Integrations"
    );
    assert_eq!(apollo["Redirect URIs"], "Up to 4, https only");
    let attio = facts("attio");
    assert_eq!(attio["PKCE"], "Sent");
    assert_eq!(attio["Tokens"], "Never expire");
    assert_eq!(
        attio["Revoke"],
        "Possible from here, one connection at a time"
    );
    assert_eq!(attio["Account"], "One workspace per connection");
    assert!(!attio.contains_key("Redirect URIs"));
}

#[test]
fn token_lives_differ() {
    assert_eq!(definition("attio").token_life(), TokenLife::NeverExpire);
    assert_eq!(
        definition("salesforce").token_life(),
        TokenLife::Refreshed { every_s: 3600 }
    );
}

#[test]
fn scopes_are_put_into_words_and_unknown_names_kept() {
    let chosen = Scopes::new(["person_read", "brand_new", "read_user_profile"]).expect("names");
    let words = definition("apollo").words_for(&chosen);
    let pairs: Vec<(&str, &str)> = words
        .iter()
        .map(|w| (w.name.as_str(), w.words.as_str()))
        .collect();
    assert_eq!(
        pairs,
        [
            ("person_read", "Read one person profile"),
            ("brand_new", ""),
            ("read_user_profile", "See who they are: name, e-mail, team"),
        ]
    );
}

#[test]
fn the_form_ticks_what_is_chosen_and_what_is_always_asked_for() {
    let chosen = Scopes::new(["api"]).expect("a name");
    let view = definition("salesforce").view(&chosen, &OriginOverrides::default());
    let ticked: Vec<&str> = view
        .scope_groups
        .iter()
        .flat_map(|group| &group.scopes)
        .filter(|scope| scope.chosen)
        .map(|scope| scope.name.as_str())
        .collect();
    assert_eq!(ticked, ["api", "refresh_token"]);

    let apollo = definition("apollo").view(&Scopes::default(), &OriginOverrides::default());
    assert!(apollo.always_granted.iter().all(|scope| scope.chosen));
    assert!(
        apollo
            .scope_groups
            .iter()
            .flat_map(|g| &g.scopes)
            .all(|s| !s.chosen)
    );
    assert_eq!(
        apollo.steps[0].link.as_deref(),
        Some("https://app.apollo.io/#/settings/integrations")
    );
}

#[test]
fn links_of_the_guide_follow_the_overrides() {
    let overrides: OriginOverrides = r#"{"https://app.apollo.io": "http://127.0.0.1:9400"}"#
        .parse()
        .expect("overrides");
    let view = definition("apollo").view(&Scopes::default(), &overrides);
    assert_eq!(
        view.steps[0].link.as_deref(),
        Some("http://127.0.0.1:9400/#/settings/integrations")
    );
}

#[test]
fn salesforce_asks_where_the_person_signs_in() {
    let views = definition("salesforce").input_views(AskedOf::EndUser, Language::En);
    let [login_host] = views.as_slice() else {
        panic!("one input, not {views:?}");
    };
    assert_eq!(login_host.value, "login.salesforce.com");
    assert_eq!(
        login_host.choices,
        [
            ("login.salesforce.com".to_owned(), "Production".to_owned()),
            ("test.salesforce.com".to_owned(), "Sandbox".to_owned()),
        ]
    );
    assert_eq!(login_host.other.as_deref(), Some("My Domain"));
}

/// What somebody could fill in and a provider could tell.
fn sample_values(definition: &Definition) -> BTreeMap<String, String> {
    let mut values = BTreeMap::from([("client_id".to_owned(), "client-1".to_owned())]);
    for kept in &definition.token_metadata {
        let url = kept.name().contains("url") || kept.name().contains("domain");
        let value = if url { "https://acme.example" } else { "acme" };
        values.insert(kept.name().to_owned(), value.to_owned());
    }
    for input in &definition.inputs {
        let ending = input.allowed_suffixes.first();
        let value = match ending {
            Some(ending) => format!("acme{ending}"),
            None if input.any_host => "acme.example".to_owned(),
            None => "acme".to_owned(),
        };
        values.insert(input.name.clone(), value);
    }
    let told = definition.identity.iter();
    for name in told.flat_map(|identity| identity.metadata.keys()) {
        let url = name.contains("ur") || name == "api_endpoint";
        let value = if url { "https://acme.example" } else { "acme" };
        values.insert(name.clone(), value.to_owned());
    }
    values.extend(definition.default_inputs());
    values
}

#[test]
fn every_address_of_the_catalog_can_be_filled() {
    let server: Url = "http://127.0.0.1:3000".parse().expect("a URL");
    for definition in shipped().with_practice_at(Some(&server)).by_name() {
        let values = sample_values(&definition);
        let mut templates = vec![&definition.endpoints.authorize, &definition.endpoints.token];
        templates.extend(definition.endpoints.refresh.iter());
        templates.extend(definition.revocation.iter().map(|r| &r.url));
        let identity = definition.identity.iter();
        templates.extend(identity.filter_map(|identity| identity.url.as_ref()));
        templates.extend(definition.api.iter().map(|api| &api.base));
        for template in templates {
            let filled = template::fill(template, &values);
            assert!(filled.is_ok(), "{}: {template}: {filled:?}", definition.id);
        }
    }
}

#[test]
fn a_search_looks_at_name_category_and_sign_in_host() {
    let catalog = shipped();
    assert_eq!(catalog.search("", "").len(), catalog.len());
    for (q, category, found) in [
        ("APOLLO", "", &["apollo"][..]),
        ("test.salesforce", "", &["salesforce-sandbox"]),
        ("identity.apaleo.com", "", &["apaleo"]),
        ("attio", "CRM", &["attio"]),
        ("attio", "Hospitality", &[]),
        ("nothing of the kind", "", &[]),
    ] {
        assert_eq!(
            ids(&catalog.search(q, category)),
            found,
            "{q:?} in {category:?}"
        );
    }
    let crm = catalog.search(" crm ", "");
    let crm = ids(&crm);
    assert!(crm.contains(&"apollo") && crm.contains(&"attio") && crm.contains(&"salesforce"));
    assert!(!crm.contains(&"apaleo"), "{crm:?}");
}

#[test]
fn categories_are_counted() {
    let catalog = shipped().with_practice_at(None);
    let categories = catalog.categories();
    assert!(categories.is_sorted());
    let sum: u32 = categories.iter().map(|(_, count)| count).sum();
    assert_eq!(usize::try_from(sum), Ok(catalog.len()));
    for (category, count) in categories {
        let found = catalog.search("", &category).len();
        assert_eq!(usize::try_from(count), Ok(found), "{category}");
    }
}

#[test]
fn the_practice_provider_is_where_the_server_is() {
    let server: Url = "http://127.0.0.1:3000".parse().expect("a URL");
    let catalog = shipped().with_practice_at(Some(&server));
    let practice = catalog.get("practice").expect("the practice provider");
    assert_eq!(
        practice.endpoints.token,
        "http://127.0.0.1:3000/practice/token"
    );
    assert_eq!(
        practice.sign_in_host(&practice.default_inputs()),
        "127.0.0.1"
    );
    assert!(shipped().with_practice_at(None).get("practice").is_none());
}

const EXTRA: &str = r#"
name = "Acme CRM"
short_name = "Acme"
category = "CRM"
remark = "Made up."
mark = { initials = "Ac", hue = 1 }
trust = { level = "documented", since = "2026-11-22" }
endpoints = { authorize = "https://acme.example/authorize", token = "https://acme.example/token" }
scopes = {}
expiry = { source = "never" }
refresh = { rotation = "none" }
guide = { lead = "Two minutes.", steps = [] }
"#;

fn directory(files: &[(&str, &str)]) -> tempfile::TempDir {
    let directory = tempfile::tempdir().expect("a directory");
    for (name, text) in files {
        std::fs::write(directory.path().join(name), text).expect("a file");
    }
    directory
}

#[test]
fn a_wrong_extra_file_takes_no_other_down() {
    let good = format!("id = \"acme\"{EXTRA}");
    let wrong = format!("id = \"wrong\"{EXTRA}").replace("hue = 1 ", "hue = 40 ");
    let directory = directory(&[
        ("acme.toml", good.as_str()),
        ("broken.toml", "id = "),
        ("wrong.toml", wrong.as_str()),
        ("apollo.toml", &format!("id = \"apollo\"{EXTRA}")),
        (
            "play.toml",
            &format!("id = \"play\"\npractice = true{EXTRA}").replace("https://acme.example", ""),
        ),
        ("notes.txt", "not a definition"),
        (".hidden.toml", "not a definition"),
    ]);
    std::fs::write(directory.path().join("latin.toml"), [b'#', 0xe9]).expect("a file");
    let catalog = Catalog::load(Some(directory.path())).expect("a catalog");

    assert!(catalog.get("acme").is_some());
    assert_eq!(catalog.len(), BUILT_IN.len() + 1);
    assert_eq!(
        definition("apollo").name,
        catalog.get("apollo").expect("Apollo").name
    );
    let told: Vec<String> = catalog.problems().iter().map(ToString::to_string).collect();
    let expected = [
        ("apollo.toml, line 1: ", "Choose another id"),
        ("broken.toml, line 1: ", "valid TOML"),
        ("latin.toml, line 1: ", "Check its permissions and encoding"),
        ("play.toml, line 2: ", "Remove `practice`"),
        ("wrong.toml, line 6: ", "Choose one from 1 to 12"),
    ];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (text, (place, advice)) in told.iter().zip(expected) {
        assert!(text.starts_with(place) && text.contains(advice), "{text}");
    }
}

#[test]
fn a_catalog_directory_that_is_not_there_is_told() {
    let directory = directory(&[]);
    let missing = directory.path().join("missing");
    let error = Catalog::load(Some(&missing)).expect_err("no directory");
    let text = error.to_string();
    assert!(
        text.contains("missing") && text.contains("CATALOG_DIR"),
        "{text}"
    );
}

#[test]
fn a_file_that_builds_on_another_says_only_what_differs() {
    let sandbox = r#"
extends = "salesforce"
id = "acme-sandbox"
name = "Acme’s sandbox"
[expiry]
after_s = 900
[guide]
lead = "One minute."
"#;
    let wrong =
        "extends = \"salesforce\"\nid = \"acme-wrong\"\n[refresh]\nrotation = \"sideways\"\n";
    let unknown = "id = \"acme-unknown\"\nextends = \"salesfarce\"\n";
    let spelt = "extends = \"salesforce\"\nid = \"acme-spelt\"\n\nshort_nam = \"Acme\"\n";
    let extra = directory(&[
        ("acme-sandbox.toml", sandbox),
        ("acme-wrong.toml", wrong),
        ("acme-unknown.toml", unknown),
        ("acme-spelt.toml", spelt),
    ]);
    let catalog = Catalog::load(Some(extra.path())).expect("a catalog");
    let salesforce = definition("salesforce");
    let derived = catalog.get("acme-sandbox").expect("the sandbox");
    assert_eq!(derived.name, "Acme’s sandbox");
    assert_eq!(derived.short_name, salesforce.short_name);
    assert_eq!(derived.endpoints.token, salesforce.endpoints.token);
    assert_eq!(derived.expiry.usually_s(), Some(900));
    assert_eq!(derived.guide.steps.len(), salesforce.guide.steps.len());
    let problems: Vec<String> = catalog.problems().iter().map(ToString::to_string).collect();
    assert_eq!(problems.len(), 3, "{problems:?}");
    assert!(
        problems[0].starts_with("acme-spelt.toml, line 4: unknown field `short_nam`"),
        "{problems:?}"
    );
    assert!(
        problems[1].starts_with(
            "acme-unknown.toml, line 2: there is no definition \"salesfarce\" to extend"
        ),
        "{problems:?}"
    );
    assert!(
        problems[2].starts_with("acme-wrong.toml, line 4: unknown variant `sideways`"),
        "{problems:?}"
    );
}
