//! Server-sent events: one way to write them, whatever the stream is about.

use std::{convert::Infallible, time::Duration};

use axum::{
    body::Body,
    http::{
        HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use futures::{Stream, StreamExt};
use serde::Serialize;
use tokio::time::{Instant, interval_at};
use tokio_util::sync::CancellationToken;

/// Silence after which a comment keeps proxies from closing the connection.
pub const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Says nothing to a client.
const KEEP_ALIVE_COMMENT: Bytes = Bytes::from_static(b":\n\n");

/// Keeps nginx and others from holding events back.
const NO_BUFFERING: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// An event: its name, its number if a client can go on after it, and its data as JSON.
pub fn frame(name: &str, id: Option<u64>, data: &impl Serialize) -> Bytes {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    // JSON has line ends only in their escaped form, so that it is one line of data.
    match serde_json::to_string(data) {
        Ok(json) => format!("event: {name}\n{id}data: {json}\n\n").into(),
        Err(error) => {
            // Unreachable with the events there are.
            tracing::error!(%error, name, "an event has no JSON");
            Bytes::from_static(b": an event could not be written\n\n")
        }
    }
}

/// The answer that sends the frames as they come, until they end or `stop` is cancelled. After each `silence` it sends a
/// comment, by which it also learns that the client is gone: who only stops sending may still read.
pub fn response(
    frames: impl Stream<Item = Bytes> + Send + 'static,
    silence: Duration,
    stop: &CancellationToken,
) -> Response {
    let frames = frames.take_until(stop.clone().cancelled_owned());
    let silence = interval_at(Instant::now() + silence, silence);
    let kept_alive = tokio_stream::StreamExt::timeout_repeating(frames, silence)
        .map(|frame| Ok::<_, Infallible>(frame.unwrap_or(KEEP_ALIVE_COMMENT)));
    let head = [NO_BUFFERING, (CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
    (head, Body::from_stream(kept_alive)).into_response()
}
