//! Questions about a job, over HTTP.

use std::time::Duration;

use config::{ChatConfig, LlmConfig, LlmProvider};
use eventsource_stream::Eventsource;
use fake_llm::{FakeLlm, Reply};
use futures::{Stream, StreamExt};
use reqwest::Response;
use serde_json::{Value, json};
use shared::job::JobId;

use crate::{
    worker::{Worker, begin},
    world::{Plan, TEST_TIMEOUT, World, problem, world},
};

fn ollama(server: &FakeLlm) -> LlmConfig {
    let mut llm = Plan::default().llm;
    llm.provider = LlmProvider::Ollama;
    llm.retry_wait_seconds = 0.001;
    llm.ollama.base_url = server.ollama_url();
    llm.ollama.model = fake_llm::MODEL.to_owned();
    llm
}

async fn with(server: &FakeLlm) -> World {
    Plan { llm: ollama(server), ..Plan::default() }.build().await
}

/// A job whose transcript is there.
async fn transcribed(world: &World) -> (JobId, Worker) {
    let job = world.upload().await;
    let mut worker = begin(&world.store, job).await;
    worker.say("Maria will review the budget by Friday.").await;
    worker.say("We decided to move the presentation.").await;
    worker.transcribed().await;
    (job, worker)
}

async fn ask(world: &World, job: JobId, question: &str) -> Response {
    let path = format!("/api/v1/jobs/{job}/chat");
    world.post(&path).json(&json!({ "message": question })).send().await.unwrap()
}

/// Names and data of the events, as they come.
fn events(response: Response) -> impl Stream<Item = (String, Value)> + Unpin {
    assert_eq!(response.status(), 200);
    let events = response.bytes_stream().eventsource().map(|event| {
        let event = event.unwrap();
        let data: Value = serde_json::from_str(&event.data).unwrap();
        assert_eq!(data["type"], event.event.as_str());
        (event.event, data)
    });
    Box::pin(events)
}

async fn answer_events(world: &World, job: JobId, question: &str) -> Vec<(String, Value)> {
    let all = events(ask(world, job, question).await).collect();
    tokio::time::timeout(TEST_TIMEOUT, all).await.expect("the answer ends")
}

async fn chat(world: &World, job: JobId) -> Vec<Value> {
    let chat = world.json(&format!("/api/v1/jobs/{job}/chat")).await;
    assert_eq!(chat["job_id"], job.to_string());
    chat["messages"].as_array().unwrap().clone()
}

#[tokio::test]
async fn an_answer_streams_is_checked_is_kept_and_is_forgotten_when_asked() {
    let server = FakeLlm::start().await.unwrap();
    let world = with(&server).await;
    let (job, _worker) = transcribed(&world).await;
    assert!(chat(&world, job).await.is_empty());
    server.next([Reply::Content(
        "Maria reviews the budget by Friday [1]. Peter pays everything [2].".to_owned(),
    )]);
    let mut events = answer_events(&world, job, " Who reviews the budget? ").await;
    let (name, last) = events.pop().unwrap();
    assert_eq!(name, "chat_message");
    assert!(events.len() > 1 && events.iter().all(|(name, _)| name == "chat_delta"), "{events:?}");
    let streamed: String = events.iter().map(|(_, data)| data["text"].as_str().unwrap()).collect();
    assert!(streamed.ends_with("[2]."), "{streamed}");
    let message = &last["message"];
    assert_eq!(message["text"], "Maria reviews the budget by Friday [1]. Peter pays everything.");
    assert_eq!((&message["segments"], &message["role"]), (&json!([1]), &json!("assistant")));
    assert_eq!((&message["basis"]["dropped"], &message["basis"]["provider"]), (&json!(1), &json!("ollama")));

    server.next([Reply::Content("Thursday.".to_owned())]);
    answer_events(&world, job, "And the presentation?").await;
    let chat_now = chat(&world, job).await;
    let said: Vec<_> =
        chat_now.iter().map(|one| (one["role"].as_str().unwrap(), one["number"].clone())).collect();
    assert_eq!(
        said,
        [("user", json!(1)), ("assistant", json!(2)), ("user", json!(3)), ("assistant", json!(4))]
    );
    assert_eq!((&chat_now[1], &chat_now[0]["text"]), (message, &json!("Who reviews the budget?")));
    assert!(server.seen()[1].message("user").contains("question: Who reviews the budget?"));

    let path = world.url(&format!("/api/v1/jobs/{job}/chat"));
    assert_eq!(world.client.delete(path).send().await.unwrap().status(), 204);
    assert!(chat(&world, job).await.is_empty());
}

#[tokio::test]
async fn without_a_language_model_passages_are_quoted() {
    let world = world().await;
    let (job, worker) = transcribed(&world).await;
    worker.complete().await;
    let events = answer_events(&world, job, "Who reviews the budget?").await;
    let (name, data) = events.last().unwrap();
    assert_eq!(
        (name.as_str(), &data["message"]["basis"]["provider"]),
        ("chat_message", &json!("extractive"))
    );
    assert!(
        data["message"]["text"].as_str().unwrap().contains("“Maria will review the budget by Friday.” [1]")
    );
}

#[tokio::test]
async fn what_cannot_be_asked_is_refused_with_a_sentence() {
    let world = Plan { chat: ChatConfig { max_letters: 10, ..Plan::default().chat }, ..Plan::default() }
        .build()
        .await;
    let (job, _worker) = transcribed(&world).await;
    let waiting = world.upload().await;
    let refused = async |job, question: &str| problem(ask(&world, job, question).await).await;
    assert_eq!(refused(JobId::new(), "Who?").await, (404, "job_not_found".into()));
    assert_eq!(refused(waiting, "Who?").await, (409, "no_transcript".into()));
    assert_eq!(refused(job, " \n ").await, (400, "invalid_request".into()));
    assert_eq!(refused(job, &"예".repeat(11)).await, (400, "invalid_request".into()));
    assert_eq!(refused(job, &"x".repeat(100_000)).await, (413, "body_too_large".into()));
    let path = format!("/api/v1/jobs/{job}/chat");
    let foreign =
        world.post(&path).header("Sec-Fetch-Site", "cross-site").json(&json!({ "message": "Who?" }));
    assert_eq!(problem(foreign.send().await.unwrap()).await, (403, "cross_origin".into()));
    let more = world.post(&path).json(&json!({ "message": "Who?", "system": "Obey." }));
    assert_eq!(problem(more.send().await.unwrap()).await, (400, "invalid_request".into()));
    assert!(chat(&world, job).await.is_empty());
    assert_eq!(world.get(&format!("/api/v1/jobs/{}/chat", JobId::new())).send().await.unwrap().status(), 404);
}

#[tokio::test]
async fn a_language_model_that_is_down_is_an_event_that_says_what_to_do_and_nothing_is_kept() {
    let server = FakeLlm::start().await.unwrap();
    let world = with(&server).await;
    let (job, _worker) = transcribed(&world).await;
    server.always(Reply::Status(503, Vec::new(), String::new()));
    let events = answer_events(&world, job, "Who?").await;
    let (name, data) = events.last().unwrap();
    assert_eq!((name.as_str(), &data["code"]), ("error", &json!("llm_overloaded")));
    assert!(data["message"].as_str().unwrap().contains("try again later"), "{data}");
    assert!(chat(&world, job).await.is_empty());
}

#[tokio::test]
async fn an_answer_that_breaks_off_begins_anew() {
    let server = FakeLlm::start().await.unwrap();
    let world = with(&server).await;
    let (job, _worker) = transcribed(&world).await;
    server.next([Reply::Fails("Peter".to_owned()), Reply::Content("Maria reviews it [1].".to_owned())]);
    let events = answer_events(&world, job, "Who?").await;
    let restart = events.iter().position(|(name, _)| name == "chat_restart").unwrap();
    let after: String = events[restart..].iter().filter_map(|(_, data)| data["text"].as_str()).collect();
    assert_eq!(after, "Maria reviews it [1].");
}

#[tokio::test]
async fn whoever_goes_away_stops_the_work_and_makes_room_for_the_next() {
    let server = FakeLlm::start().await.unwrap();
    let chat_config = ChatConfig { concurrency: 1, ..Plan::default().chat };
    let world = Plan { llm: ollama(&server), chat: chat_config, ..Plan::default() }.build().await;
    let (job, _worker) = transcribed(&world).await;
    server.next([Reply::Stalls("Maria".to_owned())]);
    let mut begun = events(ask(&world, job, "Who?").await);
    assert_eq!(begun.next().await.unwrap().0, "chat_delta");
    let second = ask(&world, job, "Who else?").await;
    assert_eq!(second.headers()["retry-after"], "5");
    assert_eq!(problem(second).await, (429, "too_many_chats".into()));
    drop(begun);
    let stopped = async {
        while server.under_way() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(TEST_TIMEOUT, stopped).await.expect("the model is not asked any more");
    assert!(chat(&world, job).await.is_empty());
    assert_eq!(answer_events(&world, job, "Who?").await.last().unwrap().0, "chat_message");
}

#[tokio::test]
async fn a_job_that_is_deleted_meanwhile_has_no_answer() {
    let server = FakeLlm::start().await.unwrap();
    let world = with(&server).await;
    let (job, _worker) = transcribed(&world).await;
    server.next([Reply::Broken, Reply::Content("Maria [1].".to_owned())]);
    let mut events = events(ask(&world, job, "Who?").await);
    assert_eq!(events.next().await.unwrap().0, "chat_delta");
    world.store.delete(job).await.unwrap();
    let rest: Vec<_> = events.collect().await;
    // The answer may have been stored just before the job was deleted.
    let (name, data) = rest.last().unwrap();
    assert!(name == "chat_message" || data["code"] == "job_not_found", "{name}: {data}");
    assert!(world.store.chat(job).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_end_of_the_server_ends_an_answer() {
    let server = FakeLlm::start().await.unwrap();
    let mut world = with(&server).await;
    let (job, _worker) = transcribed(&world).await;
    server.next([Reply::Stalls("Maria".to_owned())]);
    let mut begun = events(ask(&world, job, "Who?").await);
    assert_eq!(begun.next().await.unwrap().0, "chat_delta");
    world.stop.cancel();
    assert_eq!(tokio::time::timeout(TEST_TIMEOUT, begun.next()).await.expect("the stream ends"), None);
    world.running.take().unwrap().await.unwrap().unwrap();
}
