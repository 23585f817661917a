//! Second factors: a sealed seed per member, the last step whose code was taken, and recovery codes
//! as HMACs (R42).
//!
//! Nothing is taken twice: the statement that notes a code as used is the one that decides whether it
//! counts, so of any number of tries with the same code one succeeds.

use super::db::{Runs, Tx, sql};
use super::members::event;
use super::team::{end_all_sessions, remove_second_factor};
use super::{Store, StoreError, place};
use crate::domain::{Actor, AuditAction, Member, Timestamp};
use crate::vault::Secret;
use serde_json::json;
use std::time::Duration;

/// How long a seed waits for its first code.
const ENROLMENT: Duration = Duration::from_mins(15);

/// The second factor of a member.
#[derive(Debug)]
pub struct SecondFactor {
    /// The seed in base32.
    pub seed: Secret<String>,
    /// In use since; `None` while it waits for its first code.
    pub confirmed_at: Option<Timestamp>,
    /// Recovery codes that were not used.
    pub codes_left: u64,
}

impl Store {
    /// Whether a second factor is asked for when this member signs in.
    pub async fn has_second_factor(&self, member: &Member) -> Result<bool, StoreError> {
        let statement = sql(
            "SELECT 1 AS one FROM second_factors WHERE member_id = $1 AND confirmed_at IS NOT NULL",
        );
        let found = (&self.db).row(statement.bind(member.id.as_str())).await?;
        Ok(found.is_some())
    }

    /// A member's second factor: in use, or waiting for its first code.
    pub async fn second_factor(&self, member: &Member) -> Result<Option<SecondFactor>, StoreError> {
        let statement = sql(
            "SELECT f.sealed_seed, f.confirmed_at,
                 (SELECT COUNT(*) FROM recovery_codes c WHERE c.member_id = f.member_id AND c.used_at IS NULL) AS codes_left
             FROM second_factors f
             WHERE f.member_id = $1 AND (f.confirmed_at IS NOT NULL OR f.created_at > $2)",
        )
        .bind(member.id.as_str())
        .bind(self.now() - ENROLMENT);
        let Some(row) = (&self.db).row(statement).await? else {
            return Ok(None);
        };
        let place = place(
            "second_factors",
            "sealed_seed",
            &member.organization,
            member.id.as_str(),
            0,
        );
        let seed = self.open_sealed(&place, row.bytes("sealed_seed")?).await?;
        Ok(Some(SecondFactor {
            seed,
            confirmed_at: row.maybe_time("confirmed_at")?,
            codes_left: row.count("codes_left")?,
        }))
    }

    /// Begins an enrolment with this seed, in the place of one that was begun before. Answers whether
    /// it did: one that is in use stays.
    pub async fn begin_second_factor(
        &self,
        member: &Member,
        seed: &Secret<String>,
    ) -> Result<bool, StoreError> {
        let place = place(
            "second_factors",
            "sealed_seed",
            &member.organization,
            member.id.as_str(),
            0,
        );
        let sealed = self.seal(&place, seed).await?;
        let statement = sql(
            "INSERT INTO second_factors (member_id, organization_id, sealed_seed, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (member_id) DO UPDATE SET sealed_seed = excluded.sealed_seed, created_at = excluded.created_at
             WHERE second_factors.confirmed_at IS NULL",
        )
        .bind(member.id.as_str())
        .bind(member.organization.as_str())
        .bind(sealed)
        .bind(self.now());
        Ok((&self.db).run(statement).await? == 1)
    }

    /// Ends an enrolment with its first code: from now on the factor is asked for. All other sessions
    /// of the member end. Answers whether it was still to be ended.
    pub async fn confirm_second_factor(
        &self,
        member: &Member,
        step: i64,
        codes: &[Secret<String>],
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql("UPDATE second_factors SET confirmed_at = $1, last_step = $2
             WHERE member_id = $3 AND confirmed_at IS NULL AND created_at > $4")
        .bind(self.now())
        .bind(step)
        .bind(member.id.as_str())
        .bind(self.now() - ENROLMENT);
        if tx.run(statement).await? == 0 {
            return Ok(false);
        }
        self.write_codes(&mut tx, member, codes).await?;
        // they were begun without it
        let ended = end_all_sessions(&mut tx, &member.id).await?;
        let event = event(
            Actor::member(member),
            AuditAction::FactorAdded,
            &member.id,
            json!({"sessions_ended": ended}),
        );
        self.audit(&mut tx, &member.organization, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes the code of a step, unless one of that step or a later one was taken before.
    pub async fn take_step(&self, member: &Member, step: i64) -> Result<bool, StoreError> {
        let statement = sql("UPDATE second_factors SET last_step = $1
             WHERE member_id = $2 AND confirmed_at IS NOT NULL AND last_step < $1")
        .bind(step)
        .bind(member.id.as_str());
        Ok((&self.db).run(statement).await? == 1)
    }

    /// Takes a recovery code, unless it was taken before.
    pub async fn take_recovery_code(
        &self,
        member: &Member,
        code: &Secret<String>,
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        let statement = sql(
            "UPDATE recovery_codes SET used_at = $1 WHERE code_mac = $2 AND member_id = $3 AND used_at IS NULL",
        )
        .bind(self.now())
        .bind(self.code_mac(member, code)?)
        .bind(member.id.as_str());
        if tx.run(statement).await? == 0 {
            return Ok(false);
        }
        let statement = sql(
            "SELECT COUNT(*) AS codes FROM recovery_codes WHERE member_id = $1 AND used_at IS NULL",
        );
        let row = tx.row(statement.bind(member.id.as_str())).await?;
        let left = row.ok_or(StoreError::Conflict)?.count("codes")?;
        let event = event(
            Actor::member(member),
            AuditAction::RecoveryCodeUsed,
            &member.id,
            json!({"left": left}),
        );
        self.audit(&mut tx, &member.organization, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Replaces all recovery codes. Answers whether there is a factor that they are for.
    pub async fn replace_recovery_codes(
        &self,
        member: &Member,
        codes: &[Secret<String>],
    ) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        // the row is taken, so that two replacements do not mix
        let statement = sql(
            "UPDATE second_factors SET last_step = last_step WHERE member_id = $1 AND confirmed_at IS NOT NULL",
        );
        if tx.run(statement.bind(member.id.as_str())).await? == 0 {
            return Ok(false);
        }
        let statement = sql("DELETE FROM recovery_codes WHERE member_id = $1");
        tx.run(statement.bind(member.id.as_str())).await?;
        self.write_codes(&mut tx, member, codes).await?;
        let event = event(
            Actor::member(member),
            AuditAction::RecoveryCodesReplaced,
            &member.id,
            json!({}),
        );
        self.audit(&mut tx, &member.organization, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Takes a member's own second factor away. Answers whether there was one.
    pub async fn drop_second_factor(&self, member: &Member) -> Result<bool, StoreError> {
        let mut tx = self.db.begin().await?;
        if !remove_second_factor(&mut tx, &member.id).await? {
            return Ok(false);
        }
        let event = event(
            Actor::member(member),
            AuditAction::FactorRemoved,
            &member.id,
            json!({}),
        );
        self.audit(&mut tx, &member.organization, event).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn write_codes(
        &self,
        tx: &mut Tx,
        member: &Member,
        codes: &[Secret<String>],
    ) -> Result<(), StoreError> {
        for code in codes {
            let statement = sql(
                "INSERT INTO recovery_codes (code_mac, organization_id, member_id, created_at) VALUES ($1, $2, $3, $4)",
            )
            .bind(self.code_mac(member, code)?)
            .bind(member.organization.as_str())
            .bind(member.id.as_str())
            .bind(self.now());
            tx.run(statement).await?;
        }
        Ok(())
    }

    /// A copy of the database does not help to guess a code, however short it is: the key is sealed.
    fn code_mac(&self, member: &Member, code: &Secret<String>) -> Result<[u8; 32], StoreError> {
        let input = Secret::new(format!("{} {}", member.id, code.expose()));
        self.keyring()
            .derive(
                &member.organization,
                "recovery-code",
                input.expose().as_bytes(),
            )
            .map_err(|_| StoreError::Unsealable { column: "code_mac" })
    }
}
