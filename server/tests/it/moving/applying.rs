//! An instance is written as a file, and made anew from it.

use crate::support::databases::Database;
use server::apply::{Document, Mode, apply, export};
use server::catalog::{Catalog, OriginOverrides};
use server::clock::SystemClock;
use server::oauth::egress::{Egress, Limits};
use server::oauth::policy::OutboundPolicy;
use server::store::Store;
use server::upstreams::Upstreams;
use std::path::Path;
use std::sync::Arc;
use url::Url;

const FILE: &str = r##"
[organization]
name = "Acme $${X}"
second_factor_required = true

[[members]]
email = "admin@acme.example"
name = "Mara \"M\" Lindqvist"
role = "owner"
password = "four-otters-carry-lamps"

[[members]]
email = "support@acme.example"
role = "support"
password = "five-otters-carry-lamps"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"
return_urls = ["https://app.acme.example/integrations", "https://app.acme.example/other"]
allowed_origins = ["https://app.acme.example"]
completion = "bound"
accent = "#0f5132"
logo = "mark.png"

[[applications.api_keys]]
name = "backend"

[[applications.api_keys]]
name = "worker 2"

[[applications.providers]]
definition = "apollo"
client_id = "apollo-client"
client_secrets = ["apollo-secret-1", "apollo-secret-2"]
scopes = ["contacts_search", "person_read"]
one_owner_per_account = true

[[applications.providers]]
definition = "gitlab"
slug = "our-gitlab"
client_id = "gitlab-client"
client_secrets = ["gitlab-secret"]
inputs = { host = "git.acme.example" }

[[applications.providers]]
definition = "custom"
slug = "acme-id"
name = "Acme ID"
issuer = "https://127.0.0.1"
client_id = "acme-client"
client_secrets = ["acme-secret"]
scopes = ["profile"]
[applications.providers.endpoints]
authorize = "https://127.0.0.1/authorize"
token = "https://127.0.0.1/token"
profile = "https://127.0.0.1/me"
account_id = "/sub"
account_label = ["/email", "/name"]
client_auth = "basic"
pkce = false
scope_separator = "comma"
issuer_always_sent = true

[[applications.providers]]
definition = "practice"

[[applications]]
slug = "second"
name = "Second"
"##;

fn upstreams(store: &Store) -> Upstreams {
    let egress = Egress::new(
        OutboundPolicy::new(["127.0.0.1:443".parse().expect("a host and a port")]),
        Limits::default(),
        Arc::new(SystemClock),
    );
    let public_url = Url::parse("http://127.0.0.1:3000").expect("a URL");
    let catalog = Catalog::built_in().expect("a catalog");
    Upstreams::new(
        store.clone(),
        catalog.with_practice_at(Some(&public_url)),
        OriginOverrides::default(),
        egress.expect("a client"),
        public_url,
    )
}

async fn applied(
    store: &Store,
    file: &str,
    directory: &Path,
    env: impl Fn(&str) -> Option<String>,
    mode: Mode,
) -> (usize, String) {
    let document = Document::read(file, directory, env).expect("a document");
    let mut out = Vec::new();
    let done = apply(store, &upstreams(store), document, mode, &mut out).await;
    let printed = String::from_utf8(out).expect("text");
    (
        done.unwrap_or_else(|error| panic!("{error}: {printed}"))
            .changes,
        printed,
    )
}

async fn written(store: &Store, directory: &Path) -> String {
    let exported = export(store, &upstreams(store), true)
        .await
        .expect("a database");
    let exported = exported.expect("an organization");
    exported.write_logos(directory).expect("written");
    exported.text
}

/// The secrets of [`FILE`], by the names under which an export asks for them.
fn env(name: &str) -> Option<String> {
    let value = match name {
        "PASSWORD_ADMIN_ACME_EXAMPLE" => "four-otters-carry-lamps",
        "PASSWORD_SUPPORT_ACME_EXAMPLE" => "five-otters-carry-lamps",
        "CRM_SYNC_APOLLO_CLIENT_SECRET" => "apollo-secret-1",
        "CRM_SYNC_APOLLO_CLIENT_SECRET_2" => "apollo-secret-2",
        "CRM_SYNC_OUR_GITLAB_CLIENT_SECRET" => "gitlab-secret",
        "CRM_SYNC_ACME_ID_CLIENT_SECRET" => "acme-secret",
        _ => return None,
    };
    Some(value.to_owned())
}

db_test!(an_export_makes_the_same_instance_again, async |db| {
    let directory = tempfile::tempdir().expect("a directory");
    let picture = image::RgbaImage::from_pixel(64, 64, image::Rgba([200, 30, 90, 255]));
    picture
        .save(directory.path().join("mark.png"))
        .expect("a picture");
    let store = &db.store;
    let nothing = export(store, &upstreams(store), true)
        .await
        .expect("a database");
    assert!(nothing.is_none());
    applied(store, FILE, directory.path(), |_| None, Mode::Apply).await;
    let first = written(store, directory.path()).await;
    for secret in [
        "otters",
        "apollo-secret",
        "gitlab-secret",
        "acme-secret",
        "gp_",
    ] {
        assert!(!first.contains(secret), "{secret}: {first}");
    }
    for words in [
        "name = 'Mara \"M\" Lindqvist'",
        "\"${CRM_SYNC_KEY_WORKER_2?}\"",
        "logo = \"logo-crm-sync.png\"",
        "Acme $${X}",
    ] {
        assert!(first.contains(words), "{words}: {first}");
    }

    // here it changes nothing, with or without the secrets
    for mode in [Mode::Plan, Mode::Apply] {
        let (changes, printed) = applied(store, &first, directory.path(), |_| None, mode).await;
        assert_eq!(changes, 0, "{printed}");
        let (changes, printed) = applied(store, &first, directory.path(), env, mode).await;
        assert_eq!(changes, 0, "{printed}");
    }

    // an empty instance becomes the same
    let there = Database::sqlite().await;
    let (planned, _) = applied(&there.store, &first, directory.path(), env, Mode::Plan).await;
    let (changes, printed) =
        applied(&there.store, &first, directory.path(), env, Mode::Apply).await;
    assert_eq!(planned, changes, "{printed}");
    let second = written(&there.store, directory.path()).await;
    assert_eq!(first, second);
    there.stop().await.remove().await;
});
