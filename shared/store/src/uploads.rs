//! Uploads that come in pieces: how far each has come, where its parts lie, and the job that it becomes.
//!
//! What counts is decided by one statement each, so that any number of API processes may serve one upload.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{
    NewJob, Store, StoreError,
    lease::{Lease, free, milliseconds},
    rows,
};
use shared::{
    job::Job,
    upload::{Upload, UploadId},
};

/// Who puts the parts of an upload together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finishing {
    /// The one who asked.
    Yours(Lease<UploadId>),
    /// Somebody else, at this moment.
    Others,
    /// Nobody any more: it is a job.
    Done(shared::job::JobId),
}

struct UploadRow {
    id: String,
    file_name: String,
    fields: String,
    size_bytes: Option<i64>,
    received: i64,
    job_id: Option<String>,
    expires_at: i64,
}

rows::from_row!(UploadRow { id, file_name, fields, size_bytes, received, job_id, expires_at });

impl TryFrom<UploadRow> for Upload {
    type Error = StoreError;

    fn try_from(row: UploadRow) -> Result<Self, StoreError> {
        Ok(Self {
            id: rows::word("upload id", &row.id)?,
            file_name: row.file_name,
            fields: rows::json("upload's fields", &row.fields)?,
            size: row.size_bytes.map(i64::cast_unsigned),
            received: row.received.cast_unsigned(),
            job: row.job_id.map(|id| rows::word("job id", &id)).transpose()?,
            expires_at: row.expires_at,
        })
    }
}

impl Store {
    /// Begins an upload, which is kept for `keep` after its last byte.
    pub async fn create_upload(
        &self,
        file_name: &str,
        fields: &Map<String, Value>,
        size: Option<u64>,
        keep: Duration,
    ) -> Result<Upload, StoreError> {
        let id = UploadId::new();
        let insert = "INSERT INTO uploads (id, file_name, fields, size_bytes, created_at, expires_at) \
                      VALUES (?, ?, ?, ?, {now}, {now} + ?)";
        self.query(insert)
            .bind(id.to_string())
            .bind(file_name.to_owned())
            .bind(Value::Object(fields.clone()).to_string())
            .bind(size.map(u64::cast_signed))
            .bind(milliseconds(keep))
            .execute(&self.writer)
            .await?;
        self.upload(id).await
    }

    /// The upload.
    ///
    /// # Errors
    /// [`StoreError::NoUpload`] when there is none (any more).
    pub async fn upload(&self, id: UploadId) -> Result<Upload, StoreError> {
        let select = "SELECT id, file_name, fields, size_bytes, received, job_id, expires_at FROM uploads \
                      WHERE id = ? AND expires_at > {now}";
        let row: Option<UploadRow> = sqlx::query_as(self.dialect.sql(select))
            .bind(id.to_string())
            .fetch_optional(&self.readers)
            .await?;
        row.ok_or(StoreError::NoUpload(id))?.try_into()
    }

    /// Says how long the upload will be, if nobody has said so yet.
    pub async fn size_upload(&self, id: UploadId, size: u64) -> Result<Upload, StoreError> {
        let update =
            "UPDATE uploads SET size_bytes = ? WHERE id = ? AND size_bytes IS NULL AND received <= ?";
        let size = size.cast_signed();
        self.query(update).bind(size).bind(id.to_string()).bind(size).execute(&self.writer).await?;
        self.upload(id).await
    }

    /// Notes that a part is about to be written under `key`.
    pub async fn note_part(&self, id: UploadId, key: &str) -> Result<(), StoreError> {
        let insert = "INSERT INTO upload_parts (blob_key, upload_id) \
                      SELECT ?, id FROM uploads WHERE id = ? AND expires_at > {now} AND job_id IS NULL";
        let noted =
            self.query(insert).bind(key.to_owned()).bind(id.to_string()).execute(&self.writer).await?;
        if noted.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NoUpload(id)) }
    }

    /// Counts the part under `key`, whose bytes belong at `start`; `false` if others have got further meanwhile.
    pub async fn count_part(
        &self,
        id: UploadId,
        key: &str,
        start: u64,
        size: u64,
        keep: Duration,
    ) -> Result<bool, StoreError> {
        let (start, size) = (start.cast_signed(), size.cast_signed());
        let mut tx = self.writer.begin().await?;
        let update = "UPDATE uploads SET received = received + ?, expires_at = {now} + ? WHERE id = ? AND received = ? \
                      AND job_id IS NULL AND expires_at > {now} AND (size_bytes IS NULL OR size_bytes >= ?)";
        let counted = self
            .query(update)
            .bind(size)
            .bind(milliseconds(keep))
            .bind(id.to_string())
            .bind(start)
            .bind(start + size)
            .execute(&mut tx)
            .await?;
        let part = "UPDATE upload_parts SET start_byte = ?, size_bytes = ? WHERE blob_key = ?";
        let noted = self.query(part).bind(start).bind(size).bind(key.to_owned()).execute(&mut tx).await?;
        if counted.rows_affected() + noted.rows_affected() < 2 {
            tx.rollback().await?;
            return Ok(false);
        }
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets a part whose blob is gone.
    pub async fn forget_part(&self, key: &str) -> Result<(), StoreError> {
        let delete = "DELETE FROM upload_parts WHERE blob_key = ?";
        self.query(delete).bind(key.to_owned()).execute(&self.writer).await?;
        Ok(())
    }

    /// Keys and sizes (bytes) of the parts that count, in order.
    pub async fn upload_parts(&self, id: UploadId) -> Result<Vec<(String, u64)>, StoreError> {
        let select = "SELECT blob_key, size_bytes FROM upload_parts WHERE upload_id = ? AND size_bytes IS NOT NULL \
                      ORDER BY start_byte";
        let rows: Vec<(String, i64)> =
            sqlx::query_as(self.dialect.sql(select)).bind(id.to_string()).fetch_all(&self.readers).await?;
        Ok(rows.into_iter().map(|(key, size)| (key, size.cast_unsigned())).collect())
    }

    /// Keys of all parts, also of those that never came to count.
    pub async fn upload_keys(&self, id: UploadId) -> Result<Vec<String>, StoreError> {
        let select = self.dialect.sql("SELECT blob_key FROM upload_parts WHERE upload_id = ?");
        Ok(sqlx::query_scalar(select).bind(id.to_string()).fetch_all(&self.readers).await?)
    }

    /// Asks to put the parts together: one owner at a time may, for `length` from now on.
    pub async fn claim_upload(
        &self,
        id: UploadId,
        owner: &str,
        length: Duration,
    ) -> Result<Finishing, StoreError> {
        if let Some(job) = self.upload(id).await?.job {
            return Ok(Finishing::Done(job));
        }
        let mut tx = self.writer.begin().await?;
        if !self.take_lease(&mut tx, id, owner, length).await? {
            tx.rollback().await?;
            return Ok(Finishing::Others);
        }
        let select = self.dialect.sql("SELECT finishing_token FROM uploads WHERE id = ?");
        let token = sqlx::query_scalar(select).bind(id.to_string()).fetch_one(&mut tx).await?;
        tx.commit().await?;
        Ok(Finishing::Yours(Lease { id, owner: owner.to_owned(), token }))
    }

    /// Lets others try to put the parts together.
    pub async fn release_upload(&self, lease: &Lease<UploadId>) -> Result<(), StoreError> {
        self.give_back(lease).await.map(drop)
    }

    /// Makes the upload a job, once: the job, or the one that it had become before.
    ///
    /// When the job returned has another id than `new`, the recording stored for `new` is not needed.
    pub async fn finish_upload(&self, id: UploadId, new: NewJob) -> Result<Job, StoreError> {
        let mut tx = self.writer.begin().await?;
        self.insert_job(&mut tx, &new).await?;
        let update = "UPDATE uploads SET job_id = ? WHERE id = ? AND job_id IS NULL AND expires_at > {now}";
        let became =
            self.query(update).bind(new.id.to_string()).bind(id.to_string()).execute(&mut tx).await?;
        if became.rows_affected() == 1 {
            return self.announce_job(tx, &new).await;
        }
        tx.rollback().await?;
        self.job(self.upload(id).await?.job.ok_or(StoreError::NoUpload(id))?).await
    }

    /// Ends an upload: nothing is added to it from this moment on.
    pub async fn end_upload(&self, id: UploadId) -> Result<(), StoreError> {
        let update = "UPDATE uploads SET expires_at = {now} WHERE id = ? AND expires_at > {now}";
        let ended = self.query(update).bind(id.to_string()).execute(&self.writer).await?;
        if ended.rows_affected() == 1 { Ok(()) } else { Err(StoreError::NoUpload(id)) }
    }

    /// Forgets an upload whose parts are gone.
    pub async fn forget_upload(&self, id: UploadId) -> Result<(), StoreError> {
        self.query("DELETE FROM uploads WHERE id = ?").bind(id.to_string()).execute(&self.writer).await?;
        Ok(())
    }

    /// Uploads that have ended or were never finished in time.
    pub async fn ended_uploads(&self) -> Result<Vec<UploadId>, StoreError> {
        let select = self.dialect.sql("SELECT id FROM uploads WHERE expires_at <= {now}");
        upload_ids(&sqlx::query_scalar(select).fetch_all(&self.readers).await?)
    }

    /// Uploads that are whole, and that nobody makes a job of.
    pub async fn whole_uploads(&self) -> Result<Vec<UploadId>, StoreError> {
        let select = format!("SELECT id FROM uploads WHERE size_bytes = received AND {}", free::<UploadId>());
        upload_ids(&sqlx::query_scalar(self.dialect.sql(&select)).fetch_all(&self.readers).await?)
    }
}

fn upload_ids(ids: &[String]) -> Result<Vec<UploadId>, StoreError> {
    ids.iter().map(|id| rows::word("upload id", id)).collect()
}
