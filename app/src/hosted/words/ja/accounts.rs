//! The words of "My connected accounts".

use super::super::rooms::AccountsWords;
use super::Japanese;
use crate::wire::{ConnectedAccount, ConnectionState};

impl AccountsWords for Japanese {
    fn heading(&self) -> &'static str {
        "接続中のアカウント"
    }

    fn connected(&self) -> &'static str {
        "接続日: "
    }

    fn last_used(&self) -> &'static str {
        "、最終使用: "
    }

    fn never_used(&self) -> &'static str {
        "、まだ使われていません"
    }

    fn reconnect(&self) -> &'static str {
        "再接続"
    }

    fn disconnect(&self) -> &'static str {
        "接続を解除"
    }

    fn of_provider(&self, provider: &str) -> String {
        format!(": {provider}")
    }

    fn empty(&self, application: &str) -> String {
        format!(
            "接続されているものはありません。{application} でアカウントを使うときに、いつでも接続できます。"
        )
    }

    fn state(&self, state: ConnectionState) -> &'static str {
        match state {
            ConnectionState::Active => "正常",
            ConnectionState::Degraded => "正常（応答が遅れています）",
            ConnectionState::ReconnectRequired => "使えません",
            ConnectionState::Revoked => "解除済み",
        }
    }

    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String> {
        match state {
            ConnectionState::Active => None,
            ConnectionState::Degraded => Some(format!(
                "現在、{provider} が応答しないことがあります。特に操作は必要ありません。"
            )),
            ConnectionState::ReconnectRequired => Some(format!(
                "{provider} がもう一度承認を求めています。承認するまで {application} はこのアカウントを使えませんが、\
                 アカウントの内容は失われません。"
            )),
            ConnectionState::Revoked => {
                Some(format!("{application} からはもうアクセスできません。"))
            }
        }
    }

    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String {
        let provider = &account.provider.name;
        let upstream = match (account.upstream_offered, &account.by_hand) {
            (true, _) => format!(
                "{application} はすぐに使用を停止し、{provider} にもアクセスの終了を伝えます。"
            ),
            (false, Some(place)) => format!(
                "{application} はすぐに使用を停止します。{provider} 側にも記録が残るため、そちらでも {place} から \
                 {application} を削除してください。"
            ),
            (false, None) => format!(
                "{application} はすぐに使用を停止します。{provider} 側にも記録が残るため、そちらの設定でも \
                 {application} を削除してください。"
            ),
        };
        format!("{upstream}{application} がそこに書き込んだものは残ります。")
    }

    fn disconnect_now(&self, provider: &str) -> String {
        format!("{provider} の接続を解除")
    }
}
