//! `GET /api/v1/jobs/{job_id}/events`: what happens to a job, as server-sent events.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, HeaderName},
    response::Response,
};
use futures::StreamExt;
use serde::Deserialize;

use crate::{
    App,
    access::job::JobPath,
    extract::Query,
    problem::{Code, Problem, ProblemBody},
    stream::{
        sse,
        watch::{WatchError, Watcher},
    },
};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

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
) -> Result<Response, Problem> {
    let after = last_event_id(&headers)?.or(since).unwrap_or_default();
    let watcher = Watcher::new(app.library.clone(), job, after).await?.following(follow);
    let frames = watcher.into_stream().map(|item| item.frame());
    Ok(sse::response(frames, sse::KEEP_ALIVE_INTERVAL, &app.stop))
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
