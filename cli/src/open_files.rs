//! How many files and connections may be open at the same time.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Allows as many as the system lets this process have, and says how many: most systems begin with few, so that old programs
/// keep working, and every client is one.
pub fn raise_limit() -> u64 {
    let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
        tracing::debug!(%error, "no more files may be open than before");
    }
    getrlimit(Resource::Nofile).current.unwrap_or(u64::MAX)
}
