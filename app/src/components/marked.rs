//! Text of a provider definition, where `**bold**` is the only markup.

use leptos::prelude::*;

/// Shows the text, with `**these words**` standing out.
#[component]
pub(crate) fn Marked(#[prop(into)] text: String) -> impl IntoView {
    text.split("**")
        .enumerate()
        .map(|(place, part)| {
            let part = part.to_owned();
            if place % 2 == 1 {
                view! { <strong>{part}</strong> }.into_any()
            } else {
                part.into_any()
            }
        })
        .collect_view()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_marked_words_stand_out() {
        let html = view! { <p><Marked text="Go to **Settings > API**, <b>then</b> press."/></p> }
            .to_html()
            .replace("<!>", "");
        assert!(
            html.contains("<strong>Settings &gt; API</strong>"),
            "{html}"
        );
        assert!(html.contains("&lt;b&gt;then"), "{html}");
    }
}
