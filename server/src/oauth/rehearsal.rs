//! What the engine's tests share: four definitions, and a provider on a loopback port that answers
//! byte for byte what a test tells it to.

use super::egress::{Egress, Limits};
use super::policy::{OutboundPolicy, Upstream};
use super::{Client, Endpoints, Provider};
use crate::catalog::Definition;
use crate::clock::SystemClock;
use crate::vault::Secret;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use url::Url;

/// A provider that plays one scene for every visitor.
pub(super) struct Rehearsal {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Rehearsal {
    /// Calls `scene` with every connection, after its request was read.
    pub(super) fn playing(scene: impl Fn(TcpStream) + Send + Sync + 'static) -> Self {
        Self::reading(move |_, stream| scene(stream))
    }

    /// Calls `scene` with every request that was read, and its connection.
    pub(super) fn reading(scene: impl Fn(&str, TcpStream) + Send + Sync + 'static) -> Self {
        Self::start(move |mut stream, requests| {
            let request = read_request(&mut stream);
            requests.lock().expect("requests").push(request.clone());
            scene(&request, stream);
        })
    }

    /// Answers every request with `answer`, then closes the connection.
    pub(super) fn answering(answer: &str) -> Self {
        let answer = answer.to_owned();
        Self::playing(move |mut stream| {
            // the visitor may have had enough and left
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// Answers each request with what `choose` says to it.
    pub(super) fn choosing(choose: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self::start(move |mut stream, requests| {
            let request = read_request(&mut stream);
            let answer = choose(&request);
            requests.lock().expect("requests").push(request);
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    /// Closes every connection with the request unread, which resets it.
    pub(super) fn resetting() -> Self {
        Self::start(|mut stream, requests| {
            let mut first = [0];
            stream.read_exact(&mut first).expect("a request");
            requests.lock().expect("requests").push(String::new());
        })
    }

    fn start(scene: impl Fn(TcpStream, &Mutex<Vec<String>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let scene = Arc::new(scene);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (scene, seen) = (Arc::clone(&scene), Arc::clone(&seen));
                std::thread::spawn(move || scene(stream, &seen));
            }
        });
        Self { address, requests }
    }

    /// How many requests came.
    pub(super) fn visits(&self) -> usize {
        self.requests.lock().expect("requests").len()
    }

    /// All requests that came.
    pub(super) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("requests").clone()
    }

    /// The only request that came: head and body as text.
    pub(super) fn request(&self) -> String {
        assert_eq!(self.visits(), 1, "one request");
        self.requests.lock().expect("requests")[0].clone()
    }

    /// A URL here.
    pub(super) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("http://{}{path}", self.address)).expect("a URL")
    }

    /// An egress that may come here.
    pub(super) fn egress(&self) -> Egress {
        self.egress_within(Limits::default())
    }

    /// The same, with other limits.
    pub(super) fn egress_within(&self, limits: Limits) -> Egress {
        let here = Upstream::of(&self.url("/")).expect("a host");
        Egress::new(OutboundPolicy::new([here]), limits, Arc::new(SystemClock)).expect("a client")
    }

    /// A provider whose endpoints are all here.
    pub(super) fn provider(&self, definition: Definition) -> Provider {
        let at = |path| self.url(path).to_string();
        let mut provider = provider(definition, &at("/authorize"), &at("/token"));
        provider.endpoints.revoke = Some(self.url("/revoke"));
        provider.endpoints.identity = Some(self.url("/identity"));
        provider
    }
}

fn read_request(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let read = stream.read(&mut chunk).expect("a request");
        request.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "the request ends in its head");
            continue;
        };
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        if body.len() >= length.map_or(0, |length| length.parse().expect("a length")) {
            return text;
        }
    }
}

/// An HTTP answer with its length.
pub(super) fn answer(status: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().flat_map(|line| [*line, "\r\n"]).collect();
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
}

/// `definition` as configured by an application with the client ID `client 1`.
pub(super) fn provider(definition: Definition, authorize: &str, token: &str) -> Provider {
    Provider {
        definition: Arc::new(definition),
        endpoints: Endpoints {
            authorize: Url::parse(authorize).expect("a URL"),
            token: Url::parse(token).expect("a URL"),
            refresh: None,
            introspection: None,
            revoke: None,
            identity: None,
        },
        client: Client {
            client_id: "client 1".to_owned(),
            client_secrets: ["s3cret/", "older"]
                .map(|text| Secret::from(text).into())
                .into(),
        },
        values: BTreeMap::new(),
    }
}

/// Fragment route, no PKCE, rotation that kills, its own refusals, nothing to revoke with.
pub(crate) fn apollo() -> Definition {
    definition(
        r#"
        id = "apollo"
        pkce = "unsupported"
        [endpoints]
        authorize = "https://app.apollo.io/#/oauth/authorize"
        authorize_style = "fragment_route"
        token = "https://app.apollo.io/api/v1/oauth/token"
        [scopes]
        always_granted = [
            { name = "read_user_profile", words = "Read the profile" },
            { name = "app_scopes", words = "All that was registered" },
        ]
        [expiry]
        source = "expires_in"
        usually_s = 2592000
        [refresh]
        rotation = "rotates"
        kills_access_token = true
        sends_redirect_uri = true
        [identity]
        url = "https://app.apollo.io/api/v1/users/api_profile"
        account_id = ["/id", "/user/id"]
        account_label = ["/email", "/user/email"]
        [callback_errors]
        code_param = "status_code"
        words_param = "error_message"
        not_allowed = ["403"]
        "#,
    )
}

/// Scopes set at the provider, tokens without end, scopes told by the identity call.
pub(super) fn attio() -> Definition {
    definition(
        r#"
        id = "attio"
        [endpoints]
        authorize = "https://app.attio.com/authorize"
        token = "https://app.attio.com/oauth/token"
        [scopes]
        set_at_provider = "Scopes are chosen in Attio."
        [expiry]
        source = "never"
        [refresh]
        rotation = "none"
        [identity]
        url = "https://api.attio.com/v2/self"
        account_id = ["/workspace_id"]
        account_label = ["/workspace_name"]
        granted_scopes = "/scope"
        [revocation]
        url = "https://app.attio.com/oauth/revoke"
        token = "access_token"
        "#,
    )
}

/// Host from the end user, no lifetime in the answer, metadata, revocation without a client.
pub(crate) fn salesforce() -> Definition {
    definition(
        r#"
        id = "salesforce"
        token_metadata = ["instance_url", "issued_at"]
        [authorize_params]
        prompt = "login consent"
        [endpoints]
        authorize = "https://{login_host}/services/oauth2/authorize"
        token = "https://{login_host}/services/oauth2/token"
        [scopes]
        needed_for_refresh = ["refresh_token"]
        [expiry]
        source = "assumed"
        after_s = 3600
        [refresh]
        rotation = "optional"
        [revocation]
        url = "https://{login_host}/services/oauth2/revoke"
        client_auth = "none"
        "#,
    )
}

/// Basic client authentication, `offline_access`, revocation by the book.
pub(super) fn apaleo() -> Definition {
    definition(
        r#"
        id = "apaleo"
        client_auth = "basic"
        [endpoints]
        authorize = "https://identity.apaleo.com/connect/authorize"
        token = "https://identity.apaleo.com/connect/token"
        [scopes]
        needed_for_refresh = ["offline_access"]
        [expiry]
        source = "expires_in"
        usually_s = 3600
        [refresh]
        rotation = "optional"
        [revocation]
        url = "https://identity.apaleo.com/connect/revocation"
        client_auth = "basic"
        "#,
    )
}

/// The least that a definition says about asking; tests add what they are about.
pub(super) const PLAIN: &str = r#"
    id = "plain"
    [endpoints]
    authorize = "https://idp.example/authorize"
    token = "https://idp.example/token"
    [scopes]
    [expiry]
    source = "never"
    [refresh]
    rotation = "optional"
    "#;

/// [`PLAIN`] with `text` laid over it, table by table.
pub(super) fn plain_with(text: &str) -> Definition {
    let mut plain: toml::Table = toml::from_str(PLAIN).expect("TOML");
    for (key, value) in toml::from_str::<toml::Table>(text).expect("TOML") {
        match (plain.get_mut(&key), value) {
            // an expiry is one of several kinds and is replaced as a whole
            (Some(toml::Value::Table(below)), toml::Value::Table(above)) if key != "expiry" => {
                below.extend(above);
            }
            (_, value) => {
                plain.insert(key, value);
            }
        }
    }
    definition(&plain.to_string())
}

/// `text` and what every definition has and the engine does not look at.
fn definition(text: &str) -> Definition {
    let mut whole: toml::Table = toml::from_str(
        r#"
        name = "Name"
        short_name = "Name"
        category = "CRM"
        remark = "Remark."
        mark = { initials = "Na", hue = 1 }
        trust = { level = "documented", since = "2026-11-22" }
        guide = { lead = "Lead.", steps = [] }
        "#,
    )
    .expect("TOML");
    whole.extend(toml::from_str::<toml::Table>(text).expect("TOML"));
    whole.try_into().expect("a definition")
}
