//! Connections to PostgreSQL that wait for work.
//!
//! The one that was given back last is taken first: it is warm, and of all only as many are used as are
//! needed at the same time. It is back the moment its holder lets go of it, since nobody asks it anything
//! then; one that has waited for a while is asked whether it lives before somebody gets it.

use super::StoreError;
use super::held::LONGEST_QUEUE;
use deadpool::managed::{
    self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, WeakPool,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::io::ErrorKind;
use std::time::Duration;
use tokio::time::{Instant, interval, sleep, timeout};

/// Connections of a node.
const MOST: usize = 8;
/// For a connection that waited in the pool, to show that it lives.
const LONGEST_PING: Duration = Duration::from_secs(1);
/// One that answered so lately is not asked again. It can die between a question and the next statement as well.
const TRUSTED_FOR: Duration = Duration::from_millis(50);
/// What the database keeps for a connection grows.
const LONGEST_LIFE: Duration = Duration::from_mins(30);
/// One that nobody has needed for so long is closed.
const LONGEST_IDLE: Duration = Duration::from_mins(10);
/// How often is looked for such.
const LOOK: Duration = Duration::from_mins(1);
/// Until a database that refuses connections is tried again.
const PAUSE: Duration = Duration::from_millis(50);

/// The connections of a node.
pub(super) type Pool = managed::Pool<Opener>;

/// One of them in somebody's hands. Dropped, it is back in the pool.
pub(super) type Taken = Object<Opener>;

/// A connection, and when it was last known to live.
pub(super) struct Link {
    pub(super) connection: PgConnection,
    pub(super) answered_at: Instant,
}

/// Opens connections, and looks at those that have waited.
pub(super) struct Opener {
    options: PgConnectOptions,
}

impl Opener {
    /// How connections are opened.
    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    /// A database that starts at this moment is waited for, as long as whoever asks has patience.
    async fn open(&self) -> Result<Link, sqlx::Error> {
        loop {
            match self.options.connect().await {
                Err(error) if is_starting(&error) => sleep(PAUSE).await,
                opened => {
                    let (connection, answered_at) = (opened?, Instant::now());
                    return Ok(Link {
                        connection,
                        answered_at,
                    });
                }
            }
        }
    }
}

impl managed::Manager for Opener {
    type Type = Link;
    type Error = sqlx::Error;

    // both boxed: every statement carries room for what they need, and few need it
    async fn create(&self) -> Result<Link, sqlx::Error> {
        Box::pin(self.open()).await
    }

    async fn recycle(&self, link: &mut Link, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if metrics.age() > LONGEST_LIFE {
            return Err(RecycleError::message("it is old"));
        }
        if link.answered_at.elapsed() < TRUSTED_FOR {
            return Ok(());
        }
        // one that died in silence leaves its caller time for another
        match Box::pin(timeout(LONGEST_PING, link.connection.ping())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => Err(RecycleError::message("it is silent")),
        }
    }
}

/// Nobody listens yet, or the database says that it is not ready.
fn is_starting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
        ),
        // cannot connect now
        sqlx::Error::Database(error) => error.code().as_deref() == Some("57P03"),
        _ => false,
    }
}

/// A pool for a database. Connections are opened when they are needed.
#[expect(
    clippy::expect_used,
    reason = "only a pool with deadlines of its own can lack anything"
)]
pub(super) fn pool(options: PgConnectOptions) -> Pool {
    let options = options.application_name("grantport").options([
        // shorter than our own patience, so that what is slow costs no connection
        ("statement_timeout", "2s"),
        ("lock_timeout", "2s"),
        ("idle_in_transaction_session_timeout", "10s"),
        ("synchronous_commit", "on"),
    ]);
    let pool = Pool::builder(Opener { options })
        .max_size(MOST)
        .queue_mode(QueueMode::Lifo)
        .build()
        .expect("a pool without deadlines needs nothing");
    tokio::spawn(look_after(pool.weak()));
    pool
}

/// Closes what nobody needs, as long as there is the pool.
async fn look_after(pool: WeakPool<Opener>) {
    let mut look = interval(LOOK);
    loop {
        look.tick().await;
        let Some(pool) = pool.upgrade() else {
            return;
        };
        close_all(&pool, |link| link.answered_at.elapsed() > LONGEST_IDLE).await;
    }
}

/// Takes one. The pool's patience is [`LONGEST_QUEUE`], for a place and for what fills it.
pub(super) async fn take(pool: &Pool) -> Result<Taken, StoreError> {
    match timeout(LONGEST_QUEUE, pool.get()).await {
        Ok(Ok(taken)) => Ok(taken),
        Ok(Err(PoolError::Backend(error))) => Err(error.into()),
        Ok(Err(_)) | Err(_) => Err(StoreError::Unavailable("no connection")),
    }
}

/// Gives no more out, and closes those that wait. One that is under way goes when its holder lets go of it.
pub(super) async fn close(pool: &Pool) {
    close_all(pool, |_| true).await;
    pool.close();
}

/// Closes, in order, those that wait and of which this is so.
async fn close_all(pool: &Pool, which: impl Fn(&Link) -> bool) {
    for link in pool.retain(|link, _| !which(link)).removed {
        // whether or not it hears it
        drop(timeout(LONGEST_PING, link.connection.close()).await);
    }
}
