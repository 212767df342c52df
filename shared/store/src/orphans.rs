//! Recordings on storage that belong to no job: of uploads under way, and of jobs that were deleted.
//!
//! A recording is noted here before its first byte goes to storage, and struck out in the transaction that makes its
//! job; a deleted job's recording is noted in the transaction that deletes the job, and struck out once it is gone from
//! storage. So a process may be killed anywhere and leaves nothing that is not noted. A note's time is a fence: until
//! then its upload may become a job, from then on it may be deleted, and never both.

use std::time::Duration;

use super::{Store, StoreError, lease::milliseconds, pool::Transaction, rows};
use relay::bus::Notice;
use shared::job::JobId;

/// A recording, or what is there of it, that belongs to no job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrphanBlob {
    /// Where it lies.
    pub key: String,
    /// What names its unfinished upload to an object store.
    pub upload_id: Option<String>,
}

/// Jobs that are finished and were so long ago; the value is that time in milliseconds.
const FINISHED: &str = "status IN ('COMPLETED', 'FAILED', 'CANCELLED') AND finished_at <= {now} - ?";

impl Store {
    /// Notes that an upload to `key` begins, which has to be before anything is stored there, and to be a job within
    /// `time`.
    pub async fn reserve_blob(&self, key: &str, time: Duration) -> Result<(), StoreError> {
        let insert = "INSERT INTO loose_blobs (blob_key, delete_after) VALUES (?, {now} + ?)";
        self.query(insert).bind(key.to_owned()).bind(milliseconds(time)).execute(&self.writer).await?;
        Ok(())
    }

    /// Notes what names the upload to an object store, so that it can be given up after the death of this process.
    pub async fn name_upload(&self, key: &str, id: &str) -> Result<(), StoreError> {
        let update = "UPDATE loose_blobs SET upload_id = ? WHERE blob_key = ?";
        self.query(update).bind(id.to_owned()).bind(key.to_owned()).execute(&self.writer).await?;
        Ok(())
    }

    /// At most `limit` recordings that may be deleted now, by the order of their keys, after the one with the key `after`.
    pub async fn orphan_blobs(&self, after: &str, limit: u32) -> Result<Vec<OrphanBlob>, StoreError> {
        let select = "SELECT blob_key, upload_id FROM loose_blobs WHERE delete_after <= {now} AND blob_key > ? \
                      ORDER BY blob_key LIMIT ?";
        let rows: Vec<(String, Option<String>)> = sqlx::query_as(self.dialect.sql(select))
            .bind(after.to_owned())
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        Ok(rows.into_iter().map(|(key, upload_id)| OrphanBlob { key, upload_id }).collect())
    }

    /// Strikes out a recording that is gone from storage.
    pub async fn unmark_orphan(&self, key: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM loose_blobs WHERE blob_key = ?";
        self.query(delete).bind(key.to_owned()).execute(&self.writer).await?;
        Ok(())
    }

    /// Strikes out a recording because it now belongs to a job.
    pub(super) async fn attach_to_job(&self, tx: &mut Transaction, key: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM loose_blobs WHERE blob_key = ? AND delete_after > {now}";
        let adopted = self.query(delete).bind(key.to_owned()).execute(&mut *tx).await?;
        if adopted.rows_affected() == 1 { Ok(()) } else { Err(StoreError::UploadExpired) }
    }

    /// Deletes the job with all that belongs to it in the database. Its recording is loose from then on: delete it from
    /// storage and [strike it out](Self::unmark_orphan), or leave that to garbage collection.
    pub async fn delete(&self, id: JobId) -> Result<OrphanBlob, StoreError> {
        self.delete_if(id, None).await?.ok_or(StoreError::NotFound(id))
    }

    /// Deletes at most `limit` jobs that finished longer than `age` ago, as [`Store::delete`] does, and tells which. Of
    /// several processes that do it at the same time, one deletes each job.
    pub async fn delete_finished(&self, age: Duration, limit: u32) -> Result<Vec<JobId>, StoreError> {
        let select = format!("SELECT id FROM jobs WHERE {FINISHED} ORDER BY finished_at LIMIT ?");
        let ids: Vec<String> = sqlx::query_scalar(self.dialect.sql(&select))
            .bind(milliseconds(age))
            .bind(i64::from(limit))
            .fetch_all(&self.readers)
            .await?;
        let mut deleted = Vec::new();
        for id in ids {
            let id = rows::word("job id", &id)?;
            deleted.extend(self.delete_if(id, Some(age)).await?.map(|_| id));
        }
        Ok(deleted)
    }

    /// Deletes the job, if `finished` is set only when it finished longer ago than that. The note comes first: it makes
    /// the transaction a writing one, and of two that delete the same job one waits for the other there.
    async fn delete_if(
        &self,
        id: JobId,
        finished: Option<Duration>,
    ) -> Result<Option<OrphanBlob>, StoreError> {
        match self.try_to_delete(id, finished).await {
            Err(error) if self.makes_room_after(&error) => self.try_to_delete(id, finished).await,
            done => done,
        }
    }

    async fn try_to_delete(
        &self,
        id: JobId,
        finished: Option<Duration>,
    ) -> Result<Option<OrphanBlob>, StoreError> {
        let condition =
            if finished.is_some() { format!("id = ? AND {FINISHED}") } else { "id = ?".to_owned() };
        let statements = [
            format!(
                "{{insert_new}} INTO loose_blobs (blob_key, delete_after) SELECT blob_key, {{now}} FROM jobs \
                 WHERE {condition} {{or_nothing}}"
            ),
            format!("DELETE FROM jobs WHERE {condition}"),
        ];
        let mut tx = self.writer.begin().await?;
        let [note, delete] = statements.map(|text| {
            let query = self.query(&text).bind(id.to_string());
            match finished {
                Some(age) => query.bind(milliseconds(age)),
                None => query,
            }
        });
        let noted = note.execute(&mut tx).await?.rows_affected() == 1;
        let select = "SELECT blob_key FROM jobs WHERE id = ?";
        let key: Option<String> =
            sqlx::query_scalar(self.dialect.sql(select)).bind(id.to_string()).fetch_optional(&mut tx).await?;
        let deleted = noted && key.is_some() && delete.execute(&mut tx).await?.rows_affected() == 1;
        let (true, Some(key)) = (deleted, key) else {
            tx.rollback().await?;
            return Ok(None);
        };
        self.delete_log(&mut tx, id).await?;
        self.delete_conversations(&mut tx, id.into()).await?;
        tx.commit().await?;
        self.bus.publish(id.into(), Notice::Stopped);
        Ok(Some(OrphanBlob { key, upload_id: None }))
    }
}
