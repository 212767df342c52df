//! An answer's body, which is checked while it is read.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{LazyLock, Mutex, PoisonError},
};

use bytes::Bytes;
use futures::StreamExt;
use http::{
    HeaderMap, Method,
    header::{CONTENT_ENCODING, CONTENT_TYPE},
};
use reqwest::{Body, Response};
use serde_json::Value;

use crate::description::{Description, Expected};

/// The answer, checked as far as it is here; what is still to come is checked when it does.
pub fn checked(
    description: &'static Description,
    method: &Method,
    path: &str,
    response: Response,
) -> Response {
    let (status, headers) = (response.status(), response.headers().clone());
    let asked = format!("{method} {path}: {status}");
    let kind = media_type(&headers);
    let body = match description.expected(method, path, status.as_u16()) {
        Expected::Nothing(fault) => broken(&asked, &[fault]),
        Expected::Anything if kind != "application/problem+json" => return response,
        Expected::Anything | Expected::AnyProblem => Schema::Problem,
        Expected::Content(kinds) => match schema(&kinds, &kind) {
            _ if *method == Method::HEAD => return response,
            Some(schema) => schema,
            None if kinds.is_empty() && kind.is_empty() => return response,
            None => broken(&asked, &[format!("the media type {kind:?} is not described")]),
        },
    };
    if headers.contains_key(CONTENT_ENCODING) || *method == Method::HEAD {
        return response;
    }
    let version = response.version();
    let mut check = Check { description, asked, body, come: Vec::new(), looked_at: 0 };
    let mut stream = response.bytes_stream();
    let checked = futures::stream::poll_fn(move |cx| {
        let next = stream.poll_next_unpin(cx);
        if let std::task::Poll::Ready(next) = &next {
            check.take(next.as_ref());
        }
        next
    });
    let mut head = http::Response::new(Body::wrap_stream(checked));
    (*head.status_mut(), *head.headers_mut(), *head.version_mut()) = (status, headers, version);
    head.into()
}

enum Schema {
    Problem,
    Json(Value),
    Events(Value),
    /// Neither JSON nor events.
    Other,
}

fn schema(kinds: &HashMap<String, Value>, kind: &str) -> Option<Schema> {
    let range = kind.split('/').next().map(|kind| format!("{kind}/*"));
    let schema = kinds.get(kind).or_else(|| kinds.get(&range?))?.clone();
    Some(match kind {
        "text/event-stream" => Schema::Events(schema),
        _ if kind.ends_with("json") => Schema::Json(schema),
        _ => Schema::Other,
    })
}

fn media_type(headers: &HeaderMap) -> String {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().to_owned()
}

/// A body on its way.
struct Check {
    description: &'static Description,
    asked: String,
    body: Schema,
    come: Vec<u8>,
    /// Bytes of what has come in which no event ends.
    looked_at: usize,
}

/// What was found right before, as a hash of schema and text: many watchers are sent the same.
static RIGHT: LazyLock<Mutex<HashSet<u64>>> = LazyLock::new(Mutex::default);

impl Check {
    /// Takes what comes next; nothing more, or an error, when it has ended.
    fn take(&mut self, next: Option<&Result<Bytes, reqwest::Error>>) {
        match (next, &self.body) {
            (_, Schema::Other) | (Some(Err(_)), _) => {}
            (Some(Ok(bytes)), _) => {
                self.come.extend_from_slice(bytes);
                self.take_events();
            }
            (None, Schema::Problem) => {
                self.judge(&self.come, |value| self.description.faults_of_problem(value))
            }
            (None, Schema::Json(schema)) => {
                self.judge(&self.come, |value| self.description.faults(schema, value))
            }
            (None, Schema::Events(_)) => {}
        }
    }

    fn take_events(&mut self) {
        let Schema::Events(schema) = &self.body else { return };
        while let Some(end) = self.come[self.looked_at..].windows(2).position(|two| two == b"\n\n") {
            let frame: Vec<u8> = self.come.drain(..self.looked_at + end + 2).collect();
            self.looked_at = 0;
            let mut hasher = DefaultHasher::new();
            (schema.to_string(), &frame).hash(&mut hasher);
            let right = || RIGHT.lock().unwrap_or_else(PoisonError::into_inner);
            if right().contains(&hasher.finish()) {
                continue;
            }
            let field = |name: &[u8]| {
                let mut lines = frame.split(|byte| *byte == b'\n');
                lines.find_map(|line| line.strip_prefix(name).map(<[u8]>::to_vec))
            };
            let (Some(name), Some(data)) = (field(b"event: "), field(b"data: ")) else { continue };
            self.judge(&data, |value| {
                let named = value["type"].as_str().is_some_and(|kind| kind.as_bytes() == name);
                let mut faults = self.description.faults(schema, value);
                if !named {
                    faults.push("the event's name is not its type".to_owned());
                }
                faults
            });
            right().insert(hasher.finish());
        }
        self.looked_at = self.come.len().saturating_sub(1);
    }

    fn judge(&self, bytes: &[u8], faults: impl Fn(&Value) -> Vec<String>) {
        let faults = match serde_json::from_slice(bytes) {
            Ok(value) => faults(&value),
            Err(error) => vec![format!("no JSON: {error}")],
        };
        if !faults.is_empty() {
            broken(&format!("{}: {}", self.asked, String::from_utf8_lossy(bytes)), &faults);
        }
    }
}

#[expect(clippy::panic, reason = "a test fails by it")]
fn broken(asked: &str, faults: &[String]) -> ! {
    panic!("docs/openapi.json says something else than this answer: {asked}\n{}", faults.join("\n"));
}
