//! A server that fails in every way we know: each ends in its error or in good minutes, after few requests.

use std::time::Duration;

use fake_llm::Reply;
use serde_json::json;

use super::*;

const BOTH: [LlmProvider; 2] = [LlmProvider::Ollama, LlmProvider::LmStudio];

/// The code of the error that a server ends in which answers every chat like this, and the chats it took.
async fn ends(provider: LlmProvider, reply: Reply) -> (String, usize) {
    let server = FakeLlm::start().await.unwrap();
    let mut config = config(provider, &server);
    if matches!(reply, Reply::Silence | Reply::Stalls(_)) {
        (config.ollama.timeout_seconds, config.lmstudio.timeout_seconds) = (1, 1);
    }
    server.always(reply);
    let error = minutes(&config, &meeting()).await.unwrap_err();
    assert!(error.to_string().contains("; "), "says what to do: {error}");
    (error.code().to_owned(), server.seen().len())
}

fn status(code: u16, headers: &[(&'static str, &str)], message: &str) -> Reply {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Reply::Status(code, headers, json!({ "error": { "message": message } }).to_string())
}

#[tokio::test]
async fn a_server_that_keeps_failing_ends_in_its_error() {
    let html = "<!doctype html><title>Welcome</title>".to_owned();
    // As many requests as it takes to ask three times, or to try again three times, or just one.
    let (asked, tried, once) = (3, 4, 1);
    for (reply, code, requests) in [
        (Reply::Content(String::new()), "llm_bad_answer", asked),
        (Reply::Content("I'm sorry, but I can't help with that.".to_owned()), "llm_bad_answer", asked),
        (Reply::Content("<think>Let me think about".to_owned()), "llm_bad_answer", asked),
        (Reply::Content("{\"title\": \"x\"".to_owned()), "llm_bad_answer", asked),
        (Reply::Content("{\"answer\": 42}".to_owned()), "llm_bad_answer", asked),
        (Reply::Nested(100_000), "llm_bad_answer", asked),
        (Reply::Raw(String::new()), "llm_bad_answer", asked),
        (Reply::Raw(html), "llm_bad_answer", asked),
        (Reply::Raw("no JSON".to_owned()), "llm_bad_answer", asked),
        (Reply::Raw("{}".to_owned()), "llm_bad_answer", asked),
        (Reply::Raw("[".repeat(200_000)), "llm_bad_answer", asked),
        (Reply::HalfBody, "llm_bad_answer", asked),
        (Reply::Endless, "llm_bad_answer", asked),
        (Reply::EndlessBytes, "llm_bad_answer", asked),
        (Reply::Ends("{\"title\":\"Budget\"}".to_owned()), "llm_bad_answer", asked),
        (Reply::RawPieces(Vec::new()), "llm_bad_answer", asked),
        (Reply::RawPieces(b"<html>\nWelcome".to_vec()), "llm_bad_answer", asked),
        (Reply::RawPieces(b"data: {\"choices\": \xff}\n\n".to_vec()), "llm_bad_answer", asked),
        (Reply::RawPieces(b"data: [DONE]\n\n".to_vec()), "llm_bad_answer", asked),
        (
            Reply::RawPieces(format!("data: {{\"x\":\"{}\"}}\n\n", "x".repeat(9000)).repeat(500).into()),
            "llm_bad_answer",
            asked,
        ),
        (Reply::Thought("{\"title\":\"Budget\"}".to_owned(), String::new()), "llm_bad_answer", asked),
        (Reply::Fails("{\"title\":".to_owned()), "llm_server_failed", tried),
        (Reply::Broken, "llm_unreachable", tried),
        (status(500, &[], "llama runner has crashed"), "llm_server_failed", tried),
        (Reply::Status(502, Vec::new(), "<html>Bad gateway".to_owned()), "llm_server_failed", tried),
        (status(503, &[], "loading"), "llm_overloaded", tried),
        (status(429, &[("retry-after", "3600")], "slow down"), "llm_overloaded", once),
        (status(429, &[], "You exceeded your current quota"), "llm_rejected", once),
        (status(401, &[], "no"), "llm_key_refused", once),
        (status(400, &[], "API key not valid. Please pass a valid API key."), "llm_key_refused", once),
        (status(404, &[], "model \"x\" not found"), "llm_model_missing", once),
        (status(302, &[("location", "http://127.0.0.1:1/")], ""), "llm_rejected", once),
        (Reply::Silence, "llm_timeout", once),
        (Reply::Stalls("{\"title\":".to_owned()), "llm_timeout", once),
    ] {
        for provider in BOTH {
            let name = format!("{} {reply:.80?}", provider.as_str());
            assert_eq!(ends(provider, reply.clone()).await, (code.to_owned(), requests), "{name:.200}");
        }
    }
}

#[tokio::test]
async fn nobody_there_is_tried_again_and_named() {
    let server = FakeLlm::start().await.unwrap();
    let config = config(LlmProvider::Ollama, &server);
    drop(server);
    let error = minutes(&config, &meeting()).await.unwrap_err();
    assert_eq!((error.code(), error.is_transient()), ("llm_unreachable", true));
}

#[tokio::test]
async fn what_fails_once_does_not_show() {
    let server = FakeLlm::start().await.unwrap();
    let undisturbed = minutes(&config(LlmProvider::Ollama, &server), &meeting()).await.unwrap();
    for provider in BOTH {
        for reply in [
            status(429, &[("retry-after", "0")], "slow down"),
            status(503, &[], "loading"),
            Reply::Broken,
            Reply::HalfBody,
            Reply::Endless,
            Reply::Ends("{".to_owned()),
            Reply::Fails("{".to_owned()),
            Reply::Content("Sure, which meeting?".to_owned()),
        ] {
            let server = FakeLlm::start().await.unwrap();
            server.next([reply]);
            let disturbed = minutes(&config(provider, &server), &meeting()).await.unwrap();
            assert_eq!(disturbed.coverage.retries, 1);
            let same = Minutes {
                coverage: undisturbed.coverage.clone(),
                provider: undisturbed.provider.clone(),
                ..disturbed
            };
            assert_eq!(same, undisturbed);
        }
    }
}

/// A model that is being loaded says nothing for a while; only the configured time counts, and nobody asks again.
#[tokio::test]
async fn a_server_may_be_slow_to_its_first_byte() {
    for provider in BOTH {
        let server = FakeLlm::start().await.unwrap();
        server.next([Reply::Late(Duration::from_secs(2))]);
        let minutes = minutes(&config(provider, &server), &meeting()).await.unwrap();
        assert_eq!((minutes.coverage.retries, server.seen().len()), (0, 1));
    }
}

#[tokio::test]
async fn waiting_is_bounded_by_the_budget() {
    let server = FakeLlm::start().await.unwrap();
    server.always(status(429, &[("retry-after", "1")], "slow down"));
    let mut config = config(LlmProvider::Ollama, &server);
    config.retries = 100;
    config.retry_budget_seconds = 0.5;
    let error = minutes(&config, &meeting()).await.unwrap_err();
    assert_eq!((error.code(), server.seen().len()), ("llm_overloaded", 1));
}

#[tokio::test]
async fn the_json_is_found_in_whatever_is_around_it() {
    let server = FakeLlm::start().await.unwrap();
    let good = json!({
        "title": "Budget", "summary": "Maria will review the budget.", "key_points": [],
        "action_items": [{ "task": "Review the <think>no</think> budget", "owner": "Maria", "due": "Friday", "segments": [4] }],
    });
    server.next([Reply::Content(format!(
        "<think>\n{{\"title\": \"secret\"}}\n</think>\nHere:\n```json\n{good}\n```\nDone!"
    ))]);
    let minutes = minutes(&config(LlmProvider::Ollama, &server), &meeting()).await.unwrap();
    assert_eq!(
        (minutes.title.as_str(), minutes.action_items[0].task.as_str()),
        ("Budget", "Review the budget")
    );
    let text = serde_json::to_string(&minutes).unwrap();
    assert!(!text.contains("think") && !text.contains("secret"), "{text}");
}

#[tokio::test]
async fn a_part_that_is_too_long_after_all_is_cut_again() {
    let overflow = "Trying to keep the first 9000 tokens when context overflows. However, the model is loaded with less.";
    for reply in [
        status(400, &[], overflow),
        Reply::Raw(json!({ "error": overflow }).to_string()),
        status(400, &[], "This model's maximum context length is 4096 tokens."),
        Reply::CutOff("{\"title\": \"Bud".to_owned()),
    ] {
        let server = FakeLlm::start().await.unwrap();
        server.next([reply]);
        let minutes = minutes(&config(LlmProvider::LmStudio, &server), &meeting()).await.unwrap();
        assert_eq!((minutes.coverage.share, minutes.coverage.parts, server.seen().len()), (1.0, 2, 3));
        assert_founded(&minutes, &meeting());
    }
    let (code, requests) = ends(LlmProvider::Ollama, Reply::CutOff("{".to_owned())).await;
    assert!(code == "llm_cut_off" && requests <= 6, "{code} after {requests}");
}

#[tokio::test]
async fn a_context_without_room_is_refused_before_anything_is_asked() {
    let server = FakeLlm::with(Settings { context_tokens: 1024, ..Settings::default() }).await.unwrap();
    let error = minutes(&config(LlmProvider::Ollama, &server), &meeting()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.is_transient(), server.seen().len()),
        ("llm_context_too_small", false, 0)
    );
}

#[tokio::test]
async fn silence_is_not_sent_anywhere() {
    let server = FakeLlm::start().await.unwrap();
    let error = minutes(&config(LlmProvider::Ollama, &server), &said(&["...", " "])).await.unwrap_err();
    assert_eq!((error.code(), server.seen().len()), ("llm_nothing_said", 0));
}

#[tokio::test]
async fn what_is_not_borne_out_is_asked_about_once_and_then_left_out() {
    let point = |text: &str, segments: &[u64]| json!({ "text": text, "segments": segments });
    let draft = json!({
        "title": "Zeppelins", "summary": "Maria will review the budget. The factory burned down.",
        "key_points": [
            point("The budget is 10,000 dollars", &[3]),
            point("The budget is 12,000 dollars", &[3]),
            point("Peter leaves the company", &[4]),
            point("Maria reviews the budget", &[77]),
        ],
        "action_items": [{ "task": "Review the budget", "owner": "Peter", "due": "Monday", "segments": [4] }],
        "chapters": [
            { "title": "Budget", "first_segment": 1, "last_segment": 3 },
            { "title": "Zeppelins", "first_segment": 4, "last_segment": 5 },
            { "title": "Budget again", "first_segment": 2, "last_segment": 3 },
        ],
    });
    let correction = json!({ "items": [
        { "id": 0, "text": "The budget is 13,000 dollars", "segments": [3] },
        { "id": 2, "text": "Maria reviews the budget", "segments": [4] },
        { "id": 9, "text": "The budget", "segments": [3] },
    ] });
    let server = FakeLlm::start().await.unwrap();
    server.next([Reply::Content(draft.to_string()), Reply::Content(correction.to_string())]);
    let minutes = minutes(&config(LlmProvider::Ollama, &server), &meeting()).await.unwrap();
    assert_eq!(server.seen().len(), 2);
    assert!(
        server.seen()[1]
            .message("user")
            .contains("0: The budget is 12,000 dollars (the number 12000 was not said there)")
    );
    let points: Vec<_> = minutes.key_points.iter().map(|point| point.text.as_str()).collect();
    assert_eq!(points, ["The budget is 10,000 dollars", "Maria reviews the budget"]);
    assert_eq!(
        (minutes.title.as_str(), minutes.summary.as_str()),
        ("meeting.wav", "Maria will review the budget.")
    );
    assert_eq!((&minutes.action_items[0].owner, &minutes.action_items[0].due), (&None, &None));
    assert_eq!(minutes.chapters.len(), 1);
    let dropped: Vec<_> = minutes.coverage.dropped.iter().map(|one| one.text.as_str()).collect();
    let expected = [
        "Review the budget (Peter)",
        "Review the budget (Monday)",
        "The budget is 12,000 dollars",
        "Peter leaves the company",
        "The factory burned down.",
        "Zeppelins",
        "Budget again",
    ];
    assert_eq!(dropped, expected);
    assert_founded(&minutes, &meeting());
}
