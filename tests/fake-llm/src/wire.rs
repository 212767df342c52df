//! How a reply looks on the wire, in Ollama's form and in OpenAI's.

use std::io;

use axum::{
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream::{self, StreamExt};
use serde_json::{Value, json};

use crate::plausible;

/// How a chat is answered.
#[derive(Clone, Debug, Default)]
pub enum Reply {
    /// With minutes that cite the transcript in the request.
    #[default]
    Proper,
    /// With this text as the model's words.
    Content(String),
    /// With this text, cut off because the model reached its limit.
    CutOff(String),
    /// With this number as HTTP status, these headers and this body.
    Status(u16, Vec<(&'static str, String)>, String),
    /// With status 200 and this as the whole body, whatever the wire format says.
    Raw(String),
    /// With the first half of a good body.
    HalfBody,
    /// With a good beginning, after which the connection breaks.
    Broken,
    /// With a text that never ends.
    Endless,
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
    fn body(self, model: &str, content: &str, finished: bool) -> String {
        let tokens = content.len() / 4;
        let reason = if finished { "stop" } else { "length" };
        let message = json!({ "role": "assistant", "content": content });
        match self {
            Self::Ollama => json!({
                "model": model, "created_at": "2026-01-01T00:00:00.000000000Z", "message": message,
                "done": true, "done_reason": reason, "total_duration": 5_000_000_u64, "load_duration": 1_000_u64,
                "prompt_eval_count": 321, "prompt_eval_duration": 1_000_000_u64, "eval_count": tokens,
                "eval_duration": 3_000_000_u64,
            }),
            Self::OpenAi => json!({
                "id": "chatcmpl-1", "object": "chat.completion", "created": 1_767_225_600, "model": model,
                "choices": [{ "index": 0, "message": message, "finish_reason": reason, "logprobs": null }],
                "usage": { "prompt_tokens": 321, "completion_tokens": tokens, "total_tokens": 321 + tokens },
            }),
        }
        .to_string()
    }
}

/// Text of the message with `role` in a chat's body.
pub(crate) fn message<'a>(body: &'a Value, role: &str) -> &'a str {
    let mut messages = body.get("messages").and_then(Value::as_array).into_iter().flatten();
    messages.find(|message| text(message, "role") == role).map_or("", |message| text(message, "content"))
}

/// Text of a field; empty if there is none.
pub(crate) fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

pub(crate) async fn respond(reply: Reply, form: Form, model: &str, request: &Value) -> Response {
    let proper = || plausible::answer(message(request, "user")).to_string();
    match reply {
        Reply::Proper => json_body(form.body(model, &proper(), true)),
        Reply::Content(text) => json_body(form.body(model, &text, true)),
        Reply::CutOff(text) => json_body(form.body(model, &text, false)),
        Reply::Nested(depth) => json_body(form.body(model, &"[".repeat(depth), true)),
        Reply::Raw(body) => json_body(body),
        Reply::HalfBody => {
            let body = form.body(model, &proper(), true);
            json_body(body.chars().take(body.chars().count() / 2).collect())
        }
        Reply::Status(status, headers, body) => with_status(status, headers, body),
        Reply::Broken => streamed(stream::iter([Ok(Bytes::from_static(b"{\"message\":")), Err(broken())])),
        Reply::Endless => streamed(stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 8192]))).boxed()),
        Reply::Silence => std::future::pending().await,
    }
}

fn json_body(body: String) -> Response {
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

fn streamed(chunks: impl stream::Stream<Item = io::Result<Bytes>> + Send + 'static) -> Response {
    ([(header::CONTENT_TYPE, "application/json")], Body::from_stream(chunks)).into_response()
}

fn broken() -> io::Error {
    io::Error::from(io::ErrorKind::ConnectionReset)
}
