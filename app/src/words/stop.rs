//! Emergency stops in words.

use crate::wire::StopView;

/// What holds and what does not while tokens are stopped.
pub const WHILE_STOPPED: &str = "Token calls are answered with “stopped”. Nothing is destroyed: connections are kept alive, and people can connect.";

/// "All tokens of Salesforce are stopped".
#[must_use]
pub fn what(stop: &StopView) -> String {
    match &stop.provider {
        Some((_, name)) => format!("All tokens of {name} are stopped"),
        None => "All tokens of this application are stopped".to_owned(),
    }
}

/// "By Mara Lindqvist: leak at a supplier."
#[must_use]
pub fn by_whom(stop: &StopView) -> String {
    let reason = stop.reason.trim_end_matches('.');
    format!("By {}: {reason}.", stop.by)
}

/// What the button does, before it is pressed.
#[must_use]
pub fn offer(name: &str) -> String {
    format!(
        "From the next call on no token of {name} leaves Grantport. Nothing is destroyed, and one click lets them go again. Tokens that were handed out before go on working until they end."
    )
}
