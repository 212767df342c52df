//! Questions about a meeting, over HTTP and on the command line, with a language model and without one.

use std::process::Stdio;

use eventsource_stream::Eventsource;
use fake_llm::FakeLlm;
use futures::StreamExt;
use serde_json::{Value, json};

use crate::harness::{Home, Server};

/// Names and data of the events that answer a question.
async fn ask(server: &Server, job: &str, question: &str) -> Vec<(String, Value)> {
    let url = server.client.url(&format!("/api/v1/jobs/{job}/chat"));
    let answer = server.client.http.post(url).json(&json!({ "message": question })).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let events = answer.bytes_stream().eventsource().map(|event| event.unwrap());
    events.map(|event| (event.event, serde_json::from_str(&event.data).unwrap())).collect().await
}

#[tokio::test]
async fn a_meeting_is_asked_about() {
    let fake = FakeLlm::start().await.unwrap();
    let home = Home::new().with("LLM_PROVIDER", "ollama").with("OLLAMA_BASE_URL", fake.ollama_url());
    let home = home.with("OLLAMA_MODEL_NAME", fake_llm::MODEL);
    let server = home.serve();
    let job = server.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    let result = server.client.finished(&job).await;
    let said = result["segments"][0]["text"].as_str().unwrap();

    let events = ask(&server, &job, &format!("Who said: {said}")).await;
    let (name, last) = events.last().unwrap();
    assert_eq!(name, "chat_message", "{last}");
    assert_eq!(last["message"]["text"], format!("{said} [1]"));
    assert_eq!(
        (&last["message"]["segments"], &last["message"]["basis"]["dropped"]),
        (&json!([1]), &json!(0))
    );
    assert!(events.iter().filter(|(name, _)| name == "chat_delta").count() > 0);

    let mut command =
        home.command(&["ask", &job, &format!("And who said {said}"), "--server", &server.client.address]);
    let output =
        tokio::task::spawn_blocking(move || command.stdin(Stdio::null()).output().unwrap()).await.unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{err}");
    assert!(out.contains(&format!("{said} [1]\n")) && out.contains("\n[1] [00:"), "{out}");

    // Both are kept, also over a restart, and without the model passages are quoted.
    drop(server);
    drop(fake);
    let home = home.with("LLM_PROVIDER", "extractive");
    let server = home.serve();
    let chat = server.client.json(&format!("/api/v1/jobs/{job}/chat")).await;
    assert_eq!(chat["messages"].as_array().unwrap().len(), 4);
    let events = ask(&server, &job, said).await;
    let (_, last) = events.last().unwrap();
    let answer = &last["message"];
    assert_eq!(
        (&answer["basis"]["provider"], &answer["segments"]),
        (&json!("extractive"), &json!([1])),
        "{last}"
    );
}
