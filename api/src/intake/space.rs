//! Whether there is room for a recording.

use std::io;

use bytesize::ByteSize;
use tokio::task::spawn_blocking;

use crate::{
    App,
    problem::{Code, Problem},
};

/// Why no recording is accepted.
#[derive(Debug, thiserror::Error)]
pub enum SpaceError {
    /// Too little is free.
    #[error("the storage has {free} free and needs {needed}; delete recordings or give it more room")]
    Short {
        /// What is free.
        free: ByteSize,
        /// What has to be, with the recording that is to come.
        needed: ByteSize,
    },
    /// The system does not say how much is free.
    #[error("the free space for recordings cannot be found out ({0}); check that the folder is there")]
    Unknown(#[from] io::Error),
}

/// Bytes that are free where the recordings lie; none in an object store, which says itself when it is full.
pub async fn free(app: &App) -> Result<Option<u64>, SpaceError> {
    let Some(folder) = app.library.folder() else { return Ok(None) };
    Ok(Some(spawn_blocking(move || fs4::available_space(folder)).await.map_err(io::Error::other)??))
}

/// Whether enough stays free when `coming` bytes are added.
pub async fn check(app: &App, coming: u64) -> Result<(), SpaceError> {
    let Some(free) = free(app).await? else { return Ok(()) };
    let needed = app.limits.min_free_space.as_u64().saturating_add(coming);
    if free >= needed {
        Ok(())
    } else {
        Err(SpaceError::Short { free: ByteSize(free), needed: ByteSize(needed) })
    }
}

/// Whether there is room for an upload that comes in pieces, of which the first `received` bytes are there: for the rest of
/// it, and for all of it once more when its parts are put together.
pub async fn check_pieces(app: &App, whole: u64, received: u64) -> Result<(), SpaceError> {
    check(app, whole.saturating_sub(received).saturating_add(whole)).await
}

impl From<SpaceError> for Problem {
    fn from(error: SpaceError) -> Self {
        tracing::warn!(%error, "a recording is refused");
        let code = match error {
            SpaceError::Short { .. } => Code::StorageFull,
            SpaceError::Unknown(_) => Code::Unavailable,
        };
        Self::of(code, &error)
    }
}
