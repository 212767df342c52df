//! A resumable upload: every part is kept as it arrives, and when all are there, they become a job.
//!
//! Each part is a blob of its own, and the database says which of them count. So any API process may take any piece, a
//! broken connection costs nothing that had come, and a process that is killed costs one part at most.

use std::{sync::Arc, time::Duration};

use axum::body::{Body, BodyDataStream};
use bytes::Bytes;
use config::LimitsConfig;
use futures::{StreamExt, TryStreamExt};
use library::{BlobWriter, Finishing, Lease};
use shared::{
    blob::StoredBlob,
    job::JobId,
    upload::{Upload, UploadId},
};
use tokio::time::sleep;

use crate::{
    App,
    intake::{fields::Fields, form, space, upload},
    problem::{Code, Problem},
};

/// Bytes after which a part is put on storage and counted.
const PART_BYTES: u64 = 8 * 1024 * 1024;
/// How long a process may take to copy one part before others take over from it.
pub const COPY_LEASE: Duration = Duration::from_secs(60);
/// Time between two looks whether another process has made the job.
const FINISH_POLL_INTERVAL: Duration = Duration::from_millis(200);

/// Adds what the body brings, from byte `at` on; what comes before a connection breaks is kept.
pub async fn receive(app: &App, upload: Upload, body: Body) -> Result<Upload, Problem> {
    let (mut at, id, max_bytes) = (upload.received, upload.id, max_bytes(&upload, &app.limits));
    let mut body = body.into_data_stream();
    while let Some(first) = next(app, &mut body).await? {
        let mut part = Part::begin(app, &upload).await?;
        let broken = part.fill(first, &mut body, max_bytes.saturating_sub(at)).await;
        if let Err(PartError::Rejected(problem)) = broken {
            part.discard().await?;
            return Err(problem);
        }
        at = part.count(at).await?;
        if let Err(PartError::Interrupted(problem)) = broken {
            return Err(problem);
        }
    }
    Ok(app.library.upload(id).await?)
}

async fn next(app: &App, body: &mut BodyDataStream) -> Result<Option<Bytes>, Problem> {
    loop {
        let Some(coming) = app.stop.run_until_cancelled(body.next()).await else {
            return Err(Problem::new(
                Code::Unavailable,
                "The server stops; go on with the upload when it is back.",
            ));
        };
        match coming {
            Some(Ok(bytes)) if bytes.is_empty() => {}
            Some(Ok(bytes)) => return Ok(Some(bytes)),
            Some(Err(error)) if form::timed_out(&error) => {
                return Err(Problem::new(Code::Timeout, "The upload stopped coming; go on with it."));
            }
            Some(Err(_)) => return Err(Problem::invalid("The upload broke off; go on with it.")),
            None => return Ok(None),
        }
    }
}

/// Why a part has no more bytes.
enum PartError {
    /// The body broke off; what has come is good.
    Interrupted(Problem),
    /// It is not to be kept.
    Rejected(Problem),
}

/// A part on its way to storage.
struct Part<'a> {
    app: &'a App,
    upload: &'a Upload,
    key: String,
    writer: BlobWriter,
}

impl<'a> Part<'a> {
    async fn begin(app: &'a App, upload: &'a Upload) -> Result<Self, Problem> {
        let key = format!("uploads/{}-{}", upload.id, UploadId::new());
        let writer = app.library.begin_part(upload.id, &key, app.upload_time).await?;
        Ok(Self { app, upload, key, writer })
    }

    /// Takes bytes until the part is long enough or no more come; `max_bytes` is what may come.
    async fn fill(
        &mut self,
        first: Bytes,
        body: &mut BodyDataStream,
        max_bytes: u64,
    ) -> Result<(), PartError> {
        let mut next_bytes = Some(first);
        while let Some(bytes) = next_bytes {
            if self.writer.size() + bytes.len() as u64 > max_bytes {
                return Err(PartError::Rejected(too_long(self.upload, &self.app.limits)));
            }
            self.writer.write(bytes).await.map_err(|error| PartError::Rejected(error.into()))?;
            if self.writer.size() >= PART_BYTES {
                return Ok(());
            }
            next_bytes = next(self.app, body).await.map_err(PartError::Interrupted)?;
        }
        Ok(())
    }

    /// Syncs the part and counts it at byte `at`, unless somebody else was faster; returns the offset of the next one.
    async fn count(self, at: u64) -> Result<u64, Problem> {
        let (library, id) = (&self.app.library, self.upload.id);
        match library.count_part(id, self.writer, at, self.app.limits.upload_kept()).await? {
            Some(size) => Ok(at + size),
            None => Err(wrong_offset(library.upload(id).await?.received)),
        }
    }

    async fn discard(self) -> Result<(), Problem> {
        drop(self.writer);
        Ok(self.app.library.forget_part(&self.key).await?)
    }
}

/// Bytes that the upload may have.
pub fn max_bytes(upload: &Upload, limits: &LimitsConfig) -> u64 {
    upload.size.unwrap_or(u64::MAX).min(limits.max_file_size.as_u64())
}

/// More came than was announced, or than a recording may have.
pub fn too_long(upload: &Upload, limits: &LimitsConfig) -> Problem {
    match upload.size {
        Some(size) => {
            let sentence = format!(
                "The upload was announced with {size} bytes, and more came; send what was announced."
            );
            Problem::new(Code::FileTooLarge, sentence)
        }
        None => upload::too_large(limits.max_file_size.as_u64()),
    }
}

/// The next byte belongs elsewhere.
pub fn wrong_offset(received: u64) -> Problem {
    let sentence =
        format!("The next byte of this upload is number {received}; ask with HEAD, and go on from there.");
    Problem::new(Code::WrongOffset, sentence)
}

/// Puts the parts together and makes them a job, once, however often and wherever this is asked for.
pub async fn finish(app: Arc<App>, upload: Upload) -> Result<JobId, Problem> {
    loop {
        match app.library.claim_upload(upload.id, COPY_LEASE).await? {
            Finishing::Done(job) => return Ok(job),
            Finishing::Others => sleep(FINISH_POLL_INTERVAL).await,
            Finishing::Yours(lease) => match make_job(&app, &upload, &lease).await {
                Ok(Some(job)) => {
                    app.library.conclude_upload(upload.id, job).await?;
                    return Ok(job);
                }
                // This process was slow, and another goes on.
                Ok(None) => {}
                Err(problem) => {
                    app.library.release_upload(&lease).await?;
                    return Err(problem);
                }
            },
        }
    }
}

/// The upload's job; none when the lease is lost.
async fn make_job(app: &App, upload: &Upload, lease: &Lease<UploadId>) -> Result<Option<JobId>, Problem> {
    let mut fields = Fields::from_stored(upload.fields.clone());
    let request = fields.parse(&app.templates, &app.limits)?;
    space::check(app, upload.received).await?;
    let id = JobId::new();
    let Some(recording) = join(app, lease, format!("recordings/{id}")).await? else { return Ok(None) };
    let new = request.job(id, upload.file_name.clone(), recording, fields.into_metadata());
    Ok(Some(app.library.finish_upload(upload.id, new).await?.job_id))
}

/// The parts, one after the other, as one recording; none when the lease is lost.
async fn join(app: &App, lease: &Lease<UploadId>, key: String) -> Result<Option<StoredBlob>, Problem> {
    let mut writer = app.library.begin_recording(key, app.upload_time).await?;
    for (part, size) in app.library.upload_parts(lease.id).await? {
        if !app.library.renew_upload(lease, COPY_LEASE).await? {
            return Ok(None);
        }
        let mut bytes = app.library.read(&part, 0..size).await?;
        while let Some(bytes) = bytes.try_next().await? {
            writer.write(bytes).await?;
        }
    }
    Ok(Some(writer.finish().await?))
}

/// Takes an upload away with all its parts; nothing may be added to it any more.
pub async fn erase(app: &App, id: UploadId) -> Result<(), Problem> {
    Ok(app.library.delete_upload(id).await?)
}
