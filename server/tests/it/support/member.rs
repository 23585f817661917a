//! Members at the portal: the owner who set it up, with an application and a provider, and those who
//! were invited.

use super::site::{Browser, Reply, Site};
use app::wire::Role;
use server::auth::issue_setup_token;
use server::domain::MemberId;

/// The password of all of them.
pub(crate) const PASSWORD: &str = "four-otters-carry-lamps";

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
            ("password", PASSWORD),
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

    /// Invites somebody; answers the token of the link.
    pub(crate) async fn invites(&self, email: &str, role: Role) -> String {
        let form = [("email", email), ("role", role.as_str())];
        let sent = self.does("invite", &form).await;
        link_on(&self.reads(sent.location()).await)
    }

    /// Follows the link of an invitation.
    pub(crate) async fn follows(browser: Browser, token: &str, name: &str) -> (Self, Reply) {
        let form = [("token", token), ("name", name), ("password", PASSWORD)];
        let joining = Self { browser };
        let answer = joining.sends("accept_invitation", &form).await;
        (joining, answer)
    }

    /// Invites somebody, who joins at once.
    pub(crate) async fn brings(&self, site: &Site, email: &str, role: Role) -> Self {
        let token = self.invites(email, role).await;
        let (joined, answer) = Self::follows(site.browser(), &token, email).await;
        assert_eq!(answer.location(), "/", "{answer:?}");
        joined
    }

    /// Signs in with the password, as far as that goes.
    pub(crate) async fn signs_in(browser: Browser, email: &str) -> (Self, Reply) {
        let member = Self { browser };
        let form = [("email", email), ("password", PASSWORD)];
        let answer = member.sends("sign_in", &form).await;
        (member, answer)
    }

    /// Whether the server knows who this is.
    pub(crate) async fn is_signed_in(&self) -> bool {
        self.browser.get("/account").await.status == 200
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

/// The token in the invitation link that a page shows.
pub(crate) fn link_on(page: &Reply) -> String {
    let rest = page.text.split("/invitations/").nth(1).expect("a link");
    rest.split('"').next().unwrap().to_owned()
}

/// Who has this e-mail.
pub(crate) async fn id_of(site: &Site, email: &str) -> MemberId {
    let found = site.db.store.credentials_of(email).await.unwrap();
    found.expect("a member").member.id
}
