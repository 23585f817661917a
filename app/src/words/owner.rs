//! The owner of a connection in words.

use crate::wire::OwnerView;

/// The shortest name we have: "Dana Whitfield", else the e-mail, else the application's id.
#[must_use]
pub fn name(owner: &OwnerView) -> &str {
    match owner {
        OwnerView::Personal { id, name, email } => {
            name.as_deref().or(email.as_deref()).unwrap_or(id)
        }
        OwnerView::Team { id, .. } => id,
    }
}

/// The application's own id for the owner.
#[must_use]
pub fn id(owner: &OwnerView) -> &str {
    match owner {
        OwnerView::Personal { id, .. } | OwnerView::Team { id, .. } => id,
    }
}

/// "Personal" or "Team".
#[must_use]
pub fn kind(owner: &OwnerView) -> &'static str {
    match owner {
        OwnerView::Personal { .. } => "Personal",
        OwnerView::Team { .. } => "Team",
    }
}

/// Who can approve again: the person, or whoever connected it for the team.
#[must_use]
pub fn who_can_approve(owner: &OwnerView) -> String {
    match owner {
        OwnerView::Personal { .. } => format!("The user, {}", name(owner)),
        OwnerView::Team {
            id,
            in_care_of: Some(person),
            ..
        } => format!("{person}, who has it in care for team {id}"),
        OwnerView::Team {
            id,
            connected_by: Some(person),
            ..
        } => format!("Someone of team {id}; {person} connected it"),
        OwnerView::Team { id, .. } => format!("Someone of team {id}"),
    }
}

/// Who gets the link to reconnect.
#[must_use]
pub fn reconnects(owner: &OwnerView) -> &str {
    match owner {
        OwnerView::Team {
            in_care_of: Some(person),
            ..
        } => person,
        _ => name(owner),
    }
}

/// Whose account a team's connection acts as, and who reconnects it.
#[must_use]
pub fn acts_as(owner: &OwnerView, provider: &str) -> String {
    let OwnerView::Team {
        connected_by,
        in_care_of,
        ..
    } = owner
    else {
        return String::new();
    };
    let by = connected_by.as_deref().unwrap_or("Someone of the team");
    match in_care_of {
        Some(person) => format!(
            "{by} connected it and {person} has it in care. {provider} still acts as the account that {by} approved, until {person} reconnects with the link."
        ),
        None => format!(
            "{by} connected it, so {provider} acts as the account that {by} approved for everybody of the team."
        ),
    }
}

/// Seed 002: what lasts when people leave.
pub const ADVICE: &str = "An integration user of the team’s own lasts longest: an account that belongs to nobody, with the access that the team needs and no more.";
