//! Handing a team's connection over.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{NextInCare, PortalError};
use leptos::prelude::*;

/// Hands a team's connection over to another person.
#[server(name = HandOver, prefix = "/_portal", endpoint = "hand_over")]
pub async fn hand_over(
    #[server(default)] application: String,
    #[server(default)] connection: String,
    #[server(default)] person_id: String,
    #[server(default)] person_name: String,
    #[server(default)] person_email: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::connection(&application, &connection))
        .holding("form", "hand-over")
        .holding("person_id", &person_id)
        .holding("person_name", &person_name)
        .holding("person_email", &person_email);
    let to = NextInCare {
        id: person_id,
        name: person_name,
        email: person_email,
    };
    let outcome = portal()?.hand_over(&application, &connection, to).await;
    form.answer_here::<HandOver>(outcome).await
}
