//! A member at the portal: set up, signed in, with an application and a provider.

use super::site::{Browser, Reply, Site};
use server::auth::issue_setup_token;

/// The owner of a server that was just set up, with the application `crm-sync`.
pub(crate) struct Member {
    pub(crate) browser: Browser,
}

impl Member {
    /// Sets the server up.
    pub(crate) async fn first(site: &Site) -> Self {
        let token = issue_setup_token(&site.db.store).await.unwrap().unwrap();
        let member = Self {
            browser: site.browser(),
        };
        let form = [
            ("token", token.expose().as_str()),
            ("organization", "Acme"),
            ("name", "Ada"),
            ("email", "ada@acme.example"),
            ("password", "four-otters-carry-lamps"),
        ];
        member.does("set_up", &form).await;
        let form = [
            ("name", "CRM Sync"),
            ("slug", "crm-sync"),
            ("return_urls", ""),
        ];
        member.does("create_application", &form).await;
        member
    }

    /// Sends a form of the portal.
    pub(crate) async fn sends(&self, action: &str, form: &[(&str, &str)]) -> Reply {
        self.browser.post(&format!("/_portal/{action}"), form).await
    }

    /// The same, and it is taken.
    pub(crate) async fn does(&self, action: &str, form: &[(&str, &str)]) -> Reply {
        let answer = self.sends(action, form).await;
        assert!(
            answer.status.is_redirection() && !answer.location().contains("__err"),
            "{action}: {answer:?}"
        );
        answer
    }

    /// A form about the provider `house` that has nothing else in it.
    pub(crate) async fn presses(&self, action: &str) -> Reply {
        let form = [("application", "crm-sync"), ("provider", "house")];
        self.sends(action, &form).await
    }

    /// Saves a provider with this secret, and reads the page that follows.
    pub(crate) async fn saves_house(&self, client_secret: &str) -> Reply {
        let form = [
            ("application", "crm-sync"),
            ("definition", "house"),
            ("client_id", "client-1"),
            ("client_secret", client_secret),
            ("scopes[]", "contacts.read"),
        ];
        let saved = self.does("create_provider", &form).await;
        self.reads(saved.location()).await
    }

    /// Reads a page.
    pub(crate) async fn reads(&self, path: &str) -> Reply {
        let mut page = self.browser.get(path).await;
        assert_eq!(page.status, 200, "{path}: {}", page.text);
        // Leptos leaves comments between texts
        page.text = page.text.replace("<!>", "").replace("<!---->", "");
        page
    }
}
