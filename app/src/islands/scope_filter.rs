//! Search over the scopes of a picker: filters while typing, and keeps the counts live.

#![expect(missing_docs, reason = "the island macro writes a struct without any")]

use crate::components::icon::Icon;
use leptos::prelude::*;

/// Filters the boxes inside the element with the id `picker`. Without script the list is whole.
#[island]
pub fn ScopeFilter(
    /// Id of the element that holds the boxes.
    picker: String,
    /// How many scopes there are.
    all: usize,
    /// How many of them are ticked at first.
    chosen: usize,
) -> impl IntoView {
    let count = RwSignal::new(chosen);
    let shown = RwSignal::new(all);
    let placeholder = format!("Search {all} scopes");
    #[cfg(feature = "hydrate")]
    browser::count_on_change(picker.clone(), count);
    let filter = move |event: leptos::ev::Event| {
        #[cfg(feature = "hydrate")]
        browser::filter(&picker, &event_target_value(&event), shown);
        #[cfg(not(feature = "hydrate"))]
        let _ = (event, &picker);
    };
    view! {
        <div class="stack stack--tight">
            <p class="field__hint">
                "Ask for what the application uses, and no more. Your users read this list in plain words. "
                <span role="status">{move || format!("{} of {all} are chosen.", count.get())}</span>
            </p>
            <div class="search">
                <Icon icon=Icon::Search />
                <label class="unseen" for="scope-q">
                    "Search scopes"
                </label>
                // it belongs to no form: Enter must not save the page
                <input
                    class="input"
                    id="scope-q"
                    type="search"
                    form="no-form"
                    autocomplete="off"
                    placeholder=placeholder
                    on:input=filter
                />
                <span class="unseen" role="status">
                    {move || {
                        (shown.get() < all).then(|| format!("{} of {all} scopes shown", shown.get()))
                    }}
                </span>
            </div>
        </div>
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::prelude::*;
    use wasm_bindgen::JsCast;
    use web_sys::{Element, HtmlInputElement, NodeList};

    /// Shows the boxes whose words or name contain what was typed, and the groups that have any.
    pub(super) fn filter(picker: &str, typed: &str, shown: RwSignal<usize>) {
        let wanted = typed.trim().to_lowercase();
        let hit = |label: &Element| {
            label
                .text_content()
                .is_some_and(|text| text.to_lowercase().contains(&wanted))
        };
        let mut hits = 0;
        for label in all_of(&format!("#{picker} .check")) {
            let fits = hit(&label);
            hits += usize::from(fits);
            let _ = label.toggle_attribute_with_force("hidden", !fits);
        }
        for group in all_of(&format!("#{picker} > *")) {
            let any = group
                .query_selector(".check:not([hidden])")
                .is_ok_and(|found| found.is_some());
            let _ = group.toggle_attribute_with_force("hidden", !any);
            if any && !wanted.is_empty() && group.tag_name() == "DETAILS" {
                let _ = group.set_attribute("open", "");
            }
        }
        shown.set(hits);
    }

    /// Counts the ticked boxes whenever one changes, in all and for each group.
    pub(super) fn count_on_change(picker: String, count: RwSignal<usize>) {
        let handle = window_event_listener(leptos::ev::change, move |_| {
            count.set(ticked(&format!("#{picker} input")).0);
            for group in all_of(&format!("#{picker} > details")) {
                let Ok(Some(words)) = group.query_selector("summary > span") else {
                    continue;
                };
                let (ticked, all) = tally(&boxes(&group));
                words.set_text_content(Some(&format!("{ticked} of {all}")));
            }
        });
        on_cleanup(move || handle.remove());
    }

    fn ticked(selector: &str) -> (usize, usize) {
        tally(&all_of(selector))
    }

    fn tally(boxes: &[Element]) -> (usize, usize) {
        let ticked = boxes
            .iter()
            .filter(|input| {
                input
                    .dyn_ref::<HtmlInputElement>()
                    .is_some_and(HtmlInputElement::checked)
            })
            .count();
        (ticked, boxes.len())
    }

    fn boxes(group: &Element) -> Vec<Element> {
        group
            .query_selector_all("input")
            .map(|list| elements(&list))
            .unwrap_or_default()
    }

    fn all_of(selector: &str) -> Vec<Element> {
        document()
            .query_selector_all(selector)
            .map(|list| elements(&list))
            .unwrap_or_default()
    }

    fn elements(list: &NodeList) -> Vec<Element> {
        (0..list.length())
            .filter_map(|place| list.get(place)?.dyn_into().ok())
            .collect()
    }
}
