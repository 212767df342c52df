//! What can be wrong with the storage for recordings.

use std::{error::Error, io, iter};

use object_store::client::HttpError;

/// Why a recording could not be written or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlobError {
    /// The folder cannot be made or used.
    #[error(
        "the folder for recordings, {folder}, cannot be used: {reason}; check that it exists and is writable, or set SEOGI_DATA to another one"
    )]
    Folder {
        /// The folder.
        folder: String,
        /// What the system said.
        reason: String,
    },
    /// The settings of the object store make no sense.
    #[error("the object store for recordings cannot be set up ({0}); correct the section storage.s3")]
    Settings(String),
    /// No recording is stored under the key.
    #[error("the recording is not on storage any more; upload it again")]
    Missing,
    /// There is no such bucket.
    #[error("{place}, where recordings are kept, does not exist; make it, or correct storage.recordings")]
    NoBucket {
        /// Where recordings are kept.
        place: String,
    },
    /// The key is wrong, or may not do it.
    #[error(
        "{place}, where recordings are kept, refuses the key ({reason}); check storage.s3.access_key and secret_key, and that they may read, write and delete there"
    )]
    Refused {
        /// Where recordings are kept.
        place: String,
        /// What the store said.
        reason: String,
    },
    /// There is no room.
    #[error("{place}, where recordings are kept, is full; delete recordings or give it more room")]
    Full {
        /// Where recordings are kept.
        place: String,
    },
    /// Nobody answers, or not in time.
    #[error(
        "{place}, where recordings are kept, does not answer ({reason}); check that it runs and that storage.s3.endpoint is right"
    )]
    Unreachable {
        /// Where recordings are kept.
        place: String,
        /// What happened.
        reason: String,
    },
    /// The storage failed in another way.
    #[error("{place}, where recordings are kept, failed ({reason}); check its health and permissions")]
    Storage {
        /// Where recordings are kept.
        place: String,
        /// What happened.
        reason: String,
    },
}

impl BlobError {
    /// Whether waiting may help: the storage is at fault, and not what was asked of it.
    pub const fn may_pass(&self) -> bool {
        !matches!(self, Self::Missing | Self::Settings(_))
    }

    /// What an error of the object store at `place` means.
    pub(super) fn of(place: &str, error: &object_store::Error) -> Self {
        let (place, said) = (place.to_owned(), error.to_string());
        let says = |codes: &[&str]| codes.iter().any(|code| said.contains(code));
        let reason = reason(error, &said);
        match error {
            _ if says(&["NoSuchBucket"]) => Self::NoBucket { place },
            _ if is_full(error) || says(&["StorageFull", "QuotaExceeded", "507 Insufficient"]) => {
                Self::Full { place }
            }
            object_store::Error::NotFound { .. } => Self::Missing,
            object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
                Self::Refused { place, reason }
            }
            _ if cause::<HttpError>(error).is_some() || says(&["503 Service Unavailable", "SlowDown"]) => {
                Self::Unreachable { place, reason }
            }
            _ => Self::Storage { place, reason },
        }
    }
}

/// For those who read a recording like a file. [`io::ErrorKind::NotConnected`] says that waiting may help.
impl From<BlobError> for io::Error {
    fn from(error: BlobError) -> Self {
        let kind = if error.may_pass() { io::ErrorKind::NotConnected } else { io::ErrorKind::NotFound };
        Self::new(kind, error)
    }
}

/// Why, in few words: the store's own message without the request around it, or else the innermost cause.
fn reason(error: &object_store::Error, said: &str) -> String {
    let between =
        |tag: &str| said.split_once(&format!("<{tag}>")).and_then(|(_, rest)| rest.split_once("</"));
    match between("Message").or_else(|| between("Code")) {
        Some((message, _)) => message.to_owned(),
        None => causes(error).last().map_or_else(String::new, ToString::to_string),
    }
}

/// Whether an error comes from a disk that has no more room.
fn is_full(error: &object_store::Error) -> bool {
    cause::<io::Error>(error).is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
        )
    })
}

fn cause<T: Error + 'static>(error: &object_store::Error) -> Option<&T> {
    causes(error).find_map(|error| error.downcast_ref())
}

fn causes(error: &object_store::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    iter::successors(Some(error as &(dyn Error + 'static)), |&error| error.source())
}
