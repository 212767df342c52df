//! The queue of one process: a wake-up for those who look at the rows.

use std::sync::Arc;

use async_trait::async_trait;
use shared::job::JobId;
use tokio::sync::Notify;

use super::Queue;

/// A queue that reaches the workers of this process only.
#[derive(Clone, Default)]
pub struct InProcessQueue {
    wake_up: Arc<Notify>,
}

impl InProcessQueue {
    /// What is notified when a job wants doing.
    pub fn wake_up(&self) -> Arc<Notify> {
        Arc::clone(&self.wake_up)
    }
}

#[async_trait]
impl Queue for InProcessQueue {
    async fn notify(&self, _job: JobId) {
        self.wake_up.notify_one();
    }
}
