//! `PATCH /api/v1/jobs/{job_id}/speakers`: a speaker gets another name everywhere.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use shared::edit::Edit;
use utoipa::ToSchema;

use super::{Edited, edit};
use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    intake::line,
    problem::{Problem, problems},
};

/// Who is to be called what.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SpeakerName {
    /// The job's `transcript_revision`.
    revision: u64,
    /// The name so far.
    from: String,
    /// The name from now on. If it is another speaker's, the two become one.
    to: String,
}

problems!(Problems: JobNotFound, SpeakerNotFound, WrongStatus, StaleRevision, Timeout, BodyTooLarge, StorageFull);

/// Give a speaker another name in every segment of the transcript.
#[utoipa::path(patch, path = "/api/v1/jobs/{job_id}/speakers", params(("job_id" = String, Path, format = Uuid)),
    request_body = SpeakerName, responses((status = 200, body = Edited), Problems))]
pub async fn rename_speaker(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    Json(SpeakerName { revision, from, to }): Json<SpeakerName>,
) -> Result<Json<Edited>, Problem> {
    let to = line::parse("A speaker's name", &to, app.limits.max_speaker_letters)?;
    edit(&app, id, revision, &Edit::RenameSpeaker { from, to }).await
}
