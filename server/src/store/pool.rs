//! Connections to PostgreSQL that wait for work.
//!
//! The one that was given back last is taken first: it is warm, and of all only as many are used as are
//! needed at the same time. It is back the moment its holder lets go of it, since nobody asks it anything
//! then; one that has waited for a while is asked whether it lives before somebody gets it.

use super::StoreError;
use super::held::{LONGEST_QUEUE, PATIENCE};
use deadpool::managed::{
    self, Metrics, Object, PoolError, QueueMode, RecycleError, RecycleResult, WeakPool,
};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use std::io::ErrorKind;
use std::sync::{Mutex, MutexGuard, PoisonError};
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
/// Until a database that refuses connections, or has some in hand, is looked at again.
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
    /// When one was found silent.
    silent_at: Mutex<Option<Instant>>,
}

impl Opener {
    /// How connections are opened.
    pub(super) fn options(&self) -> &PgConnectOptions {
        &self.options
    }

    fn silent_at(&self) -> MutexGuard<'_, Option<Instant>> {
        self.silent_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// A database that starts at this moment, or is full, is waited for, as long as whoever asks has patience.
    async fn open(&self) -> Result<Link, sqlx::Error> {
        loop {
            match self.options.connect().await {
                Err(error) if may_open_soon(&error) => sleep(PAUSE).await,
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
        // whatever silenced another has silenced this one, and its caller has time to wait for one of them
        if self.silent_at().is_some_and(|at| link.answered_at < at) {
            return Err(RecycleError::message("others of its age are silent"));
        }
        match Box::pin(timeout(LONGEST_PING, link.connection.ping())).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(error.into()),
            Err(_) => {
                *self.silent_at() = Some(Instant::now());
                Err(RecycleError::message("it is silent"))
            }
        }
    }
}

/// Nobody listens yet, or the database says that it is not ready, or has no place.
fn may_open_soon(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => matches!(
            error.kind(),
            ErrorKind::ConnectionRefused
                | ErrorKind::ConnectionAborted
                | ErrorKind::ConnectionReset
        ),
        // cannot connect now; too many connections, as when nodes are replaced
        sqlx::Error::Database(error) => {
            matches!(error.code().as_deref(), Some("57P03" | "53300"))
        }
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
    let opener = Opener {
        options,
        silent_at: Mutex::default(),
    };
    let pool = Pool::builder(opener)
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

/// Gives no more out, closes those that wait, and waits for those that are under way, for [`PATIENCE`] at most:
/// none is in hand for longer.
pub(super) async fn close(pool: &Pool) {
    close_all(pool, |_| true).await;
    pool.close();
    let all_back = async {
        while pool.status().size > 0 {
            sleep(PAUSE).await;
        }
    };
    drop(timeout(PATIENCE, all_back).await);
}

/// Closes, in order, those that wait and of which this is so.
async fn close_all(pool: &Pool, which: impl Fn(&Link) -> bool) {
    for link in pool.retain(|link, _| !which(link)).removed {
        // whether or not it hears it
        drop(timeout(LONGEST_PING, link.connection.close()).await);
    }
}
