//! Transcripts that people edit, and tags.

use config::LimitsConfig;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use shared::job::JobId;

use crate::{
    watching::{Watch, names},
    worker::begin,
    world::{Plan, World, problem, world},
};

impl World {
    /// A completed job with three segments.
    async fn meeting(&self) -> JobId {
        let job = self.upload().await;
        let mut worker = begin(&self.store, job).await;
        worker.say_many(3).await;
        worker.complete().await;
        job
    }

    async fn act(&self, method: Method, job: JobId, action: &str, body: Value) -> Response {
        let address = self.url(&format!("/api/v1/jobs/{job}{action}"));
        self.client.request(method, address).json(&body).send().await.unwrap()
    }

    /// An edit that is made.
    async fn edited(&self, method: Method, job: JobId, action: &str, body: Value) -> Value {
        let response = self.act(method, job, action, body).await;
        assert_eq!(response.status(), 200, "{action}");
        response.json().await.unwrap()
    }

    async fn text(&self, job: JobId, query: &str) -> String {
        let address = format!("/api/v1/jobs/{job}/transcript?format=txt{query}");
        self.get(&address).send().await.unwrap().text().await.unwrap()
    }
}

const PATCH: Method = Method::PATCH;
const POST: Method = Method::POST;

#[tokio::test]
async fn a_transcript_is_edited_in_every_way() {
    let world = world().await;
    let job = world.meeting().await;
    let answer = world
        .edited(PATCH, job, "/segments/1", json!({"revision": 0, "text": " <b>Erster</b>\nSatz. "}))
        .await;
    let segment = json!({
        "segment_number": 1, "start": 1.0, "end": 1.75, "text": "<b>Erster</b> Satz.", "edited": true
    });
    let event = json!({
        "type": "transcript_edited", "action": "text", "transcript_revision": 1, "removed": [],
        "segments": [segment], "status": "COMPLETED"
    });
    assert_eq!(answer, json!({"transcript_revision": 1, "event": event}));
    world.edited(POST, job, "/segments/2/split", json!({"revision": 1, "at": 9})).await;
    world.edited(POST, job, "/segments/4/merge", json!({"revision": 2})).await;
    world.edited(PATCH, job, "/segments/2", json!({"revision": 3, "speaker": "A"})).await;
    let renamed =
        world.edited(PATCH, job, "/speakers", json!({"revision": 4, "from": "A", "to": "Mária"})).await;
    assert_eq!(renamed["event"]["segments"][0]["speaker"], "Mária");
    let now = "<b>Erster</b> Satz.\nMária: Sentence\n1. Sentence 2.";
    assert_eq!(world.text(job, "").await, now);
    assert_eq!(world.text(job, "&original=true").await, "Sentence 0.\nSentence 1.\nSentence 2.");
    let result = world.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!((&result["original_transcript"], &result["transcript_revision"]), (&json!(now), &json!(5)));
    assert_eq!(result["structured_summary"]["edited_since"], true);
    assert_eq!(result["segments"][2]["merged"], json!([3]));

    for revision in [5, 4, 3, 2, 1] {
        world.edited(POST, job, "/transcript/undo", json!({"revision": revision})).await;
    }
    assert_eq!(world.text(job, "").await, world.text(job, "&original=true").await);
    world.edited(POST, job, "/transcript/redo", json!({"revision": 0})).await;
    let gone = world.edited(Method::DELETE, job, "/segments/2?revision=1", json!({})).await;
    assert_eq!((&gone["event"]["action"], &gone["event"]["removed"]), (&json!("delete"), &json!([2])));
    assert_eq!(world.text(job, "").await, "<b>Erster</b> Satz.\nSentence 2.");
    world.edited(POST, job, "/transcript/undo", json!({"revision": gone["transcript_revision"]})).await;
    let nobody = world.edited(PATCH, job, "/segments/1", json!({"revision": 1, "speaker": " "})).await;
    assert_eq!(nobody, json!({"transcript_revision": 1, "event": null}), "nothing to change");
}

#[tokio::test]
async fn an_edit_that_is_not_understood_or_comes_late_is_refused() {
    let limits = LimitsConfig { max_segment_letters: 20, max_speaker_letters: 5, ..Plan::default().limits };
    let world = Plan { limits, ..Plan::default() }.build().await;
    let job = world.meeting().await;
    world.edited(PATCH, job, "/segments/1", json!({"revision": 0, "text": "New."})).await;
    let invalid = "invalid_request";
    for (method, action, body, status, code) in [
        (PATCH, "/segments/2", json!({"revision": 0, "text": "x"}), 409, "stale_revision"),
        (POST, "/transcript/undo", json!({"revision": 0}), 409, "stale_revision"),
        (POST, "/transcript/redo", json!({"revision": 1}), 409, "nothing_to_redo"),
        (PATCH, "/segments/2", json!({"text": "x"}), 400, invalid),
        (PATCH, "/segments/2", json!({"revision": 1}), 400, invalid),
        (PATCH, "/segments/2", json!({"revision": 1, "text": "x", "speaker": "x"}), 400, invalid),
        (PATCH, "/segments/2", json!({"revision": 1, "text": " \u{202e} "}), 400, invalid),
        (PATCH, "/segments/2", json!({"revision": 1, "text": "x".repeat(21)}), 400, invalid),
        (PATCH, "/segments/2", json!({"revision": 1, "speaker": "abcdef"}), 400, invalid),
        (PATCH, "/segments/9", json!({"revision": 1, "text": "x"}), 404, "segment_not_found"),
        (PATCH, "/segments/x", json!({"revision": 1, "text": "x"}), 404, "segment_not_found"),
        (POST, "/segments/3/merge", json!({"revision": 1}), 400, invalid),
        (Method::DELETE, "/segments/3", json!({}), 400, invalid),
        (Method::DELETE, "/segments/3?revision=0", json!({}), 409, "stale_revision"),
        (Method::DELETE, "/segments/9?revision=1", json!({}), 404, "segment_not_found"),
        (POST, "/segments/3/split", json!({"revision": 1, "at": 0}), 400, invalid),
        (POST, "/segments/3/split", json!({"revision": 1, "at": -1}), 400, invalid),
        (PATCH, "/speakers", json!({"revision": 1, "from": "A", "to": "B"}), 404, "speaker_not_found"),
    ] {
        let response = world.act(method, job, action, body.clone()).await;
        assert_eq!(problem(response).await, (status, code.to_owned()), "{action} {body}");
    }
    world.edited(POST, job, "/transcript/undo", json!({"revision": 1})).await;
    let again = world.act(POST, job, "/transcript/undo", json!({"revision": 0})).await;
    assert_eq!(problem(again).await, (409, "nothing_to_undo".into()));
    let unknown = world.act(POST, JobId::new(), "/transcript/undo", json!({"revision": 0})).await;
    assert_eq!(problem(unknown).await, (404, "job_not_found".into()));
}

#[tokio::test]
async fn a_job_that_is_being_transcribed_is_not_edited() {
    let world = world().await;
    let job = world.upload().await;
    begin(&world.store, job).await.say("Hello.").await;
    let response = world.act(PATCH, job, "/segments/1", json!({"revision": 0, "text": "Bye."})).await;
    assert_eq!(problem(response).await, (409, "wrong_status".into()));
}

#[tokio::test]
async fn edits_reach_those_who_stay_and_end_the_stream_of_those_who_do_not() {
    let world = world().await;
    let job = world.meeting().await;
    let mut staying = Watch::open(world.get(&format!("/api/v1/jobs/{job}/events?follow=true&since=7"))).await;
    world.edited(PATCH, job, "/segments/1", json!({"revision": 0, "text": "New."})).await;
    let received = loop {
        let event = staying.next().await.expect("the stream stays");
        if event.id.is_some() {
            break event;
        }
    };
    assert_eq!((received.id, received.name.as_str()), (Some(8), "transcript_edited"));
    assert_eq!(received.data["segments"][0]["text"], "New.");
    let events = world.watch(job).await.rest().await;
    assert_eq!(names(&events)[6..], ["final_summary", "transcript_edited"], "and then it ends");
}

#[tokio::test]
async fn jobs_are_tagged_and_found_by_their_tags() {
    let limits = LimitsConfig { max_tags: 2, max_tag_letters: 6, ..Plan::default().limits };
    let world = Plan { limits, ..Plan::default() }.build().await;
    let (job, other) = (world.upload().await, world.upload().await);
    let tagged =
        world.edited(PATCH, job, "", json!({"tags": [" 회의 & ", "<b>", "회의 &"], "title": "Weekly"})).await;
    assert_eq!((&tagged["tags"], &tagged["title"]), (&json!(["회의 &", "<b>"]), &json!("Weekly")));
    world.edited(PATCH, other, "", json!({"tags": ["<b>"]})).await;
    let counted = json!({"tags": [{"tag": "<b>", "jobs": 2}, {"tag": "회의 &", "jobs": 1}]});
    assert_eq!(world.json("/api/v1/tags").await, counted);
    let found = async |query: &str| {
        let page = world.json(&format!("/api/v1/jobs?{query}")).await;
        page["jobs"].as_array().unwrap().iter().map(|job| job["job_id"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(found("tag=%ED%9A%8C%EC%9D%98%20%26").await, [json!(job)]);
    assert_eq!(found("tag=%3Cb%3E&q=weekly").await, [json!(job)]);
    assert_eq!(found("tag=nothing").await, Vec::<Value>::new());
    for wrong in
        [json!({"tags": ["a", "b", "c"]}), json!({"tags": ["1234567"]}), json!({"tags": [""]}), json!({})]
    {
        let response = world.act(PATCH, job, "", wrong.clone()).await;
        assert_eq!(problem(response).await, (400, "invalid_request".into()), "{wrong}");
    }
    let cleared = world.edited(PATCH, job, "", json!({"tags": []})).await;
    assert_eq!((&cleared["tags"], &cleared["title"]), (&json!([]), &json!("Weekly")));
}
