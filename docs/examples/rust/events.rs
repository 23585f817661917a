//! What happens to connections: told by webhooks, and read from the log, which has what no webhook brought.

use crate::grantport::{Fault, Grantport, text};
use crate::locked;
use serde_json::Value;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::Mutex;
use std::{fs, io};

/// Learns of each event, once.
type Happened = Box<dyn Fn(&Value) + Send + Sync>;

pub(crate) struct Events {
    grantport: Grantport,
    /// Keeps where the log was left.
    cursor_file: PathBuf,
    happened: Happened,
    /// `webhook-id` and the log's `id` are the same. A real application keeps them in its database, for 30 days.
    known: Mutex<HashSet<String>>,
}

impl Events {
    pub(crate) fn new(grantport: Grantport, cursor_file: PathBuf, happened: Happened) -> Self {
        Self {
            grantport,
            cursor_file,
            happened,
            known: Mutex::default(),
        }
    }

    pub(crate) fn take(&self, event: &Value) {
        let mut known = locked(&self.known);
        let id = text(&event["id"]);
        if known.contains(id) {
            return;
        }
        (self.happened)(event);
        known.insert(id.to_owned());
    }

    /// Reads what is new in the log.
    pub(crate) async fn read_on(&self) -> Result<(), Fault> {
        loop {
            let page = self.next_page().await?;
            for event in page["data"].as_array().into_iter().flatten() {
                self.take(event);
            }
            // afterwards, so that what a crash interrupts is read again
            fs::write(&self.cursor_file, text(&page["next_cursor"]))?;
            if page["has_more"] != true {
                return Ok(());
            }
        }
    }

    async fn next_page(&self) -> Result<Value, Fault> {
        let Some(cursor) = self.cursor()? else {
            return self.grantport.get("/events").await;
        };
        match self.grantport.get(&format!("/events?after={cursor}")).await {
            // whoever keeps a copy of the connections reads them anew here; our pages ask for them each time
            Err(Fault::Refused(problem)) if problem["code"] == "cursor_expired" => {
                fs::remove_file(&self.cursor_file)?;
                self.grantport.get("/events").await
            }
            page => page,
        }
    }

    fn cursor(&self) -> io::Result<Option<String>> {
        match fs::read_to_string(&self.cursor_file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }
}
