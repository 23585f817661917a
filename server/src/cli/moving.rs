//! `grantport import` and `grantport leave`: connections that come, and that go.

use super::Failure;
use super::arguments::{Import, Leave};
use super::open::open;
use crate::config::Config;
use crate::domain::{Actor, Application};
use crate::moving::{
    BATCH, Brought, Counts, How, Importing, Leaving, Outcome, Problem, Row, Rows, recipients,
};
use crate::state::upstreams;
use crate::store::Store;
use std::collections::BTreeMap;
use std::io::{BufWriter, IsTerminal, Write};

/// Rows between two lines that tell of progress, where they are not written over each other.
const TELL_EVERY: u64 = 1000;

/// A row that was read, with its number in the file, from 1.
type Numbered = (u64, Result<Row, Vec<Problem>>);

pub(super) async fn import(asked: Import, config: &Config) -> Result<(), Failure> {
    let rows = Rows::open(&asked.file, asked.identity.as_deref())?;
    let (store, _lock) = open(config).await?;
    let upstreams = upstreams(config, &store)?;
    let applications = applications(&store).await?;
    let usual = usual(&applications, asked.application.as_deref())?;
    let mut doors = BTreeMap::new();
    for application in applications {
        let slug = application.slug.to_string();
        let door = Importing::into_application(&store, &upstreams, application).await?;
        doors.insert(slug, door);
    }
    let mut run = Run {
        doors,
        usual,
        only: asked.application,
        how: How {
            dry_run: asked.dry_run,
            replace: asked.replace,
            all_or_nothing: false,
        },
        counts: Counts::default(),
        progress: Progress::new(),
    };
    let names = asked.names.into_iter().collect();
    let mut waiting: Vec<Numbered> = Vec::with_capacity(BATCH);
    let mut ended = Ok(());
    for (number, value) in (1_u64..).zip(rows) {
        match value {
            Ok(value) => waiting.push((number, asked.format.row(value, &names))),
            Err(error) => {
                ended = Err(Failure::from(error));
                break;
            }
        }
        if waiting.len() == BATCH {
            run.bring(std::mem::take(&mut waiting)).await?;
        }
    }
    run.bring(waiting).await?;
    store.close().await;
    run.tell_end();
    ended?;
    match run.counts.wrong {
        0 => Ok(()),
        wrong => Err(Failure::Rows(wrong)),
    }
}

/// An import that is under way.
struct Run {
    /// Applications by their slugs.
    doors: BTreeMap<String, Importing>,
    /// Where rows go that name no application.
    usual: Option<String>,
    /// All rows go here, whatever they name.
    only: Option<String>,
    how: How,
    counts: Counts,
    progress: Progress,
}

impl Run {
    async fn bring(&mut self, rows: Vec<Numbered>) -> Result<(), Failure> {
        let many = rows.len();
        let mut by_application: BTreeMap<String, Vec<Numbered>> = BTreeMap::new();
        for (number, mut row) in rows {
            let named = match &mut row {
                Ok(row) if self.only.is_some() => {
                    row.application = None;
                    None
                }
                Ok(row) => row.application.clone(),
                Err(_) => None,
            };
            let slug = named.or_else(|| self.usual.clone()).unwrap_or_default();
            by_application.entry(slug).or_default().push((number, row));
        }
        for (slug, rows) in by_application {
            self.bring_into(&slug, rows).await?;
        }
        self.progress.went_on(many);
        Ok(())
    }

    async fn bring_into(&mut self, slug: &str, rows: Vec<Numbered>) -> Result<(), Failure> {
        let (numbers, rows): (Vec<u64>, Vec<_>) = rows.into_iter().unzip();
        let brought = match self.doors.get_mut(slug) {
            Some(door) => door.bring(rows, self.how, &Actor::command_line()).await?,
            None => nowhere(rows, self.doors.keys()),
        };
        self.counts.add(&brought);
        let wrong = brought.iter().zip(numbers);
        for (one, number) in wrong.filter(|(one, _)| one.outcome == Outcome::Wrong) {
            self.progress.clear();
            for problem in &one.problems {
                println!("row {number}: {}", problem.sentence);
            }
        }
        Ok(())
    }

    fn tell_end(&mut self) {
        self.progress.clear();
        let counts = self.counts;
        if self.how.dry_run {
            println!(
                "Dry run, nothing is kept. Would import {}, would replace {}, already there {}, wrong {}.",
                counts.would_import, counts.would_replace, counts.already_there, counts.wrong
            );
        } else {
            println!(
                "Imported {}, replaced {}, already there {}, wrong {}.",
                counts.imported, counts.replaced, counts.already_there, counts.wrong
            );
        }
    }
}

/// Rows that name no application, where there are several or none of that name. Those that are wrong
/// already stay so.
fn nowhere<'a>(
    rows: Vec<Result<Row, Vec<Problem>>>,
    slugs: impl Iterator<Item = &'a String>,
) -> Vec<Brought> {
    let slugs: Vec<&str> = slugs.map(String::as_str).collect();
    let sentence = format!(
        "`application` has to name one of `{}`. Or say --application for all rows.",
        slugs.join("`, `")
    );
    let answer = |(index, row): (usize, Result<Row, Vec<Problem>>)| Brought {
        index,
        outcome: Outcome::Wrong,
        connection_id: None,
        problems: row.err().unwrap_or_else(|| {
            vec![Problem {
                field: "application".to_owned(),
                sentence: sentence.clone(),
            }]
        }),
    };
    rows.into_iter().enumerate().map(answer).collect()
}

pub(super) async fn leave(asked: Leave, config: &Config) -> Result<(), Failure> {
    let recipients = recipients(&asked.to)?;
    let out = std::io::stdout();
    if out.is_terminal() {
        let to = asked.to.into_iter().next().unwrap_or_default();
        return Err(Failure::Terminal { to });
    }
    let (store, _lock) = open(config).await?;
    let mut applications = applications(&store).await?;
    if let Some(slug) =
        usual(&applications, asked.application.as_deref())?.filter(|_| asked.application.is_some())
    {
        applications.retain(|application| application.slug.as_str() == slug);
    }
    let leaving = Leaving {
        store: &store,
        applications: &applications,
        recipients: &recipients,
        armor: asked.armor,
    };
    let mut progress = Progress::new();
    let out = BufWriter::new(out.lock());
    let told = |written, total| progress.reached(written, Some(total));
    let left = leaving.write(out, &Actor::command_line(), told).await;
    store.close().await;
    progress.clear();
    eprintln!(
        "{} connections left, sealed to {} keys. Their refresh tokens are good in one vault only: before the other one refreshes them, run `grantport restore begin` on this one or stop it for good.",
        left?,
        recipients.len()
    );
    Ok(())
}

async fn applications(store: &Store) -> Result<Vec<Application>, Failure> {
    let mut all = Vec::new();
    for organization in store.organizations().await? {
        all.extend(store.applications(&organization.id).await?);
    }
    Ok(all)
}

/// The application that is named, or the only one.
fn usual(applications: &[Application], named: Option<&str>) -> Result<Option<String>, Failure> {
    let slugs: Vec<&str> = applications
        .iter()
        .map(|application| application.slug.as_str())
        .collect();
    match (named, slugs.as_slice()) {
        (_, []) => Err(Failure::Application(
            "There is no application yet: make one first, in the portal or with `grantport apply`."
                .to_owned(),
        )),
        (Some(named), slugs) if slugs.contains(&named) => Ok(Some(named.to_owned())),
        (Some(_), slugs) => Err(Failure::Application(format!(
            "--application names none. There is {}.",
            slugs.join(", ")
        ))),
        (None, [only]) => Ok(Some((*only).to_owned())),
        (None, _) => Ok(None),
    }
}

/// How far a command came, on standard error: one line that is written over on a terminal, a line now
/// and then elsewhere.
struct Progress {
    done: u64,
    told: u64,
    terminal: bool,
}

impl Progress {
    fn new() -> Self {
        Self {
            done: 0,
            told: 0,
            terminal: std::io::stderr().is_terminal(),
        }
    }

    fn went_on(&mut self, rows: usize) {
        let done = self.done + u64::try_from(rows).unwrap_or_default();
        self.reached(done, None);
    }

    fn reached(&mut self, done: u64, total: Option<u64>) {
        self.done = done;
        let of = total.map_or_else(String::new, |total| format!(" of {total}"));
        if self.terminal {
            eprint!("\r{done}{of} rows");
            // a progress that cannot be shown is no reason to stop
            let _ = std::io::stderr().flush();
        } else if done / TELL_EVERY > self.told / TELL_EVERY || (self.told == 0 && done > 0) {
            eprintln!("{done}{of} rows");
            self.told = done;
        }
    }

    /// Makes room for another line.
    fn clear(&self) {
        if self.terminal {
            eprint!("\r{:40}\r", "");
        }
    }
}
