//! The wasm entry: wakes the islands of a page that the server rendered.
//!
//! A page arrives as finished HTML and works as it is. Leptos's loader then calls [`hydrate`] once
//! and looks for `<leptos-island>` elements; each names an export of this module, which the
//! `#[island]` functions of [`app`] bring in. Nothing else belongs here: whatever this crate links
//! is sent to every browser.

use wasm_bindgen::prelude::wasm_bindgen;

// Named so that the linker keeps the islands, which only the page's markup calls.
use app as _;

/// Prepares the page's islands; a panic in one is told in the browser's console.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_islands();
}
