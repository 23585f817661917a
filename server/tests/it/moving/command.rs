//! The commands themselves, as an operator runs them.

use super::row;
use crate::support::databases::{Database, KEY};
use crate::support::definitions;
use crate::support::seed::Seed;
use age::x25519::Identity;
use server::store::db::{Runs, sql};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// The program, at this database.
fn grantport(url: &str, catalog: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_grantport"));
    command
        .args(arguments)
        .env("GRANTPORT_DATABASE_URL", url)
        .env("GRANTPORT_KEY", KEY)
        .env("GRANTPORT_CATALOG_DIR", catalog)
        .env("GRANTPORT_PUBLIC_URL", "http://127.0.0.1:3000")
        .stdin(Stdio::null());
    command
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    )
}

fn rows(many: usize) -> String {
    let line = |n: usize| {
        let row = row(
            &format!("p{n}"),
            &format!("at-file-{n}"),
            &format!("rt-file-{n}"),
        );
        format!("{row}\n")
    };
    (0..many).map(line).collect()
}

async fn connections(db: &Database) -> u64 {
    let many = sql("SELECT COUNT(*) AS many FROM connections");
    let row = db.store.db().row(many).await.unwrap().expect("a row");
    row.count("many").unwrap()
}

db_test!(an_import_that_was_killed_is_started_once_more, async |db| {
    Seed::of(&db).await;
    let directory = tempfile::tempdir().expect("a directory");
    definitions::write(directory.path());
    let file = directory.path().join("rows.jsonl");
    std::fs::write(&file, rows(1500)).expect("written");
    let file = file.display().to_string();
    let place = db.stop().await;
    let url = place.url.clone();
    let start = |arguments: &[&str]| grantport(&url, directory.path(), arguments);

    let mut killed = start(&["import", &file])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    // its first line of progress
    let mut first = [0_u8; 1];
    let mut progress = killed.stderr.take().expect("a pipe");
    std::io::Read::read_exact(&mut progress, &mut first).expect("a line");
    killed.kill().expect("it runs");
    killed.wait().expect("it ended");

    let (code, out, err) = said(&start(&["import", &file]).output().expect("it runs"));
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(
        out.starts_with("Imported ") && out.ends_with("wrong 0.\n"),
        "{out}"
    );
    assert!(!out.contains("already there 0,"), "some were in: {out}");
    assert!(err.contains("1000 rows"), "{err}");
    let (code, out, _) = said(&start(&["import", &file]).output().expect("it runs"));
    assert_eq!(
        (code, out.as_str()),
        (
            Some(0),
            "Imported 0, replaced 0, already there 1500, wrong 0.\n"
        )
    );
    let (code, out, _) = said(
        &start(&["import", &file, "--dry-run"])
            .output()
            .expect("it runs"),
    );
    assert_eq!(code, Some(0));
    assert!(out.contains("already there 1500"), "{out}");

    let db = Database::again(place.clone()).await;
    assert_eq!(connections(&db).await, 1500, "no duplicates");
    db.stop().await;
});

#[tokio::test(flavor = "multi_thread")]
async fn wrong_rows_are_named_and_the_others_come_in() {
    let db = Database::sqlite().await;
    Seed::of(&db).await;
    let place = db.stop().await;
    let directory = tempfile::tempdir().expect("a directory");
    definitions::write(directory.path());
    let mut child = grantport(&place.url, directory.path(), &["import", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let wrong = rows(1)
        .replace("\"p0\"", "\"\"")
        .replace("file-0", "hunter2-9");
    let text = format!("{}{wrong}{}", rows(1), rows(2));
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(text.as_bytes())
        .expect("written");
    let (code, out, err) = said(&child.wait_with_output().expect("it ends"));
    assert_eq!(code, Some(1), "{err}");
    assert!(out.contains("row 2: `end_user.id` has to have"), "{out}");
    assert!(
        out.contains("Imported 2, replaced 0, already there 1, wrong 1."),
        "{out}"
    );
    assert!(err.contains("1 rows are wrong"), "{err}");
    assert!(!out.contains("hunter2") && !err.contains("hunter2"));

    for (arguments, words) in [
        (
            vec!["import", "-", "--application", "nobody"],
            "There is crm-sync.",
        ),
        (vec!["import", "/nowhere/at-all"], "/nowhere/at-all"),
        (vec!["leave", "--to", "nobody"], "no public key of age's"),
    ] {
        let output = grantport(&place.url, directory.path(), &arguments).output();
        let (code, _, err) = said(&output.expect("it runs"));
        assert_eq!(code, Some(1), "{err}");
        assert!(err.contains(words), "{err}");
    }
    place.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_by_command_comes_in_by_command() {
    let db = Database::sqlite().await;
    let seed = Seed::of(&db).await;
    // what the seed fills in and brings along is nothing that this definition asks for and keeps
    let plain = sql("UPDATE connections SET metadata = '{}', inputs = '{}'");
    for person in ["mia", "leo"] {
        seed.connect(person).await;
    }
    seed.store.db().run(plain).await.unwrap();
    drop(seed);
    let place = db.stop().await;
    let directory = tempfile::tempdir().expect("a directory");
    definitions::write(directory.path());
    let (key, file) = (
        directory.path().join("key"),
        directory.path().join("all.age"),
    );
    let identity = Identity::generate();
    {
        use age::secrecy::ExposeSecret;
        std::fs::write(&key, identity.to_string().expose_secret()).expect("written");
    }
    let to = identity.to_public().to_string();
    let left = grantport(&place.url, directory.path(), &["leave", "--to", &to]).output();
    let left = left.expect("it runs");
    let (code, _, err) = said(&left);
    assert_eq!(code, Some(0), "{err}");
    assert!(err.contains("2 connections left"), "{err}");
    std::fs::write(&file, &left.stdout).expect("written");

    let there = Database::sqlite().await;
    Seed::of(&there).await;
    let other = there.stop().await;
    let (file, key) = (file.display().to_string(), key.display().to_string());
    let arguments = ["import", &file, "--identity", &key];
    let (code, out, err) = said(
        &grantport(&other.url, directory.path(), &arguments)
            .output()
            .expect("it runs"),
    );
    assert_eq!(code, Some(0), "{out}{err}");
    assert!(out.contains("Imported 2, "), "{out}");
    let (code, _, err) = said(
        &grantport(&other.url, directory.path(), &arguments[..2])
            .output()
            .expect("it runs"),
    );
    assert_eq!(code, Some(1));
    assert!(err.contains("--identity"), "{err}");
    other.remove().await;
    place.remove().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_ends_with_two_where_there_is_something_to_do() {
    let db = Database::sqlite().await;
    let place = db.stop().await;
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("instance.toml");
    let text =
        "[organization]\nname = \"Acme\"\n[[applications]]\nslug = \"crm\"\nname = \"CRM\"\n";
    std::fs::write(&file, text).expect("written");
    let file = file.display().to_string();
    let run = |arguments: &[&str]| {
        said(
            &grantport(&place.url, directory.path(), arguments)
                .output()
                .expect("it runs"),
        )
    };
    let (code, out, err) = run(&["apply", &file, "--dry-run"]);
    assert_eq!(code, Some(2), "{out}{err}");
    assert!(out.contains("would create application crm\n"), "{out}");
    assert_eq!(run(&["export"]).0, Some(1), "there is nothing yet");
    assert_eq!(run(&["apply", &file]).0, Some(0));
    let (code, out, _) = run(&["apply", &file, "--dry-run"]);
    assert_eq!(
        (code, out.as_str()),
        (Some(0), "Nothing to do: the instance matches the file.\n")
    );
    let (code, exported, _) = run(&["export"]);
    assert_eq!(code, Some(0));
    std::fs::write(&file, exported).expect("written");
    assert_eq!(run(&["apply", &file, "--dry-run"]).0, Some(0));
    std::fs::write(&file, "nonsense").expect("written");
    assert_eq!(run(&["apply", &file, "--dry-run"]).0, Some(1));
    tokio::time::sleep(Duration::ZERO).await;
    place.remove().await;
}
