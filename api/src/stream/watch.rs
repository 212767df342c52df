//! Watching a job: every event of its log, first those that are there and then new ones, each exactly once.
//!
//! The event log in the store is the source; the bus only notifies. An event that arrives on the bus in sequence is
//! passed on as it is, so that a thousand watchers do not read the log a thousand times; after a gap, or when nothing
//! arrived for a while, the watcher polls the store.

#[cfg(test)]
mod tests;

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, stream};
use library::{Library, Notice, SharedState, StoreError, Subscription};
use shared::{
    event::{Event, LoggedEvent},
    job::{JobId, JobStatus, Progress},
};
use telemetry::metrics::{METRICS, Watching};
use tokio::time::{Instant, Sleep, sleep_until};

use super::item::StreamItem;

/// Time without an event after which the watcher polls the store: the bus may lose any notification.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// Events read at a time.
const EVENTS_PER_READ: u32 = 256;

/// Why a job cannot be watched.
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// The job cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The watcher says that it knows events which the job does not have.
    #[error(
        "the job has {newest} events, so there is nothing after number {after}; leave that out to get all of them"
    )]
    AheadOfLog {
        /// The event that the watcher says it received last.
        after: u64,
        /// The job's newest event.
        newest: u64,
    },
}

/// What the watcher does when it is asked for the next event.
enum Next {
    /// Polls the store, because there may be something new; what another watcher read is good enough at this age.
    Poll(Duration),
    /// Receives from the bus, because everything in the log was sent.
    Receive,
    /// Nothing: the job is finished or gone.
    End,
}

/// A subscriber to the events of one job.
pub struct Watcher {
    library: Library,
    state: SharedState,
    job: JobId,
    subscription: Subscription,
    /// Sequence number of the event that was sent last.
    last_sent: u64,
    /// Number of the last event that is history.
    history: u64,
    /// Progress as it was sent last.
    progress: Option<Progress>,
    /// Events read from the log that are sent next.
    unsent: VecDeque<LoggedEvent>,
    next: Next,
    poll_at: Instant,
    /// Ends at `poll_at` or, because that moves on with every event, before it; then it is set anew.
    timer: Pin<Box<Sleep>>,
    _watching: Watching,
    /// Whether to go on after the job is finished.
    follow: bool,
}

impl Watcher {
    /// A watcher who has received the job's events up to number `after`.
    pub async fn new(library: Library, job: JobId, after: u64) -> Result<Self, WatchError> {
        // Subscribe before reading, so that nothing happens in between.
        let subscription = library.subscribe(job);
        let state = library.shared_state(job);
        let newest = state.read(Duration::ZERO).await?.last_event;
        if after > newest {
            return Err(WatchError::AheadOfLog { after, newest });
        }
        Ok(Self {
            library,
            state,
            job,
            subscription,
            last_sent: after,
            history: newest,
            progress: None,
            unsent: VecDeque::new(),
            next: Next::Poll(Duration::ZERO),
            poll_at: Instant::now(),
            timer: Box::pin(sleep_until(Instant::now())),
            _watching: METRICS.watching(),
            follow: false,
        })
    }

    /// The watcher, who goes on after the job is finished: its transcript may be edited, and it may be retried.
    pub fn following(self, follow: bool) -> Self {
        Self { follow, ..self }
    }

    /// All items, as a stream.
    pub fn into_stream(self) -> impl Stream<Item = StreamItem> + Send {
        stream::unfold(self, async |mut watcher| watcher.next().await.map(|item| (item, watcher)))
    }

    /// The next item; none when the job is finished and everything was sent, or when it is gone.
    pub async fn next(&mut self) -> Option<StreamItem> {
        loop {
            if let Some(event) = self.unsent.pop_front() {
                return Some(self.send_logged(Arc::new(event)));
            }
            let item = match self.next {
                Next::Poll(max_age) => self.poll_store(max_age).await,
                Next::Receive => self.receive().await,
                Next::End => return None,
            };
            if item.is_some() {
                return item;
            }
        }
    }

    fn send_logged(&mut self, event: Arc<LoggedEvent>) -> StreamItem {
        self.last_sent = event.seq;
        StreamItem::Logged { is_historical: event.seq <= self.history, event }
    }

    /// Polls the store; a passing failure there is retried.
    async fn poll_store(&mut self, max_age: Duration) -> Option<StreamItem> {
        self.poll_at = Instant::now() + POLL_INTERVAL;
        self.next = Next::Receive;
        match self.read_store(max_age).await {
            Ok(item) => item,
            Err(error @ (StoreError::Database(_) | StoreError::Full(_))) => {
                tracing::debug!(job = %self.job, %error, "the events cannot be read; trying again");
                None
            }
            Err(error) => {
                self.next = Next::End;
                Some(self.unreadable(&error))
            }
        }
    }

    async fn read_store(&mut self, max_age: Duration) -> Result<Option<StreamItem>, StoreError> {
        let job = self.state.read(max_age).await?;
        if job.last_event > self.last_sent {
            self.unsent = self.library.events_after(self.job, self.last_sent, EVENTS_PER_READ).await?.into();
            // Nothing to read: the job was deleted just now, which the bus or the next poll reports.
            if !self.unsent.is_empty() {
                self.next = Next::Poll(Duration::ZERO);
            }
            return Ok(None);
        }
        if job.status.is_final() && !self.follow {
            self.next = Next::End;
            return Ok(None);
        }
        Ok(self.progress_item(job.progress))
    }

    async fn receive(&mut self) -> Option<StreamItem> {
        if self.timer.is_elapsed() {
            self.timer.as_mut().reset(self.poll_at);
        }
        let notice = tokio::select! {
            notice = self.subscription.next() => notice,
            () = &mut self.timer => {
                if self.poll_at <= Instant::now() {
                    self.next = Next::Poll(POLL_INTERVAL / 2);
                }
                return None;
            }
        };
        match notice {
            Some(Notice::Logged(event)) if event.seq <= self.last_sent => None,
            Some(Notice::Logged(event)) if event.seq == self.last_sent + 1 => {
                self.poll_at = Instant::now() + POLL_INTERVAL;
                if event.event.ends_stream() {
                    self.next = Next::Poll(Duration::ZERO);
                }
                Some(self.send_logged(event))
            }
            Some(Notice::Passing(Event::Progress(progress))) => self.progress_item(progress),
            Some(Notice::Passing(event)) => Some(StreamItem::Passing(event)),
            Some(Notice::Logged(_) | Notice::Stopped) | None => {
                self.next = Next::Poll(Duration::ZERO);
                None
            }
        }
    }

    fn progress_item(&mut self, progress: Progress) -> Option<StreamItem> {
        let is_new = self.progress.replace(progress) != Some(progress);
        is_new.then(|| StreamItem::Passing(Event::Progress(progress)))
    }

    /// The last item of a job that cannot be read any more.
    fn unreadable(&self, error: &StoreError) -> StreamItem {
        let (code, message, status) = if matches!(error, StoreError::NotFound(_)) {
            ("deleted", "The job was deleted.", JobStatus::Cancelled)
        } else {
            tracing::error!(job = %self.job, %error, "the events cannot be read");
            ("internal", "The server cannot read the job's events; its log tells more.", JobStatus::Failed)
        };
        StreamItem::Passing(Event::Error { code: code.to_owned(), message: message.to_owned(), status })
    }
}
