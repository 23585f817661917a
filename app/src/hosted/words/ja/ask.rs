//! The words of the page that asks.

use super::super::rooms::{AskWords, Asked};
use super::Japanese;
use crate::wire::ForWhom;

impl AskWords for Japanese {
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!("{provider} を {application} に{}", noun(asked))
    }

    fn title_refused(&self, title: &str) -> String {
        format!("入力を確認してください: {title}")
    }

    fn title_several(&self, application: &str) -> String {
        format!("アカウントを {application} に接続")
    }

    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String {
        format!(
            "{application} が{}の {provider} アカウントの{}を求めています",
            whose(asked),
            noun(asked)
        )
    }

    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String {
        format!(
            "{application} が{}のアカウント {count} 件の{}を求めています",
            whose(asked),
            noun(asked)
        )
    }

    fn lead_several(&self) -> &'static str {
        "順番は自由です。1 件ずつ、それぞれサインインして接続します。"
    }

    fn heading_nothing_left(&self) -> &'static str {
        "すべて接続済みです"
    }

    fn lead_nothing_left(&self, application: &str) -> String {
        format!("{application} に必要なものはすべてそろっています。ほかにすることはありません。")
    }

    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String {
        if asked.reconnect {
            format!("{application} と {provider} をつなぐ線が切れています")
        } else {
            format!("{application} と {provider} はまだ接続されていません")
        }
    }

    fn made_by(&self, application: &str, organization: &str) -> String {
        format!("{application} の提供元は {organization} です")
    }

    fn may(&self, application: &str) -> String {
        format!("{application} ができること")
    }

    fn may_unlisted(&self, short_name: &str) -> String {
        format!("{short_name} のアカウントを使う（内容は承認の前に {short_name} に表示されます）")
    }

    fn may_not(&self) -> &'static str {
        "できないこと"
    }

    fn may_never(&self) -> &'static str {
        "パスワードを確認する"
    }

    fn details(&self, application: &str) -> String {
        format!("{application} ができることと、できないこと")
    }

    fn needs(&self, short_name: &str) -> String {
        format!("{short_name} で必要なもの")
    }

    fn team_heading(&self) -> &'static str {
        "このアカウントはチーム全員が使います"
    }

    fn team_advice(&self, application: &str, team: &str) -> String {
        format!(
            "{application} がチーム「{team}」のために行うことは、これからサインインするアカウントで行われます。\
             個人のアカウントよりも、必要な権限だけを持つ専用のユーザーをおすすめします。人が入れ替わっても、そのまま使えます。"
        )
    }

    fn button(&self, asked: Asked, provider: &str) -> String {
        format!("{provider} を{}", noun(asked))
    }

    fn next(&self, sign_in_host: &str) -> String {
        format!("次に {sign_in_host} でサインインし、そこで承認します。")
    }

    fn not_you(&self, for_whom: &ForWhom) -> String {
        format!(
            "{} さんではない場合や、このリンクが誰かから送られてきた場合は、ここで中止できます。",
            for_whom.name
        )
    }

    fn stop(&self) -> &'static str {
        "ここで中止する"
    }

    fn connected_already(&self) -> &'static str {
        "すでに接続されているもの"
    }

    fn connected(&self) -> &'static str {
        "接続済み"
    }

    fn my_accounts(&self) -> &'static str {
        "接続中のアカウント"
    }

    fn time_left(&self, minutes: u32) -> String {
        let time = match minutes {
            0 => "1 分未満".to_owned(),
            more => format!("{more} 分間"),
        };
        format!("接続はいつでも解除できます。このページは、このブラウザであと {time}使えます。")
    }

    fn other_address(&self) -> &'static str {
        "別のアドレス"
    }

    fn other_address_label(&self, endings: &[String]) -> String {
        format!("そのアドレス（末尾が {} のもの）", any_of(endings))
    }

    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String {
        if endings.is_empty() {
            format!("{short_name} にその選択肢はありません。上から選んでください。")
        } else {
            format!(
                "{short_name} のアドレスではありません。上から選ぶか、末尾が {} のアドレスを入力してください。",
                any_of(endings)
            )
        }
    }

    fn refused_credential(&self, short_name: &str) -> String {
        format!(
            "{short_name} に表示されているとおりに貼り付けてください。前後や途中に空白は入れません。"
        )
    }

    fn refused_text(&self, short_name: &str) -> String {
        format!("その入力では {short_name} につながりません。上の例と見比べてください。")
    }
}

fn noun(asked: Asked) -> &'static str {
    if asked.reconnect {
        "再接続"
    } else {
        "接続"
    }
}

fn whose(asked: Asked) -> &'static str {
    if asked.team { "チーム" } else { "あなた" }
}

fn any_of(endings: &[String]) -> String {
    endings.join(" または ")
}
