//! Bodies on their way: piece by piece, never the whole.
//!
//! A caller's body that says that it is small is kept, so that it can be sent once more; every other
//! one passes. Trailers pass in neither direction: HTTP lets whoever forwards drop them (RFC 9110 section
//! 6.5.1), and they could carry what was taken out of the headers.

use super::places::Place;
use axum::body::{Body, Bytes, HttpBody};
use http_body::{Frame, SizeHint};
use http_body_util::BodyExt as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::time::{Instant, Sleep, sleep_until, timeout};

/// A body of at most so many bytes is kept for a second attempt.
pub const LARGEST_KEPT: u64 = 64 * 1024;

/// What a caller sent.
pub(super) enum Sent {
    /// No body.
    Nothing,
    /// A small one.
    Kept(Bytes),
    /// One that passes once; nothing is left when it has.
    Passing(Option<Body>),
}

impl Sent {
    /// Reads a small body. `None`: it broke off, or rested for longer than `idle`.
    pub(super) async fn of(body: Body, idle: Duration) -> Option<Self> {
        if body.is_end_stream() {
            return Some(Self::Nothing);
        }
        let is_small = |length: u64| length <= LARGEST_KEPT;
        if !body.size_hint().exact().is_some_and(is_small) {
            return Some(Self::Passing(Some(body)));
        }
        let read = timeout(idle, body.collect()).await.ok()?.ok()?;
        Some(Self::Kept(read.to_bytes()))
    }

    /// Whether a second attempt has something to send.
    pub(super) fn can_be_sent_again(&self) -> bool {
        !matches!(self, Self::Passing(_))
    }

    /// The body for one attempt.
    pub(super) fn next(&mut self, pulse: &Pulse) -> Option<reqwest::Body> {
        match self {
            Self::Nothing => None,
            Self::Kept(bytes) => Some(bytes.clone().into()),
            Self::Passing(body) => body.take().map(|body| {
                reqwest::Body::wrap(Passing {
                    body: Mutex::new(body),
                    pulse: pulse.clone(),
                })
            }),
        }
    }
}

/// The moment in which a piece of a body last passed. Cheap to clone.
#[derive(Clone)]
pub(super) struct Pulse(Arc<Mutex<Instant>>);

impl Default for Pulse {
    fn default() -> Self {
        Self(Arc::new(Mutex::new(Instant::now())))
    }
}

impl Pulse {
    /// A piece passed.
    pub(super) fn beat(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    /// Until nothing has passed for so long.
    pub(super) async fn rests_for(&self, span: Duration) {
        loop {
            let rested = *self.0.lock().unwrap_or_else(PoisonError::into_inner) + span;
            if rested <= Instant::now() {
                return;
            }
            sleep_until(rested).await;
        }
    }
}

/// A caller's body on its way to the provider.
struct Passing {
    /// Only ever reached through `&mut`; the mutex is what makes it `Sync`, as the client wants it.
    body: Mutex<Body>,
    pulse: Pulse,
}

impl HttpBody for Passing {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let body = self.body.get_mut().unwrap_or_else(PoisonError::into_inner);
        let frame = ready!(Pin::new(body).poll_frame(context));
        self.pulse.beat();
        Poll::Ready(without_trailers(frame))
    }

    fn size_hint(&self) -> SizeHint {
        let body = self.body.lock().unwrap_or_else(PoisonError::into_inner);
        body.size_hint()
    }
}

/// A provider's answer on its way to the caller. Its place is free when it was read or dropped.
pub(super) struct Answering {
    body: reqwest::Body,
    idle: Duration,
    /// When the whole call ends.
    end: Pin<Box<Sleep>>,
    /// When the provider has rested for too long, while it is waited for.
    rest: Option<Pin<Box<Sleep>>>,
    _place: Place,
}

/// Why an answer breaks off.
#[derive(Debug, thiserror::Error)]
pub(super) enum BrokenOff {
    /// The provider's side did.
    #[error("the provider broke off")]
    Provider,
    /// It rested for too long, or the whole took too long.
    #[error("the provider took too long")]
    TimedOut,
}

impl Answering {
    pub(super) fn new(body: reqwest::Body, idle: Duration, end: Instant, place: Place) -> Self {
        Self {
            body,
            idle,
            end: Box::pin(sleep_until(end)),
            rest: None,
            _place: place,
        }
    }
}

impl HttpBody for Answering {
    type Data = Bytes;
    type Error = BrokenOff;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BrokenOff>>> {
        if self.end.as_mut().poll(context).is_ready() {
            return Poll::Ready(Some(Err(BrokenOff::TimedOut)));
        }
        if let Poll::Ready(frame) = Pin::new(&mut self.body).poll_frame(context) {
            self.rest = None;
            let frame = frame.map(|frame| frame.map_err(|_| BrokenOff::Provider));
            return Poll::Ready(without_trailers(frame));
        }
        // only while it is the provider that is waited for: a caller may read as slowly as it likes
        let idle = self.idle;
        let rest = self
            .rest
            .get_or_insert_with(|| Box::pin(sleep_until(Instant::now() + idle)));
        ready!(rest.as_mut().poll(context));
        Poll::Ready(Some(Err(BrokenOff::TimedOut)))
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Trailers are the last frame, so a body ends where they would come.
fn without_trailers<E>(frame: Option<Result<Frame<Bytes>, E>>) -> Option<Result<Frame<Bytes>, E>> {
    frame.filter(|frame| !matches!(frame, Ok(frame) if frame.is_trailers()))
}
