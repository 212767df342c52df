use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderMap, StatusCode, header::CONTENT_TYPE},
    response::{IntoResponse, Response},
    routing::get,
};
use shared::job::JobStatus;
use tokio::net::TcpListener;
use url::Url;

use super::*;

/// What the server answers to one connection after the other, and the `Last-Event-ID` that came with each.
#[derive(Clone)]
struct Script {
    answers: Arc<Mutex<VecDeque<Response>>>,
    asked: Arc<Mutex<Vec<Option<String>>>>,
}

async fn answer(State(script): State<Script>, headers: HeaderMap) -> Response {
    let last = headers.get("last-event-id").map(|id| id.to_str().unwrap().to_owned());
    script.asked.lock().unwrap().push(last);
    script.answers.lock().unwrap().pop_front().unwrap_or_else(|| StatusCode::GONE.into_response())
}

async fn server(answers: Vec<Response>) -> (Client, Script) {
    let script = Script { answers: Arc::new(Mutex::new(answers.into())), asked: Arc::default() };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = Url::parse(&format!("http://{}/behind/a/proxy/", listener.local_addr().unwrap())).unwrap();
    let router = Router::new().route("/behind/a/proxy/api/v1/jobs/{id}/events", get(answer));
    let router = router.with_state(script.clone());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (Client::new(base).unwrap(), script)
}

/// A stream that closes after these bytes.
fn stream(text: &str) -> Response {
    ([(CONTENT_TYPE, "text/event-stream")], text.to_owned()).into_response()
}

/// A stream that breaks after these bytes.
fn broken_stream(text: &str) -> Response {
    let parts = [Ok(text.to_owned()), Err("the cable was cut")];
    let body = Body::from_stream(
        futures::stream::iter(parts)
            .map(|part| part.map_err(Box::<dyn std::error::Error + Send + Sync>::from)),
    );
    ([(CONTENT_TYPE, "text/event-stream")], body).into_response()
}

fn said(number: u64) -> String {
    format!(
        "event: transcript_segment\nid: {number}\ndata: {{\"type\":\"transcript_segment\",\"segment_number\":{number},\
         \"start\":1.0,\"end\":2.0,\"text\":\"Grüße 👋\",\"status\":\"PROCESSING\",\"is_historical\":false}}\n\n"
    )
}

fn failed(id: u64) -> String {
    format!(
        "event: error\nid: {id}\ndata: {{\"type\":\"error\",\"code\":\"no_speech\",\"message\":\"Nobody speaks.\",\
         \"status\":\"FAILED\"}}\n\n"
    )
}

const FAST_RETRIES: RetryPolicy = RetryPolicy {
    backoff: Backoff { initial_delay: Duration::from_millis(1), max_delay: Duration::from_millis(2) },
    max_attempts: 3,
};

/// Every item until the end, in a word each.
async fn follow_to_end(client: &Client) -> (Vec<String>, Result<Ending, ClientError>) {
    let mut follow = client.follow(JobId::new(), FAST_RETRIES);
    let mut words = Vec::new();
    loop {
        match follow.next().await {
            Ok(StreamItem::Event { event: Event::TranscriptSegment { segment, .. }, .. }) => {
                assert_eq!(segment.text, "Grüße 👋");
                words.push(segment.number.to_string());
            }
            Ok(StreamItem::Event { event, .. }) => words.push(event.name().to_owned()),
            Ok(StreamItem::Lost { .. }) => words.push("lost".to_owned()),
            Ok(StreamItem::Ended(ending)) => return (words, Ok(ending)),
            Err(error) => return (words, Err(error)),
        }
    }
}

#[tokio::test]
async fn a_broken_connection_is_taken_up_where_it_broke() {
    let half = said(3).split_at(30).0.to_owned();
    let answers = vec![
        stream(&(": keep-alive\n\n".to_owned() + &said(1) + &said(2))),
        StatusCode::BAD_GATEWAY.into_response(),
        broken_stream(&half),
        stream(
            &(said(3)
                + "event: progress\ndata: {\"type\":\"progress\",\"stage\":\"done\",\"progress\":1.0,\"eta_seconds\":null,\"queue_position\":null}\n\n"
                + &failed(4)),
        ),
    ];
    let (client, script) = server(answers).await;
    let (words, ending) = follow_to_end(&client).await;
    assert_eq!(words, ["1", "2", "lost", "lost", "lost", "3", "progress", "error"]);
    let Ending::Broken { status, failure } = ending.unwrap() else { panic!("it failed") };
    assert_eq!((status, failure.code.as_str()), (JobStatus::Failed, "no_speech"));
    let two = Some("2".to_owned());
    assert_eq!(*script.asked.lock().unwrap(), [None, two.clone(), two.clone(), two]);
}

#[tokio::test]
async fn a_failure_in_the_history_of_a_job_that_was_retried_is_not_its_end() {
    let retried = "event: status\nid: 2\ndata: {\"type\":\"status\",\"status\":\"PENDING\"}\n\n";
    let (client, _) = server(vec![stream(&(failed(1) + retried)), stream(&(said(3) + &failed(4)))]).await;
    let (words, ending) = follow_to_end(&client).await;
    assert_eq!(words, ["error", "status", "lost", "3", "error"]);
    assert!(matches!(ending, Ok(Ending::Broken { .. })));
}

#[tokio::test]
async fn events_of_a_newer_server_are_passed_over() {
    let newer = "event: mood\nid: 1\ndata: {\"type\":\"mood\",\"mood\":\"good\"}\n\n";
    let (client, script) = server(vec![stream(newer), stream(&failed(2))]).await;
    let (words, _) = follow_to_end(&client).await;
    assert_eq!(words, ["lost", "error"]);
    assert_eq!(*script.asked.lock().unwrap(), [None, Some("1".to_owned())]);
}

#[tokio::test]
async fn it_is_given_up_after_some_tries_without_an_event() {
    let answers = (0..5).map(|_| stream("")).collect();
    let (client, script) = server(answers).await;
    let (words, ending) = follow_to_end(&client).await;
    assert_eq!(words, ["lost", "lost", "lost"]);
    assert!(matches!(ending, Err(ClientError::Unreachable { .. })));
    assert_eq!(script.asked.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn a_job_that_is_not_there_is_not_asked_for_again() {
    let problem = r#"{"type":"about:blank","title":"No such job","status":404,"detail":"There is no job X.","code":"x"}"#;
    let gone = (StatusCode::NOT_FOUND, [(CONTENT_TYPE, "application/problem+json")], problem).into_response();
    let (client, _) = server(vec![gone]).await;
    let error = follow_to_end(&client).await.1.unwrap_err();
    assert_eq!(error.to_string(), "There is no job X.");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_so_at_once() {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let client = Client::new(Url::parse(&format!("http://{free}")).unwrap()).unwrap();
    let (words, error) = follow_to_end(&client).await;
    let error = error.unwrap_err();
    assert!(words.is_empty() && matches!(error, ClientError::Unreachable { .. }));
    assert!(
        error.to_string().contains(&free.to_string()) && error.to_string().contains("seogi serve"),
        "{error}"
    );
}
