//! Who works on what, and how much there is of everything.

use std::{collections::BTreeMap, time::Duration};

use serde::Serialize;
use sqlx::FromRow;
use utoipa::ToSchema;

use super::{Store, StoreError, claim::milliseconds, rows};
use crate::worker::{HeldJob, WorkerAbout, WorkerState};

/// A worker that has not been heard of for so long is forgotten.
const FORGOTTEN: Duration = Duration::from_secs(600);

/// How many jobs there are of each status, and how much they hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Counts {
    /// Jobs by status.
    pub statuses: BTreeMap<String, u64>,
    /// When the job that waits longest was accepted, in milliseconds since 1970 (UTC).
    pub oldest_waiting_at: Option<i64>,
    /// Bytes of all recordings.
    pub recording_bytes: u64,
    /// Uploads that are not finished.
    pub uploads: u64,
    /// Bytes of these.
    pub upload_bytes: u64,
}

#[derive(FromRow)]
struct WorkerRow {
    id: String,
    about: String,
    started_at: i64,
    silent_ms: i64,
}

#[derive(FromRow)]
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
        self.query(gone).bind(milliseconds(FORGOTTEN)).execute(&self.writer).await?;
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

    /// How much there is of everything.
    pub async fn counts(&self) -> Result<Counts, StoreError> {
        // Sums are decimals in some databases.
        let select = "SELECT status, COUNT(*), CAST(SUM(size_bytes) AS {bigint}), MIN(created_at) FROM jobs GROUP BY status";
        let jobs: Vec<(String, i64, i64, i64)> =
            sqlx::query_as(self.dialect.sql(select)).fetch_all(&self.readers).await?;
        let select = "SELECT COUNT(*), CAST(COALESCE(SUM(received), 0) AS {bigint}) FROM uploads \
                      WHERE job_id IS NULL AND expires_at > {now}";
        let (uploads, upload_bytes): (i64, i64) =
            sqlx::query_as(self.dialect.sql(select)).fetch_one(&self.readers).await?;
        let waiting = jobs.iter().find(|(status, ..)| status == "PENDING").map(|(.., oldest)| *oldest);
        Ok(Counts {
            oldest_waiting_at: waiting,
            recording_bytes: jobs.iter().map(|(_, _, bytes, _)| bytes.cast_unsigned()).sum(),
            statuses: jobs.into_iter().map(|(status, count, ..)| (status, count.cast_unsigned())).collect(),
            uploads: uploads.cast_unsigned(),
            upload_bytes: upload_bytes.cast_unsigned(),
        })
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
