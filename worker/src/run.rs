//! The life of a worker: it waits for jobs, claims one, runs its tasks, and writes down how they ended.

mod context;
mod deferred;
mod heartbeat;
mod job;
mod outcome;
#[cfg(test)]
mod panics;
pub(crate) mod presence;
pub(crate) mod runner;
mod waiting;

pub(crate) use context::{JobContext, WorkerContext};
pub(crate) use deferred::DeferredJobs;
pub(crate) use heartbeat::LeaseKeeper;
pub(crate) use outcome::{RetryReason, TaskError};
pub use runner::RunnerError;
pub use waiting::WaitingJobs;
