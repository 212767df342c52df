//! Notices between those who change something and those who wait for that: the [`bus`] for watchers, the [`queue`] for
//! workers. Both reach one process, or all that share a Redis. Nothing rests on them: what is lost is found in the store.
//!
//! ```
//! use relay::bus::{Bus, InProcessBus, Notice};
//! use shared::{job::JobId, topic::Topic};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() {
//! let (bus, topic) = (InProcessBus::default(), Topic::Job(JobId::new()));
//! let mut watcher = bus.subscribe(topic);
//! bus.publish(topic, Notice::Stopped);
//! assert!(matches!(watcher.next().await, Some(Notice::Stopped)));
//! # }
//! ```

pub mod bus;
pub mod queue;
pub mod redis;
