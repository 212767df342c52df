//! `/api/v1/jobs/{job_id}/summaries`: every version of a job's minutes; another one is asked for, any is chosen.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode};
use serde::{Deserialize, Serialize};
use shared::{
    job::{Job, JobId, SummaryOptions},
    minutes::Minutes,
};
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    intake::summary_options,
    problem::{Problem, problems},
};

/// A job's minutes.
#[derive(Serialize, ToSchema)]
pub struct Summaries {
    /// The job.
    job_id: JobId,
    /// The version that is shown; none while there are none.
    #[schema(required)]
    current: Option<u64>,
    /// Every version, the newest last.
    summaries: Vec<Minutes>,
}

impl Summaries {
    async fn of(app: &App, job_id: JobId) -> Result<Json<Self>, Problem> {
        let current = app.library.job(job_id).await?.current_summary;
        Ok(Json(Self { job_id, current, summaries: app.library.minutes(job_id).await? }))
    }
}

problems!(ListProblems: JobNotFound);

/// List every version of a job's minutes, the newest last.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/summaries", params(("job_id" = String, Path, format = Uuid)), responses(
    (status = 200, body = Summaries), ListProblems))]
pub async fn summaries(
    State(app): State<Arc<App>>,
    JobPath(job_id): JobPath,
) -> Result<Json<Summaries>, Problem> {
    Summaries::of(&app, job_id).await
}

problems!(AskProblems: JobNotFound, WrongStatus, Timeout, BodyTooLarge, SummariesWaiting, StorageFull);

/// Write another version of the minutes, beside those that are there.
///
/// It is the one that is shown as soon as it is stored, which the job's events tell as `final_summary`. If it fails, an
/// `error` says why, and the job is as it was.
#[utoipa::path(post, path = "/api/v1/jobs/{job_id}/summaries", params(("job_id" = String, Path, format = Uuid)),
    request_body(content = SummaryOptions, description = "`{}` takes the server's defaults"),
    responses((status = 202, body = Job), AskProblems))]
pub async fn summarise(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    Json(asked): Json<SummaryOptions>,
) -> Result<(StatusCode, Json<Job>), Problem> {
    let asked = summary_options::parse(asked, "language", &app.templates)?;
    let job = app.library.request_summary(id, &asked, app.limits.max_waiting_summaries).await?;
    Ok((StatusCode::ACCEPTED, Json(job)))
}

/// Which version is to be shown.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// Its number.
    version: u64,
}

problems!(ChooseProblems: JobNotFound, SummaryNotFound, WrongStatus, Timeout, BodyTooLarge, StorageFull);

/// Choose which version of the minutes is shown.
#[utoipa::path(put, path = "/api/v1/jobs/{job_id}/summaries/current", params(("job_id" = String, Path, format = Uuid)),
    request_body = Choice, responses((status = 200, body = Summaries), ChooseProblems))]
pub async fn choose(
    State(app): State<Arc<App>>,
    JobPath(job_id): JobPath,
    Json(Choice { version }): Json<Choice>,
) -> Result<Json<Summaries>, Problem> {
    app.library.choose_summary(job_id, version).await?;
    Summaries::of(&app, job_id).await
}
