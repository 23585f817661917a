//! An admin's own run through a provider's flow.

use super::{MemberId, OrganizationId, PlaygroundId, ProviderId, Timestamp, Tokens};
use crate::vault::Secret;
use app::wire::{ExchangeView, PlaygroundStep};
use std::collections::BTreeMap;

/// One run. It ends after a quarter of an hour, and never becomes a connection.
#[derive(Clone, Debug)]
pub struct Playground {
    /// Id; part of the cookie's name.
    pub id: PlaygroundId,
    /// The tenant.
    pub organization: OrganizationId,
    /// The provider.
    pub provider: ProviderId,
    /// Whose run it is; nobody else sees it.
    pub member: MemberId,
    /// Hash of the cookie of the browser in which it began.
    pub browser_sha256: [u8; 32],
    /// How far it is.
    pub step: PlaygroundStep,
    /// As it was sent, byte for byte.
    pub redirect_uri: String,
    /// What was filled in.
    pub inputs: BTreeMap<String, String>,
    /// Goes up with each change; a change counts only if nobody was faster.
    pub generation: i64,
    /// What passed, without its secrets.
    pub transcript: Vec<ExchangeView>,
    /// When it began.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// What is secret of a run. It is sealed as one value, and destroyed with the run.
#[derive(Debug, Default)]
pub struct PlaygroundSecrets {
    /// The PKCE verifier.
    pub verifier: Option<Secret<String>>,
    /// The code, until it is used.
    pub code: Option<Secret<String>>,
    /// What the callback brought, and what the token answer keeps in the open: addresses may name it.
    pub known: BTreeMap<String, String>,
    /// What the token endpoint wants back.
    pub echoed: Vec<(String, String)>,
    /// The tokens, those of the account that approved first.
    pub tokens: Vec<Tokens>,
}
