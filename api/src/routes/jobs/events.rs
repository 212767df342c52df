//! `GET /api/v1/jobs/{job_id}/events`: what happens to a job, as server-sent events.

use std::sync::Arc;

use axum::{extract::State, http::HeaderMap, response::Response};
use futures::StreamExt;
use serde::Deserialize;

use crate::{
    App,
    access::job::JobPath,
    extract::Query,
    problem::{Code, Problem, problems},
    stream::{
        item::StreamedEvent,
        resume, sse,
        watch::{WatchError, Watcher},
    },
};

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

problems!(Problems: JobNotFound);

/// Follow a job: first what has happened so far, then what happens, until it is finished.
///
/// An edit of the transcript is a `transcript_edited`, after which the segments in `removed` are no more and those in
/// `segments` are there, in the order of time. Who does not know it has the transcript as it was recognised.
///
/// Each event's `id` is its number; `Last-Event-ID` or `since` goes on after that number.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/events",
    params(("job_id" = String, Path, format = Uuid), Since,
        ("Last-Event-ID" = Option<u64>, Header, description = "Number of the event that was received last")),
    responses(
        (status = 200, body = StreamedEvent, content_type = "text/event-stream"), Problems))]
pub async fn events(
    State(app): State<Arc<App>>,
    JobPath(job): JobPath,
    Query(Since { since, follow }): Query<Since>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let after = resume::last_event_id(&headers)?.or(since).unwrap_or_default();
    let watcher = Watcher::new(app.library.clone(), job, after).await?.following(follow);
    let frames = watcher.into_stream().map(|item| item.frame());
    Ok(sse::response(frames, sse::KEEP_ALIVE_INTERVAL, &app.stop))
}

impl From<WatchError> for Problem {
    fn from(error: WatchError) -> Self {
        match error {
            WatchError::Store(error) => error.into(),
            WatchError::AheadOfLog { .. } => Self::of(Code::InvalidRequest, &error),
        }
    }
}
