//! `GET /api/v1/jobs/{job_id}/events`: what happens to a job, as server-sent events.

use std::{convert::Infallible, sync::Arc, time::Duration};

use axum::{
    body::Body,
    extract::State,
    http::{
        HeaderMap, HeaderName,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    response::IntoResponse,
};
use bytes::Bytes;
use futures::StreamExt;
use serde::Deserialize;
use tokio::time::{Instant, interval_at};

use crate::{
    App,
    access::job::JobPath,
    extract::Query,
    problem::{Code, Problem, ProblemBody},
    stream::watch::{WatchError, Watcher},
};

/// Silence after which a comment shows that the connection lives.
pub const KEEP_ALIVE_INTERVAL: Duration = Duration::from_secs(15);

/// Says nothing to a client.
const KEEP_ALIVE_COMMENT: Bytes = Bytes::from_static(b":\n\n");

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// Tells nginx and others not to hold events back.
pub const NO_BUFFERING: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// Where to go on.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Since {
    /// Number of the event that was received last, as the header `Last-Event-ID`, which wins.
    since: Option<u64>,
    /// Whether to go on after the job is finished: to hear of edits of its transcript, and of a retry.
    #[serde(default)]
    follow: bool,
}

/// Follow a job: first what has happened so far, then what happens, until it is finished.
///
/// An edit of the transcript is a `transcript_edited`, after which the segments in `removed` are no more and those in
/// `segments` are there, in the order of time. Who does not know it has the transcript as it was recognised.
///
/// Each event's `id` is its number; `Last-Event-ID` or `since` goes on after that number.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/events",
    params(("job_id" = String, Path), Since,
        ("Last-Event-ID" = Option<u64>, Header, description = "Number of the event that was received last")),
    responses(
        (status = 200, body = shared::event::Event, content_type = "text/event-stream"),
        (status = "4XX", body = ProblemBody),
    ))]
pub async fn events(
    State(app): State<Arc<App>>,
    JobPath(job): JobPath,
    Query(Since { since, follow }): Query<Since>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Problem> {
    let after = last_event_id(&headers)?.or(since).unwrap_or_default();
    let watcher = Watcher::new(app.store.clone(), &*app.bus, job, after).await?.following(follow);
    let frames =
        watcher.into_stream().take_until(app.stop.clone().cancelled_owned()).map(|frames| frames.frame());
    let silence = interval_at(Instant::now() + KEEP_ALIVE_INTERVAL, KEEP_ALIVE_INTERVAL);
    let kept_alive = tokio_stream::StreamExt::timeout_repeating(frames, silence)
        .map(|frame| Ok::<_, Infallible>(frame.unwrap_or(KEEP_ALIVE_COMMENT)));
    let head = [NO_BUFFERING, (CONTENT_TYPE, "text/event-stream"), (CACHE_CONTROL, "no-cache")];
    Ok((head, Body::from_stream(kept_alive)))
}

fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(id) = headers.get(LAST_EVENT_ID).filter(|id| !id.is_empty()) else { return Ok(None) };
    let number = id.to_str().ok().and_then(|id| id.trim().parse().ok());
    number.map(Some).ok_or_else(|| {
        Problem::invalid("Last-Event-ID is not the number of an event; leave it out to get all of them.")
    })
}

impl From<WatchError> for Problem {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Store(error) => error.into(),
            WatchError::AheadOfLog { .. } => Self::of(Code::InvalidRequest, &error),
        }
    }
}
