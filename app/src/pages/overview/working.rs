//! How an application goes: a sentence, who has to act, then the charts with their numbers.

use super::charts::{Bar, ByState, Days, Tally};
use super::provider_names;
use crate::address;
use crate::components::frame::PageHead;
use crate::components::icon::Icon;
use crate::components::lamp::State;
use crate::wire::{
    Attention, BrokenReason, ConnectionFilter, ConnectionState, DayActivity, OverviewView,
    ProviderLink, ReasonCount, Role, StateCounts,
};
use crate::words::{number, overview as words, role};
use leptos::prelude::*;

/// An application with connections.
#[component]
pub(crate) fn Working(overview: OverviewView, role: Role) -> impl IntoView {
    let slug = overview.slug.clone();
    let add = role::may_configure(role).then(|| {
        view! {
            <a class="button button--primary" href=address::gallery(&slug)><Icon icon=Icon::Plus />" Add Provider"</a>
        }
    });
    let lead = how_it_goes(overview.counts);
    let set_up = role::may_read_configuration(role).then(|| {
        view! {
            <section class="stack" aria-labelledby="set-up">
                <h2 id="set-up">"Set up"</h2>
                <dl class="facts">
                    <div><dt>"OAuth Providers"</dt><dd>{provider_names(&overview)}</dd></div>
                    <div><dt>"API keys"</dt><dd>{number::grouped(overview.api_keys.into())}</dd></div>
                    <div><dt>"Return URL"</dt><dd>{overview.return_url.clone().unwrap_or_else(|| "None".to_owned())}</dd></div>
                </dl>
            </section>
        }
    });
    view! {
        <PageHead title=overview.name.clone() lead=lead>{add}</PageHead>
        <NeedsAttention slug=slug.clone() lines=overview.attention role=role />
        <section class="stack" aria-labelledby="by-state">
            <h2 id="by-state">"Connections by state"</h2>
            <ByState slug=slug.clone() counts=overview.counts />
        </section>
        <div class="split split--half">
            <Refreshes days=overview.days.clone() />
            <Connects days=overview.days />
        </div>
        <Reasons slug=slug reasons=overview.reasons />
        {set_up}
    }
    .into_any()
}

/// Who has to act, the worst first; nothing hidden when there is nothing.
#[component]
fn NeedsAttention(slug: String, lines: Vec<Attention>, role: Role) -> impl IntoView {
    let content = if lines.is_empty() {
        view! { <p class="quiet">"Nothing. Nobody has to act."</p> }.into_any()
    } else {
        let lines = lines
            .iter()
            .map(|line| view! { <Line slug=slug.clone() line=line.clone() role=role /> })
            .collect_view();
        view! { <ul class="todo">{lines}</ul> }.into_any()
    };
    view! {
        <section class="stack" aria-labelledby="attention">
            <h2 id="attention">"Needs attention"</h2>
            {content}
        </section>
    }
    .into_any()
}

#[component]
fn Line(slug: String, line: Attention, role: Role) -> impl IntoView {
    let told = words::attention(&line);
    let show = |provider: &ProviderLink, filter: ConnectionFilter, many: u64| {
        let filter = ConnectionFilter {
            provider: provider.slug.clone(),
            ..filter
        };
        let words = match many {
            1 => "Show it".to_owned(),
            many => format!("Show the {}", number::grouped(many)),
        };
        Some((address::connections_with(&slug, &filter), words))
    };
    let open = |provider: &ProviderLink| {
        let page = address::provider(&slug, &provider.slug);
        role::may_read_configuration(role).then(|| (page, format!("Open {}", provider.name)))
    };
    let link = match &line {
        Attention::CredentialsRejected { provider, .. } | Attention::SecretUnused { provider } => {
            open(provider)
        }
        Attention::Reconnect {
            provider,
            reason,
            connections,
        } => show(provider, broken(*reason), *connections),
        Attention::Degraded {
            provider,
            connections,
            ..
        } => {
            let filter = ConnectionFilter {
                state: ConnectionState::Degraded.as_str().to_owned(),
                ..ConnectionFilter::default()
            };
            show(provider, filter, *connections)
        }
    };
    view! {
        <li>
            <State lamp=told.lamp words=told.who />
            <p><strong>{told.what}</strong>" "{told.then}</p>
            {link.map(|(page, words)| view! { <a class="button button--small" href=page>{words}</a> })}
        </li>
    }
    .into_any()
}

#[component]
fn Refreshes(days: Vec<DayActivity>) -> impl IntoView {
    let quiet = days.iter().all(|day| day.refreshed + day.failed == 0);
    let sum = words::refreshes(&days);
    let bars = days
        .into_iter()
        .map(|day| Bar {
            day: day.day,
            main: day.refreshed,
            bad: day.failed,
        })
        .collect();
    view! {
        <section class="stack" aria-labelledby="refreshes">
            <div class="row row--apart">
                <h2 id="refreshes">"Refreshes, last 30 days"</h2>
                <p class="small quiet num">{sum}</p>
            </div>
            {if quiet {
                view! { <p class="quiet">"No token was renewed in these days."</p> }.into_any()
            } else {
                view! { <Days id="refreshes" bars=bars done="Done" failed="Failed" /> }.into_any()
            }}
        </section>
    }
    .into_any()
}

#[component]
fn Connects(days: Vec<DayActivity>) -> impl IntoView {
    let quiet = days.iter().all(|day| day.connected == 0);
    let sum = words::connects(&days);
    let bars = days
        .into_iter()
        .map(|day| Bar {
            day: day.day,
            main: day.connected,
            bad: 0,
        })
        .collect();
    view! {
        <section class="stack" aria-labelledby="connects">
            <div class="row row--apart">
                <h2 id="connects">"Connects, last 30 days"</h2>
                <p class="small quiet num">{sum}</p>
            </div>
            {if quiet {
                view! { <p class="quiet">"Nobody connected an account in these days."</p> }.into_any()
            } else {
                view! { <Days id="connects" bars=bars done="Connected" /> }.into_any()
            }}
        </section>
    }
    .into_any()
}

/// Why connections need a reconnect. Nothing where none does.
#[component]
fn Reasons(slug: String, reasons: Vec<ReasonCount>) -> impl IntoView {
    let all: u64 = reasons.iter().map(|one| one.connections).sum();
    let most = reasons.iter().map(|one| one.connections).max();
    let heading = match all {
        1 => "Why 1 needs a reconnect".to_owned(),
        many => format!("Why {} need a reconnect", number::grouped(many)),
    };
    most.map(|most| {
        view! {
            <section class="stack" aria-labelledby="reasons">
                <h2 id="reasons">{heading}</h2>
                <div class="sheet chart">
                    <table class="table">
                        <caption class="unseen">"Connections that need a reconnect, by reason"</caption>
                        <thead>
                            <tr><th scope="col">"Reason"</th><th scope="col">"Who has to act"</th><th scope="col">"Connections"</th></tr>
                        </thead>
                        <tbody>
                            {reasons
                                .into_iter()
                                .map(|one| {
                                    let page = address::connections_with(&slug, &broken(one.reason));
                                    view! {
                                        <tr>
                                            <th scope="row"><a href=page>{words::reason(one.reason)}</a></th>
                                            <td data-label="Who has to act">{words::who(one.reason)}</td>
                                            <td data-label="Connections"><Tally many=one.connections of=most /></td>
                                        </tr>
                                    }
                                })
                                .collect_view()}
                        </tbody>
                    </table>
                </div>
            </section>
        }
    })
}

/// Those that need a person for this reason.
fn broken(reason: BrokenReason) -> ConnectionFilter {
    ConnectionFilter {
        state: ConnectionState::ReconnectRequired.as_str().to_owned(),
        reason: reason.as_str().to_owned(),
        ..ConnectionFilter::default()
    }
}

/// "42 connections wait for a person, 31 are being retried by us. The others work."
fn how_it_goes(counts: StateCounts) -> String {
    let live = counts.total() - counts.revoked;
    let waiting = match counts.reconnect_required {
        0 => None,
        1 => Some("1 waits for a person".to_owned()),
        many => Some(format!("{} wait for a person", number::grouped(many))),
    };
    let retried = match counts.degraded {
        0 => None,
        1 => Some("1 is being retried by us".to_owned()),
        many => Some(format!("{} are being retried by us", number::grouped(many))),
    };
    let troubles: Vec<_> = [waiting, retried].into_iter().flatten().collect();
    match (live, troubles.is_empty()) {
        (0, _) => "Every connection was revoked.".to_owned(),
        (1, true) => "The one connection works.".to_owned(),
        (_, true) => format!("All {} connections work.", number::grouped(live)),
        (_, false) => format!(
            "{} of {} connections work. {}.",
            number::grouped(counts.active),
            number::grouped(live),
            troubles.join(", ")
        ),
    }
}
