//! The library: jobs by status, by what stands in them, page by page.

use std::time::Duration;

use serde::Serialize;
use utoipa::ToSchema;

use super::{Store, StoreError, rows::JobRow};
use shared::job::{Job, JobId, JobStatus};

/// Which jobs to list.
#[derive(Clone, Debug, Default)]
pub struct JobFilter {
    /// Only those with this status.
    pub status: Option<JobStatus>,
    /// Only those in whose title, file name or transcript this text stands, in upper or lower case.
    pub search: Option<String>,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those older than this one: the last of the page before.
    pub before: Option<JobId>,
    /// Jobs on a page.
    pub limit: u32,
}

/// Jobs, the newest first.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct JobPage {
    /// The jobs.
    pub jobs: Vec<Job>,
    /// What to pass as `cursor` for the page after this one; none on the last.
    #[schema(required)]
    pub next_cursor: Option<JobId>,
}

impl Store {
    /// A page of jobs, the newest first.
    pub async fn list(&self, filter: &JobFilter) -> Result<JobPage, StoreError> {
        let search = filter.search.as_deref().filter(|text| !text.trim().is_empty());
        let mut select = "SELECT * FROM jobs WHERE 1 = 1".to_owned();
        if filter.status.is_some() {
            select += " AND status = ?";
        }
        if search.is_some() {
            select += " AND (LOWER(title) LIKE ? ESCAPE '!' OR LOWER(file_name) LIKE ? ESCAPE '!' OR EXISTS \
                       (SELECT 1 FROM segments WHERE job_id = jobs.id AND LOWER(body) LIKE ? ESCAPE '!'))";
        }
        if filter.tag.is_some() {
            select += " AND EXISTS (SELECT 1 FROM job_tags WHERE job_id = jobs.id AND tag = ?)";
        }
        if filter.before.is_some() {
            select += " AND id < ?";
        }
        select += " ORDER BY id DESC LIMIT ?";
        let mut query = sqlx::query_as::<_, JobRow>(self.dialect.sql(&select));
        if let Some(status) = filter.status {
            query = query.bind(status.as_str());
        }
        if let Some(text) = search {
            let pattern = like_pattern(text);
            query = query.bind(pattern.clone()).bind(pattern.clone()).bind(pattern);
        }
        if let Some(tag) = &filter.tag {
            query = query.bind(tag.clone());
        }
        if let Some(before) = filter.before {
            query = query.bind(before.to_string());
        }
        // One more than asked for tells whether there is another page.
        let rows = query.bind(i64::from(filter.limit) + 1).fetch_all(&self.readers).await?;
        let more = rows.len() > filter.limit as usize;
        let mut jobs: Vec<Job> =
            rows.into_iter().take(filter.limit as usize).map(Job::try_from).collect::<Result<Vec<_>, _>>()?;
        if jobs.iter().any(|job| job.status == JobStatus::Pending) {
            let places = self.queue_places(Duration::ZERO).await?;
            for job in jobs.iter_mut().filter(|job| job.status == JobStatus::Pending) {
                job.progress.queue_position = Some(places.of(job.job_id));
            }
        }
        let next_cursor = if more { jobs.last().map(|job| job.job_id) } else { None };
        Ok(JobPage { jobs, next_cursor })
    }
}

/// A LIKE pattern that finds `text` anywhere, with `!` before what LIKE would take for a wildcard.
fn like_pattern(text: &str) -> String {
    let mut pattern = String::from("%");
    for character in text.trim().to_lowercase().chars() {
        if matches!(character, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}
