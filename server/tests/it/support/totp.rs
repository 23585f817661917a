//! What an authenticator app does, and what its owner keeps in a drawer.

use super::site::{Reply, Site};

/// Makes codes.
pub(crate) struct App(String);

impl App {
    /// Reads the secret from the page.
    pub(crate) fn scans(page: &Reply) -> Self {
        let rest = page.text.split("id=\"secret\"").nth(1).expect("a secret");
        let value = rest.split("value=\"").nth(1).unwrap();
        Self(value.split('"').next().unwrap().replace(' ', ""))
    }

    /// The secret, in base32.
    pub(crate) fn seed(&self) -> &str {
        &self.0
    }

    /// As the page shows it.
    pub(crate) fn seed_in_groups(&self) -> String {
        let letters: Vec<char> = self.0.chars().collect();
        let groups: Vec<String> = letters
            .chunks(4)
            .map(|group| group.iter().collect())
            .collect();
        groups.join(" ")
    }

    /// The code of a step, counted from now.
    pub(crate) fn code(&self, site: &Site, steps: i64) -> String {
        let secret = totp_rs::Secret::try_from_base32(&self.0).unwrap();
        let totp = totp_rs::Builder::new().with_secret(secret).build().unwrap();
        let at = site.db.store.now().seconds() + 30 * steps;
        totp.generate(u64::try_from(at).unwrap()).to_string()
    }
}

/// The recovery codes on the page that shows them.
pub(crate) fn codes_on(page: &Reply) -> Vec<String> {
    let rest = page.text.split("aria-label=\"Recovery codes\"").nth(1);
    let codes = rest.expect("codes").split('>').nth(1).unwrap();
    let codes = codes.split('<').next().unwrap();
    codes.lines().map(str::to_owned).collect()
}
