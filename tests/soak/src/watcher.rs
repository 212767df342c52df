//! A watcher who is cut off again and again, and goes on where it was, at either node.

use std::time::Duration;

use anyhow::{Result, ensure};
use eventsource_stream::Eventsource;
use futures::StreamExt;
use rand::{RngExt, rngs::StdRng};
use reqwest::Client;
use serde_json::Value;
use tokio::time::{sleep, timeout};

/// Longer than the server is ever silent on a stream that lives.
const SILENCE: Duration = Duration::from_secs(20);

/// What it was told until the job ended.
pub struct Watched {
    /// Every durable event, in the order of its coming.
    pub log: Vec<Value>,
    /// Whether something came twice.
    pub repeated: bool,
    /// Whether a number was left out.
    pub missed: bool,
}

/// Somebody who watches a job.
pub struct Watcher {
    random: StdRng,
    addresses: Vec<String>,
    job: String,
    last: u64,
    watched: Watched,
}

impl Watcher {
    /// A watcher of a job.
    pub fn new(random: StdRng, addresses: Vec<String>, job: String) -> Self {
        let watched = Watched { log: Vec::new(), repeated: false, missed: false };
        Self { random, addresses, job, last: 0, watched }
    }

    /// Watches until the job has ended, or has ended once more.
    pub async fn run(&mut self) {
        sleep(Duration::from_millis(self.random.random_range(0..3000))).await;
        while !matches!(self.listen().await, Ok(true)) {
            sleep(Duration::from_millis(self.random.random_range(50..500))).await;
        }
    }

    /// What it was told.
    pub fn into_watched(self) -> Watched {
        self.watched
    }

    /// Listens at one of the nodes until the stream breaks; whether the job has ended.
    async fn listen(&mut self) -> Result<bool> {
        let n = self.random.random_range(0..self.addresses.len());
        let address = self.addresses.get(n).cloned().unwrap_or_default();
        let request = Client::new().get(format!("{address}/api/v1/jobs/{}/events", self.job));
        let answer = timeout(SILENCE, request.header("Last-Event-ID", self.last).send()).await??;
        ensure!(answer.status().is_success(), "{}", answer.status());
        let mut events = Box::pin(answer.bytes_stream().eventsource());
        while let Some(event) = timeout(SILENCE, events.next()).await? {
            let event = event?;
            if event.event == "progress" {
                continue;
            }
            self.note(event.id.parse()?, serde_json::from_str(&event.data)?);
            if matches!(event.event.as_str(), "final_summary" | "error") {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn note(&mut self, number: u64, event: Value) {
        self.watched.repeated |= number <= self.last;
        self.watched.missed |= number > self.last + 1;
        self.last = number;
        self.watched.log.push(event);
    }
}
