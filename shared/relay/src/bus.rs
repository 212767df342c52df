//! The bus: tells those who watch a topic, and who work on it, that something happened.
//!
//! Nothing rests on it. Every durable event is in the store's event log before it is published here, watchers read
//! what they missed from the log, and workers learn from their lease that a job was taken from them.

mod in_process;
mod redis;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use in_process::{InProcessBus, Subscription};
pub use redis::RedisBus;

use shared::{
    event::{Event, LoggedEvent},
    topic::Topic,
};

/// What is told of one topic.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Notice {
    /// An event was added to the log.
    Logged(Arc<LoggedEvent>),
    /// Something that only those hear who watch just now; never logged.
    Passing(Event),
    /// The work was cancelled, or the topic deleted: whoever works on it stops, whoever watches looks at the store.
    Stopped,
}

/// Carries notices from those who change something to those who watch it.
pub trait Bus: Send + Sync {
    /// Sends `notice` to everybody subscribed to `topic`, without waiting. It may get lost; failures are logged, not
    /// returned.
    fn publish(&self, topic: Topic, notice: Notice);

    /// Every notice of `topic` from now on.
    fn subscribe(&self, topic: Topic) -> Subscription;
}
