//! Watching a job: every event of its log, first those that are there and then those that come, each once.
//!
//! The log in the store is what is told; the bus only says when to tell on. An event that comes on the bus in its
//! turn is passed on as it is, so that a thousand watchers do not read the log a thousand times; after a gap, or when
//! nothing was heard for a while, the watcher looks at the store.

#[cfg(test)]
mod tests;
mod told;

use std::{collections::VecDeque, pin::Pin, sync::Arc, time::Duration};

use futures::{Stream, stream};
use relay::bus::{Bus, Notice, Subscription};
use shared::{
    event::{Event, LoggedEvent},
    job::{JobId, JobStatus, Progress},
};
use store::{Store, StoreError};
use telemetry::metrics::{METRICS, Watching};
use tokio::time::{Instant, Sleep, sleep_until};
pub use told::Told;

/// Time without an event after which the watcher looks at the store: the bus may lose anything.
const LOOK_AFTER: Duration = Duration::from_secs(2);

/// Events read at a time.
const PAGE: u32 = 256;

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
    NotYet {
        /// What the watcher says it was told last.
        after: u64,
        /// The job's newest event.
        newest: u64,
    },
}

/// What the watcher does when it is asked for the next event.
enum Next {
    /// Looks at the store, because there may be something new.
    Look,
    /// Listens to the bus, because everything was told.
    Listen,
    /// Nothing: the job is finished or gone.
    End,
}

/// Somebody who is told the events of one job.
pub struct Watcher {
    store: Store,
    job: JobId,
    ear: Subscription,
    /// Number of the event that was told last.
    told: u64,
    /// Number of the last event that is history.
    history: u64,
    /// Progress as it was told last.
    progress: Option<Progress>,
    /// Events read from the log that are to be told next.
    read: VecDeque<LoggedEvent>,
    next: Next,
    look_at: Instant,
    /// Ends at `look_at` or, because that moves on with every event, before it; then it is set anew.
    timer: Pin<Box<Sleep>>,
    _watching: Watching,
    /// Whether the end of the work is not the end of what is told.
    stays: bool,
}

impl Watcher {
    /// A watcher who was told the job's events up to number `after`.
    pub async fn new(store: Store, bus: &dyn Bus, job: JobId, after: u64) -> Result<Self, WatchError> {
        // Listening begins before reading, so that nothing happens in between.
        let ear = bus.subscribe(job);
        let newest = store.job(job).await?.last_event;
        if after > newest {
            return Err(WatchError::NotYet { after, newest });
        }
        Ok(Self {
            store,
            job,
            ear,
            told: after,
            history: newest,
            progress: None,
            read: VecDeque::new(),
            next: Next::Look,
            look_at: Instant::now(),
            timer: Box::pin(sleep_until(Instant::now())),
            _watching: METRICS.watching(),
            stays: false,
        })
    }

    /// The watcher, who goes on after the job is finished: its transcript may be edited, and it may be retried.
    pub fn staying(self, stays: bool) -> Self {
        Self { stays, ..self }
    }

    /// Everything that is told, as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Told> + Send {
        stream::unfold(self, async |mut watcher| watcher.next().await.map(|told| (told, watcher)))
    }

    /// What is told next; none when the job is finished and everything was told, or when it is gone.
    pub async fn next(&mut self) -> Option<Told> {
        loop {
            if let Some(event) = self.read.pop_front() {
                return Some(self.tell(Arc::new(event)));
            }
            let told = match self.next {
                Next::Look => self.look().await,
                Next::Listen => self.listen().await,
                Next::End => return None,
            };
            if told.is_some() {
                return told;
            }
        }
    }

    fn tell(&mut self, event: Arc<LoggedEvent>) -> Told {
        self.told = event.seq;
        Told::Logged { is_historical: event.seq <= self.history, event }
    }

    /// Looks at the store; what goes wrong there for a time is tried again.
    async fn look(&mut self) -> Option<Told> {
        self.look_at = Instant::now() + LOOK_AFTER;
        self.next = Next::Listen;
        match self.read_store().await {
            Ok(told) => told,
            Err(error @ StoreError::Database(_)) => {
                tracing::debug!(job = %self.job, %error, "the events cannot be read; trying again");
                None
            }
            Err(error) => {
                self.next = Next::End;
                Some(self.broken(&error))
            }
        }
    }

    async fn read_store(&mut self) -> Result<Option<Told>, StoreError> {
        let job = self.store.job(self.job).await?;
        if job.last_event > self.told {
            self.read = self.store.events_after(self.job, self.told, PAGE).await?.into();
            // Nothing to read: the job was deleted just now, which the bus or the next look tells.
            if !self.read.is_empty() {
                self.next = Next::Look;
            }
            return Ok(None);
        }
        if job.status.is_final() && !self.stays {
            self.next = Next::End;
            return Ok(None);
        }
        Ok(self.progressed(job.progress))
    }

    async fn listen(&mut self) -> Option<Told> {
        if self.timer.is_elapsed() {
            self.timer.as_mut().reset(self.look_at);
        }
        let notice = tokio::select! {
            notice = self.ear.next() => notice,
            () = &mut self.timer => {
                if self.look_at <= Instant::now() {
                    self.next = Next::Look;
                }
                return None;
            }
        };
        match notice {
            Some(Notice::Logged(event)) if event.seq <= self.told => None,
            Some(Notice::Logged(event)) if event.seq == self.told + 1 => {
                self.look_at = Instant::now() + LOOK_AFTER;
                if event.event.ends_stream() {
                    self.next = Next::Look;
                }
                Some(self.tell(event))
            }
            Some(Notice::Progress(progress)) => self.progressed(progress),
            Some(Notice::Delta(delta)) => Some(Told::Passing(Event::SummaryDelta(delta))),
            Some(Notice::Logged(_) | Notice::Stopped) | None => {
                self.next = Next::Look;
                None
            }
        }
    }

    fn progressed(&mut self, progress: Progress) -> Option<Told> {
        let is_new = self.progress.replace(progress) != Some(progress);
        is_new.then(|| Told::Passing(Event::Progress(progress)))
    }

    /// The last that a watcher is told of a job that cannot be read any more.
    fn broken(&self, error: &StoreError) -> Told {
        let (code, message, status) = if matches!(error, StoreError::NotFound(_)) {
            ("deleted", "The job was deleted.", JobStatus::Cancelled)
        } else {
            tracing::error!(job = %self.job, %error, "the events cannot be read");
            ("internal", "The server cannot read the job's events; its log tells more.", JobStatus::Failed)
        };
        Told::Passing(Event::Error { code: code.to_owned(), message: message.to_owned(), status })
    }
}
