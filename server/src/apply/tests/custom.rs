//! Custom providers, and what definitions ask an admin for.

use super::*;
use crate::apply::DocumentError;
use crate::catalog::CustomDefinition;
use crate::domain::Provider;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;
use std::sync::{Arc, Mutex};

const HEAD: &str = r#"
[organization]
name = "Acme"

[[applications]]
slug = "crm-sync"
name = "CRM Sync"

[[applications.providers]]
"#;

const BY_HAND: &str = r#"definition = "custom"
slug = "acme"
client_id = "acme-client"
client_secrets = ["acme-secret"]
scopes = ["crm.read"]
endpoints = { authorize = "https://login.acme.example/authorize", token = "https://login.acme.example/token", profile = "https://api.acme.example/me", account_id = "/id", account_label = ["/email", "/name"] }
"#;

const FROM_ISSUER: &str = r#"definition = "custom"
slug = "acme"
client_id = "acme-client"
client_secrets = ["acme-secret"]
issuer = "https://login.acme.example"
"#;

/// An issuer on a loopback port that tells what it was last told to tell.
#[derive(Clone)]
struct Issuer {
    origin: String,
    document: Arc<Mutex<String>>,
}

impl Issuer {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let document = Arc::new(Mutex::new(String::new()));
        let told = Arc::clone(&document);
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut request = [0; 4096];
                let _ = stream.read(&mut request);
                let body = told.lock().expect("a document").clone();
                let _ = write!(
                    stream,
                    "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
                    body.len()
                );
            }
        });
        let issuer = Self { origin, document };
        issuer.tell("/token");
        issuer
    }

    fn tell(&self, token: &str) {
        let at = |path: &str| format!("https://login.acme.example{path}");
        *self.document.lock().expect("a document") = serde_json::json!({
            "issuer": at(""),
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at(token),
            "userinfo_endpoint": at("/userinfo"),
            "scopes_supported": ["openid", "email", "offline_access"],
        })
        .to_string();
    }
}

impl Bench {
    /// A bench whose catalog has this file too, and from which an issuer can be reached.
    async fn with(file: Option<(&str, &str)>, issuer: Option<&Issuer>) -> Self {
        let mut bench = Self::new().await;
        let directory = bench.directory.path().join("catalog");
        std::fs::create_dir(&directory).expect("a directory");
        if let Some((name, text)) = file {
            std::fs::write(directory.join(name), text).expect("a file");
        }
        let catalog = Catalog::load(Some(Path::new(&directory))).expect("a catalog");
        assert!(catalog.problems().is_empty(), "{:?}", catalog.problems());
        let overrides = issuer.map(|issuer| {
            serde_json::json!({"https://login.acme.example": issuer.origin}).to_string()
        });
        let overrides: OriginOverrides = overrides.unwrap_or_default().parse().expect("overrides");
        let allowed = overrides
            .targets()
            .filter_map(|url| crate::oauth::policy::Upstream::of(&url))
            .collect::<Vec<_>>();
        let clock = bench.store.clock();
        let egress = Egress::new(OutboundPolicy::new(allowed), Limits::default(), clock);
        bench.upstreams = Upstreams::new(
            bench.store.clone(),
            catalog,
            overrides,
            egress.expect("a client"),
            Url::parse("http://127.0.0.1:3000").expect("a URL"),
        );
        bench
    }

    async fn acme(&self) -> (Provider, CustomDefinition) {
        let application = self.application("crm-sync").await;
        let provider = self.store.provider(&application.id, "acme").await;
        let provider = provider.expect("a database").expect("a provider");
        let custom = provider.custom.clone().expect("a definition");
        (provider, custom)
    }

    /// The mistakes of a file that is not applied.
    async fn refused(&self, file: &str) -> Vec<(usize, String)> {
        let document = match Document::read(file, Path::new(""), env) {
            Ok(document) => document,
            Err(DocumentError(mistakes)) => return told(mistakes),
        };
        let done = apply(
            &self.store,
            &self.upstreams,
            document,
            Mode::Apply,
            &mut Vec::new(),
        )
        .await;
        match done.expect_err("a mistake") {
            ApplyError::Document(DocumentError(mistakes)) => {
                let organizations = self.store.organizations().await.expect("a database");
                assert!(organizations.is_empty(), "nothing was written");
                told(mistakes)
            }
            other => panic!("{other}"),
        }
    }
}

fn told(mistakes: Vec<super::super::Mistake>) -> Vec<(usize, String)> {
    mistakes.into_iter().map(|m| (m.line, m.what)).collect()
}

#[tokio::test]
async fn a_provider_by_hand_is_made_once_and_changed_where_it_differs() {
    let bench = Bench::with(None, None).await;
    let file = format!("{HEAD}{BY_HAND}");
    let (done, printed) = bench.apply(&file).await;
    assert!(done.is_ok(), "{printed}");
    let (provider, custom) = bench.acme().await;
    assert_eq!(provider.definition, "custom");
    assert_eq!(custom.name, "acme");
    assert_eq!(custom.account_label, ["/email", "/name"]);
    assert!(custom.pkce);
    let definition = bench.upstreams.definition(&provider).expect("a definition");
    assert_eq!(
        definition.endpoints.token,
        "https://login.acme.example/token"
    );

    let (again, printed) = bench.apply(&file).await;
    assert_eq!(again.expect("applied"), Summary { changes: 0 }, "{printed}");

    let moved = file.replace("acme.example/token", "acme.example/v2/token");
    let (done, printed) = bench.apply(&moved).await;
    assert_eq!(done.expect("applied"), Summary { changes: 1 });
    assert!(
        printed.contains("changed provider acme of crm-sync: token"),
        "{printed}"
    );
    let (_, custom) = bench.acme().await;
    assert_eq!(custom.token, "https://login.acme.example/v2/token");
}

#[tokio::test]
async fn an_issuer_is_asked_each_time_and_told_of_only_when_it_moved() {
    let issuer = Issuer::start();
    let bench = Bench::with(None, Some(&issuer)).await;
    let file = format!("{HEAD}{FROM_ISSUER}");
    let (done, printed) = bench.apply(&file).await;
    assert!(done.is_ok(), "{printed} {done:?}");
    let (provider, custom) = bench.acme().await;
    assert_eq!(custom.issuer.as_deref(), Some("https://login.acme.example"));
    assert_eq!(custom.name, "login.acme.example");
    assert_eq!(provider.scopes.join(" "), "openid email");

    let (again, printed) = bench.apply(&file).await;
    assert_eq!(again.expect("applied"), Summary { changes: 0 }, "{printed}");

    issuer.tell("/v2/token");
    let (done, printed) = bench.apply(&file).await;
    assert_eq!(done.expect("applied"), Summary { changes: 1 }, "{printed}");
    assert!(printed.contains(": token"), "{printed}");

    let named = file.replace("issuer =", "name = \"Acme\"\nissuer =");
    let (_, printed) = bench.apply(&named).await;
    assert!(printed.contains(": name"), "{printed}");
    // without a name the file says nothing of it
    let (again, printed) = bench.apply(&file).await;
    assert_eq!(again.expect("applied"), Summary { changes: 0 }, "{printed}");
}

#[tokio::test]
async fn mistakes_of_custom_providers_are_told_with_their_lines_and_no_value() {
    let issuer = Issuer::start();
    let bench = Bench::with(None, Some(&issuer)).await;
    let by_hand = format!("{HEAD}{BY_HAND}");
    let from_issuer = format!("{HEAD}{FROM_ISSUER}");
    let on_lines = by_hand.replace(
        by_hand.lines().last().expect("a line"),
        "[applications.providers.endpoints]\nauthorize = \"https://login.acme.example/a\"\ntoken = \"https://10.0.0.1/t\"",
    );
    for (file, line, what) in [
        (
            by_hand.replace("https://api.acme.example/me", "http://api.acme.example/me"),
            15,
            "`profile` has to be an https address",
        ),
        (
            by_hand.replace(
                "https://api.acme.example/me",
                "https://me:pw@api.acme.example/me",
            ),
            15,
            "`profile` has to be an https address",
        ),
        (
            by_hand.replace("account_id = \"/id\", ", ""),
            15,
            "`account_id` is needed",
        ),
        (
            by_hand.replace("\"/id\"", "\"id\""),
            15,
            "`account_id` has to hold pointers",
        ),
        (
            by_hand.replace(
                "https://login.acme.example/token",
                "https://169.254.169.254/token",
            ),
            15,
            "`token` may not be called",
        ),
        (by_hand.replace("token =", "tokens ="), 15, "tokens"),
        (
            by_hand.replace("client_id = \"acme-client\"\n", ""),
            9,
            "Add `client_id`.",
        ),
        (
            by_hand.replace("client_secrets = [\"acme-secret\"]\n", ""),
            9,
            "Add `client_secrets`",
        ),
        (
            by_hand
                .lines()
                .filter(|line| !line.starts_with("endpoints"))
                .collect::<Vec<_>>()
                .join("\n"),
            9,
            "either `issuer`, or `endpoints`",
        ),
        (
            by_hand.replace("\"custom\"", "\"apollo\""),
            9,
            "are for definition = \"custom\" alone",
        ),
        (on_lines, 17, "`token` may not be called"),
        (
            from_issuer.replace("login.acme.example", "localhost"),
            14,
            "may not be called",
        ),
        (
            from_issuer.replace("https://login", "http://login"),
            14,
            "no https address",
        ),
        (
            from_issuer.replace("acme.example\"", "acme.example/\""),
            14,
            "names another issuer",
        ),
    ] {
        let mistakes = bench.refused(&file).await;
        assert!(
            mistakes
                .iter()
                .any(|(at, said)| *at == line && said.contains(what)),
            "{what} in {line}: {mistakes:?}\n{file}"
        );
        for value in ["169.254", "10.0.0.1", "me:pw", "acme-secret"] {
            assert!(mistakes.iter().all(|(_, said)| !said.contains(value)));
        }
    }
}

/// A definition that asks an admin for a host.
fn asking_for_a_host() -> String {
    let attio = include_str!("../../../catalog/attio.toml");
    let input = "\n[[inputs]]\nname = \"host\"\nlabel = \"Where is your server?\"\nhint = \"Its host.\"\nasked_of = \"admin\"\nany_host = true\n";
    let text = attio.replacen("id = \"attio\"", "id = \"own\"", 1);
    format!("{text}{input}")
}

#[tokio::test]
async fn what_a_definition_asks_an_admin_for_stands_in_the_file() {
    let text = asking_for_a_host();
    let bench = Bench::with(Some(("own.toml", &text)), None).await;
    let provider =
        "definition = \"own\"\nslug = \"acme\"\nclient_id = \"c\"\nclient_secrets = [\"s\"]\n";
    for (inputs, what) in [
        ("", "`inputs.host` is missing"),
        (
            "inputs = { host = \"10.0.0.1\" }",
            "`inputs.host` is missing, or is nothing",
        ),
        (
            "inputs = { hots = \"a.example\" }",
            "the definition asks an admin for host",
        ),
    ] {
        let mistakes = bench.refused(&format!("{HEAD}{provider}{inputs}")).await;
        assert_eq!(mistakes[0].0, 9);
        assert!(mistakes[0].1.contains(what), "{mistakes:?}");
    }
    let file = format!("{HEAD}{provider}inputs = {{ host = \"https://Git.Acme.Example/\" }}");
    let (done, printed) = bench.apply(&file).await;
    assert!(done.is_ok(), "{printed}");
    let application = bench.application("crm-sync").await;
    let host = async || {
        let kept = bench.store.provider(&application.id, "acme").await;
        let kept = kept.expect("a database").expect("a provider");
        kept.inputs["host"].clone()
    };
    assert_eq!(host().await, "git.acme.example");
    let (again, printed) = bench.apply(&file).await;
    assert_eq!(again.expect("applied"), Summary { changes: 0 }, "{printed}");
    let (done, printed) = bench.apply(&file.replace("Git.Acme", "code.acme")).await;
    assert_eq!(done.expect("applied"), Summary { changes: 1 });
    assert!(printed.contains(": inputs"), "{printed}");
    assert_eq!(host().await, "code.acme.example");
}

#[tokio::test]
async fn the_examples_of_the_documentation_can_be_applied() {
    let issuer = Issuer::start();
    let bench = Bench::with(None, Some(&issuer)).await;
    let guide = include_str!("../../../../docs/apply.md");
    let custom = guide.split("```toml\n").nth(2).expect("the second example");
    let custom = custom.split("```").next().expect("its end");
    let head = HEAD.replace("[[applications.providers]]\n", "");
    let document = Document::read(&format!("{head}{custom}"), Path::new(""), |_| {
        Some("a-value".to_owned())
    });
    let mut out = Vec::new();
    let done = apply(
        &bench.store,
        &bench.upstreams,
        document.expect("a document"),
        Mode::Apply,
        &mut out,
    )
    .await;
    assert_eq!(
        done.expect("applied").changes,
        4,
        "{}",
        String::from_utf8_lossy(&out)
    );
}
