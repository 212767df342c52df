//! The bus of one process: a broadcast channel for each topic that somebody watches.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::broadcast;

use super::{Bus, Notice};
use shared::topic::Topic;

/// Notices kept for a watcher that is slow to read; one that falls further behind reads the log instead.
const BACKLOG_NOTICES: usize = 64;

type Channels = Arc<Mutex<HashMap<Topic, broadcast::Sender<Notice>>>>;

/// A bus that reaches this process only.
#[derive(Clone, Default)]
pub struct InProcessBus {
    channels: Channels,
}

impl Bus for InProcessBus {
    fn publish(&self, topic: Topic, notice: Notice) {
        if let Some(channel) = lock(&self.channels).get(&topic) {
            // An error only says that the last watcher has just left.
            let _ = channel.send(notice);
        }
    }

    fn subscribe(&self, topic: Topic) -> Subscription {
        let mut channels = lock(&self.channels);
        let channel = channels.entry(topic).or_insert_with(|| broadcast::Sender::new(BACKLOG_NOTICES));
        Subscription { topic, receiver: Some(channel.subscribe()), channels: Arc::clone(&self.channels) }
    }
}

/// The map is whole even if a thread panicked while it held the lock: each change is one call.
fn lock(channels: &Channels) -> MutexGuard<'_, HashMap<Topic, broadcast::Sender<Notice>>> {
    channels.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Somebody's subscription at one job; unsubscribes when dropped.
pub struct Subscription {
    topic: Topic,
    receiver: Option<broadcast::Receiver<Notice>>,
    channels: Channels,
}

impl Subscription {
    /// The next notice; `None` if some were lost because the reader was slow, so that it must look at the store.
    pub async fn next(&mut self) -> Option<Notice> {
        self.receiver.as_mut()?.recv().await.ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut channels = lock(&self.channels);
        self.receiver = None;
        if channels.get(&self.topic).is_some_and(|channel| channel.receiver_count() == 0) {
            channels.remove(&self.topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::{
        event::Event,
        job::{JobId, Progress, Stage},
    };

    #[tokio::test]
    async fn a_notice_reaches_every_watcher_of_its_topic_and_nobody_else() {
        let (bus, job, other) = (InProcessBus::default(), Topic::Job(JobId::new()), Topic::Job(JobId::new()));
        let (mut first, mut second, mut elsewhere) =
            (bus.subscribe(job), bus.subscribe(job), bus.subscribe(other));
        bus.publish(job, Notice::Passing(Event::Progress(Progress::at(Stage::Loading, 0.5))));
        bus.publish(other, Notice::Stopped);
        assert!(matches!(first.next().await, Some(Notice::Passing(_))));
        assert!(matches!(second.next().await, Some(Notice::Passing(_))));
        assert!(matches!(elsewhere.next().await, Some(Notice::Stopped)));
    }

    #[tokio::test]
    async fn a_slow_watcher_is_told_that_it_missed_something() {
        let (bus, job) = (InProcessBus::default(), Topic::Job(JobId::new()));
        let mut slow = bus.subscribe(job);
        for _ in 0..=BACKLOG_NOTICES {
            bus.publish(job, Notice::Stopped);
        }
        assert!(slow.next().await.is_none());
        assert!(matches!(slow.next().await, Some(Notice::Stopped)));
    }

    #[test]
    fn nothing_stays_behind_when_the_last_watcher_leaves() {
        let (bus, job) = (InProcessBus::default(), Topic::Job(JobId::new()));
        let (first, second) = (bus.subscribe(job), bus.subscribe(job));
        drop(first);
        assert_eq!(lock(&bus.channels).len(), 1);
        drop(second);
        assert!(lock(&bus.channels).is_empty());
    }
}
