//! One call on a connection of its own.
//!
//! Callers share two cores with the server that they wait for, so a call does no more than it must: a crowd of
//! them would otherwise measure itself.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Longer than the server makes anybody wait.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// POSTs an empty body as the holder of `key`. Answers the status and the whole body.
pub(crate) async fn post(at: SocketAddr, path: &str, key: &str) -> std::io::Result<(u16, Vec<u8>)> {
    let request = format!(
        "POST {path} HTTP/1.1\r\nhost: {at}\r\nauthorization: Bearer {key}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    let heard = async {
        let mut stream = TcpStream::connect(at).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = Vec::with_capacity(2048);
        stream.read_to_end(&mut answer).await?;
        read(&answer).ok_or_else(|| Error::from(ErrorKind::UnexpectedEof))
    };
    timeout(PATIENCE, heard).await?
}

/// Status and body, if the answer has come whole.
fn read(answer: &[u8]) -> Option<(u16, Vec<u8>)> {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(answer.get(..end)?).ok()?;
    let body = answer.get(end + 4..)?;
    let (first, fields) = head.split_once("\r\n")?;
    let status = first.split(' ').nth(1)?.parse().ok()?;
    let length: usize = fields
        .split("\r\n")
        .filter_map(|field| field.split_once(':'))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .and_then(|(_, length)| length.trim().parse().ok())?;
    (body.len() == length).then(|| (status, body.to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_answer_is_none() {
        let whole =
            b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(read(whole), Some((503, b"{}".to_vec())));
        for length in 0..whole.len() {
            assert_eq!(read(&whole[..length]), None, "{length}");
        }
    }
}
