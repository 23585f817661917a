//! The words of the page on which the backend is waited for.

use super::super::rooms::WaitingWords;
use super::Spanish;

impl WaitingWords for Spanish {
    fn heading(&self, provider: &str) -> String {
        format!("{provider} dio su aprobación")
    }

    fn lead(&self, application: &str) -> String {
        format!("Falta un paso: {application} lo termina cuando usted vuelva allí.")
    }
}
