//! Searching for secrets where they must not be: raw and in the encodings in which they leak.

use super::databases::Database;
use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use server::store::db::{Row, Runs, sql};
use std::fmt::Write as _;

/// A secret, and every form in which it could be found.
pub(crate) struct Canary {
    secret: String,
    /// One character per byte.
    forms: Vec<String>,
}

impl Canary {
    /// Of a secret that is long enough not to be found by chance.
    pub(crate) fn of(secret: &str) -> Self {
        assert!(secret.len() >= 8, "{secret} is too short to search for");
        let hex = secret.bytes().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").expect("a string takes everything");
            text
        });
        let decimals: Vec<String> = secret.bytes().map(|byte| byte.to_string()).collect();
        let mut forms: Vec<Vec<u8>> = vec![
            secret.into(),
            secret.chars().rev().collect::<String>().into(),
            hex.to_uppercase().into(),
            hex.into(),
            decimals.join(", ").into(),
            decimals.join(",").into(),
            secret.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            url::form_urlencoded::byte_serialize(secret.as_bytes())
                .collect::<String>()
                .into(),
        ];
        for shift in 0..3 {
            forms.push(inner_base64(secret, shift, |bytes| {
                STANDARD_NO_PAD.encode(bytes)
            }));
            forms.push(inner_base64(secret, shift, |bytes| {
                URL_SAFE_NO_PAD.encode(bytes)
            }));
        }
        Self {
            secret: secret.to_owned(),
            forms: forms.iter().map(|form| characters(form)).collect(),
        }
    }
}

/// Fails if one of the secrets is in `hay`. `place` says where that is.
pub(crate) fn must_be_clean<'a>(
    hay: &[u8],
    canaries: impl IntoIterator<Item = &'a Canary>,
    place: &str,
) {
    let hay = characters(hay);
    for canary in canaries {
        for form in &canary.forms {
            assert!(
                !hay.contains(form),
                "{place} holds {} as {form:?}",
                canary.secret
            );
        }
    }
}

/// One character per byte: text is searched much faster than bytes.
fn characters(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The characters that base64 has for a text with `shift` bytes before it, whatever surrounds both.
fn inner_base64(text: &str, shift: usize, encode: impl Fn(&[u8]) -> String) -> Vec<u8> {
    let mut bytes = vec![0; shift];
    bytes.extend_from_slice(text.as_bytes());
    let whole = bytes.len() * 8 / 6;
    encode(&bytes).into_bytes()[(shift * 8).div_ceil(6)..whole].to_vec()
}

/// The whole database, column by column, in an order that does not depend on that of the rows.
pub(crate) async fn dump(db: &Database) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for (table, row) in rows(db).await {
        let columns = row.dump().into_iter();
        all.extend(columns.map(|(column, bytes)| (format!("{table}.{column}"), bytes)));
    }
    all.sort();
    all
}

/// The whole database, row by row, each with the name of its table.
pub(crate) async fn rows(db: &Database) -> Vec<(String, Row)> {
    let tables = sql(if db.is_shared() {
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()"
    } else {
        "SELECT name FROM sqlite_master WHERE type = 'table'"
    });
    let mut connection = db.store.db();
    let mut all = Vec::new();
    for table in connection.rows(tables).await.unwrap() {
        let table = table.text("name").unwrap();
        // a statement is constant text, and only a test has its tables from elsewhere
        let text: &'static str = format!("SELECT * FROM {table}").leak();
        let found = connection.rows(sql(text)).await.unwrap();
        all.extend(found.into_iter().map(|row| (table.clone(), row)));
    }
    all
}
