//! Workers as people see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::job::{JobId, Stage};

/// What a worker says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WorkerAbout {
    /// The machine's name.
    pub host: String,
    /// The process's number on it.
    pub process: u32,
    /// The program's version.
    pub version: String,
    /// What the speech model runs on: `auto`, `cpu` or `gpu`.
    pub device: String,
    /// The speech model that is used when a job names none.
    pub model: String,
    /// Recordings worked on at the same time.
    pub concurrency: usize,
}

/// A job in a worker's hands.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct HeldJob {
    /// The job.
    pub job_id: JobId,
    /// What people call it.
    pub title: String,
    /// What is being done.
    pub stage: Stage,
    /// Share of the stage that is done, from 0 to 1.
    pub progress: f64,
    /// When the worker took it, in milliseconds since 1970 (UTC).
    pub since: i64,
    /// Seconds until the lease runs out, unless it is renewed.
    pub lease_seconds: f64,
}

/// A worker and what it works on.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WorkerState {
    /// Its name, which no other has.
    pub id: String,
    /// What it says of itself; none of a worker that holds a job and was not heard of.
    #[schema(required)]
    pub about: Option<WorkerAbout>,
    /// When it started, in milliseconds since 1970 (UTC).
    #[schema(required)]
    pub started_at: Option<i64>,
    /// Seconds since it was last heard of.
    #[schema(required)]
    pub silent_seconds: Option<f64>,
    /// What it works on.
    pub jobs: Vec<HeldJob>,
}
