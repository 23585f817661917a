//! Calls to a provider's API through Grantport: the token is put in there, and never comes here.

use crate::grantport::{Fault, Grantport, refusal_of, send};
use reqwest::{Method, Response, StatusCode};

/// The provider's answer to a call for this user, whatever its status. What Grantport itself has to say
/// is a fault. `path` is as the provider documents it.
pub(crate) async fn through_proxy(
    grantport: &Grantport,
    provider: &str,
    end_user: &str,
    method: Method,
    path: &str,
) -> Result<Response, Fault> {
    let request = grantport
        .request(method, &format!("/proxy/{provider}{path}"))
        .header("grantport-end-user", end_user);
    // our 429 says that the call was not sent; after our 503 the provider may have acted, which only the
    // caller can weigh
    let passes = |answer: &Response| {
        answer.status() == StatusCode::TOO_MANY_REQUESTS && !is_providers(answer)
    };
    let answer = send(request, passes).await?;
    if is_providers(&answer) {
        Ok(answer)
    } else {
        Err(refusal_of(answer).await)
    }
}

/// A 404 of the provider is an answer; one of ours means that nothing is connected.
fn is_providers(answer: &Response) -> bool {
    let source = answer.headers().get("grantport-source");
    source.is_some_and(|source| source == "provider")
}
