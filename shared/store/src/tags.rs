//! Tags: words that people put on jobs to find them by.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Statement, Store, StoreError, rows};
use shared::job::JobId;

/// A tag, and how many jobs have it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TagCount {
    /// The tag.
    pub tag: String,
    /// Jobs that have it.
    pub jobs: i64,
}

rows::from_row!(TagCount { tag, jobs });

impl Store {
    /// Gives the job these tags, no two of which are equal, instead of those that it had.
    pub async fn set_tags(&self, id: JobId, tags: &[String]) -> Result<(), StoreError> {
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE jobs SET tags = ?, updated_at = {now} WHERE id = ?";
        let list = serde_json::json!(tags).to_string();
        let tagged = self.query(update).bind(list).bind(id.to_string()).execute(&mut tx).await?;
        if tagged.rows_affected() == 0 {
            tx.rollback().await?;
            return Err(StoreError::NotFound(id));
        }
        self.query("DELETE FROM job_tags WHERE job_id = ?").bind(id.to_string()).execute(&mut tx).await?;
        for some in tags.chunks(rows::MAX_ROWS_PER_INSERT) {
            let insert =
                format!("INSERT INTO job_tags (job_id, tag) VALUES {}", rows::values("(?, ?)", some.len()));
            let row = |query: Statement, tag: &String| query.bind(id.to_string()).bind(tag.clone());
            some.iter().fold(self.query(&insert), row).execute(&mut tx).await?;
        }
        Ok(tx.commit().await?)
    }

    /// Every tag that a job has, the most used first.
    pub async fn tags(&self) -> Result<Vec<TagCount>, StoreError> {
        let select = "SELECT tag, COUNT(*) AS jobs FROM job_tags GROUP BY tag ORDER BY COUNT(*) DESC, tag";
        Ok(sqlx::query_as(self.dialect.sql(select)).fetch_all(&self.readers).await?)
    }
}
