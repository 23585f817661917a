//! Files applied to a database of their own.

mod api_keys;
mod custom;

use super::{ApplyError, Document, Mode, Summary, apply};
use crate::api::key::ApiKeyText;
use crate::auth::{Hashed, Passwords};
use crate::catalog::{Catalog, OriginOverrides};
use crate::clock::FixedClock;
use crate::domain::{Actor, Application, Timestamp};
use crate::oauth::egress::{Egress, Limits};
use crate::oauth::policy::OutboundPolicy;
use crate::store::{self, Store};
use crate::upstreams::{Upstreams, provider_id};
use crate::vault::{KekSet, Secret};
use app::wire::Role;
use std::path::Path;
use url::Url;

const KEK: &str = "gpk1_AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE";

const FILE: &str = r#"
[organization]
name = "Acme"

[[members]]
email = "admin@acme.example"
role = "owner"
password = "${ADMIN_PASSWORD}"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"
return_urls = ["https://app.acme.example/integrations"]
allowed_origins = ["https://app.acme.example"]
completion = "confirm"

[[applications.api_keys]]
name = "backend"

[[applications.providers]]
definition = "apollo"
client_id = "${APOLLO_ID}"
client_secrets = ["${APOLLO_SECRET}"]
scopes = ["contacts_search", "read_user_profile", "made_up_scope"]
one_owner_per_account = true

[[applications.providers]]
definition = "attio"
slug = "attio-eu"
client_id = "attio-client"
client_secrets = ["attio-secret"]
"#;

/// The environment that the file is applied in.
fn env(name: &str) -> Option<String> {
    let value = match name {
        "ADMIN_PASSWORD" => "four-otters-carry-lamps",
        "APOLLO_ID" => "apollo-client",
        "APOLLO_SECRET" => "apollo \"secret\" ${not filled in}",
        "SECRET" => "apollo-secret-1",
        "EMPTY" => "",
        _ => return None,
    };
    Some(value.replace(' ', "_"))
}

struct Bench {
    store: Store,
    upstreams: Upstreams,
    directory: tempfile::TempDir,
}

impl Bench {
    async fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let url = format!("sqlite://{}/grantport.db", directory.path().display());
        let clock = FixedClock::at(Timestamp::from_millis(1_767_225_600_000));
        let (store, _lock) = store::open(&url, clock.clone(), |_| Ok(KekSet::from_text(KEK)?))
            .await
            .expect("a database");
        let egress =
            Egress::new(OutboundPolicy::new([]), Limits::default(), clock).expect("a client");
        let public_url = Url::parse("http://127.0.0.1:3000").expect("a URL");
        let catalog = Catalog::built_in()
            .expect("a catalog")
            .with_practice_at(Some(&public_url));
        let upstreams = Upstreams::new(
            store.clone(),
            catalog,
            OriginOverrides::default(),
            egress,
            public_url,
        );
        Self {
            store,
            upstreams,
            directory,
        }
    }

    /// What a file would change.
    async fn plan(&self, file: &str) -> (usize, String) {
        let document = Document::read(file, self.directory.path(), env).expect("a document");
        let mut out = Vec::new();
        let mode = Mode::Plan;
        let planned = apply(&self.store, &self.upstreams, document, mode, &mut out).await;
        let changes = planned.expect("a plan").changes;
        (changes, String::from_utf8(out).expect("text"))
    }

    /// Applies a file and answers what was printed.
    async fn apply(&self, file: &str) -> (Result<Summary, ApplyError>, String) {
        let document = Document::read(file, self.directory.path(), env).expect("a document");
        let mut out = Vec::new();
        let done = apply(
            &self.store,
            &self.upstreams,
            document,
            Mode::Apply,
            &mut out,
        )
        .await;
        (done, String::from_utf8(out).expect("text"))
    }

    async fn application(&self, slug: &str) -> Application {
        let organization = self
            .store
            .organizations()
            .await
            .expect("a database")
            .remove(0);
        self.store
            .application(&organization.id, slug)
            .await
            .expect("a database")
            .expect("an application")
    }

    async fn secrets(&self, application: &Application, slug: &str) -> Vec<String> {
        let provider = self
            .store
            .provider(&application.id, slug)
            .await
            .expect("a database")
            .expect("a provider");
        let secrets = self
            .store
            .client_secrets(&provider, &provider.client_id)
            .await
            .expect("a database");
        secrets
            .iter()
            .map(|secret| secret.text.expose().clone())
            .collect()
    }
}

#[tokio::test]
async fn an_empty_instance_becomes_what_the_file_says_and_stays_so() {
    let bench = Bench::new().await;
    let (done, printed) = bench.apply(FILE).await;
    assert_eq!(done.expect("applied"), Summary { changes: 6 }, "{printed}");
    let application = bench.application("crm-sync").await;
    assert_eq!(application.name, "CRM Sync");
    assert_eq!(
        application.return_urls,
        ["https://app.acme.example/integrations"]
    );

    let apollo = bench
        .store
        .provider(&application.id, "apollo")
        .await
        .expect("a database")
        .expect("a provider");
    assert_eq!(
        Some(apollo.id.clone()),
        provider_id(bench.store.keyring(), &application, &apollo.slug).ok()
    );
    assert_eq!(apollo.client_id, "apollo-client");
    assert_eq!(
        apollo.scopes.join(" "),
        "contacts_search made_up_scope",
        "without what is granted anyway"
    );
    assert!(apollo.one_owner_per_account);
    assert!(
        printed.contains(&format!(
            "its redirect URI is http://127.0.0.1:3000/oauth/callback/{}",
            apollo.id
        )),
        "{printed}"
    );
    assert_eq!(
        bench.secrets(&application, "apollo").await,
        ["apollo_\"secret\"_${not_filled_in}"]
    );
    let attio = bench
        .store
        .provider(&application.id, "attio-eu")
        .await
        .expect("a database")
        .expect("a provider");
    let suggested = bench
        .upstreams
        .catalog()
        .get("attio")
        .expect("a definition")
        .suggested();
    assert_eq!(attio.scopes.len(), suggested.len());

    let owner = bench
        .store
        .credentials_of("ADMIN@acme.example")
        .await
        .expect("a database")
        .expect("a member");
    assert_eq!(
        (owner.member.role, owner.member.name.as_str()),
        (Role::Owner, "admin")
    );
    let verified = Passwords::default()
        .verify(
            Secret::from("four-otters-carry-lamps"),
            Some(owner.password),
        )
        .await;
    assert!(matches!(verified, Ok(Hashed::Right { .. })));

    let key = printed
        .split_whitespace()
        .find_map(ApiKeyText::parse)
        .expect("a key is printed");
    assert!(
        bench
            .store
            .live_api_key(&key.hash)
            .await
            .expect("a database")
            .is_some_and(|key| key.application == application.id)
    );
    for secret in ["four-otters", "apollo_\"secret", "attio-secret"] {
        assert!(!printed.contains(secret), "{printed}");
    }

    let (again, printed) = bench.apply(FILE).await;
    assert_eq!(again.expect("applied"), Summary { changes: 0 }, "{printed}");
    assert_eq!(printed, "Nothing changed: the instance matches the file.\n");
}

#[tokio::test]
async fn each_difference_is_mended_and_told() {
    let bench = Bench::new().await;
    bench.apply(FILE).await.0.expect("applied");
    let demoted = FILE.replace("role = \"owner\"", "role = \"admin\"");
    let (refused, printed) = bench.apply(&demoted).await;
    let refused = refused.expect_err("nobody else is an owner").to_string();
    assert!(refused.contains("the only owner"), "{refused}");
    assert_eq!(printed, "");
    let second = "[[members]]\nemail = \"second@acme.example\"\nrole = \"owner\"\npassword = \"${ADMIN_PASSWORD}\"\n";
    let (done, _) = bench.apply(&format!("{FILE}\n{second}")).await;
    done.expect("applied");
    for (from, to, told) in [
        (
            "name = \"Acme\"",
            "name = \"Acme Rockets\"",
            "renamed organization to Acme Rockets",
        ),
        (
            "name = \"Acme\"",
            "name = \"Acme\"\nsecond_factor_required = true",
            "changed house rules: second factor required",
        ),
        (
            "name = \"Acme\"",
            "name = \"Acme\"\npersonal_data_masked = true\nsecond_factor_required = false",
            "changed house rules: second factor required, personal data masked",
        ),
        (
            "role = \"owner\"",
            "role = \"admin\"",
            "changed member admin@acme.example: role",
        ),
        (
            "role = \"owner\"",
            "role = \"owner\"\nname = \"Mara\"",
            "changed member admin@acme.example: name",
        ),
        (
            "\"${ADMIN_PASSWORD}\"",
            "\"seven-herons-read-maps\"",
            "set the password of admin@acme.example",
        ),
        (
            "name = \"CRM Sync\"",
            "name = \"Sync\"",
            "changed application crm-sync: name",
        ),
        (
            "/integrations\"",
            "/done\", \"http://localhost:5173/\"",
            "changed application crm-sync: return URLs",
        ),
        (
            "allowed_origins = [\"https://app.acme.example\"]",
            "",
            "changed application crm-sync: allowed origins",
        ),
        (
            "name = \"backend\"",
            "name = \"worker\"",
            "created API key worker of crm-sync, shown this once: gp_",
        ),
        (
            "\"contacts_search\", ",
            "",
            "changed provider apollo of crm-sync: scopes",
        ),
        (
            "one_owner_per_account = true",
            "",
            "changed provider apollo of crm-sync: one owner per account",
        ),
    ] {
        assert!(FILE.contains(from), "{from}");
        let (done, printed) = bench.apply(&FILE.replace(from, to)).await;
        assert_eq!(done.expect("applied").changes, 1, "{to}: {printed}");
        assert!(printed.starts_with(told), "{printed}");
        bench.apply(FILE).await.0.expect("applied");
    }
}

#[tokio::test]
async fn another_client_id_has_the_secrets_of_the_file_for_its_own() {
    let bench = Bench::new().await;
    bench.apply(FILE).await.0.expect("applied");
    let (done, printed) = bench
        .apply(&FILE.replace("\"${APOLLO_ID}\"", "\"other\""))
        .await;
    done.expect("applied");
    let lines: Vec<_> = printed.lines().collect();
    assert_eq!(
        lines,
        [
            "added a client secret to provider apollo of crm-sync",
            "changed provider apollo of crm-sync: client ID",
            "removed a client secret from provider apollo of crm-sync",
            "3 changes.",
        ]
    );
}

#[tokio::test]
async fn client_secrets_become_those_of_the_file_in_its_order() {
    let bench = Bench::new().await;
    bench.apply(FILE).await.0.expect("applied");
    let application = bench.application("crm-sync").await;
    for (wanted, changes) in [
        (vec!["new-secret-1", "attio-secret"], 1),
        (vec!["new-secret-1", "attio-secret"], 0),
        (vec!["new-secret-1"], 1),
        (vec!["a-a-a-a-a", "b-b-b-b-b", "c-c-c-c-c"], 4),
        (vec!["c-c-c-c-c", "a-a-a-a-a"], 2),
        (vec!["z-z-z-z-z", "c-c-c-c-c"], 2),
    ] {
        let list = wanted
            .iter()
            .map(|secret| format!("\"{secret}\""))
            .collect::<Vec<_>>()
            .join(", ");
        let (done, printed) = bench.apply(&FILE.replace("\"attio-secret\"", &list)).await;
        assert_eq!(
            done.expect("applied").changes,
            changes,
            "{wanted:?}: {printed}"
        );
        assert_eq!(bench.secrets(&application, "attio-eu").await, wanted);
        assert!(
            wanted.iter().all(|secret| !printed.contains(secret)),
            "{printed}"
        );
    }
}

#[tokio::test]
async fn a_given_key_is_taken_once_and_never_printed() {
    let bench = Bench::new().await;
    let key = ApiKeyText::make();
    let file = FILE.replace(
        "name = \"backend\"",
        &format!("name = \"backend\"\nkey = \"{}\"", key.text.expose()),
    );
    let (done, printed) = bench.apply(&file).await;
    done.expect("applied");
    assert!(
        !printed.contains(key.text.expose()) && printed.contains(&key.hint),
        "{printed}"
    );
    assert_eq!(bench.apply(&file).await.0.expect("applied").changes, 0);

    let application = bench.application("crm-sync").await;
    let stored = bench
        .store
        .api_keys(&application.id)
        .await
        .expect("a database")
        .remove(0);
    bench
        .store
        .revoke_api_key(&application, stored.id.as_str(), Actor::apply())
        .await
        .expect("a database");
    let (refused, _) = bench.apply(&file).await;
    let refused = refused
        .expect_err("a revoked key does not come back")
        .to_string();
    assert!(
        refused.starts_with("line 17: This `key` was revoked"),
        "{refused}"
    );
    assert!(!refused.contains(key.text.expose()));
}

#[tokio::test]
async fn what_the_instance_cannot_become_is_refused_and_the_rest_told() {
    let bench = Bench::new().await;
    bench.apply(FILE).await.0.expect("applied");
    let file = FILE
        .replace("CRM Sync", "Sync")
        .replace("definition = \"attio\"", "definition = \"apaleo\"");
    let (refused, printed) = bench.apply(&file).await;
    assert!(
        refused
            .expect_err("another definition")
            .to_string()
            .contains("give this one another `slug`")
    );
    assert_eq!(printed, "changed application crm-sync: name\n");

    let file = format!("{FILE}\n[[members]]\nemail = \"new@acme.example\"\nrole = \"support\"\n");
    let refused = bench
        .apply(&file)
        .await
        .0
        .expect_err("no password")
        .to_string();
    assert!(refused.contains("Add `password`"), "{refused}");
}

#[tokio::test]
async fn what_the_catalog_lacks_is_refused_before_anything_is_written() {
    let bench = Bench::new().await;
    for (from, to, expected) in [
        (
            "definition = \"apollo\"",
            "definition = \"apolo\"\nslug = \"apollo\"",
            "is not in the catalog. Did you mean `apollo`?",
        ),
        (
            "definition = \"apollo\"",
            "definition = \"practice\"\nslug = \"apollo\"",
            "the practice provider registers itself",
        ),
        (
            "client_secrets = [\"attio-secret\"]",
            "",
            "Add `client_secrets`",
        ),
    ] {
        let (refused, printed) = bench.apply(&FILE.replace(from, to)).await;
        let refused = refused.expect_err("not in the catalog").to_string();
        assert!(
            refused.contains(expected) && refused.contains("Nothing was changed."),
            "{refused}"
        );
        assert_eq!(printed, "");
    }
    assert!(
        bench
            .store
            .organizations()
            .await
            .expect("a database")
            .is_empty()
    );
}

/// What is changed in [`FILE`] and into what, the line of the mistake, and what is said of it.
/// A picture beside the file.
fn picture(bench: &Bench, name: &str, colour: [u8; 3]) {
    let picture = image::RgbImage::from_pixel(8, 8, image::Rgb(colour));
    let path = bench.directory.path().join(name);
    picture.save(path).expect("a directory");
}

#[tokio::test]
async fn a_look_is_applied_once_and_stays_where_the_file_does_not_mention_it() {
    let bench = Bench::new().await;
    picture(&bench, "logo.png", [15, 81, 50]);
    let branded = FILE.replace(
        "completion = \"confirm\"",
        "completion = \"confirm\"\naccent = \"#0F5132\"\nlogo = \"logo.png\"",
    );
    let (done, printed) = bench.apply(&branded).await;
    done.expect("applied");
    assert!(
        printed.contains("changed application crm-sync: logo\n"),
        "{printed}"
    );
    let made = bench.application("crm-sync").await;
    assert_eq!(made.accent, "#0f5132".parse().ok());
    let digest = made.logo.expect("a logo");
    let stored = bench.store.logo(&digest).await.expect("a database");
    assert!(stored.expect("its file").starts_with(b"\x89PNG"));

    for file in [branded.as_str(), FILE] {
        let (again, printed) = bench.apply(file).await;
        assert_eq!(again.expect("applied").changes, 0, "{printed}");
    }
    picture(&bench, "logo.png", [200, 20, 20]);
    let (_, printed) = bench.apply(&branded.replace("#0F5132", "#c2185b")).await;
    assert_eq!(
        printed,
        "changed application crm-sync: accent\nchanged application crm-sync: logo\n2 changes.\n"
    );
    let changed = bench.application("crm-sync").await;
    assert_ne!(changed.logo, Some(digest));
    assert_eq!(changed.accent, "#c2185b".parse().ok());
}

const MISTAKES: &[(&str, &str, usize, &str)] = &[
    (
        "[organization]\nname = \"Acme\"\n",
        "",
        1,
        "Missing field `organization`",
    ),
    (
        "name = \"Acme\"",
        "name = \"\"",
        2,
        "`name` has to have 1 to 80 characters",
    ),
    (
        "name = \"Acme\"",
        "name = 5",
        3,
        "This value has to be a string.",
    ),
    ("name = \"Acme\"", "name = \"Acme", 3, "."),
    (
        "name = \"Acme\"",
        "nam = \"Acme\"",
        3,
        "Unknown field `nam`, expected one of `name`, `second_factor_required`, `personal_data_masked`.",
    ),
    (
        "role = \"owner\"",
        "role = \"boss\"",
        5,
        "`role` has to be owner, admin, developer, support or auditor.",
    ),
    (
        "role = \"owner\"",
        "role = \"owner\"\nadmin = true",
        8,
        "Unknown field `admin`",
    ),
    (
        "admin@acme.example",
        "admin",
        5,
        "`email` is no e-mail address.",
    ),
    (
        "${ADMIN_PASSWORD}",
        "short",
        5,
        "`password` has to have at least 12 characters.",
    ),
    (
        "${ADMIN_PASSWORD}",
        "${EMPTY}",
        5,
        "`password` is empty; is its variable?",
    ),
    (
        "${ADMIN_PASSWORD}",
        "password123456",
        5,
        "`password` is easy to guess",
    ),
    (
        "${ADMIN_PASSWORD}",
        "${ADMIN}",
        8,
        "The environment has no ADMIN: set it",
    ),
    (
        "${ADMIN_PASSWORD}",
        "${ADMIN",
        8,
        "`${` has to be followed by",
    ),
    (
        "slug = \"crm-sync\"",
        "slug = \"CRM Sync\"",
        10,
        "`slug` is none: a slug has a-z",
    ),
    (
        "https://app.acme.example/integrations",
        "http://app.acme.example/",
        10,
        "One of `return_urls` has to begin with https://",
    ),
    (
        "[\"https://app.acme.example\"]",
        "[\"https://app.acme.example/x\"]",
        10,
        "One of `allowed_origins` is no origin",
    ),
    ("\"confirm\"", "\"sealed\"", 15, "`completion` has to be"),
    (
        "return_urls = [\"https://app.acme.example/integrations\"]\nallowed_origins = [\"https://app.acme.example\"]\ncompletion = \"confirm\"",
        "completion = \"bound\"",
        10,
        "Add `return_urls`",
    ),
    (
        "completion = \"confirm\"",
        "completion = \"confirm\"\naccent = \"${SECRET}\"",
        16,
        "`accent` has to be # and six digits",
    ),
    (
        "completion = \"confirm\"",
        "completion = \"confirm\"\nlogo = \"nowhere/${SECRET}.png\"",
        16,
        "The file of `logo` cannot be read",
    ),
    (
        "completion = \"confirm\"",
        "completion = \"confirm\"\nlogo = \"Cargo.toml\"",
        16,
        "The file of `logo` is no PNG, JPEG or WebP picture.",
    ),
    (
        "name = \"backend\"",
        "name = \"backend\"\nkey = \"gp_123\"",
        17,
        "`key` is no API key of Grantport's",
    ),
    (
        "name = \"backend\"",
        "name = \"backend\"\n[[applications.api_keys]]\nname = \"backend\"",
        19,
        "Another API key has this `name`.",
    ),
    (
        "\"${APOLLO_ID}\"",
        "\"\"",
        20,
        "`client_id` has to have 1 to 2000 characters",
    ),
    (
        "\"${APOLLO_SECRET}\"",
        "\"${EMPTY}\"",
        20,
        "`client_secrets` has to have 1 to 2000 characters",
    ),
    (
        "\"${APOLLO_SECRET}\"",
        "\"${SECRET}\", \"${SECRET}\"",
        20,
        "`client_secrets` has one secret twice",
    ),
    (
        "\"made_up_scope\"",
        "\"made up\"",
        20,
        "`scopes` has to be a list of names",
    ),
    (
        "one_owner_per_account = true",
        "one_owner_per_account = \"${SECRET}\"",
        25,
        "This value has to be a boolean.",
    ),
    (
        "slug = \"attio-eu\"",
        "slug = \"apollo\"",
        27,
        "Another provider of this application has this `slug`",
    ),
    (
        "slug = \"attio-eu\"",
        "slug = \"new\"",
        27,
        "`slug` may not be \"new\"",
    ),
    (
        "[\"attio-secret\"]",
        "[\"attio-secret\"]\n[[applications.webhooks]]\nurl = \"https://a.example\"\nevents = [\"made.up\"]",
        32,
        "`events` has to be",
    ),
];

#[test]
fn every_mistake_is_told_with_its_line_and_no_value() {
    for &(from, to, line, expected) in MISTAKES {
        assert!(FILE.contains(from), "{from}");
        let error = Document::read(&FILE.replacen(from, to, 1), Path::new(""), env).expect_err(to);
        let first = &error.0[0];
        assert!(first.what.contains(expected), "{to}: {error}");
        assert_eq!(first.line, line, "{to}: {error}");
        for secret in [
            "short",
            "password123456",
            "apollo-secret-1",
            "four-otters",
            "gp_123",
        ] {
            assert!(!error.to_string().contains(secret), "{error}");
        }
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let file = FILE
        .replace("crm-sync", "CRM")
        .replace("owner\"", "boss\"")
        .replace("attio-eu", "-");
    let error = Document::read(&file, Path::new(""), env).expect_err("three mistakes");
    assert_eq!(
        error
            .0
            .iter()
            .map(|mistake| mistake.line)
            .collect::<Vec<_>>(),
        [5, 10, 27],
        "{error}"
    );
}

#[tokio::test]
async fn a_plan_tells_each_difference_and_mends_none() {
    let bench = Bench::new().await;
    let (changes, printed) = bench.plan(FILE).await;
    assert_eq!(changes, 6, "{printed}");
    assert!(
        printed.starts_with("would create organization Acme\n"),
        "{printed}"
    );
    assert!(printed.ends_with("6 changes are planned. Nothing was changed.\n"));
    let organizations = bench.store.organizations().await.expect("a database");
    assert!(organizations.is_empty());

    bench.apply(FILE).await.0.expect("applied");
    let (changes, printed) = bench.plan(FILE).await;
    assert_eq!(changes, 0, "{printed}");
    assert_eq!(printed, "Nothing to do: the instance matches the file.\n");

    let other = FILE
        .replace("CRM Sync", "CRM")
        .replace("attio-secret", "attio-secret-2")
        .replace("four-otters", "five-otters")
        .replace(
            "contacts_search\", ",
            "contacts_search\", \"person_read\", ",
        )
        .replace("${ADMIN_PASSWORD}", "five-otters-carry-lamps");
    let (changes, printed) = bench.plan(&other).await;
    assert_eq!(changes, 4, "{printed}");
    for line in [
        "would set the password of admin@acme.example",
        "would change application crm-sync",
        "    name: CRM Sync -> CRM",
        "would change provider apollo of crm-sync",
        "    scopes: contacts_search made_up_scope -> contacts_search person_read made_up_scope",
        "would add a client secret to provider attio-eu of crm-sync",
    ] {
        assert!(printed.contains(&format!("{line}\n")), "{line}: {printed}");
    }
    for secret in ["otters", "attio-secret"] {
        assert!(!printed.contains(secret), "{printed}");
    }
    let (changes, printed) = bench.plan(FILE).await;
    assert_eq!(changes, 0, "a plan changes nothing: {printed}");

    let (less, _) = FILE.split_once("[[applications.api_keys]]").expect("keys");
    let (changes, printed) = bench.plan(less).await;
    assert_eq!(changes, 0, "{printed}");
    for left in [
        "API key backend of crm-sync",
        "provider apollo of crm-sync",
        "provider attio-eu of crm-sync",
    ] {
        let line = format!("leaves {left}, which is not in the file\n");
        assert!(printed.contains(&line), "{printed}");
    }
}

#[tokio::test]
async fn a_value_that_may_be_missing_leaves_what_is_there() {
    let bench = Bench::new().await;
    bench.apply(FILE).await.0.expect("applied");
    let file = FILE
        .replace("${ADMIN_PASSWORD}", "${NO_PASSWORD?}")
        .replace("\"attio-secret\"", "\"${NO_SECRET?}\"");
    let (done, printed) = bench.apply(&file).await;
    assert_eq!(done.expect("applied").changes, 0, "{printed}");
    let application = bench.application("crm-sync").await;
    assert_eq!(
        bench.secrets(&application, "attio-eu").await,
        ["attio-secret"]
    );
    let (refused, _) = Bench::new().await.apply(&file).await;
    let refused = refused.expect_err("a new member needs one").to_string();
    assert!(refused.contains("Add `password`"), "{refused}");
}

#[tokio::test]
async fn the_practice_provider_registers_itself() {
    let bench = Bench::new().await;
    let file = format!("{FILE}\n[[applications.providers]]\ndefinition = \"practice\"\n");
    bench.apply(&file).await.0.expect("applied");
    let application = bench.application("crm-sync").await;
    assert_eq!(bench.secrets(&application, "practice").await.len(), 1);
    let (again, printed) = bench.apply(&file).await;
    assert_eq!(again.expect("applied").changes, 0, "{printed}");
}
