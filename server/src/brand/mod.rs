//! How an application looks on the end user's pages: its colour and its logo.
//!
//! ```text
//! GET /connect-theme/{rrggbb}.css    a colour as a stylesheet, with its contrast kept by us
//! GET /connect-logo/{sha256}.png     a logo, drawn anew by us                     logo.rs
//! ```
//!
//! Both addresses name their content, so browsers may keep it for ever, and a change of either is a
//! change of the address on the page. Nobody has to be signed in: the pages are for people we know
//! nothing of, and a picture that they all see is no secret.

mod logo;

pub use logo::{Logo, LogoProblem, MOST_BYTES};

use crate::domain::{Accent, Application, Fill, Paper};
use crate::http::assets;
use crate::store::Store;
use app::wire::Brand;
use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;
use tokio::sync::Semaphore;

/// What pages are told of an application's look.
#[must_use]
pub fn view(application: &Application) -> Brand {
    Brand {
        accent: application.accent.map(|accent| accent.to_string()),
        logo: application.logo.map(|digest| digest.to_string()),
    }
}

/// One picture is drawn at a time, so that many uploads do not need the memory of many pictures.
static DRAWING: Semaphore = Semaphore::const_new(1);

/// Draws a file anew, away from the threads that answer requests.
pub async fn draw(file: Bytes) -> Result<Logo, LogoProblem> {
    let turn = DRAWING.acquire().await;
    let drawing = tokio::task::spawn_blocking(move || {
        let _turn = turn;
        Logo::draw(&file)
    });
    // a decoder that panics met a file that is broken
    drawing.await.unwrap_or(Err(LogoProblem::Broken))
}

/// The routes of colours and logos.
pub fn router(store: Store) -> Router {
    Router::new()
        .route("/connect-theme/{file}", get(theme))
        .route("/connect-logo/{file}", get(picture))
        .with_state(store)
}

/// `GET /connect-theme/{rrggbb}.css`: a pure function of its address.
async fn theme(Path(file): Path<String>) -> Response {
    let named = file.strip_suffix(".css");
    let accent = named.and_then(|digits| format!("#{digits}").parse::<Accent>().ok());
    match accent.filter(|accent| named == Some(accent.digits().as_str())) {
        Some(accent) => assets::for_ever("text/css; charset=utf-8", stylesheet(accent)),
        None => assets::not_found(),
    }
}

/// The two lines that follow the stylesheet. `.branded` is the portal's preview.
fn stylesheet(accent: Accent) -> String {
    let (light, dark) = (accent.on(Paper::Light), accent.on(Paper::Dark));
    let both = |of: fn(Fill) -> Accent| format!("light-dark({}, {})", of(light), of(dark));
    format!(
        ".hosted, .branded {{\n  --app: {};\n  --on-app: {};\n}}\n",
        both(|fill| fill.colour),
        both(|fill| fill.ink),
    )
}

/// `GET /connect-logo/{sha256}.png`.
async fn picture(State(store): State<Store>, Path(file): Path<String>) -> Response {
    let Some(digest) = file
        .strip_suffix(".png")
        .and_then(|digest| digest.parse().ok())
    else {
        return assets::not_found();
    };
    match store.logo(&digest).await {
        Ok(Some(png)) => assets::for_ever("image/png", png),
        Ok(None) => assets::not_found(),
        Err(error) => {
            tracing::error!(%error, "a logo could not be read");
            assets::not_found()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::StatusCode;

    #[test]
    fn a_colour_is_a_sheet_of_two_lines() {
        let sheet = stylesheet("#0f5132".parse().expect("a colour"));
        assert!(sheet.starts_with(".hosted, .branded {"), "{sheet}");
        assert!(sheet.contains("--app: light-dark(#0f5132, #"), "{sheet}");
        assert!(sheet.contains("--on-app: light-dark(#ffffff, #"), "{sheet}");
        assert_eq!(sheet.matches(';').count(), 2, "{sheet}");
    }

    #[tokio::test]
    async fn only_six_lower_case_digits_are_an_address() {
        let status = async |file: &str| theme(Path(file.to_owned())).await.status();
        assert_eq!(status("0f5132.css").await, StatusCode::OK);
        for wrong in [
            "0F5132.css",
            "0f5132",
            "0f5132.css.css",
            "0f513.css",
            "0f51322.css",
            "#0f5132.css",
            "red.css",
            ".css",
            "",
        ] {
            assert_eq!(status(wrong).await, StatusCode::NOT_FOUND, "{wrong}");
        }
    }
}
