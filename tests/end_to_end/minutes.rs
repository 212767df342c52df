//! Minutes by every kind of provider, and what happens when there are none.

use fake_llm::FakeLlm;
use serde_json::{Value, json};

use crate::harness::Home;

#[tokio::test]
async fn an_llm_that_is_down_leaves_the_transcript_and_says_why() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let home = Home::new()
        .with("LLM_PROVIDER", "ollama")
        .with("OLLAMA_MODEL_NAME", "any")
        .with("OLLAMA_BASE_URL", format!("http://{nobody}"))
        .with("SEOGI_LLM_RETRY_WAIT", 0);
    let server = home.serve();
    let job = server.client.upload_file(&ground_truth::recording("short_en.wav").path()).await;
    let events = server.client.events(&job, None).await;
    let names: Vec<&str> = events.iter().map(|seen| seen.name.as_str()).collect();
    assert_eq!(names, ["status", "status", "transcript_segment", "status", "error"]);
    assert_eq!(events.last().unwrap().data["code"], "summary_failed");
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "FAILED");
    assert!(!result["original_transcript"].as_str().unwrap().is_empty());
    assert!(result["error_message"].as_str().unwrap().contains("Ollama"), "{}", result["error_message"]);

    // With the LLM back, only the summary is made again.
    drop(server);
    let fake = FakeLlm::start().await.unwrap();
    let home = home.with("OLLAMA_BASE_URL", fake.ollama_url()).with("OLLAMA_MODEL_NAME", fake_llm::MODEL);
    let server = home.serve();
    server.client.post(&format!("/api/v1/jobs/{job}/retry")).await;
    let retried = server.client.finished(&job).await;
    assert_eq!((&retried["status"], &retried["segments"]), (&json!("COMPLETED"), &result["segments"]));
    assert_eq!(retried["structured_summary"]["provider"], "ollama");
}

#[tokio::test]
async fn lm_studio_writes_minutes_that_rest_on_segments() {
    let fake = FakeLlm::start().await.unwrap();
    let home = Home::new()
        .with("LLM_PROVIDER", "lmstudio")
        .with("LMSTUDIO_BASE_URL", fake.openai_url())
        .with("LMSTUDIO_MODEL_NAME", fake_llm::MODEL);
    let server = home.serve();
    let job = server.client.upload_file(&ground_truth::recording("meeting_en.flac").path()).await;
    let result = server.client.finished(&job).await;
    assert_eq!(result["status"], "COMPLETED", "{}", result["error_message"]);
    assert_eq!(result["structured_summary"]["provider"], "lmstudio");
    rests_on_segments(&result);
}

#[tokio::test]
async fn without_an_llm_the_minutes_are_extracted_and_say_so() {
    let home = Home::new();
    let server = home.serve();
    for name in ["meeting_en.flac", "meeting_ko.ogg"] {
        let job = server.client.upload_file(&ground_truth::recording(name).path()).await;
        let result = server.client.finished(&job).await;
        let minutes = &result["structured_summary"];
        assert_eq!(minutes["provider"], "extractive");
        assert_eq!(minutes["language"], result["language"]);
        assert_eq!(minutes["coverage"]["share"], 1.0);
        rests_on_segments(&result);
        let listed = server.client.json(&format!("/api/v1/jobs/{job}/summaries")).await;
        assert!(listed.to_string().contains("\"version\":1"), "{listed}");
    }
}

/// Something is in the minutes, and all of it names segments that exist.
fn rests_on_segments(result: &Value) {
    let minutes = &result["structured_summary"];
    let segments = result["segments"].as_array().unwrap().len() as u64;
    let mut items = 0;
    for list in ["key_points", "decisions", "action_items", "open_questions", "chapters"] {
        for item in minutes[list].as_array().unwrap() {
            let named = item["segments"].as_array().unwrap();
            assert!(!named.is_empty(), "{list}: {item}");
            assert!(
                named.iter().all(|number| (1..=segments).contains(&number.as_u64().unwrap())),
                "{list}: {item}"
            );
            items += 1;
        }
    }
    assert!(items >= 3, "{minutes}");
}
