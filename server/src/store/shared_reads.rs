//! One read for all who ask at the same moment.
//!
//! A crowd asks for few things, and many of them ask for the same. While reads are under way, whoever comes
//! gathers behind the first of them, who then reads for all, in one statement. A read begins after all whom
//! it is for have come, so nobody gets anything older than their own question; a crowd of any size costs a
//! few reads, and who comes alone waits for nobody. Nothing is kept once it was told.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::timeout;

/// Whoever has waited this long for another's read asks for themselves: a database that hangs is not
/// waited for twice.
const LONGEST_TURN: Duration = Duration::from_millis(200);
/// Reads that are under way at the same time; behind them one gathers.
const AT_ONCE: usize = 2;
/// Things that are asked for with one read.
const MOST: usize = 64;

/// Reads that are shared by who asks at the same moment. Cheap to clone.
pub struct SharedReads<K, V> {
    line: Arc<Line<K, V>>,
}

struct Line<K, V> {
    gathering: Mutex<Option<Arc<Batch<K, V>>>>,
    turns: Semaphore,
}

/// What one read is for.
struct Batch<K, V> {
    /// Complete as soon as the line has let go of it.
    keys: Mutex<BTreeSet<K>>,
    found: watch::Receiver<Option<Found<K, V>>>,
}

/// What a read finds of each that is there.
pub type Each<K, V, E> = BTreeMap<K, Result<V, E>>;

/// The same for those who did not read. `None`: whoever asks for this one reads alone.
type Found<K, V> = Arc<BTreeMap<K, Option<V>>>;

impl<K, V> Clone for SharedReads<K, V> {
    fn clone(&self) -> Self {
        Self {
            line: Arc::clone(&self.line),
        }
    }
}

impl<K, V> Default for SharedReads<K, V> {
    fn default() -> Self {
        Self {
            line: Arc::new(Line {
                gathering: Mutex::default(),
                turns: Semaphore::new(AT_ONCE),
            }),
        }
    }
}

impl<K: Clone + Ord, V: Clone> SharedReads<K, V> {
    /// What `read` finds for `key`, or what a read of somebody else found that began after this call. An
    /// error is shared with nobody: of one thing it is told to whoever asked for that.
    pub async fn read<E, F>(&self, key: K, read: impl Fn(Vec<K>) -> F) -> Result<Option<V>, E>
    where
        F: Future<Output = Result<Each<K, V, E>, E>>,
    {
        let leader = match self.line.join(&key) {
            Joined::Leads(leader) => leader,
            Joined::Follows(read_for_all) => {
                if let Some(found) = told(read_for_all).await {
                    match found.get(&key) {
                        None => return Ok(None),
                        Some(Some(value)) => return Ok(Some(value.clone())),
                        Some(None) => {}
                    }
                }
                // it hangs, it failed, or whoever read went away; or what is wrong is this one's own
                let alone = Box::pin(read(vec![key.clone()]));
                return alone.await?.remove(&key).transpose();
            }
        };
        let _turn = timeout(LONGEST_TURN, self.line.turns.acquire()).await;
        // boxed, so that those who follow carry no room for it
        let mut found = Box::pin(read(leader.keys())).await?;
        let own = found.remove(&key).transpose();
        let mut others: BTreeMap<K, Option<V>> = found
            .into_iter()
            .map(|(key, value)| (key, value.ok()))
            .collect();
        match &own {
            Ok(None) => None,
            Ok(Some(value)) => others.insert(key, Some(value.clone())),
            Err(_) => others.insert(key, None),
        };
        leader.tell.send_replace(Some(Arc::new(others)));
        own
    }
}

/// What a read of somebody else found; `None` if that takes too long, or comes to nothing.
async fn told<K, V>(mut read_for_all: watch::Receiver<Option<Found<K, V>>>) -> Option<Found<K, V>> {
    let told = timeout(LONGEST_TURN, read_for_all.wait_for(Option::is_some));
    told.await.ok()?.ok()?.clone()
}

enum Joined<'line, K, V> {
    /// The first, who reads for all.
    Leads(Leader<'line, K, V>),
    /// Another, who is told.
    Follows(watch::Receiver<Option<Found<K, V>>>),
}

impl<K: Clone + Ord, V> Line<K, V> {
    fn join(&self, key: &K) -> Joined<'_, K, V> {
        let mut gathering = self
            .gathering
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(batch) = &*gathering {
            let mut keys = batch.keys.lock().unwrap_or_else(PoisonError::into_inner);
            if keys.len() < MOST || keys.contains(key) {
                keys.insert(key.clone());
                return Joined::Follows(batch.found.clone());
            }
        }
        let (tell, found) = watch::channel(None);
        let batch = Arc::new(Batch {
            keys: Mutex::new(BTreeSet::from([key.clone()])),
            found,
        });
        // a full one is let go: its leader has it
        *gathering = Some(Arc::clone(&batch));
        Joined::Leads(Leader {
            line: self,
            batch,
            tell,
        })
    }
}

impl<K, V> Line<K, V> {
    fn let_go(&self, batch: &Arc<Batch<K, V>>) {
        let mut gathering = self
            .gathering
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        gathering.take_if(|next| Arc::ptr_eq(next, batch));
    }
}

/// Whoever reads for all. Where they go away, nobody gathers behind them any more.
struct Leader<'line, K, V> {
    line: &'line Line<K, V>,
    batch: Arc<Batch<K, V>>,
    tell: watch::Sender<Option<Found<K, V>>>,
}

impl<K: Clone, V> Leader<'_, K, V> {
    /// All that is asked for; from now on others gather anew.
    fn keys(&self) -> Vec<K> {
        self.line.let_go(&self.batch);
        let keys = self
            .batch
            .keys
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        keys.iter().cloned().collect()
    }
}

impl<K, V> Drop for Leader<'_, K, V> {
    fn drop(&mut self) {
        self.line.let_go(&self.batch);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use tokio::task::JoinSet;
    use tokio::time::sleep;

    /// Takes a while, and finds for each key how many reads have begun.
    async fn slow(
        begun: &AtomicUsize,
        takes: Duration,
        keys: Vec<u16>,
    ) -> Result<Each<u16, usize, ()>, ()> {
        let number = begun.fetch_add(1, Ordering::SeqCst) + 1;
        sleep(takes).await;
        Ok(keys.into_iter().map(|key| (key, Ok(number))).collect())
    }

    fn is_empty(reads: &SharedReads<u16, usize>) -> bool {
        reads.line.gathering.lock().expect("the line").is_none()
    }

    #[tokio::test]
    async fn a_crowd_costs_a_few_reads_whatever_it_asks_for() {
        let (reads, begun) = (SharedReads::default(), Arc::default());
        let mut crowd = JoinSet::new();
        for caller in 0..500 {
            let (reads, begun): (SharedReads<_, _>, Arc<AtomicUsize>) =
                (reads.clone(), Arc::clone(&begun));
            crowd.spawn(async move {
                let takes = Duration::from_millis(20);
                let read = |keys| slow(&begun, takes, keys);
                reads.read(caller % 50, read).await
            });
        }
        let got = crowd.join_all().await;
        assert!(got.iter().all(|one| matches!(one, Ok(Some(_)))));
        assert!(begun.load(Ordering::SeqCst) <= 3, "{begun:?}");
        assert!(is_empty(&reads));
    }

    #[tokio::test]
    async fn a_read_is_for_so_many_and_no_more() {
        let (reads, largest) = (SharedReads::default(), Arc::default());
        let mut crowd = JoinSet::new();
        for caller in 0..500 {
            let (reads, largest): (SharedReads<u16, u16>, Arc<AtomicUsize>) =
                (reads.clone(), Arc::clone(&largest));
            crowd.spawn(async move {
                let read = async |keys: Vec<u16>| {
                    largest.fetch_max(keys.len(), Ordering::SeqCst);
                    sleep(Duration::from_millis(5)).await;
                    Ok::<_, ()>(keys.into_iter().map(|key| (key, Ok(key))).collect())
                };
                (caller, reads.read(caller, read).await)
            });
        }
        let got = crowd.join_all().await;
        assert!(got.iter().all(|(key, found)| *found == Ok(Some(*key))));
        assert_eq!(largest.load(Ordering::SeqCst), MOST);
    }

    #[tokio::test]
    async fn nobody_gets_what_is_older_than_the_question() {
        let (reads, begun) = (SharedReads::default(), Arc::default());
        let takes = Duration::from_millis(40);
        let mut crowd = JoinSet::new();
        for number in 0..20 {
            let (reads, begun): (SharedReads<_, _>, Arc<AtomicUsize>) =
                (reads.clone(), Arc::clone(&begun));
            crowd.spawn(async move {
                sleep(takes / 8 * number).await;
                let come = begun.load(Ordering::SeqCst);
                let got = reads.read(1, |keys| slow(&begun, takes, keys)).await;
                assert!(
                    got.expect("a read") > Some(come),
                    "it began before the question"
                );
            });
        }
        crowd.join_all().await;
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_there() {
        let reads = SharedReads::<u16, usize>::default();
        let none = |_| async { Ok::<Each<_, _, ()>, ()>(BTreeMap::new()) };
        assert_eq!(reads.read(1, none).await, Ok(None));
    }

    #[tokio::test]
    async fn nobody_waits_long_for_a_read_that_hangs() {
        let (reads, begun) = (SharedReads::default(), AtomicUsize::new(0));
        let hang = || reads.read(1, |keys| slow(&begun, Duration::from_millis(900), keys));
        let began = tokio::time::Instant::now();
        let late = async {
            sleep(Duration::from_millis(1)).await;
            let quick = |keys| slow(&begun, Duration::from_millis(5), keys);
            let both = tokio::join!(reads.read(1, quick), reads.read(1, quick));
            (both, began.elapsed())
        };
        let (_, _, ((leads, follows), took)) = tokio::join!(hang(), hang(), late);
        assert!(matches!((leads, follows), (Ok(Some(_)), Ok(Some(_)))));
        assert!(took < Duration::from_millis(800), "{took:?}");
    }

    #[tokio::test]
    async fn who_goes_away_holds_nobody_up() {
        let (reads, begun) = (SharedReads::default(), AtomicUsize::new(0));
        let hang = || reads.read(1, |keys| slow(&begun, Duration::from_mins(1), keys));
        let gone = Duration::from_millis(10);
        // two who read, one who gathers behind them, and one who follows that one
        let (_, _, gathers, follows) = tokio::join!(
            timeout(gone * 3, hang()),
            timeout(gone * 3, hang()),
            timeout(gone, hang()),
            reads.read(1, |keys| slow(&begun, Duration::ZERO, keys)),
        );
        assert!(gathers.is_err());
        assert!(matches!(follows, Ok(Some(_))));
        assert!(is_empty(&reads));
    }

    #[tokio::test]
    async fn a_failure_is_nobody_elses() {
        let reads = SharedReads::<u16, usize>::default();
        let fail = || {
            reads.read(1, |_| async {
                sleep(Duration::from_millis(10)).await;
                Err("broken")
            })
        };
        let works = |keys: Vec<u16>| async {
            Ok::<_, &str>(keys.into_iter().map(|key| (key, Ok(7))).collect())
        };
        let (first, second, third, works) =
            tokio::join!(fail(), fail(), fail(), reads.read(1, works));
        assert_eq!(
            (first, second, third),
            (Err("broken"), Err("broken"), Err("broken"))
        );
        assert_eq!(works, Ok(Some(7)));
    }

    #[tokio::test]
    async fn what_is_wrong_with_one_is_no_failure_of_the_others() {
        let reads = SharedReads::<u16, u16>::default();
        let each = |keys: Vec<u16>| async {
            sleep(Duration::from_millis(10)).await;
            let found = |key| (key, if key % 2 == 0 { Ok(key) } else { Err("odd") });
            Ok(keys.into_iter().map(found).collect())
        };
        // two read at once; the others gather, once behind a good one and once behind a bad one
        for first in [2, 3] {
            let all = tokio::join!(
                reads.read(0, each),
                reads.read(0, each),
                reads.read(first, each),
                reads.read(4, each),
                reads.read(5, each),
            );
            let expected = if first == 2 { Ok(Some(2)) } else { Err("odd") };
            assert_eq!(all.2, expected);
            assert_eq!((all.3, all.4), (Ok(Some(4)), Err("odd")));
        }
    }
}
