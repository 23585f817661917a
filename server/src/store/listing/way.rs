//! The ways in which a list is read, as SQL: by the few candidates of one thing, or by a walk in its order.

use super::cursor::Cursor;
use crate::domain::ApplicationId;
use crate::store::db::Statement;
use crate::store::narrowing::Narrowing;
use std::collections::BTreeSet;

/// So many rows are looked at one by one without anybody noticing.
pub(super) const FEW: i64 = 2000;

/// One thing that a list is narrowed to, and how many candidates an index knows of. `None` where no index
/// says, and where they are more than [`FEW`], or not much fewer than those of one before it.
#[derive(Clone)]
pub(super) struct Probed {
    pub(super) narrowing: Narrowing,
    pub(super) few: Option<i64>,
}

/// How a list is read.
pub(super) enum Way<'a> {
    /// All that have this one thing are looked at for the others.
    Candidates(&'a Narrowing),
    /// [`FEW`] of those that have it.
    Some(&'a Narrowing),
    /// The list is walked in its order: on the index of this one thing, or on its own.
    Walk(Option<&'a Narrowing>),
}

impl<'a> Way<'a> {
    /// The candidates of the rarest, if they are few.
    pub(super) fn of(narrowings: &'a [Probed]) -> Self {
        let known = narrowings
            .iter()
            .filter_map(|one| Some((one.few?, &one.narrowing)));
        let rarest = known.min_by_key(|(few, _)| *few);
        rarest.map_or_else(
            || {
                let mut all = narrowings.iter().map(|one| &one.narrowing);
                Self::Walk(all.find(|one| one.has_order()))
            },
            |(_, one)| Self::Candidates(one),
        )
    }

    /// `statement` selects from connections; appended is which of them.
    pub(super) fn narrow(
        &self,
        statement: Statement,
        application: &ApplicationId,
        narrowings: &[Probed],
    ) -> Statement {
        let (statement, leader) = self.led(statement, application, narrowings);
        looked_at(statement, leader, narrowings)
    }

    fn is_led_by(&self, one: &Narrowing) -> bool {
        let (Self::Walk(Some(leader)) | Self::Candidates(leader) | Self::Some(leader)) = self
        else {
            return false;
        };
        std::ptr::eq(*leader, one)
    }

    /// The same as far as an index answers it, and what of it is done with that.
    fn led(
        &self,
        statement: Statement,
        application: &ApplicationId,
        narrowings: &[Probed],
    ) -> (Statement, Option<&'a Narrowing>) {
        let all = of_application(statement.clone(), application);
        match *self {
            Self::Walk(leader) => {
                let walked = leader.into_iter().fold(all, |all, one| one.indexed(all));
                let all_of_it = narrowings.iter().map(|one| &one.narrowing);
                let bounds = all_of_it.filter(|one| one.is_bound());
                let walked = bounds.fold(walked, |walked, one| one.indexed(walked));
                (walked, leader)
            }
            Self::Candidates(one) if one.has_order() => (one.indexed(all), Some(one)),
            Self::Candidates(one) => {
                match one.candidates(statement.and(" WHERE id IN ("), application) {
                    Some(candidates) => (candidates.and(")"), one.is_exact().then_some(one)),
                    None => (all, None),
                }
            }
            Self::Some(one) => {
                let within = statement.and(" WHERE id IN (SELECT id FROM (");
                match one.candidates(within, application) {
                    Some(candidates) => {
                        let some = candidates.and_bind(" LIMIT ?) AS candidates)", FEW);
                        (some, one.is_exact().then_some(one))
                    }
                    None => (all, None),
                }
            }
        }
    }

    /// The first [`FEW`] rows of the list from `cursor` on, with what they are looked at for.
    pub(super) fn stretch(
        &self,
        statement: Statement,
        application: &ApplicationId,
        narrowings: &[Probed],
        cursor: Option<&Cursor>,
    ) -> (Statement, Option<&'a Narrowing>) {
        let columns: BTreeSet<_> = narrowings
            .iter()
            .map(|one| &one.narrowing)
            .filter(|one| !self.is_led_by(one))
            .flat_map(Narrowing::columns)
            .collect();
        let within = columns
            .into_iter()
            .fold(statement.and(" FROM (SELECT id"), |within, column| {
                within.and(", ").and(column)
            });
        let (rows, leader) = self.led(within.and(" FROM connections"), application, narrowings);
        let rows = in_order(rows, cursor).and_bind(" LIMIT ?", FEW);
        (rows.and(") AS connections"), leader)
    }
}

/// Appends all but `leader` as conditions of each row.
pub(super) fn looked_at(
    statement: Statement,
    leader: Option<&Narrowing>,
    narrowings: &[Probed],
) -> Statement {
    narrowings
        .iter()
        .map(|one| &one.narrowing)
        .filter(|one| !leader.is_some_and(|leader| std::ptr::eq(leader, *one)))
        .fold(statement, |statement, one| one.looked_at(statement))
}

/// Appends where a page begins, and in which order it is read.
pub(super) fn in_order(statement: Statement, cursor: Option<&Cursor>) -> Statement {
    let beyond = match cursor {
        Some(cursor) if cursor.backwards => " AND (created_at, id) > (?, ",
        _ => " AND (created_at, id) < (?, ",
    };
    let statement = match cursor {
        Some(Cursor { created_at, id, .. }) => statement
            .and_bind(beyond, *created_at)
            .and_bind("?)", id.as_str()),
        None => statement,
    };
    statement.and(order(cursor))
}

pub(super) fn order(cursor: Option<&Cursor>) -> &'static str {
    match cursor {
        Some(cursor) if cursor.backwards => " ORDER BY created_at, id",
        _ => " ORDER BY created_at DESC, id DESC",
    }
}

fn of_application(statement: Statement, application: &ApplicationId) -> Statement {
    statement.and_bind(" WHERE application_id = ?", application.as_str())
}
