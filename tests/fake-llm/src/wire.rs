//! How replies look on the wire, in Ollama's form and in OpenAI's.

use std::{io, time::Duration};

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream;
use serde_json::{Value, json};

use crate::{plausible, stream::Answering};

/// How a chat is answered: in pieces if the request asks for that, else whole.
#[derive(Clone, Debug, Default)]
pub enum Reply {
    /// With minutes, or an answer, that cite the transcript in the request.
    #[default]
    Proper,
    /// With this text as the model's words.
    Content(String),
    /// With this thinking in a field of its own, and this text as the model's words.
    Thought(String, String),
    /// With this text, cut off because the model reached its limit.
    CutOff(String),
    /// With this text, whole even if pieces were asked for.
    Whole(String),
    /// With this text, after which the server says that it has failed.
    Fails(String),
    /// With this text, after which the answer ends without having come to its end.
    Ends(String),
    /// With this text, after which nothing comes and the connection stays open.
    Stalls(String),
    /// With this number as HTTP status, these headers and this body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// With status 200 and this as the whole body, whatever the wire format says.
    Raw(String),
    /// With status 200 and these bytes in pieces, whatever the wire format says.
    RawPieces(Vec<u8>),
    /// With the first half of a good body.
    HalfBody,
    /// With a good beginning, after which the connection breaks.
    Broken,
    /// With a text that never ends.
    Endless,
    /// With bytes that never end and are no text.
    EndlessBytes,
    /// Properly, but with the first byte only after this time.
    Late(Duration),
    /// Not at all: the connection stays open and silent.
    Silence,
    /// With JSON lists inside each other, this many deep, as the model's words.
    Nested(usize),
}

/// The two wire formats.
#[derive(Clone, Copy)]
pub(crate) enum Form {
    Ollama,
    OpenAi,
}

impl Form {
    /// A whole answer.
    pub fn body(self, model: &str, thinking: &str, content: &str, reason: &str) -> String {
        let tokens = content.len() / 4;
        match self {
            Self::Ollama => {
                let mut body = self.end(model, content.len(), reason);
                if let Some(message) = body.get_mut("message") {
                    *message = json!({ "role": "assistant", "content": content, "thinking": thinking });
                }
                body
            }
            Self::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1_767_225_600, "model": model,
                "choices": [{
                    "index": 0, "finish_reason": reason, "logprobs": null,
                    "message": { "role": "assistant", "content": content, "reasoning_content": thinking, "refusal": null },
                }],
                "usage": { "prompt_tokens": 321, "completion_tokens": tokens, "total_tokens": 321 + tokens },
            }),
        }
        .to_string()
    }

    /// One piece of a streamed answer; `field` is `content`, or that of the thinking.
    pub fn piece(self, model: &str, field: &str, words: &str) -> Value {
        let message = json!({ "role": "assistant", "content": "", field: words });
        match self {
            Self::Ollama => json!({
                "model": model, "created_at": "2026-01-01T00:00:00.000000000Z", "message": message, "done": false,
            }),
            Self::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_767_225_600, "model": model,
                "choices": [{ "index": 0, "delta": message, "finish_reason": null, "logprobs": null }], "usage": null,
            }),
        }
    }

    /// The piece that ends a streamed answer of `length` bytes.
    pub fn end(self, model: &str, length: usize, reason: &str) -> Value {
        match self {
            Self::Ollama => json!({
                "model": model, "created_at": "2026-01-01T00:00:00.000000000Z",
                "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": reason,
                "total_duration": 5_000_000_u64, "load_duration": 1_000_u64, "prompt_eval_count": 321,
                "prompt_eval_duration": 1_000_000_u64, "eval_count": length / 4, "eval_duration": 3_000_000_u64,
            }),
            Self::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_767_225_600, "model": model,
                "choices": [{ "index": 0, "delta": {}, "finish_reason": reason, "logprobs": null }],
            }),
        }
    }

    /// Field of a message that holds thinking.
    pub const fn thinking(self) -> &'static str {
        match self {
            Self::Ollama => "thinking",
            Self::OpenAi => "reasoning_content",
        }
    }

    /// A value of a streamed answer as it goes over the wire.
    pub fn frame(self, value: &Value) -> String {
        match self {
            Self::Ollama => format!("{value}\n"),
            Self::OpenAi => format!(": alive\n\ndata: {value}\n\n"),
        }
    }
}

/// Text of the message with `role` in a chat's body.
pub(crate) fn message<'a>(body: &'a Value, role: &str) -> &'a str {
    let mut messages = body.get("messages").and_then(Value::as_array).into_iter().flatten();
    messages.find(|message| text(message, "role") == role).map_or("", |message| text(message, "content"))
}

/// The JSON schema that a chat's answer has to follow; null if there is none.
fn schema(body: &Value) -> &Value {
    let of_openai = body.pointer("/response_format/json_schema/schema");
    body.get("format").or(of_openai).unwrap_or(&Value::Null)
}

/// Text of a field; empty if there is none.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) async fn respond(reply: Reply, answering: Answering<'_>) -> Response {
    let proper = || plausible::reply(message(answering.request, "user"), schema(answering.request));
    match reply {
        Reply::Proper => answering.with(&proper()),
        Reply::Content(text) => answering.with(&text),
        Reply::Thought(thinking, text) => answering.thoughtful(&thinking, &text),
        Reply::CutOff(text) => answering.cut_off(&text),
        Reply::Whole(text) => json_body(answering.form.body(answering.model, "", &text, "stop")),
        Reply::Fails(text) => answering.then_fails(&text),
        Reply::Ends(text) => answering.begun(&text, stream::empty()),
        Reply::Stalls(text) => answering.begun(&text, stream::pending()),
        Reply::Nested(depth) => answering.with(&"[".repeat(depth)),
        Reply::Raw(body) => json_body(body),
        Reply::RawPieces(bytes) => answering.pieces(bytes, stream::empty()),
        Reply::HalfBody => answering.half(&proper()),
        Reply::Status(status, headers, body) => with_status(status, headers, body),
        Reply::Broken => answering.begun("A good beginning", stream::iter([Err(broken())])),
        Reply::Endless => answering.endless(),
        Reply::EndlessBytes => {
            answering.pieces(Vec::new(), stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 8192]))))
        }
        Reply::Late(time) => {
            tokio::time::sleep(time).await;
            answering.with(&proper())
        }
        Reply::Silence => std::future::pending().await,
    }
}

pub(crate) fn json_body(body: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], body).into_response()
}

fn with_status(status: u16, headers: Vec<(&'static str, String)>, body: String) -> Response {
    let mut response = body.into_response();
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::try_from(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}
