//! `/apps/{slug}/connections/{id}/receipt`: is it over, can I prove it?

use crate::address;
use crate::components::frame::{Framed, Place};
use crate::components::icon::BrandSign;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::wire::Wire;
use crate::pages::visit::{param, visit};
use crate::wire::{Millis, ReceiptView, UpstreamResult};
use crate::words::{number, owner, revocation, time};
use leptos::prelude::*;

/// The receipt of a revocation. It always shows the latest result, and prints on one page.
#[component]
pub fn Receipt() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let page = address::receipt(&slug, &id);
    let asked = slug.clone();
    visit(
        Place::Connections,
        page,
        move |portal| {
            let (slug, id) = (asked.clone(), id.clone());
            async move { portal.receipt(&slug, &id).await }
        },
        move |visit, receipt| {
            let Visited { title, view } = Visited::new(receipt);
            view! {
                <Framed frame=visit.frame place=Place::Connections title=title.clone()>
                    <Paper slug=slug title=title receipt=view />
                </Framed>
            }
            .into_any()
        },
    )
}

/// The receipt and its heading.
struct Visited {
    title: String,
    view: ReceiptView,
}

impl Visited {
    fn new(view: ReceiptView) -> Self {
        let title = format!(
            "Revoked: {}, {}",
            owner::name(&view.summary.owner),
            view.provider_short_name
        );
        Self { title, view }
    }
}

#[component]
fn Paper(slug: String, title: String, receipt: ReceiptView) -> impl IntoView {
    let to_do = revocation::left_to_do(&receipt);
    view! {
        <article class="stack receipt" aria-labelledby="title">
            <header class="stack">
                <div class="row row--apart">
                    <span class="brand"><BrandSign />" Grantport"</span>
                    <code class="quiet">{receipt.id.clone()}</code>
                </div>
                <Wire
                    lamp=Lamp::Revoked
                    from=Mark::application(&receipt.application).big()
                    to=Mark::provider(&receipt.summary.provider).big()
                    label=format!("The wire between {} and {} is cut", receipt.application, receipt.provider_short_name)
                />
                <div class="stack stack--tight">
                    <h1 id="title">{title}</h1>
                    <p class="quiet">
                        "Since "
                        <ToTheSecond at=receipt.revoked_at />
                        " no token of this connection leaves Grantport."
                    </p>
                </div>
            </header>
            <Facts receipt=receipt.clone() />
            <Results receipt=receipt.clone() />
            {to_do.map(|to_do| view! { <p>{to_do}</p> })}
            <hr />
            <p class="small quiet">
                "Audit row "{number::grouped(u64::try_from(receipt.audit_seq).unwrap_or_default())}
                ". This page stays at its address and always shows the latest result."
            </p>
            <div class="row no-print">
                <a class="button button--primary" href=address::connections(&slug)>"Back to Connections"</a>
                <span class="quiet small">"Print it with your browser; it fits one page."</span>
            </div>
        </article>
    }
    .into_any()
}

#[component]
fn Facts(receipt: ReceiptView) -> impl IntoView {
    let summary = receipt.summary;
    let account = summary.account.map(|account| format!(", {account}"));
    view! {
        <dl class="facts">
            <div><dt>"Connection"</dt><dd><code>{summary.id}</code>", "{owner::kind(&summary.owner).to_lowercase()}{account}</dd></div>
            <div><dt>"Owner"</dt><dd>{owner::name(&summary.owner).to_owned()}</dd></div>
            <div><dt>"Application"</dt><dd>{receipt.application}", "{receipt.organization}</dd></div>
            <div><dt>"Reason"</dt><dd>{revocation::reason(receipt.reason)}</dd></div>
            <div><dt>"Note"</dt><dd>{receipt.note}</dd></div>
            <div><dt>"By"</dt><dd>{receipt.by}</dd></div>
        </dl>
    }
    .into_any()
}

#[component]
fn Results(receipt: ReceiptView) -> impl IntoView {
    let provider = receipt.provider_short_name.clone();
    let handed_out = receipt.token_valid_until.map(|until| {
        let (lamp, words) = match receipt.upstream {
            UpstreamResult::Revoked => (Lamp::Revoked, "Ended with it"),
            _ => (Lamp::Waiting, "Ends by itself"),
        };
        view! {
            <tr>
                <th scope="row">"Access token that was handed out"</th>
                <td data-label="Where">{provider.clone()}</td>
                <td data-label="Result"><State lamp=lamp words=words /></td>
                <td data-label="When"><span>"at the latest "<ToTheSecond at=until /></span></td>
            </tr>
        }
    });
    let when = match (receipt.upstream, receipt.upstream_at) {
        (
            UpstreamResult::Failed {
                next_try_at: Some(at),
            },
            _,
        ) => view! { <span>"next try "<ToTheSecond at=at /></span> }.into_any(),
        (_, Some(at)) => view! { <ToTheSecond at=at /> }.into_any(),
        (_, None) => ().into_any(),
    };
    view! {
        <section class="stack stack--tight" aria-labelledby="results">
            <h2 id="results">"What was ended where"</h2>
            <div class="sheet">
                <table class="table table--stack" aria-labelledby="results">
                    <thead>
                        <tr>
                            <th scope="col">"What"</th>
                            <th scope="col">"Where"</th>
                            <th scope="col">"Result"</th>
                            <th scope="col">"When"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <tr>
                            <th scope="row">"Connection"</th>
                            <td data-label="Where">"Grantport"</td>
                            <td data-label="Result"><State lamp=Lamp::Revoked words="Ended" /></td>
                            <td data-label="When"><ToTheSecond at=receipt.revoked_at /></td>
                        </tr>
                        <tr>
                            <th scope="row">"Grant"</th>
                            <td data-label="Where">{provider}</td>
                            <td data-label="Result"><State lamp=lamp(receipt.upstream) words=revocation::result(receipt.upstream) /></td>
                            <td data-label="When">{when}</td>
                        </tr>
                        {handed_out}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

fn lamp(result: UpstreamResult) -> Lamp {
    match result {
        UpstreamResult::Waiting | UpstreamResult::NotOffered => Lamp::Waiting,
        UpstreamResult::Revoked | UpstreamResult::NothingToRevoke => Lamp::Revoked,
        UpstreamResult::Failed {
            next_try_at: Some(_),
        } => Lamp::Degraded,
        UpstreamResult::Failed { next_try_at: None } => Lamp::Reconnect,
    }
}

/// "22 Nov 2026, 14:07:02 UTC": a receipt is exact.
#[component]
fn ToTheSecond(at: Millis) -> impl IntoView {
    let words = format!("{}, {} UTC", time::date(at), time::clock_with_seconds(at));
    view! { <time datetime=time::machine(at)>{words}</time> }.into_any()
}
