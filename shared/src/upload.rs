//! An upload that comes in pieces, until it is a job.

use serde_json::{Map, Value};

use crate::{id::id, job::JobId};

id! {
    /// Names one upload.
    UploadId
}

/// How far an upload has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Upload {
    /// Its name.
    pub id: UploadId,
    /// Name of the file, made safe.
    pub file_name: String,
    /// The text fields that came with it.
    pub fields: Map<String, Value>,
    /// Size of the whole recording in bytes, once known.
    pub size: Option<u64>,
    /// Bytes that are kept; the next one belongs here.
    pub received: u64,
    /// The job that it became.
    pub job: Option<JobId>,
    /// Milliseconds since 1970 (UTC) at which it is forgotten.
    pub expires_at: i64,
}

impl Upload {
    /// Whether every byte is there.
    pub fn is_whole(&self) -> bool {
        self.size == Some(self.received)
    }
}
