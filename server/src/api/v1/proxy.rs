//! `ANY /proxy/{connection or provider}/{path}`: a provider's API, with the token put in here.
//!
//! The first segment is a connection's id, or a provider's slug together with the headers that say for
//! whom; an id has an underscore, which no slug has. Every answer says in `Grantport-Source` whether
//! it is the provider's or ours.

use super::named;
use super::resolve::{Fallback, Purpose, Resolved, Whom};
use crate::api::Api;
use crate::api::key::{Caller, May, Proxy as NeedsProxy};
use crate::api::problem::{
    ApiError, ApiForbidden, CredentialsRejected, Invalid, NoApiBase, NoDefinition, NotConnected,
    NotFound, NotNow, Problems, ProviderSilent, ProviderTimeout, ProviderUnavailable, Quarantined,
    ReconnectRequired, Revoked, Stopped, TeamFallbackOff,
};
use crate::domain::ConnectionId;
use crate::proxy::{Answered, Call, ProxyError, Retry};
use crate::tokens::{Ask, TokenGrant};
use axum::Router;
use axum::extract::{OriginalUri, Request, State};
use axum::http::header::{ALLOW, CONTENT_SECURITY_POLICY, UPGRADE};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::any;
use utoipa::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Where the whole API stands, and the proxy in it.
const DOOR: &str = "/api/v1/proxy/";

const END_USER: &str = "grantport-end-user";
const TEAM: &str = "grantport-team";
const FALLBACK: &str = "grantport-fallback";

const SOURCE: HeaderName = HeaderName::from_static("grantport-source");
const CONNECTION: HeaderName = HeaderName::from_static("grantport-connection");
const RESOLVED_BY: HeaderName = HeaderName::from_static("grantport-resolved-by");
const RETRY: HeaderName = HeaderName::from_static("grantport-retry");

/// What is passed on, and any other that a provider may know.
const METHODS: HeaderValue =
    HeaderValue::from_static("GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");

/// Whatever a browser makes of an answer, it runs nothing and is no page of ours.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'; sandbox",
);

/// The routes. What is not the provider's answer is marked as ours, refusals of keys included.
pub(super) fn routes() -> OpenApiRouter<Api> {
    let routes = Router::new()
        // its two parts are read as they were sent, see `Address`
        .route("/proxy/{*call}", any(call))
        .layer(map_response(async |mut response: Response| {
            if !response.headers().contains_key(SOURCE)
                && response.status() == StatusCode::METHOD_NOT_ALLOWED
            {
                response.headers_mut().insert(ALLOW, METHODS);
            }
            let ours = HeaderValue::from_static("grantport");
            response.headers_mut().entry(SOURCE).or_insert(ours);
            response
        }));
    OpenApiRouter::with_openapi(Documentation::openapi()).merge(routes.into())
}

/// Written by hand, since the provider says what there is to call.
#[derive(OpenApi)]
#[openapi(paths(call))]
struct Documentation;

/// What an address below the door says, as it was sent.
struct Address<'a> {
    target: &'a str,
    path: &'a str,
}

impl<'a> Address<'a> {
    fn of(uri: &'a Uri) -> Result<Self, ApiError> {
        let rest = uri.path().strip_prefix(DOOR);
        let rest = rest.ok_or(ApiError::NoSuchAddress)?;
        let (target, path) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self { target, path })
    }
}

/// Call a provider
///
/// Any method but `CONNECT` and `TRACE`, at any path of the provider's API. The token goes along and
/// never comes back; body and answer are passed on as they are, however long. `Grantport-Source` says
/// whether an answer is the provider's or ours.
#[utoipa::path(
    method(get, post, put, patch, delete, head, options),
    path = "/proxy/{target}/{path}",
    operation_id = "callProvider",
    tag = "Proxy",
    security(("api_key" = ["proxy"])),
    params(
        ("target" = String, Path, description = "A connection's id, or a provider's slug.", example = "con_4Vt9Qm2kXr7LpZs1HdYw"),
        ("path" = String, Path, description = "Joined to the provider's API base, with the query.", example = "contacts/search"),
        ("Grantport-End-User" = Option<String>, Header, nullable = false, description = "With a slug: your application's id of the end user."),
        ("Grantport-Team" = Option<String>, Header, nullable = false, description = "With a slug: your application's id of the team."),
        ("Grantport-Fallback" = Option<String>, Header, nullable = false, description = "With a slug: `team` or `none`, as for a token."),
    ),
    responses(
        (status = "default", description = "What the provider answered, with `Grantport-Source: provider`."),
        Problems<(
            NotFound, NotConnected, TeamFallbackOff, ReconnectRequired, Revoked, Stopped, CredentialsRejected,
            Quarantined, ProviderUnavailable, NoDefinition,
        )>,
        Problems<(Invalid, NoApiBase, ApiForbidden, NotNow, ProviderTimeout, ProviderSilent)>,
    ),
)]
pub(super) async fn call(
    State(api): State<Api>,
    caller: May<NeedsProxy>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Response, ApiError> {
    let address = Address::of(&uri)?;
    let (parts, body) = request.into_parts();
    check(&parts.method, &parts.headers)?;
    let (grant, resolved) = api
        .stands_for(&caller, address.target, &parts.headers)
        .await?;
    let id = grant.connection.id.clone();
    let call = Call {
        method: parts.method,
        path: address.path.to_owned(),
        query: uri.query().map(str::to_owned),
        headers: parts.headers,
        body,
        door: format!("{DOOR}{}", address.target),
    };
    match api.proxy.call(&caller.0, grant, call).await {
        Ok(answered) => Ok(told(answered, &id, resolved)),
        Err(ProxyError::Token(error)) => Err(api.with_way_back_to(&caller, &id, error).await?),
        Err(error) => Err(error.into()),
    }
}

/// `TRACE` would show the token to whoever asks, and a connection that becomes something else than HTTP
/// could not be passed on as HTTP is.
fn check(method: &Method, headers: &HeaderMap) -> Result<(), ApiError> {
    if matches!(*method, Method::TRACE | Method::CONNECT) {
        return Err(ApiError::MethodNotAllowed);
    }
    let upgrade = headers.get(UPGRADE).map(HeaderValue::as_bytes);
    // clients offer h2c to every server and expect nothing
    if upgrade.is_some_and(|protocol| !protocol.eq_ignore_ascii_case(b"h2c")) {
        return Err(ApiError::Invalid(
            "Leave the `Upgrade` header out: WebSockets and other protocols are not passed on. Take a token with `POST /tokens` for them.".to_owned(),
        ));
    }
    Ok(())
}

impl Api {
    /// The token that goes along, and why it is that one where a provider was named.
    async fn stands_for(
        &self,
        caller: &Caller,
        target: &str,
        headers: &HeaderMap,
    ) -> Result<(TokenGrant, Option<Resolved>), ApiError> {
        if target.contains('_') {
            let id: ConnectionId = target.parse().map_err(|_| ApiError::NotFound)?;
            let ask = Ask::default();
            let grant = self.grant_of(caller, &id, ask, Purpose::Proxy).await?;
            return Ok((grant, None));
        }
        let whom = Whom {
            end_user: text(headers, END_USER)?,
            team_id: text(headers, TEAM)?,
            fallback: fallback(headers)?,
        };
        whom.check(("Grantport-End-User", "Grantport-Team"))?;
        let providers = self.providers(caller).await?;
        let provider = named("the first segment behind /proxy/", target, &providers)?;
        let (grant, resolved) = self
            .resolve(caller, provider, &whom, Purpose::Proxy)
            .await?;
        Ok((grant, Some(resolved)))
    }
}

fn text(headers: &HeaderMap, name: &'static str) -> Result<Option<String>, ApiError> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let text = std::str::from_utf8(value.as_bytes())
        .map_err(|_| ApiError::Invalid(format!("`{name}` has to be UTF-8.")))?;
    Ok(Some(text.to_owned()))
}

fn fallback(headers: &HeaderMap) -> Result<Option<Fallback>, ApiError> {
    match headers.get(FALLBACK).map(HeaderValue::as_bytes) {
        None => Ok(None),
        Some(b"team") => Ok(Some(Fallback::Team)),
        Some(b"none") => Ok(Some(Fallback::None)),
        Some(_) => Err(ApiError::Invalid(
            "`Grantport-Fallback` has to be `team` or `none`.".to_owned(),
        )),
    }
}

/// The provider's answer, and what there is to say of it.
fn told(answered: Answered, id: &ConnectionId, resolved: Option<Resolved>) -> Response {
    let mut response = answered.response;
    let headers = response.headers_mut();
    headers.insert(SOURCE, HeaderValue::from_static("provider"));
    if let Ok(id) = HeaderValue::from_str(id.as_str()) {
        headers.insert(CONNECTION, id);
    }
    if let Some(resolved) = resolved {
        headers.insert(RESOLVED_BY, HeaderValue::from_static(resolved.word()));
    }
    let retry = answered.retry.map(|retry| match retry {
        Retry::Done => "done",
        Retry::NotPossible => "not_possible",
    });
    if let Some(word) = retry {
        headers.insert(RETRY, HeaderValue::from_static(word));
    }
    headers.insert(CONTENT_SECURITY_POLICY, SANDBOX);
    response
}
