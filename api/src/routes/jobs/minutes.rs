//! `GET /api/v1/jobs/{job_id}/minutes`: a job's minutes as Markdown, as text or as data, with links to the moments.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, uri::Authority},
    response::{IntoResponse, Response},
};
use minutes::render::{self, Form, Recording};
use serde::Deserialize;
use shared::{job::JobId, minutes::Minutes};
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::{Json, Query},
    problem::{Problem, problems},
    text::Text,
};

/// A form that minutes can have.
#[derive(Clone, Copy, Default, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// As they are stored, each entry also with the second at which it was said and a link to it.
    #[default]
    Json,
    /// Markdown with links.
    Md,
    /// Plain text.
    Txt,
}

/// Which minutes are wanted, and how.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MinutesQuery {
    /// Their form.
    #[serde(default)]
    #[param(inline)]
    format: Format,
    /// Number of the version; the one that is shown if nothing is said.
    version: Option<u64>,
}

problems!(Problems: JobNotFound, SummaryNotFound);

/// Show the minutes of a job.
#[utoipa::path(get, path = "/api/v1/jobs/{job_id}/minutes", params(("job_id" = String, Path, format = Uuid), MinutesQuery), responses(
    (status = 200, content((Minutes = "application/json"), (String = "text/markdown"), (String = "text/plain"))), Problems))]
pub async fn minutes(
    State(app): State<Arc<App>>,
    JobPath(job): JobPath,
    Query(query): Query<MinutesQuery>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let written = app.library.summary(job, query.version).await?;
    let starts = render::starts(&app.library.segments(job).await?);
    let recording = Recording { starts, page: page(&headers, job) };
    let (kind, form) = match query.format {
        Format::Json => return Ok(Json(render::json(&written, &recording)).into_response()),
        Format::Md => ("text/markdown", Form::Markdown),
        Format::Txt => ("text/plain", Form::Text),
    };
    Ok(Text(kind, render::text(&written, &recording, form)).into_response())
}

/// The address of the job's page, as the client or the proxy before us names this server; none if that is no address.
fn page(headers: &HeaderMap, job: JobId) -> Option<String> {
    let said = |name: &str| headers.get(name)?.to_str().ok()?.split(',').next().map(str::trim);
    let plain =
        |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/[]".contains(&byte));
    let host = said("x-forwarded-host").or_else(|| said("host")).filter(plain)?;
    let host: Authority = host.parse().ok()?;
    let scheme = said("x-forwarded-proto").filter(|scheme| *scheme == "https").unwrap_or("http");
    let prefix = said("x-forwarded-prefix").filter(plain).unwrap_or_default().trim_matches('/');
    let slash = if prefix.is_empty() { "" } else { "/" };
    Some(format!("{scheme}://{host}{slash}{prefix}/#/jobs/{job}"))
}
