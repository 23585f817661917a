//! The words of the page on which the backend is waited for.

use super::super::rooms::WaitingWords;
use super::Japanese;

impl WaitingWords for Japanese {
    fn heading(&self, provider: &str) -> String {
        format!("{provider} で承認されました")
    }

    fn lead(&self, application: &str) -> String {
        format!("あと 1 ステップです。{application} に戻ると完了します。")
    }
}
