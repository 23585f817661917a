//! Ends, from the button to the provider: receipts, undo, many at once, emergency stops.

mod portal;
mod telling;
