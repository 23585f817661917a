//! Applications and their settings.

#![expect(
    missing_docs,
    reason = "the server macro writes structs whose fields are the arguments"
)]

use super::{Form, portal};
use crate::address;
use crate::wire::{ApplicationSettings, NewApplication, PortalError};
use leptos::prelude::*;

/// Makes an application.
#[server(name = CreateApplication, prefix = "/_portal", endpoint = "create_application")]
pub async fn create_application(
    #[server(default)] name: String,
    #[server(default)] slug: String,
    #[server(default)] return_urls: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::NEW_APPLICATION)
        .holding("name", &name)
        .holding("slug", &slug)
        .holding("return_urls", &return_urls);
    let new = NewApplication {
        name,
        slug,
        return_urls,
    };
    let outcome = portal()?.create_application(new).await;
    form.answer::<CreateApplication>(outcome.map(|slug| address::application(&slug)))
        .await
}

/// Saves name, return URLs, origins, completion and colour.
#[server(name = SaveSettings, prefix = "/_portal", endpoint = "save_settings")]
pub async fn save_settings(
    #[server(default)] application: String,
    #[server(default)] name: String,
    #[server(default)] return_urls: String,
    #[server(default)] allowed_origins: String,
    #[server(default)] completion: String,
    #[server(default)] accent: String,
) -> Result<(), PortalError> {
    let form = Form::on(address::settings(&application))
        .holding("name", &name)
        .holding("return_urls", &return_urls)
        .holding("allowed_origins", &allowed_origins)
        .holding("completion", &completion)
        .holding("accent", &accent);
    let settings = ApplicationSettings {
        name,
        return_urls,
        allowed_origins,
        completion,
        accent,
    };
    let outcome = portal()?.save_settings(&application, settings).await;
    form.answer_saved::<SaveSettings>(outcome).await
}

/// Takes the logo away.
#[server(name = RemoveLogo, prefix = "/_portal", endpoint = "remove_logo")]
pub async fn remove_logo(#[server(default)] application: String) -> Result<(), PortalError> {
    let form = Form::on(address::settings(&application));
    let outcome = portal()?.remove_logo(&application).await;
    form.answer_saved::<RemoveLogo>(outcome).await
}
