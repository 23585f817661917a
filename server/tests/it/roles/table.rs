//! Every address of the server, and who may use it.
//!
//! Written by hand: it knows nothing of `portal::roles`, and both have to say the same.

use server::domain::random_base62;

/// Who may use an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum May {
    /// Whoever has the address: end users, providers, browsers that fetch a file.
    Anyone,
    /// A backend, by its API key. No session of a member helps.
    Key,
    /// These members, by the first letter of their role: `O`wner, `A`dmin, `D`eveloper, `S`upport,
    /// a`U`ditor.
    Members(&'static str),
}

pub(crate) use May::{Anyone, Key, Members};

const ALL: May = Members("OADSU");
const READ_CONNECTIONS: May = Members("OADS");
const END_CONNECTIONS: May = Members("OAS");
const READ_CONFIGURATION: May = Members("OAD");
const CONFIGURE: May = Members("OA");
const READ_ORGANIZATION: May = Members("OAU");

/// Every address with its method, who may use it, and what a form or a body holds that
/// comes to the point where that is decided.
pub(crate) const TABLE: &[(&str, &str, May, &str)] = &[
    // the portal's pages
    ("GET", "/", ALL, ""),
    ("GET", "/account", ALL, ""),
    ("GET", "/apps/new", CONFIGURE, ""),
    ("GET", "/apps/{app}", READ_CONNECTIONS, ""),
    ("GET", "/apps/{app}/connections", READ_CONNECTIONS, ""),
    ("GET", "/apps/{app}/connections/{id}", READ_CONNECTIONS, ""),
    (
        "GET",
        "/apps/{app}/connections/{id}/receipt",
        READ_CONNECTIONS,
        "",
    ),
    (
        "GET",
        "/apps/{app}/connections/{id}/revoke",
        END_CONNECTIONS,
        "",
    ),
    (
        "GET",
        "/apps/{app}/connections/{id}/scopes",
        END_CONNECTIONS,
        "",
    ),
    ("GET", "/apps/{app}/keys", READ_CONFIGURATION, ""),
    ("GET", "/apps/{app}/keys/{id}", READ_CONFIGURATION, ""),
    ("GET", "/apps/{app}/providers", READ_CONFIGURATION, ""),
    ("GET", "/apps/{app}/providers/new", READ_CONFIGURATION, ""),
    ("GET", "/apps/{app}/providers/new/custom", CONFIGURE, ""),
    (
        "GET",
        "/apps/{app}/providers/new/{definition}",
        CONFIGURE,
        "",
    ),
    (
        "GET",
        "/apps/{app}/providers/{provider}",
        READ_CONFIGURATION,
        "",
    ),
    (
        "GET",
        "/apps/{app}/providers/{provider}/playground",
        READ_CONFIGURATION,
        "",
    ),
    (
        "GET",
        "/apps/{app}/providers/{provider}/scopes",
        CONFIGURE,
        "",
    ),
    ("GET", "/apps/{app}/webhooks", READ_CONFIGURATION, ""),
    ("GET", "/apps/{app}/webhooks/new", CONFIGURE, ""),
    (
        "GET",
        "/apps/{app}/webhooks/{webhook}",
        READ_CONFIGURATION,
        "",
    ),
    ("GET", "/apps/{app}/settings", READ_CONFIGURATION, ""),
    ("POST", "/apps/{app}/settings/logo", CONFIGURE, ""),
    ("GET", "/apps/{app}/settings/logo", Anyone, ""),
    ("GET", "/apps/{app}/connections/revoke", CONFIGURE, ""),
    ("GET", "/apps/{app}/bulk-revocations/{id}", CONFIGURE, ""),
    (
        "GET",
        "/apps/{app}/connections/{id}/receipt.json",
        READ_CONNECTIONS,
        "",
    ),
    ("GET", "/members", READ_ORGANIZATION, ""),
    ("GET", "/members/{id}", READ_ORGANIZATION, ""),
    ("GET", "/audit", READ_ORGANIZATION, ""),
    ("GET", "/audit/export.csv", READ_ORGANIZATION, ""),
    ("GET", "/audit/export.jsonl", READ_ORGANIZATION, ""),
    ("GET", "/account/confirm", ALL, ""),
    ("GET", "/account/second-factor", ALL, ""),
    // its forms
    ("POST", "/_portal/add_client_secret", CONFIGURE, SOME),
    ("POST", "/_portal/add_practice_provider", CONFIGURE, SOME),
    ("POST", "/_portal/change_password", ALL, ""),
    ("POST", "/_portal/create_application", CONFIGURE, ""),
    ("POST", "/_portal/create_custom_provider", CONFIGURE, SOME),
    ("POST", "/_portal/create_key", CONFIGURE, SOME),
    ("POST", "/_portal/create_provider", CONFIGURE, SOME),
    ("POST", "/_portal/discover_issuer", CONFIGURE, SOME),
    ("POST", "/_portal/end_sessions", ALL, ""),
    ("POST", "/_portal/playground_code", READ_CONFIGURATION, SOME),
    (
        "POST",
        "/_portal/playground_finish",
        READ_CONFIGURATION,
        SOME,
    ),
    (
        "POST",
        "/_portal/playground_profile",
        READ_CONFIGURATION,
        SOME,
    ),
    (
        "POST",
        "/_portal/playground_token",
        READ_CONFIGURATION,
        SOME,
    ),
    ("POST", "/_portal/hand_over", END_CONNECTIONS, CONNECTION),
    (
        "POST",
        "/_portal/reduce_scopes",
        END_CONNECTIONS,
        CONNECTION,
    ),
    ("POST", "/_portal/remove_client_secret", CONFIGURE, SECRET),
    ("POST", "/_portal/remove_logo", CONFIGURE, SOME),
    (
        "POST",
        "/_portal/revoke_connection",
        END_CONNECTIONS,
        CONNECTION,
    ),
    ("POST", "/_portal/revoke_key", CONFIGURE, API_KEY),
    ("POST", "/_portal/save_key", CONFIGURE, API_KEY),
    ("POST", "/_portal/rotate_key", CONFIGURE, API_KEY),
    ("POST", "/_portal/deprecate_key", CONFIGURE, API_KEY),
    ("POST", "/_portal/save_custom", CONFIGURE, SOME),
    ("POST", "/_portal/save_provider", CONFIGURE, SOME),
    ("POST", "/_portal/save_settings", CONFIGURE, SOME),
    ("POST", "/_portal/try_provider", CONFIGURE, SOME),
    ("POST", "/_portal/begin_second_factor", ALL, ""),
    ("POST", "/_portal/change_member", CONFIGURE, MEMBER),
    ("POST", "/_portal/change_role", CONFIGURE, MEMBER),
    ("POST", "/_portal/set_rules", Members("O"), ""),
    ("POST", "/_portal/check_audit", READ_ORGANIZATION, ""),
    ("POST", "/_portal/confirm", ALL, ""),
    ("POST", "/_portal/confirm_second_factor", ALL, ""),
    ("POST", "/_portal/invite", CONFIGURE, ""),
    ("POST", "/_portal/let_tokens_go", CONFIGURE, SOME),
    ("POST", "/_portal/remove_second_factor", ALL, ""),
    ("POST", "/_portal/renew_invitation", CONFIGURE, MEMBER),
    ("POST", "/_portal/replace_recovery_codes", ALL, ""),
    ("POST", "/_portal/revoke_in_bulk", CONFIGURE, SOME_AND_WHY),
    ("POST", "/_portal/revoke_invitation", CONFIGURE, MEMBER),
    ("POST", "/_portal/stop_tokens", CONFIGURE, SOME_AND_WHY),
    ("POST", "/_portal/create_webhook", CONFIGURE, NEW_WEBHOOK),
    ("POST", "/_portal/save_webhook", CONFIGURE, WEBHOOK),
    ("POST", "/_portal/rotate_webhook_secret", CONFIGURE, WEBHOOK),
    (
        "POST",
        "/_portal/end_old_webhook_secret",
        CONFIGURE,
        WEBHOOK,
    ),
    ("POST", "/_portal/switch_webhook", CONFIGURE, WEBHOOK),
    ("POST", "/_portal/delete_webhook", CONFIGURE, WEBHOOK),
    ("POST", "/_portal/test_webhook", CONFIGURE, WEBHOOK),
    ("POST", "/_portal/send_webhook_again", CONFIGURE, WEBHOOK),
    ("POST", "/_portal/undo_bulk", CONFIGURE, RUN),
    (
        "POST",
        "/_portal/undo_revocation",
        END_CONNECTIONS,
        CONNECTION,
    ),
    // the door
    ("GET", "/invitations/{token}", Anyone, ""),
    ("POST", "/_portal/accept_invitation", Anyone, ""),
    ("GET", "/signin/factor", Anyone, ""),
    ("POST", "/_portal/show_factor", Anyone, ""),
    ("GET", "/setup", Anyone, ""),
    ("GET", "/signin", Anyone, ""),
    ("POST", "/_portal/set_up", Anyone, ""),
    ("POST", "/_portal/sign_in", Anyone, ""),
    ("POST", "/_portal/sign_out", Anyone, ""),
    // end users and providers
    ("GET", "/connect/{token}", Anyone, ""),
    ("GET", "/connect/{token}/start", Anyone, ""),
    ("POST", "/connect/{token}/start", Anyone, ""),
    ("GET", "/connect/{token}/stop", Anyone, ""),
    ("POST", "/connect/{token}/stop", Anyone, ""),
    ("GET", "/connect/{token}/status", Anyone, ""),
    ("GET", "/connect/{token}/outcome/{flow}", Anyone, ""),
    ("GET", "/connect/{token}/outcome/{flow}/choose", Anyone, ""),
    ("POST", "/connect/{token}/outcome/{flow}/choose", Anyone, ""),
    ("GET", "/connect/{token}/accounts", Anyone, ""),
    (
        "GET",
        "/connect/{token}/accounts/{connection}/disconnect",
        Anyone,
        "",
    ),
    (
        "POST",
        "/connect/{token}/accounts/{connection}/disconnect",
        Anyone,
        "",
    ),
    ("GET", "/oauth/callback/{provider}", Anyone, ""),
    ("GET", "/connect-theme/{file}", Anyone, ""),
    ("GET", "/connect-logo/{file}", Anyone, ""),
    // backends
    (
        "POST",
        "/api/v1/connect-sessions",
        Key,
        r#"{"end_user": {"id": "mia"}, "reconnect": "{connection}"}"#,
    ),
    ("GET", "/api/v1/connect-sessions/{id}", Key, ""),
    (
        "POST",
        "/api/v1/connect-sessions/{id}/complete",
        Key,
        r#"{"connect_code": "cc_x", "end_user_id": "mia"}"#,
    ),
    ("GET", "/api/v1/connections", Key, ""),
    (
        "POST",
        "/api/v1/connections/import",
        Key,
        r#"{"connections": [{}]}"#,
    ),
    ("GET", "/api/v1/connections/{id}", Key, ""),
    (
        "PATCH",
        "/api/v1/connections/{id}",
        Key,
        r#"{"label": "x"}"#,
    ),
    ("DELETE", "/api/v1/connections/{id}", Key, ""),
    (
        "POST",
        "/api/v1/connections/{id}/hand-over",
        Key,
        r#"{"end_user": {"id": "ines"}}"#,
    ),
    ("POST", "/api/v1/connections/{id}/token", Key, "{}"),
    (
        "POST",
        "/api/v1/tokens",
        Key,
        r#"{"provider": "{provider}", "end_user": "mia"}"#,
    ),
    ("GET", "/api/v1/providers", Key, ""),
    ("GET", "/api/v1/proxy/{*call}", Key, ""),
    ("POST", "/api/v1/proxy/{*call}", Key, ""),
    ("PUT", "/api/v1/proxy/{*call}", Key, ""),
    ("PATCH", "/api/v1/proxy/{*call}", Key, ""),
    ("DELETE", "/api/v1/proxy/{*call}", Key, ""),
    ("GET", "/api/v1/events", Key, ""),
    ("GET", "/api/v1/webhooks", Key, ""),
    ("POST", "/api/v1/webhooks", Key, "{}"),
    ("GET", "/api/v1/webhooks/{id}", Key, ""),
    ("PATCH", "/api/v1/webhooks/{id}", Key, "{}"),
    ("DELETE", "/api/v1/webhooks/{id}", Key, ""),
    ("POST", "/api/v1/webhooks/{id}/test", Key, ""),
    ("POST", "/api/v1/webhooks/{id}/rotate-secret", Key, ""),
    ("DELETE", "/api/v1/webhooks/{id}/old-secret", Key, ""),
    ("GET", "/api/v1/webhooks/{id}/deliveries", Key, ""),
    (
        "POST",
        "/api/v1/webhooks/{id}/deliveries/{delivery}/send-again",
        Key,
        "",
    ),
    // operators
    ("GET", "/api/v1/openapi.json", Anyone, ""),
    ("GET", "/docs", Anyone, ""),
    ("GET", "/docs/", Anyone, ""),
    ("GET", "/docs/api", Anyone, ""),
    ("GET", "/healthz", Anyone, ""),
    ("GET", "/readyz", Anyone, ""),
];

/// What most forms need to get as far as the question who sent them.
const SOME: &str = "application={app}&provider={provider}&definition=nothing&name=x&client_secret=x\
    &issuer=https://issuer.example";
/// The same with a reason.
const NEW_WEBHOOK: &str =
    "application={app}&url=https://app.acme.example/&events[]=connection.created";
const WEBHOOK: &str = "application={app}&webhook={webhook}&delivery={delivery}&url=https://app.acme.example/\
    &events[]=*";
const SOME_AND_WHY: &str = "application={app}&provider={provider}&reason=leaving&note=x&stop_reason=x\
    &confirmation=1";
/// A form about a run of many revocations.
const RUN: &str = "application={app}&run={run}";
/// A form about a member, or about one who is to become one.
const MEMBER: &str = "member={member}&invitation={invitation}&role=support&deed=disable";
/// A form about a connection.
const CONNECTION: &str = "application={app}&connection={connection}&reason=leaving&note=x";
/// A form about an API key.
const API_KEY: &str = "application={app}&key={key}";
/// A form about a client secret.
const SECRET: &str = "application={app}&provider={provider}&secret={secret}";

/// Ids for the places that the table leaves open.
#[derive(Clone, Debug)]
pub(crate) struct Ids {
    /// Slug of an application.
    pub(crate) app: String,
    /// Slug of a provider.
    pub(crate) provider: String,
    /// A connection.
    pub(crate) connection: String,
    /// A connect session.
    pub(crate) session: String,
    /// An API key.
    pub(crate) key: String,
    /// A client secret.
    pub(crate) secret: String,
    /// A run of many revocations.
    pub(crate) run: String,
    /// A member.
    pub(crate) member: String,
    /// An invitation.
    pub(crate) invitation: String,
    /// A webhook endpoint.
    pub(crate) webhook: String,
    /// A delivery to it.
    pub(crate) delivery: String,
}

impl Ids {
    /// Ids that nothing has.
    pub(crate) fn made_up() -> Self {
        Self {
            app: "app-of-nobody".to_owned(),
            provider: "unconfigured".to_owned(),
            connection: random("con"),
            session: random("cs"),
            key: random("key"),
            secret: random("sec"),
            run: random("blk"),
            member: random("mem"),
            invitation: random("inv"),
            webhook: random("whk"),
            delivery: random("dlv"),
        }
    }

    /// Puts them into an address or a form.
    pub(crate) fn into(&self, template: &str) -> String {
        let id = match template {
            _ if template.contains("connect-sessions") => &self.session,
            _ if template.contains("bulk-revocations") => &self.run,
            _ if template.contains("members") => &self.member,
            _ if template.contains("/keys/") => &self.key,
            _ if template.contains("webhooks") => &self.webhook,
            _ => &self.connection,
        };
        let named = [
            ("{app}", &self.app),
            ("{provider}", &self.provider),
            ("{connection}", &self.connection),
            ("{id}", id),
            ("{key}", &self.key),
            ("{secret}", &self.secret),
            ("{run}", &self.run),
            ("{member}", &self.member),
            ("{invitation}", &self.invitation),
            ("{webhook}", &self.webhook),
            ("{delivery}", &self.delivery),
        ];
        let filled = named.iter().fold(template.to_owned(), |text, (name, id)| {
            text.replace(name, id)
        });
        filled.replace(['{', '}'], "")
    }

    /// A text without them, so that two answers can be held against each other.
    pub(crate) fn taken_out_of(&self, text: &str) -> String {
        let ids = [
            &self.connection,
            &self.session,
            &self.key,
            &self.secret,
            &self.run,
            &self.member,
            &self.invitation,
            &self.webhook,
            &self.delivery,
            &self.provider,
            &self.app,
        ];
        ids.iter()
            .fold(text.to_owned(), |text, id| text.replace(id.as_str(), "ID"))
    }
}

fn random(kind: &str) -> String {
    format!("{kind}_{}", random_base62(20))
}
