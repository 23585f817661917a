//! `grantport keys`: which key-encryption keys are in use, and their rotation.

use super::Failure;
use super::arguments::Keys;
use crate::domain::Actor;
use crate::store::Store;

pub(super) async fn run(command: Keys, store: &Store) -> Result<(), Failure> {
    match command {
        Keys::Status => {
            status(store);
            Ok(())
        }
        Keys::Rotate => rotate(store).await,
    }
}

fn status(store: &Store) {
    let wrapped = store.keyring().status();
    for (position, id) in store.keyring().keks().ids().enumerate() {
        let count = wrapped.get(id).copied().unwrap_or_default();
        let role = match (position, count) {
            (0, _) => "encrypts",
            (_, 0) => "no longer needed",
            _ => "decrypts only",
        };
        println!("{id}  {role}, data keys: {count}");
    }
}

async fn rotate(store: &Store) -> Result<(), Failure> {
    let keys = store.keyring().rewrapped();
    for (index, key) in keys.iter().enumerate() {
        store.save_rewrapped(key, Actor::command_line()).await?;
        println!(
            "{}/{}  {} is wrapped with {}",
            index + 1,
            keys.len(),
            key.id,
            key.kek_id
        );
    }
    println!("Done. Keys other than the first one can be removed once every node was restarted.");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::open::tests::{key_line, open_with, with_organization};

    #[tokio::test]
    async fn a_key_can_be_replaced_and_the_old_one_retired() {
        let directory = tempfile::tempdir().expect("a directory");
        let (old, new) = (
            key_line(&directory.path().join("old")),
            key_line(&directory.path().join("new")),
        );
        {
            let (store, _lock) = open_with(directory.path(), &old).await.expect("opened");
            with_organization(&store).await;
            store.close().await;
        }
        assert!(
            open_with(directory.path(), &new).await.is_err(),
            "a new key alone opens nothing"
        );
        {
            let (store, _lock) = open_with(directory.path(), &format!("{new}\n{old}"))
                .await
                .expect("opened");
            rotate(&store).await.expect("rotated");
            store.close().await;
        }
        let (store, _lock) = open_with(directory.path(), &new)
            .await
            .expect("opened with the new key alone");
        assert_eq!(store.keyring().status().values().sum::<usize>(), 1);
    }
}
