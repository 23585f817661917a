//! One call: what to send, and what comes back.

use super::introduction::code;
use super::text::{anchor, problem_anchor, prose};
use crate::wire::{AnswerKind, Call, FieldKind};
use leptos::prelude::*;

pub(super) fn call(call: &Call) -> AnyView {
    let needs = call.scopes.iter().map(|scope| {
        view! {
            <p class="quiet">
                "The key needs the scope " <code>{scope.clone()}</code> "."
            </p>
        }
    });
    let paragraphs = call
        .description
        .iter()
        .map(|paragraph| view! { <p>{prose(paragraph)}</p> });
    let title = &call.title;
    let example = call
        .answers
        .iter()
        .find_map(|answer| answer.example.clone());
    view! {
        <section class="stack reference__part" aria-labelledby=call.id.clone()>
            <div class="stack stack--tight">
                <h3 id=call.id.clone()>{title.clone()}</h3>
                <p class="reference__address">
                    <strong>{call.method.clone()}</strong>
                    " "
                    <code>{call.path.clone()}</code>
                </p>
            </div>
            {paragraphs.collect_view()}
            {needs.collect_view()}
            {fields(&format!("{title}: parameters"), "Parameter", &call.parameters)}
            {fields(&format!("{title}: body"), "Body", &call.body)}
            {code(&format!("{title}: example"), &call.example)}
            {answers(title, &call.answers)}
            {example
                .map(|example| {
                    view! {
                        <details class="fold">
                            <summary>"Example of an answer"</summary>
                            {code(&format!("{title}: answer"), &example)}
                        </details>
                    }
                })}
        </section>
    }
    .into_any()
}

/// A table of fields, where there are any.
pub(super) fn fields(caption: &str, column: &'static str, fields: &[FieldKind]) -> AnyView {
    if fields.is_empty() {
        return ().into_any();
    }
    let asks = fields.iter().any(|field| field.required) && column != "Member";
    let rows = fields.iter().map(|field| {
        let place = field.place.clone().map(|place| format!(" in the {place}"));
        let needed = (asks && field.required).then_some("needed");
        let kind = match &field.object {
            Some(object) => {
                view! { <a href=format!("#{}", anchor(object))>{field.kind.clone()}</a> }.into_any()
            }
            None => field.kind.clone().into_any(),
        };
        view! {
            <tr>
                <th scope="row">
                    <code>{field.name.clone()}</code>
                    <small>{needed} {place}</small>
                </th>
                <td data-label="Kind">{kind}</td>
                <td>{prose(&field.description)} {words(&field.values)}</td>
            </tr>
        }
    });
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">{caption.to_owned()}</caption>
                <thead>
                    <tr>
                        <th scope="col">{column}</th>
                        <th scope="col">"Kind"</th>
                        <th scope="col">"What it is"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// The words of a closed list, where there are any.
fn words(values: &[String]) -> Option<AnyView> {
    let list = values
        .iter()
        .map(|value| format!("`{value}`"))
        .collect::<Vec<_>>()
        .join(", ");
    (!values.is_empty()).then(|| view! { <small>"One of " {prose(&list)} "."</small> }.into_any())
}

fn answers(title: &str, answers: &[AnswerKind]) -> AnyView {
    let rows = answers.iter().map(|answer| {
        let codes = answer.codes.iter().map(|code| {
            view! {
                <a href=format!("#{}", problem_anchor(code))>
                    <code>{code.clone()}</code>
                </a>
                " "
            }
        });
        let object = answer.object.clone().map(|object| {
            let place = format!("#{}", anchor(&object));
            let lead = if answer.paged { "A page of " } else { "" };
            view! {
                {lead}
                <a href=place>{object}</a>
                " "
            }
        });
        view! {
            <tr>
                <th scope="row" class="num">{answer.status.clone()}</th>
                <td>{prose(&answer.description)} " " {object} {codes.collect_view()}</td>
            </tr>
        }
    });
    view! {
        <div class="sheet">
            <table class="table">
                <caption class="unseen">{format!("{title}: answers")}</caption>
                <thead>
                    <tr>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Answer"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
