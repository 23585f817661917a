//! The audit.

use super::{Form, portal};
use crate::address;
use crate::wire::PortalError;
use leptos::prelude::*;

/// Checks the chain of the audit once more.
#[server(name = CheckAudit, prefix = "/_portal", endpoint = "check_audit")]
pub async fn check_audit() -> Result<(), PortalError> {
    let outcome = portal()?.check_audit().await;
    Form::on(address::AUDIT)
        .answer::<CheckAudit>(outcome.map(|()| address::AUDIT.to_owned()))
        .await
}
