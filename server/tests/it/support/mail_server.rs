//! Somebody's mail server (RFC 5321), on a socket: takes mails, or does not.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;

/// Listens until it is dropped.
pub(crate) struct MailServer {
    pub(crate) address: SocketAddr,
    taken: Arc<Mutex<Vec<String>>>,
    accepting: AbortHandle,
}

impl MailServer {
    /// Takes every mail, or refuses every recipient.
    pub(crate) async fn start(takes: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&taken);
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(converse(client, takes, Arc::clone(&into)));
            }
        });
        Self {
            address,
            taken,
            accepting: accepting.abort_handle(),
        }
    }

    /// Envelopes and mails, as they came.
    pub(crate) fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn converse(client: TcpStream, takes: bool, taken: Arc<Mutex<Vec<String>>>) {
    let (reading, mut writing) = client.into_split();
    let mut lines = BufReader::new(reading).lines();
    let mut mail = String::new();
    let mut within = false;
    writing.write_all(b"220 mail.test\r\n").await.unwrap();
    while let Ok(Some(line)) = lines.next_line().await {
        let verb = line.split([' ', ':']).next().unwrap_or_default();
        let answer = match verb.to_uppercase().as_str() {
            _ if within && line == "." => {
                within = false;
                taken.lock().unwrap().push(std::mem::take(&mut mail));
                "250 taken"
            }
            _ if within => {
                mail.push_str(&line);
                mail.push('\n');
                continue;
            }
            "EHLO" => "250-mail.test\r\n250 8BITMIME",
            "RCPT" if !takes => "550 nobody of that name",
            "MAIL" | "RCPT" => {
                mail.push_str(&line);
                mail.push('\n');
                "250 fine"
            }
            "DATA" => {
                within = true;
                "354 go on"
            }
            "QUIT" => "221 bye",
            _ => "250 fine",
        };
        let answer = format!("{answer}\r\n");
        if writing.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}
