//! The islands: the only parts of a page that run in the browser.
//!
//! Pages carry everything without script; these two add to it. Their props are labels, numbers and
//! ids of elements, never data, because props are written into the page (nothing secret may be).

mod copy_button;
mod scope_filter;

pub use copy_button::CopyButton;
pub use scope_filter::ScopeFilter;
