//! The pages of the practice provider, as HTML. None needs JavaScript.

use super::desk::Deed;
use super::memory::Lifetime;
use super::people::Person;
use axum::http::{StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use std::fmt::Write;

/// Nothing but our own style sheet and forms. A browser may apply `form-action` to every stop of the
/// way back from the consent form, and the last stop is the application's own page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' data:; \
     form-action 'self' http: https:; base-uri 'none'; frame-ancestors 'none'";

/// What the consent page shows.
pub(super) struct Consent<'a> {
    /// Who may approve.
    pub(super) people: &'a [Person],
    /// What is asked for.
    pub(super) scopes: Vec<&'a str>,
    /// The request, which the form sends along.
    pub(super) carried: Vec<(&'static str, String)>,
}

/// What the desk shows.
pub(super) struct Desk {
    /// There is an outage.
    pub(super) outage: bool,
    /// Of new access tokens.
    pub(super) lifetime: Lifetime,
    /// Grants that are known to live.
    pub(super) grants: usize,
    /// What was done a moment ago.
    pub(super) just_done: Option<Deed>,
}

/// The question whether to approve.
pub(super) fn consent(consent: &Consent<'_>) -> Response {
    let mut carried = String::new();
    for (name, value) in &consent.carried {
        let value = escaped(value);
        let _ = write!(
            carried,
            r#"<input type="hidden" name="{name}" value="{value}">"#
        );
    }
    let mut people = String::new();
    for (index, person) in consent.people.iter().enumerate() {
        let checked = if index == 0 { " checked" } else { "" };
        let (id, name, email) = (
            escaped(person.id),
            escaped(person.name),
            escaped(person.email),
        );
        let _ = write!(
            people,
            r#"<label class="check choice"><input type="radio" name="person" value="{id}"{checked}><span>{name}</span><small>{email}</small></label>"#
        );
    }
    let body = format!(
        r#"<header class="connect__title"><h1>Approve at the practice provider</h1><p class="quiet">Nobody here is real, and nothing leaves this machine.</p></header>
{allows}
<form class="stack" method="post" action="/practice/authorize">{carried}
<fieldset class="stack stack--tight"><legend>Who are you</legend>{people}</fieldset>
<div class="stack stack--tight connect__act"><button class="button button--app" type="submit" name="decision" value="approve">Approve</button>
<button class="button button--wide" type="submit" name="decision" value="deny">Deny</button></div>
</form>"#,
        allows = allows(&consent.scopes),
    );
    document(StatusCode::OK, "Approve at the practice provider", &body)
}

fn allows(scopes: &[&str]) -> String {
    if scopes.is_empty() {
        return "<p>No scopes were asked for.</p>".to_owned();
    }
    let items: String = scopes
        .iter()
        .map(|scope| format!("<li><span><code>{}</code></span></li>", escaped(scope)))
        .collect();
    format!(
        r#"<section class="stack" aria-labelledby="may"><h2 id="may">You would allow</h2><ul class="allows">{items}</ul></section>"#
    )
}

/// The desk.
pub(super) fn desk(desk: &Desk) -> Response {
    let just_done = desk.just_done.map_or_else(String::new, |deed| {
        format!(
            r#"<p class="notice notice--ok" role="status">{}</p>"#,
            sentence(deed)
        )
    });
    let body = format!(
        r#"<header class="connect__title"><h1>Practice desk</h1><p class="quiet">Give the practice provider a bad day and see what Grantport makes of it. A restart forgets all of this.</p></header>
{just_done}
<section class="stack" aria-labelledby="outage"><h2 id="outage">Outage</h2>{}</section>
<section class="stack" aria-labelledby="expiry"><h2 id="expiry">Expiry</h2>{}</section>
<section class="stack" aria-labelledby="revocation"><h2 id="revocation">Revocation</h2>{}</section>"#,
        outage_form(desk.outage),
        lifetime_form(desk.lifetime),
        revocation_form(desk.grants),
    );
    document(StatusCode::OK, "Practice desk", &body)
}

fn sentence(deed: Deed) -> &'static str {
    match deed {
        Deed::OutageBegan => "The outage has begun.",
        Deed::OutageEnded => "The outage has ended.",
        Deed::LifetimeSet => "New access tokens last as long as you chose.",
        Deed::AllRevoked => "All grants were revoked.",
    }
}

fn outage_form(outage: bool) -> String {
    let (words, next, button) = if outage {
        (
            "Tokens, revocations and profiles answer 503.",
            "false",
            "End the outage",
        )
    } else {
        ("It answers.", "true", "Begin an outage")
    };
    format!(
        r#"<p>{words}</p><form method="post" action="/practice/desk/outage"><button class="button button--wide" type="submit" name="on" value="{next}">{button}</button></form>"#
    )
}

fn lifetime_form(current: Lifetime) -> String {
    let mut choices = String::new();
    for lifetime in Lifetime::ALL {
        let seconds = lifetime.seconds();
        let checked = if lifetime == current { " checked" } else { "" };
        let words = match lifetime {
            Lifetime::Short => "30 seconds",
            Lifetime::Long => "1 hour",
        };
        let _ = write!(
            choices,
            r#"<label class="check choice"><input type="radio" name="seconds" value="{seconds}"{checked}><span>{words}</span></label>"#
        );
    }
    format!(
        r#"<form class="stack stack--tight" method="post" action="/practice/desk/token-life"><fieldset class="stack stack--tight"><legend>How long a new access token lasts</legend>{choices}</fieldset><button class="button button--wide" type="submit">Save</button></form>"#
    )
}

fn revocation_form(grants: usize) -> String {
    format!(
        r#"<p>Grants known to live: {grants}. Once revoked, each connection needs a person to approve again.</p><form method="post" action="/practice/desk/revoke-all"><button class="button button--wide button--danger" type="submit">Revoke all grants</button></form>"#
    )
}

/// A page that says what is wrong.
pub(super) fn problem(status: StatusCode, sentence: &str) -> Response {
    let body = format!(
        r#"<header class="connect__title"><h1>This does not work</h1><p>{}</p></header>
<p><a href="/">Back to Grantport</a></p>"#,
        escaped(sentence)
    );
    document(status, "This does not work", &body)
}

fn document(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        r##"<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{title}</title>
<link rel="stylesheet" href="/pkg/app.css">
</head>
<body class="hosted">
<a class="skip" href="#main">Skip to content</a>
<main class="hosted__card" id="main" tabindex="-1">
{body}
</main>
<footer class="hosted__foot"><p>The practice provider of this Grantport. <a href="/practice">Practice desk</a></p></footer>
</body>
</html>
"##
    );
    let headers = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "same-origin"),
    ];
    (status, headers, Html(html)).into_response()
}

/// Text as it stands in HTML, in an attribute too.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut html, character| {
        match character {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
        html
    })
}
