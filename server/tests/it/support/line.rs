//! A line to PostgreSQL that can fall silent: it takes what is sent, and nothing arrives.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// The port that is part of a socket's name, unless the URL says otherwise.
const PORT: u16 = 5432;

/// Listens until it is dropped.
pub(crate) struct Line {
    /// As `GRANTPORT_DATABASE_URL` would have it.
    pub(crate) url: String,
    state: watch::Sender<State>,
    /// Connections that were made.
    made: Arc<AtomicUsize>,
    accepting: AbortHandle,
}

#[derive(Clone, Copy, Default)]
struct State {
    silent: bool,
    /// Connections with a lower number are silent for ever.
    lost: usize,
}

impl State {
    fn carries(self, number: usize) -> bool {
        !self.silent && number >= self.lost
    }
}

impl Line {
    /// To the database at this address.
    pub(crate) async fn to(server: &str) -> Self {
        let mut url = url::Url::parse(server).expect("a URL");
        let server = url.clone();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        url.set_query(None);
        url.set_host(Some("127.0.0.1")).expect("a host");
        url.set_port(Some(address.port())).expect("a port");
        let (state, _) = watch::channel(State::default());
        let made = Arc::new(AtomicUsize::new(0));
        let (seen, count) = (state.clone(), Arc::clone(&made));
        let accepting = tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let number = count.fetch_add(1, Ordering::SeqCst);
                tokio::spawn(connect(client, server.clone(), number, seen.subscribe()));
            }
        });
        Self {
            url: url.into(),
            state,
            made,
            accepting: accepting.abort_handle(),
        }
    }

    /// Falls silent.
    pub(crate) fn hush(&self) {
        self.state.send_modify(|state| state.silent = true);
    }

    /// Carries again, on the connections that there were too.
    pub(crate) fn speak(&self) {
        self.state.send_modify(|state| state.silent = false);
    }

    /// The connections that there are stay silent for ever. New ones are carried.
    pub(crate) fn forget(&self) {
        let lost = self.made.load(Ordering::SeqCst);
        self.state.send_replace(State {
            silent: false,
            lost,
        });
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn connect(
    client: TcpStream,
    server: url::Url,
    number: usize,
    mut state: watch::Receiver<State>,
) {
    let carries = state.wait_for(|state| state.carries(number)).await;
    if carries.map(drop).is_err() {
        return;
    }
    let host = server
        .query_pairs()
        .find_map(|(name, value)| (name == "host").then(|| value.into_owned()));
    // whichever side ends, ends both
    let port = server.port().unwrap_or(PORT);
    let _ = if let Some(directory) = host {
        let socket = format!("{directory}/.s.PGSQL.{port}");
        let server = UnixStream::connect(socket).await.expect("a PostgreSQL");
        carry(client, server, number, state).await
    } else {
        let host = server.host_str().expect("a host");
        let server = TcpStream::connect((host, port)).await.expect("PostgreSQL");
        carry(client, server, number, state).await
    };
}

async fn carry(
    mut client: TcpStream,
    mut server: impl AsyncRead + AsyncWrite + Unpin,
    number: usize,
    mut state: watch::Receiver<State>,
) -> std::io::Result<()> {
    let (mut asked, mut told) = (vec![0; 16 * 1024], vec![0; 16 * 1024]);
    loop {
        // a line that was dropped carries nothing either
        if state.wait_for(|state| state.carries(number)).await.is_err() {
            return Ok(());
        }
        tokio::select! {
            biased;
            _ = state.changed() => {}
            read = client.read(&mut asked) => match read? {
                0 => return Ok(()),
                length => server.write_all(&asked[..length]).await?,
            },
            read = server.read(&mut told) => match read? {
                0 => return Ok(()),
                length => client.write_all(&told[..length]).await?,
            },
        }
    }
}
