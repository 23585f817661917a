//! `/apps/{slug}/bulk-revocations/{id}`: how far is it, and can it be taken back?

use crate::actions::ending::UndoBulk;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, PageHead, Place};
use crate::components::lamp::{Lamp, State};
use crate::components::notice::{Notice, Refusal, Tone};
use crate::components::time::Moment;
use crate::pages::visit::{param, visit};
use crate::wire::BulkRunView;
use crate::words::{bulk, number, revocation};
use leptos::prelude::*;
use leptos_meta::Meta;

/// Progress of many revocations; it looks again by itself until nothing is left to do.
#[component]
pub fn BulkRun() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let action = ServerAction::<UndoBulk>::new();
    let refused = refusal(action);
    let page = address::bulk_run(&slug, &id);
    let asked = slug.clone();
    visit(
        Place::Connections,
        page,
        move |portal| {
            let (slug, id) = (asked.clone(), id.clone());
            async move { portal.bulk_run(&slug, &id).await }
        },
        move |visit, run: BulkRunView| {
            let form = FormState::new(visit.draft, refused);
            let title = format!("Revoking {}", bulk::connections(run.total));
            let lead = bulk::standing(&run);
            let crumb = (address::connections(&slug), "Connections");
            let again = run
                .finished_at
                .is_none()
                .then(|| view! { <Meta http_equiv="refresh" content="3" /> });
            let undo = run.undo_until.map(|until| {
                let (slug, id) = (slug.clone(), run.id.clone());
                view! {
                    <Notice tone=Tone::Warn>
                        <p><strong>{revocation::until(until)}</strong>" What no provider was told of works again then."</p>
                        <button class="button button--small" type="submit" form="undo">"Undo all"</button>
                    </Notice>
                    <ActionForm action=action attr:id="undo">
                        <input type="hidden" name="application" value=slug />
                        <input type="hidden" name="run" value=id />
                    </ActionForm>
                }
            });
            view! {
                <Framed frame=visit.frame place=Place::Connections title=title.clone()>
                    {again}
                    <PageHead title=title lead=lead crumb=crumb />
                    <Refusal form=form />
                    {undo}
                    <Progress run=run.clone() />
                    <div class="split">
                        <Outcomes run=run.clone() />
                        <Facts run=run />
                    </div>
                </Framed>
            }
            .into_any()
        },
    )
}

#[component]
fn Progress(run: BulkRunView) -> impl IntoView {
    let done = run.counts.done();
    let words = format!(
        "{} of {}",
        number::grouped(done),
        number::grouped(run.total)
    );
    view! {
        <p class="row">
            <label class="unseen" for="progress">"Done so far"</label>
            <progress id="progress" max=run.total.to_string() value=done.to_string()>{words.clone()}</progress>
            <span class="num">{words}</span>
        </p>
    }
    .into_any()
}

#[component]
fn Outcomes(run: BulkRunView) -> impl IntoView {
    let (counts, told) = (run.counts, run.upstream);
    let here = [
        (Lamp::Waiting, "Not yet revoked", counts.waiting),
        (Lamp::Revoked, "Revoked", counts.revoked),
        (
            Lamp::Revoked,
            "Were revoked by somebody else",
            counts.was_revoked,
        ),
        (Lamp::Waiting, "Still to be restored", counts.undoing),
        (Lamp::Active, "Work again", counts.undone),
        (Lamp::Active, "Never touched", counts.spared),
        (Lamp::Revoked, "Could not be restored", counts.kept),
    ];
    let there = [
        (Lamp::Waiting, "Will be told", told.waiting),
        (Lamp::Revoked, "Ended", told.revoked),
        (Lamp::Waiting, "Not possible from here", told.not_offered),
        (Lamp::Degraded, "Failed, tried again", told.retried),
        (Lamp::Reconnect, "Failed", told.failed),
        (Lamp::Revoked, "Nothing left to end", told.nothing),
    ];
    let rows = |rows: Vec<(Lamp, &'static str, u64)>| {
        rows.into_iter()
            .filter(|(.., count)| *count > 0)
            .map(|(lamp, words, count)| {
                view! { <div><dt><State lamp=lamp words=words /></dt><dd class="num">{number::grouped(count)}</dd></div> }
            })
            .collect_view()
    };
    view! {
        <div class="stack stack--loose">
            <section class="stack stack--tight" aria-labelledby="here">
                <h2 id="here">"In Grantport"</h2>
                <dl class="facts">{rows(here.to_vec())}</dl>
            </section>
            <section class="stack stack--tight" aria-labelledby="there">
                <h2 id="there">"At the providers"</h2>
                <dl class="facts">{rows(there.to_vec())}</dl>
            </section>
        </div>
    }
    .into_any()
}

#[component]
fn Facts(run: BulkRunView) -> impl IntoView {
    let criteria = bulk::criteria(&run.criteria);
    let which = if criteria.is_empty() {
        view! { <div><dt>"Which"</dt><dd>"All of "{run.application}</dd></div> }.into_any()
    } else {
        view! { <div><dt>"Which"</dt><dd>{criteria.join("; ")}</dd></div> }.into_any()
    };
    let undone = run.undone.map(|undone| {
        let row = number::grouped(u64::try_from(undone.audit_seq).unwrap_or_default());
        view! { <div><dt>"Taken back"</dt><dd><Moment at=undone.at />" by "{undone.by}", audit row "{row}</dd></div> }
    });
    view! {
        <aside class="stack stack--tight" aria-labelledby="what">
            <h2 id="what">"What was asked for"</h2>
            <dl class="facts">
                {which}
                <div><dt>"Reason"</dt><dd>{revocation::reason(run.reason)}</dd></div>
                <div><dt>"Note"</dt><dd>{run.note}</dd></div>
                <div><dt>"By"</dt><dd>{run.by}", "<Moment at=run.begun_at /></dd></div>
                <div><dt>"Audit row"</dt><dd class="num">{number::grouped(u64::try_from(run.audit_seq).unwrap_or_default())}</dd></div>
                {undone}
            </dl>
        </aside>
    }
    .into_any()
}
