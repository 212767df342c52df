//! The oracle: what became of a job, which no fault may change.

use std::path::Path;

use serde_json::Value;

use super::{Client, Home, Seen};

/// Everything about a finished job that has to be as if nothing had happened.
#[derive(Debug, PartialEq)]
pub struct Outcome {
    pub status: String,
    /// Segments with number, times and text.
    pub segments: Vec<Value>,
    /// The event log: numbers, names and, for segments, what was said.
    pub log: Vec<(u64, String, Option<Value>)>,
}

/// Waits until the job is finished; its log tells each event once, in order and without a gap, and the same segments
/// as its result.
pub async fn outcome(client: &Client, job: &str) -> Outcome {
    let events = client.events(job, None).await;
    let result = client.json(&format!("/api/v1/conversation/result/{job}")).await;
    let outcome = Outcome {
        status: result["status"].as_str().unwrap().to_owned(),
        segments: result["segments"].as_array().unwrap().clone(),
        log: events.iter().map(logged).collect(),
    };
    let numbers: Vec<u64> = outcome.log.iter().map(|(number, ..)| *number).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "{job}");
    let told: Vec<&Value> = outcome.log.iter().filter_map(|(.., segment)| segment.as_ref()).collect();
    assert_eq!(told, outcome.segments.iter().collect::<Vec<_>>(), "{job}");
    outcome
}

/// An event without what depends on who hears it when.
fn logged(seen: &Seen) -> (u64, String, Option<Value>) {
    let segment = (seen.name == "transcript_segment").then(|| {
        let mut segment = seen.told();
        for key in ["type", "status"] {
            segment.as_object_mut().unwrap().remove(key);
        }
        segment
    });
    (seen.id.parse().unwrap(), seen.name.clone(), segment)
}

/// What becomes of a recording that nothing happens to.
pub async fn undisturbed(recording: &Path) -> Outcome {
    let home = Home::new();
    let server = home.serve();
    let job = server.client.upload_file(recording).await;
    let outcome = outcome(&server.client, &job).await;
    assert_eq!(outcome.status, "COMPLETED");
    outcome
}

/// What watchers are told, whenever they come.
pub fn told(events: &[Seen]) -> Vec<(String, Value)> {
    events.iter().map(|seen| (seen.id.clone(), seen.told())).collect()
}
