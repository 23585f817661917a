//! A QR code, drawn by us: black on white on either paper, because cameras want it so.

use leptos::prelude::*;
use std::fmt::Write;

/// ISO/IEC 18004 section 9.1: four modules stay empty around it.
const QUIET: usize = 4;

/// Draws the dark squares of `picture`, row by row.
#[component]
pub(crate) fn QrCode(picture: Vec<Vec<bool>>, label: &'static str) -> impl IntoView {
    let side = picture.len() + 2 * QUIET;
    view! {
        <svg viewBox=format!("0 0 {side} {side}") width="208" height="208" role="img" aria-label=label shape-rendering="crispEdges">
            <rect width=side.to_string() height=side.to_string() fill="#fff"></rect>
            <path d=dark_squares(&picture) fill="#000"></path>
        </svg>
    }
    .into_any()
}

fn dark_squares(picture: &[Vec<bool>]) -> String {
    let mut path = String::new();
    for (y, row) in picture.iter().enumerate() {
        for (x, _) in row.iter().enumerate().filter(|(_, dark)| **dark) {
            // writing to a String cannot fail
            let _ = write!(path, "M{} {}h1v1h-1z", x + QUIET, y + QUIET);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::dark_squares;

    #[test]
    fn each_dark_square_is_drawn_inside_of_the_quiet_zone() {
        let picture = [vec![true, false], vec![false, true]];
        assert_eq!(dark_squares(&picture), "M4 4h1v1h-1zM5 5h1v1h-1z");
    }
}
