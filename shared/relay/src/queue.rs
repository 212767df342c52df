//! The queue: a bell that says "job N wants doing" to the workers.
//!
//! Nothing rests on it. The job's row says what is to be done, a worker takes it with a lease
//! (`Store::claim`), and what was not rung is found by looking at the rows every so often.

mod in_process;
mod redis;

use async_trait::async_trait;
pub use in_process::InProcessQueue;
pub use redis::{RedisQueue, RedisTasks};
use serde::{Deserialize, Serialize};

use shared::job::JobId;

/// What the bell says: this job wants doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// The job.
    pub job: JobId,
}

/// Rings the bell.
#[async_trait]
pub trait Queue: Send + Sync {
    /// Says that the job wants doing. It may get lost; failures are logged, not returned.
    async fn ring(&self, job: JobId);
}
