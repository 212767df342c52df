//! New jobs.

use serde_json::{Map, Value};

use super::{Store, StoreError, log, pool::Transaction, rows};
use shared::{
    blob::StoredBlob,
    event::Event,
    job::{Job, JobId, JobOptions, JobStatus, JobType, Stage},
};

/// What a job begins with.
#[derive(Clone, Debug)]
pub struct NewJob {
    /// Its name for ever.
    pub id: JobId,
    /// Uploaded or live.
    pub job_type: JobType,
    /// What people call it.
    pub title: String,
    /// Name of the uploaded file, made safe.
    pub file_name: String,
    /// The recording, whole and on storage.
    pub blob: StoredBlob,
    /// What was asked for.
    pub options: JobOptions,
    /// Text fields sent with the upload.
    pub metadata: Map<String, Value>,
    /// The client's key for this request: the same key and content give the same job.
    pub idempotency_key: Option<String>,
}

impl NewJob {
    /// What has to be equal for two requests with one key to be the same request.
    fn fingerprint(&self) -> String {
        let Self { job_type, title, file_name, blob, options, metadata, .. } = self;
        serde_json::json!([job_type, title, file_name, blob.sha256, options, metadata]).to_string()
    }
}

impl Store {
    /// Creates a job and its first event, or finds the one that the same key and content made before.
    ///
    /// When the job returned has another id than `new`, the recording stored for `new` is not needed.
    ///
    /// # Errors
    /// [`StoreError::KeyReused`] when the key stands for other content; [`StoreError::UploadExpired`] when the recording
    /// was not [noted](Self::reserve_blob) before, or so long ago that it may be deleted.
    pub async fn create_job(&self, new: NewJob) -> Result<Job, StoreError> {
        let mut tx = self.writer.begin().await?;
        // The job goes in first: it makes the transaction a writing one, and the key refers to it.
        self.insert_job(&mut tx, &new).await?;
        if let Some(earlier) = self.take_key(&mut tx, &new).await? {
            tx.rollback().await?;
            return self.job(earlier).await;
        }
        self.announce_job(tx, &new).await
    }

    /// Gives a job that was just inserted its recording and its first event, and with them makes the job true.
    pub(super) async fn announce_job(&self, mut tx: Transaction, new: &NewJob) -> Result<Job, StoreError> {
        let id = new.id;
        self.attach_to_job(&mut tx, &new.blob.key).await?;
        let logged =
            log::append(self, &mut tx, id, vec![Event::Status { status: JobStatus::Pending }]).await?;
        tx.commit().await?;
        self.publish_logged(id, logged);
        self.job(id).await
    }

    pub(super) async fn insert_job(&self, tx: &mut Transaction, new: &NewJob) -> Result<(), StoreError> {
        let insert = "INSERT INTO jobs (id, job_type, status, title, file_name, size_bytes, sha256, blob_key, options, \
                      metadata, stage, created_at, updated_at) \
                      VALUES (?, ?, 'PENDING', ?, ?, ?, ?, ?, ?, ?, ?, {now}, {now})";
        self.query(insert)
            .bind(new.id.to_string())
            .bind(new.job_type.as_str())
            .bind(new.title.clone())
            .bind(new.file_name.clone())
            .bind(new.blob.size.cast_signed())
            .bind(new.blob.sha256.clone())
            .bind(new.blob.key.clone())
            .bind(serde_json::json!(new.options).to_string())
            .bind(Value::Object(new.metadata.clone()).to_string())
            .bind(Stage::Queued.as_str())
            .execute(&mut *tx)
            .await?;
        Ok(())
    }

    /// Takes the request's key; if an equal request has it already, that one's job.
    async fn take_key(&self, tx: &mut Transaction, new: &NewJob) -> Result<Option<JobId>, StoreError> {
        let Some(key) = &new.idempotency_key else { return Ok(None) };
        let insert = "{insert_new} INTO idempotency_keys (idempotency_key, fingerprint, job_id, created_at) \
                      VALUES (?, ?, ?, {now}) {or_nothing}";
        let (id, fingerprint) = (new.id.to_string(), new.fingerprint());
        let inserted =
            self.query(insert).bind(key.clone()).bind(fingerprint.clone()).bind(id).execute(&mut *tx).await?;
        if inserted.rows_affected() == 1 {
            return Ok(None);
        }
        let (earlier, job): (String, String) = sqlx::query_as(
            self.dialect.sql("SELECT fingerprint, job_id FROM idempotency_keys WHERE idempotency_key = ?"),
        )
        .bind(key.clone())
        .fetch_one(&mut *tx)
        .await?;
        if earlier == fingerprint {
            Ok(Some(rows::word("job id", &job)?))
        } else {
            Err(StoreError::KeyReused)
        }
    }
}
