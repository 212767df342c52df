//! One request to a language model server: an end to waiting, to reading and to guessing what went wrong.

use std::{error::Error, time::Duration};

use bytes::{Bytes, BytesMut};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode,
    header::{CONTENT_TYPE, HeaderMap, RETRY_AFTER},
    redirect::Policy,
};
use serde_json::Value;
use url::{Host, Url};

use crate::{
    LlmError,
    frames::{Frame, Frames},
};
use config::{ApiKey, LlmServer};
use telemetry::http;

/// Longest part of a server's own words that is repeated in an error, in characters.
const MAX_REASON_CHARS: usize = 200;

/// How servers say that they do not have a model, in lower case.
const NO_MODEL: [&str; 5] = ["not found", "not exist", "no models", "not loaded", "not a valid model"];

/// How many times the bytes of its words a streamed answer may have, since each token comes wrapped.
const MAX_FRAMING_FACTOR: usize = 16;

/// Takes one JSON value of an answer and says whether another is expected.
pub(super) type Reader<'a> = dyn FnMut(Value) -> Result<bool, LlmError> + Send + 'a;

/// The way to one server.
pub(super) struct Transport {
    /// Whom errors are about, as people call it.
    pub provider: &'static str,
    /// Model that requests are about, for errors; empty: whichever is loaded.
    pub model: String,
    /// What helps when the model is missing.
    pub advice: &'static str,
    client: Client,
    shown_url: String,
    key: ApiKey,
    timeout: Duration,
    max_bytes: usize,
}

impl Transport {
    /// A way to `server`, whose answers may have `max_bytes`.
    pub fn new(
        provider: &'static str,
        advice: &'static str,
        server: &LlmServer,
        max_bytes: usize,
    ) -> Result<Self, LlmError> {
        let mut url = Url::parse(&server.base_url)
            .map_err(|error| LlmError::Config(format!("{provider}'s address cannot be read: {error}")))?;
        // A redirect turns a question into a visit; and a proxy cannot know what `localhost` is here.
        let mut builder = http::builder().redirect(Policy::none());
        if is_local(&url) {
            builder = builder.no_proxy();
        }
        let client = builder
            .build()
            .map_err(|error| LlmError::Config(format!("no HTTPS client can be made: {}", root(&error))))?;
        // Both fail only for addresses without a host, which cannot have a user either.
        let _ = url.set_username("");
        let _ = url.set_password(None);
        Ok(Self {
            provider,
            model: server.model.clone(),
            advice,
            client,
            shown_url: url.to_string(),
            key: server.api_key.clone(),
            timeout: Duration::from_secs(server.timeout_seconds),
            max_bytes,
        })
    }

    /// Asks `url` and gives the JSON that it answers.
    pub async fn get(&self, url: &str) -> Result<Value, LlmError> {
        self.whole(self.client.get(url)).await
    }

    /// Sends `body` to `url` and gives the JSON that it answers.
    pub async fn post(&self, url: &str, body: &Value) -> Result<Value, LlmError> {
        self.whole(self.client.post(url).json(body)).await
    }

    /// Sends `body` to `url` and gives each JSON value of the answer to `read` as it comes, until `read` says that it
    /// was the last. A server that does not stream gives one. Whether the end was marked and is not just an
    /// end of bytes.
    pub async fn stream(&self, url: &str, body: &Value, read: &mut Reader<'_>) -> Result<bool, LlmError> {
        let request = self.client.post(url).json(body);
        self.in_time(async {
            let response = self.open(request).await?;
            if is_json(response.headers()) {
                return read(self.json(&self.read(response).await?)?).map(|_more| true);
            }
            self.frames(response, read).await
        })
        .await
    }

    async fn whole(&self, request: RequestBuilder) -> Result<Value, LlmError> {
        self.in_time(async { self.json(&self.read(self.open(request).await?).await?) }).await
    }

    async fn in_time<T>(&self, exchange: impl Future<Output = Result<T, LlmError>>) -> Result<T, LlmError> {
        let late = |_| LlmError::Timeout { provider: self.provider, seconds: self.timeout.as_secs() };
        tokio::time::timeout(self.timeout, exchange).await.map_err(late)?
    }

    /// Sends a request and gives the beginning of a good answer.
    async fn open(&self, mut request: RequestBuilder) -> Result<Response, LlmError> {
        if !self.key.is_empty() {
            request = request.bearer_auth(self.key.reveal());
        }
        let request = request.build().map_err(|error| LlmError::Config(root(&error)))?;
        let response = self.client.execute(request).await.map_err(|error| self.unreachable(&error))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            return Ok(response);
        }
        Err(self.failure(status, &headers, &self.read(response).await?))
    }

    async fn read(&self, mut response: Response) -> Result<Bytes, LlmError> {
        let mut body = BytesMut::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| self.unreachable(&error))? {
            self.bound(body.len() + chunk.len())?;
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    }

    async fn frames(&self, mut response: Response, read: &mut Reader<'_>) -> Result<bool, LlmError> {
        let (mut frames, mut total) = (Frames::default(), 0);
        loop {
            let chunk = response.chunk().await.map_err(|error| self.unreachable(&error))?;
            let ended = chunk.is_none();
            let chunk = chunk.unwrap_or_default();
            total += chunk.len();
            self.bound(total / MAX_FRAMING_FACTOR)?;
            frames.add(&chunk);
            while let Some(frame) = frames.next(ended) {
                match frame {
                    Frame::Json(bytes) if read(self.json(&bytes)?)? => {}
                    Frame::Json(_) | Frame::Done => return Ok(true),
                }
            }
            self.bound(frames.held())?;
            if ended {
                return Ok(false);
            }
        }
    }

    /// Adds the next words to an answer.
    ///
    /// # Errors
    /// When it becomes too long.
    pub fn extend(&self, text: &mut String, words: &str) -> Result<(), LlmError> {
        self.bound(text.len() + words.len())?;
        text.push_str(words);
        Ok(())
    }

    fn bound(&self, bytes: usize) -> Result<(), LlmError> {
        let most = self.max_bytes;
        if bytes > most { Err(self.bad(format!("goes on after {most} bytes"))) } else { Ok(()) }
    }

    fn json(&self, body: &[u8]) -> Result<Value, LlmError> {
        let value: Value = serde_json::from_slice(body).map_err(|error| self.bad(not_json(body, &error)))?;
        // Some failures are told with status 200: LM Studio's, and all that happen while an answer streams.
        match value.get("error") {
            None | Some(Value::Null) => Ok(value),
            Some(_) => Err(self.failure(StatusCode::OK, &HeaderMap::new(), body)),
        }
    }

    /// What an answer that is an error means.
    fn failure(&self, status: StatusCode, headers: &HeaderMap, body: &[u8]) -> LlmError {
        let provider = self.provider;
        let said = message(body);
        let reason = match &said {
            Some(words) => format!("HTTP {}: {words}", status.as_u16()),
            None => format!("HTTP {}", status.as_u16()),
        };
        let words = said.unwrap_or_default().to_lowercase();
        let says = |parts: &[&str]| parts.iter().any(|part| words.contains(part));
        if is_overflow(&words) || status == StatusCode::PAYLOAD_TOO_LARGE {
            return LlmError::ContextTooSmall { provider, reason };
        }
        match status.as_u16() {
            401 | 403 => LlmError::KeyRefused { provider, reason },
            400 if says(&["api key"]) => LlmError::KeyRefused { provider, reason },
            400 | 404 if says(&["model"]) && says(&NO_MODEL) => self.no_model(reason),
            429 if says(&["quota", "billing"]) => LlmError::Rejected { provider, reason },
            429 | 503 => LlmError::Overloaded { provider, reason, retry_after: retry_after(headers) },
            200 | 408 | 500.. => LlmError::ServerFailed { provider, reason },
            _ => LlmError::Rejected { provider, reason },
        }
    }

    /// The error for a model that is not there.
    pub fn no_model(&self, reason: String) -> LlmError {
        let (model, advice) = (self.model.clone(), self.advice.to_owned());
        LlmError::ModelMissing { provider: self.provider, model, reason, advice }
    }

    /// The error for an answer that is no use; `problem` ends a sentence that begins with "it".
    pub fn bad(&self, problem: impl Into<String>) -> LlmError {
        LlmError::BadAnswer { provider: self.provider, problem: problem.into() }
    }

    fn unreachable(&self, error: &reqwest::Error) -> LlmError {
        LlmError::Unreachable { provider: self.provider, url: self.shown_url.clone(), reason: root(error) }
    }
}

/// Whether an answer is one JSON value, as of a server that does not stream.
fn is_json(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"))
}

fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The innermost cause, which is the one that says something.
fn root(error: &reqwest::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    shorten(&cause.to_string())
}

/// The server's own words about a failure: every server puts them elsewhere.
fn message(body: &[u8]) -> Option<String> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let value = value.get(0).unwrap_or(&value);
    let error = value.get("error").unwrap_or(value);
    let text = error.as_str().or_else(|| error.get("message")?.as_str())?;
    Some(shorten(text))
}

fn shorten(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().filter(|character| !character.is_control()).take(MAX_REASON_CHARS).collect()
}

/// Whether `words` (in lower case) say that the request is longer than the context.
fn is_overflow(words: &str) -> bool {
    let about = ["context", "input length", "input tokens", "prompt"].iter().any(|part| words.contains(part));
    about
        && ["exceed", "overflow", "too long", "maximum", "too large"].iter().any(|part| words.contains(part))
}

fn retry_after(headers: &HeaderMap) -> Option<u64> {
    headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn not_json(body: &[u8], error: &serde_json::Error) -> String {
    match body.trim_ascii_start().first() {
        None => "is empty".to_owned(),
        Some(b'<') => "is a web page, so the address is probably not that of a language model".to_owned(),
        Some(_) if error.is_eof() => "ends in the middle".to_owned(),
        Some(_) => "is not JSON".to_owned(),
    }
}
