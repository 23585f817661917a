//! What a request brings is heard out, also by an answer that does not need it.
//!
//! A refusal is often ready before the client has sent its whole body. If the connection is closed
//! then, the system answers what still arrives with a reset, and many clients report that reset
//! instead of the refusal. So what is left of a body that nobody wants is read and forgotten (RFC
//! 9112, 9.6), within bounds.

use axum::BoxError;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::{BodyExt as _, Limited};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

/// Whoever sends more than this is not somebody who mistook a limit, such as with a photo for a logo.
const MOST: usize = 16 * 1024 * 1024;
/// How long a client may take over what nobody reads.
const LONGEST: Duration = Duration::from_secs(5);

/// A body whose rest is read when it is dropped before its end.
pub(super) struct HeardOut {
    /// `None` once it was read to its end, or broke.
    body: Option<Body>,
}

impl HeardOut {
    pub(super) fn new(body: Body) -> Self {
        Self {
            body: (!body.is_end_stream()).then_some(body),
        }
    }
}

impl HttpBody for HeardOut {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let Some(body) = self.body.as_mut() else {
            return Poll::Ready(None);
        };
        let polled = Pin::new(body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) {
            self.body = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.body
            .as_ref()
            .map_or_else(|| SizeHint::with_exact(0), HttpBody::size_hint)
    }
}

impl Drop for HeardOut {
    fn drop(&mut self) {
        let rest = self.body.take().filter(|body| !body.is_end_stream());
        if let (Some(rest), Ok(runtime)) = (rest, tokio::runtime::Handle::try_current()) {
            runtime.spawn(tokio::time::timeout(LONGEST, forget(rest)));
        }
    }
}

async fn forget(rest: Body) -> Result<(), BoxError> {
    let mut rest = Limited::new(rest, MOST);
    while let Some(frame) = rest.frame().await {
        frame?;
    }
    Ok(())
}
