//! The words of the page that says: it is connected.

use super::super::rooms::DoneWords;
use super::Japanese;
use crate::wire::{DoneView, ScopeWords};

impl DoneWords for Japanese {
    fn account(&self) -> &'static str {
        "アカウント"
    }

    fn whose(&self) -> &'static str {
        "利用者"
    }

    fn allowed_heading(&self) -> &'static str {
        "許可した内容"
    }

    fn missing(&self) -> &'static str {
        "許可されなかったものがあります"
    }

    fn heading(&self, provider: &str) -> String {
        format!("{provider} を接続しました")
    }

    fn wire(&self, application: &str, provider: &str) -> String {
        format!("{application} と {provider} は接続されています")
    }

    fn lead(&self, view: &DoneView) -> String {
        let (application, provider) = (&view.host.application, &view.provider.name);
        let whose = if view.for_whom.team.is_some() {
            "チーム"
        } else {
            "あなた"
        };
        let account = format!("{whose}の {provider} アカウント");
        let works = format!("{application} で{account}を使えるようになりました。");
        match (view.missing.is_empty(), view.left) {
            (false, _) => {
                format!("{application} では、許可した範囲で{account}を使えるようになりました。")
            }
            (true, 0) => format!("{works}ほかにすることはありません。"),
            (true, left) => format!("{works}あと {left} 件のアカウントが残っています。"),
        }
    }

    fn for_whom(&self, view: &DoneView) -> String {
        match &view.for_whom.team {
            Some(team) => format!("{}、チーム: {team}", view.for_whom.name),
            None => view.for_whom.name.clone(),
        }
    }

    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String {
        let list = granted.iter().map(in_list).collect::<Vec<_>>().join("、");
        match (all, list.is_empty()) {
            (true, true) => "求められたものすべて".to_owned(),
            (true, false) => format!("求められたものすべて: {list}"),
            (false, true) => "求められたもののうち、許可されたものはありません".to_owned(),
            (false, false) => list,
        }
    }

    fn known(&self) -> &'static str {
        "このアカウントはすでに接続されていました。同じ接続が、新しい承認で更新されました。"
    }

    fn missing_means(&self, application: &str, provider: &str) -> String {
        format!(
            "そのため、{application} の一部の機能は {provider} では使えないことがあります。残りも許可するには、\
             {application} から {provider} をもう一度接続し、すべてにチェックを入れたままにしてください。"
        )
    }

    fn connect_the_others(&self, left: u32) -> String {
        format!("残りの {left} 件を接続")
    }

    fn see_later(&self) -> (&'static str, &'static str, &'static str) {
        ("あとで確認や解除をするには: ", "接続中のアカウント", "")
    }
}

fn in_list(scope: &ScopeWords) -> &str {
    if scope.words.is_empty() {
        &scope.name
    } else {
        &scope.words
    }
}
