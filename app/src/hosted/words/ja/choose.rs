//! The words of the page on which a person chooses between two accounts.

use super::super::rooms::ChooseWords;
use super::Japanese;

impl ChooseWords for Japanese {
    fn heading(&self, short_name: &str) -> String {
        format!("{short_name} の別のアカウントです")
    }

    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String {
        match (before, now) {
            (Some(before), Some(now)) => format!(
                "{now} を承認しました。{application} は {before} を使っており、選択するまでそのまま使い続けます。"
            ),
            (None, Some(now)) => format!(
                "{now} を承認しました。{application} は別のアカウントを使っており、選択するまでそのまま使い続けます。"
            ),
            (_, None) => format!(
                "{application} が使っているものとは別のアカウントを承認しました。選択するまで、元のアカウントがそのまま使われます。"
            ),
        }
    }

    fn question(&self, application: &str) -> String {
        format!("{application} でどのアカウントを使いますか？")
    }

    fn same(&self) -> &'static str {
        "元のアカウントを使う"
    }

    fn same_means(&self, short_name: &str) -> String {
        format!(
            "{short_name} でもう一度サインインします。先に {short_name} からサインアウトしてください。そうしないと、同じアカウントが使われます。"
        )
    }

    fn replace(&self) -> &'static str {
        "置き換える"
    }

    fn replace_means(&self, application: &str) -> String {
        format!("{application} は今後、新しいアカウントを使います。設定はそのまま残ります。")
    }

    fn both(&self) -> &'static str {
        "両方を残す"
    }

    fn both_means(&self) -> &'static str {
        "新しいアカウントは、元の接続とは別の接続になります。"
    }

    fn both_known(&self) -> &'static str {
        "新しいアカウントはすでに接続されています。その接続が更新され、元の接続はそのままです。"
    }

    fn time_left(&self, minutes: u32) -> String {
        match minutes {
            0 | 1 => "1 分以内に選択してください。".to_owned(),
            more => format!("{more} 分以内に選択してください。"),
        }
    }
}
