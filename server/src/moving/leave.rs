//! All connections of an application with their tokens, one a line, sealed to the keys of whoever
//! takes them. The plain text is in memory for as long as a line takes, and nowhere else.
//!
//! Refresh tokens rotate: from the export on, one of the two vaults may refresh, and `quarantine`
//! keeps the other from it.

use crate::domain::{Actor, Application, Connection, ConnectionId, Tokens};
use crate::store::{Store, StoreError};
use crate::vault::Secret;
use age::Encryptor;
use age::armor::{ArmoredWriter, Format};
use age::x25519::Recipient;
use serde_json::{Value, json};
use std::io::Write;

/// Why an export broke off.
#[derive(Debug, thiserror::Error)]
pub enum LeaveError {
    /// What was given as a key is none.
    #[error(
        "{0} is no public key of age's: it begins with age1, and `age-keygen -y FILE` prints it"
    )]
    Recipient(String),
    /// No key was given.
    #[error("no public key is given: there is nobody to seal the tokens to")]
    Nobody,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be written.
    #[error("the file cannot be written: {0}")]
    Output(#[from] std::io::Error),
}

/// The public keys in these words, e.g. `age1..`.
pub fn recipients(words: &[String]) -> Result<Vec<Recipient>, LeaveError> {
    if words.is_empty() {
        return Err(LeaveError::Nobody);
    }
    let read = words.iter().map(|word| {
        let parsed = word.trim().parse();
        parsed.map_err(|_| LeaveError::Recipient(word.chars().take(80).collect()))
    });
    read.collect()
}

/// An export of some applications.
pub struct Leaving<'a> {
    /// Where from.
    pub store: &'a Store,
    /// Which.
    pub applications: &'a [Application],
    /// For whom.
    pub recipients: &'a [Recipient],
    /// As text that mail and terminals carry, instead of bytes.
    pub armor: bool,
}

impl Leaving<'_> {
    /// Writes all of it, telling of progress: how many are written, of how many. It is in the audit
    /// before the first byte. Answers how many left.
    pub async fn write(
        &self,
        out: impl Write,
        actor: &Actor,
        mut progress: impl FnMut(u64, u64),
    ) -> Result<u64, LeaveError> {
        let keys = self.recipients.iter().map(|key| key as &dyn age::Recipient);
        let encryptor = Encryptor::with_recipients(keys).map_err(|_| LeaveError::Nobody)?;
        let named: Vec<String> = self.recipients.iter().map(ToString::to_string).collect();
        let mut total = 0;
        for application in self.applications {
            let count = self.store.count_leaving(&application.id).await?;
            let noted = self
                .store
                .note_leaving(application, count, &named, actor.clone());
            noted.await?;
            total += count;
        }
        let format = if self.armor {
            Format::AsciiArmor
        } else {
            Format::Binary
        };
        let mut sealed = encryptor.wrap_output(ArmoredWriter::wrap_output(out, format)?)?;
        let mut written = 0;
        for application in self.applications {
            let mut after: Option<ConnectionId> = None;
            loop {
                let page = self.store.leaving(&application.id, after.as_ref()).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.id.clone());
                for (connection, tokens) in &page {
                    sealed.write_all(line(application, connection, tokens).expose().as_bytes())?;
                    written += 1;
                }
                progress(written, total);
            }
        }
        sealed.finish()?.finish()?.flush()?;
        Ok(written)
    }
}

/// One row, in the words that an import reads (`row.rs`).
fn line(application: &Application, connection: &Connection, tokens: &Tokens) -> Secret<String> {
    let exposed = |secret: &Option<Secret<String>>| {
        secret
            .as_ref()
            .map_or(Value::Null, |secret| json!(secret.expose()))
    };
    let row = json!({
        "application": application.slug.as_str(),
        "provider": connection.provider_slug.as_str(),
        "owner": {"kind": connection.owner.kind(), "id": connection.owner.id()},
        "end_user": {
            "id": connection.end_user.id,
            "name": connection.end_user.name,
            "email": connection.end_user.email,
        },
        "account": {"id": connection.account_id, "label": connection.account_label},
        "access_token": tokens.access_token.expose(),
        "refresh_token": exposed(&tokens.refresh_token),
        "expires_at": connection.access_token_expires_at.map(crate::domain::Timestamp::rfc3339),
        "token_type": connection.token_type,
        "scopes": connection.scopes_granted.iter().collect::<Vec<_>>(),
        "scopes_asked": connection.scopes_asked.iter().collect::<Vec<_>>(),
        "client_id": connection.client_id,
        "client_secret": exposed(&tokens.client_secret),
        "redirect_uri": connection.redirect_uri,
        "inputs": connection.inputs,
        "metadata": connection.metadata,
        "label": connection.label,
        "tags": connection.tags,
        "connected_at": connection.connected_at.rfc3339(),
        "external_id": connection.id.as_str(),
        "status": connection.status.as_str(),
        "reason": connection.broken_reason.map(app::wire::BrokenReason::as_str),
        "token_answer": tokens.raw.expose(),
    });
    Secret::new(format!("{row}\n"))
}
