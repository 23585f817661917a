//! The app and its addresses.
//!
//! Every route waits for its answers before the first byte leaves, so that a page can redirect and
//! set its status.

use crate::pages::account::Account;
use crate::pages::applications::Applications;
use crate::pages::audit::Audit;
use crate::pages::confirm::ConfirmPage;
use crate::pages::connections::bulk::RevokeMany;
use crate::pages::connections::bulk_run::BulkRun;
use crate::pages::connections::index::Connections;
use crate::pages::connections::receipt::Receipt;
use crate::pages::connections::reduce::Reduce;
use crate::pages::connections::revoke::Revoke;
use crate::pages::connections::show::Connection;
use crate::pages::invitation::Invitation;
use crate::pages::keys::index::Keys;
use crate::pages::keys::show::Key;
use crate::pages::members::index::Members;
use crate::pages::members::show::Member;
use crate::pages::new_application::NewApplication;
use crate::pages::not_found::NotFound;
use crate::pages::overview::Overview;
use crate::pages::providers::custom::NewCustomProvider;
use crate::pages::providers::gallery::Gallery;
use crate::pages::providers::index::Providers;
use crate::pages::providers::new::NewProvider;
use crate::pages::providers::playground::Playground;
use crate::pages::providers::scopes::Scopes;
use crate::pages::providers::show::Provider;
use crate::pages::second_factor::SecondFactor;
use crate::pages::settings::Settings;
use crate::pages::setup::SetUpPage;
use crate::pages::sign_in::SignInPage;
use crate::pages::sign_in_factor::SignInFactor;
use crate::pages::webhooks::index::Webhooks;
use crate::pages::webhooks::new::NewWebhook;
use crate::pages::webhooks::show::Webhook;
use leptos::prelude::*;
use leptos_axum::{AxumRouteListing, generate_route_list};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode::Async;
use leptos_router::components::{Route, Router, Routes};
use leptos_router::path;
use std::sync::LazyLock;

static LISTING: LazyLock<Vec<AxumRouteListing>> = LazyLock::new(|| generate_route_list(App));

/// The address of every page, for the server's router.
///
/// Looked up once in a process and before any page: while Leptos walks through the app, resources
/// are not loaded anywhere in the process, and a page that another thread renders meanwhile would
/// wait for its own for ever.
pub fn listing() -> Vec<AxumRouteListing> {
    LISTING.clone()
}

/// A page's title as it stands in the document. Leptos writes there what it is given, as it is, and
/// titles hold names that people and providers chose (R28).
#[expect(clippy::needless_pass_by_value, reason = "Leptos hands it over")]
fn document_title(title: String) -> String {
    format!("{} · Grantport", html_escape::encode_text(&title))
}

/// The portal: all pages of members.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Title formatter=document_title />
        <Router>
            <Routes fallback=NotFound>
                <Route path=path!("/setup") ssr=Async view=SetUpPage />
                <Route path=path!("/signin") ssr=Async view=SignInPage />
                <Route path=path!("/signin/factor") ssr=Async view=SignInFactor />
                <Route path=path!("/invitations/:token") ssr=Async view=Invitation />
                <Route path=path!("/") ssr=Async view=Applications />
                <Route path=path!("/account") ssr=Async view=Account />
                <Route path=path!("/audit") ssr=Async view=Audit />
                <Route path=path!("/account/confirm") ssr=Async view=ConfirmPage />
                <Route path=path!("/account/second-factor") ssr=Async view=SecondFactor />
                <Route path=path!("/members") ssr=Async view=Members />
                <Route path=path!("/members/:id") ssr=Async view=Member />
                <Route path=path!("/apps/new") ssr=Async view=NewApplication />
                <Route path=path!("/apps/:app") ssr=Async view=Overview />
                <Route path=path!("/apps/:app/providers") ssr=Async view=Providers />
                <Route path=path!("/apps/:app/providers/new") ssr=Async view=Gallery />
                <Route path=path!("/apps/:app/providers/new/custom") ssr=Async view=NewCustomProvider />
                <Route path=path!("/apps/:app/providers/new/:definition") ssr=Async view=NewProvider />
                <Route path=path!("/apps/:app/providers/:provider") ssr=Async view=Provider />
                <Route path=path!("/apps/:app/providers/:provider/playground") ssr=Async view=Playground />
                <Route path=path!("/apps/:app/providers/:provider/scopes") ssr=Async view=Scopes />
                <Route path=path!("/apps/:app/connections") ssr=Async view=Connections />
                <Route path=path!("/apps/:app/connections/revoke") ssr=Async view=RevokeMany />
                <Route path=path!("/apps/:app/bulk-revocations/:id") ssr=Async view=BulkRun />
                <Route path=path!("/apps/:app/connections/:id") ssr=Async view=Connection />
                <Route path=path!("/apps/:app/connections/:id/revoke") ssr=Async view=Revoke />
                <Route path=path!("/apps/:app/connections/:id/scopes") ssr=Async view=Reduce />
                <Route path=path!("/apps/:app/connections/:id/receipt") ssr=Async view=Receipt />
                <Route path=path!("/apps/:app/keys") ssr=Async view=Keys />
                <Route path=path!("/apps/:app/keys/:id") ssr=Async view=Key />
                <Route path=path!("/apps/:app/webhooks") ssr=Async view=Webhooks />
                <Route path=path!("/apps/:app/webhooks/new") ssr=Async view=NewWebhook />
                <Route path=path!("/apps/:app/webhooks/:webhook") ssr=Async view=Webhook />
                <Route path=path!("/apps/:app/settings") ssr=Async view=Settings />
            </Routes>
        </Router>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_end_the_title() {
        let title = document_title("</title><script>alert(1)</script>".to_owned());
        assert!(!title.contains('<'), "{title}");
        assert!(document_title("Überblick".to_owned()).starts_with("Überblick · "));
    }
}
