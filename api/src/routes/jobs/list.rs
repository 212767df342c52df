//! `GET /api/v1/jobs`: the library, page by page.

use std::sync::Arc;

use axum::extract::State;
use library::{JobFilter, JobPage};
use serde::Deserialize;
use shared::job::{JobId, JobStatus};

use crate::{
    App,
    extract::{Json, Query},
    problem::{Problem, problems},
};

/// Which jobs to list.
#[derive(Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Only those with this status.
    status: Option<JobStatus>,
    /// Only those in whose title, file name or transcript this text stands.
    #[serde(alias = "search")]
    q: Option<String>,
    /// Only those with this tag.
    tag: Option<String>,
    /// Only those after this place: `next_cursor` of the page before.
    cursor: Option<JobId>,
    /// Jobs on a page.
    #[serde(default = "usual")]
    #[param(minimum = 1, maximum = 100, default = 20)]
    limit: u32,
}

const fn usual() -> u32 {
    20
}

problems!(Problems:);

/// List jobs, the newest first.
#[utoipa::path(get, path = "/api/v1/jobs", params(ListQuery), responses(
    (status = 200, body = JobPage), Problems))]
pub async fn list(
    State(app): State<Arc<App>>,
    Query(query): Query<ListQuery>,
) -> Result<Json<JobPage>, Problem> {
    let ListQuery { status, q: search, tag, cursor: before, limit } = query;
    if !(1..=100).contains(&limit) {
        return Err(Problem::invalid("`limit` is between 1 and 100; ask for the next page with `cursor`."));
    }
    let most = app.limits.max_search_letters;
    for (name, text) in [("q", &search), ("tag", &tag)] {
        let Some(text) = text else { continue };
        if text.chars().count() > most {
            return Err(Problem::invalid(format!(
                "`{name}` has at most {most} letters; look for fewer words."
            )));
        }
        // No text that is kept holds one, and not every database can look for it.
        if text.contains('\0') {
            return Err(Problem::invalid(format!(
                "`{name}` holds the character NUL, which stands nowhere; leave it out."
            )));
        }
    }
    Ok(Json(app.library.list(&JobFilter { status, search, tag, before, limit }).await?))
}
