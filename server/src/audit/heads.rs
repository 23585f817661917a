//! The file of heads: one line each minute in which a chain went on, written where the database's
//! writers cannot write. A tail that was cut off, or a chain that was rewritten, contradicts a line.

use crate::domain::{AuditHead, Timestamp};
use crate::vault::hex;
use serde::{Deserialize, Serialize};
use std::fs::OpenOptions;
use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A file of heads, JSON lines. Cheap to clone.
#[derive(Clone, Debug)]
pub struct HeadsFile(Arc<PathBuf>);

/// A line of it.
#[derive(Serialize, Deserialize)]
struct Line {
    organization: String,
    position: i64,
    hash: String,
    at: i64,
    mac: String,
}

impl HeadsFile {
    /// It is made when it is first needed.
    #[must_use]
    pub fn at(path: PathBuf) -> Self {
        Self(Arc::new(path))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Appends heads so that they survive a loss of power.
    pub fn append(&self, heads: &[AuditHead]) -> io::Result<()> {
        if let Some(directory) = self.0.parent().filter(|one| !one.as_os_str().is_empty()) {
            std::fs::create_dir_all(directory)?;
        }
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&*self.0)?;
        let mut lines = Vec::new();
        for head in heads {
            serde_json::to_writer(&mut lines, &Line::of(head))?;
            lines.push(b'\n');
        }
        file.write_all(&lines)?;
        file.sync_all()
    }

    /// All heads in it, as they stand there: whether they are ours is for the reader to say. A file
    /// that is not there has none. A last line that was not finished is left out; any other that does
    /// not read is an error, since a file that was tampered with must not read as a shorter one.
    pub fn read(&self) -> io::Result<Vec<AuditHead>> {
        let file = match std::fs::File::open(&*self.0) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut heads = Vec::new();
        let mut reader = BufReader::new(file);
        let mut text = String::new();
        for number in 1.. {
            text.clear();
            if reader.read_line(&mut text)? == 0 || !text.ends_with('\n') {
                break;
            }
            let head = serde_json::from_str::<Line>(&text)
                .ok()
                .and_then(Line::head);
            heads.push(head.ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("line {number} is not a head of the audit"),
                )
            })?);
        }
        Ok(heads)
    }
}

impl Line {
    fn of(head: &AuditHead) -> Self {
        Self {
            organization: head.organization.to_string(),
            position: head.position,
            hash: hex(&head.hash),
            at: head.at.millis(),
            mac: hex(&head.mac),
        }
    }

    fn head(self) -> Option<AuditHead> {
        Some(AuditHead {
            organization: self.organization.parse().ok()?,
            position: self.position,
            hash: from_hex(&self.hash)?,
            at: Timestamp::from_millis(self.at),
            mac: from_hex(&self.mac)?,
        })
    }
}

fn from_hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (place, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * place..2 * place + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::OrganizationId;

    fn head(position: i64) -> AuditHead {
        AuditHead {
            organization: OrganizationId::random(),
            position,
            hash: [7; 32],
            at: Timestamp::from_millis(1),
            mac: [0xab; 32],
        }
    }

    #[test]
    fn heads_read_back_as_they_were_written() {
        let home = tempfile::tempdir().expect("a directory");
        let file = HeadsFile::at(home.path().join("new/audit-heads.jsonl"));
        assert_eq!(file.read().expect("none yet"), []);
        let (first, second) = (head(1), head(2));
        file.append(std::slice::from_ref(&first)).expect("written");
        file.append(std::slice::from_ref(&second)).expect("written");
        assert_eq!(file.read().expect("read"), [first, second]);
    }

    #[test]
    fn a_line_that_was_not_finished_is_left_out_and_a_wrong_one_is_told() {
        let home = tempfile::tempdir().expect("a directory");
        let file = HeadsFile::at(home.path().join("heads"));
        file.append(&[head(1)]).expect("written");
        let whole = std::fs::read_to_string(file.path()).expect("read");
        std::fs::write(file.path(), format!("{whole}{{\"organ")).expect("written");
        assert_eq!(file.read().expect("read").len(), 1);
        std::fs::write(file.path(), format!("{{}}\n{whole}")).expect("written");
        let error = file.read().expect_err("wrong").to_string();
        assert_eq!(error, "line 1 is not a head of the audit");
    }
}
