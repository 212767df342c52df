//! A bucket of an object store that speaks S3.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use object_store::{
    BackoffConfig, ClientOptions, MultipartUpload, ObjectStore, PutPayload, PutResult, Result, RetryConfig,
    UploadPart,
    aws::{AmazonS3, AmazonS3Builder},
    multipart::{MultipartStore, PartId},
    path::Path,
};

use super::BlobError;
use config::{self, S3Config};

/// How long it may take until the store takes a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// A bucket, and what all keys in it begin with.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Tries again what may pass.
    pub objects: Arc<dyn ObjectStore>,
    /// Tries once.
    pub impatient: Arc<dyn ObjectStore>,
    s3: Arc<AmazonS3>,
    prefix: String,
}

impl Bucket {
    /// A bucket, which need not be there yet.
    pub fn open(bucket: &config::Bucket, config: &S3Config) -> std::result::Result<Self, BlobError> {
        telemetry::http::install_encryption();
        let build = |retries| builder(bucket, config, retries).build().map(Arc::new);
        let wrong = |error: object_store::Error| BlobError::Settings(error.to_string());
        let (s3, impatient) = (build(usize::MAX).map_err(wrong)?, build(0).map_err(wrong)?);
        Ok(Self { objects: Arc::clone(&s3) as _, impatient, s3, prefix: bucket.prefix.clone() })
    }

    pub fn path(&self, key: &str) -> Path {
        if self.prefix.is_empty() { Path::from(key) } else { Path::from(format!("{}/{key}", self.prefix)) }
    }

    /// Begins an upload, and tells its id.
    pub async fn upload(&self, path: Path) -> Result<(Box<dyn MultipartUpload>, String)> {
        let id = self.s3.create_multipart(&path).await?;
        let parts = Arc::new(Mutex::new(Vec::new()));
        let upload = Upload { s3: Arc::clone(&self.s3), path, id: id.clone(), parts, count: 0 };
        Ok((Box::new(upload), id))
    }

    /// Gives up an upload with all its parts; that it is gone already is no error.
    pub async fn abort(&self, path: &Path, id: &str) -> Result<()> {
        match self.s3.abort_multipart(path, &id.to_owned()).await {
            Err(error) if error.to_string().contains("NoSuchBucket") => Err(error),
            Err(object_store::Error::NotFound { .. }) => Ok(()),
            aborted => aborted,
        }
    }
}

fn builder(bucket: &config::Bucket, config: &S3Config, max_retries: usize) -> AmazonS3Builder {
    let key = (&config.access_key, config.secret_key.reveal());
    // Without a key, what Amazon's tools look at counts: files of the container's or the machine's role.
    let builder = if key.0.is_empty() { AmazonS3Builder::from_env() } else { AmazonS3Builder::new() };
    let backoff = BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(3),
        base: 2.0,
    };
    let retry_timeout = Duration::from_secs(config.retry_seconds);
    let client = ClientOptions::new()
        .with_allow_http(config.endpoint.starts_with("http://"))
        .with_connect_timeout(CONNECT_TIMEOUT)
        // A listener may take hours for one answer; only silence is limited.
        .with_timeout_disabled()
        .with_read_timeout(Duration::from_secs(config.timeout_seconds));
    let mut builder = builder
        .with_client_options(client)
        .with_retry(RetryConfig { backoff, max_retries, retry_timeout })
        .with_bucket_name(&bucket.name)
        .with_region(&config.region)
        .with_virtual_hosted_style_request(!config.path_style)
        // Not every store that speaks S3 knows how to delete many at once.
        .with_disable_bulk_delete(true);
    if !config.endpoint.is_empty() {
        builder = builder.with_endpoint(&config.endpoint);
    }
    if !key.0.is_empty() {
        builder = builder.with_access_key_id(key.0).with_secret_access_key(key.1);
    }
    if !config.session_token.reveal().is_empty() {
        builder = builder.with_token(config.session_token.reveal());
    }
    builder
}

/// `object_store`'s own upload, but for its id, which it does not tell: without that, nobody could give up what a
/// process that was killed had begun.
#[derive(Debug)]
struct Upload {
    s3: Arc<AmazonS3>,
    path: Path,
    id: String,
    parts: Arc<Mutex<Vec<(usize, PartId)>>>,
    count: usize,
}

#[async_trait]
impl MultipartUpload for Upload {
    fn put_part(&mut self, data: PutPayload) -> UploadPart {
        let (s3, path, id, parts) =
            (Arc::clone(&self.s3), self.path.clone(), self.id.clone(), Arc::clone(&self.parts));
        let number = self.count;
        self.count += 1;
        Box::pin(async move {
            let part = s3.put_part(&path, &id, number, data).await?;
            parts.lock().unwrap_or_else(PoisonError::into_inner).push((number, part));
            Ok(())
        })
    }

    async fn complete(&mut self) -> Result<PutResult> {
        let mut parts = std::mem::take(&mut *self.parts.lock().unwrap_or_else(PoisonError::into_inner));
        parts.sort_by_key(|(number, _)| *number);
        let parts = parts.into_iter().map(|(_, part)| part).collect();
        self.s3.complete_multipart(&self.path, &self.id, parts).await
    }

    async fn abort(&mut self) -> Result<()> {
        self.s3.abort_multipart(&self.path, &self.id).await
    }
}
