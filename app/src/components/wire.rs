//! The wire: two marks and what lies between them. Whole, strained, broken, cut, or not laid yet.
//!
//! It is our only ornament, so it stands only where one connection is the subject of the page.

use super::lamp::Lamp;
use super::mark::Mark;
use leptos::prelude::*;

/// A wire between two marks.
#[component]
pub fn Wire(
    /// How it stands between them.
    lamp: Lamp,
    /// The application.
    from: Mark,
    /// The provider; the same size as `from`.
    to: Mark,
    /// The finding, for those who do not see the drawing: "CRM Sync and Apollo.io are connected".
    #[prop(into)]
    label: String,
) -> impl IntoView {
    view! {
        <div class=format!("wire wire--{}", lamp.suffix()) role="img" aria-label=label>
            <Mark mark=from />
            <span class="wire__line"></span>
            <Lamp lamp=lamp />
            <span class="wire__line"></span>
            <Mark mark=to />
        </div>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_drawing_is_named_and_its_parts_are_hidden() {
        let to = crate::wire::ProviderMark {
            name: "Apollo.io".into(),
            initials: "Ap".into(),
            hue: 2,
        };
        let html = view! {
            <Wire
                lamp=Lamp::Active
                from=Mark::application("CRM Sync").huge()
                to=Mark::provider(&to).huge()
                label="CRM Sync and Apollo.io are connected"
            />
        }
        .to_html();
        assert!(html.contains(r#"role="img" aria-label="CRM Sync and Apollo.io are connected""#));
        assert!(html.contains("wire--active"));
        assert_eq!(html.matches(r#"aria-hidden="true""#).count(), 2);
        assert!(html.contains(">Cs<") && html.contains(">Ap<"), "{html}");
    }
}
