//! What is counted over all jobs and uploads.

use std::time::Duration;

use crate::job::JobStatus;

/// How much there is of everything, and how much waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobCounts {
    /// Jobs by status; every status is there.
    pub jobs: Vec<(JobStatus, u64)>,
    /// Jobs that no worker holds and that are not finished.
    pub waiting: u64,
    /// Since when the oldest of these is there.
    pub oldest: Duration,
    /// When the oldest job that nobody has begun was accepted, in milliseconds since 1970 (UTC).
    pub oldest_pending_at: Option<i64>,
    /// Bytes of all recordings.
    pub recording_bytes: u64,
    /// Uploads that are not finished.
    pub uploads: u64,
    /// Bytes of these.
    pub upload_bytes: u64,
}
