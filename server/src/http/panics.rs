//! A panic ends one request, not the server (R30).

use super::{RequestId, refusal::Refusal};
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use std::any::Any;

const FAULT: Refusal = Refusal {
    status: StatusCode::INTERNAL_SERVER_ERROR,
    code: "internal",
    blame: "admin",
    title: "Something went wrong on our side",
    sentence: "Try again. If it happens again, tell whoever runs this Grantport the request's id: the log has the detail.",
};

/// Marks an answer that stands for a panic.
#[derive(Clone, Copy)]
struct Panicked;

/// Makes the marked answer. What the panic said is not repeated: nobody knows what is in it.
pub(super) fn caught(said: Box<dyn Any + Send + 'static>) -> Response {
    drop(said);
    let mut response = StatusCode::INTERNAL_SERVER_ERROR.into_response();
    response.extensions_mut().insert(Panicked);
    response
}

/// Puts a page or a problem with the request's id in the place of a marked answer.
pub(super) async fn explain(request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let id = request.extensions().get::<RequestId>().cloned();
    let response = next.run(request).await;
    if response.extensions().get::<Panicked>().is_none() {
        return response;
    }
    FAULT.answer(&path, id.as_ref())
}
