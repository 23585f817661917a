//! How many connections fit at a time. Each is an open file, and so is all else that a server holds.
//!
//! Callers that wait for a slow provider keep their connections meanwhile, and whoever asks for a
//! valid token should not have to wait for a place behind them: so there are many.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// More than this wait in the system's queue.
const MOST: usize = 4096;

/// Raises this process's limit of open files as far as it may, and says for how many connections
/// there is room.
pub fn make_room() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = Rlimit {
        current: maximum,
        maximum,
    };
    let files = match setrlimit(Resource::Nofile, raised) {
        Ok(()) => maximum,
        Err(error) => {
            tracing::warn!(%error, "the limit of open files stays as it is");
            current
        }
    };
    let room = room_within(files);
    if room < MOST {
        tracing::warn!(
            files,
            "only {room} connections are taken at a time: the limit of open files is low"
        );
    }
    room
}

/// The other half is for providers, the database and files of our own. `None`: there is no limit.
fn room_within(files: Option<u64>) -> usize {
    let half = files.map(|files| usize::try_from(files / 2).unwrap_or(MOST));
    half.map_or(MOST, |half| half.clamp(1, MOST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_low_limit_leaves_files_for_everything_else() {
        for (files, room) in [
            (None, 4096),
            (Some(u64::MAX), 4096),
            (Some(8192), 4096),
            (Some(1024), 512),
            (Some(0), 1),
        ] {
            assert_eq!(room_within(files), room, "{files:?}");
        }
    }
}
