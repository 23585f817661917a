//! The second factor: TOTP (RFC 6238; SHA-1, six digits, thirty seconds) and recovery codes (R42).
//!
//! What someone types is taken for a code of the app if it is six digits, else for a recovery code.
//! Of a code of the app counts the step of now and the one before, and each step once. Five tries in
//! five minutes, whatever they are for: signing in, confirming, enrolling.

use super::store_failure;
use super::throttle::wait;
use crate::domain::Member;
use crate::store::{Allowance, SecondFactor, Store, StoreError};
use crate::vault::{Secret, TokenHash};
use app::wire::PortalError;
use std::time::Duration;
use totp_rs::{Algorithm, Builder, Totp};

/// RFC 6238 section 5.2 recommends it.
const STEP_S: u64 = 30;
const DIGITS: u8 = 6;
/// How many recovery codes there are.
const CODES: usize = 10;
/// Without 0 and o, 1 and l, which are taken for each other.
const LETTERS: &[u8; 32] = b"23456789abcdefghijkmnpqrstuvwxyz";
/// 60 bits.
const LETTERS_IN_A_CODE: usize = 12;
/// Nothing longer is looked at.
const LONGEST_CODE: usize = 64;

const ALLOWANCE: Allowance = Allowance {
    tries: 5,
    window: Duration::from_mins(5),
    longest_block: Duration::from_hours(1),
};

/// What an authenticator app is given.
#[derive(Debug)]
pub struct Enrolment {
    /// The seed, to be typed.
    pub seed: Secret<String>,
    /// `otpauth://...`, to be scanned.
    pub url: Secret<String>,
}

/// A new seed of 160 bits (RFC 4226 section 4), in base32.
#[must_use]
pub fn new_seed() -> Secret<String> {
    let bytes: [u8; 20] = crate::domain::random_bytes();
    Secret::new(totp_rs::Secret::from(bytes).to_base32())
}

/// What an app is told to make codes of this seed for `member` of the installation at `host`.
#[must_use]
pub fn enrolment(seed: Secret<String>, member: &Member, host: &str) -> Option<Enrolment> {
    // a colon separates both in the URL
    let issuer = format!("Grantport {}", host.replace(':', " "));
    let account = member.email.replace(':', " ");
    let totp = builder(&seed)?
        .with_account_name(account)
        .with_issuer(Some(issuer))
        .build()
        .ok()?;
    let url = Secret::new(totp.to_url().ok()?);
    Some(Enrolment { seed, url })
}

/// Ten new recovery codes, as they are shown: three groups of four.
#[must_use]
pub fn new_codes() -> Vec<Secret<String>> {
    (0..CODES).map(|_| new_code()).collect()
}

fn new_code() -> Secret<String> {
    let letters = crate::domain::random_bytes::<LETTERS_IN_A_CODE>()
        .map(|byte| char::from(LETTERS[usize::from(byte % 32)]));
    let groups: Vec<String> = letters
        .chunks(4)
        .map(|group| group.iter().collect())
        .collect();
    Secret::new(groups.join("-"))
}

/// A recovery code without what people leave out or add.
fn plain_code(typed: &str) -> Secret<String> {
    let letters = typed.chars().filter(char::is_ascii_alphanumeric);
    Secret::new(letters.map(|letter| letter.to_ascii_lowercase()).collect())
}

/// The codes as they are compared.
#[must_use]
pub fn as_compared(codes: &[Secret<String>]) -> Vec<Secret<String>> {
    codes.iter().map(|code| plain_code(code.expose())).collect()
}

/// Whether what was typed proves that `member` has the second factor. It counts as a try, and is used
/// up if it is right.
pub async fn check(
    store: &Store,
    member: &Member,
    factor: &SecondFactor,
    typed: &Secret<String>,
) -> Result<bool, PortalError> {
    let tries = Tries::take(store, member).await?;
    let failed = |error: StoreError| store_failure(&error);
    let right = match read(typed) {
        Typed::Nothing => false,
        Typed::Digits(digits) => match step_of(store, &factor.seed, &digits) {
            Some(step) => store.take_step(member, step).await.map_err(failed)?,
            None => false,
        },
        Typed::Recovery(code) => store
            .take_recovery_code(member, &code)
            .await
            .map_err(failed)?,
    };
    if right {
        tries.forgive().await?;
    }
    Ok(right)
}

/// The step of the first code of a new seed, if it is right. It counts as a try.
pub async fn check_first(
    store: &Store,
    member: &Member,
    factor: &SecondFactor,
    typed: &Secret<String>,
) -> Result<Option<i64>, PortalError> {
    let tries = Tries::take(store, member).await?;
    let step = match read(typed) {
        Typed::Digits(digits) => step_of(store, &factor.seed, &digits),
        Typed::Nothing | Typed::Recovery(_) => None,
    };
    if step.is_some() {
        tries.forgive().await?;
    }
    Ok(step)
}

enum Typed {
    Nothing,
    Digits(Secret<String>),
    Recovery(Secret<String>),
}

fn read(typed: &Secret<String>) -> Typed {
    if typed.expose().len() > LONGEST_CODE {
        return Typed::Nothing;
    }
    let code = plain_code(typed.expose());
    let is_of_the_app = code.expose().len() == usize::from(DIGITS)
        && code.expose().bytes().all(|byte| byte.is_ascii_digit());
    if is_of_the_app {
        Typed::Digits(code)
    } else if code.expose().is_empty() {
        Typed::Nothing
    } else {
        Typed::Recovery(code)
    }
}

/// Which step a code is of: the one of now, or the one before.
fn step_of(store: &Store, seed: &Secret<String>, digits: &Secret<String>) -> Option<i64> {
    let now = u64::try_from(store.now().seconds()).ok()?;
    step_at(seed, digits, now)
}

fn step_at(seed: &Secret<String>, digits: &Secret<String>, now: u64) -> Option<i64> {
    let totp = totp(seed)?;
    let moments = [now, now.saturating_sub(STEP_S)];
    let mut steps = moments
        .into_iter()
        .filter_map(|moment| totp.check(digits.expose(), moment));
    i64::try_from(steps.next()?).ok()
}

fn builder(seed: &Secret<String>) -> Option<Builder> {
    let secret = totp_rs::Secret::try_from_base32(seed.expose()).ok()?;
    let builder = Builder::new()
        .with_algorithm(Algorithm::SHA1)
        .with_digits(DIGITS)
        .with_step_duration(STEP_S)
        // the library would take the step after, too
        .with_skew(0)
        .with_secret(secret);
    Some(builder)
}

fn totp(seed: &Secret<String>) -> Option<Totp> {
    builder(seed)?.with_account_name("member").build().ok()
}

/// A try that was counted.
struct Tries<'a> {
    store: &'a Store,
    subject: TokenHash,
}

impl<'a> Tries<'a> {
    async fn take(store: &'a Store, member: &Member) -> Result<Self, PortalError> {
        let subject = TokenHash::of(&format!("second factor {}", member.id));
        let taken = store.take_try(&subject, &ALLOWANCE).await;
        taken
            .map_err(|error| store_failure(&error))?
            .map_err(wait)?;
        Ok(Self { store, subject })
    }

    async fn forgive(self) -> Result<(), PortalError> {
        let forgotten = self.store.forget_tries(&self.subject).await;
        forgotten.map_err(|error| store_failure(&error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B: the seed of its SHA-1 values.
    fn rfc_seed() -> Secret<String> {
        let seed = totp_rs::Secret::from(*b"12345678901234567890");
        Secret::new(seed.to_base32())
    }

    #[test]
    fn codes_are_those_of_the_rfc() {
        // the last six of its eight digits
        for (now, digits) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = step_at(&rfc_seed(), &Secret::from(digits), now);
            assert_eq!(step, i64::try_from(now / 30).ok(), "{now}");
        }
    }

    #[test]
    fn one_step_back_counts_and_no_other() {
        let digits = Secret::from("081804");
        let made_at = 1_111_111_109;
        for (later, counts) in [(-30, false), (0, true), (30, true), (60, false)] {
            let now = u64::try_from(made_at + later).expect("a moment");
            assert_eq!(
                step_at(&rfc_seed(), &digits, now).is_some(),
                counts,
                "{later}"
            );
        }
    }

    #[test]
    fn recovery_codes_are_read_however_they_are_typed() {
        let codes = new_codes();
        assert_eq!(codes.len(), 10);
        for code in &codes {
            assert_eq!(code.expose().len(), 14, "{}", code.expose());
            let typed = code.expose().to_uppercase().replace('-', " ");
            let plain = plain_code(&typed);
            assert_eq!(*plain.expose(), code.expose().replace('-', ""));
            assert!(matches!(read(&Secret::new(typed)), Typed::Recovery(_)));
        }
        for digits in ["123456", " 123 456 "] {
            assert!(matches!(read(&Secret::from(digits)), Typed::Digits(_)));
        }
        for nothing in ["", " - "] {
            assert!(matches!(read(&Secret::from(nothing)), Typed::Nothing));
        }
    }
}
