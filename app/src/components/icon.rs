//! The line drawings: sixteen units square, one stroke, the colour of the text around them.
//!
//! An icon never carries meaning alone; a word stands beside it. So every one is hidden from
//! screen readers, and a button that shows only an icon must have an `aria-label` of its own.

use leptos::prelude::*;

/// Everything we draw with a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// Applications: four squares.
    Applications,
    /// More below: a chevron.
    Chevron,
    /// Right, granted, allowed.
    Tick,
    /// Wrong, not allowed.
    Cross,
    /// Search: a lens.
    Search,
    /// Opens the navigation: three bars.
    Menu,
    /// Leads out of here: an arrow leaving a box. Also "Sign out".
    Leave,
    /// Audit: a list.
    Audit,
    /// One person.
    Person,
    /// Several people; a team.
    People,
    /// A provider: a plug.
    Provider,
    /// Overview: columns of a chart.
    Overview,
    /// Webhooks: lines that go out and come back.
    Webhook,
    /// Settings: two sliders.
    Settings,
    /// API keys.
    Key,
    /// Connections: two ends and a line.
    Connection,
    /// Copy: two sheets.
    Copy,
    /// For your information.
    Info,
    /// Add.
    Plus,
    /// Locked; cannot be changed here.
    Lock,
    /// A document or file.
    File,
    /// A warning: a triangle.
    Warning,
    /// Begin again; undo.
    Again,
    /// A proof: right.
    Right,
    /// A proof: wrong.
    Wrong,
    /// A proof: could not tell.
    Unsure,
    /// A proof: not tried yet.
    Untried,
}

impl Icon {
    /// The inside of the drawing. Our own text, never anyone's input.
    fn strokes(self) -> &'static str {
        match self {
            Self::Applications => {
                r#"<rect x="2.2" y="2.2" width="4.8" height="4.8" rx="1"/><rect x="9" y="2.2" width="4.8" height="4.8" rx="1"/><rect x="2.2" y="9" width="4.8" height="4.8" rx="1"/><rect x="9" y="9" width="4.8" height="4.8" rx="1"/>"#
            }
            Self::Chevron => r#"<path d="m5 6.5 3 3 3-3"/>"#,
            Self::Tick => r#"<path d="m3 8.5 3.3 3.3L13 4.5"/>"#,
            Self::Cross => r#"<path d="m4 4 8 8m0-8-8 8"/>"#,
            Self::Search => r#"<circle cx="7" cy="7" r="4.5"/><path d="m10.5 10.5 3.5 3.5"/>"#,
            Self::Menu => r#"<path d="M2 4.5h12M2 8h12M2 11.5h12"/>"#,
            Self::Leave => r#"<path d="M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7m0-4.5L7.5 8.5"/>"#,
            Self::Audit => r#"<path d="M2.5 3.5h1m3 0h7m-11 4.5h1m3 0h7m-11 4.5h1m3 0h7"/>"#,
            Self::Person => {
                r#"<circle cx="8" cy="5" r="2.7"/><path d="M2.8 14c.3-3 2.2-4.6 5.2-4.6s4.9 1.6 5.2 4.6"/>"#
            }
            Self::People => {
                r#"<circle cx="6" cy="5.2" r="2.5"/><path d="M1.5 13.5c.3-2.7 2-4.2 4.5-4.2s4.2 1.5 4.5 4.2M10.5 2.9a2.5 2.5 0 0 1 0 4.7m1.4 2c1.5.6 2.4 1.9 2.6 3.9"/>"#
            }
            Self::Provider => {
                r#"<path d="M5.5 1.8v3m5-3v3M3.5 5h9v2.5a4.5 4.5 0 0 1-9 0zM8 12v2.5"/>"#
            }
            Self::Overview => r#"<path d="M2.5 13.5v-5m3.7 5v-9m3.6 9V7m3.7 6.5v-11"/>"#,
            Self::Webhook => {
                r#"<path d="M2 5.5h7.5a2.5 2.5 0 1 1-2.2 3.7M14 10.5H6.5"/><path d="m4.3 3-2.5 2.5L4.3 8"/>"#
            }
            Self::Settings => {
                r#"<path d="M2 4.5h6m4 0h2M2 11.5h2m4 0h6"/><circle cx="10" cy="4.5" r="1.8"/><circle cx="6" cy="11.5" r="1.8"/>"#
            }
            Self::Key => r#"<circle cx="5" cy="11" r="2.7"/><path d="m7 9 6-6m-2.2 2.2 2 2"/>"#,
            Self::Connection => {
                r#"<circle cx="3.2" cy="8" r="1.7"/><circle cx="12.8" cy="8" r="1.7"/><path d="M5 8h6"/>"#
            }
            Self::Copy => {
                r#"<rect x="5.5" y="5.5" width="8" height="8" rx="1.5"/><path d="M3.5 10.5h-.2a.8.8 0 0 1-.8-.8V3.3c0-.4.4-.8.8-.8h6.4c.4 0 .8.4.8.8v.2"/>"#
            }
            Self::Info => r#"<circle cx="8" cy="8" r="6.3"/><path d="M8 7.3v4m0-6.3v.1"/>"#,
            Self::Plus => r#"<path d="M8 3v10M3 8h10"/>"#,
            Self::Lock => {
                r#"<rect x="3" y="7" width="10" height="6.5" rx="1.5"/><path d="M5.3 7V5a2.7 2.7 0 0 1 5.4 0v2"/>"#
            }
            Self::File => r#"<path d="M9 1.8H4v12.4h8V4.8zM9 1.8v3h3"/>"#,
            Self::Warning => r#"<path d="M8 2 1.5 13.5h13zM8 6.5v3.3m0 1.9v.1"/>"#,
            Self::Again => r#"<path d="M3 3v4h4M3.3 7A5.5 5.5 0 1 1 3 10"/>"#,
            Self::Right => r#"<circle cx="8" cy="8" r="6.3"/><path d="m5.2 8.2 2 2 3.7-4.2"/>"#,
            Self::Wrong => {
                r#"<circle cx="8" cy="8" r="6.3"/><path d="m5.8 5.8 4.4 4.4m0-4.4-4.4 4.4"/>"#
            }
            Self::Unsure => {
                r#"<circle cx="8" cy="8" r="6.3"/><path d="M6.3 6.3C6.4 5.2 7.1 4.6 8 4.6c1 0 1.8.6 1.8 1.6 0 1.4-1.8 1.4-1.8 2.8m0 2.2v.1"/>"#
            }
            Self::Untried => r#"<circle cx="8" cy="8" r="6.3" stroke-dasharray="2.2 2.2"/>"#,
        }
    }
}

/// Draws an icon.
#[component]
pub fn Icon(
    /// Which one.
    icon: Icon,
    /// Pixels, square: 16 unless told, 14 in small print, 18 beside a proof.
    #[prop(default = 16)]
    size: u8,
) -> impl IntoView {
    view! {
        <svg
            width=size
            height=size
            viewBox="0 0 16 16"
            fill="none"
            stroke="currentColor"
            stroke-width="1.5"
            stroke-linecap="round"
            stroke-linejoin="round"
            aria-hidden="true"
            inner_html=icon.strokes()
        ></svg>
    }
}

/// Grantport's own sign: a port, and what is kept in it. The name stands beside it.
#[component]
pub fn BrandSign() -> impl IntoView {
    view! {
        <svg
            width="22"
            height="22"
            viewBox="0 0 22 22"
            fill="none"
            stroke="currentColor"
            stroke-width="2.4"
            stroke-linecap="round"
            aria-hidden="true"
        >
            <path d="M15.8 5.2a7.5 7.5 0 1 0 2.7 5.8H13"></path>
            <circle cx="10.5" cy="11" r="2.3" fill="currentColor" stroke="none"></circle>
        </svg>
    }
}

/// Three bars, of which `lit` (1 to 3) are filled: how sure we are of a definition.
#[component]
pub fn TrustBars(
    /// How many bars are filled.
    lit: u8,
) -> impl IntoView {
    let bars = [("0", "6", "4"), ("4.5", "3", "7"), ("9", "0", "10")];
    view! {
        <svg width="12" height="10" viewBox="0 0 12 10" aria-hidden="true">
            {(0..lit.min(3))
                .zip(bars)
                .map(|(_, (x, y, height))| {
                    view! { <rect x=x y=y width="3" height=height rx=".7" class="on"></rect> }
                })
                .collect_view()}
            {bars
                .into_iter()
                .skip(usize::from(lit))
                .map(|(x, y, height)| {
                    view! { <rect x=x y=y width="3" height=height rx=".7"></rect> }
                })
                .collect_view()}
        </svg>
    }
}
