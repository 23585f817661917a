//! The log: lines for people on a terminal, JSON lines for everything else.
//!
//! It goes to standard error, so that what a command answers stands alone on standard output.

use std::io::IsTerminal;
use tracing_subscriber::EnvFilter;

/// Whatever is asked for: below this, these write whole requests, tokens and all, into the log.
const NEVER_MORE: &str = "hyper=info,hyper_util=info,h2=info,reqwest=info,rustls=info";

/// Sessions that ran out are no suspicious activity, and database statements are nobody's news.
const USUAL: &str = "info,tower_sessions=error,tower_sessions_core=error,sqlx=warn";

/// Starts the log. `filter` is `GRANTPORT_LOG`, e.g. `debug` or `info,server::oauth=debug`; one that
/// cannot be read is reported and replaced by the usual one.
pub fn start(filter: Option<&str>) {
    let (filter, complaint) = match filter.map(|asked| EnvFilter::try_new(capped(asked))) {
        Some(Ok(filter)) => (filter, false),
        Some(Err(_)) => (EnvFilter::new(capped(USUAL)), true),
        None => (EnvFilter::new(capped(USUAL)), false),
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // a second start, in tests, keeps the first
    let started = if std::io::stderr().is_terminal() {
        log.with_target(false).try_init()
    } else {
        log.json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init()
    };
    if started.is_ok() {
        std::panic::set_hook(Box::new(note_panic));
    }
    if complaint {
        tracing::warn!("GRANTPORT_LOG cannot be read; write e.g. info or debug");
    }
}

fn capped(filter: &str) -> String {
    format!("{filter},{NEVER_MORE}")
}

/// Where, not what: a panic's message may hold the value that caused it.
fn note_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic
        .location()
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::error!(place, "a panic: this is a fault in Grantport");
}
