//! The words of the page on which the backend is waited for.

use super::super::rooms::WaitingWords;
use super::French;

impl WaitingWords for French {
    fn heading(&self, provider: &str) -> String {
        format!("{provider} a donné son accord")
    }

    fn lead(&self, application: &str) -> String {
        format!("Il reste une étape\u{a0}: {application} termine dès que vous y revenez.")
    }
}
