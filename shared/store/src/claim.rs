//! Claims: how one worker at a time gets hold of a job, and how it loses it.

use std::time::Duration;

use super::{Store, StoreError, lease::Lease, log, pool::Transaction, rows};
use shared::{
    event::Event,
    job::{Failure, Job, JobId, JobStatus},
};

/// Workers that a job may bring down at the same place before it is given up.
const CRASH_LIMIT: i64 = 3;

/// The speech model that a job was begun with, noted so that any worker which has it can go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotedModel {
    /// What it is called: a published name, or that of its file.
    pub name: String,
    /// The file, unless it is a published one.
    pub file: Option<NotedFile>,
}

/// A model file of somebody's own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotedFile {
    /// Where it lay for the worker that noted it.
    pub path: String,
    /// What is in it: SHA-256 in lower-case hexadecimal digits.
    pub sha256: String,
}

/// A job that a worker has taken.
#[derive(Clone, Debug)]
pub struct Claim {
    /// The right to write to it.
    pub lease: Lease,
    /// The job as it stands.
    pub job: Job,
    /// The speech model that its transcript was begun with, if it was.
    pub model: Option<NotedModel>,
    /// All audio before this position (samples at 16 kHz) is transcribed and saved.
    pub checkpoint: u64,
}

struct ClaimRow {
    lease_token: i64,
    crashes: i64,
    checkpoint: i64,
    speech_model: Option<String>,
    speech_model_path: Option<String>,
    speech_model_sha256: Option<String>,
}

rows::from_row!(ClaimRow {
    lease_token,
    crashes,
    checkpoint,
    speech_model,
    speech_model_path,
    speech_model_sha256
});

impl ClaimRow {
    fn model(self) -> Option<NotedModel> {
        let file = self.speech_model_path.zip(self.speech_model_sha256);
        let file = file.map(|(path, sha256)| NotedFile { path, sha256 });
        Some(NotedModel { name: self.speech_model?, file })
    }
}

impl Store {
    /// Takes the job for `owner`; none if somebody else has it, or if there is nothing to do (any more).
    ///
    /// A job whose lease ran out [`CRASH_LIMIT`] times at the same place is failed instead.
    pub async fn claim(&self, id: JobId, owner: &str, lease: Duration) -> Result<Option<Claim>, StoreError> {
        let mut tx = self.writer.begin().await?;
        if !self.take_lease(&mut tx, id, owner, lease).await? {
            tx.rollback().await?;
            return Ok(None);
        }
        let select = "SELECT lease_token, crashes, checkpoint, speech_model, speech_model_path, speech_model_sha256 \
                      FROM jobs WHERE id = ?";
        let claimed: ClaimRow =
            sqlx::query_as(self.dialect.sql(select)).bind(id.to_string()).fetch_one(&mut tx).await?;
        let poisoned = claimed.crashes >= CRASH_LIMIT;
        let logged =
            if poisoned { self.give_up(&mut tx, id).await? } else { self.begin_work(&mut tx, id).await? };
        tx.commit().await?;
        self.publish_logged(id, logged);
        if poisoned {
            return Ok(None);
        }
        let lease = Lease { id, owner: owner.to_owned(), token: claimed.lease_token };
        let checkpoint = claimed.checkpoint.cast_unsigned();
        Ok(Some(Claim { lease, job: self.job(id).await?, model: claimed.model(), checkpoint }))
    }

    async fn begin_work(
        &self,
        tx: &mut Transaction,
        id: JobId,
    ) -> Result<Vec<shared::event::LoggedEvent>, StoreError> {
        let update = "UPDATE jobs SET status = 'PROCESSING' WHERE id = ? AND status = 'PENDING'";
        let begun = self.query(update).bind(id.to_string()).execute(&mut *tx).await?.rows_affected() == 1;
        let events = if begun { vec![Event::Status { status: JobStatus::Processing }] } else { Vec::new() };
        log::append(self, tx, id, events).await
    }

    async fn give_up(
        &self,
        tx: &mut Transaction,
        id: JobId,
    ) -> Result<Vec<shared::event::LoggedEvent>, StoreError> {
        let message = format!(
            "Work on this recording broke off {CRASH_LIMIT} times at the same place, so it was given up; what had been \
             transcribed is kept. See the worker's log, then try again."
        );
        self.fail_in(tx, id, "worker", &Failure::new("worker_crashed", message)).await
    }

    /// Gives the lease back, so that another worker may go on at once. When it is gone, the worker did not crash, for
    /// which whoever took the job over held it: its machine slept, or the database was out of its reach.
    pub async fn release(&self, lease: &Lease) -> Result<(), StoreError> {
        if !self.give_back(lease).await? {
            let update =
                "UPDATE jobs SET crashes = crashes - 1 WHERE id = ? AND crashes > 0 AND lease_token > ?";
            self.query(update).bind(lease.id.to_string()).bind(lease.token).execute(&self.writer).await?;
        }
        Ok(())
    }
}
