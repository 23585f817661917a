//! The words of the page on which the backend is waited for.

use super::super::rooms::WaitingWords;
use super::German;

impl WaitingWords for German {
    fn heading(&self, provider: &str) -> String {
        format!("{provider} hat zugestimmt")
    }

    fn lead(&self, application: &str) -> String {
        format!(
            "Ein Schritt fehlt noch: {application} schließt es ab, sobald Sie dorthin zurückkehren."
        )
    }
}
