//! What can be done with the segments of a transcript.
//!
//! Every edit names the revision that it is made on, and answers with the event that all watchers receive.

pub mod change;
pub mod delete;
pub mod merge;
pub mod redo;
pub mod rename_speaker;
pub mod split;
pub mod undo;

use serde::{Deserialize, Serialize};
use shared::{edit::Edit, event::Event, job::JobId};
use utoipa::ToSchema;

use crate::{App, extract::Json, problem::Problem};

/// What an edit is made on.
#[derive(Deserialize, ToSchema, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct OnRevision {
    /// The job's `transcript_revision`.
    revision: u64,
}

/// What became of the transcript.
#[derive(Serialize, ToSchema)]
pub struct Edited {
    /// The revision from now on.
    transcript_revision: u64,
    /// The event that watchers receive; none if there was nothing to change.
    #[schema(required)]
    event: Option<Event>,
}

/// Makes an edit, and answers what became of the transcript.
async fn edit(app: &App, id: JobId, revision: u64, edit: &Edit) -> Result<Json<Edited>, Problem> {
    let event = app.library.edit(id, revision, edit, app.limits.max_undo).await?;
    Ok(edited(revision, event))
}

fn edited(before: u64, event: Option<Event>) -> Json<Edited> {
    let transcript_revision = match &event {
        Some(Event::TranscriptEdited { transcript_revision, .. }) => *transcript_revision,
        _ => before,
    };
    Json(Edited { transcript_revision, event })
}
