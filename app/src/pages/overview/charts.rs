//! The charts of an overview, drawn by the server: x and width in percent, y and height in pixels, so
//! that text keeps its size. Each is named by its finding, each part has a pattern of its own, and the
//! numbers stand beside it.

use crate::address;
use crate::components::lamp::State;
use crate::wire::{ConnectionFilter, ConnectionState, Millis, StateCounts};
use crate::words::{number, overview, time};
use leptos::prelude::*;

/// Between two parts of a bar, in percent.
const GAP: f64 = 0.25;
/// Where the bars of days end, in percent: numbers stand behind it.
const PLOT: f64 = 91.5;
/// Of the bars of days, in pixels.
const TOP: f64 = 25.0;
const BOTTOM: f64 = 150.0;

/// Connections by state: one bar, and the number and share of each, which leads to them.
#[component]
pub(crate) fn ByState(slug: String, counts: StateCounts) -> impl IntoView {
    let parts = [
        (ConnectionState::Active, counts.active, "c-active", None),
        (
            ConnectionState::Degraded,
            counts.degraded,
            "c-degraded",
            Some("url(#state-dots)"),
        ),
        (
            ConnectionState::ReconnectRequired,
            counts.reconnect_required,
            "c-bad",
            Some("url(#state-hatch)"),
        ),
        (
            ConnectionState::Revoked,
            counts.revoked,
            "c-off",
            Some("url(#state-cross)"),
        ),
    ];
    let total = counts.total();
    let shown: Vec<_> = parts.iter().filter(|(_, many, ..)| *many > 0).collect();
    let room = 100.0 - GAP * as_float(u64::try_from(shown.len().saturating_sub(1)).unwrap_or(0));
    let mut x = 0.0;
    let bars = shown
        .into_iter()
        .map(|(_, many, class, pattern)| {
            let width = room * as_float(*many) / as_float(total);
            let at = x;
            x += width + GAP;
            let (at, width) = (percent(at), percent(width));
            view! {
                <rect class=*class x=at.clone() width=width.clone() height="20"></rect>
                {pattern.map(|pattern| view! { <rect fill=pattern x=at width=width height="20"></rect> })}
            }
        })
        .collect_view();
    let stats = parts
        .into_iter()
        .map(|(state, many, ..)| {
            let filter = ConnectionFilter {
                state: state.as_str().to_owned(),
                ..ConnectionFilter::default()
            };
            let page = address::connections_with(&slug, &filter);
            view! {
                <div class="stat">
                    <dt><State lamp=state.into() /></dt>
                    <dd><a href=page>{number::grouped(many)}</a>" "<small>{overview::share(many, total)}</small></dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <figure class="chart">
            <svg height="20" role="img" aria-label=overview::states(counts)>
                <defs>
                    <pattern id="state-dots" width="6" height="6" patternUnits="userSpaceOnUse"><path class="c-hatch" d="M0 3h6"></path></pattern>
                    <pattern id="state-hatch" width="7" height="7" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="c-hatch" d="M0 0v7"></path></pattern>
                    <pattern id="state-cross" width="7" height="7" patternUnits="userSpaceOnUse"><path class="c-hatch" d="M3.5 0v7M0 3.5h7"></path></pattern>
                </defs>
                {bars}
            </svg>
            <dl class="stats">{stats}</dl>
        </figure>
    }
    .into_any()
}

/// What is shown of a day.
#[derive(Clone, Copy, Debug)]
pub struct Bar {
    /// Beginning of the day.
    pub(crate) day: Millis,
    /// The bar.
    pub(crate) main: u64,
    /// What stands on it, hatched.
    pub(crate) bad: u64,
}

/// A bar for each day, and the numbers folded below. `id` is the one of the heading that stands above.
#[component]
pub(crate) fn Days(
    id: &'static str,
    bars: Vec<Bar>,
    /// The column of the bars.
    done: &'static str,
    /// The column of what stands on them, if there is such a thing.
    #[prop(optional)]
    failed: Option<&'static str>,
) -> impl IntoView {
    let top = ceiling(bars.iter().map(|bar| bar.main + bar.bad).max().unwrap_or(0));
    let step = PLOT / as_float(u64::try_from(bars.len()).unwrap_or(1).max(1));
    let high = |many: u64| (BOTTOM - TOP) * as_float(many) / as_float(top);
    let hatch = format!("{id}-hatch");
    let fill = format!("url(#{hatch})");
    let mut left = 0.15 * step;
    let drawn = bars
        .iter()
        .map(|bar| {
            let x = percent(left);
            left += step;
            let width = percent(0.7 * step);
            let main = high(bar.main).max(if bar.main > 0 { 1.0 } else { 0.0 });
            let bad = high(bar.bad).max(if bar.bad > 0 { 4.0 } else { 0.0 });
            let bad = (bar.bad > 0).then(|| {
                let (y, height) = (pixels(BOTTOM - main - bad), pixels(bad));
                view! {
                    <rect class="c-bad" x=x.clone() y=y.clone() width=width.clone() height=height.clone()></rect>
                    <rect fill=fill.clone() x=x.clone() y=y width=width.clone() height=height></rect>
                }
            });
            view! {
                <rect class="c-main" x=x.clone() y=pixels(BOTTOM - main) width=width.clone() height=pixels(main)></rect>
                {bad}
            }
        })
        .collect_view();
    let lines = [0, 1, 2]
        .map(|half| {
            let y = BOTTOM - (BOTTOM - TOP) * as_float(half) / 2.0;
            let many = top * half / 2;
            view! {
                <line class="c-grid" x1="0" x2=percent(PLOT) y1=pixels(y) y2=pixels(y)></line>
                <text x="100%" y=pixels(y + 4.0) text-anchor="end">{number::grouped(many)}</text>
            }
        })
        .collect_view();
    let every = bars.len().div_ceil(4).max(1);
    let mut middle = 0.5 * step;
    let days = bars
        .iter()
        .enumerate()
        .filter_map(|(place, bar)| {
            let x = percent(middle);
            middle += step;
            let anchor = if place == 0 { "start" } else { "middle" };
            place
                .is_multiple_of(every)
                .then(|| view! { <text x=x y="168" text-anchor=anchor>{time::short_date(bar.day)}</text> })
        })
        .collect_view();
    let finding: Vec<_> = bars.iter().map(|bar| (bar.day, bar.main)).collect();
    let note = format!("{id}-note");
    let named = format!("{id} {note}");
    let rows = bars
        .iter()
        .rev()
        .map(|bar| {
            view! {
                <tr>
                    <th scope="row"><time datetime=time::machine_day(bar.day)>{time::short_date(bar.day)}</time></th>
                    <td class="table__num">{number::grouped(bar.main)}</td>
                    {failed.map(|_| view! { <td class="table__num">{number::grouped(bar.bad)}</td> })}
                </tr>
            }
        })
        .collect_view();
    view! {
        <figure class="chart">
            <svg height="174" role="img" aria-labelledby=named>
                <defs>
                    <pattern id=hatch width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path class="c-hatch" d="M0 0v5"></path></pattern>
                </defs>
                {lines}
                {drawn}
                {days}
            </svg>
            <figcaption class="small quiet" id=note>{overview::per_day(&finding)}</figcaption>
        </figure>
        <details class="fold">
            <summary>"Each day in numbers"</summary>
            <table class="table">
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        <th scope="col" class="table__num">{done}</th>
                        {failed.map(|failed| view! { <th scope="col" class="table__num">{failed}</th> })}
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </details>
    }
    .into_any()
}

/// A number and its bar, as long as its share of the largest.
#[component]
pub(crate) fn Tally(many: u64, of: u64) -> impl IntoView {
    let width = percent(100.0 * as_float(many) / as_float(of.max(1)));
    view! {
        <span class="tally">
            <span class="num">{number::grouped(many)}</span>
            <svg width="100%" height="10" aria-hidden="true"><rect class="c-bad" width=width height="10" rx="2"></rect></svg>
        </span>
    }
    .into_any()
}

/// The next even number of the form 2, 4, 10, 20, 40, 100, ... that is not smaller.
fn ceiling(most: u64) -> u64 {
    let mut unit: u64 = 1;
    loop {
        for factor in [2, 4, 10] {
            if unit.saturating_mul(factor) >= most {
                return unit.saturating_mul(factor);
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// Exact for all that connections are counted in.
fn as_float(many: u64) -> f64 {
    f64::from(u32::try_from(many).unwrap_or(u32::MAX))
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

fn pixels(height: f64) -> String {
    format!("{height:.1}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_ends_at_a_number_that_can_be_halved() {
        for (most, top) in [
            (0, 2),
            (2, 2),
            (3, 4),
            (5, 10),
            (11, 20),
            (1_566, 2_000),
            (4_001, 10_000),
        ] {
            assert_eq!(ceiling(most), top, "{most}");
        }
        assert_eq!(ceiling(u64::MAX), u64::MAX);
    }
}
