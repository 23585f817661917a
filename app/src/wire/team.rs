//! Members of the organization, invitations, and second factors.

use super::{Millis, Role, Task};
use serde::{Deserialize, Serialize};

/// `/members`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MembersView {
    /// Name of the organization.
    pub organization: String,
    /// Everybody, by name.
    pub members: Vec<MemberSummary>,
    /// Invitations that nobody has followed, the newest first.
    pub invitations: Vec<InvitationSummary>,
    /// The link that was just made, once.
    pub made: Option<NewInvitationLink>,
    /// A mail server is set up: a new link is mailed, too.
    pub mails: bool,
    /// The roles that this member may give to others; empty where they change nothing here.
    pub gives: Vec<Role>,
    /// What the organization asks of everybody.
    pub rules: HouseRules,
    /// The member who is looking may change them.
    pub sets_rules: bool,
    /// Who may do what.
    pub tasks: Vec<TaskRow>,
}

/// What an organization asks of its members, and hides from them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HouseRules {
    /// Owners and admins do nothing here before they have a second factor (R42).
    pub second_factor_required: bool,
    /// Lists shorten names, e-mail addresses and account labels (R47).
    pub personal_data_masked: bool,
}

/// A member in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberSummary {
    /// Id.
    pub id: String,
    /// Name.
    pub name: String,
    /// E-mail.
    pub email: String,
    /// Role.
    pub role: Role,
    /// A second factor is asked for at sign-in.
    pub second_factor: bool,
    /// Last request, to the minute.
    pub last_seen_at: Option<Millis>,
    /// May not sign in since.
    pub disabled_at: Option<Millis>,
    /// The member who is looking.
    pub is_you: bool,
    /// The member who is looking may change this one.
    pub changeable: bool,
}

/// `/members/{id}`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MemberView {
    /// Who.
    pub member: MemberSummary,
    /// The roles that this member may give to others.
    pub gives: Vec<Role>,
}

/// What is done about a member, beside their role.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MemberDeed {
    /// No sign-in any more.
    Disable,
    /// Sign-in again.
    Enable,
    /// All sessions end.
    EndSessions,
    /// The second factor is taken away.
    ResetSecondFactor,
}

impl MemberDeed {
    const ALL: [Self; 4] = [
        Self::Disable,
        Self::Enable,
        Self::EndSessions,
        Self::ResetSecondFactor,
    ];

    /// The word in the form.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "disable",
            Self::Enable => "enable",
            Self::EndSessions => "end_sessions",
            Self::ResetSecondFactor => "reset_second_factor",
        }
    }
}

impl std::str::FromStr for MemberDeed {
    type Err = ();

    fn from_str(word: &str) -> Result<Self, ()> {
        let mut all = Self::ALL.into_iter();
        all.find(|deed| deed.as_str() == word).ok_or(())
    }
}

/// An open invitation in the list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationSummary {
    /// Id.
    pub id: String,
    /// For whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// Who invites.
    pub invited_by: String,
    /// What became of the mail.
    pub mail: MailState,
    /// The link works until.
    pub ends_at: Millis,
    /// It does not work any more.
    pub ended: bool,
    /// The member who is looking may revoke it and make a new link.
    pub changeable: bool,
}

/// What became of the mail with an invitation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum MailState {
    /// No mail server is set up.
    NoServer,
    /// On its way.
    Sending,
    /// The mail server took it.
    Sent,
    /// It did not leave.
    NotSent,
}

/// The link of a new invitation: shown once, to whoever made it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NewInvitationLink {
    /// For whom.
    pub email: String,
    /// The link.
    pub link: String,
    /// It works until.
    pub ends_at: Millis,
}

/// A task, and the roles that may do it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaskRow {
    /// The task.
    pub task: Task,
    /// Who may.
    pub roles: Vec<Role>,
    /// It asks for a sign-in of the last ten minutes.
    pub confirmed: bool,
}

/// `/invitations/{token}`: what it says, before anyone has accepted it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InvitationView {
    /// Into which organization.
    pub organization: String,
    /// Who invites.
    pub invited_by: String,
    /// For whom.
    pub email: String,
    /// As what.
    pub role: Role,
    /// It works until.
    pub ends_at: Millis,
}

/// Where a sign-in stands after the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SignInStep {
    /// It is done.
    SignedIn,
    /// The second factor is still to come.
    FactorNeeded,
}

/// `/account/confirm`: what the member is asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfirmView {
    /// E-mail, for password managers.
    pub email: String,
    /// A code of the second factor, too.
    pub asks_for_code: bool,
}

/// Whether a second factor is asked for at sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FactorState {
    /// No.
    Off,
    /// Yes.
    On {
        /// Since.
        since: Millis,
        /// Recovery codes that were not used.
        codes_left: u64,
    },
}

/// `/account/second-factor`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecondFactorView {
    /// E-mail, for password managers.
    pub email: String,
    /// Whether there is one.
    pub state: FactorState,
    /// The organization asks this member for one.
    pub required: bool,
    /// It was begun, and waits for its first code.
    pub enrolment: Option<EnrolmentView>,
    /// Recovery codes that were just made: shown once.
    pub codes: Option<Vec<String>>,
}

/// What an authenticator app needs: shown until its first code was right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnrolmentView {
    /// To be typed, in groups of four.
    pub secret: String,
    /// To be scanned: the dark squares, row by row.
    pub picture: Vec<Vec<bool>>,
}
