//! The words of the page on which the backend is waited for.

use super::super::rooms::WaitingWords;
use super::Portuguese;

impl WaitingWords for Portuguese {
    fn heading(&self, provider: &str) -> String {
        format!("{provider} aprovou")
    }

    fn lead(&self, application: &str) -> String {
        format!("Falta um passo: {application} conclui quando você voltar para lá.")
    }
}
