//! `PATCH /api/v1/jobs/{job_id}/segments/{number}`: other words, or somebody else who speaks them.

use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use shared::edit::Edit;
use utoipa::ToSchema;

use super::{Edited, edit};
use crate::{
    App,
    access::job::SegmentPath,
    extract::Json,
    intake::line,
    problem::{Problem, problems},
};

/// What is to be changed: either `text` or `speaker`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentChange {
    /// The job's `transcript_revision`.
    revision: u64,
    /// The words.
    text: Option<String>,
    /// Who speaks; empty: not known.
    speaker: Option<String>,
}

problems!(Problems: JobNotFound, SegmentNotFound, WrongStatus, StaleRevision, Timeout, BodyTooLarge, StorageFull);

/// Write other words into a segment, or say who speaks in it.
///
/// The text as it was recognised is kept. While the job is being transcribed, and on another revision than the
/// transcript's, the answer is 409.
#[utoipa::path(patch, path = "/api/v1/jobs/{job_id}/segments/{number}",
    params(("job_id" = String, Path, format = Uuid), ("number" = u64, Path, minimum = 1)), request_body = SegmentChange,
    responses((status = 200, body = Edited), Problems))]
pub async fn change_segment(
    State(app): State<Arc<App>>,
    SegmentPath(id, number): SegmentPath,
    Json(change): Json<SegmentChange>,
) -> Result<Json<Edited>, Problem> {
    let limits = &app.limits;
    let edit_action = match (change.text, change.speaker) {
        (Some(text), None) => {
            Edit::Text { number, text: line::parse("A segment", &text, limits.max_segment_letters)? }
        }
        (None, Some(name)) if name.trim().is_empty() => Edit::Speaker { number, speaker: None },
        (None, Some(name)) => {
            let name = line::parse("A speaker's name", &name, limits.max_speaker_letters)?;
            Edit::Speaker { number, speaker: Some(name) }
        }
        _ => return Err(Problem::invalid("Send either `text` or `speaker`, one at a time.")),
    };
    edit(&app, id, change.revision, &edit_action).await
}
