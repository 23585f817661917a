//! How the handlers of the flow answer: a hosted page, or a redirect.

use super::{Connect, language};
use crate::http::{assets, hosted_csp, telling_csp};
use crate::playground::PlaygroundError;
use crate::store::StoreError;
use crate::upstreams::UpstreamError;
use app::hosted;
use app::wire::{ConnectProblem, Host, ProblemView};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

/// A problem on its way to its page.
#[derive(Debug)]
pub(super) struct Stopped(pub(super) Box<ProblemView>);

impl Stopped {
    /// A problem of which nothing more is known: no session, no provider.
    pub(super) fn bare(problem: ConnectProblem) -> Self {
        Self(Box::new(ProblemView {
            language: language::chosen(None),
            host: None,
            provider: None,
            short_name: None,
            problem,
            provider_words: None,
            who_may_approve: None,
            retry: None,
            renews: None,
            support_code: None,
        }))
    }
}

impl Stopped {
    /// The problem's page. `leads_to` as in [`page`], for one whose "Try again" leads to a provider.
    pub(super) fn leading_to(&self, leads_to: &[String]) -> Response {
        let Self(view) = self;
        let html = hosted::problem(view, &assets());
        let page = match &view.host {
            Some(host) => last_page(html, leads_to, host),
            None => page(html, leads_to),
        };
        (status_of(view.problem), page).into_response()
    }
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "a page of the connect flow could not be made");
        Self::bare(ConnectProblem::Internal)
    }
}

impl From<UpstreamError> for Stopped {
    fn from(error: UpstreamError) -> Self {
        match error {
            UpstreamError::NoDefinition => Self::bare(ConnectProblem::ProviderRemoved),
            UpstreamError::NoAddress => Self::bare(ConnectProblem::Internal),
            UpstreamError::Store(error) => error.into(),
        }
    }
}

impl From<PlaygroundError> for Stopped {
    fn from(error: PlaygroundError) -> Self {
        match error {
            PlaygroundError::Upstream(error) => error.into(),
            PlaygroundError::Changed
            | PlaygroundError::Input(_)
            | PlaygroundError::NoCredentials => Self::bare(ConnectProblem::UnknownAttempt),
        }
    }
}

impl IntoResponse for Stopped {
    fn into_response(self) -> Response {
        self.leading_to(&[])
    }
}

fn status_of(problem: ConnectProblem) -> StatusCode {
    match problem {
        ConnectProblem::UnknownLink => StatusCode::NOT_FOUND,
        ConnectProblem::LinkExpired
        | ConnectProblem::LinkUsed
        | ConnectProblem::LinkStopped
        | ConnectProblem::ConnectionRevoked
        | ConnectProblem::NotCompleted
        | ConnectProblem::ProviderRemoved => StatusCode::GONE,
        ConnectProblem::AttemptExpired
        | ConnectProblem::OtherBrowser
        | ConnectProblem::UnknownAttempt => StatusCode::BAD_REQUEST,
        ConnectProblem::OtherAccount
        | ConnectProblem::OtherPerson
        | ConnectProblem::AccountAlreadyConnected => StatusCode::CONFLICT,
        ConnectProblem::Internal => StatusCode::SERVICE_UNAVAILABLE,
        // the page works as it should; it was the provider or the person who said no
        ConnectProblem::Denied
        | ConnectProblem::NotAllowedToApprove
        | ConnectProblem::ProviderMisconfigured
        | ConnectProblem::OwnCredentialsRejected
        | ConnectProblem::ProviderUnavailable
        | ConnectProblem::ProviderError => StatusCode::OK,
    }
}

/// A hosted page. `leads_to` are the origins to which its forms may redirect: browsers hold
/// `form-action` against the redirect that follows a POST too.
pub(super) fn page(html: String, leads_to: &[String]) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_SECURITY_POLICY, hosted_csp(leads_to));
    (headers, Html(html)).into_response()
}

/// A page on which an attempt ends. Where `host` has an opener, it runs the script that tells it.
pub(super) fn last_page(html: String, leads_to: &[String], host: &Host) -> Response {
    let mut page = page(html, leads_to);
    if host.opener.is_some() {
        let policy = telling_csp(leads_to);
        page.headers_mut()
            .insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    page
}

/// Where the two files of every hosted page lie.
pub(super) fn assets() -> hosted::Assets {
    hosted::Assets {
        stylesheet: assets::stylesheet_href(),
        favicon: "/favicon.svg".to_owned(),
    }
}

/// 303: the browser goes on with GET.
pub(super) fn see_other(location: &str) -> Response {
    match HeaderValue::from_str(location) {
        Ok(location) => (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response(),
        Err(_) => Stopped::bare(ConnectProblem::Internal).into_response(),
    }
}

impl Connect {
    /// The path of a session's pages.
    pub(super) fn path(token: &str) -> String {
        format!("/connect/{token}")
    }
}
