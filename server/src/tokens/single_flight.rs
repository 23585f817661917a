//! One task per key, and everybody who comes while it runs waits for its result.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;
use tokio_util::task::TaskTracker;

/// A task that is under way, for one of those who wait for it.
#[derive(Clone)]
pub struct Flight<V> {
    result: watch::Receiver<Option<V>>,
    stops_all: Arc<AtomicBool>,
}

impl<V: Clone> Flight<V> {
    /// Its result. `None`: it panicked.
    pub async fn landed(mut self) -> Option<V> {
        let result = self.result.wait_for(Option::is_some).await.ok()?;
        result.clone()
    }

    /// Until it has landed nobody can be answered, whoever asks for the same.
    pub fn stop_all(&self) {
        self.stops_all.store(true, Ordering::Relaxed);
    }
}

/// Tasks under way, by key. The map holds only what runs: an entry goes when its task ends,
/// also by a panic.
#[derive(Clone)]
pub struct SingleFlight<K, V> {
    running: Arc<Mutex<HashMap<K, Flight<V>>>>,
}

impl<K, V> Default for SingleFlight<K, V> {
    fn default() -> Self {
        Self {
            running: Arc::default(),
        }
    }
}

impl<K, V> SingleFlight<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// The task of `key` that is under way, if nobody can be answered before it has ended
    /// ([`Flight::stop_all`]).
    pub fn for_all(&self, key: &K) -> Option<Flight<V>> {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let flight = running.get(key)?;
        flight
            .stops_all
            .load(Ordering::Relaxed)
            .then(|| flight.clone())
    }

    /// The task of `key`, starting `work` if none runs, and `tell` after it, which makes of its result what
    /// those who wait are told, if there are any. The task belongs to `tracker` and not to whoever waits: who
    /// goes away does not end it. Nobody joins while `tell` runs, so what it reads is as new as each of them wants it.
    pub fn enter<W, T>(
        &self,
        tracker: &TaskTracker,
        key: K,
        work: W,
        tell: impl FnOnce(W::Output) -> T + Send + 'static,
    ) -> Flight<V>
    where
        W: Future<Output: Send> + Send + 'static,
        T: Future<Output = V> + Send + 'static,
    {
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = running.get(&key) {
            return flight.clone();
        }
        let (told, result) = watch::channel(None);
        let flight = Flight {
            result,
            stops_all: Arc::default(),
        };
        running.insert(key.clone(), flight.clone());
        let leaves = Leaves {
            running: Arc::clone(&self.running),
            key,
        };
        tracker.spawn(async move {
            let outcome = work.await;
            // first out of the map, so that who comes from now on starts anew and reads what this one wrote
            drop(leaves);
            if told.receiver_count() > 0 {
                told.send_replace(Some(tell(outcome).await));
            }
        });
        flight
    }
}

struct Leaves<K: Eq + Hash, V> {
    running: Arc<Mutex<HashMap<K, Flight<V>>>>,
    key: K,
}

impl<K: Eq + Hash, V> Drop for Leaves<K, V> {
    fn drop(&mut self) {
        self.running
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::ready;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    #[tokio::test]
    async fn fifty_callers_share_one_task() {
        let flights = SingleFlight::<u8, usize>::default();
        let tracker = TaskTracker::new();
        let runs = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..50)
            .map(|_| {
                let (flights, tracker, runs) =
                    (flights.clone(), tracker.clone(), Arc::clone(&runs));
                tokio::spawn(async move {
                    let work = async move {
                        tokio::time::sleep(Duration::from_millis(50)).await;
                        runs.fetch_add(1, Ordering::SeqCst) + 1
                    };
                    flights.enter(&tracker, 1, work, ready).landed().await
                })
            })
            .collect();
        for caller in callers {
            assert_eq!(caller.await.expect("a caller"), Some(1));
        }
        assert!(flights.running.lock().expect("the map").is_empty());
    }

    #[tokio::test]
    async fn a_caller_that_leaves_does_not_end_the_task() {
        let flights = SingleFlight::<u8, ()>::default();
        let tracker = TaskTracker::new();
        let done = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&done);
        let work = async move {
            tokio::time::sleep(Duration::from_millis(50)).await;
            counted.fetch_add(1, Ordering::SeqCst);
        };
        drop(
            tokio::time::timeout(
                Duration::from_millis(5),
                flights.enter(&tracker, 1, work, ready).landed(),
            )
            .await,
        );
        tracker.close();
        tracker.wait().await;
        assert_eq!(done.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn only_what_stops_all_is_waited_for_unasked() {
        let flights = SingleFlight::<u8, u8>::default();
        let tracker = TaskTracker::new();
        assert!(flights.for_all(&1).is_none());
        let flight = flights.enter(&tracker, 1, async { 7 }, ready);
        assert!(flights.for_all(&1).is_none());
        flight.stop_all();
        let found = flights.for_all(&1).expect("a flight");
        assert_eq!(found.landed().await, Some(7));
        assert!(flights.for_all(&1).is_none());
    }

    #[tokio::test]
    async fn who_comes_while_others_are_told_starts_anew() {
        let flights = SingleFlight::<u8, u8>::default();
        let tracker = TaskTracker::new();
        let (later, tells) = tokio::sync::oneshot::channel::<()>();
        let first = flights.enter(&tracker, 1, ready(1), async |number| {
            tells.await.expect("a word");
            number
        });
        tokio::task::yield_now().await;
        let second = flights.enter(&tracker, 1, ready(2), ready).landed();
        let second = tokio::time::timeout(Duration::from_secs(5), second).await;
        assert_eq!(second.expect("a task of its own"), Some(2));
        later.send(()).expect("somebody who waits");
        assert_eq!(first.landed().await, Some(1));
    }

    #[tokio::test]
    async fn where_nobody_waits_nobody_is_told() {
        let flights = SingleFlight::<u8, ()>::default();
        let tracker = TaskTracker::new();
        let (worked, told) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
        let work = {
            let worked = Arc::clone(&worked);
            async move { worked.store(true, Ordering::SeqCst) }
        };
        let tell = {
            let told = Arc::clone(&told);
            async move |()| told.store(true, Ordering::SeqCst)
        };
        drop(flights.enter(&tracker, 1, work, tell));
        tracker.close();
        tracker.wait().await;
        assert!(worked.load(Ordering::SeqCst));
        assert!(!told.load(Ordering::SeqCst));
    }

    #[tokio::test]
    async fn a_panic_wakes_the_waiters() {
        let flights = SingleFlight::<u8, ()>::default();
        let tracker = TaskTracker::new();
        assert_eq!(
            flights
                .enter(&tracker, 1, async { panic!("on purpose") }, ready)
                .landed()
                .await,
            None
        );
        assert!(flights.running.lock().expect("the map").is_empty());
    }
}
