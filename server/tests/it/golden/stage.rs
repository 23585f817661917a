//! A provider of the catalog on a socket of ours, with sample values for all that somebody fills in
//! or that a provider tells.

use server::catalog::{Definition, Expiry, template};
use server::clock::SystemClock;
use server::domain::Scopes;
use server::oauth::authorize::{AuthorizeRequest, authorize_url};
use server::oauth::egress::{Egress, Limits};
use server::oauth::exchange::{CodeRequest, RefreshRequest, exchange_code, refresh};
use server::oauth::identity::identify;
use server::oauth::introspect::introspect;
use server::oauth::policy::{OutboundPolicy, Upstream};
use server::oauth::revoke::revoke;
use server::oauth::{Client, Endpoints, Provider};
use server::vault::Secret;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use url::{Position, Url};

const REDIRECT_URI: &str = "https://vault.example/oauth/callback/prv_1";

/// The provider, and what it was asked.
pub(super) struct Stage {
    pub(super) provider: Provider,
    /// The addresses that the definition means, without the stage in their place.
    meant: Endpoints,
    pub(super) egress: Egress,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Stage {
    /// One that answers everything with an empty object.
    pub(super) fn open(definition: Arc<Definition>) -> Self {
        Self::answering(definition, 200, "{}")
    }

    /// One that answers everything alike.
    pub(super) fn answering(definition: Arc<Definition>, status: u16, body: &str) -> Self {
        let (address, asked) = listen(status, body.to_owned());
        let values = samples(&definition);
        let meant = endpoints(&definition, &values);
        let here = format!("http://{address}");
        let exception = here.parse().ok().and_then(|url| Upstream::of(&url));
        let policy = OutboundPolicy::new(exception);
        let egress = Egress::new(policy, Limits::default(), Arc::new(SystemClock));
        Self {
            provider: Provider {
                definition,
                endpoints: moved(&meant, &here),
                client: Client {
                    client_id: "client id/1".to_owned(),
                    client_secrets: vec![Secret::from("s3cret+/=").into()],
                },
                values,
            },
            meant,
            egress: egress.expect("a client"),
            asked,
        }
    }

    /// The authorize URL and each request, one below the other.
    pub(super) async fn everything_sent(self) -> String {
        let definition = Arc::clone(&self.provider.definition);
        let scopes = definition.suggested();
        let (code, refresh_token) = (Secret::from("code+/=1"), Secret::from("refresh+/=1"));
        let access_token = Secret::from("access+/=1");
        let mut all = format!("AUTHORIZE\n{}\n", self.authorize(&scopes));

        let echoed = definition.callback.echo.iter();
        let echoed: Vec<_> = echoed
            .map(|name| (name.clone(), format!("{name} 1")))
            .collect();
        let request = CodeRequest {
            code: &code,
            redirect_uri: REDIRECT_URI,
            verifier: &Secret::from("verifier-1"),
            echoed: &echoed,
        };
        let _ = exchange_code(&self.egress, &self.provider, &request).await;
        self.note(&mut all, "CODE", Some(&self.meant.token));

        let request = RefreshRequest {
            token: &refresh_token,
            redirect_uri: REDIRECT_URI,
            granted: &scopes,
            narrowed_to: None,
        };
        let _ = refresh(&self.egress, &self.provider, &request).await;
        let url = self.meant.refresh.as_ref().unwrap_or(&self.meant.token);
        self.note(&mut all, "REFRESH", Some(url));

        let _ = introspect(&self.egress, &self.provider, &access_token).await;
        self.note(&mut all, "INTROSPECT", self.meant.introspection.as_ref());

        let answer = Secret::from("{}");
        let _ = identify(&self.egress, &self.provider, &access_token, &answer).await;
        self.note(&mut all, "ACCOUNT", self.meant.identity.as_ref());

        let refresh_token = Some(&refresh_token);
        let _ = revoke(&self.egress, &self.provider, &access_token, refresh_token).await;
        self.note(&mut all, "REVOKE", self.meant.revoke.as_ref());
        all
    }

    fn authorize(&self, scopes: &Scopes) -> Url {
        let meant = Provider {
            endpoints: self.meant.clone(),
            ..self.provider.clone()
        };
        let request = AuthorizeRequest {
            redirect_uri: REDIRECT_URI,
            scopes,
            state: &Secret::from("state-1"),
            challenge: "challenge-1",
        };
        authorize_url(&meant, &request)
    }

    /// Writes down what came since the last time, with the address that was meant.
    fn note(&self, all: &mut String, title: &str, url: Option<&Url>) {
        let mut asked = self.asked.lock().expect("requests");
        assert!(asked.len() <= 1, "{title}: one request at most");
        let _ = write!(all, "\n{title}\n");
        match (asked.pop(), url) {
            (Some(request), Some(url)) => {
                all.push_str(&told(&request, url));
            }
            (None, _) => all.push_str("nothing is sent\n"),
            (Some(request), None) => panic!("{title}: there is no address for {request}"),
        }
    }
}

/// A request as it is written down: without what depends on the machine and on the client alone.
fn told(request: &str, url: &Url) -> String {
    let (head, body) = request.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let first = lines.next().unwrap_or_default();
    let (method, rest) = first.split_once(' ').unwrap_or_default();
    let target = rest.trim_end_matches(" HTTP/1.1");
    let origin = &url[..Position::BeforePath];
    let mut told = format!("{method} {origin}{target}\n");
    let ours = ["host: ", "content-length: ", "user-agent: grantport/"];
    for line in lines.filter(|line| !ours.iter().any(|name| line.starts_with(name))) {
        let _ = writeln!(told, "{line}");
    }
    if !body.is_empty() {
        let _ = writeln!(told, "\n{body}");
    }
    told
}

/// What somebody could fill in, a callback bring and a provider tell.
pub(super) fn samples(definition: &Definition) -> BTreeMap<String, String> {
    let mut values = BTreeMap::from([("client_id".to_owned(), "client-1".to_owned())]);
    for kept in &definition.token_metadata {
        let whole = kept.name().contains("url") || kept.name().contains("domain");
        let value = if whole {
            "https://acme.example"
        } else {
            "acme"
        };
        values.insert(kept.name().to_owned(), value.to_owned());
    }
    for input in &definition.inputs {
        let value = match input.allowed_suffixes.first() {
            Some(ending) => format!("acme{ending}"),
            None if input.any_host => "acme.example".to_owned(),
            None => "acme".to_owned(),
        };
        values.insert(input.name.clone(), value);
    }
    values.extend(definition.default_inputs());
    for captured in &definition.callback.capture {
        let value = captured
            .default
            .clone()
            .or_else(|| captured.allowed.first().cloned());
        let known = values.get(&captured.name).cloned();
        let value = known
            .or(value)
            .unwrap_or_else(|| format!("{}-1", captured.name));
        values.insert(captured.name.clone(), value);
    }
    values
}

fn endpoints(definition: &Definition, values: &BTreeMap<String, String>) -> Endpoints {
    let fill = |address: &String| {
        template::fill(address, values).unwrap_or_else(|error| panic!("{address}: {error}"))
    };
    let identity = definition.identity.as_ref();
    Endpoints {
        authorize: fill(&definition.endpoints.authorize),
        token: fill(&definition.endpoints.token),
        refresh: definition.endpoints.refresh.as_ref().map(fill),
        introspection: match &definition.expiry {
            Expiry::Introspection { url, .. } => Some(fill(url)),
            _ => None,
        },
        revoke: definition.revocation.as_ref().map(|way| fill(&way.url)),
        identity: identity
            .and_then(|identity| identity.url.as_ref())
            .map(fill),
    }
}

/// The same addresses with another origin.
fn moved(meant: &Endpoints, origin: &str) -> Endpoints {
    let moved = |url: &Url| {
        let text = format!("{origin}{}", &url[Position::BeforePath..]);
        text.parse::<Url>().expect("a URL")
    };
    Endpoints {
        authorize: moved(&meant.authorize),
        token: moved(&meant.token),
        refresh: meant.refresh.as_ref().map(moved),
        introspection: meant.introspection.as_ref().map(moved),
        revoke: meant.revoke.as_ref().map(moved),
        identity: meant.identity.as_ref().map(moved),
    }
}

/// Answers everybody alike, and writes down what was asked.
fn listen(status: u16, body: String) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let request = read(&mut stream);
            noted.lock().expect("requests").push(request);
            let length = body.len();
            let head = format!(
                "HTTP/1.1 {status} Status\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n"
            );
            // whoever asked may have left
            let _ = stream.write_all(format!("{head}{body}").as_bytes());
        }
    });
    (address, asked)
}

fn read(stream: &mut TcpStream) -> String {
    let mut request = Vec::new();
    let mut chunk = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&request).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length = length.map_or(0, |length| length.parse().expect("a length"));
            if body.len() >= length {
                return text;
            }
        }
        let read = stream.read(&mut chunk).expect("a request");
        assert!(read > 0, "the request ends too early: {text}");
        request.extend_from_slice(&chunk[..read]);
    }
}
