//! The address of an endpoint, before it is saved: it is told to whoever typed it what would not work.

use crate::oauth::egress::Egress;
use crate::oauth::policy::Refusal;
use url::Url;

const LONGEST: usize = 2000;

/// Why events cannot be sent to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongAddress {
    /// No absolute URL, or a very long one.
    #[error("it has to be an absolute URL of at most 2000 characters")]
    NotAUrl,
    /// The outbound policy forbids it.
    #[error("{0}")]
    Refused(#[from] Refusal),
}

/// The address in `text`, if it may be called now. The policy is asked again at each attempt (R76).
pub async fn vet_address(egress: &Egress, text: &str) -> Result<String, WrongAddress> {
    let text = text.trim();
    if text.len() > LONGEST {
        return Err(WrongAddress::NotAUrl);
    }
    let url = Url::parse(text).map_err(|_| WrongAddress::NotAUrl)?;
    egress.vet(&url).await?;
    Ok(url.into())
}
