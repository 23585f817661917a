//! `/apps/{slug}/connections/{id}/receipt`: is it over, can I prove it?

use crate::actions::ending::UndoRevocation;
use crate::address;
use crate::components::form_state::{FormState, refusal};
use crate::components::frame::{Framed, Place};
use crate::components::icon::BrandSign;
use crate::components::lamp::{Lamp, State};
use crate::components::mark::Mark;
use crate::components::notice::{Notice, Refusal, Tone};
use crate::components::wire::Wire;
use crate::pages::visit::{param, visit};
use crate::wire::{Millis, ReceiptView, TokenResult, UpstreamResult};
use crate::words::{number, owner, revocation, role, time};
use leptos::prelude::*;

/// The receipt of a revocation. It always shows the latest result, and prints on one page.
#[component]
pub fn Receipt() -> impl IntoView {
    let (slug, id) = (param("app"), param("id"));
    let undo = ServerAction::<UndoRevocation>::new();
    let refused = refusal(undo);
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
            let form = FormState::new(visit.draft, refused);
            let undo = view
                .undo_until
                .filter(|_| role::may_revoke(visit.frame.role))
                .map(|until| {
                    let (slug, id) = (slug.clone(), view.summary.id.clone());
                    view! { <CanUndo slug=slug id=id until=until action=undo /> }
                });
            view! {
                <Framed frame=visit.frame place=Place::Connections title=title.clone()>
                    <Refusal form=form />
                    {undo}
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
        let what = if view.undone.is_some() {
            "Undone"
        } else {
            "Revoked"
        };
        let title = format!(
            "{what}: {}, {}",
            owner::name(&view.summary.owner),
            view.provider_short_name
        );
        Self { title, view }
    }
}

/// Until when it can be undone, and how.
#[component]
fn CanUndo(
    slug: String,
    id: String,
    until: Millis,
    action: ServerAction<UndoRevocation>,
) -> impl IntoView {
    view! {
        <div class="receipt__undo no-print">
            <Notice tone=Tone::Warn>
                <p><strong>{revocation::until(until)}</strong>" Nothing is destroyed before, and the provider is not told."</p>
                <button class="button button--small" type="submit" form="undo">"Undo"</button>
            </Notice>
            <ActionForm action=action attr:id="undo">
                <input type="hidden" name="application" value=slug />
                <input type="hidden" name="connection" value=id />
            </ActionForm>
        </div>
    }
    .into_any()
}

#[component]
fn Paper(slug: String, title: String, receipt: ReceiptView) -> impl IntoView {
    let to_do = revocation::left_to_do(&receipt).filter(|_| receipt.undone.is_none());
    let lamp = if receipt.undone.is_some() {
        Lamp::Active
    } else {
        Lamp::Revoked
    };
    let wire = match &receipt.undone {
        Some(_) => format!(
            "The wire between {} and {} is whole again",
            receipt.application, receipt.provider_short_name
        ),
        None => format!(
            "The wire between {} and {} is cut",
            receipt.application, receipt.provider_short_name
        ),
    };
    let standing = match receipt.undone.clone() {
        Some(undone) => view! {
            <p><strong>{revocation::undone(&undone.by)}</strong></p>
            <p class="quiet">
                "No token left Grantport from "
                <ToTheSecond at=receipt.revoked_at />
                " to "
                <ToTheSecond at=undone.at />
                ". The provider was not told."
            </p>
        }
        .into_any(),
        None => view! {
            <p class="quiet">
                "Since "
                <ToTheSecond at=receipt.revoked_at />
                " no token of this connection leaves Grantport."
            </p>
        }
        .into_any(),
    };
    let results = receipt
        .undone
        .is_none()
        .then(|| view! { <Results receipt=receipt.clone() /> });
    let undone_row = receipt.undone.as_ref().map(|undone| {
        let row = number::grouped(u64::try_from(undone.audit_seq).unwrap_or_default());
        format!(", undone in row {row}")
    });
    let bulk = receipt.bulk.clone().map(|run| {
        view! { <p><a href=address::bulk_run(&slug, &run)>"One of many that were revoked together"</a></p> }
    });
    let json = address::receipt_json(&slug, &receipt.summary.id);
    view! {
        <article class="stack receipt" aria-labelledby="title">
            <header class="stack">
                <div class="row row--apart">
                    <span class="brand"><BrandSign />" Grantport"</span>
                    <code class="quiet">{receipt.id.clone()}</code>
                </div>
                <Wire
                    lamp=lamp
                    from=Mark::application(&receipt.application).big()
                    to=Mark::provider(&receipt.summary.provider).big()
                    label=wire
                />
                <div class="stack stack--tight">
                    <h1 id="title">{title}</h1>
                    {standing}
                </div>
            </header>
            <Facts receipt=receipt.clone() />
            {results}
            {bulk}
            {to_do.map(|to_do| view! { <p>{to_do}</p> })}
            <hr />
            <p class="small quiet">
                "Audit row "{number::grouped(u64::try_from(receipt.audit_seq).unwrap_or_default())}{undone_row}
                ". This page stays at its address and always shows the latest result."
            </p>
            <div class="row no-print">
                <a class="button button--primary" href=address::connections(&slug)>"Back to Connections"</a>
                <a class="button" href=json download="">"JSON"</a>
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
    let refresh = receipt.has_refresh_token.then(|| {
        let result = receipt.tokens.refresh_token;
        view! { <TokenRow what="Refresh token" result=result receipt=receipt.clone() /> }
    });
    let access = view! { <TokenRow what="Access token" result=receipt.tokens.access_token receipt=receipt.clone() /> };
    let handed_out = receipt.token_valid_until.map(|until| {
        let ended = matches!(
            receipt.tokens.access_token,
            Some(TokenResult::Revoked | TokenResult::EndedWithGrant)
        );
        let (lamp, words) = if ended || receipt.upstream == UpstreamResult::Revoked {
            (Lamp::Revoked, "Ended with it")
        } else {
            (Lamp::Waiting, "Ends by itself")
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
    let frozen = if receipt.undo_until.is_some() {
        "Frozen"
    } else {
        "Ended"
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
                            <td data-label="Result"><State lamp=Lamp::Revoked words=frozen /></td>
                            <td data-label="When"><ToTheSecond at=receipt.revoked_at /></td>
                        </tr>
                        {refresh}
                        {access}
                        {handed_out}
                    </tbody>
                </table>
            </div>
        </section>
    }
    .into_any()
}

/// What became of one token at the provider; as long as nobody knows of it alone, what holds for the grant.
#[component]
fn TokenRow(
    what: &'static str,
    result: Option<TokenResult>,
    receipt: ReceiptView,
) -> impl IntoView {
    let waits = matches!(
        receipt.upstream,
        UpstreamResult::Waiting
            | UpstreamResult::Failed {
                next_try_at: Some(_)
            }
    );
    let (lamp, words) = match result {
        Some(TokenResult::Failed) if waits => (
            lamp(receipt.upstream),
            revocation::result(receipt.upstream).to_owned(),
        ),
        Some(result) => (of_token(result), revocation::token(result).to_owned()),
        None => (
            lamp(receipt.upstream),
            revocation::result(receipt.upstream).to_owned(),
        ),
    };
    let when = match (receipt.upstream, receipt.upstream_at) {
        (
            UpstreamResult::Failed {
                next_try_at: Some(at),
            },
            _,
        ) if result != Some(TokenResult::Revoked) => {
            view! { <span>"next try "<ToTheSecond at=at /></span> }.into_any()
        }
        (UpstreamResult::Waiting, Some(at)) => {
            view! { <span>"at "<ToTheSecond at=at /></span> }.into_any()
        }
        (_, Some(at)) => view! { <ToTheSecond at=at /> }.into_any(),
        (_, None) => ().into_any(),
    };
    view! {
        <tr>
            <th scope="row">{what}</th>
            <td data-label="Where">{receipt.provider_short_name}</td>
            <td data-label="Result"><State lamp=lamp words=words /></td>
            <td data-label="When">{when}</td>
        </tr>
    }
    .into_any()
}

fn of_token(result: TokenResult) -> Lamp {
    match result {
        TokenResult::Revoked | TokenResult::EndedWithGrant => Lamp::Revoked,
        TokenResult::NotOffered | TokenResult::Spared => Lamp::Waiting,
        TokenResult::Failed => Lamp::Reconnect,
    }
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
