//! Messages, tools and streams, against a fake server that speaks the real wire formats.

use std::{pin::pin, time::Duration};

use config::LlmProvider;
use fake_llm::{FakeLlm, Reply};
use futures::StreamExt;
use serde_json::{Value, json};

use super::*;

const SERVERS: [LlmProvider; 2] = [LlmProvider::Ollama, LlmProvider::OpenAi];

fn model(provider: LlmProvider, server: &FakeLlm) -> RetryingChat {
    from_config(&fake_llm::config(provider, server)).unwrap().unwrap()
}

fn search() -> Tool {
    let parameters = json!({ "type": "object", "properties": { "query": { "type": "string" } } });
    Tool { name: "search".into(), description: "Searches the library.".into(), parameters }
}

fn with_tools(messages: Vec<Message>) -> ChatRequest {
    ChatRequest { tools: vec![search()], ..ChatRequest::new(messages, 100) }
}

/// A tool call in an answer of Ollama, and in the pieces of one of the OpenAI API.
fn calls(provider: LlmProvider) -> Reply {
    match provider {
        LlmProvider::Ollama => {
            let call = json!({ "function": { "name": "search", "arguments": { "query": "budget" } } });
            let message = json!({ "role": "assistant", "content": "", "tool_calls": [call] });
            Reply::Raw(json!({ "message": message, "done": true, "done_reason": "stop" }).to_string())
        }
        _ => {
            let piece = |piece: Value| json!({ "choices": [{ "delta": { "tool_calls": [piece] } }] });
            let first = piece(
                json!({ "index": 0, "id": "c1", "function": { "name": "search", "arguments": "{\"que" } }),
            );
            let second = piece(json!({ "index": 0, "function": { "arguments": "ry\":\"budget\"}" } }));
            let end = json!({ "choices": [{ "delta": {}, "finish_reason": "tool_calls" }] });
            let frames = [first, second, end].map(|frame| format!("data: {frame}\n\n")).concat();
            Reply::RawPieces((frames + "data: [DONE]\n\n").into_bytes())
        }
    }
}

#[tokio::test]
async fn a_model_calls_a_tool_and_goes_on_with_its_result() {
    for provider in SERVERS {
        let server = FakeLlm::start().await.unwrap();
        server.next([calls(provider), Reply::Content("It is ten thousand.".to_owned())]);
        let (model, usage) = (model(provider, &server), TokenUsage::default());
        let mut messages = vec![Message::system("Help."), Message::user("What is the budget?")];
        let answer = model.ask(&with_tools(messages.clone()), &usage, &mut |_| ()).await.unwrap();
        let [call] = answer.tool_calls.as_slice() else { panic!("{answer:?}") };
        assert_eq!((call.name.as_str(), &call.arguments), ("search", &json!({ "query": "budget" })));
        messages.push(Message { tool_calls: vec![call.clone()], ..Message::assistant("") });
        messages.push(Message::tool_result(call.clone(), "The budget is ten thousand."));
        let answer = model.ask(&with_tools(messages), &usage, &mut |_| ()).await.unwrap();
        assert_eq!((answer.text.as_str(), answer.tool_calls.len()), ("It is ten thousand.", 0));
        let seen = server.seen();
        assert_eq!(seen[0].body["tools"][0]["function"]["name"], "search");
        let roles = seen[1].body["messages"].as_array().unwrap().iter().map(|message| &message["role"]);
        assert_eq!(roles.collect::<Vec<_>>(), ["system", "user", "assistant", "tool"]);
        assert_eq!(seen[1].body["messages"][2]["tool_calls"][0]["function"]["name"], "search");
        let names_call = match provider {
            LlmProvider::Ollama => &seen[1].body["messages"][3]["tool_name"],
            _ => &seen[1].body["messages"][3]["tool_call_id"],
        };
        assert_eq!(names_call, if provider == LlmProvider::Ollama { "search" } else { "c1" });
    }
}

#[tokio::test]
async fn arguments_that_are_not_json_are_a_bad_answer() {
    let server = FakeLlm::start().await.unwrap();
    let call = json!({ "index": 0, "id": "c1", "function": { "name": "search", "arguments": "{\"que" } });
    let delta = json!({ "choices": [{ "delta": { "tool_calls": [call] }, "finish_reason": "tool_calls" }] });
    server.always(Reply::RawPieces(format!("data: {delta}\n\ndata: [DONE]\n\n").into_bytes()));
    let request = with_tools(vec![Message::user("What is the budget?")]);
    let model = model(LlmProvider::OpenAi, &server);
    let answer = model.ask(&request, &TokenUsage::default(), &mut |_| ()).await;
    assert!(matches!(answer, Err(LlmError::BadAnswer { .. })), "{answer:?}");
}

#[tokio::test]
async fn a_stream_tells_the_words_and_then_the_whole_answer() {
    for provider in SERVERS {
        let server = FakeLlm::start().await.unwrap();
        server.always(Reply::Content("One, two, three, four, five, six, seven.".to_owned()));
        let (model, usage) = (model(provider, &server), TokenUsage::default());
        let request = ChatRequest::new(vec![Message::user("Count.")], 100);
        let events: Vec<ChatEvent> = model.stream(request, &usage).map(Result::unwrap).collect().await;
        let (last, words) = events.split_last().unwrap();
        let words: String = words
            .iter()
            .map(|event| match event {
                ChatEvent::Text(text) => text.as_str(),
                other => panic!("{other:?}"),
            })
            .collect();
        let ChatEvent::End(answer) = last else { panic!("{last:?}") };
        assert_eq!(answer.text, words);
        assert_eq!(usage.tokens_in.load(std::sync::atomic::Ordering::Relaxed), answer.tokens_in);
    }
}

#[tokio::test]
async fn a_dropped_stream_ends_its_request() {
    for provider in SERVERS {
        let server = FakeLlm::start().await.unwrap();
        server.always(Reply::Stalls("It begins well, and goes on for a while".to_owned()));
        let (model, usage) = (model(provider, &server), TokenUsage::default());
        {
            let mut events = pin!(model.stream(ChatRequest::new(vec![Message::user("Go.")], 100), &usage));
            assert!(matches!(events.next().await, Some(Ok(ChatEvent::Text(_)))));
            assert_eq!(server.under_way(), 1);
        }
        while server.under_way() > 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
