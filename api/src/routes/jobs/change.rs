//! `PATCH /api/v1/jobs/{job_id}`: a job gets another title, or other tags.

use std::sync::Arc;

use axum::extract::State;
use config::LimitsConfig;
use serde::Deserialize;
use shared::job::Job;
use utoipa::ToSchema;

use crate::{
    App,
    access::job::JobPath,
    extract::Json,
    intake::{line, title},
    problem::{Problem, problems},
};

/// What is to be changed; what is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobChange {
    /// One line of 1 to 200 letters.
    #[schema(min_length = 1, max_length = 200)]
    title: Option<String>,
    /// Words to find it by, instead of those that it has; of two that are equal, one is kept.
    tags: Option<Vec<String>>,
}

problems!(Problems: JobNotFound, Timeout, BodyTooLarge, StorageFull);

/// Give a job another title, or other tags.
#[utoipa::path(patch, path = "/api/v1/jobs/{job_id}", params(("job_id" = String, Path, format = Uuid)), request_body = JobChange,
    responses((status = 200, body = Job), Problems))]
pub async fn change(
    State(app): State<Arc<App>>,
    JobPath(id): JobPath,
    Json(JobChange { title, tags }): Json<JobChange>,
) -> Result<Json<Job>, Problem> {
    if title.is_none() && tags.is_none() {
        return Err(Problem::invalid("There is nothing to change; send `title` or `tags`."));
    }
    let title = title.map(|typed| title::parse(&typed)).transpose()?;
    let tags = tags.map(|typed| parse_tags(&typed, &app.limits)).transpose()?;
    if let Some(title) = title {
        app.library.rename(id, &title).await?;
    }
    if let Some(tags) = tags {
        app.library.set_tags(id, &tags).await?;
    }
    Ok(Json(app.library.job(id).await?))
}

fn parse_tags(typed: &[String], limits: &LimitsConfig) -> Result<Vec<String>, Problem> {
    let mut tags = Vec::new();
    for tag in typed {
        let tag = line::parse("A tag", tag, limits.max_tag_letters)?;
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    if tags.len() > limits.max_tags {
        let sentence = format!("A recording has at most {} tags; leave some out.", limits.max_tags);
        return Err(Problem::invalid(sentence));
    }
    Ok(tags)
}
