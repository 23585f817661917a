//! Provider definitions for the fake provider, as files of a catalog directory.

use super::provider::Manners;
use server::catalog::Catalog;
use std::path::Path;

/// Where the definitions say that the provider is. Origin overrides lead to its socket.
pub(crate) const ORIGIN: &str = "https://idp.example";

/// By the book: tokens that end, refresh tokens that rotate, PKCE, revocation (RFC 7009), an API.
const HOUSE: &str = r#"
[api]
base = "https://idp.example/api"
headers = { House-Version = "2026-11-01" }
[expiry]
source = "expires_in"
usually_s = 3600
[refresh]
rotation = "rotates"
[revocation]
url = "https://idp.example/revoke"
client_auth = "body"
token = "refresh_token"
"#;

/// Like Apollo: no PKCE, JSON bodies, `redirect_uri` on refresh, nothing to revoke with.
const DEMANDING: &str = r#"
[expiry]
source = "expires_in"
usually_s = 2592000
[refresh]
rotation = "rotates"
kills_access_token = true
sends_redirect_uri = true
"#;

/// Like Attio: one access token that does not end, and no refresh token.
const LASTING: &str = r#"
[expiry]
source = "never"
[refresh]
rotation = "none"
[revocation]
url = "https://idp.example/revoke"
client_auth = "body"
token = "access_token"
ends_whole_grant = true
"#;

/// Like Salesforce: says nothing of an end, keeps the refresh token, tells where the data is.
const SILENT: &str = r#"
[expiry]
source = "assumed"
after_s = 3600
[refresh]
rotation = "optional"
[revocation]
url = "https://idp.example/revoke"
client_auth = "none"
"#;

/// By the book, and the scopes are sent with a refresh.
const SCOPED: &str = r#"
[expiry]
source = "expires_in"
usually_s = 3600
[refresh]
rotation = "rotates"
sends_scopes = true
"#;

/// By the book, but a refresh token that is used twice ends the grant.
const TOUCHY: &str = r#"
[api]
base = "https://localhost/api"
[expiry]
source = "expires_in"
usually_s = 3600
[refresh]
rotation = "rotates"
reuse = "ends_grant"
"#;

/// By the book, and a refresh token that is not used for 60 days lapses.
const LAPSING: &str = r#"
[expiry]
source = "expires_in"
usually_s = 31536000
[refresh]
rotation = "rotates"
idle_days = 60
"#;

/// By the book, and a refresh that asks for fewer scopes narrows the grant.
const NARROWING: &str = r#"
[[scopes.always_granted]]
name = "account.id"
words = "See who they are"
[expiry]
source = "expires_in"
usually_s = 3600
[refresh]
rotation = "rotates"
narrows_scopes = true
"#;

/// The catalog with a definition for each of the provider's [`Manners`].
pub(crate) fn catalog() -> Catalog {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path());
    let catalog = Catalog::load(Some(directory.path())).expect("a catalog");
    assert_eq!(catalog.problems().len(), 0, "{:?}", catalog.problems());
    catalog
}

/// The definitions as files, for a server that reads them itself.
pub(crate) fn write(directory: &Path) {
    for (id, head, rest) in [
        ("house", "", HOUSE),
        (
            "demanding",
            "pkce = \"unsupported\"\ntoken_body = \"json\"",
            DEMANDING,
        ),
        ("lasting", "", LASTING),
        ("bring", "credentials = \"per_connection\"", HOUSE),
        ("lapsing", "", LAPSING),
        ("narrowing", "", NARROWING),
        ("scoped", "", SCOPED),
        ("touchy", "", TOUCHY),
        ("silent", "token_metadata = [\"instance_url\"]", SILENT),
    ] {
        let path = directory.join(format!("{id}.toml"));
        std::fs::write(path, definition(id, head, rest)).expect("written");
    }
}

/// How a provider behaves to which a definition fits.
pub(crate) fn manners(definition: &str) -> Manners {
    let by_the_book = Manners::default();
    match definition {
        "demanding" => Manners {
            pkce: false,
            json: true,
            wants_redirect_uri: true,
            ..by_the_book
        },
        "lasting" => Manners {
            expires_in: None,
            refresh_token: false,
            ..by_the_book
        },
        "silent" => Manners {
            expires_in: None,
            rotates: false,
            instance_url: true,
            ..by_the_book
        },
        _ => by_the_book,
    }
}

fn definition(id: &str, head: &str, rest: &str) -> String {
    format!(
        r#"
id = "{id}"
name = "House of {id}"
short_name = "House"
category = "Tests"
remark = "Answers what a test tells it to."
{head}
[mark]
initials = "Ho"
hue = 3
[trust]
level = "contract_tested"
since = "2026-11-22"
[endpoints]
authorize = "{ORIGIN}/authorize"
token = "{ORIGIN}/token"
[identity]
url = "{ORIGIN}/me"
account_id = ["/id"]
account_label = ["/email"]
[guide]
lead = "Nothing to do."
[[guide.steps]]
title = "Save"
text = "Press **Save**."
[scopes]
[[scopes.groups]]
title = "All"
scopes = [
  {{ name = "contacts.read", words = "Read contacts", suggested = true }},
  {{ name = "deals.read", words = "Read deals" }},
]
{rest}
"#
    )
}
