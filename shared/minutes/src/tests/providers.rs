//! Each provider, when all goes well; and what `check` says when it does not.

use super::*;

const SERVERS: [LlmProvider; 4] =
    [LlmProvider::Ollama, LlmProvider::LmStudio, LlmProvider::OpenAi, LlmProvider::Gemini];

#[tokio::test]
async fn every_provider_writes_minutes_that_the_transcript_bears_out() {
    let said = meeting();
    for provider in SERVERS {
        let server = FakeLlm::start().await.unwrap();
        let minutes = minutes(&config(provider, &server), &said).await.unwrap();
        assert_eq!((minutes.provider.as_str(), minutes.model.as_str()), (provider.as_str(), fake_llm::MODEL));
        assert_eq!((minutes.language.as_str(), minutes.template.as_str()), ("en", "general"));
        assert_eq!(minutes.action_items[0].owner.as_deref(), Some("Maria"));
        assert_eq!(minutes.action_items[0].due.as_deref(), Some("Friday"));
        assert_eq!(minutes.action_items[0].segments, [4]);
        assert_eq!(minutes.decisions[0].segments, [5]);
        assert_eq!(minutes.open_questions[0].text, "Who will present the new feature?");
        assert_eq!(minutes.chapters[0].segments, [1, 2, 3, 4, 5, 6]);
        assert!(!minutes.title.is_empty() && !minutes.summary.is_empty() && !minutes.key_points.is_empty());
        assert_eq!((minutes.coverage.share, minutes.coverage.parts, minutes.coverage.retries), (1.0, 1, 0));
        assert!(minutes.coverage.tokens_in > 0 && minutes.coverage.tokens_out > 0);
        assert_eq!(minutes.coverage.dropped, []);
        assert_founded(&minutes, &said);
    }
}

#[tokio::test]
async fn ollama_is_asked_with_a_context_and_a_schema_and_may_not_cut() {
    let server = FakeLlm::start().await.unwrap();
    minutes(&config(LlmProvider::Ollama, &server), &meeting()).await.unwrap();
    let seen = server.seen();
    let body = &seen[0].body;
    assert_eq!(seen[0].path, "/api/chat");
    assert_eq!(
        (&body["stream"], &body["truncate"], &body["shift"]),
        (&true.into(), &false.into(), &false.into())
    );
    assert_eq!(body["options"]["num_ctx"], 8192);
    assert_eq!(body["options"]["num_predict"], 2048);
    assert_eq!(body["format"]["properties"]["action_items"]["type"], "array");
}

#[tokio::test]
async fn a_configured_context_wins_unless_the_model_has_less() {
    for (configured, used) in [(4096, 4096), (1_000_000, 8192)] {
        let server = FakeLlm::start().await.unwrap();
        let mut config = config(LlmProvider::Ollama, &server);
        config.ollama.context_tokens = configured;
        minutes(&config, &meeting()).await.unwrap();
        assert_eq!(server.seen()[0].body["options"]["num_ctx"], used);
    }
}

#[tokio::test]
async fn servers_of_the_openai_api_get_the_key_and_the_schema() {
    let settings = Settings { key: Some("test-key".to_owned()), ..Settings::default() };
    let server = FakeLlm::with(settings).await.unwrap();
    minutes(&config(LlmProvider::Gemini, &server), &meeting()).await.unwrap();
    let seen = server.seen();
    assert_eq!(seen[0].path, "/v1/chat/completions");
    assert_eq!(seen[0].authorization.as_deref(), Some("Bearer test-key"));
    let format = &seen[0].body["response_format"];
    assert_eq!((&format["type"], &format["json_schema"]["strict"]), (&"json_schema".into(), &true.into()));
    assert_eq!(
        (&seen[0].body["stream"], &seen[0].body["stream_options"]["include_usage"]),
        (&true.into(), &true.into())
    );
}

#[tokio::test]
async fn lm_studio_needs_no_model_name() {
    let server = FakeLlm::start().await.unwrap();
    let mut config = config(LlmProvider::LmStudio, &server);
    config.lmstudio.base_url = server.ollama_url();
    config.lmstudio.model.clear();
    let summariser = Summariser::from_config(&config).unwrap();
    assert_eq!(summariser.model(), "");
    let check = summariser.check().await.unwrap();
    assert!(check.contains(fake_llm::MODEL) && check.contains("8192"), "{check}");
    assert_eq!(summariser.model(), fake_llm::MODEL);
    assert_eq!(minutes(&config, &meeting()).await.unwrap().model, fake_llm::MODEL);
}

#[tokio::test]
async fn what_a_server_does_not_take_is_left_out_from_then_on() {
    let server = FakeLlm::start().await.unwrap();
    let refusal = |what: &str| {
        let error = serde_json::json!({ "error": { "message": format!("Unsupported: {what}") } });
        fake_llm::Reply::Status(400, Vec::new(), error.to_string())
    };
    server.next([
        refusal("response_format json_schema"),
        refusal("use max_completion_tokens"),
        refusal("temperature"),
        refusal("stream_options"),
    ]);
    let summariser = Summariser::from_config(&config(LlmProvider::OpenAi, &server)).unwrap();
    let said = meeting();
    let transcript = Transcript { segments: &said, language: Some("en"), title: "", duration_seconds: 60.0 };
    for _ in 0..2 {
        let minutes = write(&summariser, &transcript, &SummaryOptions::default()).await.unwrap();
        assert_founded(&minutes, &said);
    }
    let seen = server.seen();
    assert_eq!(seen.len(), 6);
    let fields: Vec<&String> = seen[5].body.as_object().unwrap().keys().collect();
    assert_eq!(fields, ["messages", "model", "max_completion_tokens", "stream"]);
}

#[tokio::test]
async fn no_more_requests_at_once_than_agreed() {
    for (agreed, expected) in [(1, 1..=1), (3, 2..=3)] {
        let server = FakeLlm::start().await.unwrap();
        let mut config = config(LlmProvider::Ollama, &server);
        config.ollama.concurrency = agreed;
        let summariser = Arc::new(Summariser::from_config(&config).unwrap());
        let jobs = (0..8).map(|_| {
            let summariser = Arc::clone(&summariser);
            tokio::spawn(async move {
                let said = meeting();
                let transcript =
                    Transcript { segments: &said, language: Some("en"), title: "", duration_seconds: 60.0 };
                write(&summariser, &transcript, &SummaryOptions::default()).await.map(|_| ())
            })
        });
        for job in futures::future::join_all(jobs).await {
            job.unwrap().unwrap();
        }
        assert!(expected.contains(&server.most_at_once()), "{} at once", server.most_at_once());
        assert_eq!(server.seen().len(), 8);
    }
}

#[tokio::test]
async fn progress_rises_to_one() {
    let server = FakeLlm::with(Settings { context_tokens: 4096, ..Settings::default() }).await.unwrap();
    let said: Vec<Segment> =
        (0..60).flat_map(|_| meeting()).zip(1..).map(|(one, number)| Segment { number, ..one }).collect();
    let shares = Mutex::new(Vec::new());
    let transcript = Transcript { segments: &said, language: None, title: "", duration_seconds: 60.0 };
    let summariser = Summariser::from_config(&config(LlmProvider::Ollama, &server)).unwrap();
    let (templates, asked) = (templates(), SummaryOptions::default());
    let brief = templates.brief(&asked).unwrap();
    summariser
        .summarise(&transcript, &brief, &|one| {
            if let DraftEvent::Share(done) = one {
                shares.lock().unwrap().push(done)
            }
        })
        .await
        .unwrap();
    let shares = shares.into_inner().unwrap();
    assert!(shares.len() > 2 && shares.is_sorted() && shares.last() == Some(&1.0), "{shares:?}");
}

#[tokio::test]
async fn a_check_says_in_a_sentence_what_is_wrong() {
    let sentence = async |config: &LlmConfig| match Summariser::from_config(config).unwrap().check().await {
        Ok(fine) => fine,
        Err(error) => format!("{}: {error}", error.code()),
    };
    let settings = Settings { key: Some("right".to_owned()), ..Settings::default() };
    let server = FakeLlm::with(settings).await.unwrap();
    let mut ollama = config(LlmProvider::Ollama, &server);
    assert!(sentence(&ollama).await.contains("has the model fake-model:1b; 8192 tokens"));
    ollama.ollama.model = "gone".to_owned();
    assert!(sentence(&ollama).await.starts_with("llm_model_missing: Ollama has no model 'gone'"));
    assert!(sentence(&ollama).await.contains("ollama pull"));
    ollama.ollama.base_url = format!("{}/v2", server.ollama_url());
    assert!(sentence(&ollama).await.starts_with("llm_rejected: "), "{}", sentence(&ollama).await);

    let mut gemini = config(LlmProvider::Gemini, &server);
    assert!(sentence(&gemini).await.starts_with("llm_key_refused: Gemini refused the key"));
    assert!(!sentence(&gemini).await.contains("test-key"));
    gemini.gemini.api_key = "right".into();
    assert!(sentence(&gemini).await.contains("Gemini at http://127.0.0.1"), "{}", sentence(&gemini).await);
    gemini.gemini.model = "gone".to_owned();
    assert!(sentence(&gemini).await.starts_with("llm_model_missing: Gemini has no model 'gone'"));

    let (closed, user) = (server.ollama_url(), server.ollama_url().replace("//", "//user:pass@"));
    drop(server);
    let mut ollama = LlmConfig { provider: LlmProvider::Ollama, ..gemini };
    ollama.ollama.base_url = user;
    let refused = sentence(&ollama).await;
    assert!(
        refused.starts_with(&format!("llm_unreachable: Ollama at {closed}/ cannot be reached")),
        "{refused}"
    );
    let extractive = LlmConfig { provider: LlmProvider::Extractive, ..ollama };
    assert!(sentence(&extractive).await.ends_with("no language model is used"));
}
