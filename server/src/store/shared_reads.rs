//! One read for all who ask for the same at the same moment.
//!
//! A crowd with one key asks for one connection: each caller reads the same rows. Here they stand in
//! line. Who finds that a read has begun after they came takes its result; who does not begins the
//! next one, for all who have come until then. So nobody gets anything older than their own question,
//! and a crowd of any size costs two reads. Nothing is kept once the line is empty.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::time::timeout;

/// Whoever has waited this long for another's read asks for themselves: a database that hangs is not
/// waited for twice.
const LONGEST_TURN: Duration = Duration::from_millis(200);

type Lines<K, V> = Arc<Mutex<HashMap<K, Arc<Line<V>>>>>;

/// Lines of those who ask, by what they ask for. Cheap to clone.
pub struct SharedReads<K, V> {
    lines: Lines<K, V>,
}

/// Those who ask for one thing.
struct Line<V> {
    /// How many have come so far.
    came: AtomicU64,
    /// Held by whoever reads. The last result, and how many had come before its read began.
    turn: tokio::sync::Mutex<Option<(u64, V)>>,
}

impl<K, V> Clone for SharedReads<K, V> {
    fn clone(&self) -> Self {
        Self {
            lines: Arc::clone(&self.lines),
        }
    }
}

impl<K, V> Default for SharedReads<K, V> {
    fn default() -> Self {
        Self {
            lines: Arc::default(),
        }
    }
}

impl<K: Clone + Eq + Hash, V: Clone> SharedReads<K, V> {
    /// What `read` answers, or what a read of somebody else answered that began after this call. An
    /// error is shared with nobody.
    pub async fn read<E, F>(&self, key: K, read: impl FnOnce() -> F) -> Result<V, E>
    where
        F: Future<Output = Result<V, E>>,
    {
        let place = self.stand_in_line(key);
        let line = &place.line;
        let before_me = line.came.fetch_add(1, Ordering::SeqCst);
        let Ok(mut last) = timeout(LONGEST_TURN, line.turn.lock()).await else {
            return read().await;
        };
        if let Some((came, value)) = &*last
            && *came > before_me
        {
            return Ok(value.clone());
        }
        let came = line.came.load(Ordering::SeqCst);
        let value = read().await?;
        *last = Some((came, value.clone()));
        Ok(value)
    }

    fn stand_in_line(&self, key: K) -> Place<K, V> {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        let line = lines.entry(key.clone()).or_insert_with(|| {
            Arc::new(Line {
                came: AtomicU64::new(0),
                turn: tokio::sync::Mutex::new(None),
            })
        });
        Place {
            line: Arc::clone(line),
            lines: Arc::clone(&self.lines),
            key,
        }
    }
}

/// A place in a line; the last one who leaves takes the line away.
struct Place<K: Eq + Hash, V> {
    lines: Lines<K, V>,
    line: Arc<Line<V>>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for Place<K, V> {
    fn drop(&mut self) {
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        // the map's and this one: others are made under the same lock
        if Arc::strong_count(&self.line) == 2 {
            lines.remove(&self.key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;
    use tokio::task::JoinSet;
    use tokio::time::sleep;

    /// Takes a while, and answers how many reads have begun.
    async fn slow(begun: &AtomicUsize, takes: Duration) -> Result<usize, ()> {
        let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
        sleep(takes).await;
        Ok(number)
    }

    #[tokio::test]
    async fn a_crowd_costs_two_reads() {
        let (reads, begun) = (SharedReads::<u8, usize>::default(), Arc::default());
        let mut crowd = JoinSet::new();
        for _ in 0..500 {
            let (reads, begun): (_, Arc<AtomicUsize>) = (reads.clone(), Arc::clone(&begun));
            crowd.spawn(async move {
                reads
                    .read(1, || slow(&begun, Duration::from_millis(20)))
                    .await
            });
        }
        let got = crowd.join_all().await;
        assert!(got.iter().all(Result::is_ok));
        assert!(begun.load(Ordering::SeqCst) <= 2, "{begun:?}");
        assert!(reads.lines.lock().expect("the lines").is_empty());
    }

    #[tokio::test]
    async fn nobody_gets_what_is_older_than_the_question() {
        let (reads, begun) = (SharedReads::<u8, usize>::default(), AtomicUsize::new(0));
        let takes = Duration::from_millis(40);
        let late = async {
            sleep(takes / 2).await;
            let come = begun.load(Ordering::SeqCst);
            let got = reads
                .read(1, || slow(&begun, takes))
                .await
                .expect("a number");
            assert!(got > come, "read {got} began before the question");
        };
        let (first, ()) = tokio::join!(reads.read(1, || slow(&begun, takes)), late);
        assert_eq!(first, Ok(1));
    }

    #[tokio::test]
    async fn other_things_are_read_at_the_same_time() {
        let (reads, begun) = (SharedReads::<u8, usize>::default(), AtomicUsize::new(0));
        let takes = Duration::from_millis(20);
        let one = reads.read(1, || slow(&begun, takes));
        let other = reads.read(2, || slow(&begun, takes));
        let (one, other) = tokio::join!(one, other);
        assert_ne!(one, other);
    }

    #[tokio::test]
    async fn nobody_waits_long_for_a_read_that_hangs() {
        let (reads, begun) = (SharedReads::<u8, usize>::default(), AtomicUsize::new(0));
        let hangs = reads.read(1, || slow(&begun, Duration::from_millis(900)));
        let began = tokio::time::Instant::now();
        let second = async {
            sleep(Duration::from_millis(1)).await;
            let got = reads
                .read(1, || slow(&begun, Duration::from_millis(5)))
                .await;
            (got, began.elapsed())
        };
        let (_, (got, took)) = tokio::join!(hangs, second);
        assert_eq!(got, Ok(2));
        assert!(took < Duration::from_millis(800), "{took:?}");
    }

    #[tokio::test]
    async fn who_goes_away_holds_nobody_up() {
        let (reads, begun) = (SharedReads::<u8, usize>::default(), AtomicUsize::new(0));
        let leaves = reads.read(1, || slow(&begun, Duration::from_mins(1)));
        let gone = timeout(Duration::from_millis(10), leaves).await;
        assert!(gone.is_err());
        let next = reads.read(1, || slow(&begun, Duration::ZERO)).await;
        assert_eq!(next, Ok(2));
        assert!(reads.lines.lock().expect("the lines").is_empty());
    }

    #[tokio::test]
    async fn a_failure_is_nobody_elses() {
        let reads = SharedReads::<u8, usize>::default();
        let fails = reads.read(1, || async {
            sleep(Duration::from_millis(10)).await;
            Err("broken")
        });
        let works = reads.read(1, || async { Ok::<_, &str>(7) });
        let (failed, worked) = tokio::join!(fails, works);
        assert_eq!((failed, worked), (Err("broken"), Ok(7)));
    }
}
