//! What a run says: a line that tells how far it is, a table of figures, a verdict.

use crate::checker::Violation;
use std::fmt::Display;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

/// Violations that are printed in full; the others are counted.
const MOST_PRINTED: usize = 20;

/// One figure, and whether it is what was promised.
struct Figure {
    name: String,
    value: String,
    promised: String,
    kept: bool,
}

/// Of one scenario.
pub(crate) struct Report {
    scenario: &'static str,
    started: Instant,
    figures: Vec<Figure>,
    violations: Vec<(String, Violation)>,
    notes: Vec<String>,
}

impl Report {
    pub(crate) fn new(scenario: &'static str) -> Self {
        println!("\n== {scenario}{}", busy());
        Self {
            scenario,
            started: Instant::now(),
            figures: Vec::new(),
            violations: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// How far the run is. On a terminal the line replaces the one before.
    pub(crate) fn progress(&self, what: impl Display) {
        let seconds = self.started.elapsed().as_secs_f32();
        progress(&format!("[{seconds:>5.1} s] {what}"));
    }

    /// A figure with what was promised of it.
    pub(crate) fn figure(
        &mut self,
        name: impl Into<String>,
        value: impl Display,
        promised: impl Display,
        kept: bool,
    ) {
        self.figures.push(Figure {
            name: name.into(),
            value: value.to_string(),
            promised: promised.to_string(),
            kept,
        });
    }

    /// A figure that has to be exactly this.
    pub(crate) fn exactly<T: PartialEq + Display>(
        &mut self,
        name: impl Into<String>,
        value: T,
        promised: T,
    ) {
        let kept = value == promised;
        self.figure(name, value, promised, kept);
    }

    /// A time that has to stay below a limit.
    pub(crate) fn below(&mut self, name: impl Into<String>, value: Duration, limit: Duration) {
        self.figure(name, ms(value), format!("< {}", ms(limit)), value < limit);
    }

    /// A figure that nothing was promised of.
    pub(crate) fn told(&mut self, name: impl Into<String>, value: impl Display) {
        self.figure(name, value, "", true);
    }

    /// What the checker found in one part of the run.
    pub(crate) fn checked(&mut self, part: &str, found: Vec<Violation>) {
        self.figure(
            format!("{part}: violations of I1-I7"),
            found.len(),
            0,
            found.is_empty(),
        );
        self.violations.extend(
            found
                .into_iter()
                .map(|violation| (part.to_owned(), violation)),
        );
    }

    /// A sentence for below the table.
    pub(crate) fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    /// Says why it cannot be played here, which breaks no promise.
    pub(crate) fn skipped(&self, why: &str) -> bool {
        println!("== {}: skipped: {why}", self.scenario);
        true
    }

    /// Prints it all. `true`: every promise was kept.
    pub(crate) fn verdict(self) -> bool {
        if std::io::stdout().is_terminal() {
            print!("\r\x1b[2K");
        }
        let wide = |of: fn(&Figure) -> &String| {
            self.figures
                .iter()
                .map(|figure| of(figure).chars().count())
                .max()
                .unwrap_or(0)
        };
        let (names, values) = (wide(|figure| &figure.name), wide(|figure| &figure.value));
        for Figure {
            name,
            value,
            promised,
            kept,
        } in &self.figures
        {
            let mark = if *kept { "  " } else { "! " };
            let promise = if promised.is_empty() {
                String::new()
            } else {
                format!("  ({promised})")
            };
            println!("{mark}{name:names$}  {value:>values$}{promise}");
        }
        for (part, violation) in self.violations.iter().take(MOST_PRINTED) {
            println!("! {part}: {violation}");
        }
        if self.violations.len() > MOST_PRINTED {
            println!("! and {} more", self.violations.len() - MOST_PRINTED);
        }
        for note in &self.notes {
            println!("  {note}");
        }
        let missed = self.figures.iter().filter(|figure| !figure.kept).count();
        let seconds = self.started.elapsed().as_secs_f32();
        if missed == 0 {
            println!("== {}: all promises kept, {seconds:.1} s", self.scenario);
        } else {
            println!(
                "== {}: {missed} promises broken, {seconds:.1} s",
                self.scenario
            );
        }
        missed == 0
    }
}

/// A line that a terminal replaces by the next one.
pub(crate) fn progress(line: &str) {
    if std::io::stdout().is_terminal() {
        print!("\r\x1b[2K{line}");
        // a progress line that does not appear is no failure
        let _ = std::io::stdout().flush();
    } else {
        println!("{line}");
    }
}

/// How much else the machine has to do: times mean little where it is more than its cores can.
fn busy() -> String {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    match std::fs::read_to_string("/proc/loadavg") {
        Ok(load) => {
            let load = load.split_whitespace().next().unwrap_or("?");
            format!(" ({cores} cores, load {load} at the start)")
        }
        Err(_) => format!(" ({cores} cores)"),
    }
}

/// As milliseconds.
pub(crate) fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
