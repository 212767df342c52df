//! The queue: wakes workers up because a job wants doing.
//!
//! Nothing rests on it. The job's row says what is to be done, a worker takes it with a lease
//! (`Store::claim`), and what was not told is found by looking at the rows every so often.

mod in_process;
mod redis;

use async_trait::async_trait;
pub use in_process::InProcessQueue;
pub use redis::{RedisQueue, RedisTasks};
use serde::{Deserialize, Serialize};

use shared::job::JobId;

/// A wake-up: this job wants doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The job.
    pub job: JobId,
}

/// Wakes workers up.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Says that the job wants doing. It may get lost; failures are logged, not returned.
    async fn notify(&self, job: JobId);
}
