//! Many callers at once.

use tokio::task::JoinSet;

/// Starts `count` tasks at once and answers what each brought, in the order of their starts.
pub(crate) async fn together<T, R>(count: usize, task: impl Fn(usize) -> T) -> Vec<R>
where
    T: Future<Output = R> + Send + 'static,
    R: Send + 'static,
{
    let mut tasks = JoinSet::new();
    for number in 0..count {
        let work = task(number);
        tasks.spawn(async move { (number, work.await) });
    }
    let mut results = tasks.join_all().await;
    results.sort_by_key(|(number, _)| *number);
    results.into_iter().map(|(_, result)| result).collect()
}
