//! What holds for every call.

use super::text::{problem_anchor, prose};
use crate::wire::{ProblemKind, Reference};
use leptos::prelude::*;

/// Place and heading of each section.
const SECTIONS: [(&str, &str); 6] = [
    ("keys", "Address and keys"),
    ("problems", "Problems"),
    ("lists", "Lists"),
    ("once", "Made once"),
    ("rates", "How often"),
    ("caching", "What may be kept"),
];

/// For the navigation.
pub(super) fn contents() -> Vec<(String, String)> {
    SECTIONS
        .map(|(place, heading)| (place.to_owned(), heading.to_owned()))
        .into()
}

/// The sections.
pub(super) fn sections(reference: &Reference) -> AnyView {
    SECTIONS
        .map(|(place, heading)| {
            view! {
                <section class="stack reference__part" aria-labelledby=place>
                    <h2 id=place>{heading}</h2>
                    {section(place, reference)}
                </section>
            }
        })
        .into_iter()
        .collect_view()
        .into_any()
}

fn section(place: &str, reference: &Reference) -> AnyView {
    let base = &reference.base_url;
    match place {
        "keys" => view! {
            <p>{prose("All paths below follow this address. Bodies and answers are JSON.")}</p>
            {code("Address of the API", base)}
            <p>
                {prose("A call is signed with an API key of one application, which the portal makes under API keys: `Authorization: Bearer gp_…`. A key sees its own application and nothing else: the id of anything else is answered like one that was made up. Each call below names the scope that its key needs.")}
            </p>
            {code(
                "Example of a signed call",
                &format!("curl -sS {base}/providers \\\n  -H \"Authorization: Bearer $GRANTPORT_API_KEY\""),
            )}
        }
        .into_any(),
        "problems" => view! {
            <p>
                {prose("What cannot be done is answered as `application/problem+json` (RFC 9457). Branch on `code`; `blame` says who can mend it, `detail` what to do now. Where the end user can, `reconnect_url` is the link to send them. With `retry_after_s` and the header `Retry-After`, ask again then.")}
            </p>
            {problems(&reference.problems)}
        }
        .into_any(),
        "lists" => view! {
            <p>
                {prose("A list comes in pages: `data` has the rows, `next_cursor` what to send as `cursor` for the next page, or `null` after the last one. A cursor names the last row that you have read, so rows that come and go meanwhile make no page skip or repeat one. Keep the other parameters as they were, and do not look into a cursor.")}
            </p>
        }
        .into_any(),
        "once" => view! {
            <p>
                {prose("What a lost answer leaves open, `Idempotency-Key` settles: send a value of your own, such as a UUID, with a call that makes something. The same request sent again within a day makes nothing new and gets the first answer, byte by byte. The same value with another request is refused as `idempotency_key_reused`.")}
            </p>
        }
        .into_any(),
        "rates" => view! {
            <p>
                {prose("A key, and all keys of an organization together, may make so many requests in a second, and five seconds’ worth at once. `RateLimit` says in each answer what is left. Beyond it comes `rate_limited` with `Retry-After`; nothing was done then. A key on its way out says so in `Deprecation` and, with an end, `Sunset`.")}
            </p>
        }
        .into_any(),
        _ => view! {
            <p>
                {prose("Every answer says `Cache-Control: no-store`. Keep an access token until its `cache_until` and no longer; when the provider refuses one before, ask again with its SHA-256 as `rejected_token_sha256`.")}
            </p>
            <p>
                {prose("A connection comes with an `ETag`. Sent in `If-None-Match`, it spares you a body that you have; sent in `If-Match` with a change, it keeps you from overwriting what you have not read.")}
            </p>
        }
        .into_any(),
    }
}

/// Lines for a shell or a program, which scroll by themselves.
pub(super) fn code(name: &str, lines: &str) -> AnyView {
    view! {
        <pre class="code" tabindex="0" role="region" aria-label=name.to_owned()>{lines.to_owned()}</pre>
    }
    .into_any()
}

fn problems(problems: &[ProblemKind]) -> AnyView {
    let rows = problems.iter().map(|problem| {
        view! {
            <tr>
                <th scope="row" id=problem_anchor(&problem.code)>
                    <code>{problem.code.clone()}</code>
                </th>
                <td data-label="Status" class="num">{problem.status.clone()}</td>
                <td data-label="Who mends it">{problem.blame.clone()}</td>
                <td>
                    {problem.title.clone()} "."
                    <small>{prose(&problem.detail)}</small>
                </td>
            </tr>
        }
    });
    view! {
        <div class="sheet">
            <table class="table table--stack">
                <caption class="unseen">"Codes of problems"</caption>
                <thead>
                    <tr>
                        <th scope="col">"Code"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Who mends it"</th>
                        <th scope="col">"What happened, and what to do"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}
