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
            connected_by: Some(person),
        } => format!("Someone of team {id}; {person} connected it"),
        OwnerView::Team { id, .. } => format!("Someone of team {id}"),
    }
}
