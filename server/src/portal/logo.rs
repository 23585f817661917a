//! An application's logo: the one form of the portal that brings a file.
//!
//! A server function would read the whole body before it knows who sent it, so this is a plain route
//! that asks first. It answers as the other forms do: a browser is sent back to the page with what is
//! wrong, any other caller gets the error as JSON.

use super::answer::{refusal, wants_a_page};
use super::{OrFail, PageAnswer, PortalRequest, Task, actor};
use crate::brand::{self, LogoProblem};
use crate::state::AppState;
use app::address;
use app::portal::Answer;
use app::wire::{Field, PortalError, Problem};
use axum::Router;
use axum::body::Bytes;
use axum::extract::multipart::MultipartError;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Path, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::post;
use leptos_axum::ResponseOptions;

/// Name of the file in the form.
const FILE: &str = "logo";

/// The routes that files are sent to. Their length is limited where that of all bodies is.
pub(super) fn uploads() -> Router<AppState> {
    let logo = post(upload).get(again).layer(DefaultBodyLimit::disable());
    Router::new().route("/apps/{app}/settings/logo", logo)
}

/// `POST /apps/{slug}/settings/logo`.
async fn upload(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    request: Request,
) -> Response {
    let as_page = wants_a_page(request.headers());
    let (parts, body) = request.into_parts();
    let answer = PageAnswer::new(ResponseOptions::default(), None);
    let outcome = match PortalRequest::new(state, &parts, answer) {
        Some(portal) => {
            let request = Request::from_parts(parts, body);
            portal.take_logo(&slug, request).await
        }
        None => Err(PortalError::Internal),
    };
    let page = address::settings(&slug);
    match outcome {
        Ok(()) => Redirect::to(&address::saved(page)).into_response(),
        Err(error) => refusal(&error, &page, &address::logo_upload(&slug), as_page),
    }
}

/// The same address, typed or reloaded.
async fn again(Path(slug): Path<String>) -> Redirect {
    Redirect::to(&address::settings(&slug))
}

impl PortalRequest {
    /// Reads the file that a member sent, if they may, and draws it anew.
    async fn take_logo(&self, application: &str, request: Request) -> Answer<()> {
        let (member, application) = self.within(Task::Configure, application).await?;
        let file = file_of(request).await?;
        let logo = brand::draw(file).await.map_err(wrong)?;
        self.state
            .store
            .set_logo(&application, Some(&logo), actor(&member))
            .await
            .or_fail()
    }

    pub(super) async fn drop_logo(&self, application: &str) -> Answer<()> {
        let (member, application) = self.within(Task::Configure, application).await?;
        self.state
            .store
            .set_logo(&application, None, actor(&member))
            .await
            .or_fail()
    }
}

async fn file_of(request: Request) -> Answer<Bytes> {
    let mut form = Multipart::from_request(request, &())
        .await
        .map_err(|_| PortalError::Invalid(Vec::new()))?;
    while let Some(field) = form.next_field().await.map_err(|error| unread(&error))? {
        if field.name() == Some(FILE) {
            let file = field.bytes().await.map_err(|error| unread(&error))?;
            // browsers send an empty file where none was chosen
            if !file.is_empty() {
                return Ok(file);
            }
        }
    }
    Err(PortalError::field(Field::Logo, Problem::Missing))
}

fn unread(error: &MultipartError) -> PortalError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        wrong(LogoProblem::TooHeavy)
    } else {
        PortalError::Invalid(Vec::new())
    }
}

fn wrong(problem: LogoProblem) -> PortalError {
    let problem = match problem {
        LogoProblem::TooHeavy => Problem::TooHeavy,
        LogoProblem::TooManyPixels => Problem::TooManyPixels,
        LogoProblem::NotAPicture => Problem::NotAPicture,
        LogoProblem::Broken => Problem::Broken,
    };
    PortalError::field(Field::Logo, problem)
}
