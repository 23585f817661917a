//! The audit as CSV (RFC 4180) and as JSON lines, a few rows at a time.
//!
//! A table calculator runs what begins like a formula, and anyone can choose a name: such a cell of
//! the CSV gets an apostrophe before it. JSON lines say exactly what is stored.

use crate::domain::AuditRecord;
use serde_json::{Value, json};

/// What a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A table with a head.
    Csv,
    /// One object a line.
    JsonLines,
}

const COLUMNS: [&str; 13] = [
    "number",
    "at",
    "action",
    "actor_kind",
    "actor_id",
    "actor_name",
    "subject_kind",
    "subject_id",
    "application_id",
    "address",
    "node",
    "detail",
    "organization_id",
];

impl Format {
    /// The end of its file name.
    #[must_use]
    pub fn extension(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::JsonLines => "jsonl",
        }
    }

    /// What it is called on the wire.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv; charset=utf-8; header=present",
            Self::JsonLines => "application/x-ndjson",
        }
    }

    /// What stands before the first row.
    #[must_use]
    pub fn head(self) -> Vec<u8> {
        match self {
            Self::Csv => table(std::iter::once(COLUMNS.map(str::to_owned))),
            Self::JsonLines => Vec::new(),
        }
    }

    /// These rows.
    #[must_use]
    pub fn rows(self, records: &[AuditRecord]) -> Vec<u8> {
        match self {
            Self::Csv => table(records.iter().map(cells)),
            Self::JsonLines => records
                .iter()
                .flat_map(|record| format!("{}\n", object(record)).into_bytes())
                .collect(),
        }
    }
}

fn table(rows: impl Iterator<Item = [String; 13]>) -> Vec<u8> {
    let mut writer = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer(Vec::new());
    for row in rows {
        // rows of one length into memory: nothing here can fail
        drop(writer.write_record(&row));
    }
    writer.into_inner().unwrap_or_default()
}

fn cells(record: &AuditRecord) -> [String; 13] {
    [
        record.seq.to_string(),
        record.at.rfc3339(),
        inert(&record.action),
        inert(&record.actor_kind),
        inert(&record.actor_id),
        inert(&record.actor_name),
        inert(&record.subject_kind),
        inert(&record.subject_id),
        inert(record.application.as_deref().unwrap_or_default()),
        inert(record.address.as_deref().unwrap_or_default()),
        inert(record.node.as_deref().unwrap_or_default()),
        inert(&record.detail),
        inert(record.organization.as_str()),
    ]
}

/// Text that no table calculator takes for a formula (OWASP, "CSV Injection").
fn inert(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n'])
        // full-width forms of the same
        || text.starts_with(['＝', '＋', '－', '＠']);
    if formula {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

fn object(record: &AuditRecord) -> Value {
    // written by us as JSON; what is not stays the text that it is
    let detail: Value = serde_json::from_str(&record.detail)
        .unwrap_or_else(|_| Value::String(record.detail.clone()));
    json!({
        "number": record.seq,
        "at": record.at.rfc3339(),
        "at_ms": record.at.millis(),
        "action": record.action,
        "actor": {"kind": record.actor_kind, "id": record.actor_id, "name": record.actor_name},
        "subject": {"kind": record.subject_kind, "id": record.subject_id},
        "application_id": record.application,
        "address": record.address,
        "node": record.node,
        "detail": detail,
        "organization_id": record.organization.as_str(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{OrganizationId, Timestamp};

    fn named(name: &str) -> AuditRecord {
        AuditRecord {
            seq: 7,
            organization: OrganizationId::random(),
            at: Timestamp::from_millis(1_795_356_422_123),
            actor_kind: "member".to_owned(),
            actor_id: "mem_1".to_owned(),
            actor_name: name.to_owned(),
            action: "connection.revoked".to_owned(),
            subject_kind: "connection".to_owned(),
            subject_id: "con_1".to_owned(),
            detail: r#"{"note":"two\nlines, \"quoted\""}"#.to_owned(),
            node: Some("node-1".to_owned()),
            address: Some("203.0.113.24".to_owned()),
            application: None,
        }
    }

    fn read_back(records: &[AuditRecord]) -> Vec<csv::StringRecord> {
        let mut text = Format::Csv.head();
        text.extend(Format::Csv.rows(records));
        let mut reader = csv::Reader::from_reader(text.as_slice());
        assert_eq!(
            reader.headers().expect("a head"),
            &csv::StringRecord::from(COLUMNS.to_vec())
        );
        reader
            .records()
            .collect::<Result<_, _>>()
            .expect("rows that read")
    }

    #[test]
    fn what_leaves_as_a_table_reads_back() {
        for name in [
            "Ada",
            "Müller, \"Mia\"",
            "two\r\nlines",
            "lone\rreturn",
            "",
            "☕",
            " spaced ",
        ] {
            let record = named(name);
            let rows = read_back(&[record.clone(), record.clone()]);
            assert_eq!(rows.len(), 2, "{name:?}");
            assert_eq!(&rows[1][5], name);
            assert_eq!(&rows[1][11], record.detail);
            assert_eq!(&rows[1][1], "2026-11-22T14:07:02Z");
        }
    }

    #[test]
    fn no_cell_begins_like_a_formula() {
        for name in [
            "=HYPERLINK(\"http://evil.example\")",
            "+1",
            "-1+cmd|' /C calc'!A0",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1",
            "＋1",
            "－1",
            "＠A",
        ] {
            let rows = read_back(&[named(name)]);
            assert_eq!(rows[0][5], format!("'{name}"));
            for cell in &rows[0] {
                assert!(
                    !cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']),
                    "{cell:?}"
                );
            }
        }
    }

    #[test]
    fn json_lines_say_what_is_stored() {
        let records = [named("=1\r\n"), named("Ada")];
        let text = String::from_utf8(Format::JsonLines.rows(&records)).expect("UTF-8");
        let lines: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["actor"]["name"], "=1\r\n");
        assert_eq!(lines[0]["detail"]["note"], "two\nlines, \"quoted\"");
        assert_eq!(lines[1]["at_ms"], 1_795_356_422_123_i64);
        assert!(lines[1]["application_id"].is_null());
    }
}
