//! Notices between those who change a job and those who wait for that: the [`bus`] for watchers, the [`queue`] for
//! workers. Both reach one process, or all that share a Redis. Nothing rests on them: what is lost is found in the store.
//!
//! ```
//! use relay::bus::{Bus, InProcessBus, Notice};
//! use shared::job::JobId;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (bus, job) = (InProcessBus::default(), JobId::new());
//! let mut watcher = bus.subscribe(job);
//! bus.publish(job, Notice::Stopped);
//! assert!(matches!(watcher.next().await, Some(Notice::Stopped)));
//! # }
//! ```

pub mod bus;
pub mod queue;
pub mod redis;
