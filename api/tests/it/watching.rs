//! A client that watches a job.

use reqwest::Response;
use reqwest_middleware::RequestBuilder;
use serde_json::Value;
use shared::job::JobId;

use crate::world::World;

/// An event as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct Received {
    pub id: Option<u64>,
    pub name: String,
    pub data: Value,
}

impl Received {
    pub fn is_historical(&self) -> bool {
        self.data["is_historical"].as_bool().unwrap()
    }

    /// The event without what depends on when the watcher came.
    pub fn timeless(&self) -> (Option<u64>, String, Value) {
        let mut data = self.data.clone();
        data.as_object_mut().unwrap().remove("is_historical");
        (self.id, self.name.clone(), data)
    }
}

pub struct Watch {
    response: Response,
    buffer: String,
    pub comments: usize,
}

impl World {
    pub async fn watch(&self, job: JobId) -> Watch {
        Watch::open(self.get(&format!("/api/v1/jobs/{job}/events"))).await
    }

    /// All durable events of a job from number `after` on, until the server ends the stream.
    pub async fn events_after(&self, job: JobId, after: u64) -> Vec<Received> {
        let request = self.get(&format!("/api/v1/jobs/{job}/events")).header("Last-Event-ID", after);
        Watch::open(request).await.durable().await
    }
}

impl Watch {
    pub async fn open(request: RequestBuilder) -> Self {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Self { response, buffer: String::new(), comments: 0 }
    }

    /// The next event; none at the stream's end.
    pub async fn next(&mut self) -> Option<Received> {
        loop {
            while let Some((block, rest)) = self.buffer.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.buffer = rest;
                match parse(&block) {
                    Some(event) => return Some(event),
                    None => self.comments += 1,
                }
            }
            let chunk = self.response.chunk().await.unwrap()?;
            self.buffer.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    /// Everything up to the stream's end.
    pub async fn rest(mut self) -> Vec<Received> {
        let mut received = Vec::new();
        while let Some(event) = self.next().await {
            received.push(event);
        }
        received
    }

    /// Every event of the log up to the stream's end.
    pub async fn durable(self) -> Vec<Received> {
        self.rest().await.into_iter().filter(|event| event.id.is_some()).collect()
    }
}

fn parse(block: &str) -> Option<Received> {
    let (mut id, mut name, mut data) = (None, None, None);
    for line in block.lines() {
        match line.split_once(": ") {
            Some(("id", value)) => id = Some(value.parse().unwrap()),
            Some(("event", value)) => name = Some(value.to_owned()),
            Some(("data", value)) => data = Some(serde_json::from_str::<Value>(value).unwrap()),
            _ => assert!(line.starts_with(':'), "what is {line:?}?"),
        }
    }
    let (name, data) = (name?, data?);
    assert_eq!(data["type"], name);
    Some(Received { id, name, data })
}

/// The numbers of events.
pub fn ids(events: &[Received]) -> Vec<u64> {
    events.iter().filter_map(|event| event.id).collect()
}

/// Names of events, with the status where it is one.
pub fn names(events: &[Received]) -> Vec<String> {
    let name = |event: &Received| match event.name.as_str() {
        "status" => event.data["status"].as_str().unwrap().to_owned(),
        name => name.to_owned(),
    };
    events.iter().filter(|event| event.id.is_some()).map(name).collect()
}
