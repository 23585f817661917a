//! A PostgreSQL server for the tests: the one that `TEST_DATABASE_URL` names, or their own.
//!
//! Their own is kept by a small shell script whose standard input is a pipe from this process. It
//! stops the server and removes its files when that pipe closes, which it does however this process
//! ends.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// A server, and who keeps it.
struct Cluster {
    url: String,
    #[expect(dead_code, reason = "holds the pipe open that keeps the server alive")]
    keeper: Option<Child>,
}

static CLUSTER: LazyLock<Result<Cluster, String>> = LazyLock::new(|| match named() {
    Some(url) => Ok(Cluster { url, keeper: None }),
    None => own(),
});

/// URL of a database from which others can be made.
pub(crate) fn url() -> &'static str {
    match &*CLUSTER {
        Ok(cluster) => &cluster.url,
        Err(why) => panic!("{why}"),
    }
}

fn named() -> Option<String> {
    std::env::var("TEST_DATABASE_URL")
        .ok()
        .filter(|url| !url.is_empty())
}

fn own() -> Result<Cluster, String> {
    let mut keeper = Command::new("sh")
        .args(["-c", include_str!("postgres.sh")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .process_group(0) // Ctrl-C must not reach the one who cleans up
        .spawn()
        .map_err(|error| format!("no shell to start PostgreSQL with: {error}"))?;
    let mut said = Vec::new();
    for line in BufReader::new(keeper.stdout.take().expect("a pipe")).lines() {
        let line = line.map_err(|error| error.to_string())?;
        if let Some(directory) = line.strip_prefix("ready ") {
            let url = format!("postgres://postgres@localhost/postgres?host={directory}");
            return Ok(Cluster {
                url,
                keeper: Some(keeper),
            });
        }
        said.push(line);
    }
    Err(said.join("\n"))
}
