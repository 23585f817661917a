//! The islands: the only parts of a page that run in the browser.
//!
//! Pages carry everything without script; these two add to it. Their props are labels, numbers and
//! ids of elements, never data, because props are written into the page (nothing secret may be).

pub mod copy_button;
pub mod scope_filter;
