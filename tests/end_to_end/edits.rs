//! Transcripts that people edit while others watch.

use futures::StreamExt;
use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::{Client, Home, PATIENCE};

impl Client {
    async fn edit(&self, method: Method, path: &str, body: Value) -> Value {
        let answer = self.http.request(method, self.url(path)).json(&body).send().await.unwrap();
        assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
        answer.json().await.unwrap()
    }

    /// What the job's watchers who stay are told after event `since`, up to revision `last` of its transcript.
    async fn edits_after(&self, job: &str, since: u64, last: u64) -> Vec<Value> {
        let address = self.url(&format!("/api/v1/jobs/{job}/events?follow=true&since={since}"));
        let answer = self.http.get(address).send().await.unwrap();
        let mut events = Box::pin(eventsource_stream::Eventsource::eventsource(answer.bytes_stream()));
        let mut told = Vec::new();
        let all = async {
            while told.last().is_none_or(|event: &Value| event["transcript_revision"] != last) {
                let event = events.next().await.expect("the stream stays").unwrap();
                if event.event == "transcript_edited" {
                    let mut data: Value = serde_json::from_str(&event.data).unwrap();
                    data.as_object_mut().unwrap().remove("is_historical");
                    told.push(data);
                }
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("the edits come");
        told
    }
}

#[tokio::test]
async fn two_watchers_see_an_edit_and_the_minutes_say_so() {
    let home = Home::new();
    let server = home.serve();
    let client = &server.client;
    let job = client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    let result = client.finished(&job).await;
    let (since, path) = (result["last_event"].as_u64().unwrap(), format!("/api/v1/jobs/{job}"));
    let original = result["segments"][0]["text"].as_str().unwrap().to_owned();

    let edits = async {
        let text = json!({"revision": 0, "text": "Quite other words, said by nobody."});
        client.edit(Method::PATCH, &format!("{path}/segments/1"), text).await;
        client
            .edit(Method::POST, &format!("{path}/segments/1/split"), json!({"revision": 1, "at": 19}))
            .await;
    };
    let (first, second, ()) =
        tokio::join!(client.edits_after(&job, since, 2), client.edits_after(&job, since, 2), edits);
    assert_eq!(first, second);
    assert_eq!(first[0]["segments"][0]["text"], "Quite other words, said by nobody.");
    let late = client.edits_after(&job, 0, 2).await;
    assert_eq!(late, first, "who comes later is told the same");

    let edited = client.json(&path).await;
    assert_eq!(edited["structured_summary"]["edited_since"], true);
    assert!(
        edited["original_transcript"].as_str().unwrap().starts_with("Quite other words,\nsaid by nobody.")
    );
    let found = client.json("/api/v1/jobs?q=said%20by%20nobody").await;
    assert_eq!(found["jobs"][0]["job_id"], job.as_str());
    let srt = client.get(&format!("{path}/transcript?format=srt")).await.text().await.unwrap();
    assert!(srt.contains("\n\n2\n") && srt.contains("said by nobody."), "{srt}");
    let recognised = client.get(&format!("{path}/transcript?format=txt&original=true")).await;
    assert!(recognised.text().await.unwrap().starts_with(&original));

    for revision in [2, 1] {
        client.edit(Method::POST, &format!("{path}/transcript/undo"), json!({"revision": revision})).await;
    }
    let undone = client.json(&path).await;
    assert_eq!(undone["segments"], result["segments"]);
    assert_eq!(undone["structured_summary"], result["structured_summary"]);
}
