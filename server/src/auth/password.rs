//! Passwords: what they must be like, and how they are kept.
//!
//! Kept as argon2id PHC strings (R33). One hash takes 19 MiB and tens of milliseconds of a core, so
//! hashing runs beside the requests, at most as many at a time as there are cores, and a visitor
//! who would have to queue for long is sent away instead (R34).

use crate::vault::Secret;
use app::wire::{PortalError, Problem};
use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

const SHORTEST: usize = 12;
const LONGEST: usize = 128;
/// How many may wait for a core before the next one is sent away.
const WAITING: usize = 32;
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;

/// Stands for the password of a member who does not exist; verifying takes as long as for one who
/// does (R35). Salt and hash were not made from any password.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5LWF0LWFsbC4uLg$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

/// Passwords of 12 characters and more that everybody tries first.
const COMMON: &[&str] = &[
    "letmeinletmein",
    "iloveyouiloveyou",
    "qwertyuiop12",
    "qwertyuiop123",
    "qwertyuiop1234",
    "qwertyuiopasdf",
    "qwertyuiopasdfghjkl",
    "asdfghjklqwertyuiop",
    "zxcvbnmasdfghjkl",
    "1q2w3e4r5t6y",
    "1q2w3e4r5t6y7u8i9o0p",
    "1qaz2wsx3edc",
    "1qaz2wsx3edc4rfv",
    "qazwsxedcrfv",
    "q1w2e3r4t5y6",
    "q1w2e3r4t5y6u7i8",
    "abcd1234abcd",
    "abc123abc123",
    "abcdefghijkl",
    "abcdefghijklm",
    "trustno1trustno1",
    "correcthorsebatterystaple",
    "correcthorse",
    "thisisapassword",
    "thisismypassword",
    "mypassword123",
    "mysecretpassword",
    "supersecretpassword",
    "superpassword",
    "secretpassword",
    "iloveyou1234",
    "ihatepasswords",
    "changemeplease",
    "changeme1234",
    "changeme12345",
    "pleasechangeme",
    "defaultpassword",
    "administrator",
    "administrator1",
    "unbelievable",
    "manchesterunited",
    "liverpoolfc1",
    "basketball12",
    "football1234",
    "baseball1234",
    "sunshine1234",
    "princess1234",
    "starwars1234",
    "dragon123456",
    "monkey123456",
    "master123456",
    "shadow123456",
    "michael12345",
    "jesuschrist1",
    "godisgreat12",
    "whatever1234",
    "computer1234",
    "internet1234",
    "samsung12345",
    "pokemon12345",
    "superman1234",
    "batman123456",
    "1234qwerasdf",
    "123qweasdzxc",
    "qwe123asd123",
    "asdasdasdasd",
    "zaq12wsxcde3",
    "zaq1zaq1zaq1",
    "p4ssw0rdp4ss",
    "welcomehome1",
    "opensesame12",
    "opensesame123",
    "nopassword12",
    "testtesttest",
    "testpassword",
    "guestpassword",
    "rootpassword",
    "rootrootroot",
    "letmein12345",
    "letmeinplease",
];

/// Words that make a password no harder to guess here.
const OBVIOUS: &[&str] = &[
    "grantport",
    "password",
    "passwort",
    "passw0rd",
    "p@ssw0rd",
    "admin",
    "owner",
    "welcome",
    "oauth",
    "vault",
    "portal",
    "secret",
    "letmein",
    "changeme",
    "qwerty",
    "login",
    "connect",
];

/// What is wrong with a password, if anything. `words` are what is known of its owner: name,
/// e-mail, organization. There are no rules on which characters it must have (R33).
#[must_use]
pub fn password_problem(password: &str, words: &[&str]) -> Option<Problem> {
    match password.chars().count() {
        0 => Some(Problem::Missing),
        length if length < SHORTEST => Some(Problem::TooShort(12)),
        length if length > LONGEST => Some(Problem::TooLong(128)),
        _ if is_common(password, words) => Some(Problem::TooCommon),
        _ => None,
    }
}

fn is_common(password: &str, words: &[&str]) -> bool {
    let folded: String = password.to_lowercase().split_whitespace().collect();
    COMMON.contains(&folded.as_str())
        || repeats(&folded)
        || counts(&folded)
        || says_nothing_else(&folded, words)
}

/// `aaaaaaaaaaaa`, `abcabcabcabc`: one short piece over and over.
fn repeats(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=4).any(|period| {
        chars
            .iter()
            .zip(chars.iter().skip(period))
            .all(|(a, b)| a == b)
    })
}

/// `123456789012`, `abcdefghijkl`, `987654321098`: each character follows the one before.
fn counts(text: &str) -> bool {
    let steps: Vec<i64> = text
        .chars()
        .zip(text.chars().skip(1))
        .map(|(a, b)| i64::from(u32::from(b)) - i64::from(u32::from(a)))
        .collect();
    // nine goes on with zero, and back
    let all = |step: i64| steps.iter().all(|s| *s == step || *s == -9 * step);
    all(1) || all(-1)
}

/// What is left without obvious words and the owner's own is too little.
fn says_nothing_else(folded: &str, words: &[&str]) -> bool {
    let own = words
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 4);
    let mut rest = folded.to_owned();
    for word in OBVIOUS.iter().map(|word| (*word).to_owned()).chain(own) {
        rest = rest.replace(&word, "");
    }
    let left = rest.chars().filter(|c| c.is_alphabetic()).count();
    rest.len() < folded.len() && left < 4
}

/// The outcome of comparing a password with what is stored.
#[derive(Debug)]
pub enum Hashed {
    /// It is the password.
    Right {
        /// The same password under today's parameters, if it was stored under others.
        renewed: Option<Secret<String>>,
    },
    /// It is not.
    Wrong,
}

/// Hashes and compares passwords, a few at a time.
#[derive(Clone, Debug)]
pub struct Passwords {
    working: Arc<Semaphore>,
    admitted: Arc<Semaphore>,
}

impl Default for Passwords {
    fn default() -> Self {
        let cores = std::thread::available_parallelism()
            .map_or(1, usize::from)
            .min(4);
        Self {
            working: Arc::new(Semaphore::new(cores)),
            admitted: Arc::new(Semaphore::new(cores + WAITING)),
        }
    }
}

impl Passwords {
    /// Hashes a new password.
    pub async fn hash(&self, password: Secret<String>) -> Result<Secret<String>, PortalError> {
        self.beside(move || hash(&password)).await?
    }

    /// Compares. `None` stands for a member who does not exist; the work and the answer are those
    /// of a wrong password (R35).
    pub async fn verify(
        &self,
        password: Secret<String>,
        stored: Option<Secret<String>>,
    ) -> Result<Hashed, PortalError> {
        self.beside(move || {
            let known = stored.is_some();
            let phc = stored
                .as_ref()
                .map_or(NOBODY, |stored| stored.expose().as_str());
            match verify(&password, phc) {
                Some(outdated) if known => {
                    let renewed = if outdated {
                        Some(hash(&password)?)
                    } else {
                        None
                    };
                    Ok(Hashed::Right { renewed })
                }
                _ => Ok(Hashed::Wrong),
            }
        })
        .await?
    }

    async fn beside<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, PortalError> {
        let place = self.place().await?;
        tokio::task::spawn_blocking(move || {
            // given back when the work is done, even if nobody waits for it any more
            let _place = place;
            work()
        })
        .await
        .map_err(|_| PortalError::Internal)
    }

    async fn place(&self) -> Result<(OwnedSemaphorePermit, OwnedSemaphorePermit), PortalError> {
        let admitted = Arc::clone(&self.admitted)
            .try_acquire_owned()
            .map_err(|_| PortalError::TooManyAttempts { retry_after_s: 5 })?;
        let working = Arc::clone(&self.working)
            .acquire_owned()
            .await
            .map_err(|_| PortalError::Internal)?;
        Ok((admitted, working))
    }
}

fn argon2() -> Option<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).ok()?;
    Some(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &Secret<String>) -> Result<Secret<String>, PortalError> {
    argon2()
        .and_then(|argon2| argon2.hash_password(password.expose().as_bytes()).ok())
        .map(|phc| Secret::new(phc.to_string()))
        .ok_or(PortalError::Internal)
}

/// `Some` if it is the password; inside, whether the parameters are not today's.
fn verify(password: &Secret<String>, phc: &str) -> Option<bool> {
    let stored = PasswordHash::new(phc).ok()?;
    argon2()?
        .verify_password(password.expose().as_bytes(), &stored)
        .ok()?;
    let outdated = Params::try_from(&stored).map_or(true, |params| {
        (params.m_cost(), params.t_cost(), params.p_cost()) != (MEMORY_KIB, PASSES, LANES)
    });
    Some(outdated || stored.algorithm.as_str() != "argon2id")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(text: &str) -> Secret<String> {
        Secret::from(text)
    }

    #[tokio::test]
    async fn a_password_is_kept_as_argon2id_and_recognised() {
        let passwords = Passwords::default();
        for password in ["a quiet yellow lamp", "пароль из слов", &"x1".repeat(32)] {
            let phc = passwords.hash(secret(password)).await.expect("hashed");
            assert!(
                phc.expose().starts_with("$argon2id$v=19$m=19456,t=2,p=1$"),
                "{}",
                phc.expose()
            );
            let right = passwords
                .verify(secret(password), Some(secret(phc.expose())))
                .await;
            assert!(matches!(right, Ok(Hashed::Right { renewed: None })));
            let wrong = passwords.verify(secret("another lamp"), Some(phc)).await;
            assert!(matches!(wrong, Ok(Hashed::Wrong)));
        }
    }

    #[tokio::test]
    async fn nobody_has_no_password() {
        assert!(
            PasswordHash::new(NOBODY).is_ok(),
            "it must cost as much as a real one"
        );
        let outcome = Passwords::default()
            .verify(secret("nobody-at-all..."), None)
            .await;
        assert!(matches!(outcome, Ok(Hashed::Wrong)));
    }

    #[tokio::test]
    async fn a_hash_with_weaker_parameters_is_renewed() {
        let params = Params::new(8192, 1, 1, None).expect("parameters");
        let weak = Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
            .hash_password(b"a quiet yellow lamp")
            .expect("hashed")
            .to_string();
        let outcome = Passwords::default()
            .verify(secret("a quiet yellow lamp"), Some(secret(&weak)))
            .await;
        let Ok(Hashed::Right {
            renewed: Some(renewed),
        }) = outcome
        else {
            panic!("{outcome:?}");
        };
        assert!(renewed.expose().contains("m=19456,t=2,p=1"));
    }

    #[tokio::test]
    async fn whoever_would_wait_for_long_is_sent_away() {
        let passwords = Passwords::default();
        let all = u32::try_from(passwords.admitted.available_permits()).expect("a few");
        let _taken = Arc::clone(&passwords.admitted)
            .acquire_many_owned(all)
            .await
            .expect("all");
        let outcome = passwords.verify(secret("a quiet yellow lamp"), None).await;
        assert!(matches!(outcome, Err(PortalError::TooManyAttempts { .. })));
    }

    #[test]
    fn obvious_passwords_are_refused() {
        let words = ["Acme Rockets", "Ada Lovelace", "ada@rockets.example"];
        for bad in [
            "aaaaaaaaaaaa",
            "abcabcabcabc",
            "123456789012",
            "210987654321",
            "abcdefghijklm",
            "passwordpassword",
            "GrantPort2026!",
            "Password123456",
            "rockets-rockets-1",
            "Admin Admin 12",
            "1q2w3e4r5t6y",
            "Lovelace20261234",
        ] {
            assert_eq!(
                password_problem(bad, &words),
                Some(Problem::TooCommon),
                "{bad}"
            );
        }
        for good in [
            "a quiet yellow lamp",
            "xK9#mmq2!vTe",
            "the rockets fly at noon",
            "пароль из слов",
            "849201746352",
        ] {
            assert_eq!(password_problem(good, &words), None, "{good}");
        }
    }

    #[test]
    fn length_counts_in_characters() {
        assert_eq!(password_problem("", &[]), Some(Problem::Missing));
        assert_eq!(
            password_problem("äöüäöüß1ä2ö", &[]),
            Some(Problem::TooShort(12))
        );
        assert_eq!(
            password_problem(&"ab1?".repeat(33), &[]),
            Some(Problem::TooLong(128))
        );
    }
}
