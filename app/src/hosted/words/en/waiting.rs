//! The words of the page on which the backend is waited for.

use super::super::rooms::WaitingWords;
use super::English;

impl WaitingWords for English {
    fn heading(&self, provider: &str) -> String {
        format!("{provider} has approved")
    }

    fn lead(&self, application: &str) -> String {
        format!("One step is left: {application} finishes it when you go back there.")
    }
}
