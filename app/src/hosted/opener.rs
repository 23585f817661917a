//! The application's page that opened the flow in a window of its own (`connect.js`).
//!
//! Its origin goes along from page to page in forms and links, and what it hears at the end lies in
//! attributes: the script that posts it (R13) is a file of ours and holds no text of anybody's.

use crate::wire::{ConnectProblem, DoneView, Host, ProblemView};
use leptos::prelude::*;

/// Where the script lies that tells the opener.
const SCRIPT: &str = "/connect-outcome.js";

/// The field and the parameter by which the opener's origin goes along.
const NAME: &str = "opener";

/// What a form takes along.
pub(super) fn field(host: &Host) -> impl IntoView + use<> {
    let origin = host.opener.as_ref().map(|opener| opener.origin.clone());
    origin.map(|origin| view! { <input type="hidden" name=NAME value=origin /> })
}

/// The session's first page again, for what is left to connect.
pub(super) fn carried(host: &Host) -> String {
    let path = &host.path;
    match &host.opener {
        // scheme, host and port: nothing in it needs an escape in a query
        Some(opener) => format!("{path}?{NAME}={}", opener.origin),
        None => path.clone(),
    }
}

/// Tells that the connection stands, and whether more is to be connected in this window.
pub(super) fn tell_done(view: &DoneView) -> impl IntoView + use<> {
    tell(&view.host, "connected", None, view.left > 0)
}

/// Tells that it did not work. The window stays: its page says why and what helps.
pub(super) fn tell_problem(view: &ProblemView) -> impl IntoView + use<> {
    let status = match view.problem {
        ConnectProblem::Denied => "denied",
        ConnectProblem::LinkExpired => "expired",
        _ => "failed",
    };
    let host = view.host.as_ref();
    host.map(|host| tell(host, status, Some(view.problem.as_str()), true))
}

/// `stays`: the person may still want this window.
fn tell(
    host: &Host,
    status: &'static str,
    error: Option<&'static str>,
    stays: bool,
) -> impl IntoView + use<> {
    host.opener.clone().map(|opener| {
        view! {
            <script
                src=SCRIPT
                defer=true
                data-opener=opener.origin
                data-session=opener.session
                data-status=status
                data-error=error
                data-stays=stays.then_some("")
            ></script>
        }
    })
}
