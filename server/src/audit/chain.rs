//! What a hash of the chain covers (R73).
//!
//! `hash_n = SHA-256(hash_(n-1) || record_n)`, where `hash_0` is 32 zero bytes and `record_n` is the
//! version byte 1 and then, each with its length before it as 8 bytes, the organization, the position
//! n, the number, the moment (each as 8 bytes), actor kind, id and name, action, subject kind and id,
//! the detail, and node, address and application. All numbers are big-endian. What is `NULL` is
//! encoded with the length 2^64 - 1 and no bytes, so it differs from an empty text.

use crate::domain::{AuditHead, AuditRecord, OrganizationId, Timestamp};
use crate::vault::{KeyError, Keyring, push_part, sha256};

/// What stands before the first event.
pub const BEGINNING: [u8; 32] = [0; 32];
const VERSION: u8 = 1;

/// The hash of a chain that ended with `before` and goes on with this event.
#[must_use]
pub fn link(before: &[u8; 32], position: i64, event: &AuditRecord) -> [u8; 32] {
    let mut bytes = Vec::with_capacity(512);
    bytes.extend_from_slice(before);
    bytes.push(VERSION);
    push_part(&mut bytes, event.organization.as_str().as_bytes());
    for number in [position, event.seq, event.at.millis()] {
        push_part(&mut bytes, &number.to_be_bytes());
    }
    for text in [
        &event.actor_kind,
        &event.actor_id,
        &event.actor_name,
        &event.action,
        &event.subject_kind,
        &event.subject_id,
        &event.detail,
    ] {
        push_part(&mut bytes, text.as_bytes());
    }
    for text in [&event.node, &event.address, &event.application] {
        match text {
            Some(text) => push_part(&mut bytes, text.as_bytes()),
            None => bytes.extend_from_slice(&u64::MAX.to_be_bytes()),
        }
    }
    sha256(&bytes)
}

/// A head that this server vouches for: whoever writes to the database has no key to make another.
pub fn head(
    keyring: &Keyring,
    organization: &OrganizationId,
    position: i64,
    hash: [u8; 32],
    at: Timestamp,
) -> Result<AuditHead, KeyError> {
    let mac = mac(keyring, organization, position, &hash, at)?;
    Ok(AuditHead {
        organization: organization.clone(),
        position,
        hash,
        at,
        mac,
    })
}

/// Whether this server's key made the head.
#[must_use]
pub fn is_ours(keyring: &Keyring, head: &AuditHead) -> bool {
    mac(
        keyring,
        &head.organization,
        head.position,
        &head.hash,
        head.at,
    )
    .is_ok_and(|mac| mac == head.mac)
}

fn mac(
    keyring: &Keyring,
    organization: &OrganizationId,
    position: i64,
    hash: &[u8; 32],
    at: Timestamp,
) -> Result<[u8; 32], KeyError> {
    let mut covered = Vec::with_capacity(72);
    push_part(&mut covered, &position.to_be_bytes());
    push_part(&mut covered, hash);
    push_part(&mut covered, &at.millis().to_be_bytes());
    keyring.derive(organization, "audit head", &covered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event() -> AuditRecord {
        AuditRecord {
            seq: 7,
            organization: "org_0123456789abcdefghij".parse().expect("an id"),
            at: Timestamp::from_millis(1_795_356_422_000),
            actor_kind: "member".to_owned(),
            actor_id: "mem_1".to_owned(),
            actor_name: "Ada".to_owned(),
            action: "provider.created".to_owned(),
            subject_kind: "provider".to_owned(),
            subject_id: "prv_1".to_owned(),
            detail: "{}".to_owned(),
            node: None,
            address: None,
            application: None,
        }
    }

    #[test]
    fn every_field_and_every_border_between_fields_is_covered() {
        let plain = link(&BEGINNING, 1, &event());
        let changed = [
            AuditRecord { seq: 8, ..event() },
            AuditRecord {
                at: Timestamp::from_millis(1),
                ..event()
            },
            AuditRecord {
                actor_kind: "membe".to_owned(),
                actor_id: "rmem_1".to_owned(),
                ..event()
            },
            AuditRecord {
                detail: "{ }".to_owned(),
                ..event()
            },
            AuditRecord {
                node: Some(String::new()),
                ..event()
            },
            AuditRecord {
                address: Some(String::new()),
                ..event()
            },
        ];
        let mut hashes: Vec<_> = changed
            .iter()
            .map(|event| link(&BEGINNING, 1, event))
            .collect();
        hashes.extend([
            plain,
            link(&BEGINNING, 2, &event()),
            link(&plain, 1, &event()),
        ]);
        let all = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
    }

    /// Whoever wants to check an export with another program finds these bytes in `docs/operations.md`.
    #[test]
    fn the_encoding_does_not_change_between_versions() {
        let bytes: Vec<u8> = [
            &[0; 32][..],
            &[1],
            &24_u64.to_be_bytes(),
            b"org_0123456789abcdefghij",
            &8_u64.to_be_bytes(),
            &1_i64.to_be_bytes(),
            &8_u64.to_be_bytes(),
            &7_i64.to_be_bytes(),
            &8_u64.to_be_bytes(),
            &1_795_356_422_000_i64.to_be_bytes(),
            &6_u64.to_be_bytes(),
            b"member",
            &5_u64.to_be_bytes(),
            b"mem_1",
            &3_u64.to_be_bytes(),
            b"Ada",
            &16_u64.to_be_bytes(),
            b"provider.created",
            &8_u64.to_be_bytes(),
            b"provider",
            &5_u64.to_be_bytes(),
            b"prv_1",
            &2_u64.to_be_bytes(),
            b"{}",
            &[255; 24],
        ]
        .concat();
        let made = link(&BEGINNING, 1, &event());
        assert_eq!(made, sha256(&bytes));
    }
}
