//! Extractors whose refusals are problems.

use axum::{
    extract::{
        FromRequest, FromRequestParts, Path,
        rejection::{JsonRejection, PathRejection, QueryRejection},
    },
    http::{StatusCode, request::Parts},
};
use serde::Serialize;
use shared::job::JobId;

use crate::problem::{Code, Problem};

/// A JSON body, of requests and of answers.
#[derive(FromRequest)]
#[from_request(via(axum::Json), rejection(Problem))]
pub struct Json<T>(pub T);

impl<T: Serialize> axum::response::IntoResponse for Json<T> {
    fn into_response(self) -> axum::response::Response {
        axum::Json(self.0).into_response()
    }
}

/// What stands after the `?`.
#[derive(FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

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

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::invalid(format!("The address is not understood: {}.", rejection.body_text()))
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::invalid(format!("{}; see /api/v1/openapi.json.", rejection.body_text()))
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let code = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Code::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Code::UnsupportedMediaType,
            _ if crate::form::timed_out(&rejection) => Code::Timeout,
            _ => Code::InvalidRequest,
        };
        Self::new(code, format!("{}; see /api/v1/openapi.json.", rejection.body_text()))
    }
}
