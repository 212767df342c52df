//! The events of a job as SSE: followed to their end, through broken connections and restarts of the server.

use std::time::Duration;

use eventsource_stream::{EventStreamError, Eventsource};
use futures::{StreamExt, stream::BoxStream};
use serde_json::Value;
use shared::{
    backoff::Backoff,
    event::Event,
    job::{Failure, JobId, JobStatus},
    minutes::Minutes,
};

use super::{Client, ClientError, error};

/// How long to go on trying when the connection is lost.
#[derive(Clone, Copy)]
pub struct RetryPolicy {
    /// Time before each try.
    pub backoff: Backoff,
    /// Tries, one after the other without an event between them, after which it is given up.
    pub max_attempts: u32,
}

impl Default for RetryPolicy {
    /// Some five minutes.
    fn default() -> Self {
        Self {
            backoff: Backoff {
                initial_delay: Duration::from_millis(500),
                max_delay: Duration::from_secs(15),
            },
            max_attempts: 24,
        }
    }
}

/// What somebody who follows a job receives.
#[derive(Debug)]
pub enum StreamItem {
    /// Something happened to the job.
    Event {
        /// What.
        event: Event,
        /// The JSON that came.
        raw: Value,
    },
    /// The connection is lost; the next call of [`Follow::next`] waits for `delay` and then tries again.
    Lost {
        /// What the network said.
        reason: String,
        /// Time until the next try.
        delay: Duration,
    },
    /// There is nothing more to wait for.
    Ended(Ending),
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum Ending {
    /// With its minutes.
    Completed(Box<Minutes>),
    /// Without them.
    Broken {
        /// Failed or cancelled.
        status: JobStatus,
        /// Why.
        failure: Failure,
    },
}

impl Ending {
    fn of(event: &Event) -> Option<Self> {
        match event {
            Event::FinalSummary { summary, .. } => Some(Self::Completed(summary.clone())),
            Event::Error { code, message, status } if event.ends_stream() => {
                Some(Self::Broken { status: *status, failure: Failure::new(code, message) })
            }
            _ => None,
        }
    }
}

pub(super) type Received = BoxStream<'static, Result<eventsource_stream::Event, String>>;

/// Follows one job, from its first event on.
pub struct Follow<'a> {
    client: &'a Client,
    job: JobId,
    retry: RetryPolicy,
    events: Option<Received>,
    /// The newest id that came: where to go on.
    last_id: String,
    /// How the job ended, unless it was set going again since.
    ending: Option<Ending>,
    failures: u32,
    reached: bool,
}

impl Client {
    /// Follows the job from its first event on.
    pub const fn follow(&self, job: JobId, retry: RetryPolicy) -> Follow<'_> {
        Follow {
            client: self,
            job,
            retry,
            events: None,
            last_id: String::new(),
            ending: None,
            failures: 0,
            reached: false,
        }
    }
}

/// The events of an answer, or why there are no more.
pub(super) fn received(response: reqwest::Response) -> Received {
    let bytes = response.bytes_stream().map(|bytes| bytes.map_err(|error| error::root_cause(&error)));
    let events = bytes.eventsource().map(|event| {
        event.map_err(|error| match error {
            EventStreamError::Transport(reason) => reason,
            other => other.to_string(),
        })
    });
    events.boxed()
}

impl Follow<'_> {
    /// What happens next; nothing happens after [`StreamItem::Ended`].
    ///
    /// A job that failed may have been set going again, so that it is the server who ends the stream.
    ///
    /// # Errors
    /// When the server was never reached, was not reached again in time, or does not know the job (any more).
    pub async fn next(&mut self) -> Result<StreamItem, ClientError> {
        loop {
            let mut events = match self.events.take() {
                Some(events) => events,
                None => match self.connect().await {
                    Ok(events) => events,
                    Err(error) if error.may_pass() && self.reached => return self.lost(error),
                    Err(error) => return Err(error),
                },
            };
            match events.next().await {
                Some(Ok(received)) => {
                    self.events = Some(events);
                    self.failures = 0;
                    if let Some(item) = self.parse(received) {
                        return Ok(item);
                    }
                }
                ended => match (self.ending.take(), ended) {
                    (Some(ending), _) => return Ok(StreamItem::Ended(ending)),
                    (None, Some(Err(reason))) => return self.lost(self.unreachable(reason)),
                    (None, _) => {
                        return self.lost(self.unreachable("the server closed the connection".to_owned()));
                    }
                },
            }
        }
    }

    async fn connect(&mut self) -> Result<Received, ClientError> {
        if self.failures > 0 {
            tokio::time::sleep(self.retry.backoff.delay(self.failures)).await;
        }
        let url = self.client.url(&["jobs", &self.job.to_string(), "events"]);
        let mut request = self.client.stream.get(url).header("Accept", "text/event-stream");
        if !self.last_id.is_empty() {
            request = request.header("Last-Event-ID", &self.last_id);
        }
        let response = self.client.answer(request).await?;
        self.reached = true;
        Ok(received(response))
    }

    /// The event, if this version of the program knows it.
    fn parse(&mut self, received: eventsource_stream::Event) -> Option<StreamItem> {
        if !received.id.is_empty() {
            self.last_id = received.id;
        }
        let raw: Value = serde_json::from_str(&received.data).ok()?;
        match serde_json::from_value::<Event>(raw.clone()) {
            Ok(event) => {
                if !event.is_passing() {
                    self.ending = Ending::of(&event);
                }
                Some(StreamItem::Event { event, raw })
            }
            Err(error) => {
                tracing::debug!(event = received.event, %error, "an event that this version does not know");
                None
            }
        }
    }

    fn unreachable(&self, reason: String) -> ClientError {
        ClientError::Unreachable { url: self.client.base.to_string(), reason }
    }

    fn lost(&mut self, error: ClientError) -> Result<StreamItem, ClientError> {
        self.failures += 1;
        if self.failures > self.retry.max_attempts {
            return Err(error);
        }
        let reason = match error {
            ClientError::Unreachable { reason, .. } => reason,
            other => other.to_string(),
        };
        Ok(StreamItem::Lost { reason, delay: self.retry.backoff.delay(self.failures) })
    }
}

#[cfg(test)]
mod tests;
