//! The job, or the segment of one, that a request's path names.

use axum::{
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use shared::job::JobId;

use crate::problem::{Code, Problem};

/// The job that the path names. A name that no job can have is that of a job which is not there.
pub struct JobPath(pub JobId);

impl<S: Send + Sync> FromRequestParts<S> for JobPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(name) = Path::<String>::from_request_parts(parts, state).await?;
        job_id(&name).map(Self)
    }
}

/// The segment that the path names, after its job.
pub struct SegmentPath(pub JobId, pub u64);

impl<S: Send + Sync> FromRequestParts<S> for SegmentPath {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path((job, number)) = Path::<(String, String)>::from_request_parts(parts, state).await?;
        let no_segment = |_| {
            Problem::new(Code::SegmentNotFound, "There is no segment of this number; load the transcript.")
        };
        Ok(Self(job_id(&job)?, number.parse().map_err(no_segment)?))
    }
}

fn job_id(name: &str) -> Result<JobId, Problem> {
    let unknown =
        |_| Problem::new(Code::JobNotFound, "There is no job of this name; GET /api/v1/jobs lists them.");
    name.parse().map_err(unknown)
}
