//! The bus: a bell that tells this job's watchers and its worker that something happened.
//!
//! Nothing rests on it. Every durable event is in the store's event log before it is rung here, watchers read
//! what they missed from the log, and workers learn from their lease that a job was taken from them.

mod in_process;
mod redis;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use in_process::{InProcessBus, Subscription};
pub use redis::RedisBus;

use shared::{
    event::{LoggedEvent, SummaryDelta},
    job::{JobId, Progress},
};

/// What is rung for one job.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Notice {
    /// An event was added to the log.
    Logged(Arc<LoggedEvent>),
    /// The work went on; never logged.
    Progress(Progress),
    /// Minutes are being written; never logged.
    Delta(SummaryDelta),
    /// The job was cancelled or deleted: whoever works on it stops, whoever watches looks at the store.
    Stopped,
}

/// Carries notices from those who change a job to those who watch it.
pub trait Bus: Send + Sync {
    /// Rings `notice` for everybody subscribed to `job`, without waiting. It may get lost; failures are logged, not
    /// returned.
    fn publish(&self, job: JobId, notice: Notice);

    /// Every notice for `job` from now on.
    fn subscribe(&self, job: JobId) -> Subscription;
}
