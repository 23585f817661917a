//! A provider on a loopback socket, strict where real ones are strict.
//!
//! A code works once; PKCE is verified; a refresh token that was used is spent at once, and its
//! access token with it. What happened stands in a log that tests hold against what the server
//! believes. Tests tell it how to fail ([`Fault`]) and when to answer ([`Gate`]).

mod api;
mod endpoints;
mod grants;
mod wire;

use grants::Grants;
use server::catalog::OriginOverrides;
use server::oauth::policy::{OutboundPolicy, Upstream};
use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

use api::Calls;
pub(crate) use grants::{Event, Issued};

/// How a provider behaves when nothing goes wrong.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a habit of its own")]
pub(crate) struct Manners {
    /// PKCE is demanded; without, a verifier is refused.
    pub(crate) pkce: bool,
    /// Bodies are JSON.
    pub(crate) json: bool,
    /// Seconds in `expires_in`.
    pub(crate) expires_in: Option<u32>,
    /// Refresh tokens are given.
    pub(crate) refresh_token: bool,
    /// A refresh token works once.
    pub(crate) rotates: bool,
    /// `redirect_uri` is demanded on refresh.
    pub(crate) wants_redirect_uri: bool,
    /// `instance_url` is told, another one with each answer.
    pub(crate) instance_url: bool,
}

impl Default for Manners {
    fn default() -> Self {
        Self {
            pkce: true,
            json: false,
            expires_in: Some(3600),
            refresh_token: true,
            rotates: true,
            wants_redirect_uri: false,
            instance_url: false,
        }
    }
}

/// One way in which the token endpoint fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Fault {
    /// This status and nothing else.
    Status(u16),
    /// This status with `Retry-After`.
    RetryAfter(u16, &'static str),
    /// A refusal by the book: status and error code.
    Refusal(u16, &'static str),
    /// A refusal that repeats all that it was sent, in JSON.
    Echo,
    /// The same on a page for people.
    EchoPage,
    /// A page for people, with status 200.
    Html,
    /// The connection breaks before anything was done.
    ResetBefore,
    /// The connection breaks after the tokens were exchanged.
    ResetAfter,
    /// The tokens were exchanged, and half of the answer arrives.
    HalfAnAnswer,
    /// No answer at all.
    Silence,
}

/// A provider, as long as it is not dropped.
pub(crate) struct Provider {
    address: SocketAddr,
    shared: Arc<Shared>,
    serving: JoinHandle<()>,
}

/// What the endpoints and the tests share.
struct Shared {
    manners: Manners,
    state: Mutex<State>,
    /// Token requests that were worked on and wait at the gate.
    waiting: watch::Sender<usize>,
    /// Whether the gate is closed.
    closed: watch::Sender<bool>,
    /// What reached the API.
    calls: Calls,
}

struct State {
    grants: Grants,
    /// Client IDs with their secrets, several per ID while one is changed.
    clients: Vec<(String, String)>,
    /// Client ID and secret of each token request, in order.
    presented: Vec<(String, String)>,
    next: VecDeque<Fault>,
    next_with: HashMap<String, Fault>,
    always: Option<Fault>,
    latency: Duration,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no endpoint panics")
    }
}

impl Provider {
    /// Starts one for the client `client-1`.
    pub(crate) async fn start(manners: Manners) -> Self {
        let shared = Arc::new(Shared {
            manners,
            state: Mutex::new(State {
                grants: Grants::default(),
                clients: vec![("client-1".to_owned(), "s3cret-of-client-1".to_owned())],
                presented: Vec::new(),
                next: VecDeque::new(),
                next_with: HashMap::new(),
                always: None,
                latency: Duration::from_millis(5),
            }),
            waiting: watch::Sender::new(0),
            closed: watch::Sender::new(false),
            calls: Calls::default(),
        });
        let (address, serving) = wire::serve(endpoints::router(Arc::clone(&shared))).await;
        Self {
            address,
            shared,
            serving,
        }
    }

    /// Leads the addresses of the definitions here.
    pub(crate) fn overrides(&self) -> OriginOverrides {
        let json = format!(
            r#"{{"{}": "{}"}}"#,
            super::definitions::ORIGIN,
            self.origin()
        );
        json.parse().expect("overrides")
    }

    /// Lets requests come here, and nowhere else.
    pub(crate) fn policy(&self) -> OutboundPolicy {
        let here: Url = self.origin().parse().expect("a URL");
        OutboundPolicy::new(Upstream::of(&here))
    }

    /// Scheme, host and port of its socket.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Somebody with this account approves, and the code is exchanged.
    pub(crate) fn issue(&self, account: &str) -> Issued {
        self.shared
            .state()
            .grants
            .issue(account, self.shared.manners)
    }

    /// Plays the browser at the authorize page, where somebody with this account approves.
    /// Answers where the browser is sent.
    pub(crate) fn approve(&self, authorize_url: &str, account: &str) -> String {
        let mut state = self.shared.state();
        let asked = grants::authorize_parameters(authorize_url);
        let code = state.grants.approve(account, &asked);
        grants::callback(&asked, &[("code", &code)])
    }

    /// The same for somebody who says no.
    #[expect(clippy::unused_self, reason = "it is this provider that is asked")]
    pub(crate) fn deny(&self, authorize_url: &str) -> String {
        let asked = grants::authorize_parameters(authorize_url);
        grants::callback(&asked, &[("error", "access_denied")])
    }

    /// The next token request fails in this way.
    pub(crate) fn next_fails(&self, fault: Fault) {
        self.shared.state().next.push_back(fault);
    }

    /// The next request with this refresh token does.
    pub(crate) fn next_fails_with(&self, refresh_token: &str, fault: Fault) {
        let mut state = self.shared.state();
        state.next_with.insert(refresh_token.to_owned(), fault);
    }

    /// All token requests fail in this way, until [`Provider::recover`].
    pub(crate) fn fails(&self, fault: Fault) {
        self.shared.state().always = Some(fault);
    }

    /// Nothing fails any more.
    pub(crate) fn recover(&self) {
        let mut state = self.shared.state();
        state.always = None;
        state.next.clear();
    }

    /// Every answer of the token endpoint takes this long.
    pub(crate) fn takes(&self, latency: Duration) {
        self.shared.state().latency = latency;
    }

    /// Only this client secret is accepted from now on.
    pub(crate) fn accept_only_secret(&self, secret: &str) {
        self.knows(&[("client-1", secret)]);
    }

    /// These Client IDs and secrets are accepted from now on, and no others.
    pub(crate) fn knows(&self, clients: &[(&str, &str)]) {
        let clients = clients.iter();
        self.shared.state().clients = clients
            .map(|(id, secret)| ((*id).to_owned(), (*secret).to_owned()))
            .collect();
    }

    /// How many token requests came with this secret.
    pub(crate) fn asked_with(&self, secret: &str) -> usize {
        let state = self.shared.state();
        state
            .presented
            .iter()
            .filter(|(_, one)| one == secret)
            .count()
    }

    /// Client ID and secret of the last token request.
    pub(crate) fn last_client(&self) -> (String, String) {
        let state = self.shared.state();
        state.presented.last().cloned().expect("a token request")
    }

    /// The customer removes the application: all grants of the account are gone.
    pub(crate) fn forget(&self, account: &str) {
        self.shared.state().grants.forget(account);
    }

    /// Spends a refresh token as if somebody had used it whose answer nobody has.
    pub(crate) fn spend(&self, refresh_token: &str) {
        let spent = self
            .shared
            .state()
            .grants
            .renew(refresh_token, self.shared.manners);
        assert!(spent.is_some(), "{refresh_token} was spent before");
    }

    /// Token requests are worked on, and their answers kept back until the gate is opened.
    pub(crate) fn close_gate(&self) -> Gate {
        self.shared.closed.send_replace(true);
        Gate(Arc::clone(&self.shared))
    }

    /// Nobody answers here any more.
    pub(crate) async fn stop(&mut self) {
        self.serving.abort();
        let stopped = (&mut self.serving).await;
        assert!(stopped.is_err(), "it ended because it was told to");
    }

    /// It answers again, where it did.
    pub(crate) async fn start_again(&mut self) {
        let router = endpoints::router(Arc::clone(&self.shared));
        (_, self.serving) = wire::serve_at(self.address, router).await;
    }

    /// What happened here.
    pub(crate) fn log(&self) -> Vec<Event> {
        self.shared.state().grants.log.clone()
    }

    /// All tokens that were ever given out.
    pub(crate) fn given(&self) -> Vec<Issued> {
        self.shared.state().grants.given()
    }

    /// How often refresh tokens were presented to the token endpoint.
    pub(crate) fn refreshes(&self) -> usize {
        self.count(|event| matches!(event, Event::RefreshAsked { .. }))
    }

    /// How often this one was.
    pub(crate) fn presented(&self, token: &str) -> usize {
        self.count(|event| matches!(event, Event::RefreshAsked { refresh_token, .. } if refresh_token == token))
    }

    /// How many events are like this.
    pub(crate) fn count(&self, like: impl Fn(&Event) -> bool) -> usize {
        self.log().iter().filter(|event| like(event)).count()
    }

    /// The tokens of the account that work now, the newest.
    pub(crate) fn live(&self, account: &str) -> Option<Issued> {
        self.shared.state().grants.live(account)
    }

    /// Its API refuses this access token from now on; its refresh token works.
    pub(crate) fn end_access(&self, access_token: &str) {
        let mut ended = self.shared.calls.ended.lock().expect("no endpoint panics");
        ended.insert(access_token.to_owned());
    }

    /// What reached its API.
    pub(crate) fn calls(&self) -> &Calls {
        &self.shared.calls
    }

    /// Whether an access token or refresh token works.
    pub(crate) fn accepts(&self, token: &str) -> bool {
        self.shared.state().grants.accepts(token)
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// A closed gate. Answers that wait at it arrive once it is opened, or dropped.
pub(crate) struct Gate(Arc<Shared>);

impl Gate {
    /// Waits until `count` token requests stand at the gate.
    pub(crate) async fn reached_by(&self, count: usize) {
        let mut waiting = self.0.waiting.subscribe();
        let reached = waiting.wait_for(|now| *now >= count);
        tokio::time::timeout(Duration::from_secs(10), reached)
            .await
            .expect("a token request came within ten seconds")
            .expect("the provider is there");
    }

    /// Lets the answers go.
    pub(crate) fn open(self) {
        drop(self);
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        self.0.closed.send_replace(false);
    }
}
