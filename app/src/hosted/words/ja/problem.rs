//! The words of every way in which connecting can go wrong.

use super::super::rooms::{Names, ProblemWords, Step, Told, step};
use super::Japanese;
use crate::wire::ConnectProblem;

impl ProblemWords for Japanese {
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told {
        let sentences = Sentences::from(names);
        Told {
            heading: sentences.heading(problem),
            sentence: sentences.sentence(problem),
            steps: sentences.steps(problem),
            wire: sentences.wire(),
            provider_said: format!("{} からのメッセージ", sentences.provider),
            message_for_admin: sentences.message_for_admin(),
            about_the_code: format!(
                "このコードがあれば、{} で調べられます。秘密の情報は含まれていません。",
                sentences.support
            ),
            go_back_yourself: sentences.go_back_yourself(problem),
        }
    }

    fn what_helps(&self) -> &'static str {
        "できること"
    }

    fn try_again(&self) -> &'static str {
        "もう一度試す"
    }

    fn message_heading(&self) -> &'static str {
        "管理者へのメッセージ"
    }

    fn support_code(&self) -> &'static str {
        "サポートコード"
    }
}

/// The names as they stand in the sentences.
struct Sentences<'a> {
    /// "CRM Sync", or "アプリケーション".
    application: &'a str,
    /// "Acme のサポート", or "アプリケーションのサポート".
    support: String,
    /// "Acme", or "提供元".
    maker: &'a str,
    /// "Apollo", or "接続先のサービス".
    provider: &'a str,
    /// Who may approve at the provider, from its definition.
    who_may_approve: Option<&'a str>,
    /// A support code stands on the page.
    has_code: bool,
}

impl<'a> From<Names<'a>> for Sentences<'a> {
    fn from(names: Names<'a>) -> Self {
        Self {
            application: names.application.unwrap_or("アプリケーション"),
            support: names.organization.map_or_else(
                || "アプリケーションのサポート".to_owned(),
                |organization| format!("{organization} のサポート"),
            ),
            maker: names.organization.unwrap_or("提供元"),
            provider: names.provider.unwrap_or("接続先のサービス"),
            who_may_approve: names.who_may_approve,
            has_code: names.has_code,
        }
    }
}

impl Sentences<'_> {
    fn heading(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            provider,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => "このリンクは不完全です".to_owned(),
            ConnectProblem::LinkExpired => "このリンクは期限切れです".to_owned(),
            ConnectProblem::LinkUsed => "このリンクは別のブラウザのものです".to_owned(),
            ConnectProblem::LinkStopped => "このリンクは停止されました".to_owned(),
            ConnectProblem::NotCompleted => format!("{application} 側で完了しませんでした"),
            ConnectProblem::OtherPerson => "これは別の人のために始められた操作です".to_owned(),
            ConnectProblem::ConnectionRevoked => "その接続は終了しています".to_owned(),
            ConnectProblem::Denied => format!("{provider} は接続されませんでした"),
            ConnectProblem::NotAllowedToApprove => {
                format!("{provider} で承認が許可されませんでした")
            }
            ConnectProblem::AttemptExpired => "10 分以上かかりました".to_owned(),
            ConnectProblem::OtherBrowser => "別のブラウザで始められた操作です".to_owned(),
            ConnectProblem::UnknownAttempt => "この応答に対応する操作が見つかりません".to_owned(),
            ConnectProblem::ProviderMisconfigured => {
                format!("現在、{provider} が {application} を受け付けていません")
            }
            ConnectProblem::OwnCredentialsRejected => {
                format!("{provider} がこの ID とシークレットを受け付けません")
            }
            ConnectProblem::ProviderUnavailable => format!("{provider} が応答しません"),
            ConnectProblem::ProviderError => format!("{provider} がエラーを返しました"),
            ConnectProblem::OtherAccount => format!("{provider} の別のアカウントです"),
            ConnectProblem::AccountAlreadyConnected => {
                format!("その {provider} のアカウントは、ほかの人のために接続されています")
            }
            ConnectProblem::ProviderRemoved => {
                format!("{application} では {provider} を接続できなくなりました")
            }
            ConnectProblem::Internal => "こちら側で問題が起きました".to_owned(),
        }
    }

    fn sentence(&self, problem: ConnectProblem) -> String {
        let Self {
            application,
            maker,
            provider,
            ..
        } = self;
        match problem {
            ConnectProblem::UnknownLink => {
                "登録されていないリンクです。途中で一部が切れたのかもしれません。あなたの操作に問題はなく、\
                 何も接続されていません。"
                    .to_owned()
            }
            ConnectProblem::LinkExpired => {
                "安全のため、このようなリンクは短い時間だけ使えます。あなたの操作に問題はなく、これまでに接続したものは\
                 そのままです。"
                    .to_owned()
            }
            ConnectProblem::LinkUsed => {
                "安全のため、リンクは最初に開いたブラウザでだけ使えます。ここからは何も接続されていません。"
                    .to_owned()
            }
            ConnectProblem::LinkStopped => format!("このページで、または {application} によって、期限前に終了されました。このリンクでは何も接続されておらず、これまでに\
                 接続したものはそのままです。"),
            ConnectProblem::NotCompleted => format!("{provider} では承認されましたが、{application} が時間内に受け取りませんでした。あなたの操作に問題はなく、\
                 何も接続されていません。"),
            ConnectProblem::OtherPerson => format!("{application} で始めた人と、承認した人が異なります。安全のため何も接続されておらず、{provider} からも何も渡されて\
                 いません。"),
            ConnectProblem::ConnectionRevoked => format!("更新するはずの接続が、その間に {application} で終了されました。あなたの操作に問題はなく、何も接続されていません。"),
            ConnectProblem::Denied => format!(
                "アクセスが承認されなかったと {provider} から通知がありました。問題はありません。何も接続されておらず、\
                 何も変わっていません。"
            ),
            ConnectProblem::NotAllowedToApprove => format!(
                "お使いの {provider} のアカウントでは、ほかのアプリケーションを承認できません。あなたの操作に問題はなく、\
                 何も接続されていません。"
            ),
            ConnectProblem::AttemptExpired => format!(
                "安全のため、{provider} からは 10 分以内に応答が必要です。あなたの操作に問題はなく、何も接続されていません。"
            ),
            ConnectProblem::OtherBrowser => format!(
                "{provider} の応答がここに届きましたが、このブラウザから求めたものではありません。そのため、\
                 何も接続されていません。"
            ),
            ConnectProblem::UnknownAttempt => format!(
                "「戻る」ボタンなどで、すでに使われたのかもしれません。{provider} がすでに接続されていた場合、\
                 その接続はそのままです。"
            ),
            ConnectProblem::ProviderMisconfigured => format!(
                "{provider} での {application} の登録内容に問題があり、修正できるのは {maker} だけです。\
                 あなたの操作に問題はなく、何も接続されていません。"
            ),
            ConnectProblem::OwnCredentialsRejected => format!(
                "入力された Client ID または Client Secret が正しくないか、{provider} がここでは受け付けていません。\
                 何も接続されていません。"
            ),
            ConnectProblem::ProviderUnavailable => format!(
                "最後の段階で {provider} に接続できませんでした。あなたの操作に問題はなく、何も接続されていません。"
            ),
            ConnectProblem::ProviderError => {
                "求められた操作は完了しませんでした。あなたの操作に問題はなく、何も接続されていません。"
                    .to_owned()
            }
            ConnectProblem::OtherAccount => format!(
                "以前に接続したものとは別の {provider} のアカウントでサインインしています。何も変更されておらず、\
                 何も失われていません。"
            ),
            ConnectProblem::AccountAlreadyConnected => format!(
                "{application} では、1 つの {provider} のアカウントを使えるのは 1 人または 1 チームだけです。\
                 あなたの操作に問題はなく、どちらの接続も変わっていません。"
            ),
            ConnectProblem::ProviderRemoved => format!(
                "{maker} が {application} での {provider} の提供を終了しました。あなたの操作に問題はなく、\
                 何も接続されていません。"
            ),
            ConnectProblem::Internal => {
                "あなたの操作に問題はありません。これまでに接続したものはそのままです。".to_owned()
            }
        }
    }

    #[expect(
        clippy::too_many_lines,
        reason = "nothing but words, an arm for each problem"
    )]
    fn steps(&self, problem: ConnectProblem) -> Vec<Step> {
        let Self {
            application,
            provider,
            support,
            ..
        } = self;
        let again = |how: &str| step("もう一度試す", how);
        match problem {
            ConnectProblem::UnknownLink => vec![
                step(
                    "リンクをコピーしましたか？",
                    "元のリンクを直接開くか、最後の文字までもう一度コピーしてください。",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::LinkExpired | ConnectProblem::LinkStopped => {
                vec![self.ask_for_a_new_link()]
            }
            ConnectProblem::LinkUsed => vec![
                step(
                    "最初のブラウザで続ける",
                    "このリンクを別の端末や別のブラウザで開いた場合は、そちらで使えます。",
                ),
                self.ask_for_a_new_link(),
            ],
            ConnectProblem::NotCompleted => vec![
                step(
                    "もう一度試す",
                    format!("承認したら、すぐに {application} に戻ってください。"),
                ),
                self.tell_support(),
            ],
            ConnectProblem::OtherPerson => vec![
                step(
                    format!("{provider} を接続したかったのですか？"),
                    format!(
                        "その場合は、サインインしている {application} からご自分で始めてください。"
                    ),
                ),
                step(
                    "誰かからリンクを受け取りましたか？",
                    "その場合は、このページを閉じてください。あなたのアカウントを狙っているおそれがあります。",
                ),
            ],
            ConnectProblem::ConnectionRevoked => vec![step(
                "まだ必要ですか？",
                "その場合は、もう一度試して新しく接続してください。",
            )],
            ConnectProblem::Denied => vec![
                step(
                    "やはり接続しますか？",
                    format!("もう一度試して、{provider} で承認してください。"),
                ),
                step("承認する権限がありませんでしたか？", self.who_may_approve()),
            ],
            ConnectProblem::NotAllowedToApprove => vec![
                step(
                    format!("{provider} の管理者に依頼する"),
                    self.who_may_approve(),
                ),
                step(
                    "戻ってもう一度試す",
                    format!(
                        "そのときにこのページの期限が切れていたら、{application} からやり直してください。"
                    ),
                ),
            ],
            ConnectProblem::AttemptExpired => vec![again(&format!(
                "{provider} へのサインインに必要なものを手元に用意してください。"
            ))],
            ConnectProblem::OtherBrowser => vec![
                step(
                    "同じブラウザで続ける",
                    format!(
                        "最初からやり直し、同じブラウザで {provider} にサインインしてください。"
                    ),
                ),
                step(
                    "誰かにここへ案内されましたか？",
                    "その場合は、このページを閉じてください。あなたのアカウントを狙っているおそれがあります。",
                ),
            ],
            ConnectProblem::UnknownAttempt => vec![step(
                format!("{application} で確認する"),
                format!("{provider} が接続されていなければ、もう一度始めてください。"),
            )],
            ConnectProblem::ProviderMisconfigured => vec![
                self.tell_support(),
                step("あとでもう一度試す", "修正されるまで状況は変わりません。"),
            ],
            ConnectProblem::OwnCredentialsRejected => vec![
                step(
                    format!("{provider} から両方をもう一度コピーする"),
                    "この 2 つは組になっています。あるアプリの ID と別のアプリのシークレットは一緒に使えません。",
                ),
                again("シークレットは保存されていません。もう一度入力するか、貼り付けてください。"),
            ],
            ConnectProblem::ProviderUnavailable => vec![
                step(
                    "数分待つ",
                    "そのあと、もう一度試してください。たいていは自然に解消します。",
                ),
                self.tell_support(),
            ],
            ConnectProblem::ProviderError => vec![
                again("自然に解消するエラーもあります。"),
                self.tell_support(),
            ],
            ConnectProblem::OtherAccount => vec![
                step(
                    format!("{provider} からサインアウトする"),
                    "そうしないと、確認なしに同じアカウントが使われます。",
                ),
                again("以前に接続したアカウントでサインインしてください。"),
                step(
                    "アカウントを切り替えますか？",
                    "新しいほうでもう一度試すと、古いほうをどうするか選べます。",
                ),
            ],
            ConnectProblem::AccountAlreadyConnected => vec![
                step(
                    "ご自分のアカウントを使う",
                    format!("先に {provider} からサインアウトし、もう一度試してください。"),
                ),
                step(
                    "ご自分のアカウントですか？",
                    format!(
                        "接続した本人が {application} で解除できます。誰が接続したかは {support} で調べられます。"
                    ),
                ),
            ],
            ConnectProblem::ProviderRemoved => vec![self.tell_support()],
            ConnectProblem::Internal => vec![
                again("すでに解消しているかもしれません。"),
                self.tell_support(),
            ],
        }
    }

    fn wire(&self) -> String {
        format!(
            "{} と {} をつなぐ線を引けませんでした",
            self.application, self.provider
        )
    }

    fn message_for_admin(&self) -> String {
        format!(
            "{provider} を {} に接続したいのですが、{provider} で承認が許可されませんでした。次のように案内されています。\
             {} ご対応をお願いします。",
            self.application,
            self.who_may_approve(),
            provider = self.provider,
        )
    }

    fn go_back_yourself(&self, problem: ConnectProblem) -> String {
        let application = self.application;
        match problem {
            ConnectProblem::UnknownLink
            | ConnectProblem::LinkExpired
            | ConnectProblem::LinkUsed
            | ConnectProblem::LinkStopped => format!(
                "このページを閉じて {application} に戻り、新しいリンクを発行してもらってください。"
            ),
            _ => format!("このページを閉じて {application} に戻れます。"),
        }
    }

    fn who_may_approve(&self) -> String {
        self.who_may_approve.map_or_else(
            || {
                format!(
                    "{} を管理している人が許可するか、代わりに接続できます。",
                    self.provider
                )
            },
            str::to_owned,
        )
    }

    fn ask_for_a_new_link(&self) -> Step {
        step(
            "新しいリンクを発行してもらう",
            format!(
                "{} に戻って、もう一度始めてください。そのたびに新しいリンクが作られます。",
                self.application
            ),
        )
    }

    fn tell_support(&self) -> Step {
        let how = if self.has_code {
            "下のサポートコードを伝えてください。"
        } else {
            "ここに表示された内容と、その時刻を伝えてください。"
        };
        step(format!("{} に連絡する", self.support), how)
    }
}
