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

#[tokio::test]
async fn other_minutes_are_written_beside_the_first_and_any_is_shown() {
    let fake = FakeLlm::start().await.unwrap();
    let home = Home::new()
        .with("LLM_PROVIDER", "ollama")
        .with("OLLAMA_BASE_URL", fake.ollama_url())
        .with("OLLAMA_MODEL_NAME", fake_llm::MODEL);
    std::fs::create_dir_all(home.data().join("templates")).unwrap();
    let own = json!({ "name": "board", "title": "Board", "schema": { "properties": {
        "risks": { "type": "array", "items": { "properties": { "text": {}, "segments": {} } } },
    } } });
    std::fs::write(home.data().join("templates/board.json"), own.to_string()).unwrap();
    let server = home.serve();
    let client = &server.client;
    let job = client.upload_file(&ground_truth::recording("meeting_en.flac").path()).await;
    let first = client.finished(&job).await["structured_summary"].clone();
    let ask = async |wishes: Value| {
        let url = client.url(&format!("/api/v1/jobs/{job}/summaries"));
        assert_eq!(client.http.post(url).json(&wishes).send().await.unwrap().status(), 202);
        client.finished(&job).await
    };
    let board = ask(json!({ "template": "board", "language": "ko" })).await;
    let minutes = &board["structured_summary"];
    assert_eq!(
        (&minutes["version"], &minutes["template"], &minutes["language"]),
        (&json!(2), &json!("board"), &json!("ko"))
    );
    assert!(minutes["risks"][0]["text"].as_str().unwrap().starts_with('«'), "{minutes}");
    assert!(minutes["risks"][0]["segments"][0].is_u64());

    // One that fails leaves everything as it was.
    fake.always(fake_llm::Reply::Content("Nonsense.".to_owned()));
    let after = ask(json!({})).await;
    assert_eq!((&after["status"], &after["structured_summary"]), (&json!("COMPLETED"), minutes));
    let errors = client.json(&format!("/api/v1/jobs/{job}/errors")).await;
    assert_eq!(errors["errors"][0]["code"], "summary_failed", "{errors}");

    let run = |arguments: &[&str]| {
        let arguments = [&["jobs", "--server", &client.address], arguments].concat();
        let output = home.command(&arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    run(&["choose", &job, "1"]);
    let shown = client.json(&format!("/api/v1/jobs/{job}")).await;
    assert_eq!(shown["structured_summary"], first);
    let markdown = run(&["minutes", &job, "--format", "md", "--version", "2"]);
    assert!(markdown.starts_with("# «") && markdown.contains("## Risks\n"), "{markdown}");
    assert!(
        markdown
            .contains(&format!("](http://{}/#/jobs/{job}?t=", client.address.trim_start_matches("http://"))),
        "{markdown}"
    );
}

#[tokio::test]
async fn a_wrong_template_is_named_at_the_start_and_by_the_doctor() {
    let home = Home::new();
    std::fs::create_dir_all(home.data().join("templates")).unwrap();
    std::fs::write(home.data().join("templates/mine.json"), "{\"name\": \"Mine\"}").unwrap();
    for command in [&["serve", "--port", "0"][..], &["doctor"]] {
        let output = home.command(command).output().unwrap();
        assert!(!output.status.success());
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(said.contains("mine.json is not a template: missing field `title`"), "{said}");
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
