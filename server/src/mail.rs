//! Mail: the invitations of a team, if an operator names a mail server.
//!
//! A mail is sent once, in a task of its own after what it tells of is stored. That it did not leave is
//! no loss: the link was shown to whoever made it, and the list of invitations says so.

use crate::vault::Secret;
use lettre::message::{Mailbox, Message, header::ContentType};
use lettre::{Address, AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use std::time::Duration;

/// A mail server that says nothing for longer is not waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Where mails are handed in, and whom they come from.
pub struct MailSettings {
    server: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

/// The URL of the mail server cannot be used.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the URL of the mail server cannot be used")]
pub struct InvalidServer;

impl MailSettings {
    /// `smtps://user:password@host:465`, or `smtp://` with what the caller found to be enough.
    pub fn new(url: &Secret<String>, from: Mailbox) -> Result<Self, InvalidServer> {
        // reached before TLS is first needed, as for requests to providers; a second time is no error
        let _ = rustls::crypto::ring::default_provider().install_default();
        let server = AsyncSmtpTransport::<Tokio1Executor>::from_url(url.expose());
        let server = server.map_err(|_| InvalidServer)?;
        Ok(Self {
            server: server.timeout(Some(PATIENCE)).build(),
            from,
        })
    }
}

impl std::fmt::Debug for MailSettings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MailSettings(..)")
    }
}

/// A mail with the link of an invitation.
pub struct InvitationMail {
    /// To whom.
    pub to: String,
    /// Who invites.
    pub invited_by: String,
    /// Into which organization.
    pub organization: String,
    /// As which role, in a word.
    pub role: &'static str,
    /// The link.
    pub link: Secret<String>,
}

/// Why a mail did not leave. Says nothing of what was in it.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address or a name in it cannot stand in a mail.
    #[error("the mail could not be written")]
    Unwritable,
    /// The mail server could not be reached, or did not take it.
    #[error("the mail server did not take the mail{}", code(.0))]
    Refused(#[source] lettre::transport::smtp::Error),
}

fn code(error: &lettre::transport::smtp::Error) -> String {
    error
        .status()
        .map(|code| format!(" ({code})"))
        .unwrap_or_default()
}

impl MailSettings {
    /// Hands an invitation to the mail server.
    pub async fn send(&self, mail: &InvitationMail) -> Result<(), MailError> {
        let to: Address = mail.to.parse().map_err(|_| MailError::Unwritable)?;
        let body = format!(
            "{by} invites you to {organization} at Grantport, as {role}.\n\n\
             Open this link and choose a password. It works once, for 72 hours:\n\n{link}\n\n\
             If you do not know {by}, do nothing: without the link nothing happens.\n",
            by = mail.invited_by,
            organization = mail.organization,
            role = mail.role,
            link = mail.link.expose(),
        );
        let message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(format!("Your invitation to {}", mail.organization))
            .header(ContentType::TEXT_PLAIN)
            .body(body)
            .map_err(|_| MailError::Unwritable)?;
        self.server
            .send(message)
            .await
            .map(drop)
            .map_err(MailError::Refused)
    }
}
