//! `GET /api/v1/workers`: who works on what, and what waits.

use std::{collections::BTreeMap, sync::Arc};

use axum::extract::State;
use serde::Serialize;
use shared::worker::WorkerState;
use utoipa::ToSchema;

use crate::{
    App,
    extract::Json,
    problem::{Problem, problems},
};

/// Workers and queue.
#[derive(Serialize, ToSchema)]
pub struct Workers {
    /// Those that were heard of in the last ten minutes, and those that hold a job.
    workers: Vec<WorkerState>,
    /// Jobs by status.
    statuses: BTreeMap<String, u64>,
    /// When the job that waits longest was accepted, in milliseconds since 1970 (UTC).
    #[schema(required)]
    oldest_waiting_at: Option<i64>,
}

problems!(Problems:);

/// See who works on what, and how much waits.
#[utoipa::path(get, path = "/api/v1/workers", responses(
    (status = 200, body = Workers), Problems))]
pub async fn workers(State(app): State<Arc<App>>) -> Result<Json<Workers>, Problem> {
    let counts = app.library.counts().await?;
    let workers = app.library.workers().await?;
    let there = counts.jobs.into_iter().filter(|(_, jobs)| *jobs > 0);
    let statuses = there.map(|(status, jobs)| (status.to_string(), jobs)).collect();
    Ok(Json(Workers { workers, statuses, oldest_waiting_at: counts.oldest_pending_at }))
}
