//! Words that stand on every hosted page.

use super::super::rooms::FrameWords;
use super::Japanese;
use crate::wire::{ForWhom, Grants};

impl FrameWords for Japanese {
    fn skip(&self) -> &'static str {
        "本文へ移動"
    }

    fn before_name(&self) -> &'static str {
        "利用者: "
    }

    fn kept_by(&self, organization: Option<&str>) -> String {
        match organization {
            Some(organization) => {
                format!("{organization} のために Grantport が管理しています。")
            }
            None => "Grantport が管理しています。".to_owned(),
        }
    }

    fn by(&self, application: &str, organization: &str) -> String {
        format!("{application}（提供: {organization}）")
    }

    fn back_to(&self, application: &str) -> String {
        format!("{application} に戻る")
    }

    fn close_this_page(&self, application: &str) -> String {
        format!("このページを閉じて {application} に戻れます。")
    }

    fn below_name(&self, for_whom: &ForWhom) -> Option<String> {
        match (&for_whom.email, &for_whom.team) {
            (Some(email), Some(team)) => Some(format!("{email}、チーム: {team}")),
            (None, Some(team)) => Some(format!("チーム: {team}")),
            (email, None) => email.clone(),
        }
    }

    fn grants_heading(&self, short_name: &str) -> String {
        format!("{short_name} の承認は残りわずかです")
    }

    fn grants(&self, short_name: &str, grants: Grants) -> String {
        format!(
            "{short_name} は、1 つのアプリケーションについてアカウントごとに {} 件まで承認を保持します。このアカウントは現在 {} 件です。さらに承認すると、最も古いものが予告なく終了することがあります。",
            grants.most, grants.now
        )
    }
}
