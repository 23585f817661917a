//! The words of the practice provider.

use crate::wire::{PracticeDeed, PracticeDeskView};

pub(in crate::hosted) const NAME: &str = "Practice provider";

pub(in crate::hosted) const INITIALS: &str = "Pr";

pub(in crate::hosted) const ABOUT: &str = "This is not Grantport but a made-up provider, to try things out. No real account, no real data.";

pub(in crate::hosted) fn consent_title(client: &str) -> String {
    format!("Allow {client} · {NAME}")
}

pub(in crate::hosted) fn consent_heading(client: &str) -> String {
    format!("{client} wants to use your {NAME} account")
}

pub(in crate::hosted) fn wants(client: &str) -> String {
    format!("{client} wants to")
}

pub(in crate::hosted) const WANTS_NOTHING: &str = "Know who you are";

pub(in crate::hosted) const SIGN_IN_AS: &str = "Sign in as";

pub(in crate::hosted) const APPROVE: &str = "Approve";

pub(in crate::hosted) const DENY: &str = "Deny";

pub(in crate::hosted) fn next(host: &str) -> String {
    format!("Either way you go back to {host}.")
}

pub(in crate::hosted) const DESK_TITLE: &str = "Practice provider: the desk";

pub(in crate::hosted) const DESK_HEADING: &str = "Make the practice provider misbehave";

pub(in crate::hosted) const DESK_LEAD: &str =
    "See what your connections do when a provider fails. Nothing here touches a real provider.";

pub(in crate::hosted) const OUTAGE: &str = "Outage";

pub(in crate::hosted) fn outage_state(on: bool) -> &'static str {
    if on { "Down" } else { "Up" }
}

pub(in crate::hosted) fn outage_means(on: bool) -> &'static str {
    if on {
        "It answers every call with 503. Connections become degraded and recover when this ends; none is lost."
    } else {
        "It answers as it should. While it is down, valid tokens are still handed out and refreshes are tried again."
    }
}

pub(in crate::hosted) fn outage_button(on: bool) -> &'static str {
    if on {
        "End the outage"
    } else {
        "Begin an outage"
    }
}

pub(in crate::hosted) const TOKEN_LIFE: &str = "Access tokens";

pub(in crate::hosted) const TOKEN_LIFE_LABEL: &str = "How long a new access token lives";

pub(in crate::hosted) fn token_life(seconds: u32) -> String {
    match (seconds, seconds % 3_600, seconds % 60) {
        (3_600, ..) => "1 hour".to_owned(),
        (1.., 0, _) => format!("{} hours", seconds / 3_600),
        (60, ..) => "1 minute".to_owned(),
        (1.., _, 0) => format!("{} minutes", seconds / 60),
        _ => format!("{seconds} seconds"),
    }
}

pub(in crate::hosted) const SAVE: &str = "Save";

pub(in crate::hosted) const GRANTS: &str = "Grants";

pub(in crate::hosted) fn grants_mean(grants: u64) -> String {
    match grants {
        0 => "No grant was used since the server started. Older ones can be revoked all the same."
            .to_owned(),
        1 => {
            "1 grant is alive. Once it is revoked, its connection needs a person to approve again."
                .to_owned()
        }
        more => format!(
            "{more} grants are alive. Once they are revoked, each connection needs a person to approve again."
        ),
    }
}

pub(in crate::hosted) const REVOKE_ALL: &str = "Revoke all grants";

pub(in crate::hosted) const BACK: &str = "Back to Grantport";

pub(in crate::hosted) fn just_done(deed: PracticeDeed, view: &PracticeDeskView) -> String {
    match deed {
        PracticeDeed::OutageBegan => "The outage has begun.".to_owned(),
        PracticeDeed::OutageEnded => "The outage has ended.".to_owned(),
        PracticeDeed::TokenLifeSet => format!(
            "Access tokens made from now on live for {}.",
            token_life(view.token_life_s)
        ),
        PracticeDeed::AllRevoked { grants: 1 } => "1 grant was revoked.".to_owned(),
        PracticeDeed::AllRevoked { grants } => format!("{grants} grants were revoked."),
    }
}

pub(in crate::hosted) const PROBLEM_HEADING: &str = "The practice provider cannot do this";
