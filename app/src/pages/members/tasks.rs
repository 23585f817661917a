//! Who may do what, as a table.

use crate::components::icon::Icon;
use crate::wire::{Role, TaskRow};
use crate::words::role;
use leptos::prelude::*;

/// The tasks, and the roles that may do them. The rows are the server's own rules.
#[component]
pub(crate) fn Tasks(tasks: Vec<TaskRow>) -> impl IntoView {
    view! {
        <section class="stack" aria-labelledby="roles">
            <h2 id="roles">"What each role can do"</h2>
            <div class="sheet scroll" tabindex="0" role="group" aria-label="Roles and tasks">
                <table class="table" aria-labelledby="roles">
                    <thead>
                        <tr>
                            <th scope="col">"Task"</th>
                            {Role::ALL
                                .map(|role| view! { <th scope="col" class="table__yes">{role::name(role)}</th> })
                                .into_iter()
                                .collect_view()}
                        </tr>
                    </thead>
                    <tbody>{tasks.into_iter().map(|row| view! { <Row row=row /> }).collect_view()}</tbody>
                </table>
            </div>
            <p class="small quiet">"* asks for a sign-in of the last ten minutes."</p>
        </section>
    }
    .into_any()
}

#[component]
fn Row(row: TaskRow) -> impl IntoView {
    let cell = |role| {
        let may = row.roles.contains(&role);
        let sign = if may {
            view! { <Icon icon=Icon::Tick /><span class="unseen">"Yes"</span> }.into_any()
        } else {
            view! { <span class="unseen">"No"</span><span aria-hidden="true" class="quiet">"–"</span> }
                .into_any()
        };
        view! { <td class="table__yes">{sign}</td> }
    };
    view! {
        <tr>
            <th scope="row">{role::task(row.task)}{row.confirmed.then_some(" *")}</th>
            {Role::ALL.map(cell).into_iter().collect_view()}
        </tr>
    }
    .into_any()
}
