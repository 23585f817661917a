//! The playground: to the provider, and one step after the other.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{PlaygroundDeed, PortalError};
use leptos::prelude::*;
use std::collections::BTreeMap;

/// Begins a run: the browser goes to the provider.
#[server(name = GetCode, prefix = "/_portal", endpoint = "playground_code")]
pub async fn get_code(
    #[server(default)] application: String,
    #[server(default)] provider: String,
    #[server(default)] inputs: BTreeMap<String, String>,
) -> Result<(), PortalError> {
    let form = inputs.iter().fold(
        Form::on(address::playground(&application, &provider)),
        |form, (name, value)| form.holding(&format!("inputs[{name}]"), value),
    );
    let outcome = portal()?
        .begin_playground(&application, &provider, inputs)
        .await;
    form.answer::<GetCode>(outcome).await
}

/// Exchanges the code.
#[server(name = GetToken, prefix = "/_portal", endpoint = "playground_token")]
pub async fn get_token(
    #[server(default)] application: String,
    #[server(default)] provider: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .playground_step(&application, &provider, PlaygroundDeed::GetToken)
        .await;
    Form::on(address::playground(&application, &provider))
        .answer_here::<GetToken>(outcome)
        .await
}

/// Asks whose account it is.
#[server(name = FetchProfile, prefix = "/_portal", endpoint = "playground_profile")]
pub async fn fetch_profile(
    #[server(default)] application: String,
    #[server(default)] provider: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .playground_step(&application, &provider, PlaygroundDeed::FetchProfile)
        .await;
    Form::on(address::playground(&application, &provider))
        .answer_here::<FetchProfile>(outcome)
        .await
}

/// Ends the run and what it obtained.
#[server(name = FinishPlayground, prefix = "/_portal", endpoint = "playground_finish")]
pub async fn finish_playground(
    #[server(default)] application: String,
    #[server(default)] provider: String,
) -> Result<(), PortalError> {
    let outcome = portal()?
        .playground_step(&application, &provider, PlaygroundDeed::Finish)
        .await;
    Form::on(address::playground(&application, &provider))
        .answer_here::<FinishPlayground>(outcome)
        .await
}
