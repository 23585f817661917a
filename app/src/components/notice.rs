//! Boxes that speak for the whole page: one at most.

use super::form_state::FormState;
use super::icon::Icon;
use crate::wire::PortalError;
use crate::words::{error, problem};
use leptos::prelude::*;

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// For your information.
    Plain,
    /// It went well.
    Ok,
    /// It works, and someone should look at it.
    Warn,
    /// Something does not work.
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "notice",
            Self::Ok => "notice notice--ok",
            Self::Warn => "notice notice--warn",
            Self::Bad => "notice notice--bad",
        }
    }

    fn icon(self) -> Icon {
        match self {
            Self::Plain => Icon::Info,
            Self::Ok => Icon::Right,
            Self::Warn | Self::Bad => Icon::Warning,
        }
    }
}

/// A notice; its children are a `<p>`, or a stack of them, and at most one button.
#[component]
pub(crate) fn Notice(tone: Tone, children: Children) -> impl IntoView {
    view! { <div class=tone.class()><Icon icon=tone.icon() />{children()}</div> }.into_any()
}

/// "Saved.", announced when the page opens.
#[component]
pub(crate) fn Saved(#[prop(into)] words: String) -> impl IntoView {
    view! {
        <div class=Tone::Ok.class() role="status">
            <Icon icon=Tone::Ok.icon() />
            <p><strong>"Saved."</strong>" "{words}</p>
        </div>
    }
    .into_any()
}

/// What the server would not do, above the form: takes the focus, is announced, and leads to each
/// field that needs another look. Nothing when all is well.
#[component]
pub(crate) fn Refusal(form: FormState) -> impl IntoView {
    form.error().map(|refusal| {
        let (what, then) = error::of_form(refusal);
        let fields = match refusal {
            PortalError::Invalid(fields) => fields.clone(),
            _ => Vec::new(),
        };
        let links = (!fields.is_empty()).then(|| {
            let links = fields
                .into_iter()
                .map(|wrong| {
                    let target = format!("#{}", problem::control(wrong.field));
                    view! {
                        <li>
                            <a href=target>{form.label(wrong.field)}</a>
                            ": "
                            {problem::sentence(wrong.field, wrong.problem)}
                        </li>
                    }
                })
                .collect_view();
            view! { <ul>{links}</ul> }
        });
        view! {
            <div class=Tone::Bad.class() role="alert" tabindex="-1" autofocus=true>
                <Icon icon=Tone::Bad.icon() />
                <div class="stack stack--tight">
                    <p><strong>{what}</strong>" "{then}</p>
                    {links}
                </div>
            </div>
        }
    })
}
