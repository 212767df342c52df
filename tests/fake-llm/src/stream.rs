//! Answers in pieces, whose bytes are cut anywhere.

use std::io;

use axum::{
    body::Body,
    http::header,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::stream::{self, Stream, StreamExt};
use serde_json::{Value, json};

use crate::{
    UnderWay,
    wire::{self, Form},
};

/// Most letters of a piece, and bytes that are sent at a time, unless the answer is long.
const MOST: u64 = 23;

/// A request that is being answered.
pub(crate) struct Answering<'a> {
    pub form: Form,
    pub model: &'a str,
    pub request: &'a Value,
    pub under_way: UnderWay,
}

impl Answering<'_> {
    /// A whole good answer.
    pub fn with(self, text: &str) -> Response {
        self.thoughtful("", text)
    }

    /// The same, after thinking in a field of its own.
    pub fn thoughtful(self, thinking: &str, text: &str) -> Response {
        if !self.is_streamed() {
            return wire::json_body(self.form.body(self.model, thinking, text, "stop"));
        }
        let begin = self.words(self.form.thinking(), thinking) + &self.words("content", text);
        let end = self.end(text, "stop");
        self.pieces((begin + &end).into(), stream::empty())
    }

    /// An answer that reached the limit.
    pub fn cut_off(self, text: &str) -> Response {
        if !self.is_streamed() {
            return wire::json_body(self.form.body(self.model, "", text, "length"));
        }
        let body = self.words("content", text) + &self.end(text, "length");
        self.pieces(body.into(), stream::empty())
    }

    /// The first half of a good answer's bytes.
    pub fn half(self, text: &str) -> Response {
        let mut body = if self.is_streamed() {
            self.words("content", text)
        } else {
            self.form.body(self.model, "", text, "stop")
        }
        .into_bytes();
        body.truncate(body.len() / 2);
        self.pieces(body, stream::empty())
    }

    /// The beginning of an answer, and the server's error.
    pub fn then_fails(self, text: &str) -> Response {
        let error = match self.form {
            Form::Ollama => json!({ "error": "an error was encountered while running the model" }),
            Form::OpenAi => {
                json!({ "error": { "message": "The model has crashed", "type": "server_error" } })
            }
        };
        let body = self.words("content", text) + &self.form.frame(&error);
        self.pieces(body.into(), stream::empty())
    }

    /// The beginning of an answer, and what happens then.
    pub fn begun(self, text: &str, then: impl Stream<Item = io::Result<Bytes>> + Send + 'static) -> Response {
        let body = self.words("content", text);
        self.pieces(body.into(), then)
    }

    /// Words without end.
    pub fn endless(self) -> Response {
        let frame =
            Bytes::from(self.form.frame(&self.form.piece(self.model, "content", &"words ".repeat(300))));
        self.pieces(Vec::new(), stream::repeat_with(move || Ok(frame.clone())))
    }

    /// These bytes, cut anywhere, and what happens then.
    pub fn pieces(
        self,
        bytes: Vec<u8>,
        then: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Response {
        let kind = match self.form {
            Form::Ollama => "application/x-ndjson",
            Form::OpenAi => "text/event-stream; charset=utf-8",
        };
        let mut rest = Bytes::from(bytes);
        let mut sizes = sizes(rest.len());
        let chunks = std::iter::from_fn(move || {
            let size = sizes.next()?.min(rest.len());
            (size > 0).then(|| Ok(rest.split_to(size)))
        });
        let under_way = self.under_way;
        // Under way until the last piece is taken, or the asker has gone.
        let body = stream::iter(chunks).chain(then).map(move |piece| {
            let _held = &under_way;
            piece
        });
        ([(header::CONTENT_TYPE, kind)], Body::from_stream(body)).into_response()
    }

    fn is_streamed(&self) -> bool {
        // Ollama streams unless told otherwise.
        let default = matches!(self.form, Form::Ollama);
        self.request.get("stream").and_then(Value::as_bool).unwrap_or(default)
    }

    /// `text` in pieces.
    fn words(&self, field: &str, text: &str) -> String {
        let (mut letters, mut body) = (text.chars(), String::new());
        for size in sizes(text.len()) {
            let words: String = letters.by_ref().take(size).collect();
            if words.is_empty() {
                break;
            }
            body.push_str(&self.form.frame(&self.form.piece(self.model, field, &words)));
        }
        body
    }

    fn end(&self, text: &str, reason: &str) -> String {
        let end = self.form.frame(&self.form.end(self.model, text.len(), reason));
        let wanted = self.request.pointer("/stream_options/include_usage") == Some(&Value::Bool(true));
        match self.form {
            Form::Ollama => end,
            Form::OpenAi if wanted => {
                let tokens = text.len() / 4;
                let usage = json!({ "choices": [], "usage": {
                    "prompt_tokens": 321, "completion_tokens": tokens, "total_tokens": 321 + tokens,
                } });
                format!("{end}{}data: [DONE]\n\n", self.form.frame(&usage))
            }
            Form::OpenAi => format!("{end}data: [DONE]\n\n"),
        }
    }
}

/// Sizes without order, a thousand or two of which make up `length`; always the same ones.
fn sizes(length: usize) -> impl Iterator<Item = usize> + Send {
    let mut state = length as u64;
    let most = MOST.max(state / 1000);
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        1 + ((state >> 33) % most) as usize
    })
}
