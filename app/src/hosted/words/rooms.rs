//! Which sentences a language has to have, room by room.

use crate::wire::{
    ConnectProblem, ConnectedAccount, ConnectionState, DoneView, ForWhom, Grants, Language, Millis,
    ProblemView, ScopeWords,
};
use crate::words::time::{self, Age};

/// All rooms of one language.
#[derive(Clone, Copy)]
pub(in crate::hosted) struct Words {
    /// Which language it is.
    pub(in crate::hosted) language: Language,
    /// What stands on every page.
    pub(in crate::hosted) frame: &'static dyn FrameWords,
    /// The page that asks.
    pub(in crate::hosted) ask: &'static dyn AskWords,
    /// The page that says: it is connected.
    pub(in crate::hosted) done: &'static dyn DoneWords,
    /// The page that says why it is not.
    pub(in crate::hosted) problem: &'static dyn ProblemWords,
    /// The page on which a person chooses between two accounts.
    pub(in crate::hosted) choose: &'static dyn ChooseWords,
    /// The page on which the backend is waited for.
    pub(in crate::hosted) waiting: &'static dyn WaitingWords,
    /// "My connected accounts".
    pub(in crate::hosted) accounts: &'static dyn AccountsWords,
    /// Days and moments.
    pub(in crate::hosted) time: &'static dyn TimeWords,
}

impl Words {
    pub(super) fn new<L>(language: Language, rooms: &'static L) -> Self
    where
        L: FrameWords
            + AskWords
            + DoneWords
            + ProblemWords
            + ChooseWords
            + WaitingWords
            + AccountsWords
            + TimeWords,
    {
        Self {
            language,
            frame: rooms,
            ask: rooms,
            done: rooms,
            problem: rooms,
            choose: rooms,
            waiting: rooms,
            accounts: rooms,
            time: rooms,
        }
    }
}

/// Words that stand on every hosted page.
pub(in crate::hosted) trait FrameWords: Sync {
    /// The link that jumps over nothing but reaches the card.
    fn skip(&self) -> &'static str;
    /// Before the end user's name, with what stands between.
    fn before_name(&self) -> &'static str;
    /// The last line of every page.
    fn kept_by(&self, organization: Option<&str>) -> String;
    /// "CRM Sync by Acme".
    fn by(&self, application: &str, organization: &str) -> String;
    /// The button that leaves for the application.
    fn back_to(&self, application: &str) -> String;
    /// Where no address leads back.
    fn close_this_page(&self, application: &str) -> String;
    /// What stands below the end user's name: e-mail, team, or both.
    fn below_name(&self, for_whom: &ForWhom) -> Option<String>;
    /// Over the warning that a provider keeps few grants.
    fn grants_heading(&self, short_name: &str) -> String;
    /// How many it keeps, and what the next one does.
    fn grants(&self, short_name: &str, grants: Grants) -> String;
}

/// What is asked: a new connection or an old one again, for a person or a team.
#[derive(Clone, Copy)]
pub(in crate::hosted) struct Asked {
    pub(in crate::hosted) reconnect: bool,
    pub(in crate::hosted) team: bool,
}

/// The words of the page that asks.
pub(in crate::hosted) trait AskWords: Sync {
    /// The document's title, for one provider.
    fn title(&self, asked: Asked, application: &str, provider: &str) -> String;
    /// The title of a page whose form was refused.
    fn title_refused(&self, title: &str) -> String;
    /// The title for several providers.
    fn title_several(&self, application: &str) -> String;
    /// Who asks for what.
    fn heading(&self, asked: Asked, application: &str, provider: &str) -> String;
    /// The same for `count` providers, two or more.
    fn heading_several(&self, asked: Asked, application: &str, count: usize) -> String;
    /// How several are connected.
    fn lead_several(&self) -> &'static str;
    /// Nothing is left to be connected.
    fn heading_nothing_left(&self) -> &'static str;
    /// What that means.
    fn lead_nothing_left(&self, application: &str) -> String;
    /// The drawing in words.
    fn wire(&self, asked: Asked, application: &str, provider: &str) -> String;
    /// Whose the application is.
    fn made_by(&self, application: &str, organization: &str) -> String;
    /// Over the list of what the application may do.
    fn may(&self, application: &str) -> String;
    /// Where the definition names no scope: the provider itself shows what it lets in.
    fn may_unlisted(&self, short_name: &str) -> String;
    /// Over what it may not do.
    fn may_not(&self) -> &'static str;
    /// True of every provider.
    fn may_never(&self) -> &'static str;
    /// Over both lists, where they are folded.
    fn details(&self, application: &str) -> String;
    /// Over what is needed at the provider.
    fn needs(&self, short_name: &str) -> String;
    /// Over the advice for a team.
    fn team_heading(&self) -> &'static str;
    /// Whose account everyone will be working as.
    fn team_advice(&self, application: &str, team: &str) -> String;
    /// The button that starts.
    fn button(&self, asked: Asked, provider: &str) -> String;
    /// What follows the button.
    fn next(&self, sign_in_host: &str) -> String;
    /// For whoever was sent a link that is not theirs.
    fn not_you(&self, for_whom: &ForWhom) -> String;
    /// The button below that.
    fn stop(&self) -> &'static str;
    /// Over what needs nothing more.
    fn connected_already(&self) -> &'static str;
    /// The state of each of those.
    fn connected(&self) -> &'static str;
    /// The link to the accounts page.
    fn my_accounts(&self) -> &'static str;
    /// How long the page works.
    fn time_left(&self, minutes: u32) -> String;
    /// The choice of a free text, where the definition has no name for it.
    fn other_address(&self) -> &'static str;
    /// The label of that text.
    fn other_address_label(&self, endings: &[String]) -> String;
    /// What was chosen or entered is none of the provider's.
    fn refused_choice(&self, short_name: &str, endings: &[String]) -> String;
    /// A pasted ID or secret cannot be one.
    fn refused_credential(&self, short_name: &str) -> String;
    /// What was entered leads nowhere.
    fn refused_text(&self, short_name: &str) -> String;
}

/// The words of the page that says: it is connected.
pub(in crate::hosted) trait DoneWords: Sync {
    /// Before the account.
    fn account(&self) -> &'static str;
    /// Before the person.
    fn whose(&self) -> &'static str;
    /// Before what was allowed.
    fn allowed_heading(&self) -> &'static str;
    /// Over what was not allowed.
    fn missing(&self) -> &'static str;
    /// What is connected.
    fn heading(&self, provider: &str) -> String;
    /// The drawing in words.
    fn wire(&self, application: &str, provider: &str) -> String;
    /// What can be done now, and what is left.
    fn lead(&self, view: &DoneView) -> String;
    /// The person, and the team if it is a team's.
    fn for_whom(&self, view: &DoneView) -> String;
    /// What was granted, which is `all` that was asked or a part of it.
    fn allowed(&self, granted: &[ScopeWords], all: bool) -> String;
    /// The account was connected before.
    fn known(&self) -> &'static str;
    /// What follows from what is missing.
    fn missing_means(&self, application: &str, provider: &str) -> String;
    /// The button that goes on with `left` accounts, one or more.
    fn connect_the_others(&self, left: u32) -> String;
    /// The sentence round the link to the accounts page: before it, the link, after it.
    fn see_later(&self) -> (&'static str, &'static str, &'static str);
}

/// The names that stand in the sentences about a problem, as far as they are known.
#[derive(Clone, Copy)]
pub(in crate::hosted) struct Names<'a> {
    /// "CRM Sync".
    pub(super) application: Option<&'a str>,
    /// "Acme".
    pub(super) organization: Option<&'a str>,
    /// "Apollo".
    pub(super) provider: Option<&'a str>,
    /// Who may approve at the provider, from its definition.
    pub(super) who_may_approve: Option<&'a str>,
    /// A support code stands on the page.
    pub(super) has_code: bool,
}

impl<'a> From<&'a ProblemView> for Names<'a> {
    fn from(view: &'a ProblemView) -> Self {
        let host = view.host.as_ref();
        let long_name = view.provider.as_ref().map(|mark| mark.name.as_str());
        Self {
            application: host.map(|host| host.application.as_str()),
            organization: host.map(|host| host.organization.as_str()),
            provider: view.short_name.as_deref().or(long_name),
            who_may_approve: view.who_may_approve.as_deref(),
            has_code: view.support_code.is_some(),
        }
    }
}

/// One thing that helps: what to do, and how.
pub(in crate::hosted) struct Step {
    pub(in crate::hosted) title: String,
    pub(in crate::hosted) text: String,
}

pub(super) fn step(title: impl Into<String>, text: impl Into<String>) -> Step {
    Step {
        title: title.into(),
        text: text.into(),
    }
}

/// All that a page says about one problem.
pub(in crate::hosted) struct Told {
    /// What is the case, as short as it can be said.
    pub(in crate::hosted) heading: String,
    /// What it means, and that nothing is lost.
    pub(in crate::hosted) sentence: String,
    /// What helps, the most likely first: one to three things.
    pub(in crate::hosted) steps: Vec<Step>,
    /// The drawing in words.
    pub(in crate::hosted) wire: String,
    /// Over what the provider said.
    pub(in crate::hosted) provider_said: String,
    /// A message that the person can send to whoever may approve.
    pub(in crate::hosted) message_for_admin: String,
    /// Below the card.
    pub(in crate::hosted) about_the_code: String,
    /// Where there is no button: what to do instead.
    pub(in crate::hosted) go_back_yourself: String,
}

/// The words of every way in which connecting can go wrong.
pub(in crate::hosted) trait ProblemWords: Sync {
    /// What is said about this problem.
    fn told(&self, names: Names<'_>, problem: ConnectProblem) -> Told;
    /// Over the steps.
    fn what_helps(&self) -> &'static str;
    /// The button that starts again.
    fn try_again(&self) -> &'static str;
    /// Over the message for an admin, which is folded.
    fn message_heading(&self) -> &'static str;
    /// Before the code.
    fn support_code(&self) -> &'static str;
}

/// The words of the page on which a person chooses between two accounts.
pub(in crate::hosted) trait ChooseWords: Sync {
    /// What is the case.
    fn heading(&self, short_name: &str) -> String;
    /// Which account came, and which one works meanwhile.
    fn lead(&self, application: &str, before: Option<&str>, now: Option<&str>) -> String;
    /// Over the choices.
    fn question(&self, application: &str) -> String;
    /// The account that it was.
    fn same(&self) -> &'static str;
    /// What that takes.
    fn same_means(&self, short_name: &str) -> String;
    /// The new one in its place.
    fn replace(&self) -> &'static str;
    /// What that does.
    fn replace_means(&self, application: &str) -> String;
    /// One beside the other.
    fn both(&self) -> &'static str;
    /// What that does.
    fn both_means(&self) -> &'static str;
    /// The same, where the new one is connected already.
    fn both_known(&self) -> &'static str;
    /// How long there is a choice.
    fn time_left(&self, minutes: u32) -> String;
}

/// The words of the page on which the backend is waited for.
pub(in crate::hosted) trait WaitingWords: Sync {
    /// What is done.
    fn heading(&self, provider: &str) -> String;
    /// What is left.
    fn lead(&self, application: &str) -> String;
}

/// The words of "My connected accounts".
pub(in crate::hosted) trait AccountsWords: Sync {
    /// What the page is.
    fn heading(&self) -> &'static str;
    /// Before the day on which an account was connected, with what stands between.
    fn connected(&self) -> &'static str;
    /// Between that day and the moment of the last use.
    fn last_used(&self) -> &'static str;
    /// After that day, where there was none.
    fn never_used(&self) -> &'static str;
    /// The button that renews.
    fn reconnect(&self) -> &'static str;
    /// What opens the question whether to disconnect.
    fn disconnect(&self) -> &'static str;
    /// The rest of a button's name, for those who do not see which account it belongs to.
    fn of_provider(&self, provider: &str) -> String;
    /// Who the reader is: name, e-mail and team, as far as they are known.
    fn who(&self, for_whom: &ForWhom) -> String {
        [
            Some(&for_whom.name),
            for_whom.email.as_ref(),
            for_whom.team.as_ref(),
        ]
        .into_iter()
        .flatten()
        .cloned()
        .collect::<Vec<_>>()
        .join(", ")
    }
    /// Nothing is connected.
    fn empty(&self, application: &str) -> String;
    /// The state in a word or two.
    fn state(&self, state: ConnectionState) -> &'static str;
    /// What a state means for the person, where the word alone does not say it.
    fn meaning(&self, state: ConnectionState, application: &str, provider: &str) -> Option<String>;
    /// What disconnecting will do, here and at the provider.
    fn disconnect_means(&self, application: &str, account: &ConnectedAccount) -> String;
    /// The button that does it.
    fn disconnect_now(&self, provider: &str) -> String;
}

/// Days and moments. Pages are made on the server, which does not know the reader's time zone, so
/// every absolute time says UTC.
pub(in crate::hosted) trait TimeWords: Sync {
    /// The day.
    fn date(&self, at: Millis) -> String;
    /// The day and the minute, UTC.
    fn moment(&self, at: Millis) -> String {
        format!("{}, {} UTC", self.date(at), time::clock(at))
    }
    /// Less than a minute ago.
    fn just_now(&self) -> &'static str;
    /// So many minutes ago, below 60.
    fn minutes_ago(&self, minutes: i64) -> String;
    /// So many hours ago, below 24.
    fn hours_ago(&self, hours: i64) -> String;
    /// How long ago; the moment itself when it is a day or more ago, or to come.
    fn ago(&self, at: Millis, now: Millis) -> String {
        match Age::of(at, now) {
            Age::JustNow => self.just_now().to_owned(),
            Age::Minutes(minutes) => self.minutes_ago(minutes),
            Age::Hours(hours) => self.hours_ago(hours),
            Age::Other => self.moment(at),
        }
    }
}

/// The name of a month, 1 to 12, of these twelve.
pub(super) fn month<'a>(names: &[&'a str; 12], month: i64) -> &'a str {
    usize::try_from(month - 1)
        .ok()
        .and_then(|place| names.get(place))
        .copied()
        .unwrap_or_default()
}
