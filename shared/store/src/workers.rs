//! Who works on what.

use std::time::Duration;

use super::{Store, StoreError, lease::milliseconds, rows};
use shared::worker::{HeldJob, WorkerAbout, WorkerState};

/// A worker that has not been heard of for so long is forgotten.
const FORGET_AFTER: Duration = Duration::from_secs(600);

struct WorkerRow {
    id: String,
    about: String,
    started_at: i64,
    silent_ms: i64,
}

rows::from_row!(WorkerRow { id, about, started_at, silent_ms });

struct HeldRow {
    lease_owner: String,
    id: String,
    title: String,
    stage: String,
    progress: f64,
    claimed_at: Option<i64>,
    updated_at: i64,
    left_ms: i64,
}

rows::from_row!(HeldRow { lease_owner, id, title, stage, progress, claimed_at, updated_at, left_ms });

impl Store {
    /// A worker says that it is there.
    pub async fn beat(&self, id: &str, about: &WorkerAbout) -> Result<(), StoreError> {
        let said = serde_json::json!(about).to_string();
        let update = "UPDATE workers SET seen_at = {now}, about = ? WHERE id = ?";
        let seen = self.query(update).bind(said.clone()).bind(id.to_owned()).execute(&self.writer).await?;
        if seen.rows_affected() == 0 {
            let insert = "INSERT INTO workers (id, about, started_at, seen_at) VALUES (?, ?, {now}, {now})";
            self.query(insert).bind(id.to_owned()).bind(said).execute(&self.writer).await?;
        }
        let gone = "DELETE FROM workers WHERE seen_at < {now} - ?";
        self.query(gone).bind(milliseconds(FORGET_AFTER)).execute(&self.writer).await?;
        Ok(())
    }

    /// A worker says that it goes.
    pub async fn leave(&self, id: &str) -> Result<(), StoreError> {
        self.query("DELETE FROM workers WHERE id = ?").bind(id.to_owned()).execute(&self.writer).await?;
        Ok(())
    }

    /// The workers that were heard of, and those that hold a job, with what they work on.
    pub async fn workers(&self) -> Result<Vec<WorkerState>, StoreError> {
        let select =
            "SELECT id, about, started_at, {now} - seen_at AS silent_ms FROM workers ORDER BY started_at, id";
        let known: Vec<WorkerRow> = sqlx::query_as(self.dialect.sql(select)).fetch_all(&self.readers).await?;
        let mut workers: Vec<WorkerState> = known.into_iter().map(WorkerState::from).collect();
        for held in self.held().await? {
            let owner = held.lease_owner.clone();
            let job = HeldJob::try_from(held)?;
            match workers.iter_mut().find(|worker| worker.id == owner) {
                Some(worker) => worker.jobs.push(job),
                None => workers.push(WorkerState {
                    id: owner,
                    about: None,
                    started_at: None,
                    silent_seconds: None,
                    jobs: vec![job],
                }),
            }
        }
        Ok(workers)
    }

    async fn held(&self) -> Result<Vec<HeldRow>, StoreError> {
        let select = "SELECT lease_owner, id, title, stage, progress, claimed_at, updated_at, \
                      lease_until - {now} AS left_ms FROM jobs WHERE lease_owner IS NOT NULL AND lease_until > {now} \
                      AND status IN ('PENDING', 'PROCESSING', 'TRANSCRIBED') ORDER BY id";
        Ok(sqlx::query_as(self.dialect.sql(select)).fetch_all(&self.readers).await?)
    }
}

impl From<WorkerRow> for WorkerState {
    fn from(row: WorkerRow) -> Self {
        Self {
            id: row.id,
            // A worker of another version may say other things.
            about: serde_json::from_str(&row.about).ok(),
            started_at: Some(row.started_at),
            silent_seconds: Some(rows::seconds(row.silent_ms)),
            jobs: Vec::new(),
        }
    }
}

impl TryFrom<HeldRow> for HeldJob {
    type Error = StoreError;

    fn try_from(row: HeldRow) -> Result<Self, StoreError> {
        Ok(Self {
            job_id: rows::word("job id", &row.id)?,
            title: row.title,
            stage: rows::word("stage", &row.stage)?,
            progress: row.progress,
            since: row.claimed_at.unwrap_or(row.updated_at),
            lease_seconds: rows::seconds(row.left_ms),
        })
    }
}
