//! API keys: what each may do, and how one follows another.

use super::Answer;
use crate::wire::{KeyForm, KeyView, KeysView, Overlap};
use async_trait::async_trait;

/// API keys: what each may do, and how one follows another.
#[async_trait]
pub trait Keying: Send + Sync {
    /// `/apps/{slug}/keys`. Hands a key that was just made over, once.
    async fn keys(&self, application: &str) -> Answer<KeysView>;
    /// Makes a key and keeps it, sealed, for the next [`Keying::keys`] of this session.
    async fn create_key(&self, application: &str, form: KeyForm) -> Answer<()>;

    /// `/apps/{slug}/keys/{id}`. Hands the key over, once, if it was just made to follow another.
    async fn key(&self, application: &str, id: &str) -> Answer<KeyView>;
    /// Changes what a key may do.
    async fn change_key(&self, application: &str, id: &str, form: KeyForm) -> Answer<()>;
    /// Makes a key that follows another with the same settings, and deprecates that one; answers the id of
    /// the new one, which is kept, sealed, for the next [`Keying::key`] of this session.
    async fn rotate_key(&self, application: &str, id: &str, overlap: Overlap) -> Answer<String>;
    /// Deprecates a key, or takes that back; a second time changes nothing.
    async fn deprecate_key(&self, application: &str, id: &str, deprecated: bool) -> Answer<()>;
    /// Revokes a key; a second time changes nothing. One that was used lately is revoked only if whoever
    /// does it says that they know.
    async fn revoke_key(&self, application: &str, id: &str, although_used: bool) -> Answer<()>;
}
