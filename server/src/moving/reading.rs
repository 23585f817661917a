//! A file of rows: JSON lines, one list, or an object with `connections`; plain, or sealed with `age`.
//! A sealed one is opened while it is read, so that its plain text never lies on a disk.

use age::armor::ArmoredReader;
use age::{Decryptor, IdentityFile};
use serde_json::Value;
use std::collections::VecDeque;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

/// How sealed files begin, binary and as text.
const SEALED: [&[u8]; 2] = [b"age-encryption.org/", b"-----BEGIN AGE "];

/// Why a file cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The system does not give it.
    #[error("{path}: {source}")]
    File {
        /// As given.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is sealed, and no key is given.
    #[error("the file is sealed. Give the key to it with --identity FILE.")]
    NoIdentity,
    /// The file of the key holds none.
    #[error("{0} holds no age identity (a line that begins with AGE-SECRET-KEY-)")]
    Identity(PathBuf),
    /// It is sealed to other keys, or damaged.
    #[error("the file cannot be opened: {0}")]
    Sealed(#[from] age::DecryptError),
    /// It is no JSON from there on. What stood before was read.
    #[error(
        "this is not valid JSON, at line {line} column {column}. The rows before it were read."
    )]
    Json {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// It ended in the middle, or could not be read on.
    #[error("the file could not be read to its end: {0}. The rows before were read.")]
    Broken(std::io::Error),
}

/// The rows of a file, one after the other.
pub struct Rows {
    values: serde_json::StreamDeserializer<'static, serde_json::de::IoRead<Box<dyn Read>>, Value>,
    /// Rows of a list that was read.
    waiting: VecDeque<Value>,
}

impl Rows {
    /// Opens a file, or standard input where the path is `-`. `identity` is the file with the key of
    /// a sealed one.
    pub fn open(path: &Path, identity: Option<&Path>) -> Result<Self, ReadError> {
        let unreadable = |source| ReadError::File {
            path: path.to_owned(),
            source,
        };
        let mut file: Box<dyn BufRead> = if path == Path::new("-") {
            Box::new(BufReader::new(std::io::stdin()))
        } else {
            Box::new(BufReader::new(File::open(path).map_err(unreadable)?))
        };
        let begins = file.fill_buf().map_err(unreadable)?;
        if SEALED.iter().any(|mark| begins.starts_with(mark)) {
            let identity = identity.ok_or(ReadError::NoIdentity)?;
            return Ok(Self::of(opened(file, identity)?));
        }
        Ok(Self::of(file))
    }

    fn of(plain: Box<dyn Read>) -> Self {
        Self {
            values: serde_json::Deserializer::from_reader(plain).into_iter(),
            waiting: VecDeque::new(),
        }
    }
}

fn opened(file: Box<dyn BufRead>, identity: &Path) -> Result<Box<dyn Read>, ReadError> {
    let keys = File::open(identity).map_err(|source| ReadError::File {
        path: identity.to_owned(),
        source,
    })?;
    let keys = IdentityFile::from_buffer(BufReader::new(keys))
        .ok()
        .and_then(|keys| keys.into_identities().ok())
        .filter(|keys| !keys.is_empty())
        .ok_or_else(|| ReadError::Identity(identity.to_owned()))?;
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(file))?;
    let plain = decryptor.decrypt(keys.iter().map(|key| key.as_ref() as &dyn age::Identity))?;
    Ok(Box::new(BufReader::new(plain)))
}

impl Iterator for Rows {
    type Item = Result<Value, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(row) = self.waiting.pop_front() {
                return Some(Ok(row));
            }
            match self.values.next()? {
                Ok(Value::Array(rows)) => self.waiting.extend(rows),
                Ok(Value::Object(mut members)) => match members.remove("connections") {
                    Some(Value::Array(rows)) => self.waiting.extend(rows),
                    _ => return Some(Ok(Value::Object(members))),
                },
                Ok(other) => return Some(Ok(other)),
                Err(error) => return Some(Err(wrong(error))),
            }
        }
    }
}

fn wrong(error: serde_json::Error) -> ReadError {
    let (line, column) = (error.line(), error.column());
    if error.is_io() {
        return ReadError::Broken(error.into());
    }
    ReadError::Json { line, column }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Result<Value, String>> {
        let text = text.to_owned().into_bytes();
        let mut rows = Vec::new();
        for row in Rows::of(Box::new(std::io::Cursor::new(text))) {
            let ended = row.is_err();
            rows.push(row.map_err(|error| error.to_string()));
            if ended {
                break;
            }
        }
        rows
    }

    #[test]
    fn rows_stand_on_lines_in_a_list_or_in_an_object() {
        let expected: Vec<Result<Value, String>> =
            (1..=2).map(|n| Ok(serde_json::json!({"n": n}))).collect();
        for text in [
            "{\"n\":1}\n{\"n\":2}\n",
            "[{\"n\":1},\n {\"n\":2}]",
            "{\"connections\": [{\"n\":1}, {\"n\":2}], \"format\": \"nango\"}",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
        assert_eq!(read(""), []);
    }

    #[test]
    fn what_is_broken_is_named_by_its_line_and_not_repeated() {
        let rows = read("{\"n\":1}\n{\"token\": hunter2}\n");
        assert_eq!(rows.len(), 2);
        let sentence = rows[1].clone().expect_err("no JSON");
        assert!(sentence.contains("line 2"), "{sentence}");
        assert!(!sentence.contains("hunter2"), "{sentence}");
    }
}
