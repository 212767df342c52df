//! `GET /api/v1/jobs/{job_id}/chat`: what was asked and answered about a job.

use std::sync::Arc;

use axum::extract::State;
use serde::Serialize;
use shared::{chat::ChatMessage, job::JobId};
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    problem::{Problem, problems},
};

/// The chat about a job.
#[derive(Serialize, ToSchema)]
pub struct Chat {
    /// The job.
    job_id: JobId,
    /// The messages, the oldest first.
    messages: Vec<ChatMessage>,
}

problems!(Problems: JobNotFound);

/// Show the chat about a job, the oldest message first.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/chat", operation_id = "chat", params(("job_id" = String, Path, format = Uuid)),
    responses((status = 200, body = Chat), Problems))]
pub async fn show(State(app): State<Arc<App>>, JobPath(job_id): JobPath) -> Result<Json<Chat>, Problem> {
    app.library.job(job_id).await?;
    Ok(Json(Chat { job_id, messages: app.library.chat(job_id).await? }))
}
