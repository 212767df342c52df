//! One job from its upload to its end, with its watchers, and the verdict on it.

use std::{sync::Arc, time::Duration};

use anyhow::{Context, Result, ensure};
use futures::future::{join, join_all};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use reqwest::{
    Client,
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::time::sleep;

use crate::{
    RECORDINGS, TIMEOUT,
    answers::Answers,
    watcher::{Watched, Watcher},
};

/// What became of a job.
#[derive(Clone, Copy, Debug, Default)]
pub struct Outcome {
    /// It was accepted, and is not there or not as it should be.
    pub lost: bool,
    /// Something of it is there twice, or was told twice.
    pub duplicated: bool,
    /// It never came to an end, or that never came to a watcher.
    pub stuck: bool,
    /// How often it was given up because its workers died three times at one place, and begun again by hand.
    pub retried: usize,
    /// Answers about it that were compared with what is stored.
    pub compared: usize,
}

/// A recording and how to reach the cluster.
pub struct Job {
    random: StdRng,
    addresses: Vec<String>,
    watchers: usize,
    recording: usize,
    expected: Arc<Vec<Value>>,
}

impl Job {
    /// A job for one of the recordings, whose segments are to be as `expected` says.
    pub fn new(
        random: &mut StdRng,
        addresses: &[String],
        watchers: usize,
        expected: Arc<Vec<Value>>,
    ) -> Self {
        let recording = random.random_range(0..RECORDINGS.len());
        let random = StdRng::seed_from_u64(random.random());
        Self { random, addresses: addresses.to_vec(), watchers, recording, expected }
    }

    /// Uploads it, watches it, and judges how it ended.
    pub async fn run(mut self) -> Outcome {
        let Ok(id) = self.upload().await else { return Outcome { lost: true, ..Outcome::default() } };
        let mut watchers: Vec<_> = (0..self.watchers.max(1))
            .map(|_| {
                let random = StdRng::seed_from_u64(self.random.random());
                Watcher::new(random, self.addresses.clone(), id.clone())
            })
            .collect();
        let random = StdRng::seed_from_u64(self.random.random());
        let mut answers = Answers::new(random, self.addresses.clone(), id.clone());
        let ((), ended) = join(answers.rename(), self.watch_to_the_end(&id, &mut watchers)).await;
        let Some((result, retried)) = ended else { return Outcome { lost: true, ..Outcome::default() } };
        let kept = result.get("segments");
        let right = result["status"] == "COMPLETED" && kept == self.expected.get(self.recording);
        let mut outcome = Outcome { lost: !right, retried, ..Outcome::default() };
        for Watched { log, repeated, missed } in watchers.into_iter().map(Watcher::into_watched) {
            outcome.duplicated |= repeated;
            outcome.lost |= missed || segments(&log) != *kept.unwrap_or(&Value::Null);
        }
        if self.random.random_bool(0.5) {
            answers.delete().await;
        }
        outcome.lost |= answers.lost;
        outcome.compared = answers.compared;
        if outcome.lost || outcome.duplicated {
            eprintln!("job {id}: {outcome:?}; {} {}", result["status"], result["error_message"]);
        }
        outcome
    }

    /// Watches it until it has ended for good; its result, and how often it was begun again by hand. None if it is gone.
    async fn watch_to_the_end(&mut self, id: &str, watchers: &mut [Watcher]) -> Option<(Value, usize)> {
        let mut retried = 0;
        loop {
            join_all(watchers.iter_mut().map(Watcher::run)).await;
            let result = self.result(id).await.ok()?;
            if result["failure"]["code"] != "worker_crashed" {
                return Some((result, retried));
            }
            retried += 1;
            self.retry(id).await;
        }
    }

    /// Uploads under one key until it is accepted, wherever; the job's id.
    async fn upload(&mut self) -> Result<String> {
        let name = RECORDINGS.get(self.recording).context("there are so many recordings")?;
        let bytes = tokio::fs::read(ground_truth::recording(name).path()).await?;
        let key = format!("soak-{:x}", self.random.random::<u64>());
        loop {
            match upload(self.address(), name, bytes.clone(), &key).await {
                Ok(id) => return Ok(id),
                Err(_) => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    async fn result(&mut self, id: &str) -> Result<Value> {
        loop {
            let answer = Client::new().get(format!("{}/api/v1/conversation/result/{id}", self.address()));
            match answer.timeout(TIMEOUT).send().await {
                Ok(answer) if answer.status() == 404 => anyhow::bail!("it is gone"),
                Ok(answer) if answer.status().is_success() => {
                    if let Ok(result) = answer.json().await {
                        return Ok(result);
                    }
                }
                _ => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// Begins it again, as a person can who is told that it was given up.
    async fn retry(&mut self, id: &str) {
        loop {
            let asked = Client::new().post(format!("{}/api/v1/jobs/{id}/retry", self.address()));
            match asked.timeout(TIMEOUT).send().await {
                // An answer that was lost may have been a yes.
                Ok(answer) if answer.status().is_success() || answer.status() == 409 => return,
                _ => sleep(Duration::from_millis(200)).await,
            }
        }
    }

    /// One of the nodes.
    fn address(&mut self) -> String {
        let n = self.random.random_range(0..self.addresses.len());
        self.addresses.get(n).cloned().unwrap_or_default()
    }
}

/// Uploads once; the job's id.
async fn upload(address: String, name: &str, bytes: Vec<u8>, key: &str) -> Result<String> {
    let form = Form::new().part("file", Part::bytes(bytes).file_name(name.to_owned()));
    let request = Client::new().post(format!("{address}/api/v1/jobs")).timeout(TIMEOUT);
    let answer = request.header("Idempotency-Key", key).multipart(form).send().await?;
    ensure!(answer.status() == 202, "{}", answer.status());
    let body: Value = answer.json().await?;
    Ok(body["job_id"].as_str().context("an accepted job has an id")?.to_owned())
}

/// The segments of each recording when nothing happens.
pub async fn undisturbed(addresses: &[String]) -> Result<Vec<Value>> {
    let mut expected = Vec::new();
    let address = addresses.first().context("there is a node")?;
    for (n, name) in RECORDINGS.iter().enumerate() {
        let mut job = Job {
            random: StdRng::seed_from_u64(n as u64),
            addresses: vec![address.clone()],
            watchers: 1,
            recording: n,
            expected: Arc::default(),
        };
        let id = job.upload().await?;
        let mut watcher = Watcher::new(StdRng::seed_from_u64(0), vec![address.clone()], id.clone());
        watcher.run().await;
        let watched = watcher.into_watched();
        let result = job.result(&id).await?;
        ensure!(result["status"] == "COMPLETED", "{name} is not transcribed even without faults: {result}");
        ensure!(segments(&watched.log) == result["segments"], "{name} is told otherwise than it is kept");
        expected.push(result["segments"].clone());
    }
    Ok(expected)
}

/// The segments that a log tells of.
fn segments(log: &[Value]) -> Value {
    let told = log.iter().filter(|event| event["type"] == "transcript_segment").cloned();
    told.map(|mut segment| {
        if let Some(fields) = segment.as_object_mut() {
            fields.retain(|name, _| !matches!(name.as_str(), "type" | "status" | "is_historical"));
        }
        segment
    })
    .collect()
}
